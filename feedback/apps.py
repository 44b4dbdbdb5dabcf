from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # They register what they do once a day.
        from feedback.services import tidy  # noqa: F401
