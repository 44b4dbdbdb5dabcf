from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels, private_timeline
        from neighbourhoods.registries import area_panels, front_panels, resident_panels
        from surveys import daily, report, retention  # noqa: F401  register themselves
        from surveys.answering.services import answerable  # noqa: F401  register themselves
        from surveys.invitations.services import invitations  # noqa: F401  register themselves
        from surveys.opening.services import trajectories  # noqa: F401  register themselves
        from surveys.panels import (
            asked_here,
            go_on,
            heard_here,
            open_surveys,
            survey_moments,
            wishes_here,
            your_form,
        )
        from surveys.personal import SurveyPersonalData
        from surveys.publication import services as snapshot  # noqa: F401  register themselves
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
