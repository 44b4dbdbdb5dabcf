"""A pile of forms, by keyboard alone: number, digits, Enter, and the next; and what two people read differently."""

import os
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from surveys.models import Channel, PaperForm, PaperRun, Response
from surveys.paper.services import paper_forms
from surveys.printing import sheets
from surveys.states import ChannelKind, PaperState
from tests.browser.looking import SCREENS, sticks_out, too_small_to_tap, violations
from tests.browser.test_profile_pages import in_language
from tests.browser.test_staff_pages import signed_in_page
from tests.people import make_municipality, make_user
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(area, next_area, editor) -> PaperRun:
    make_municipality(phone="14 099")
    survey = make_survey(areas=[area, next_area], owner=editor)
    way = Channel.objects.create(survey=survey, kind=ChannelKind.PAPER, name="Bibliotheek", code="papier")
    made = paper_forms.order_forms(
        survey=survey, channel=way, language="nl", forms=3, hand_in="Aan de balie", checked=100, by=editor
    )
    paper_forms.run_paper_jobs()
    return made


def type_form(page: Page, number: int, digits: str) -> None:
    """Without a mouse: the box for the number has the focus when the page opens."""
    expect(page.locator("#form")).to_be_focused()
    page.keyboard.type(sheets.format_form_number(number))
    with page.expect_navigation():  # until it is loaded: digits are a script
        page.keyboard.press("Enter")
    page.locator(".nabij-question input").first.focus()
    for digit in digits:
        page.keyboard.press(digit)
    page.locator("main .utrecht-button--primary-action").focus()
    page.keyboard.press("Enter")


def test_two_people_enter_a_pile_by_keyboard(live_server, new_context, administrator, run):
    url = f"{live_server.url}{reverse('survey_paper', args=[run.channel.survey_id])}"
    one = signed_in_page(new_context(), live_server.url, administrator, 1280)
    one.goto(url)
    assert "{#" not in one.content()
    type_form(one, 101, "1213")
    type_form(one, 102, "1111")
    two = signed_in_page(new_context(), live_server.url, make_user("administrator"), 1280)
    two.goto(url)
    type_form(two, 101, "1213")
    expect(two.locator("#form")).to_be_focused()
    assert PaperForm.objects.get(pk=101).state == PaperState.DONE
    type_form(two, 102, "1311")
    expect(two).to_have_url(re.compile("/settle/$"))
    two.wait_for_load_state()
    two.locator("input[type=radio]").first.focus()
    two.keyboard.press("2")
    two.keyboard.press("Enter")
    expect(two.locator("#form")).to_be_focused()
    assert Response.objects.count() == 2
    asked = run.version.document["layers"][0]["questions"][1]
    assert asked["options"][2]["id"] in {response.answers[asked["id"]] for response in Response.objects.all()}


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages(live_server, new_context, administrator, run, language, width, console_errors):
    page = signed_in_page(new_context(), live_server.url, administrator, width)
    in_language(page, live_server.url, language)
    survey, wrong = run.channel.survey_id, {}

    def look(name: str, url: str) -> None:
        page.goto(f"{live_server.url}{url}")
        looked(name)

    def looked(name: str) -> None:
        small = too_small_to_tap(page) if width < 600 else []
        wrong[name] = violations(page) + sticks_out(page) + small
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{language}-{width}.png", full_page=True)

    look("ways", reverse("survey_channels", args=[survey]))
    look("new", reverse("paper_new", args=[survey]))
    look("run", reverse("paper_run", args=[survey, run.pk]))
    look("sheet", reverse("paper_form", args=[survey, 101]))
    page.locator("main .utrecht-button--primary-action").click()
    expect(page.locator(".nabij-error-summary")).to_be_visible()
    looked("nothing")
    PaperForm.objects.filter(pk=103).update(state=PaperState.DIFFERS)
    form = PaperForm.objects.get(pk=103)
    asked = run.version.document["layers"][0]["questions"][0]
    for time, by in ((1, make_user()), (2, make_user())):
        answers = {asked["id"]: asked["options"][time]["id"]}
        form.entries.create(time=time, by=by, values={"answers": answers, "area": "", "as": "resident"})
    look("settle", reverse("paper_settle", args=[survey, 103]))
    PaperForm.objects.filter(pk=102).update(state=PaperState.ONCE)
    form = PaperForm.objects.get(pk=102)
    form.entries.create(time=1, by=administrator, values={"answers": {}, "area": "", "as": "resident"})
    look("refused", reverse("paper_form", args=[survey, 102]))
    PaperRun.objects.update(compared=40, agreed=39)
    look("pile", reverse("survey_paper", args=[survey]) + "?form=77")
    console_errors.clear()  # the two pages that said what was wrong
    assert not any(wrong.values()), wrong
