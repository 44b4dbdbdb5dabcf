"""Dragging in the builder: with a mouse and with a finger, taken back, and when a colleague was there first."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page

from surveys.builder.services import draft
from surveys.models import Layer, Survey
from tests.browser.looking import sticks_out, violations
from tests.browser.test_staff_pages import signed_in_page
from tests.surveys.drafts import make_draft, question_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


def builder(context, base: str, editor, survey: Survey, width: int = 1280) -> Page:
    page = signed_in_page(context, base, editor, width)
    question = question_of(survey, "Wilt u")
    page.goto(base + reverse("survey_question", args=[survey.pk, question.pk]))
    return page


def to_the_middle(found: Locator) -> None:
    """Away from the edges, where dragging scrolls."""
    found.evaluate("found => found.scrollIntoView({ block: 'center' })")


def drag(row: Locator, goal: Locator, *, below: bool = False, let_go: bool = True) -> None:
    page = row.page
    to_the_middle(row)
    grip, there = row.locator("[data-grip]").first.bounding_box(), goal.bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, there["y"] + (there["height"] - 2 if below else 2), steps=6)
    if let_go:
        page.mouse.up()


def asked(layer: Layer) -> list[int]:
    return [question.pk for question in layer.questions.filter(retired=False)]


def rows(page: Page, layer: Layer) -> Locator:
    return page.locator(f"[data-layer='{layer.pk}'] > li")


def test_question_within_and_between_layers(live_server, new_context, editor, survey):
    first, second = survey.layers.order_by("-is_first", "order")[:2]
    a, b, *rest = asked(first)
    page = builder(new_context(), live_server.url, editor, survey)
    page.get_by_label("De vraag", exact=True).fill("Half getypt")
    drag(rows(page, first).nth(0), rows(page, first).nth(1), below=True)
    page.get_by_text("Verplaatst naar plaats 2.").first.wait_for()
    assert page.locator("#dragged").inner_text() == "Verplaatst naar plaats 2."
    assert asked(first) == [b, a, *rest]
    assert rows(page, first).nth(1).locator(".num").inner_text() == "2"
    assert page.get_by_label("De vraag", exact=True).input_value() == "Half getypt"

    drag(rows(page, first).nth(1), rows(page, first).nth(0))  # taken back
    page.get_by_text("Verplaatst naar plaats 1.").first.wait_for()
    assert asked(first) == [a, b, *rest]

    there = asked(second)
    with page.expect_response(lambda answer: answer.url.endswith("/move/")):
        drag(rows(page, first).nth(0), rows(page, second).nth(0))
    rows(page, second).nth(len(there)).wait_for()
    assert asked(second) == [a, *there]
    assert not violations(page)


def test_layer(live_server, new_context, editor, survey):
    seen = [layer.pk for layer in survey.layers.filter(is_first=False)]
    page = builder(new_context(), live_server.url, editor, survey)
    layers = page.locator("#outline > [data-item]")
    drag(layers.nth(0), layers.nth(1), below=True)
    page.get_by_text("Verplaatst naar plaats 3.").first.wait_for()
    assert [layer.pk for layer in survey.layers.filter(is_first=False)] == [seen[1], seen[0], *seen[2:]]


def test_answer_with_what_was_typed(live_server, new_context, editor, survey):
    question = question_of(survey, "Wilt u")
    a, b, c = question.options.all()
    page = builder(new_context(), live_server.url, editor, survey)
    page.get_by_label("De vraag", exact=True).fill("Wilt u iets doen?")
    answers = page.locator(".option-row")
    with page.expect_navigation():
        drag(answers.nth(2), answers.nth(0))
    question.refresh_from_db()
    assert list(question.options.all()) == [c, a, b]
    assert question.text["nl"] == "Wilt u iets doen?"


def test_order_changed_elsewhere_is_said_and_shown(live_server, new_context, editor, survey):
    first = survey.layers.get(is_first=True)
    page = builder(new_context(), live_server.url, editor, survey)
    draft.move_question(question=first.questions.first(), steps=1, by=editor)
    now = asked(first)
    drag(rows(page, first).nth(0), rows(page, first).nth(2), below=True)
    page.get_by_role("alert").get_by_text("intussen veranderd").wait_for()
    assert asked(first) == now
    shown = rows(page, first).evaluate_all("rows => rows.map(row => Number(row.dataset.item))")
    assert shown == now


def test_escape_lets_everything_as_it_was(live_server, new_context, editor, survey):
    first = survey.layers.get(is_first=True)
    before = asked(first)
    page = builder(new_context(), live_server.url, editor, survey)
    drag(rows(page, first).nth(0), rows(page, first).nth(2), below=True, let_go=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    shown = rows(page, first).evaluate_all("rows => rows.map(row => Number(row.dataset.item))")
    assert shown == before == asked(first)


def test_finger(live_server, new_context, editor, survey):
    first = survey.layers.get(is_first=True)
    a, b, *rest = asked(first)
    page = builder(new_context(has_touch=True), live_server.url, editor, survey, 360)
    assert not sticks_out(page)
    grip, goal = rows(page, first).nth(0).locator("[data-grip]"), rows(page, first).nth(1)
    to_the_middle(grip)
    start, end = grip.bounding_box(), goal.bounding_box()
    x, y = start["x"] + 10, start["y"] + 10
    phone = page.context.new_cdp_session(page)

    def touch(kind: str, *points: float) -> None:
        places = [{"x": x, "y": y} for y in points]
        phone.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", y)
    for step in range(1, 6):
        touch("touchMove", y + (end["y"] + end["height"] - 2 - y) * step / 5)
    touch("touchEnd")
    page.get_by_text("Verplaatst naar plaats 2.").first.wait_for()
    assert asked(first) == [b, a, *rest]


def test_without_javascript_there_is_nothing_to_drag(live_server, new_context, editor, survey):
    page = builder(new_context(java_script_enabled=False), live_server.url, editor, survey)
    assert not page.locator("[data-grip]").first.is_visible()
    assert page.locator("button[formaction$='/up/']").is_visible()
