"""Initiatives in a real browser: begun on a phone without JavaScript, read, taken further, and ended with thanks."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.links import LinkPurpose, sign_link
from feedback.models import AnswerOwed
from initiatives.initiatives.services import telling
from initiatives.initiatives.services.beginning import owe
from initiatives.models import ExpectationCard, Initiative
from initiatives.states import InitiativeState
from neighbourhoods.models import Area
from neighbourhoods.states import Role
from tests.browser.looking import SCREENS, more, speak, sticks_out, too_small_to_tap, violations
from tests.browser.test_staff_pages import signed_in_page
from tests.feedback.journey import answer
from tests.initiatives.factories import (
    make_card,
    make_idea,
    make_initiative,
    make_meeting,
    make_picture,
    make_role,
)
from tests.people import make_theme, make_user

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "Ik at altijd alleen, en ik ben niet de enige in de straat."
LONG = (
    "Samen koken en eten op dinsdag in het Sluishuis aan de kade, met een heellangwoordzondereenspatieerin. "
)


@pytest.fixture
def coordinator(area) -> object:
    return make_user(Role.EDITOR, area, title="wijkmanager", email="wijkmanager@waterdam.example")


@pytest.fixture
def soup(area, coordinator) -> Initiative:
    """Running, with everything that can stand on its pages."""
    soup = make_idea(
        area,
        owner=coordinator,
        state=InitiativeState.RUNNING,
        name="Soep op dinsdag voor wie niet graag alleen eet",
        goal={"nl": LONG * 2},
        for_whom={"nl": "Voor iedereen."},
        support={"nl": "De wijkmanager regelt de zaal."},
        agreements={"nl": "De keuken is om 21.00 uur schoon."},
        municipal_role="facilitate",
        motives=["others", "meet"],
        is_light=True,
    )
    due = timezone.localdate() + timedelta(days=14)
    owe(soup, {"why": WHY, "what": LONG, "stop": "Wij verhuizen."}, due=due, day=timezone.localdate())
    make_role(
        soup, people=2, languages=["tr"], moments=["2m", "2a"], needs_clearance=True, adults_only=True,
        about={"nl": LONG}, support={"nl": "De eerste keer gaat iemand mee."},
    )  # fmt: skip
    make_role(soup, name="Boodschappen doen", state="draft")
    make_meeting(soup)
    make_meeting(soup, days=12, is_read=False)
    make_picture(soup, is_read=False)
    telling.write_update(initiative=soup, text={"nl": LONG}, by=coordinator)
    telling.send_update(initiative=soup, text="Nog niet gelezen. " + LONG, language="nl")
    return soup


@pytest.fixture
def ended(area, coordinator) -> Initiative:
    made = make_idea(
        area, owner=coordinator, state=InitiativeState.ENDED, next_action_on=None, name="Geveltuinen",
        thanks={"nl": "Dank aan iedereen die een tegel wipte."}, learned={"nl": "Begin in het voorjaar."},
    )  # fmt: skip
    make_picture(made)
    return made


def faults(page: Page) -> list[str]:
    return violations(page) + sticks_out(page)


@pytest.mark.parametrize(("language", "width"), [*SCREENS, more("nl", 360)])
def test_pages_of_residents(live_server, new_context, area, soup, ended, language, width):
    page = new_context().new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(live_server.url)
    speak(page, language)
    urls = [
        reverse("begin_here", args=[area.slug]),
        reverse("begun", args=[area.slug]),
        reverse("neighbourhood", args=[area.slug]),
        *(reverse("initiative_public", args=[area.slug, one.pk]) for one in (soup, ended)),
        *(
            reverse("own_initiative", args=[sign_link(one.receipt, LinkPurpose.PAGE)])
            for one in (soup, ended)
        ),
        reverse("private_page", args=[sign_link(soup.receipt, LinkPurpose.PAGE)]),
    ]
    for url in urls:
        page.goto(f"{live_server.url}{url}")
        for fold in page.locator("details").all():
            fold.evaluate("fold => fold.open = true")
        assert not faults(page), url
        assert not too_small_to_tap(page), url


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_the_desk(live_server, new_context, area, coordinator, soup, ended, language, width):
    page = signed_in_page(new_context(), live_server.url, coordinator, width)
    speak(page, language)
    role = soup.roles.first()
    idea, noted = make_idea(area, owner=coordinator), make_initiative(area)
    urls = [
        reverse("initiatives"),
        f"{reverse('initiatives')}?owner={coordinator.pk}",
        reverse("initiative_begin"),
        *(reverse("initiative", args=[one.pk]) for one in (soup, ended, idea, noted)),
        *(
            reverse(name, args=[soup.pk])
            for name in ("initiative_words", "update_new", "meeting_new", "picture_set")
        ),
        reverse("update_change", args=[soup.pk, soup.updates.unread().get().pk]),
        reverse("role_new", args=[soup.pk]),
        *(reverse(name, args=[role.pk]) for name in ("role", "role_change")),
        reverse("cards"),
        reverse("card_new"),
        reverse("card", args=[role.card_id]),
        reverse("initiative_code", args=[soup.pk]),
    ]
    for url in urls:
        page.goto(f"{live_server.url}{url}")
        for fold in page.locator("main details").all():
            fold.evaluate("fold => fold.open = true")
        assert not faults(page), url


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def test_from_an_idea_to_thanks_on_a_phone_without_javascript(live_server, new_context, area, coordinator):
    """A resident begins, staff answer and write, neighbours read, it runs, and ends with thanks."""
    make_theme("meeting", name={"nl": "Ontmoeten", "en": "Meeting"})
    make_card("Geen geld")
    phone = new_context(java_script_enabled=False).new_page()
    phone.set_viewport_size({"width": 360, "height": 740})

    # A resident begins, from the page of the neighbourhood.
    phone.goto(f"{live_server.url}{reverse('neighbourhood', args=[area.slug])}")
    phone.locator(f"a[href='{reverse('begin_here', args=[area.slug])}']").first.click()
    phone.locator("[name=why]").fill(WHY)
    phone.locator("[name=motives][value=meet]").check()
    phone.locator("[name=what]").fill("Elke dinsdag soep koken.")
    phone.locator("[name=theme]").select_option(label="Ontmoeten")
    with phone.expect_navigation():
        phone.locator("main form button.utrecht-button--primary-action").click()
    code = phone.locator(".nabij-code").inner_text()
    idea = Initiative.objects.get()
    assert idea.owner == coordinator

    # The desk reads it, writes what everybody reads, and answers.
    desk = signed_in_page(new_context(), live_server.url, coordinator, 1280)
    desk.goto(f"{live_server.url}{reverse('initiative', args=[idea.pk])}")
    expect(desk.get_by_text(WHY)).to_be_visible()
    desk.goto(f"{live_server.url}{reverse('initiative_words', args=[idea.pk])}")
    desk.locator("[name=motive_nl]").fill("Niemand hoeft hier alleen te eten.")
    desk.locator("[name=goal_nl]").fill("Elke dinsdag samen soep eten.")
    desk.locator("[name=name_nl]").fill("Soep op dinsdag")
    desk.locator("[name=municipal_role]").select_option("facilitate")
    with desk.expect_navigation():
        desk.locator("main form button.utrecht-button--primary-action").first.click()
    answer(*AnswerOwed.objects.filter(receipt=idea.receipt), source=idea.source, owner=coordinator)

    # It is prepared: a role with its card, a meeting, and it can be read.
    desk.locator("[name=to][value=preparing]").check()
    desk.locator("[name=next_action]").fill("Zaal vastleggen")
    desk.locator("[name=on]").fill((timezone.localdate() + timedelta(days=5)).isoformat())
    with desk.expect_navigation():
        desk.locator(f"form[action='{reverse('initiative_move', args=[idea.pk])}'] button").click()
    desk.goto(f"{live_server.url}{reverse('role_new', args=[idea.pk])}")
    desk.locator("[name=name_nl]").fill("Soep koken")
    desk.locator("[name=card]").select_option(label=ExpectationCard.objects.get().name)
    with desk.expect_navigation():
        desk.locator("main form button.utrecht-button--primary-action").first.click()
    with desk.expect_navigation():
        desk.locator("form[action$='/open/'] button").click()
    public = f"{live_server.url}{reverse('initiative_public', args=[area.slug, idea.pk])}"
    phone.goto(public)
    expect(phone.get_by_text("Niemand hoeft hier alleen te eten.")).to_be_visible()
    expect(phone.get_by_text("money in woorden")).to_be_visible()
    assert WHY not in phone.content()

    # Who began it reads our answer with the code, and plans the first time.
    phone.goto(f"{live_server.url}{reverse('private_code')}")
    phone.locator("[name=code]").fill(code)
    with phone.expect_navigation():
        phone.locator("main form button").first.click()
    expect(phone.get_by_text("Dit gaat door.").first).to_be_visible()
    phone.locator("a[href$='/begun/']").first.click()
    phone.locator("main summary").nth(1).click()
    phone.locator("[name=meeting-day]").fill((timezone.localdate() + timedelta(days=6)).isoformat())
    phone.locator("[name=meeting-time]").fill("18:00")
    phone.locator("[name=meeting-where]").fill("Sluishuis")
    with phone.expect_navigation():
        phone.locator("button[value=meeting]").click()
    desk.goto(f"{live_server.url}{reverse('initiative', args=[idea.pk])}")
    with desk.expect_navigation():
        desk.locator("form[action$='/show/'] button").first.click()
    phone.goto(public)
    expect(phone.get_by_text("Sluishuis")).to_be_visible()

    # It runs; then they stop, and it ends with thanks that everybody reads.
    desk.locator("[name=to][value=running]").check()
    with desk.expect_navigation():
        desk.locator(f"form[action='{reverse('initiative_move', args=[idea.pk])}'] button").click()
    phone.goto(
        f"{live_server.url}{reverse('own_initiative', args=[sign_link(idea.receipt, LinkPurpose.PAGE)])}"
    )
    phone.locator("main summary").last.click()
    phone.locator("[name=stop-words]").fill("Begin met drie mensen.")
    with phone.expect_navigation():
        phone.locator("button[value=stop]").click()
    desk.goto(f"{live_server.url}{reverse('initiative', args=[idea.pk])}")
    desk.locator("[name=thanks_nl]").fill("Dank aan alle koks.")
    desk.locator("[name=learned_nl]").fill("Begin met drie mensen.")
    with desk.expect_navigation():
        desk.locator(f"form[action='{reverse('initiative_end', args=[idea.pk])}'] button").click()
    phone.goto(public)
    expect(phone.get_by_text("Dank aan alle koks.")).to_be_visible()
    expect(phone.get_by_text("Begin met drie mensen.")).to_be_visible()
    idea.refresh_from_db()
    assert idea.state == InitiativeState.ENDED and isinstance(idea.area, Area)
