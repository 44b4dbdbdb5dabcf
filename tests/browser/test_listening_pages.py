"""The listening desk by keyboard alone: read, give two themes, take a suggestion, several at once, a second reader.

Once in each language, and every page on the way at both widths: that is why it takes its seconds.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from feedback.models import Contribution, ContributionTheme, DoubleReadingShare, SecondReading
from feedback.states import Reading
from neighbourhoods.states import Role
from tests.browser.looking import more, sticks_out, violations
from tests.browser.test_desk_pages import desk_page
from tests.feedback.factories import SOURCE, make_contribution, make_promise, make_topic, today
from tests.people import make_area, make_municipality, make_root, make_theme, make_user

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = {
    "trees": "Meer bomen langs het water",
    "lamp": "De lantaarn bij de brug is kapot",
    "kerb": "De stoep is smal",
    "bench": "Graag een bankje",
}


@pytest.fixture
def desk():
    """Two themes, ten texts that were coded, and four that wait, in this order."""
    make_municipality(languages=["nl", "en"])
    make_root()
    area = make_area("Oosterhaven")
    reader, second = (make_user(Role.COORDINATOR, area) for _each in range(2))
    make_promise(owner=reader)
    themes = [
        make_theme(slug, name={"nl": name, "en": name}, order=place)
        for place, (slug, name) in enumerate([("groen", "Groen"), ("straat", "Straat")])
    ]
    topic = make_topic("question:9", area=area)
    for n in range(10):
        text = ("De boom staat scheef", "De lantaarn is uit")[n % 2]
        said = make_contribution(topic, text=text, slot=f"c{n}", reading=Reading.CLEAR, read_by=second)
        ContributionTheme.objects.create(contribution=said, theme=themes[n % 2])
    for ago, (slot, text) in enumerate(TEXTS.items()):
        make_contribution(topic, text=text, slot=slot, said_on=today(ago - 9))
    DoubleReadingShare.objects.create(source=SOURCE, percent=100)
    return reader, second


def tab_to(page: Page, goal: Locator, *, among: str = "goal => goal === document.activeElement") -> None:
    """Press Tab until it is there, as somebody without a mouse does."""
    for _press in range(80):
        if goal.evaluate(among):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {goal}.")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def keep_as_clear(page: Page) -> None:
    """“Nothing sensitive”, the first of its row, and Enter. Tab comes to the one that is chosen already."""
    clear = page.locator("[name=reading]").first
    tab_to(page, clear, among="goal => document.activeElement.name === goal.name")
    while not clear.evaluate("clear => clear === document.activeElement"):
        page.keyboard.press("ArrowUp")
    press(page, "Space", "Enter")


def look(page: Page) -> list[str]:
    """What is wrong with the page at either width."""
    found = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += violations(page) + sticks_out(page)
    return found


def themes_of(slot: str) -> list[str]:
    return sorted(Contribution.objects.get(slot=slot).themes.values_list("slug", flat=True))


@pytest.mark.parametrize("language", ["nl", more("en")])
def test_by_keyboard_alone(live_server, new_context, desk, language, settings):
    # Several at once are a transaction each, which asks the same of each.
    settings.ZEAL_ALLOWLIST = [{"model": "*", "field": "*"}]
    reader, second = desk
    page = desk_page(new_context(), live_server.url, reader, 1280, language)

    page.goto(f"{live_server.url}{reverse('listening')}")
    expect(page.get_by_text(TEXTS["trees"])).to_be_visible()
    press(page, "1", "2")
    keep_as_clear(page)
    expect(page.get_by_text(TEXTS["lamp"])).to_be_visible()
    assert themes_of("trees") == ["groen", "straat"]

    wrong = {"one": look(page)}
    tab_to(page, page.locator("a[href*='tick=']"))
    press(page, "Enter")
    expect(page.locator("[name=themes]").nth(1)).to_be_checked()
    keep_as_clear(page)
    expect(page.get_by_text(TEXTS["kerb"])).to_be_visible()
    assert themes_of("lamp") == ["straat"]

    page.goto(f"{live_server.url}{reverse('listening_list')}")
    wrong["list"] = look(page)
    press(page, "j", "Space", "j", "Space", "2")
    keep_as_clear(page)
    expect(page.locator("[name=text]")).to_have_count(0)
    assert themes_of("kerb") == themes_of("bench") == ["straat"]

    page = desk_page(new_context(), live_server.url, second, 1280, language)
    page.goto(f"{live_server.url}{reverse('listening_second')}")
    wrong["second"] = look(page)
    tab_to(page, page.locator("a.utrecht-button--primary-action"))
    press(page, "Enter")
    expect(page.get_by_text(TEXTS["trees"])).to_be_visible()
    wrong["again"] = look(page)
    press(page, "2", "Enter")
    expect(page.get_by_text(TEXTS["lamp"])).to_be_visible()
    assert not SecondReading.objects.get().agrees
    assert not any(wrong.values()), wrong
