"""Changing a survey that runs: what is different in words, spelling or meaning, and a colleague who saves meanwhile."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from surveys.builder.services import draft
from surveys.models import Response, Survey
from tests.browser.looking import more, sticks_out, too_small_to_tap, violations
from tests.browser.test_desk_pages import desk_page
from tests.people import make_municipality
from tests.surveys.drafts import back, make_open, question_of

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [("nl", 360), more(("en", 1280))]

ASKED = "Wat moet er in Harbour als eerste komen?"
MAIN = "main .utrecht-button--primary-action"
OPTION = "main .nabij-options button.nabij-option"


@pytest.fixture
def survey(area, editor, backer) -> Survey:
    make_municipality(phone="14 099")
    return make_open(areas=[area], by=editor, backer=backer)


@pytest.fixture
def desk(live_server, new_context, survey, editor, request):
    """The editor at the Dutch words of a question, in the language and at the width of the test."""
    language, width = request.param
    page = desk_page(new_context(), live_server.url, editor, width, language)
    question = question_of(survey, ASKED)
    page.goto(f"{live_server.url}{reverse('survey_question', args=[survey.pk, question.pk])}?language=nl")
    return page


def looked(page: Page) -> None:
    page.wait_for_load_state()
    small = too_small_to_tap(page) if page.viewport_size["width"] < 600 else []
    assert violations(page) + sticks_out(page) + small == [], page.url


def press(page: Page, css: str) -> None:
    with page.expect_navigation():
        page.locator(css).first.click()


def write(page: Page, words: str) -> None:
    page.locator("[name=text]").fill(words)
    press(page, "#question-form .actions button.utrecht-button--primary-action")


@pytest.mark.parametrize("desk", SCREENS, indirect=True)
def test_spelling_is_read_at_once(live_server, new_context, survey, desk, console_errors):
    resident = begun(new_context(), live_server.url, survey)
    write(desk, "Wat moet er in Harbour het eerst komen?")
    looked(desk)
    press(desk, f"a[href$='{reverse('survey_republish', args=[survey.pk])}']")
    expect(desk.locator("del")).to_have_text(ASKED)
    expect(desk.locator("ins")).to_have_text("Wat moet er in Harbour het eerst komen?")

    press(desk, "form button.utrecht-button--primary-action")  # nothing chosen: it is asked
    expect(desk.locator(".nabij-error-summary")).to_be_focused()
    looked(desk)
    console_errors.clear()  # of the answer 422, which the browser complains of
    desk.locator("[name=kind][value=cosmetic]").check()
    press(desk, "form button.utrecht-button--primary-action")

    survey.refresh_from_db()
    assert (survey.current.number, survey.current.epoch) == (2, 1)
    reads(resident, ASKED)  # who is under way goes on in the version they began with
    reads(begun(new_context(), live_server.url, survey), "Wat moet er in Harbour het eerst komen?")
    assert sorted(Response.objects.values_list("version__number", flat=True)) == [1, 2]


@pytest.mark.parametrize("desk", SCREENS, indirect=True)
def test_another_meaning_waits_for_a_signature(live_server, new_context, survey, desk, editor, backer):
    resident = begun(new_context(), live_server.url, survey)
    write(desk, "Wat wilt u zelf doen?")
    press(desk, f"a[href$='{reverse('survey_republish', args=[survey.pk])}']")
    desk.locator("[name=kind][value=meaning]").check()
    press(desk, "form button.utrecht-button--primary-action")
    looked(desk)
    expect(desk.locator("a[aria-disabled]")).to_be_visible()  # nobody stands behind it yet
    reads(begun(new_context(), live_server.url, survey), ASKED)

    survey.refresh_from_db()
    back(survey, backer=backer, by=editor)
    desk.reload()
    press(desk, f"a[href$='{reverse('survey_step', args=[survey.pk, 'go-live'])}']")
    looked(desk)
    press(desk, MAIN)
    looked(desk)
    expect(desk.locator("main a", has_text=re.compile("^Versi(e|on) 2$"))).to_be_visible()

    press(desk, f"a[href$='{reverse('survey_compare', args=[survey.pk, 2, 1])}']")
    looked(desk)
    reads(resident, ASKED)
    reads(begun(new_context(), live_server.url, survey), "Wat wilt u zelf doen?")


@pytest.mark.parametrize("desk", SCREENS, indirect=True)
def test_a_colleague_who_saved_meanwhile_is_not_overwritten(
    live_server, new_context, survey, desk, administrator, console_errors
):
    question = question_of(survey, ASKED)
    theirs = draft.QuestionWords(texts={"text": "Wat komt eerst?"}, fields={})
    draft.change_question(question=question, language="nl", filled_in=theirs, by=administrator)

    desk.locator("[name=text]").fill("Wat moet eerst?")
    with desk.expect_response(lambda answer: answer.request.method == "POST") as answered:
        desk.locator("#question-form button.utrecht-button--primary-action").click()
    assert answered.value.status == 409
    summary = desk.locator(".nabij-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("“Wat komt eerst?”")
    expect(desk.locator("[name=text]")).to_have_value("Wat moet eerst?")
    looked(desk)
    question.refresh_from_db()
    assert question.text["nl"] == "Wat komt eerst?"
    console_errors.clear()  # of the answer 409

    press(desk, "#question-form button.utrecht-button--primary-action")  # knowing theirs, mine is kept
    question.refresh_from_db()
    assert question.text["nl"] == "Wat moet eerst?"


@pytest.mark.parametrize("desk", SCREENS, indirect=True)
def test_what_a_colleague_wrote_is_not_published_unread(survey, desk, administrator, console_errors):
    write(desk, "Wat komt eerst?")
    press(desk, f"a[href$='{reverse('survey_republish', args=[survey.pk])}']")
    desk.locator("[name=kind][value=cosmetic]").check()
    other = question_of(survey, "Hoe is")
    words = draft.QuestionWords(texts={"text": "Hoe woont u hier?"}, fields={})
    draft.change_question(question=other, language="nl", filled_in=words, by=administrator)

    with desk.expect_response(lambda answer: answer.request.method == "POST") as answered:
        desk.locator("form button.utrecht-button--primary-action").click()
    assert answered.value.status == 409
    expect(desk.locator(".nabij-error-summary")).to_be_focused()
    expect(desk.locator("ins", has_text="Hoe woont u hier?")).to_be_visible()  # now it stands in the list
    looked(desk)
    console_errors.clear()  # of the answer 409
    press(desk, "form button.utrecht-button--primary-action")
    survey.refresh_from_db()
    assert survey.current.number == 2


# --- a resident ---------------------------------------------------------------------------------


def begun(context, base: str, survey: Survey) -> Page:
    """Somebody who pressed the button and answered the first question, in Dutch."""
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{base}/p/{survey.channels.get().code}/")
    press(page, MAIN)
    press(page, OPTION)
    return page


def reads(page: Page, words: str) -> None:
    """The question they are at, read once more."""
    page.reload()
    expect(page.locator("h1")).to_have_text(words)
