"""The page behind the link of a proposal, on a phone: yes with one thumb, and how to reach each other after it."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact
from initiatives.matching.services import matches
from initiatives.models import Match
from initiatives.states import OfferState, Side
from tests.browser.looking import SCREENS, speak, sticks_out, violations
from tests.initiatives.factories import make_begun, make_meeting, make_offer, make_role
from tests.people import make_area, make_municipality, make_user


@pytest.fixture
def match(transactional_db) -> Match:
    make_municipality()
    owner = make_user(title="wijkmanager")
    initiative = make_begun(make_area("Havenkom"), owner=owner, name="Huiskamer in het Sluishuis")
    make_meeting(initiative)
    role = make_role(initiative, about={"nl": "Samen koken voor twintig buren.", "en": "Cooking for twenty."})
    offer = make_offer(initiative.area, owner=owner, state=OfferState.CONTACTED)
    Contact.objects.filter(receipt=offer.receipt).update(confirmed_at=timezone.now())
    return matches.propose(offer=offer, role=role, by=owner)


def address(live_server, match: Match, receipt) -> str:
    return f"{live_server.url}/v/m/{sign_link(receipt, LinkPurpose.MATCH, str(match.pk))}/"


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_yes_from_both_without_javascript(new_context, live_server, match, language, width):
    context = new_context(java_script_enabled=False)
    page: Page = context.new_page()
    page.set_viewport_size({"width": width, "height": 640})
    speak(page, language)
    page.goto(address(live_server, match, match.offer.receipt))
    page.get_by_role("button", name=re.compile("Ja, dit past|Yes, this suits")).click()
    expect(page.get_by_role("heading", name=re.compile("U zei ja|You said yes"))).to_be_visible()
    other = context.new_page()
    other.goto(address(live_server, match, match.role.initiative.receipt))
    other.get_by_role("button", name=re.compile("Ja, welkom|Yes, welcome")).click()
    expect(other.get_by_text("0612345678")).to_be_visible()
    page.reload()
    expect(page.get_by_text("0687654321")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_no_has_a_reason_and_axe_finds_nothing(
    new_context, console_errors, live_server, match, language, width
):
    page: Page = new_context().new_page()
    page.set_viewport_size({"width": width, "height": 640})
    speak(page, language)
    page.goto(address(live_server, match, match.offer.receipt))
    assert not violations(page) and not sticks_out(page)
    page.get_by_text(re.compile("^(Nee, liever niet|No, rather not)$")).first.click()
    page.get_by_role("button", name=re.compile("Nee, liever niet|No, rather not")).click()
    expect(page).to_have_title(re.compile("^(Fout|Error)"))
    console_errors.clear()  # the 422 of a form that comes back
    page.get_by_label(re.compile("te ver|too far")).check()
    page.get_by_role("button", name=re.compile("Nee, liever niet|No, rather not")).click()
    expect(page.get_by_text(re.compile("Wij zoeken met u|We look with you"))).to_be_visible()
    assert not violations(page) and not sticks_out(page)
    match.refresh_from_db()
    assert (match.declined_by, match.declined_because) == (Side.VOLUNTEER, "too_far")
