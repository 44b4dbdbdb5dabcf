from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        # isort: off  entries of a registry are shown in the order in which these modules register them
        import initiatives.needs.need_panels  # noqa: F401  its panels come before those of begun_panels
        from feedback.registries import personal_data, private_panels, private_timeline
        from initiatives import (
            panels,
            retention,  # noqa: F401
        )
        from initiatives.challenges import challenge_panels  # noqa: F401
        from initiatives.challenges import services as challenges  # noqa: F401
        from initiatives.initiatives import begun_panels  # noqa: F401
        from initiatives.initiatives.services import (
            began,  # noqa: F401
            plan,
            task_mail,  # noqa: F401
        )
        from initiatives.matching import match_panels
        from initiatives.matching.services import endings, match_days, match_mail  # noqa: F401
        from initiatives.movement import report  # noqa: F401
        from initiatives.movement.services import (  # noqa: F401
            duties,
            movement,
            movement_mail,
        )
        from initiatives.needs.services import (  # noqa: F401
            known,
            need_links,
            need_people,
            notes,
        )
        from initiatives.offers.services import offer_mail, overdue, personal  # noqa: F401

        # isort: on
        from neighbourhoods.advice.registries import fitting_approaches
        from neighbourhoods.registries import (
            area_panels,
            place_panels,
            resident_panels,
        )

        # Register first: it counts people before the other entries erase them.
        personal_data.register("initiatives.movement")(movement.Numbers())
        # Register before the offers: a freed place is passed on before its match is erased.
        personal_data.register("initiatives.matches")(endings.Matches())
        personal_data.register("initiatives")(personal.Offers())
        personal_data.register("initiatives.notes")(notes.Notes())
        personal_data.register("initiatives.tasks")(plan.Tasks())
        private_panels.register("initiatives", order=70)(panels.your_offer)
        private_panels.register("initiatives.matches", order=80)(match_panels.your_matches)
        private_panels.register("initiatives.tasks", order=90)(panels.your_tasks)
        private_timeline.register("initiatives.tasks", order=40)(plan.taken_days)
        area_panels.register("initiatives")(panels.running_here)
        area_panels.register("hands")(panels.hands_here)
        area_panels.register("talks")(panels.talks_here)
        place_panels.register("spaces")(panels.spaces_here)
        resident_panels.register("offers", order=70)(panels.offer_here)
        fitting_approaches.register("initiatives")(panels.fitting)
