"""Answering a survey in a real browser: five taps, every page accessible and fitting, also without JavaScript."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from feedback.models import AnswerOwed
from surveys.models import Response, Survey
from tests.browser.looking import SCREENS, more, speak, sticks_out, too_small_to_tap, violations
from tests.people import make_area, make_municipality, make_theme, make_user
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "De bushalte bij de Sluisweg is weg. Donaudampfschifffahrtsgesellschaftskapitänswitwe."
MAIN = "main .utrecht-button--primary-action"
OPTION = "main .nabij-options button.nabij-option"


@pytest.fixture
def survey() -> Survey:
    make_municipality(phone="14 099")
    make_theme("meeting")
    theme = make_theme("green")
    areas = [make_area("Havenkom"), make_area("De Linde")]
    return make_survey(areas=areas, owner=make_user(title="wijkmanager"), theme=theme)


def forget_refusals(console_errors: list[str]) -> None:
    """A form that comes back with errors is a 422, which Chromium reports as a complaint; here it is meant."""
    console_errors[:] = [error for error in console_errors if "status of 422" not in error]


def on_screen(context: BrowserContext, width: int, language: str = "nl") -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 640})
    speak(page, language)
    return page


class Walk:
    """Through all pages of answering, looking at each one on the way."""

    def __init__(self, page: Page, url: str, look) -> None:
        self.page, self.url, self.look, self.taps = page, url, look, 0

    def tap(self, selector: str) -> None:
        self.look(self.page)
        with self.page.expect_navigation():  # every tap leads to a page, be it the same one again
            self.page.locator(selector).first.click()
        self.taps += 1

    def first_layer(self) -> None:
        self.page.goto(self.url)
        self.tap(MAIN)
        for _ in range(4):
            self.tap(OPTION)

    def everything_else(self) -> None:
        page = self.page
        self.tap(OPTION)  # where do you live?
        self.tap("button.nabij-door >> nth=0")
        self.look(page)
        page.locator("textarea").fill("x" * 2_100)
        self.tap(MAIN)
        assert page.locator(".nabij-error-summary").is_visible()
        assert page.locator("textarea").input_value() == "x" * 2_100
        page.locator("textarea").fill(WORDS)
        self.tap(MAIN)
        self.tap("button.nabij-door >> nth=1")
        self.tap(MAIN)  # nothing chosen: asked once whether that is meant
        page.locator("main input[type=checkbox]").first.check()
        self.tap(MAIN)
        self.tap("button[value=skip]")
        self.tap("a.nabij-door >> nth=0")  # hear back
        self.tap(MAIN)
        page.locator("input[name=email]").fill("een.bewoner@example.org")
        page.locator("input[name=consent]").check()
        page.locator("input[name=is_16_or_older]").check()
        self.tap(MAIN)
        self.tap(MAIN)  # we sent you a mail: next
        self.tap("a.nabij-door")  # join in
        self.tap(MAIN)  # nothing filled in
        self.look(page)
        with page.expect_navigation():
            page.locator("main a.utrecht-button--subtle").first.click()
        self.tap("form[action$='/done/'] button")
        self.look(page)
        page.goto(self.url)  # somebody else, on the same phone
        self.look(page)


@pytest.mark.parametrize(
    ("language", "width"),
    [*SCREENS, more("nl", 360), more("nl", 1280), more("en", 320), more("en", 360)],
)
def test_every_page_is_accessible_and_fits(live_server, new_context, survey, console_errors, language, width):
    def look(page: Page) -> None:
        assert page.locator("html").get_attribute("lang") == language
        assert violations(page) == [], page.url
        assert sticks_out(page) == [], page.url
        assert width > 600 or too_small_to_tap(page) == [], page.url

    page = on_screen(new_context(reduced_motion="reduce"), width, language)
    walk = Walk(page, f"{live_server.url}/p/{survey.channels.get().code}/", look)

    walk.first_layer()
    walk.everything_else()
    forget_refusals(console_errors)


def test_the_whole_journey_without_javascript(live_server, new_context, survey, console_errors):
    page = on_screen(new_context(java_script_enabled=False), 320)
    walk = Walk(page, f"{live_server.url}/p/{survey.channels.get().code}/", lambda page: None)

    walk.first_layer()
    assert walk.taps == 5
    assert Response.objects.get().counts
    walk.everything_else()
    forget_refusals(console_errors)

    response = Response.objects.get()
    assert len(response.layers_done) == 3
    assert AnswerOwed.objects.filter(contribution__text=WORDS).exists()
    assert response.receipt.contact.email == "een.bewoner@example.org"


def test_five_taps_by_keyboard(live_server, new_context, survey):
    page = on_screen(new_context(), 360)
    page.goto(f"{live_server.url}/p/{survey.channels.get().code}/")

    page.locator(MAIN).focus()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.wait_for_selector(OPTION)
        page.locator(OPTION).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Space")

    page.wait_for_url("**/where/")
    assert Response.objects.get().counts


@pytest.mark.parametrize(
    ("language", "said", "left", "over"),
    [
        ("nl", "2.000 tekens", "Tekens over: 41", "Tekens te veel: 3"),
        more("en", "2,000 characters", "Characters left: 41", "Characters too many: 3"),
    ],
)
def test_how_much_can_be_written_is_said_before(live_server, new_context, survey, language, said, left, over):
    page = on_screen(new_context(), 320, language)
    walk = Walk(page, f"{live_server.url}/p/{survey.channels.get().code}/", lambda page: None)
    walk.first_layer()
    walk.tap(OPTION)
    walk.tap("button.nabij-door >> nth=0")
    room, text = page.locator("[data-room-of]"), page.locator("textarea")
    expect(room).to_contain_text(said)
    assert room.get_attribute("id") in text.get_attribute("aria-describedby")
    text.fill("x" * 1_700)
    page.wait_for_timeout(600)
    assert said in room.inner_text()
    text.fill("x" * 1_957 + "\n👍 ")  # an emoji is one, spaces at the end are none
    page.get_by_text(left).wait_for()
    text.fill("x" * 2_003)
    page.get_by_text(over).wait_for()
    assert not violations(page)
