from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # Importing these modules fills the registries: panels, personal data, daily jobs, retention jobs, due dates.
        from feedback import (
            panels,  # noqa: F401
            retention,  # noqa: F401
        )
        from feedback.answers import emails  # noqa: F401
        from feedback.answers.services import board, looking_back, promises, release, talking_back  # noqa: F401
        from feedback.contributions.services import closing  # noqa: F401
        from feedback.private.services import own_data  # noqa: F401
        from feedback.reports.services import reports  # noqa: F401
