"""What a mail provider posts: only with the secret, once per event, and never too much of it."""

import base64
import json

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Suppression
from feedback.delivery import returned
from feedback.delivery.returned import IncomingMailKind
from feedback.models import DeliveryEvent, Message
from feedback.states import MessageState
from tests.feedback.factories import make_message

SECRET = "a-long-and-random-secret"
BASIC = base64.b64encode(f"provider:{SECRET}".encode()).decode()


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.MAIL_HOOK_SECRET = SECRET


def post(client, body, authorization=f"Bearer {SECRET}"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(
        reverse("mail_hook"), body, content_type="application/json", headers={"authorization": authorization}
    )


def event(message, kind="bounced", **fields):
    return {"id": f"{kind}-1", "kind": kind, "message_id": message.message_id} | fields


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"Basic {SECRET}",
        "Basic !!!",
        "Basic /w==",
        f"Digest {SECRET}",
        "Bearer ë",
    ],
)
def test_without_the_secret_nothing_is_read(authorization, client, db):
    message = make_message(state=MessageState.SENT)
    assert post(client, event(message), authorization).status_code == 401
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize("authorization", [f"Bearer {SECRET}", f"bearer {SECRET}", f"Basic {BASIC}"])
def test_with_it_the_event_is_taken(authorization, client, db):
    message = make_message(state=MessageState.SENT)
    response = post(client, event(message, status="5.1.1"), authorization)
    assert response.json() == {"taken": 1, "unknown": 0} and "no-store" in response["Cache-Control"]
    assert Message.objects.get().state == MessageState.BOUNCED


def test_without_a_secret_of_ours_there_is_no_such_page(client, settings, db):
    settings.MAIL_HOOK_SECRET = ""
    assert post(client, {}, "Bearer ").status_code == 404


# what is posted -> state afterwards, is the address left alone
EVENTS = [
    ({"kind": "delivered"}, MessageState.DELIVERED, False),
    ({"kind": "bounced"}, MessageState.BOUNCED, True),
    ({"kind": "bounced", "status": "5.1.1"}, MessageState.BOUNCED, True),
    ({"kind": "bounced", "status": "5.7.1"}, MessageState.BOUNCED, False),
    ({"kind": "bounced", "status": 550}, MessageState.BOUNCED, False),
    ({"kind": "complaint"}, MessageState.SENT, True),
    ({"kind": "delayed"}, MessageState.SENT, False),
    ({"event": "spamreport", "sg_event_id": "x"}, MessageState.SENT, True),
    ({"event": "Hard_Bounce"}, MessageState.BOUNCED, True),
    ({"kind": "opened"}, MessageState.SENT, False),
    ({"kind": "clicked"}, MessageState.SENT, False),
    ({"kind": ["bounced"]}, MessageState.SENT, False),
]


@pytest.mark.parametrize(("said", "state", "suppressed"), EVENTS)
def test_what_an_event_does(said, state, suppressed, client, db):
    message = make_message(state=MessageState.SENT)
    for body in (
        said | {"message_id": message.message_id},
        [said | {"smtp-id": message.message_id.strip("<>")}],
    ):
        assert post(client, body).status_code == 200
    assert Message.objects.get().state == state and Suppression.objects.exists() == suppressed


def test_same_event_twice_is_once(client, db, settings):
    settings.ZEAL_NPLUSONE_THRESHOLD = 20  # each event is a transaction of its own, which asks the same
    message = make_message(state=MessageState.SENT)
    for _time in range(2):
        assert post(client, {"events": [event(message), event(message)]}).json()["taken"] == 2
    assert DeliveryEvent.objects.count() == 1


def test_mail_in_hand_is_asked_for_again(client, db):
    message = make_message(
        state=MessageState.HANDING_OVER, lease_token="0" * 32, lease_until=timezone.now(), settled_at=None
    )
    assert post(client, event(message)).status_code == 503 and not DeliveryEvent.objects.exists()


def test_mail_of_others_is_unknown(client, db):
    assert post(client, {"kind": "bounced", "message_id": "<x@y.nl>"}).json() == {"taken": 0, "unknown": 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff", 400),
        (b"[1]", 400),
        (b"null", 400),
        (b"[" * 100_000, 400),
        (b'[{"kind": "bounced", "message_id": "\\ud800\\u0000"}]', 200),
        (json.dumps([{}] * 1_001).encode(), 400),
        (b" " * (returned.MAX_HOOK_BYTES + 1), 413),
    ],
    ids=range(8),
)
def test_whatever_is_posted_is_answered(body, status, client, db):
    assert post(client, body).status_code == status


def test_get_is_refused(client, db):
    assert client.get(reverse("mail_hook")).status_code == 405


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "events", "id"]), inner)
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_refused(said):
    try:
        told = returned.parse_provider_events(json.dumps(said).encode())
    except returned.Unreadable:
        return
    assert all(isinstance(one.kind, IncomingMailKind) for one in told)
