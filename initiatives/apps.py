from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels
        from initiatives.panels import running_here, your_offer
        from initiatives.services import duties, retention  # noqa: F401  they register themselves
        from initiatives.services.personal import Offers
        from neighbourhoods.registries import area_panels

        personal_data.register("initiatives")(Offers())
        private_panels.register("initiatives")(your_offer)
        area_panels.register("initiatives")(running_here)
