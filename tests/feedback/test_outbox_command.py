"""`manage.py outbox`: what it is doing, and why somebody did, or did not, get a mail."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from feedback.models import Message
from feedback.services import pump, quarantine
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import make_topic


@pytest.fixture
def owner(db):
    return make_owner()


@pytest.fixture
def readers(area, owner, settings):
    topic = make_topic("option:31", area=area)
    readers = make_readers(topic, owner, mailed=1, page_only=1)
    released(topic, owner, settings)
    quarantine.is_clear()
    return readers


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue()


def test_shows_states(readers, sink):
    assert "pending              1" in told()
    pump.look_around()
    assert "sent                 1" in told() and "Jobs run." in told()


def test_explains_a_receipt_without_its_address(readers, sink):
    pump.look_around()
    said = told("--receipt", str(readers[0].pk))
    assert "250" in said and "on their page" in said and "@example.nl" not in said
    assert "alone" in told("--receipt", str(readers[1].pk))


def test_explains_a_message(readers, sink):
    sink.at_data = lambda address: "451 4.3.0 try later"
    pump.look_around()
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
    [("--hold", "x"), ("--release", "x"), ("--message", "99"), ("--receipt", "nobody")],
)
def test_says_what_is_wrong(db, arguments):
    with pytest.raises(CommandError):
        told(*arguments)


def test_release_of_what_is_not_held(owner):
    quarantine.outbox()
    with pytest.raises(CommandError):
        told("--release", "x", "--by", owner.email)
