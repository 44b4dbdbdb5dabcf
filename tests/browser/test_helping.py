"""At the door, with a phone in the hand: keyboard and thumb, a lost connection, and nothing left behind."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from neighbourhoods.states import Role
from surveys.models import Channel, Response
from surveys.states import ChannelKind
from tests.browser.looking import SCREENS, sticks_out, too_small_to_tap, violations
from tests.browser.test_profile_pages import in_language
from tests.browser.test_staff_pages import signed_in_page
from tests.people import make_municipality, make_user
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def door(area, next_area, editor) -> Channel:
    make_municipality(phone="14 099")
    survey = make_survey(areas=[area, next_area], owner=editor)
    return Channel.objects.create(survey=survey, kind=ChannelKind.DOOR, name="Ronde", code="ronde")


def sheet(page: Page, base: str, door: Channel) -> None:
    page.goto(f"{base}{reverse('survey_helping_fill', args=[door.survey_id, door.pk])}")


def send(page: Page) -> None:
    page.locator(".helping .utrecht-button--primary-action").click()


def drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage)")


def wait_for_drafts(page: Page, how_many: int) -> None:
    """Writing is put off for a moment, and sealing takes one."""
    for _turn in range(50):
        if len(drafts(page)) == how_many:
            return
        page.wait_for_timeout(100)
    raise AssertionError(drafts(page))


def test_digits_choose_and_a_lost_connection_loses_nothing(
    live_server, new_context, administrator, door, console_errors
):
    page = signed_in_page(new_context(), live_server.url, administrator, 360)
    sheet(page, live_server.url, door)
    page.locator(".nabij-question input[type=radio]").first.focus()
    for digit in "1212":
        page.keyboard.press(digit)
    expect(page.locator(".nabij-question input:checked")).to_have_count(4)
    page.context.set_offline(True)
    send(page)
    expect(page.locator("[data-draft-offline]")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("[data-draft-restored]")).to_be_visible()
    assert page.locator(".nabij-question input:checked").count() == 4 and drafts(page)
    send(page)
    expect(page.locator(".nabij-code")).to_be_visible()
    assert Response.objects.get().helped_by == administrator and not drafts(page)
    console_errors.clear()  # the connection that was lost


def test_nobody_after_them_sees_what_was_said(live_server, new_context, administrator, door):
    """Not by going back, and not in what another form left on the device longer than a day ago."""
    page = signed_in_page(new_context(), live_server.url, administrator, 360)
    page.goto(f"{live_server.url}{reverse('survey_helping', args=[door.survey_id])}")
    page.evaluate(
        "localStorage.setItem('draft:helping:0:an older version:nl', JSON.stringify({at: 1, values: []}))"
    )
    page.locator(f"a[href='{reverse('survey_helping_fill', args=[door.survey_id, door.pk])}']").first.click()
    page.locator(".nabij-question >> nth=1").locator("input[type=radio]").first.check()
    send(page)
    expect(page.locator(".nabij-code")).to_be_visible()
    assert not drafts(page)
    page.go_back()
    expect(page).to_have_url(f"{live_server.url}{reverse('survey_helping', args=[door.survey_id])}")


def test_a_draft_belongs_to_who_wrote_it(
    live_server, new_context, administrator, editor, door, console_errors
):
    """The next colleague on the device reads it nowhere, not even in its storage; its writer finds it again."""
    context = new_context()
    page = signed_in_page(context, live_server.url, administrator, 360)
    sheet(page, live_server.url, door)
    page.evaluate(
        "localStorage.setItem('draft:helping:1:a:nl', JSON.stringify({at: Date.now(), values: ['x']}))"
    )
    page.locator(".nabij-question >> nth=1").locator("input[type=radio]").first.check()
    page.locator("form.helping textarea").first.evaluate("field => field.closest('details').open = true")
    page.locator("form.helping textarea").first.fill("De lantaarn is stuk")
    page.context.set_offline(True)
    send(page)
    expect(page.locator("[data-draft-offline]")).to_be_visible()
    page.context.set_offline(False)
    console_errors.clear()  # the connection that was lost
    assert len(drafts(page)) == 2
    page.reload()
    expect(page.locator("[data-draft-restored]")).to_be_visible()
    assert len(drafts(page)) == 1  # what lay there unsealed is gone

    context.clear_cookies()
    colleague = make_user(Role.ADMINISTRATOR, email="next@waterdam.example", title="beheerder")
    page = signed_in_page(context, live_server.url, colleague, 360)
    sheet(page, live_server.url, door)
    page.locator(".nabij-question >> nth=2").locator("input[type=radio]").first.check()
    wait_for_drafts(page, 2)
    expect(page.locator("[data-draft-restored]")).to_be_hidden()
    assert page.locator("form.helping textarea").first.input_value() == ""
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert "lantaarn" not in stored and "values" not in stored
    page.reload()
    expect(page.locator("[data-draft-restored]")).to_be_visible()
    page.locator("[data-draft-forget]").click()
    wait_for_drafts(page, 1)

    context.clear_cookies()
    page = signed_in_page(context, live_server.url, administrator, 360)
    sheet(page, live_server.url, door)
    expect(page.locator("[data-draft-restored]")).to_be_visible()
    assert page.locator("form.helping textarea").first.input_value() == "De lantaarn is stuk"


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages(live_server, new_context, administrator, door, language, width):
    page = signed_in_page(new_context(), live_server.url, administrator, width)
    in_language(page, live_server.url, language)
    wrong = {}
    survey = door.survey_id
    for name in ("survey_helping", "survey_closer", "survey_suspects", "survey_keeping"):
        page.goto(f"{live_server.url}{reverse(name, args=[survey])}")
        wrong[name] = looked(page, width)
    sheet(page, live_server.url, door)
    page.locator(".nabij-question >> nth=1").locator("input[type=radio]").first.check()
    wrong["sheet"] = looked(page, width)
    send(page)
    expect(page.locator(".nabij-code")).to_be_visible()
    wrong["helped"] = looked(page, width)
    assert not any(wrong.values()), wrong


def looked(page: Page, width: int) -> list[str]:
    return violations(page) + sticks_out(page) + (too_small_to_tap(page) if width < 600 else [])
