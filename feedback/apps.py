from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # Importing these modules fills the registries: panels, personal data, daily jobs, retention jobs, due dates.
        from feedback import (
            panels,
            retention,  # noqa: F401
        )
        from feedback.answers import emails  # noqa: F401
        from feedback.answers.services import board, looking_back, promises, release, talking_back  # noqa: F401
        from feedback.contributions.services import closing
        from feedback.private import services as private  # noqa: F401
        from feedback.reports.services import reports
        from neighbourhoods.advice.services import AreaSource, area_sources
        from neighbourhoods.registries import TrajectoryPart, trajectory_parts

        trajectory_parts.register("feedback", order=20)(
            TrajectoryPart(
                gates=reports.report_gate,
                decided=talking_back.reason_already_decided,
                answers_owed_in=closing.open_debts_of_trajectory,
                closing_blockers=closing.trajectory_blockers,
                on_close=closing.round_off_promises_of,
            )
        )
        area_sources.register("feedback", order=50)(AreaSource(figures=panels.owed_per_area))
