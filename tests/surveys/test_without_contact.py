"""A survey for people under 16: a receipt is all they get. No way to leave an address, none to join in."""

import pytest
from django.urls import reverse

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from core.errors import DomainError
from feedback.contacts.services.hearing_back import leave_address
from surveys.builder.services.readiness import publish_blockers
from surveys.models import Channel
from tests.surveys.drafts import fresh, make_draft, make_open

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(area, editor, backer, client):
    """The first layer of the example for young people, answered to its end."""
    survey = make_open(areas=[area], by=editor, backer=backer, plan="youth")
    code = Channel.objects.get(survey=survey).code
    url = client.post(reverse("begin", args=[code]), {"submit_key": "k" * 24}).url
    while "/q/" in url:
        url = client.post(url, {"go": "skip"}).url
    return client, code


def test_no_door_leads_to_an_address_or_to_joining_in(answered):
    client, code = answered
    thanks = client.get(reverse("thanks", args=[code])).content.decode()
    assert reverse("hear", args=[code]) not in thanks
    assert reverse("join", args=[code]) not in thanks
    for name in ("hear", "join"):
        sent = client.post(reverse(name, args=[code]), {"email": "a@example.nl", "is_16_or_older": "on"})
        assert sent.url == reverse("thanks", args=[code])
    assert not Contact.objects.exists()


def test_private_page_asks_for_no_address(answered):
    client, _code = answered
    receipt = Receipt.objects.get()
    link = sign_link(receipt, LinkPurpose.PAGE)
    assert (
        reverse("private_address", args=[link])
        not in client.get(reverse("private_page", args=[link])).content.decode()
    )
    client.post(reverse("private_address", args=[link]), {"email": "a@example.nl", "is_16_or_older": "on"})
    assert not Contact.objects.exists()


def test_receipt_can_hold_no_address(answered):
    with pytest.raises(DomainError):
        leave_address(
            receipt=Receipt.objects.get(), email="a@example.nl", is_16_or_older=True, consent_sentence="Ja"
        )


def test_needs_no_expectation_card(area, editor):
    survey = make_draft(areas=[area], by=editor, plan="youth")
    survey.card = None
    survey.save()
    assert publish_blockers(fresh(survey)) == []
