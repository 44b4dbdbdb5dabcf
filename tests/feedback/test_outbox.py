"""Queueing: once per key, without waiting for anybody."""

import socket
import threading
import time

import pytest
from django.db import IntegrityError, transaction

from feedback.delivery.services import outbox, pump
from feedback.models import DedupeKey, Message, build_key, parse_key
from feedback.states import MessagePurpose, MessageState
from tests.feedback.factories import make_contact
from tests.people import make_user


def queue(**fields) -> Message:
    fields = {
        "purpose": MessagePurpose.NOTICE,
        "dedupe_key": "notice:1",
        "language": "nl",
        "subject": "Twee mensen wachten",
        "text": "Kijk op het bord.\n.",
    } | fields
    if "receipt" not in fields and "user" not in fields:
        fields["user"] = make_user()
    return outbox.queue_message(**fields)


def test_same_key_is_same_message(db):
    assert queue() == queue(subject="Iets anders")
    assert Message.objects.get().subject == "Twee mensen wachten"


def test_message_id_is_the_same_for_the_same_key(db):
    first = queue().message_id
    Message.objects.all().delete()
    assert queue().message_id == first
    assert queue(dedupe_key="notice:2").message_id != first


def test_keys_are_read_back_as_they_were_built():
    assert build_key("offer", 5, "closed", "") == "offer:5:closed:"
    assert parse_key("offer:5:closed:") == DedupeKey("offer", 5, ("closed", ""))
    with pytest.raises(ValueError, match="invalid literal"):
        parse_key("news:answer:5:ab")


def test_messages_are_found_by_whole_parts_of_their_key(db):
    one = queue(dedupe_key="talk-back:1:ab")
    queue(dedupe_key="talk-back:12:ab"), queue(dedupe_key="talk-back-off:1:ab")
    assert list(Message.objects.with_key("talk-back", 1)) == [one]


def test_message_goes_to_a_receipt_or_a_colleague(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        queue(user=make_user(), receipt=make_contact().receipt)


def test_mail_is_sent_and_emptied(db, sink):
    message = queue()
    assert pump.dispatch_due() == 1
    message.refresh_from_db()
    assert (message.state, message.text, message.subject) == (MessageState.SENT, "", "")
    (mail,) = sink.mails
    assert mail["Message-ID"] == message.message_id
    assert mail.get_content().replace("\r\n", "\n") == "Kijk op het bord.\n.\n"
    assert pump.dispatch_due() == 0


def test_what_somebody_waits_for_goes_first(db, sink):
    user = make_user(email="editor@waterdam.example")
    for number in range(3):
        queue(dedupe_key=f"notice:{number}", user=user, subject="bericht")
    queue(dedupe_key="code", purpose=MessagePurpose.SIGN_IN, user=user, subject="uw code")
    pump.dispatch_due()
    assert [mail["Subject"] for mail in sink.mails] == ["uw code", *["bericht"] * 3]


def test_code_that_nobody_waits_for_is_cancelled(db, sink):
    message = queue(purpose=MessagePurpose.SIGN_IN)
    Message.objects.update(created_at=message.created_at.replace(year=2020))
    pump.dispatch_due()
    message.refresh_from_db()
    assert message.state == MessageState.CANCELLED and not sink.mails


# --- the doorbell -----------------------------------------------------------------------------


@pytest.fixture
def hung_redis():
    """Takes the connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_embedded_has_no_doorbell(db, settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.REDIS_URL = ""
    monkeypatch.setattr(outbox._bell, "request", lambda: pytest.fail("Nobody hears it over memory://."))
    with django_capture_on_commit_callbacks(execute=True):
        queue()


def test_request_does_not_wait_for_a_hung_redis(
    db, settings, monkeypatch, hung_redis, django_capture_on_commit_callbacks
):
    settings.REDIS_URL = hung_redis
    bell = outbox.WorkerNotifier(broker=hung_redis)
    monkeypatch.setattr(outbox, "_bell", bell)
    go_on, rung, ring = threading.Event(), [], bell.notify_once
    monkeypatch.setattr(bell, "notify_once", lambda: rung.append(go_on.wait(20)) or ring())
    with django_capture_on_commit_callbacks(execute=True):
        queue()
    assert not rung and not bell.circuit_is_open, "The request is over before the broker was tried."
    go_on.set()
    deadline = time.monotonic() + 60
    while not bell.circuit_is_open and time.monotonic() < deadline:
        time.sleep(0.05)
    assert bell.circuit_is_open, "A broker that hangs is left alone for a while."
    assert Message.objects.get().state == MessageState.PENDING


def test_dead_redis_is_rested_from():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    assert not outbox.WorkerNotifier(broker=dead).notify_once()
