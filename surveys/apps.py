from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels
        from surveys import question_types  # noqa: F401  makes the types known to the pure modules
        from surveys.panels import go_on
        from surveys.services.personal import Answers

        personal_data.register("surveys")(Answers())
        private_panels.register("surveys")(go_on)
