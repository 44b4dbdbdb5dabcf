from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        from feedback.registries import personal_data, private_panels
        from initiatives.panels import running_here, your_offer
        from initiatives.services import retention  # noqa: F401  registers what is erased in time
        from initiatives.services.personal import Offers
        from neighbourhoods.registries import area_panels

        personal_data.register("initiatives")(Offers())
        private_panels.register("initiatives")(your_offer)
        area_panels.register("initiatives")(running_here)
