from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels, private_timeline
        from neighbourhoods.registries import area_panels, front_panels, resident_panels
        from surveys import question_types  # noqa: F401  makes the types known to the pure modules
        from surveys.panels import (
            asked_here,
            go_on,
            heard_here,
            moments,
            open_surveys,
            wishes_here,
            your_form,
        )
        from surveys.services import (  # noqa: F401  register themselves
            answerable,
            daily,
            invitations,
            known,
            report,
            retention,
            snapshot,
            trajectories,
            wishes,
        )
        from surveys.services.personal import Answers

        personal_data.register("surveys")(Answers())
        private_panels.register("surveys")(go_on)
        private_panels.register("surveys.paper")(your_form)
        private_timeline.register("surveys")(moments)
        front_panels.register("surveys")(open_surveys)
        area_panels.register("surveys")(wishes_here)
        resident_panels.register("surveys")(asked_here)
        resident_panels.register("surveys.heard")(heard_here)
