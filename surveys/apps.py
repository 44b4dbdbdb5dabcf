from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from feedback.registries import SourceHooks, personal_data, private_timeline, source_hooks
        from neighbourhoods.advice.services import AreaSource, area_sources
        from neighbourhoods.registries import PanelPage, TrajectoryPart, panel, trajectory_parts
        from surveys import daily, report, retention  # noqa: F401  daily and retention register themselves
        from surveys.answering.services import beginning  # noqa: F401  register themselves
        from surveys.invitations.services import invitations  # noqa: F401  register themselves
        from surveys.opening.services import running
        from surveys.panels import (
            continue_panel,
            open_surveys,
            open_surveys_in_area_panel,
            outcomes_panel,
            paper_form_panel,
            survey_moments,
            wishes_here,
        )
        from surveys.personal import SurveyPersonalData, answers_of
        from surveys.publication.services import published_count
        from surveys.questionnaire import question_types  # noqa: F401  makes the types known to the pure modules
        from surveys.results.services import known

        personal_data.register("surveys", order=10)(SurveyPersonalData())
        panel(PanelPage.PRIVATE, "surveys", order=10)(continue_panel)
        panel(PanelPage.PRIVATE, "surveys.paper", order=20)(paper_form_panel)
        private_timeline.register("surveys", order=10)(survey_moments)
        panel(PanelPage.FRONT, "surveys", order=10)(open_surveys)
        panel(PanelPage.AREA, "surveys", order=10)(wishes_here)
        panel(PanelPage.RESIDENTS, "surveys", order=10)(open_surveys_in_area_panel)
        panel(PanelPage.RESIDENTS, "surveys.heard", order=20)(outcomes_panel)
        trajectory_parts.register("surveys", order=10)(
            TrajectoryPart(
                gates=running.steps_of_surveys,
                reaction_rounds=running.surveys_of,
                support=running.support_counts,
            )
        )
        source_hooks.register("surveys", order=10)(
            SourceHooks(
                asked_in=report.surveys_seen_by_residents,
                part_of=running.trajectory_of,
                not_yet=running.open_survey_reason,
                pages_of=running.pages,
                published_count=published_count,
                answers_given=answers_of,
                report_sections=report.survey_report_blocks,
            )
        )
        area_sources.register("surveys", order=20)(
            AreaSource(
                figures=known.response_counts_per_area,
                inputs=known.survey_advice_inputs,
                intentions=known.polls_here,
            )
        )
