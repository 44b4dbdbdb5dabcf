from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # They register what they keep about a person, and what they do once a day.
        from feedback.services import own_data, tidy  # noqa: F401
