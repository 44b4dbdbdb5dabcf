"""What residents wrote and the links they get, on the smallest phones: nothing sticks out, axe finds nothing."""

import os
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.links import LinkPurpose, sign_link
from initiatives.initiatives.services import running
from initiatives.models import Match, Offer
from initiatives.states import MatchState, OfferState
from neighbourhoods.states import Role
from tests.browser.looking import more, speak, sticks_out, too_small_to_tap, violations
from tests.browser.test_staff_pages import signed_in_page
from tests.feedback.factories import make_contact
from tests.initiatives.factories import (
    make_challenge,
    make_idea,
    make_initiative,
    make_match,
    make_offer,
    make_role,
    make_task,
)
from tests.people import make_area, make_municipality, make_theme, make_user

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [("nl", 320), more("en", 320), more("nl", 360), more("en", 360)]
DANGER = "Mijn buurman bedreigt mij met een mes. Bel 06 12 34 98 76 of mail fatma.van.den.heuvel-boeren@example.org."


@pytest.fixture
def area(db):
    make_municipality(danger_text={"nl": "Bent u in gevaar? Bel 112.", "en": "In danger? Call 112."})
    return make_area("Havenkom")


@pytest.fixture
def coordinator(area):
    return make_user(Role.COORDINATOR, area, title="wijkmanager")


def faults(page: Page, name: str, *, phone: bool = True) -> list[str]:
    if folder := os.environ.get("NABIJ_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    return [*violations(page), *sticks_out(page), *(too_small_to_tap(page) if phone else [])]


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_an_idea_from_three_questions_to_an_address_without_typing_the_code(
    live_server, new_context, area, coordinator, language, width
):
    theme = make_theme()
    page = new_context(java_script_enabled=True).new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(live_server.url)
    speak(page, language)
    page.goto(f"{live_server.url}{reverse('begin_here', args=[area.slug])}")
    page.locator("[name=why]").fill(DANGER)
    page.locator("[name=what]").fill("Soep koken op dinsdag.")
    page.locator("[name=theme]").select_option(str(theme.pk))
    page.locator("main form button[type=submit], main form .actions button").last.click()
    code = page.locator(".nabij-code").inner_text()
    assert not faults(page, f"begun-{language}-{width}")
    page.locator("[name=email]").fill("buur@example.org")
    page.locator("[name=consent]").check()
    page.locator("[name=is_16_or_older]").check()
    page.locator("main form .actions button").last.click()
    expect(page.get_by_text("buur@example.org")).to_be_visible()
    assert page.locator(".nabij-code").inner_text() == code
    assert not faults(page, f"begun-address-{language}-{width}")


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_residents(live_server, new_context, console_errors, area, coordinator, language, width):
    soup = make_initiative(area, owner=coordinator, next_action="Bellen", next_action_on=timezone.localdate())
    match = make_match(make_offer(area, owner=coordinator), make_role(soup), state=MatchState.EXPIRED)
    Match.objects.update(state_at=timezone.now() - timedelta(days=40))
    offer = make_offer(area, owner=coordinator, words=DANGER, may_be_danger=True)
    receipt, _code = running.take_task(task=make_task(soup), submit_key="k" * 32, language=language)
    make_contact(receipt, email="buur@example.org", confirmed=False)
    idea = make_idea(area, owner=coordinator)
    over = make_idea(
        area, owner=coordinator, state="ended", next_action_on=None, public_on=None,
        learned={"nl": "Er is geen plek.", "en": "There is no place."}, thanks={"nl": "Dank u.", "en": "Thanks."},
    )  # fmt: skip
    request = make_challenge(area) if make_user(Role.EDITOR, area) else None
    page = new_context().new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(live_server.url)
    speak(page, language)
    task = sign_link(receipt, LinkPurpose.PAGE)
    urls = {
        "match-over": reverse(
            "match", args=[sign_link(match.offer.receipt, LinkPurpose.MATCH, str(match.pk))]
        ),
        "offer-made": reverse("offer_made", args=[sign_link(offer.receipt, LinkPurpose.PAGE)]),
        **{
            name: reverse(f"private_{name}", args=[task])
            for name in ("page", "withdraw", "erase", "download", "address")
        },
        "unsubscribe": reverse("private_unsubscribe", args=[sign_link(receipt, LinkPurpose.UNSUBSCRIBE)]),
        "own-idea": reverse("own_initiative", args=[sign_link(idea.receipt, LinkPurpose.PAGE)]),
        "own-over": reverse("own_initiative", args=[sign_link(over.receipt, LinkPurpose.PAGE)]),
        "request": reverse("private_page", args=[sign_link(request.receipt, LinkPurpose.PAGE)]),
    }
    for name, url in urls.items():
        page.goto(f"{live_server.url}{url}")
        for fold in page.locator("details").all():
            fold.evaluate("fold => fold.open = true")
        assert not faults(page, f"{name}-{language}-{width}"), name
        if name == "match-over":
            console_errors.clear()  # the browser tells of 410


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_the_desk(live_server, new_context, area, coordinator, language, width):
    offer = make_offer(area, owner=coordinator, words=DANGER, may_be_danger=True, state=OfferState.CONTACTED)
    make_match(offer, make_role(area=area))
    idea = make_idea(area, owner=coordinator)
    page = signed_in_page(new_context(), live_server.url, coordinator, width)
    speak(page, language)
    for name, url in {
        "hands": reverse("hands"),
        "hand": reverse("hand", args=[offer.pk]),
        "idea": reverse("initiative", args=[idea.pk]),
    }.items():
        page.goto(f"{live_server.url}{url}")
        for fold in page.locator("details").all():
            fold.evaluate("fold => fold.open = true")
        assert not faults(page, f"{name}-{language}-{width}", phone=False), name
    page.goto(f"{live_server.url}{reverse('hand', args=[offer.pk])}")
    assert "06 12 34" not in page.locator("main").inner_text()
    page.locator(f"form[action$='/{offer.pk}/read/'] button").click()
    assert not Offer.objects.get(pk=offer.pk).may_be_danger
