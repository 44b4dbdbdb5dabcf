"""On one's own page: where an offer stands, keeping it up to date, a break; all without JavaScript or account."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import resolve, reverse
from django.utils import timezone, translation

from accounts.links import TYPED_MARK, LinkPurpose, sign_link
from accounts.models import Receipt
from feedback.private import services as private
from initiatives.models import Task
from initiatives.offers.services import offer_care, offers
from initiatives.states import OfferState
from tests.feedback.factories import make_receipt, today
from tests.feedback.journey import page_of
from tests.initiatives.factories import make_gift, make_initiative, make_match, make_offer, make_role
from tests.people import make_theme
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


def url(name: str, offer) -> str:
    return reverse(name, args=[sign_link(offer.receipt, LinkPurpose.PAGE)])


@pytest.fixture
def offer(area, coordinator):
    return make_offer(area, owner=coordinator, moments=["4a"])


def read(client, offer) -> str:
    """As somebody who was answered in English reads it."""
    Receipt.objects.filter(pk=offer.receipt_id).update(language="en")
    with no_writes():
        return client.get(page_of(offer.receipt), headers={"accept-language": "en"}).content.decode()


# --- where it stands --------------------------------------------------------------------------


def test_where_it_stands_with_the_day_of_the_next_step_and_by_whom(client, offer, coordinator):
    page = read(client, offer)
    assert "The coordinator gets in touch with you." in page and "Thu afternoon" in page
    assert page.count(offer.get_way_display()) == 1, "who ticked no skill offers a way, and that is said once"
    offer_care.record_offer_step(offer=offer, to=OfferState.CONTACTED, by=coordinator)
    page = read(client, offer)
    assert "The coordinator spoke to you." in page and "makes you a proposal" in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("proposed", "We proposed something: Soup on Tuesday."),
        ("waitlisted", "You are on the waiting list: Soup on Tuesday."),
        ("introduced", "You were introduced: Soup on Tuesday."),
        ("active", "You were introduced: Soup on Tuesday."),
        ("declined", ""),
        ("expired", ""),
    ],
)
def test_what_was_proposed_and_agreed_on(state, said, offer, area):
    make_match(offer, make_role(make_initiative(area, name="Soup on Tuesday")), state=state)
    with translation.override("en"):
        texts = [step.text for step in offers.steps(offer)]
    found = [text for text in texts if "Soup" in text]
    assert found == ([said] if said else [])


def test_that_we_are_late_is_said(client, area, coordinator):
    assert "We are late" in read(client, make_offer(area, owner=coordinator, due=-2))
    assert "We are late" not in read(client, make_offer(area, owner=coordinator, due=0))


def test_a_closed_one_says_why_and_offers_no_actions(client, area):
    page = read(client, make_offer(area, state=OfferState.CLOSED, closed_reason="Verhuisd."))
    assert "Verhuisd." in page and "/offer/" not in page


# --- keeping it up to date --------------------------------------------------------------------


def test_what_changes_is_kept(client, offer):
    with no_writes():
        assert 'value="4a"' in client.get(url("own_offer_change", offer)).content.decode()
    told = {"skills": ["green"], "moments": ["6m", "1n"], "languages": ["pl"], "rather_together": "no",
            "words": "Ik kan ook rijden.", "until": today(30).isoformat(), "time": ""}  # fmt: skip
    assert client.post(url("own_offer_change", offer), told).status_code == 302
    offer.refresh_from_db()
    assert (offer.skills, offer.moments, offer.languages) == (["green"], ["1n", "6m"], ["pl"])
    assert (offer.rather_together, offer.words, offer.until) == (False, "Ik kan ook rijden.", today(30))


def test_of_what_a_party_gives_the_conditions_change_and_no_skills(client, area):
    gift = make_gift(area)
    client.post(
        url("own_offer_change", gift),
        {"words": "De zaal.", "conditions": "Zelf opruimen.", "skills": ["cook"], "address": "Sluisweg 14"},
    )
    gift.refresh_from_db()
    assert (gift.words, gift.conditions, gift.skills) == ("De zaal.", "Zelf opruimen.", [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"skills": ["fly"]},
        {"moments": ["x"]},
        {"until": "2001-01-01"},
        {"words": "x" * 601},
        {"time": "ever"},
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_changes(wrong, client, offer):
    page = client.post(url("own_offer_change", offer), {"words": "Nieuw."} | wrong)
    assert page.status_code == 422
    offer.refresh_from_db()
    assert offer.words == ""


def test_still_true_with_one_tap(client, offer):
    offer.confirmed_on = today(-100)
    offer.save()
    assert "still true" in read(client, offer)
    for _tap in range(2):
        assert client.post(url("own_offer_do", offer), {"action": "still_true"}).status_code == 302
    offer.refresh_from_db()
    assert offer.confirmed_on == today() and "still true" not in read(client, offer)


def test_a_break_and_going_on(client, offer):
    page = client.post(url("own_offer_pause", offer), {"pause_until": today(0).isoformat()})
    assert page.status_code == 422
    client.post(url("own_offer_pause", offer), {"pause_until": today(14).isoformat()})
    offer.refresh_from_db()
    assert (offer.state, offer.paused_until) == (OfferState.PAUSED, today(14))
    assert "We ask you nothing until then." in read(client, offer)
    client.post(url("own_offer_pause", offer), {"pause_until": today(20).isoformat()})
    offer.refresh_from_db()
    assert offer.next_action_on == today(20)
    client.post(url("own_offer_do", offer), {"action": "go_on"})
    offer.refresh_from_db()
    assert (offer.state, offer.paused_until) == (OfferState.NEW, None)


@pytest.mark.parametrize("name", ["own_offer_change", "own_offer_pause", "own_offer_do"])
def test_what_is_closed_meanwhile_changes_no_more(name, client, area):
    closed = make_offer(area, state=OfferState.CLOSED)
    told = {"pause_until": today(9).isoformat(), "words": "Nieuw.", "action": "still_true"}
    assert client.post(url(name, closed), told).status_code == 302
    closed.refresh_from_db()
    assert (closed.state, closed.words) == (OfferState.CLOSED, "")


@pytest.mark.parametrize("name", ["own_offer_change", "own_offer_pause", "own_offer_do", "offer_made"])
def test_another_link_opens_nothing(name, client, offer):
    for token in ("x", sign_link(offer.receipt, LinkPurpose.ITEM), sign_link(Receipt(), LinkPurpose.PAGE)):
        assert client.post(reverse(name, args=[token])).status_code in (404, 405)


# --- what is theirs ---------------------------------------------------------------------------


def test_everything_is_downloaded_and_erased(area, coordinator):
    make_theme("groen", name={"nl": "Groen", "en": "Green"})
    offer = make_offer(
        area, owner=coordinator, moments=["4a"], languages=["tr"], rather_together=True, is_adult=True,
        wishes=["groen"], words="Graag!", conditions="Niet tillen.", until=today(9), contacted_on=today(-1),
    )  # fmt: skip
    offer_care.note_clearance(offer=offer, seen_on=today(-3), by=coordinator)
    gift = make_gift(area)
    told = json.dumps(
        [private.download(receipt=one.receipt) for one in (offer, gift)], default=str, ensure_ascii=False
    )
    for said in (
        "Graag!",
        "Niet tillen.",
        "Groen",
        today(9).isoformat(),
        today(-3).isoformat(),
        "Turks",
        "Stichting De Brug",
    ):
        assert said in told, said
    private.erase(receipt=offer.receipt)
    assert not Receipt.objects.filter(pk=offer.receipt_id).exists()


def test_after_a_typed_code_no_panel_leads_to_a_page_that_stays_open(client, offer, area, coordinator):
    """Every link of the page closes with it, after a day; until then the actions behind them work."""
    idea = make_initiative(
        area, owner=coordinator, receipt=make_receipt(), next_action="Bellen", next_action_on=today()
    )
    task = Task.objects.create(initiative=idea, what={"nl": "Soep"}, taken_by=offer.receipt, taken_on=today())
    links: set[str] = set()
    for receipt in (offer.receipt, idea.receipt):
        page = client.get(reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK)]))
        links |= set(re.findall(r'(?:href|action)="(/v/[^"?#]{40,})', page.content.decode()))
    names = {resolve(link).url_name for link in links}
    assert {"own_offer_change", "own_offer_pause", "task_mine", "own_initiative", "private_withdraw"} <= names
    (done,) = (link for link in links if link.endswith("/done/"))
    for link in links:
        assert client.get(link).status_code in (200, 405), link
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        for link in links:
            assert client.post(link).status_code == 404, link
    assert client.post(done, follow=True).status_code == 200
    task.refresh_from_db()
    assert task.done_on
