"""Each type of question in a real browser: on the smallest phone, without a script, by keyboard, in both languages."""

import os
from secrets import token_urlsafe

import pytest
from playwright.sync_api import Page

from feedback.models import Contribution
from surveys.models import Channel, Layer, Response, Statement, Survey
from tests.browser.looking import more, speak, sticks_out, too_small_to_tap, violations
from tests.neighbourhoods.factories import make_place
from tests.people import make_area, make_border, make_municipality, make_user
from tests.surveys.polls import both, make_question, make_survey, publish

pytestmark = pytest.mark.django_db(transaction=True)

NEXT = "main .utrecht-button--primary-action >> nth=-1"


@pytest.fixture
def survey() -> Survey:
    """One short question for everybody, and a layer with one of every other type."""
    make_municipality()
    areas = [make_area("Havenkom"), make_area("De Linde")]
    survey = make_survey(areas=areas, owner=make_user(title="wijkmanager"), questions=1)
    survey.layers.exclude(is_first=True).delete()
    layer = Layer.objects.create(survey=survey, order=1, title=both("Over het plein", "About the square"))
    make_question(
        layer, "number", text=both("Hoeveel uur per week?", "How many hours a week?"),
        settings={"least": 0, "most": 40, "unit": both("uur", "hours")},
    )  # fmt: skip
    make_question(
        layer, "date", text=both("Wanneer komt u?", "When will you come?"),
        settings={"earliest": "2026-05-01", "latest": "2026-09-30"},
    )  # fmt: skip
    make_question(
        layer, "about_you", text=both("Hoe gaat het met u?", "How are you?"),
        settings={"subject": "health", "consent": True, "reason": both("Voor de hellingbaan.", "For the ramp.")},
    )  # fmt: skip
    make_question(
        layer, "statements", options=2, text=both("Geldt dit ook voor u?", "Does this go for you too?")
    )
    make_question(
        layer, "place", text=both("Waar is het donker?", "Where is it dark?"),
        settings={"areas": [area.pk for area in areas]},
    )  # fmt: skip
    make_border(areas[0])
    make_place(area=areas[0], name="Sluishuis", address="Kade 1")
    make_question(layer, "neighbourhood", text=both("Waar woont u?", "Where do you live?"))
    Channel.objects.all().delete()
    publish(survey)
    areas[0].postcodes.create(code="1011AB")
    return survey


class Phone:
    """Fills in one page after another, and looks at each."""

    def __init__(self, page: Page, url: str, look) -> None:
        self.page, self.url, self.look = page, url, look

    def go(self, selector: str, key: str = "") -> None:
        self.look(self.page)
        with self.page.expect_navigation():
            if key:
                self.page.locator(selector).focus()
                self.page.keyboard.press(key)
            else:
                self.page.locator(selector).click()

    def first_layer(self) -> None:
        self.page.goto(self.url)
        self.go(NEXT)
        self.go("main button.nabij-option >> nth=0")
        self.go("main button.nabij-option >> nth=0")  # where do you live?
        self.go("button.nabij-door >> nth=0")

    def type(self, field: str, words: str) -> None:
        """As a keyboard does, letter by letter."""
        self.page.locator(field).focus()
        self.page.keyboard.type(words)

    def number(self) -> None:
        self.type("main input[inputmode=numeric]", "99")
        self.go(NEXT)
        assert self.page.locator(".nabij-error-summary").is_visible()
        self.page.locator("main input[inputmode=numeric]").fill("12")
        self.go("main input[inputmode=numeric]", "Enter")

    def day(self) -> None:
        for place, part in enumerate(("31", "6", "2026")):
            self.type(f"main .nabij-day input >> nth={place}", part)
        self.go(NEXT)
        assert self.page.locator(".nabij-error-summary").is_visible()
        self.page.locator("main .nabij-day input >> nth=0").fill("30")
        self.go("main .nabij-day input >> nth=2", "Enter")

    def health(self) -> None:
        page = self.page
        page.locator("main input[type=radio] >> nth=1").focus()
        page.keyboard.press("Space")
        self.go(NEXT)
        assert page.locator(".nabij-error-summary").is_visible()
        page.locator("main input[type=checkbox]").focus()
        page.keyboard.press("Space")
        self.go(NEXT)

    def statements(self) -> None:
        self.go("main button.nabij-option >> nth=0", "Enter")
        self.go("main button.nabij-option >> nth=1", "Space")
        self.page.locator("main textarea").fill("x" * 201)
        self.go(NEXT)
        assert self.page.locator(".nabij-error-summary").is_visible()
        self.page.locator("main textarea").fill("Het plein is te donker.")
        self.go(NEXT)

    def see_again(self) -> None:
        """Back to what was said of each statement: all on one page, and it can be changed."""
        with self.page.expect_navigation():
            self.page.locator(".nabij-step a").click()
        assert self.page.locator("main input[type=radio]:checked").count() == 2
        assert self.page.locator("main textarea").input_value() == "Het plein is te donker."
        self.page.locator("main input[type=radio] >> nth=2").focus()
        self.page.keyboard.press("Space")
        self.go(NEXT)

    def place(self, *, script: bool) -> None:
        """A tap on the map where there is a script, the list where there is none."""
        page = self.page
        if script:
            page.locator("[data-zoom=in]").focus()
            page.keyboard.press("Enter")
            page.locator("svg.nabij-map").click(position={"x": 90, "y": 80})
            assert page.locator("[data-point-said]").inner_text()
        else:
            assert not page.locator("[data-zoom=in]").is_visible()
            page.locator("main select").select_option(index=1)
        self.type("main textarea", "Geen lantaarn.")
        self.go(NEXT)
        assert page.locator(".nabij-error-summary").is_visible()
        page.locator("main input[type=checkbox]").focus()
        page.keyboard.press("Space")
        self.go(NEXT)

    def where(self) -> None:
        self.type("main [autocomplete=postal-code]", "9999 ZZ")
        self.go("main [autocomplete=postal-code]", "Enter")
        assert self.page.locator(".nabij-error-summary").is_visible()
        self.page.locator("main [autocomplete=postal-code]").fill("1011 ab")
        self.go("main [autocomplete=postal-code]", "Enter")

    def everything(self, *, script: bool) -> None:
        self.first_layer()
        self.number()
        self.day()
        self.health()
        self.statements()
        self.see_again()
        self.place(script=script)
        self.where()


def what_was_kept(survey: Survey) -> list[object]:
    response = Response.objects.get()
    return [response.answers[str(q.pk)] for q in survey.layers.get(is_first=False).questions.all()]


@pytest.mark.parametrize(("language", "width", "script"), [("nl", 320, False), more("en", 1280, True)])
def test_every_type_is_answered_and_kept(
    live_server, new_context, survey, console_errors, language, width, script
):
    pictures = os.environ.get("PICTURES")

    def look(page: Page) -> None:
        if pictures:
            page.screenshot(path=f"{pictures}/{language}-{width}-{token_urlsafe(3)}.png", full_page=True)
        if script:  # axe is a script
            assert violations(page) == [], page.url
        assert sticks_out(page) == [], page.url
        assert width > 600 or too_small_to_tap(page) == [], page.url

    page = new_context(java_script_enabled=script, reduced_motion="reduce").new_page()
    page.set_viewport_size({"width": width, "height": 640})
    speak(page, language)
    Phone(page, f"{live_server.url}/p/{survey.channels.get().code}/", look).everything(script=script)

    number, day, health, said, place, where = what_was_kept(survey)
    assert (number, day) == ({"n": 12}, {"day": "2026-06-30"})
    assert health.isdigit()
    assert sorted(said.pop(key) for key in list(said) if key != "text") == ["not", "pass"]
    assert Statement.objects.get(contribution=said["text"]).state == "waiting"
    spot = Contribution.objects.get(pk=place["text"])
    assert (spot.place_id is None, spot.longitude is None) == ((True, False) if script else (False, True))
    assert where == f"area:{survey.areas.get(name='Havenkom').pk}"
    assert Response.objects.get().area.name == "Havenkom"
    console_errors[:] = [error for error in console_errors if "status of 422" not in error]
