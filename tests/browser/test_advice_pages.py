"""The advice, the proven approaches and the rules of participation in a real browser."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from neighbourhoods.advice.services import decide_approach
from neighbourhoods.models import ApproachDecision
from neighbourhoods.trajectories.forms.participation import SECTION_FORMS
from surveys.models import Survey
from tests.browser.looking import SCREENS, more, sticks_out, violations
from tests.neighbourhoods.advised import make_picture
from tests.people import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(area, editor):
    """With a poll that asks too much, and something that was decided before."""
    make_picture(area, editor)
    Survey.objects.update(influence="decide", state="paused")
    decide_approach(
        area=area, chosen="make_together", seen="build_up", reason="A group stands ready.", by=editor
    )
    return area


def open_page(context: BrowserContext, base: str, user, url: str, width: int, language: str = "nl") -> Page:
    cookies = {
        settings.SESSION_COOKIE_NAME: signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{base}{url}")
    return page


@pytest.mark.parametrize(("language", "width"), [*SCREENS, more("nl", 1280), more("en", 320)])
def test_pages_hold_up(place, administrator, new_context, live_server, language, width):
    urls = [
        place.get_absolute_url(),
        reverse("area_advice", args=[place.slug]),
        reverse("advices"),
        reverse("approaches"),
        reverse("participation"),
        *(reverse("participation_section", args=[section]) for section in SECTION_FORMS),
    ]
    page = open_page(new_context(), live_server.url, administrator, urls[0], width, language)
    wrong = {}
    for url in urls:
        page.goto(f"{live_server.url}{url}")
        assert page.locator("html").get_attribute("lang") == language
        if found := violations(page) + sticks_out(page):
            wrong[url] = found
    assert not wrong


@pytest.mark.parametrize("width", [320, 1280])
def test_somebody_deviates_and_says_why(place, editor, new_context, live_server, console_errors, width):
    """Without a script: pressing without a reason leads to the reason, and what is kept can be read."""
    context = new_context(java_script_enabled=False)
    url = reverse("area_advice", args=[place.slug])
    page = open_page(context, live_server.url, editor, url, width)
    assert page.get_by_text("Let op: uw plan vraagt te veel.").is_visible()
    page.get_by_label("samen maken").check()
    page.get_by_role("button", name="Besluiten").click()
    expect(page).to_have_title(re.compile("^Fout:"))
    assert page.get_by_label("samen maken").is_checked()
    page.get_by_label("Kiest u iets anders: waarom?").fill("De bewonersgroep is al begonnen.")
    page.get_by_role("button", name="Besluiten").click()
    expect(page.get_by_text("De bewonersgroep is al begonnen.")).to_be_visible()
    assert all("422" in line for line in console_errors)  # how the refusal was answered
    console_errors.clear()
    assert ApproachDecision.objects.filter(reason="De bewonersgroep is al begonnen.").count() == 1


def test_back_to_the_default(administrator, new_context, live_server):
    url = reverse("participation_section", args=["terms"])
    page = open_page(new_context(), live_server.url, administrator, url, 1280)
    page.get_by_label("Terugkijken, dagen na het besluit").fill("365")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.get_by_text("van uzelf")).to_have_count(1)
    page.get_by_role("button", name="Terug naar de standaard").click()
    expect(page.get_by_text("van uzelf")).to_have_count(0)
