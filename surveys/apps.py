from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from surveys import question_types  # noqa: F401  makes the types known to the pure modules
