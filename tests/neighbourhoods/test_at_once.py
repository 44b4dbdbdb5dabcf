"""Two people in the same second at one plan, and at what is decided for a neighbourhood."""

from itertools import count

import pytest
from django.utils import timezone

from accounts.models import User
from initiatives.initiatives.services import library
from initiatives.models import Initiative
from neighbourhoods.advice import services as advice
from neighbourhoods.models import Area, ParticipationPlan, TalkBack, Trajectory
from neighbourhoods.states import Phase
from neighbourhoods.trajectories import services as trajectories
from tests.at_once import BOTH_WAYS, Action, let_meet
from tests.people import make_theme

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]

_number = count(9_000)
WAIVED = {"is_waived": True, "waiver_ground": "no-room", "waiver_why": {"nl": "De wet laat geen keuze."}}


def begin(area: Area, by: User) -> Trajectory:
    return trajectories.start_trajectory(
        title=f"Square {next(_number)}", areas=[area], phase=Phase.PREPARATION, owner=by, by=by
    )


@BOTH_WAYS
def test_a_plan_is_published_while_a_colleague_saves_it(area, editor, turned):
    made: list[Trajectory] = []

    def make() -> tuple[Action, Action]:
        made.append(begun := begin(area, editor))
        theirs = ParticipationPlan.objects.get(trajectory=begun)
        ParticipationPlan.objects.filter(pk=theirs.pk).update(**WAIVED)
        mine = ParticipationPlan.objects.get(trajectory=begun)
        return (
            lambda: trajectories.save_plan(plan=theirs, fields=WAIVED, why={}, by=editor),
            lambda: trajectories.publish_plan(plan=mine, by=editor),
        )

    def check() -> None:
        plan = ParticipationPlan.objects.get(trajectory=made[-1])
        assert plan.is_published and plan.waiver_why == WAIVED["waiver_why"]

    let_meet(make, check, turned=turned)


def test_two_taps_note_decide_and_count_once(area, editor):
    """Each in one world: an initiative, a meeting, an approach."""
    theme = make_theme("meeting")
    begun: list[Trajectory] = []
    fields = {"area": area, "theme": theme, "party": None, "since": None, "url": "", "description": {}}

    def action(name: str, trajectory: Trajectory) -> Action:
        meeting = TalkBack(kind="meeting", on=timezone.localdate(), present=30, support_yes=20)
        advised = advice.advice_for(area).approach

        def tap() -> None:
            library.save_initiative(by=editor, name={"nl": name}, **fields)

        def both() -> None:
            trajectories.record_talk_back(trajectory=trajectory, talk_back=meeting, by=editor)
            advice.decide_approach(area=area, trajectory=trajectory, chosen=advised, seen=advised, by=editor)
            tap()

        return both

    def make() -> tuple[Action, Action]:
        begun.append(begin(area, editor))
        return action(f"Soup {len(begun)}", begun[-1]), action(f"Soup {len(begun)}", begun[-1])

    def check() -> None:
        assert begun[-1].talk_backs.count() == begun[-1].approach_decisions.count() == 1
        assert Initiative.objects.filter(name={"nl": f"Soup {len(begun)}"}).count() == 1

    let_meet(make, check)
