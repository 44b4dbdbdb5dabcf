from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # They register what they keep about a person, what they do once a day, and what must be handed over.
        from feedback.services import duties, own_data, tidy  # noqa: F401
