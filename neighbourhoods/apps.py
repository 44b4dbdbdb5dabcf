from django.apps import AppConfig


class NeighbourhoodsConfig(AppConfig):
    name = "neighbourhoods"

    def ready(self) -> None:
        # They register what they erase, the kinds of file they read, and what steps of a trajectory come to.
        from neighbourhoods.services import borders, figures, postcodes, retention, trajectories  # noqa: F401
