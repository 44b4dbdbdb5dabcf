from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Template tags and commands that know no app. It has no models."""

    name = "core"
