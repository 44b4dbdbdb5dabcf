"""The page that looks at a mail to oneself: in plain words, nothing kept, nothing of it believed or carried out."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from feedback.delivery.preflight import MOST_CHARACTERS
from feedback.models import Message
from feedback.states import MessagePurpose
from neighbourhoods.states import Role
from tests.feedback.test_preflight import GOOGLE, HOSTILE, MICROSOFT, OURS, POSTFIX, SIGNED, results
from tests.people import make_area, make_membership, make_root, make_user, signed_in
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(administrator):
    make_root()
    return signed_in(administrator)


def look(client, source="", **files):
    with no_writes():
        response = client.post(reverse("preflight"), {"source": source, **files})
    return response.status_code, response.content.decode()


# what arrived -> what the page says
PAGES = [
    (GOOGLE + OURS, ["mx.google.com", "DMARC klopt"], ["Niet in orde"]),
    (MICROSOFT + OURS, ["relay.example.com", "Niet in orde", "Return-Path"], []),
    (POSTFIX + OURS, ["p=none", "p=quarantine", "strikte"], ["Niet in orde"]),
    (results("spf=none; dkim=none; dmarc=none") + OURS, ["geen DMARC", "SPF-record"], ["In orde"]),
    (SIGNED + OURS, ["Authentication-Results", "Niet bekend"], ["In orde"]),
    ("From: a@elders.nl\n" + GOOGLE, ["elders.nl", "Is dit de mail die u stuurde"], []),
    ("geen mail", ["Er staat geen afzender in"], ["In orde"]),
    ("From: a@waterdam.nl\nFrom: b@waterdam.nl\n", ["meer dan één afzender"], []),
]


@pytest.mark.parametrize(("source", "there", "not_there"), PAGES, ids=range(len(PAGES)))
def test_in_plain_words(source, there, not_there, client):
    status, page = look(client, source)
    assert status == 200
    for words in there:
        assert words.lower() in page.lower()
    for words in not_there:
        assert words not in page


def test_as_a_file(client):
    status, page = look(client, file=SimpleUploadedFile("mail.eml", (GOOGLE + OURS).encode() + b"\xff\x00"))
    assert status == 200 and "mx.google.com" in page


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_source_is_shown_as_text(source, client):
    status, page = look(client, source)
    assert status in (200, 422) and "<script>alert" not in page and "<b>" not in page.partition("<main")[2]


@pytest.mark.parametrize(
    "data",
    [{}, {"source": " "}, {"source": "x" * (MOST_CHARACTERS + 1)}, {"file": BytesIO(b"")}],
    ids=["nothing", "blank", "too long", "empty file"],
)
def test_nothing_to_look_at_is_said(data, client):
    response = client.post(reverse("preflight"), data)
    assert response.status_code == 422 and "nabij-error-summary" in response.content.decode()


def test_mail_to_oneself_is_sent_once_a_minute(client, administrator):
    for _time in range(2):
        client.post(reverse("preflight_send"))
    message = Message.objects.get()
    assert (
        message.user == administrator and message.purpose == MessagePurpose.TRIAL and not message.to_address
    )


def test_administrator_of_one_neighbourhood_is_refused():
    make_root()
    colleague = make_user(title="administrator here")
    make_membership(colleague, Role.ADMINISTRATOR, make_area("Harbour", slug="harbour"))
    assert signed_in(colleague).get(reverse("preflight")).status_code == 403
