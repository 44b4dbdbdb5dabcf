from django.apps import AppConfig


class NeighbourhoodsConfig(AppConfig):
    name = "neighbourhoods"

    def ready(self) -> None:
        # These modules register retention jobs and import kinds.
        from neighbourhoods import retention  # noqa: F401
        from neighbourhoods.advice.services import AreaSource, area_sources
        from neighbourhoods.imports.services import borders, figures, postcodes  # noqa: F401
        from neighbourhoods.trajectories import services as trajectories

        area_sources.register("neighbourhoods", order=10)(
            AreaSource(intentions=trajectories.running_plan_intentions)
        )
