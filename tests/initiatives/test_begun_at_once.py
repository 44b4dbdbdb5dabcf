"""Two people in the same second at one initiative: it ends once, and nothing is added afterwards."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Receipt
from feedback.models import AnswerOwed
from feedback.private import services as private
from initiatives.initiatives.services import running, telling
from initiatives.initiatives.services.beginning import Idea, owe, submit_idea, submit_stop
from initiatives.matching.services import roles
from initiatives.matching.services.owners import reassign
from initiatives.models import Initiative, Update, VolunteerRole
from initiatives.states import InitiativeState, RoleState
from tests.at_once import BOTH_WAYS, Action, let_meet
from tests.initiatives.factories import make_idea, make_meeting, make_role
from tests.people import make_theme


class World:
    """Something that runs, begun by a resident, with a role that can be opened and a meeting to come."""

    def __init__(self, area, coordinator, editor) -> None:
        self.by, self.other = coordinator, editor
        self.initiative = make_idea(area, owner=coordinator, state=InitiativeState.RUNNING)
        due = timezone.localdate() + timedelta(days=14)
        with transaction.atomic():
            owe(self.initiative, {"why": "Zomaar."}, due=due, day=timezone.localdate())
        self.role = make_role(self.initiative, state=RoleState.DRAFT)
        make_meeting(self.initiative)

    def end(self) -> None:
        running.end_initiative(
            initiative=self.initiative, learned={"nl": "Veel."}, thanks={"nl": "Dank."}, by=self.by
        )

    def update(self) -> None:
        telling.send_update(initiative=self.initiative, text="Nieuws", language="nl")

    def stop(self) -> None:
        submit_stop(initiative=self.initiative, words="Het was te veel.")

    def hand_over(self) -> None:
        reassign(Initiative.objects.with_owner().filter(pk=self.initiative.pk), to=self.other, by=self.by)

    def open(self) -> None:
        roles.open_role(role=self.role, by=self.by)

    def erase(self) -> None:
        for receipt in Receipt.objects.filter(pk=self.initiative.receipt_id):
            private.erase(receipt=receipt)

    def check(self) -> None:
        initiative = Initiative.objects.get(pk=self.initiative.pk)
        is_over = initiative.state == InitiativeState.ENDED
        assert (initiative.next_action_on is None) == is_over
        if is_over:
            assert not VolunteerRole.objects.filter(initiative=initiative, state=RoleState.OPEN).exists()
            assert not initiative.meetings.to_come().exists()
        assert Update.objects.filter(initiative=initiative).count() <= 1
        owners = AnswerOwed.objects.filter(topic__source=initiative.source, state="open").values_list("owner")
        assert set(owners) <= {(initiative.owner_id,)}


@pytest.mark.server_databases
@pytest.mark.django_db(transaction=True)
@BOTH_WAYS
@pytest.mark.parametrize(
    "pair", ["end update", "end stop", "end open", "end erase", "stop erase", "stop hand_over"]
)
def test_two_at_one_initiative(area, coordinator, editor, pair: str, turned: bool):
    worlds: list[World] = []

    def make() -> tuple[Action, Action]:
        worlds.append(world := World(area, coordinator, editor))
        first, second = pair.split()
        return getattr(world, first), getattr(world, second)

    let_meet(make, lambda: worlds[-1].check(), turned=turned)


@pytest.mark.django_db(transaction=True)
def test_four_taps_at_once_make_one_idea(area, coordinator):
    made, gate, theme = [], threading.Barrier(4), make_theme()

    def tap() -> None:
        gate.wait()
        try:
            made.append(
                submit_idea(
                    idea=Idea(why="Zomaar.", what="Soep."),
                    theme=theme,
                    area=area,
                    language="nl",
                    sent_key=UUID(int=7),
                )
            )
        finally:
            connection.close()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert len(made) == 4 and len({code for _idea, code in made}) == 1
    assert Initiative.objects.count() == 1 and AnswerOwed.objects.count() == 2
