"""A promise is rounded off when nobody waits under it, and takes itself up again when somebody does."""

import re
from itertools import count
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from feedback.answers.services import replies
from feedback.contributions.services import closing, listening
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import AnswerOwed, Promise, Topic
from feedback.private import services as private
from feedback.states import ContributionKind, FollowUpState, Owed, Reading
from tests.at_once import BOTH_WAYS, let_meet
from tests.feedback import journey
from tests.feedback.factories import (
    make_contribution,
    make_debt,
    make_follow_up,
    make_incoming,
    make_promise,
    make_receipt,
    make_topic,
)
from tests.people import make_theme, signed_in

pytestmark = pytest.mark.django_db

SOURCE = "talk:1"
"""Nothing above has a say in it."""


@pytest.fixture
def promise(area, editor) -> Promise:
    make_topic("option:1", source=SOURCE, area=area)
    return make_promise(SOURCE, owner=editor)


def topic_of(promise: Promise) -> Topic:
    return Topic.objects.get(source=promise.subject, key="option:1")


def is_rounded_off(promise: Promise) -> bool:
    promise.refresh_from_db()
    return promise.rounded_off_on is not None


def holds() -> None:
    """What must be true after everything: nobody waits under what was rounded off."""
    closed = Promise.objects.filter(rounded_off_on__isnull=False).values("subject")
    assert not AnswerOwed.objects.waiting().filter(topic__source__in=closed).exists()


# --- while somebody waits ----------------------------------------------------------------------

STATES = [
    ([], True),
    ([Owed.PUBLISHED, Owed.SENT], True),
    ([Owed.WAIVED], True),  # with a reason that they read
    ([Owed.WITHDRAWN], True),  # they don't want one
    ([Owed.OPEN], False),
    ([Owed.SENT, Owed.SENT, Owed.OPEN], False),
]


@pytest.mark.parametrize(("states", "may"), STATES)
def test_it_can_be_rounded_off_when_nobody_waits(states, may, promise, editor):
    for state in states:
        make_debt(topic_of(promise), state=state)
    if may:
        closing.round_off(promise=promise, by=editor)
    else:
        with pytest.raises(closing.StillOwed, match="Nog niet: 1 persoon"):
            closing.round_off(promise=promise, by=editor)
    assert is_rounded_off(promise) == may
    holds()


def test_mail_that_waits_to_be_read_may_owe_an_answer(promise, editor):
    debt = make_debt(topic_of(promise), state=Owed.SENT)
    mail = make_incoming(debt.receipt)
    with pytest.raises(closing.StillOwed):
        closing.round_off(promise=promise, by=editor)
    replies.discard(incoming=mail, by=editor)
    closing.round_off(promise=promise, by=editor)


def test_what_is_between_two_ends_with_our_answer(area, editor):
    promise = make_promise("initiative:1", owner=editor)
    with pytest.raises(DomainError):
        closing.round_off(promise=promise, by=editor)


def test_pressed_twice_the_second_is_told(promise, editor):
    closing.round_off(promise=promise, by=editor)
    with pytest.raises(DomainError):
        closing.round_off(promise=promise, by=editor)


# --- the ways ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "texts", "leaving", "first"),
    [
        (1, False, False, "topic"),  # one person is called
        (3, False, False, "topic"),
        (4, False, False, "followup_new"),  # one letter to all
        (2, True, False, "listening_list"),  # read before it is answered
        (2, False, True, "followups"),  # nothing to do any more
    ],
)
def test_the_quickest_honest_way_comes_first(people, texts, leaving, first, promise, editor):
    topic = topic_of(promise)
    debts = [
        make_debt(
            contribution=make_contribution(
                topic, text="Een bankje." if texts else "", reading=Reading.UNREAD
            ),
            owner=editor,
        )
        for _ in range(people)
    ]
    if leaving:
        follow_up = make_follow_up(source=SOURCE, owner=editor, state=FollowUpState.HOLD)
        for debt in debts:
            follow_up.named.create(owed=debt, receipt=debt.receipt)
    (one,) = closing.open_debts_per_topic([SOURCE])
    assert one.people == people
    assert one.ways[0].url.startswith(reverse(first, args=[topic.pk] if first == "topic" else []))
    assert all(way.url and way.label for way in one.ways)


def test_what_is_owed_is_read_in_as_many_queries_for_many_as_for_one(promise, area):
    def read() -> int:
        with CaptureQueriesContext(connection) as captured:
            closing.open_debts_per_topic([SOURCE])
        return len(captured)

    make_debt(topic_of(promise))
    few = read()
    for number in range(5):
        topic = make_topic(f"option:{number + 10}", source=SOURCE, area=area)
        for _ in range(4):
            make_debt(topic)
    assert read() == few


# --- what comes later takes it up again --------------------------------------------------------


def not_answered(promise, debt, editor):
    item = journey.answer(debt)
    closing.round_off(promise=promise, by=editor)
    replies.react(item=item, answers_me=False)


def wrote_back(promise, debt, editor):
    item = journey.answer(debt)
    closing.round_off(promise=promise, by=editor)
    replies.add_reply(item=item, text="En de bank dan?")


def mail_taken_in(promise, debt, editor):
    """It came in after the book was closed, and a colleague saw what it belongs to."""
    item = journey.answer(debt)
    closing.round_off(promise=promise, by=editor)
    replies.link_incoming_mail(incoming=make_incoming(debt.receipt), to=f"item-{item.pk}", by=editor)


def put_back(promise, debt, editor):
    private.withdraw_receipt(receipt=debt.receipt)
    closing.round_off(promise=promise, by=editor)
    private.undo_withdrawal(receipt=debt.receipt)


def says_more(promise, debt, editor):
    journey.answer(debt)
    closing.round_off(promise=promise, by=editor)
    somebody_speaks(debt.topic.source, debt.topic.area_id)


def somebody_speaks(source: str, area: int) -> None:
    said = NewContribution("2", ContributionKind.CHOICE, Subject("option:2", {"nl": "groen"}))
    receipt, day = make_receipt().pk, timezone.localdate()
    with transaction.atomic():  # as an answer is kept, with all that it owes
        ContributionRecorder(receipt=receipt, source=source, area=area, language="nl", day=day).record(
            [said], is_first=True
        )


@pytest.mark.parametrize("action", [not_answered, wrote_back, mail_taken_in, put_back, says_more])
def test_a_debt_that_comes_later_takes_it_up_again(action, promise, editor):
    action(promise, make_debt(topic_of(promise), owner=editor), editor)
    assert not is_rounded_off(promise)
    assert promise.last_taken_up.why == {} and promise.last_taken_up.on == timezone.localdate()
    assert AnswerOwed.objects.waiting().exists()


def test_whoever_makes_a_debt_holds_the_book_first():
    """No service owes anything under a promise without looking whether it was rounded off (or locking it, to move)."""
    owes = re.compile(r"AnswerOwed\(|AnswerOwed\.objects\.(get_or_|bulk_)?create\(|move\(Owed\.OPEN")
    holds = re.compile(r"lock_promises|take_up_again|Promise\.objects\.select_for_update")
    services = [
        path
        for app in ("feedback", "initiatives", "surveys")
        for path in Path(app).rglob("*.py")
        if "services" in path.parts or path.name == "services.py"
    ]
    owing = {path.name: path.read_text() for path in services if owes.search(path.read_text())}
    assert sum(len(owes.findall(source)) for source in owing.values()) >= 4
    assert not [name for name, source in owing.items() if not holds.search(source)]


def test_erasing_takes_nothing_up_again(promise, editor):
    debt = make_debt(topic_of(promise), owner=editor)
    journey.answer(debt)
    closing.round_off(promise=promise, by=editor)
    private.erase(receipt=debt.receipt)
    assert is_rounded_off(promise)


def test_a_yes_changes_nothing(promise, editor):
    item = journey.answer(make_debt(topic_of(promise), owner=editor))
    closing.round_off(promise=promise, by=editor)
    replies.react(item=item, answers_me=True)
    assert is_rounded_off(promise)


def test_a_colleague_goes_on_with_a_reason(promise, editor):
    closing.round_off(promise=promise, by=editor)
    with pytest.raises(DomainError):
        closing.resume_promise(promise=promise, why={"nl": " "}, by=editor)
    closing.resume_promise(promise=promise, why={"nl": "De raad vroeg meer."}, by=editor)
    assert not is_rounded_off(promise) and promise.last_taken_up.why == {"nl": "De raad vroeg meer."}
    closing.round_off(promise=promise, by=editor)
    assert is_rounded_off(promise)


# --- at the desk -------------------------------------------------------------------------------


def test_a_story_at_the_desk(promise, editor):
    """What is owed, and how; answered by phone it can be rounded off; then gone on with."""
    client, page = signed_in(editor), reverse("promise_round_off", args=[promise.pk])
    debt = make_debt(topic_of(promise), owner=editor)
    shown = client.get(page).content.decode()
    assert "1 persoon wacht" in shown and "Bel, en noteer" in shown and f"topic/{debt.topic_id}" in shown
    refused = client.post(page)
    assert refused.status_code == 422 and "Nog niet" in refused.content.decode()
    client.post(
        reverse("topic_in_person", args=[debt.topic_id]), {"who": "all", "note": "Het komt er in mei."}
    )
    assert client.post(page).status_code == 302 and is_rounded_off(promise)
    assert "Afgerond op" in client.get(page).content.decode()
    again = reverse("promise_take_up", args=[promise.pk])
    assert client.post(again, {"why_nl": ""}).status_code == 422
    assert client.post(again, {"why_nl": "De raad vroeg meer."}).status_code == 302
    assert not is_rounded_off(promise)
    assert "De raad vroeg meer." in client.get(reverse("promise", args=[promise.pk])).content.decode()


# --- in the same second ------------------------------------------------------------------------

_number = count(7_000)


@pytest.mark.server_databases  # SQLite lets one writer in at a time
@pytest.mark.django_db(transaction=True)
@BOTH_WAYS
@pytest.mark.parametrize("other", ["no", "back", "more", "reply", "split"])
def test_nobody_is_left_behind_in_the_same_second(other, turned, area, editor):
    themes = [make_theme(f"thema-{n}") for n in range(2)] if other == "split" else []

    def make():
        source = f"talk:{next(_number)}"
        topic = make_topic("option:1", source=source, area=area)
        promise = make_promise(source, owner=editor)
        debt = make_debt(contribution=make_contribution(topic, text="Een bankje."), owner=editor)
        receipt, item = debt.receipt, None
        if other in ("no", "reply"):
            item = journey.answer(debt)
        if other == "back":
            private.withdraw_receipt(receipt=receipt)
        if other == "more":
            debt.move(Owed.PUBLISHED)

        def speak():
            if other == "no":
                replies.react(item=item, answers_me=False)
            elif other == "back":
                private.undo_withdrawal(receipt=receipt)
            elif other == "reply":
                replies.add_reply(item=item, text="En nu?")
            elif other == "split":
                listening.save_reading(
                    contribution=debt.contribution,
                    themes=themes,
                    reading=Reading.CLEAR,
                    by=editor,
                    seen=debt.contribution.revision,
                )
            else:
                somebody_speaks(source, area.pk)

        return lambda: closing.round_off(promise=promise, by=editor), speak

    let_meet(make, holds, turned=turned)
