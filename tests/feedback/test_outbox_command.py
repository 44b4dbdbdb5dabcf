"""`manage.py outbox`: what it is doing, and why somebody did, or did not, get a mail."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Contact
from accounts.states import DeliveryChannel
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards, pump
from feedback.delivery.services.delivery import suppress
from feedback.models import FollowUp, Heartbeat, Message, OutboxEpoch
from feedback.states import FollowUpState, MessageState, Owed
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import (
    make_contact,
    make_debt,
    make_follow_up,
    make_incoming,
    make_message,
    make_topic,
)


@pytest.fixture
def owner(db):
    return make_owner()


@pytest.fixture
def readers(area, owner, settings):
    topic = make_topic("option:31", area=area)
    readers = make_readers(topic, owner, mailed=1, page_only=1)
    released(topic, owner, settings)
    guards.outbox_may_send()
    return readers


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue()


def test_shows_states(readers, sink):
    assert "pending              1" in told()
    pump.dispatch_due()
    assert "sent                 1" in told() and "Jobs run." in told()


def test_shows_why_the_relay_rests(db):
    pump.open_circuit("The mail relay does not answer: timed out.")
    assert "left alone for a moment: The mail relay does not answer" in told()


def test_explains_a_receipt_without_its_address(readers, sink):
    pump.dispatch_due()
    said = told("--receipt", str(readers[0].pk))
    assert "250" in said and "on their page" in said and "@example.nl" not in said
    assert "alone" in told("--receipt", str(readers[1].pk))


# --- why did this person get, or not get, this? -----------------------------------------------------


@pytest.fixture
def item(area, owner):
    """An answer on somebody's page, since a minute."""
    contact = make_contact(email="somebody@example.nl", confirmed_at=timezone.now() - timedelta(days=1))
    contact.created_at = timezone.now() - timedelta(days=2)
    contact.save()
    debt = make_debt(make_topic(area=area), receipt=contact.receipt, owner=owner, state=Owed.PUBLISHED)
    follow_up = make_follow_up(areas=[area], owner=owner, state=FollowUpState.FANNED_OUT)
    follow_up.named.create(owed=debt, receipt=debt.receipt)
    return follow_up.items.create(receipt=contact.receipt)


def _change(**fields):
    return lambda item: Contact.objects.filter(receipt=item.receipt).update(**fields)


soon = timezone.now() + timedelta(days=1)
WITHOUT_MAIL = [
    (lambda item: Contact.objects.all().delete(), "no address was left"),
    (_change(email="", phone="0612345678"), "a telephone number was left"),
    (_change(created_at=soon), "the address was left after this answer"),
    (_change(confirmed_at=None), "the address was not confirmed at that moment"),
    (_change(confirmed_at=soon), "the address was not confirmed at that moment"),
    (_change(unsubscribed_at=timezone.now() - timedelta(days=1)), "they had unsubscribed"),
    (_change(), "since then that changed"),
]


@pytest.mark.parametrize(("change", "why"), WITHOUT_MAIL, ids=[why for _change, why in WITHOUT_MAIL])
def test_why_an_answer_stands_on_the_page_alone(change, why, item):
    change(item)
    said = told("--receipt", str(item.receipt_id))
    assert why in said and "on their page" in said and "@" not in said.replace("@nabij.example", "")


STATES = [
    ({"state": MessageState.PENDING}, "no jobs run"),
    (
        {"state": MessageState.CLAIMED, "lease_token": "0" * 32, "lease_until": soon},
        "a process has it in hand",
    ),
    ({"state": MessageState.SENT}, "only a report could say"),
    ({"state": MessageState.DELIVERED}, "it reached the mailbox"),
    ({"state": MessageState.BOUNCED}, "it came back"),
    ({"state": MessageState.FAILED}, "waits for a person"),
    ({"state": MessageState.UNCERTAIN}, "it may have arrived"),
    ({"state": MessageState.SUPPRESSED, "resolution": "unsubscribed"}, ": unsubscribed"),
    ({"state": MessageState.CANCELLED, "resolution": "there is nothing to say"}, ": there is nothing to say"),
]


@pytest.mark.parametrize(("fields", "why"), STATES, ids=[str(fields["state"]) for fields, _why in STATES])
def test_every_state_says_what_it_means(fields, why, item):
    item.message = make_message(item.receipt, **fields)
    item.save()
    for said in (told("--receipt", str(item.receipt_id)), told("--address", "Somebody@Example.nl")):
        assert why in said and said.count("queued") == 1


def _held():
    Heartbeat.objects.create(name="jobs")
    guards.hold_outbox(reason="A mistake in the text", by=None)


def _jobs_run():
    Heartbeat.objects.create(name="jobs")


def _resting():
    _jobs_run()
    pump.open_circuit("The mail relay does not answer: timed out.")


def _texts_rest():
    _jobs_run()
    pump.open_circuit("The service for texts refuses us: 403", name=guards.TEXTS)


WAITING = [
    (_held, {}, "on hold: A mistake in the text"),
    (_resting, {"next_attempt_at": timezone.now() - timedelta(hours=1)}, "timed out"),
    (_resting, {}, "the relay does not take mail: The mail relay does not answer"),
    (_resting, {"carrier": DeliveryChannel.TEXT}, "its turn comes"),
    (_texts_rest, {"carrier": DeliveryChannel.TEXT}, "refuses us: 403"),
    (_texts_rest, {}, "its turn comes"),
    (_jobs_run, {"next_attempt_at": soon, "attempts": 2}, "later, 2 times"),
    (_jobs_run, {"next_attempt_at": soon}, "not due yet"),
    (_jobs_run, {"next_attempt_at": soon, "carrier": DeliveryChannel.TEXT}, "in the daytime only"),
    (_jobs_run, {}, "its turn comes"),
]


@pytest.mark.parametrize(("happens", "fields", "why"), WAITING, ids=[why for *_rest, why in WAITING])
def test_why_it_waits(happens, fields, why, db):
    happens()
    assert why in told("--message", str(make_message(**fields).pk))


LOST = "the line was lost at the last attempt"
TRIED = [
    (0, None, LOST),
    (0, 421, LOST),
    (1, None, LOST),
    (1, 451, "the server said later, 1 times"),
]


@pytest.mark.parametrize(("attempts", "code", "why"), TRIED)
def test_why_it_waits_after_an_attempt(attempts, code, why, db):
    _jobs_run()
    message = make_message(next_attempt_at=soon, attempts=attempts)
    message.tries.create(at=timezone.now() - timedelta(hours=1), code=450)
    message.tries.create(code=code)
    assert why in told("--message", str(message.pk))


@pytest.mark.parametrize("attempts", [0, 2])
def test_mail_to_an_address_that_is_not_confirmed(attempts, item):
    _jobs_run()
    item.message = make_message(item.receipt, attempts=attempts)
    item.save()
    hearing_back.leave_address(
        receipt=item.receipt, email="other@example.nl", is_16_or_older=True, consent_sentence="x"
    )
    said = told("--message", str(item.message_id))
    assert "the address is not confirmed" in said and "not due yet" not in said


def test_mail_at_the_end_waits_for_the_last_answer(item):
    Heartbeat.objects.create(name="jobs")
    item.message = make_message(item.receipt, next_attempt_at=None)
    item.save()
    said = told("--receipt", str(item.receipt_id))
    assert "when everything of theirs is answered" in said and "one mail at the end" in said


def test_digest_is_told_once_with_all_that_stands_in_it(item, area, owner):
    item.message = make_message(item.receipt, state=MessageState.SENT)
    item.save()
    make_follow_up(areas=[area], owner=owner).items.create(receipt=item.receipt, message=item.message)
    said = told("--receipt", str(item.receipt_id))
    assert said.count("together with 1 other answers") == 2 and said.count("queued") == 1


@pytest.mark.parametrize(
    ("state", "why"), [(FollowUpState.HOLD, "on hold until"), (FollowUpState.RELEASED, "their turn comes")]
)
def test_what_is_not_handed_out_yet(state, why, item):
    item.follow_up.items.all().delete()
    FollowUp.objects.update(state=state, released_at=None if state == FollowUpState.HOLD else timezone.now())
    assert why in told("--receipt", str(item.receipt_id))


SETTLED = [
    (Owed.PUBLISHED, "answered in person"),
    (Owed.WAIVED, "no answer, with the reason"),
    (Owed.WITHDRAWN, "withdrawn by themselves"),
]


@pytest.mark.parametrize(("state", "why"), SETTLED)
def test_what_no_answer_of_ours_tells(state, why, item):
    assert why not in told("--receipt", str(item.receipt_id))
    make_debt(make_topic(title="Licht"), receipt=item.receipt, state=state)
    assert f"“Licht”: {why}" in told("--receipt", str(item.receipt_id))


def test_sum_of_an_answer(readers):
    follow_up = FollowUp.objects.get()
    said = told("--follow-up", str(follow_up.pk))
    assert "audience             2" in said and "pending" in said and "ADD UP" not in said
    FollowUp.objects.update(addressed=3)
    assert "DOES NOT ADD UP: 3 were addressed and 2" in told("--follow-up", str(follow_up.pk))


def test_mail_lets_the_page_go_first(item):
    Heartbeat.objects.create(name="jobs")
    guards.acquire_lease(guards.FAN_OUT_LEASE, "somebody", seconds=20)
    assert "on everybody's page first" in told("--message", str(make_message(rank=1).pk))


def test_the_first_look_after_a_restore_holds_everything(readers, sink):
    pump.send_due()
    OutboxEpoch.objects.update(epoch=0)
    assert "ON HOLD" in told()


def test_suppressed_address_and_reply_and_debt(item, owner):
    suppress("somebody@example.nl", "bounced")
    make_incoming(item.receipt)
    make_debt(make_topic(), receipt=item.receipt, owner=owner)
    said = told("--address", "somebody@example.nl")
    assert "No mail at all since" in said and "Still owed" in said
    assert "because it comes from another address" in said and "partner" not in said


def test_address_that_nobody_left(db):
    assert "Nobody left this address here" in told("--address", "nobody@example.nl")


def test_mail_to_a_colleague(owner):
    make_message(user=owner, state=MessageState.SENT)
    assert "A colleague, at work" in told("--address", owner.email)


def test_explains_a_message(readers, sink):
    sink.at_data = lambda address: "451 4.3.0 try later"
    pump.dispatch_due()
    message = Message.objects.get()
    assert "451 4.3.0 try later" in told("--message", message.message_id)
    assert "next" in told("--message", str(message.pk))


def test_holds_and_releases(readers, owner, sink):
    told("--hold", "A mistake in the text", "--by", owner.email)
    assert pump.send_due() == 0 and "ON HOLD" in told()
    told("--release", "Mended", "--by", owner.email)
    assert pump.send_due() == 1


@pytest.mark.parametrize(
    "arguments",
    [("--hold", "x"), ("--release", "x"), ("--message", "99"), ("--follow-up", "x"), ("--receipt", "nobody")],
)
def test_says_what_is_wrong(db, arguments):
    with pytest.raises(CommandError):
        told(*arguments)


def test_release_of_what_is_not_held(owner):
    guards.outbox_epoch()
    with pytest.raises(CommandError):
        told("--release", "x", "--by", owner.email)
