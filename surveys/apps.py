from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from feedback.registries import (
            SourceHooks,
            personal_data,
            private_panels,
            private_timeline,
            source_hooks,
        )
        from neighbourhoods.registries import (
            TrajectoryPart,
            area_panels,
            front_panels,
            resident_panels,
            trajectory_parts,
        )
        from surveys import daily, report, retention  # noqa: F401  daily and retention register themselves
        from surveys.answering.services import answerable  # noqa: F401  register themselves
        from surveys.invitations.services import invitations  # noqa: F401  register themselves
        from surveys.opening.services import trajectories
        from surveys.panels import (
            asked_here,
            go_on,
            heard_here,
            open_surveys,
            survey_moments,
            wishes_here,
            your_form,
        )
        from surveys.personal import SurveyPersonalData, answers_of
        from surveys.publication.services import published_count
        from surveys.questionnaire import question_types  # noqa: F401  makes the types known to the pure modules
        from surveys.results.services import known, wishes  # noqa: F401  register themselves

        personal_data.register("surveys")(SurveyPersonalData())
        private_panels.register("surveys", order=10)(go_on)
        private_panels.register("surveys.paper", order=20)(your_form)
        private_timeline.register("surveys", order=10)(survey_moments)
        front_panels.register("surveys")(open_surveys)
        area_panels.register("surveys")(wishes_here)
        resident_panels.register("surveys", order=10)(asked_here)
        resident_panels.register("surveys.heard", order=20)(heard_here)
        trajectory_parts.register("surveys", order=10)(
            TrajectoryPart(
                gates=trajectories.steps_of_surveys,
                reaction_rounds=trajectories.surveys_of,
                support=trajectories.support_in,
            )
        )
        source_hooks.register("surveys", order=10)(
            SourceHooks(
                asked_in=report.surveys_that_ran,
                part_of=trajectories.trajectory_of,
                not_yet=trajectories.still_answered,
                pages_of=trajectories.pages,
                published_count=published_count,
                answers_given=answers_of,
                report_sections=report.told_by_surveys,
            )
        )
