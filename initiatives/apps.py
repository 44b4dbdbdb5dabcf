from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels
        from initiatives.panels import fitting, hands_here, join_here, running_here, talks_here, your_offer
        from initiatives.services import duties, known, notes, retention  # noqa: F401  they register themselves
        from initiatives.services.personal import Offers
        from neighbourhoods.registries import area_panels, fitting_approaches, resident_panels

        personal_data.register("initiatives")(Offers())
        personal_data.register("initiatives.notes")(notes.Notes())
        private_panels.register("initiatives")(your_offer)
        area_panels.register("initiatives")(running_here)
        area_panels.register("hands")(hands_here)
        area_panels.register("talks")(talks_here)
        resident_panels.register("initiatives")(join_here)
        fitting_approaches.register("initiatives")(fitting)
