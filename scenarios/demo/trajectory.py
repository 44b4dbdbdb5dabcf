"""The trajectory that contains the open survey: its plan and its progress."""

from datetime import time, timedelta

from django.utils import timezone

from accounts.models import User
from neighbourhoods.models import Area, TalkBack, Trajectory
from neighbourhoods.states import Phase, Step, StepState, TalkBackKind
from neighbourhoods.trajectories import services
from scenarios.demo.days import ahead, month
from scenarios.demo.surveys import COUNCIL_IN
from surveys.library.plan import t


def make_trajectory(areas: dict[str, Area], people: dict[str, User]) -> Trajectory:
    """“Oosterhaven kiest”: its plan is published, so the survey may open."""
    editor, today = people["editor"], timezone.localdate()
    trajectory = services.start_trajectory(
        title="Oosterhaven kiest",
        areas=[areas[name] for name in ("Havenkom", "Sluisbuurt", "De Linde")],
        phase=Phase.PREPARATION,
        owner=editor,
        by=editor,
    )
    meeting, council = ahead(35), ahead(COUNCIL_IN)
    activities = [
        (
            t(
                "Een peiling in vier tikken, op de telefoon en aan de deur",
                "A poll of four taps, by phone and at the door",
            ),
            today - timedelta(days=24),
        ),
        (
            t("Koffie met wie niet vanzelf komt", "Coffee with those who don't come by themselves"),
            today + timedelta(days=14),
        ),
        (
            t(
                "De uitkomst terug op tafel, in het Sluishuis",
                "The results back on the table, at the Sluishuis",
            ),
            meeting,
        ),
    ]
    plan = {
        "goal": t(
            f"In {month(council, 'nl')} verdeelt de gemeenteraad € 40.000 over Oosterhaven. "
            "Waarvoor, dat kiezen wij samen.",
            f"In {month(council, 'en')} the council divides € 40,000 over Oosterhaven. What for, we choose together.",
        ),
        "fixed": t(
            "Er is niet meer geld dan dit. Aan de huren kan de gemeente niets veranderen.",
            "There is no more money than this. The municipality can't change the rents.",
        ),
        "influence": "advise",
        "influence_why": t(
            "De raad beslist over het geld. Wijkt zij af van wat u zegt, dan schrijft zij op waarom.",
            "The council decides on the money. If it decides otherwise than you say, it writes down why.",
        ),
        "who": t(
            "Iedereen van Havenkom, de Sluisbuurt en De Linde. Wij gaan langs de deuren bij wie wij niet horen.",
            "Everybody of Havenkom, Sluisbuurt and De Linde. We go from door to door where we hear nobody.",
        ),
        "activities": [{"what": what, "on": on.isoformat()} for what, on in activities],
        "input_use": t(
            "Uw wijkmanager leest alles en legt de drie meest genoemde wensen voor aan de raad.",
            "Your neighbourhood manager reads everything and puts the three wishes named most to the council.",
        ),
        "reporting": t(
            "Op deze pagina, en persoonlijk aan wie een adres achterliet.",
            "On this page, and in person to whoever left an address.",
        ),
    }
    services.save_plan(plan=trajectory.plan, fields=plan, why={}, by=editor)
    services.publish_plan(plan=trajectory.plan, by=editor)
    for number in (Step.MANDATE, Step.DESK_PROFILE, Step.INVENTORY):
        services.move_step(step=trajectory.steps.get(number=number), to=StepState.DONE, by=editor)
    for number, days in ((Step.POLL, 18), (Step.TALK_BACK, 35), (Step.FEEDBACK, 54)):
        trajectory.steps.filter(number=number).update(owner=editor, due_on=today + timedelta(days=days))
    talk_back = TalkBack(
        kind=TalkBackKind.MEETING, on=meeting, at=time(19, 30), place="Sluishuis",
        asks=t(
            "De drie wensen die het meest genoemd zijn gaan naar de raad. De andere niet, dit jaar.",
            "The three wishes that were named most go to the council. The others do not, this year.",
        ),
    )  # fmt: skip
    services.record_talk_back(trajectory=trajectory, talk_back=talk_back, by=editor)
    return trajectory
