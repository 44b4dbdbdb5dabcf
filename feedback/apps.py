from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # Importing these modules fills the registries: panels, personal data, daily jobs, retention jobs, due dates.
        from feedback import (
            panels,  # noqa: F401
            retention,  # noqa: F401
        )
        from feedback.answers.services import (
            debts,  # noqa: F401
            duties,  # noqa: F401
            looking_back,  # noqa: F401
            prepare,  # noqa: F401
            promises,  # noqa: F401
            reminders,  # noqa: F401
            talking_back,  # noqa: F401
        )
        from feedback.contributions.services import closing  # noqa: F401
        from feedback.private.services import own_data  # noqa: F401
        from feedback.reports.services import reports  # noqa: F401
