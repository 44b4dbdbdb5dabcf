"""Offering something from a phone, keeping it up to date, and the coordinator's day: by thumb and by keyboard."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.links import LinkPurpose, sign_link
from initiatives.models import Offer
from initiatives.offers.services import offer_care
from initiatives.states import OfferState
from neighbourhoods.models import Area
from neighbourhoods.states import Role
from tests.browser.looking import SCREENS, speak, sticks_out, too_small_to_tap, violations
from tests.browser.test_staff_pages import signed_in_page
from tests.initiatives.factories import (
    make_card,
    make_gift,
    make_initiative,
    make_match,
    make_offer,
    make_role,
)
from tests.neighbourhoods.factories import make_place
from tests.people import make_municipality, make_theme, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coordinator(area):
    make_municipality(phone="14 099")
    card = make_card()
    card.invites_in = Area.root()
    card.save()
    return make_user(Role.COORDINATOR, area, email="c@waterdam.example", title="de wijkmanager")


@pytest.fixture
def offers(area, coordinator) -> list[Offer]:
    """One that is late, one spoken to with everything told, and something of a party."""
    today, theme = timezone.localdate(), make_theme("green")
    late = make_offer(area, owner=coordinator, due=-2, offered_on=today - timedelta(days=4), skills=["green"])
    told = make_offer(
        area, owner=coordinator, due=0, state=OfferState.CONTACTED, contacted_on=today - timedelta(days=5),
        offered_on=today - timedelta(days=6), languages=["nl", "tr"], moments=["2m", "2a", "6m"],
        rather_together=True, words="Ik kook graag voor een volle tafel.", wishes=["green"], theme=theme,
    )  # fmt: skip
    gift = make_gift(area, owner=coordinator, due=1)
    role = make_role(make_initiative(area, theme=theme))
    make_role(make_initiative(area, theme=theme, name="Repair"), name="Fietsenmaker")
    make_match(told, role, state="introduced")
    offer_care.note_clearance(offer=told, seen_on=today, by=coordinator)
    return [late, told, gift]


def phone(new_context, width: int = 320, **options) -> Page:
    page = new_context(**options).new_page()
    page.set_viewport_size({"width": width, "height": 640})
    return page


def wrong_with(page: Page, width: int) -> list[str]:
    for fold in page.locator("details").all():
        fold.evaluate("fold => fold.open = true")
    return violations(page) + sticks_out(page) + (too_small_to_tap(page) if width < 600 else [])


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_residents_and_parties_fit_and_are_accessible(
    live_server, new_context, area, offers, language, width
):
    page = phone(new_context, width)
    speak(page, language)
    _late, told, gift = (sign_link(offer.receipt, LinkPurpose.PAGE) for offer in offers)
    offering = reverse("offer_new", args=[area.slug])
    for url in (
        reverse("neighbourhood", args=[area.slug]),
        offering,
        f"{offering}?give=hands",
        f"{offering}?give=gift",
        *(
            reverse(name, args=[told])
            for name in ("private_page", "own_offer_change", "own_offer_pause", "offer_made")
        ),
        reverse("own_offer_change", args=[gift]),
    ):
        page.goto(live_server.url + url)
        assert not wrong_with(page, width), url


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_the_coordinator_fit_and_are_accessible(
    live_server, new_context, area, coordinator, offers, language, width
):
    page = signed_in_page(new_context(), live_server.url, coordinator, width)
    speak(page, language)
    late, told, gift = offers
    for url in (
        reverse("hands"),
        reverse("hands") + "?look=waiting",
        *(reverse("hand", args=[one.pk]) for one in (late, told, gift)),
        reverse("hands_fairness"),
        reverse("offer_note"),
        reverse("offer_code", args=[told.pk]),
    ):
        page.goto(live_server.url + url)
        assert not wrong_with(page, width), url


def test_an_editor_chooses_the_card(live_server, new_context, area, coordinator):
    editor = make_user(Role.EDITOR, area, email="e@waterdam.example")
    page = signed_in_page(new_context(), live_server.url, editor, 320)
    page.goto(live_server.url + reverse("hands_invitation"))
    assert not wrong_with(page, 320)


def test_a_party_offers_a_room_by_thumb_without_javascript(live_server, new_context, area, coordinator):
    """In one page, and keeps it up to date afterwards; the whole cell of the week is the button."""
    make_place(area=area, name="Het buurthuis")
    page = phone(new_context, java_script_enabled=False, has_touch=True)
    page.goto(f"{live_server.url}{reverse('neighbourhood', args=[area.slug])}")
    page.locator(f"a[href$='{reverse('offer_new', args=[area.slug])}?give=gift']").tap()
    page.locator("label.nabij-option:has(input[value=space])").tap()
    page.locator("#id_place").select_option(label="Het buurthuis")
    page.locator("#id_words").fill("De zaal, voor dertig mensen.")
    page.locator("#id_party_name").fill("Stichting De Brug")
    page.locator("label.nabij-option:has(input[value=organisation])").tap()
    page.locator("details.nabij-fold > summary").tap()
    expect(page.locator("details.nabij-fold")).to_have_attribute("open", "")
    page.locator("label:has(input[value='4a'])").tap(position={"x": 8, "y": 8})
    expect(page.locator("input[value='4a']")).to_be_checked()
    page.locator("#id_phone").fill("0612345678")
    page.locator("label:has(#id_consent)").tap(position={"x": 12, "y": 20})
    page.locator("main .utrecht-button--primary-action").tap()
    expect(page.locator(".nabij-code")).to_be_visible()
    page.locator("main .utrecht-button--primary-action").tap()
    page.locator("a[href$='/offer/']").tap()
    expect(page.locator("input[value='4a']")).to_be_checked()
    page.locator("label:has(input[value='1m'])").tap(position={"x": 36, "y": 36})
    expect(page.locator("input[value='1m']")).to_be_checked()
    page.locator("main .utrecht-button--primary-action").tap()
    expect(page.locator("#offer")).to_contain_text("De wijkmanager")
    offer = Offer.objects.get()
    assert (offer.kind, offer.moments, offer.party_name) == ("space", ["1m", "4a"], "Stichting De Brug")
    assert offer.place and offer.place.name == "Het buurthuis"


def test_the_day_by_keyboard_from_the_list_to_the_next_step(live_server, new_context, coordinator, offers):
    """Tab reaches the first whose turn it is, and one key says that they were spoken to."""
    late, *_others = offers
    page = signed_in_page(new_context(), live_server.url, coordinator, 1280)
    page.goto(live_server.url + reverse("hands"))
    first = page.locator(".nabij-turns a").first
    for _tab in range(40):
        page.keyboard.press("Tab")
        if first.evaluate("link => link === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url(live_server.url + reverse("hand", args=[late.pk]))
    button = page.locator("form:has(input[name=to][value=contacted]) button").first
    for _tab in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text(re.compile("volgende stap|next step"))
    late.refresh_from_db()
    assert (late.state, late.contacted_on) == (OfferState.CONTACTED, timezone.localdate())
    with page.expect_navigation():
        page.locator(".desk-top a[accesskey=j]").press("Enter")
    expect(page).not_to_have_url(live_server.url + reverse("hand", args=[late.pk]))
