from django.apps import AppConfig


class NeighbourhoodsConfig(AppConfig):
    name = "neighbourhoods"

    def ready(self) -> None:
        # These modules register retention jobs, import kinds and results of trajectory steps.
        from neighbourhoods import retention  # noqa: F401
        from neighbourhoods.imports.services import borders, figures, postcodes  # noqa: F401
        from neighbourhoods.trajectories import services as trajectories  # noqa: F401
