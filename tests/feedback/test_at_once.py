"""Two people in the same second who answer, read, erase or react: nothing doubled, nothing lost."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from feedback.answers.services import promises, release, replies
from feedback.answers.services.reckoning import count_delivery
from feedback.contributions.services import listening
from feedback.models import AnswerOwed, Contribution, FollowUp, NamedDebt, Promise
from feedback.private import services as private
from feedback.states import FollowUpState, Owed
from tests.at_once import BOTH_WAYS, Action, let_meet
from tests.feedback import journey
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.people import make_theme

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]

_number = count(9_000)


class Answer:
    """A draft to three people who wait, one of whom left an address."""

    def __init__(self, area, editor) -> None:
        self.area, self.editor = area, editor
        self.source = f"survey:{next(_number)}"
        self.topic = make_topic("option:1", source=self.source, area=area)
        self.debts = [make_debt(self.topic, receipt=make_receipt(), owner=editor) for _ in range(3)]
        make_contact(self.debts[1].receipt)
        self.follow_up = self.another()

    def another(self, **fields) -> FollowUp:
        return make_follow_up(source=self.source, owner=self.editor, areas=[self.area], **fields)

    def press(self, follow_up: FollowUp | None = None) -> FollowUp:
        return release.schedule_release(follow_up=follow_up or self.follow_up, by=self.editor)

    def stop(self) -> FollowUp:
        return release.stop_release(follow_up=self.follow_up, by=self.editor)

    def end_hold(self) -> None:
        later = timezone.now() + timedelta(hours=1)
        release.end_holds(now=later)
        release.fan_out_released(now=later)

    def erase(self) -> None:
        private.erase(receipt=self.debts[1].receipt)

    def check(self) -> None:
        self.follow_up.refresh_from_db()
        named = NamedDebt.objects.filter(follow_up=self.follow_up).count()
        if self.follow_up.state == FollowUpState.DRAFT:
            assert (named, self.follow_up.addressed, self.follow_up.erased) == (0, 0, 0)
            assert not self.follow_up.items.exists()
        assert count_delivery(self.follow_up).is_equal


@pytest.fixture
def meeting(area, editor):
    """What two people do to one answer, by name; checked after every meeting."""

    def meet_by(one: str, other: str, *, on_hold: bool = False, turned: bool = False) -> None:
        worlds: list[Answer] = []

        def make() -> tuple[Action, Action]:
            worlds.append(world := Answer(area, editor))
            if on_hold:
                world.press()
            return getattr(world, one), getattr(world, other)

        let_meet(make, lambda: worlds[-1].check(), turned=turned)

    return meet_by


def test_two_schedule_release(meeting):
    meeting("press", "press")


@BOTH_WAYS
def test_a_reader_erases_while_release_is_pressed(meeting, turned):
    meeting("press", "erase", turned=turned)


@BOTH_WAYS
def test_a_reader_erases_while_it_is_stopped(meeting, turned):
    meeting("stop", "erase", on_hold=True, turned=turned)


@BOTH_WAYS
def test_stopped_in_the_second_the_hold_ends(meeting, turned):
    meeting("stop", "end_hold", on_hold=True, turned=turned)


def test_two_answers_to_the_same_people(area, editor):
    worlds: list[Answer] = []

    def make() -> tuple[Action, Action]:
        worlds.append(world := Answer(area, editor))
        other = world.another()
        return world.press, lambda: world.press(other)

    let_meet(make, lambda: named_once(worlds[-1]))


def named_once(world: Answer) -> None:
    assert NamedDebt.objects.filter(owed__in=world.debts).count() == len(world.debts)


def test_two_corrections_of_the_same_answer(area, editor):
    worlds: list[Answer] = []

    def make() -> tuple[Action, Action]:
        worlds.append(world := Answer(area, editor))
        world.press()
        world.end_hold()
        world.follow_up.refresh_from_db()
        one, other = (world.another(corrects=world.follow_up) for _ in range(2))
        return lambda: world.press(one), lambda: world.press(other)

    let_meet(make, lambda: corrected_once(worlds[-1]))


def corrected_once(world: Answer) -> None:
    assert world.follow_up.corrections.filter(state=FollowUpState.HOLD).count() == 1


# --- reading ----------------------------------------------------------------------------------


@pytest.fixture
def reading(area, editor):
    """Somebody reads a text and gives it two themes, while its writer or a colleague does something else."""
    themes = [make_theme(), make_theme()]

    def meet_by(make_other: Callable[[Contribution, Promise], Action], *, turned: bool) -> None:
        said: list[Contribution] = []

        def make() -> tuple[Action, Action]:
            promise = make_promise(f"survey:{next(_number)}", owner=editor)
            text = make_contribution(
                make_topic("question:9", source=promise.subject, area=area), text="Meer bankjes"
            )
            make_debt(contribution=text, owner=editor)
            make_contact(text.receipt)
            said.append(text)
            return (
                lambda: listening.save_reading(
                    contribution=text, seen=0, reading="clear", themes=themes, by=editor
                ),
                make_other(text, promise),
            )

        def check() -> None:
            debts = AnswerOwed.objects.filter(contribution=said[-1].pk)
            promise = Promise.objects.get(subject=said[-1].topic.source)
            assert not debts.exclude(due_on=promise.due_on).exists()
            there = Contribution.objects.filter(pk=said[-1].pk).exists()
            assert debts.count() == (2 if there else 0)

        let_meet(make, check, turned=turned)

    return meet_by


@BOTH_WAYS
def test_the_writer_erases_while_the_text_is_read(reading, turned):
    reading(lambda text, promise: lambda: private.erase(receipt=text.receipt), turned=turned)


@BOTH_WAYS
def test_the_promise_moves_while_a_text_is_split(reading, editor, turned):
    reading(lambda text, promise: lambda: move(promise, editor), turned=turned)


def move(promise: Promise, by: User) -> None:
    promises.move_promise(promise=promise, due_on=today(60), reason={"nl": "x"}, by=by, seen=promise.due_on)


# --- reacting ---------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [False, True], ids=["no", "yes"])
def test_a_reader_reacts_twice_at_once(area, editor, other):
    items: list[Any] = []

    def make() -> tuple[Action, Action]:
        topic = make_topic("option:1", source=f"survey:{next(_number)}", area=area)
        item = journey.answer(make_debt(topic, owner=editor), source=topic.source, owner=editor)
        items.append(item)
        return (
            lambda: replies.react(item=item, answers_me=False, reason="Wanneer?"),
            lambda: replies.react(item=item, answers_me=other, reason="" if other else "Hoe laat?"),
        )

    def check() -> None:
        owed = AnswerOwed.objects.filter(receipt=items[-1].receipt)
        assert owed.count() <= 2 and owed.filter(reopened__gt=1).count() == 0
        answers_me = items[-1].reaction.answers_me
        assert owed.filter(state=Owed.OPEN).exists() is not answers_me

    let_meet(make, check)


@BOTH_WAYS
def test_a_reader_withdraws_while_they_react(area, editor, turned):
    items: list[Any] = []

    def make() -> tuple[Action, Action]:
        topic = make_topic("option:1", source=f"survey:{next(_number)}", area=area)
        item = journey.answer(make_debt(topic, owner=editor), source=topic.source, owner=editor)
        items.append(item)
        return (
            lambda: replies.react(item=item, answers_me=False, reason="Wanneer?"),
            lambda: private.withdraw_receipt(receipt=item.receipt),
        )

    def check() -> None:
        assert not AnswerOwed.objects.filter(receipt=items[-1].receipt).exclude(state=Owed.WITHDRAWN).exists()

    let_meet(make, check, turned=turned)
