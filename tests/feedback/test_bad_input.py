"""Wrong, empty, huge, doubled, stale and forged: every page of a resident answers in a sentence, never with a fault."""

import pytest
from django.test import Client

from accounts.links import LinkPurpose, sign_link
from accounts.models import Receipt
from feedback.contacts.services import hearing_back
from feedback.models import Contribution, Reaction
from tests.feedback.factories import make_contact, make_receipt
from tests.feedback.journey import answered, item_url, page_of
from tests.people import make_municipality

pytestmark = pytest.mark.django_db

FIELDS = (
    "code",
    "email",
    "consent",
    "is_16_or_older",
    "answer",
    "reason",
    "action",
    "as",
    "List-Unsubscribe",
)
NASTY = {
    "nothing": {},
    "empty": dict.fromkeys(FIELDS, ""),
    "huge": dict.fromkeys(FIELDS, "x" * 100_000),
    "null": dict.fromkeys(FIELDS, "a\x00b"),
    "lone surrogate and emoji": dict.fromkeys(FIELDS, "\U0001f600\u202e‮"),
    "markup": dict.fromkeys(FIELDS, "<script>alert(1)</script>"),
    "twice": {field: ["yes", "no"] for field in FIELDS},
}


@pytest.fixture
def receipt():
    make_municipality()
    return make_receipt()


def urls(receipt) -> list[str]:
    item = answered(receipt)
    contact = make_contact(receipt)
    page = page_of(receipt)
    return [
        "/v/",
        "/v/lost/",
        item_url(item),
        f"{page}react/{item.pk}/",
        f"{page}react/{10**30}/",
        f"{page}address/",
        f"{page}withdraw/",
        f"{page}link/",
        f"{page}download/",
        f"{page}erase/",
        f"/v/c/{sign_link(receipt, LinkPurpose.CONFIRM, hearing_back.confirm_key(contact))}/",
        f"/v/u/{sign_link(receipt, LinkPurpose.UNSUBSCRIBE)}/",
        f"/v/e/{sign_link(receipt, LinkPurpose.ERASE)}/",
        f"/v/i/{sign_link(receipt, LinkPurpose.ITEM, 'not a number')}/",
        f"/v/i/{sign_link(receipt, LinkPurpose.ITEM, str(10**30))}/",
    ]


@pytest.mark.parametrize("data", NASTY.values(), ids=NASTY)
def test_nasty_posts_are_answered_and_erase_nothing(client, receipt, data):
    for url in urls(receipt):
        response = client.post(url, data)
        said = response.content.decode()
        assert response.status_code in {200, 302, 404, 409, 422}, url
        assert "<script>alert" not in said, url
    assert Receipt.objects.filter(pk=receipt.pk).exists()


@pytest.mark.parametrize("token", ["x", "a:b:c", "WyJ4Il0:1:2", "é", "..%2F..", "%00", "x" * 5000])
def test_forged_tokens_open_one_page(client, receipt, token):
    for url in (f"/v/{token}/", f"/v/i/{token}/", f"/v/c/{token}/", f"/v/u/{token}/", f"/v/e/{token}/"):
        assert client.get(url).status_code == 404 and client.post(url).status_code in {404, 405}


def test_post_without_a_token_against_forgery_is_refused(receipt):
    forged = Client(enforce_csrf_checks=True)
    for url in urls(receipt):
        if not url.startswith("/v/u/"):
            assert forged.post(url, {"action": "erase", "answer": "no"}).status_code == 403
    assert not Reaction.objects.exists() and Receipt.objects.filter(pk=receipt.pk).exists()


def test_what_was_written_on_a_link_that_ended_is_given_back(client, receipt):
    url = item_url(answered(receipt))
    Receipt.objects.update(revocation=1)
    response = client.post(url, {"answer": "no", "reason": "Wanneer dan wel?"})
    assert response.status_code == 404 and "Wanneer dan wel?" in response.content.decode()
    assert not Contribution.objects.filter(text="Wanneer dan wel?").exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, receipt, method):
    for url in urls(receipt):
        assert getattr(client, method)(url).status_code in {404, 405}


def test_actions_are_not_done_by_following_a_link(client, receipt):
    for url in urls(receipt):
        client.get(url, {"answer": "no", "action": "erase", "as": "file"})
    assert not Reaction.objects.exists() and Receipt.objects.filter(pk=receipt.pk).exists()
