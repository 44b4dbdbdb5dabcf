from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # They register what they show, keep about a person, do once a day, and what must be handed over.
        from feedback import panels  # noqa: F401
        from feedback.services import duties, own_data, retention  # noqa: F401
