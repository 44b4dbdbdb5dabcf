from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds the wiring: urls, template tags, the mail adapter, commands that know the whole house."""

    name = "config"
