"""Confirming and unsubscribing from a mail: pages with buttons, and one-click unsubscribing."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Suppression
from feedback.contacts.services import hearing_back
from feedback.models import Message
from tests.feedback.factories import make_contact, make_debt, make_receipt
from tests.people import make_municipality
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt():
    make_municipality()
    return make_receipt()


@pytest.fixture
def contact(receipt):
    return make_contact(receipt, email="bewoner@example.nl", confirmed=False)


def confirm_url(contact) -> str:
    return f"/v/c/{sign_link(contact.receipt, LinkPurpose.CONFIRM, hearing_back.confirm_key(contact))}/"


def unsubscribe_url(receipt) -> str:
    return f"/v/u/{sign_link(receipt, LinkPurpose.UNSUBSCRIBE)}/"


def test_confirm_needs_the_button(client, contact):
    with no_writes():
        said = client.get(confirm_url(contact)).content.decode()
    assert "bewoner@example.nl" in said and "Ja, dit is mijn adres" in said
    assert not Contact.objects.reachable().exists()


def test_confirm_says_when_the_answer_comes(client, contact):
    make_debt(receipt=contact.receipt)
    for _ in range(2):
        said = client.post(confirm_url(contact), follow=True).content.decode()
        assert "krijgt u ons antwoord" in said
    assert Contact.objects.reachable().exists()


def test_confirm_link_of_an_earlier_address_is_refused(client, contact):
    old = confirm_url(contact)
    hearing_back.leave_address(
        receipt=contact.receipt, email="other@example.nl", is_16_or_older=True, consent_sentence="Ja."
    )
    assert client.get(old).status_code == client.post(old).status_code == 404


def test_confirm_link_ends_after_seven_days(client, contact):
    url = confirm_url(contact)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert client.post(url).status_code == 404
    assert not Contact.objects.reachable().exists()


def test_unsubscribe_needs_the_button_and_can_be_undone(client, receipt):
    make_contact(receipt)
    with no_writes():
        assert "Ja, meld mij af" in client.get(unsubscribe_url(receipt)).content.decode()

    said = client.post(unsubscribe_url(receipt), {"action": "answer"}, follow=True).content.decode()
    assert "U bent afgemeld" in said and not Contact.objects.reachable().exists()

    client.post(unsubscribe_url(receipt), {"action": "back"})
    assert Contact.objects.reachable().exists()


def test_one_click_unsubscribes_without_cookie_or_token_of_ours(receipt):
    make_contact(receipt)
    mail_program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = mail_program.post(unsubscribe_url(receipt), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200 and not response.cookies
    assert not Contact.objects.reachable().exists()


def test_no_mail_at_all_and_back_by_confirming(client, receipt):
    contact = make_contact(receipt, email="bewoner@example.nl")
    client.post(unsubscribe_url(receipt), {"action": "everything"})
    assert Suppression.objects.of("bewoner@example.nl").exists()

    said = client.post(unsubscribe_url(receipt), {"action": "back"}, follow=True).content.decode()
    contact.refresh_from_db()
    assert "Kijk in uw mail" in said and contact.confirmed_at is None and Suppression.objects.exists()
    assert Message.objects.get().purpose == "confirm"

    client.post(confirm_url(contact))
    assert not Suppression.objects.exists() and Contact.objects.reachable().exists()


def test_unsubscribe_page_of_who_left_no_address_says_the_same(client, receipt):
    said = client.post(unsubscribe_url(receipt), {"action": "answer"}, follow=True).content.decode()
    assert "U bent afgemeld" in said


def test_unsubscribe_page_never_shows_the_address(client, receipt):
    make_contact(receipt, email="bewoner@example.nl")
    url = unsubscribe_url(receipt)
    actions = ("answer", "everything", "back")
    pages = [client.get(url), *(client.post(url, {"action": action}, follow=True) for action in actions)]
    assert not [page for page in pages if "bewoner@example.nl" in page.content.decode()]


def test_unknown_action_changes_nothing(client, receipt):
    make_contact(receipt)
    client.post(unsubscribe_url(receipt), {"action": "drop table"})
    assert Contact.objects.reachable().exists()
