from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # They register what they show, keep about a person, do once a day, and what must be handed over.
        from feedback import panels  # noqa: F401
        from feedback.services import (  # noqa: F401
            duties,
            looking_back,
            own_data,
            promises,
            reminders,
            reports,
            retention,
            rounding_off,
            talking_back,
        )
