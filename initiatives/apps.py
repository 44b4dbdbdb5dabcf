from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        import initiatives.need_panels  # noqa: F401  first: what was named stands before what can be begun
        from feedback.registries import personal_data, private_panels, private_timeline
        from initiatives import begun_panels, challenge_panels, panels, report  # noqa: F401
        from initiatives.services import (  # those that are not named below register themselves
            began,  # noqa: F401
            challenges,  # noqa: F401
            duties,  # noqa: F401
            known,  # noqa: F401
            match_data,
            match_days,  # noqa: F401
            match_mail,  # noqa: F401
            movement,
            movement_mail,  # noqa: F401
            need_links,  # noqa: F401
            need_people,  # noqa: F401
            notes,
            offer_mail,  # noqa: F401
            overdue,  # noqa: F401
            personal,
            plan,
            retention,  # noqa: F401
            task_mail,  # noqa: F401
        )
        from neighbourhoods.registries import (
            area_panels,
            fitting_approaches,
            place_panels,
            resident_panels,
        )

        # First of all: who goes is counted while they are there.
        personal_data.register("initiatives.movement")(movement.Numbers())
        # Before the offers: a place is given on before its match is gone.
        personal_data.register("initiatives.matches")(match_data.Matches())
        personal_data.register("initiatives")(personal.Offers())
        personal_data.register("initiatives.notes")(notes.Notes())
        personal_data.register("initiatives.tasks")(plan.Tasks())
        private_panels.register("initiatives")(panels.your_offer)
        private_panels.register("initiatives.matches")(panels.your_matches)
        private_panels.register("initiatives.tasks")(panels.your_tasks)
        private_timeline.register("initiatives.tasks")(plan.taken_days)
        area_panels.register("initiatives")(panels.running_here)
        area_panels.register("hands")(panels.hands_here)
        area_panels.register("talks")(panels.talks_here)
        place_panels.register("spaces")(panels.spaces_here)
        resident_panels.register("offers")(panels.offer_here)
        fitting_approaches.register("initiatives")(panels.fitting)
