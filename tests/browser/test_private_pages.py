"""The resident's side of feedback in a real browser: accessible, fitting, and working without JavaScript."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.links import LinkPurpose, sign_link
from core.keyed import code_hash
from feedback.answers.services.replies import react
from feedback.contacts.services import hearing_back
from feedback.states import Outcome, Owed
from tests.browser.looking import SCREENS, more, speak, sticks_out, too_small_to_tap, violations
from tests.feedback.factories import make_contact, make_contribution, make_debt, make_receipt
from tests.feedback.journey import answer, answered, item_url, page_of
from tests.people import make_municipality, make_user

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "De bushalte bij de Sluisweg is weg. " * 6 + "Donaudampfschifffahrtsgesellschaftskapitänswitwe."


@pytest.fixture
def receipt():
    make_municipality(phone="14 099")
    return make_receipt()


@pytest.fixture
def pages(receipt) -> dict[str, str]:
    """Every page a resident meets here, in the state that shows most."""
    item = answered(receipt)
    no = answered(receipt, outcome=Outcome.NO)
    react(item=no, answers_me=False, reason=LONG)
    yes = answered(receipt, outcome=Outcome.PARTLY)
    react(item=yes, answers_me=True)
    silent = answered(receipt, outcome=Outcome.NOT_YET)
    react(item=silent, answers_me=False)
    make_debt(
        contribution=make_contribution(receipt=receipt, text=LONG), owner=make_user(title="de teamleider")
    )
    make_debt(receipt=receipt, due=-9)
    make_debt(receipt=receipt, state=Owed.WAIVED)
    contact = make_contact(receipt, confirmed=False)
    other = make_contact().receipt
    page = page_of(receipt)
    return {
        "code": "/v/",
        "lost": "/v/lost/",
        "page": page,
        "item": item_url(item),
        "item, no": f"{item_url(item)}?answer=no",
        "address": f"{page}address/",
        "withdraw": f"{page}withdraw/",
        "download": f"{page}download/",
        "erase": f"{page}erase/",
        "confirm": f"/v/c/{sign_link(receipt, LinkPurpose.CONFIRM, hearing_back.confirm_key(contact))}/",
        "unsubscribe": f"/v/u/{sign_link(other, LinkPurpose.UNSUBSCRIBE)}/",
        "fresh": f"/v/e/{sign_link(receipt, LinkPurpose.ERASE)}/",
        "said": "/said/",
        "front": "/",
        "privacy": "/privacy/",
        "accessibility": "/accessibility/",
        "help": "/help/",
    }


def on_screen(context: BrowserContext, width: int) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    return page


@pytest.mark.parametrize(("language", "width"), [*SCREENS, more("ar", 360)])
def test_pages_are_accessible_and_fit(live_server, new_context, pages, receipt, language, width):
    type(receipt).objects.update(language=language)
    page = on_screen(new_context(), width)
    speak(page, language)
    wrong = {}
    for name, url in pages.items():
        page.goto(f"{live_server.url}{url}")
        found = violations(page) + sticks_out(page)
        found += too_small_to_tap(page) if width < 600 else []
        if found:
            wrong[name] = found
    assert not wrong


def test_link_that_does_not_open_is_accessible(live_server, new_context, receipt, console_errors):
    page = new_context().new_page()
    page.goto(f"{live_server.url}/v/nonsense/")
    assert not violations(page)
    console_errors.clear()  # the browser reports the 404


def test_letters_of_twice_the_size_stay_on_the_screen(live_server, new_context, pages):
    page = on_screen(new_context(), 320)
    wrong = {}
    for name, url in pages.items():
        page.goto(f"{live_server.url}{url}")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if found := sticks_out(page):
            wrong[name] = found
    assert not wrong


def test_reacting_and_erasing_without_javascript(live_server, new_context, receipt):
    type(receipt).objects.update(code_hash=code_hash("linde-482-kade-mus"))
    debt = make_debt(receipt=receipt)
    answer(debt)
    page = on_screen(new_context(java_script_enabled=False), 320)
    page.goto(f"{live_server.url}/v/")
    page.get_by_label("Uw code").fill("Linde 482 kade mus")
    page.get_by_role("button", name="Open mijn pagina").click()
    page.get_by_role("button", name="Nee").click()
    page.get_by_label("Wat mist u nog?").fill("Wanneer precies?")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_text("Wanneer precies?")).to_be_visible()
    page.get_by_role("link", name="Alles wissen").click()
    page.get_by_label("Uw code").fill("linde-482-kade-mus")
    page.get_by_role("button", name="Ja, wis alles").click()
    expect(page.get_by_text("Bewaar dit nummer als bewijs")).to_be_visible()
    assert not type(receipt).objects.exists()
