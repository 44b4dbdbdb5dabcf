from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # Importing these modules fills the registries: panels, personal data, daily jobs, retention jobs, due dates.
        from feedback import (
            panels,  # noqa: F401
            retention,  # noqa: F401
        )
        from feedback.answers.services import debts, duties, looking_back, promises, reminders, talking_back  # noqa: F401
        from feedback.contributions.services import closing
        from feedback.private.services import own_data  # noqa: F401
        from feedback.reports.services import reports
        from neighbourhoods.registries import TrajectoryPart, trajectory_parts

        trajectory_parts.register("feedback", order=20)(
            TrajectoryPart(
                gates=reports.report_gate,
                decided=talking_back.decision_is_on_record,
                still_owed=closing.owing_in,
                comes_first=closing.what_comes_first,
                close_along=closing.round_off_along,
            )
        )
