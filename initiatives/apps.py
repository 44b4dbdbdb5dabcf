from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        from feedback.registries import SourceHooks, personal_data, private_timeline, source_hooks
        from initiatives import (
            panels,
            retention,  # noqa: F401
        )
        from initiatives.challenges import services as challenges  # noqa: F401
        from initiatives.initiatives import begun_panels  # noqa: F401
        from initiatives.initiatives.services import (
            beginning,  # noqa: F401
            running,
            task_mail,  # noqa: F401
        )
        from initiatives.matching import match_panels
        from initiatives.matching.services import endings, match_days, match_mail  # noqa: F401
        from initiatives.movement.services import (
            coordinator_dashboard,  # noqa: F401
            movement,
            movement_mail,  # noqa: F401
        )
        from initiatives.needs import need_panels
        from initiatives.needs.services import (
            need_people,  # noqa: F401
            need_sources,
            needs,
            notes,
        )
        from initiatives.offers.services import (
            offer_care,  # noqa: F401
            offer_mail,  # noqa: F401
            personal,
        )
        from neighbourhoods.advice.services import AreaSource, area_sources
        from neighbourhoods.registries import PanelPage, panel

        # It counts people before the entries below erase them.
        personal_data.register("initiatives.movement", order=40)(movement.MovementPersonalData())
        # Before the offers: a freed place is passed on before its match is erased.
        personal_data.register("initiatives.matches", order=50)(endings.MatchPersonalData())
        personal_data.register("initiatives", order=60)(personal.OfferPersonalData())
        personal_data.register("initiatives.notes", order=70)(notes.NotePersonalData())
        personal_data.register("initiatives.tasks", order=80)(running.TaskPersonalData())
        panel(PanelPage.PRIVATE, "initiatives", order=70)(panels.your_offer)
        panel(PanelPage.PRIVATE, "initiatives.matches", order=80)(match_panels.your_matches)
        panel(PanelPage.PRIVATE, "initiatives.tasks", order=90)(panels.your_tasks)
        private_timeline.register("initiatives.tasks", order=40)(running.taken_days)
        panel(PanelPage.AREA, "initiatives", order=40)(panels.running_initiatives_panel)
        panel(PanelPage.AREA, "hands", order=50)(panels.hands_here)
        panel(PanelPage.AREA, "talks", order=60)(panels.talks_panel)
        panel(PanelPage.PLACES, "spaces", order=10)(panels.offered_spaces_panel)
        panel(PanelPage.RESIDENTS, "offers", order=70)(panels.offer_panel)
        area_sources.register("initiatives.needs", order=30)(
            AreaSource(figures=need_panels.needs_per_area, inputs=needs.known_initiatives)
        )
        area_sources.register("initiatives", order=40)(
            AreaSource(figures=panels.running_per_area, approaches=panels.fitting_approaches)
        )
        source_hooks.register("initiatives", order=20)(
            SourceHooks(
                known_about=need_sources.linked_initiatives,
                when_released=need_sources.link_decision,
                report_sections=movement.begun_initiatives_section,
            )
        )
