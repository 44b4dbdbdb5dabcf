"""Ways in, letters and mails in a browser, and beginning with the code of a letter, without JavaScript."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from neighbourhoods.states import Role
from surveys.answering.services.beginning import letter_hash
from surveys.invitations.services import invitations, post
from surveys.models import AccessCode, Channel, LetterRun
from surveys.states import ChannelKind, LetterState
from tests.browser.looking import SCREENS, speak, sticks_out, too_small_to_tap, violations
from tests.browser.test_answering import forget_refusals
from tests.browser.test_staff_pages import look_at, signed_in_page
from tests.people import make_municipality, make_user
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db(transaction=True)
CODE = "4K7PM2QX"


@pytest.fixture
def boss(municipality):
    make_municipality(phone="14 099")
    return make_user(Role.ADMINISTRATOR, email="boss@waterdam.example", title="beheerder")


@pytest.fixture
def survey(area, boss):
    cache.clear()
    survey = make_survey(areas=[area], owner=boss)
    channel = Channel.objects.create(
        survey=survey, kind=ChannelKind.LETTER, invited=True, name="Brieven", code="brief"
    )
    AccessCode.objects.create(channel=channel, code_hash=letter_hash(channel, CODE))
    return survey


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_every_page_of_inviting(live_server, new_context, survey, boss, language, width):
    content = (
        b"Straat;Huisnummer;Postcode;Woonplaats\nKorenbloemkade;1;1234AB;Waterdam\nKade;;1234AB;Waterdam\n"
    )
    run = post.create_letter_run(
        survey=survey, name="Brieven naar de Korenbloemkade", content=content, area=None, window="left",
        with_reminder=True, by=boss,
    )  # fmt: skip
    addresses = invitations.create_address_list(
        survey=survey, name="Buurtpanel", content=b"", pasted="a@example.nl\nfout", origin="uw aanmelding",
        basis="consent", area=None, by=boss,
    )  # fmt: skip
    page = signed_in_page(new_context(), live_server.url, boss, width)
    speak(page, language)
    of_run = reverse("letters", args=[survey.pk, run.pk])
    of_list = reverse("mail_list", args=[survey.pk, addresses.pk])
    pages = [reverse(name, args=[survey.pk]) for name in ("survey_channels", "letters_new", "mail_new")]
    wrong = look_at(page, live_server.url, [*pages, of_run, of_list])
    for state in (LetterState.MAKING, LetterState.MADE, LetterState.STUCK):
        LetterRun.objects.filter(pk=run.pk).update(
            state=state, trouble="Nabij kan sommige tekens in deze teksten niet afdrukken."
        )
        wrong |= look_at(page, live_server.url, [of_run])
    invitations.create_invitations(addresses=addresses, by=boss)
    wrong |= look_at(page, live_server.url, [of_list])
    page.goto(live_server.url + pages[0])
    for summary in page.locator("main details > summary").all():
        summary.click()
    assert wrong == {} and violations(page) + sticks_out(page) == []


def test_a_letter_is_answered_without_javascript(live_server, new_context, survey, console_errors):
    page = new_context(java_script_enabled=False).new_page()
    page.set_viewport_size({"width": 320, "height": 740})
    page.goto(f"{live_server.url}/p/brief/")
    page.get_by_label("De code uit uw brief").fill("zzzz-zzzz")
    page.keyboard.press("Enter")
    page.locator(".nabij-error-summary").wait_for()
    assert (
        page.title().startswith("Fout:")
        and page.get_by_label("De code uit uw brief").input_value() == "zzzz-zzzz"
    )
    page.goto(f"{live_server.url}/p/brief/c/{CODE}/")
    page.get_by_role("button", name="Begin bij vraag 1").click()
    expect(page).to_have_url(re.compile("/q/"))
    page.goto(f"{live_server.url}/p/brief/c/{CODE}/")
    page.locator("main form button").first.click()
    expect(page.locator("main")).to_contain_text("al gebruikt")
    forget_refusals(console_errors)


@pytest.mark.parametrize("address", ["/p/brief/", f"/p/brief/c/{CODE}/"])
def test_the_start_page_with_a_code_fits_and_is_accessible(live_server, new_context, survey, address):
    page = new_context().new_page()
    page.set_viewport_size({"width": 320, "height": 740})
    page.goto(live_server.url + address)
    assert violations(page) + sticks_out(page) + too_small_to_tap(page) == []
