from django.apps import AppConfig


class NeighbourhoodsConfig(AppConfig):
    name = "neighbourhoods"

    def ready(self) -> None:
        # They register what they erase, the kinds of file they read, and what steps of a trajectory come to.
        from neighbourhoods import retention  # noqa: F401
        from neighbourhoods.imports.services import borders, figures, postcodes  # noqa: F401
        from neighbourhoods.trajectories import services as trajectories  # noqa: F401
