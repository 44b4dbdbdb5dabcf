"""Needs in a real browser: made out of what was named, linked and taken up, without a mouse and without JavaScript."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from accounts.links import LinkPurpose, sign_link
from feedback.models import Heartbeat
from feedback.states import Reading
from initiatives.models import Need, NeedLink
from initiatives.states import LinkKind, NeedState
from neighbourhoods.states import AreaKind, Role
from tests.browser.looking import SCREENS, speak, sticks_out, too_small_to_tap, violations
from tests.feedback.factories import make_contact, make_contribution, make_topic
from tests.initiatives.factories import make_initiative, make_need
from tests.neighbourhoods.factories import make_place
from tests.people import make_area, make_municipality, make_root, make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def oosterhaven():
    make_municipality(phone="14 099", languages=["nl", "en"])
    make_root()
    Heartbeat.objects.create(name="jobs")
    return make_area("Oosterhaven", slug="oosterhaven", parent=make_area("Noord", kind=AreaKind.DISTRICT))


@pytest.fixture
def coordinator(oosterhaven):
    return make_user(Role.COORDINATOR, oosterhaven, title="coördinator wijkteam")


@pytest.fixture
def topic(oosterhaven):
    theme = make_theme("meeting", name={"nl": "Ontmoeten", "en": "Meeting"})
    topic = make_topic("option:31", area=oosterhaven, theme=theme, title="Een plek om elkaar te ontmoeten")
    for _person in range(3):
        make_contribution(topic)
    make_contribution(topic, text="Koffie op zondag, dan is alles dicht.", reading=Reading.CLEAR)
    make_initiative(oosterhaven, theme=theme, name="Koffie in het Sluishuis")
    make_place(area=oosterhaven, name="Het Sluishuis", free="vrij op dinsdag")
    return topic


def at_the_desk(context: BrowserContext, origin: str, user, width: int = 1280) -> Page:
    session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}])
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    return page


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_are_accessible_and_fit(live_server, new_context, topic, coordinator, language, width):
    need = make_need(topic, title="Een plek om binnen te lopen", owner=coordinator, urgency=3)
    taken = make_need(topic, title="Koffie", owner=coordinator, merged_into=need)
    make_need(topic, state=NeedState.NOT_TAKEN_UP, reason={"nl": "Geen geld.", "en": "No money."})
    NeedLink.objects.create(need=need, kind="place", place=make_place(area=topic.area, name="De Linde"))
    receipt = make_contact().receipt
    make_contribution(topic, receipt=receipt)
    page = at_the_desk(new_context(), live_server.url, coordinator, width)
    speak(page, language)
    wrong = {}
    for url in (
        reverse("needs"), reverse("needs") + "?link=none", reverse("need", args=[need.pk]),
        reverse("need", args=[taken.pk]), reverse("need_change", args=[need.pk]),
        reverse("need_new") + f"?topic={topic.pk}", reverse("need_sources", args=[need.pk]),
        reverse("neighbourhood", args=["oosterhaven"]),
        reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)]),
    ):  # fmt: skip
        page.goto(f"{live_server.url}{url}")
        for details in page.locator("main details").all():
            details.evaluate("one => { one.open = true; }")
        found = violations(page) + (too_small_to_tap(page) if width < 600 else [])
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found += sticks_out(page)
        if found:
            wrong[url] = found
    assert not wrong


def test_from_named_to_taken_up_by_keyboard_without_javascript(live_server, new_context, topic, coordinator):
    page = at_the_desk(new_context(java_script_enabled=False), live_server.url, coordinator)
    page.goto(f"{live_server.url}{reverse('need_new')}")
    begin = page.get_by_role("link", name="Een plek om elkaar te ontmoeten").first
    begin.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    title = page.locator("[name=title_nl]")
    expect(title).to_have_value("Een plek om elkaar te ontmoeten")
    title.fill("Een plek waar u zomaar koffie kunt drinken")
    with page.expect_navigation():
        title.press("Enter")
    need = Need.objects.get()
    expect(page.get_by_role("heading", level=1)).to_have_text("Een plek waar u zomaar koffie kunt drinken")
    expect(page.locator("main")).to_contain_text("Koffie op zondag, dan is alles dicht.")
    first = page.locator("button:near(:text('Koffie in het Sluishuis'))").first
    first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    link = need.links.get()
    assert (link.kind, link.initiative.name["nl"]) == (LinkKind.INITIATIVE, "Koffie in het Sluishuis")
    page.locator("[name=to][value=taken_up]").focus()
    page.keyboard.press("Space")
    words = page.locator("[name=words_nl]")
    words.fill("Vanaf 1 juni is het elke zondag open.")
    words.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Vanaf 1 juni is het elke zondag open.")
    need.refresh_from_db()
    assert need.state == NeedState.TAKEN_UP and not Need.objects.without_link().exists()
