from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels, private_timeline
        from neighbourhoods.registries import front_panels
        from surveys import question_types  # noqa: F401  makes the types known to the pure modules
        from surveys.panels import go_on, moments, open_surveys
        from surveys.services import (  # noqa: F401  register themselves
            answerable,
            daily,
            retention,
            snapshot,
        )
        from surveys.services.personal import Answers

        personal_data.register("surveys")(Answers())
        private_panels.register("surveys")(go_on)
        private_timeline.register("surveys")(moments)
        front_panels.register("surveys")(open_surveys)
