"""The page of an area, what there is in it, and all areas side by side, in a real browser: both languages, phone and
desk, with long names, gaps, few people and nothing at all; by keyboard, without JavaScript, and on paper."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from neighbourhoods.states import AreaKind, Gap, KeyPersonKind, Nature, PartyKind, Role
from tests.browser.looking import SCREENS, sticks_out, too_small_to_tap, violations
from tests.browser.test_staff_pages import LONG, signed_in_page
from tests.initiatives.factories import make_initiative
from tests.neighbourhoods.factories import (
    make_figure,
    make_indicator,
    make_key_person,
    make_party,
    make_people,
    make_place,
)
from tests.people import make_area, make_border, make_municipality, make_theme, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(municipality) -> dict:
    """A district of four neighbourhoods with everything, and a fifth of which nothing is known."""
    make_municipality(phone="14 099")
    east = make_area("Oosterhaven", slug="oosterhaven", kind=AreaKind.DISTRICT)
    names = ["Havenkom", "Sluisbuurt", LONG, "De Linde"]
    areas = [make_area(name, slug=f"area-{number}", parent=east) for number, name in enumerate(names)]
    make_border(east, size=0.04)
    people, old = make_people(), make_indicator("old", name={"nl": "65 jaar en ouder", "en": "65 and over"})
    lonely = make_indicator(
        "lonely", nature=Nature.ESTIMATE, name={"nl": "Ernstig eenzaam", "en": "Very lonely"}
    )
    poor = make_indicator(
        "poor", nature=Nature.ESTIMATE, name={"nl": "Moeite met rondkomen", "en": "Struggling"}
    )
    for number, one in enumerate(areas):
        make_border(one, west=4.9 + number / 100)
        make_figure(one, people, 85 if number == 3 else 700 + number)
        for year in (2022, 2023, 2024):
            make_figure(one, old, 20 + number + year - 2020, year=year)
        make_figure(one, lonely, 12 + number)
        make_figure(one, poor, None if number == 3 else 30 - number, gap=Gap.SECRET if number == 3 else "")
    long_ago = timezone.localdate() - timedelta(days=500)
    for kind in (PartyKind.RESIDENTS, PartyKind.ORGANISATION):
        make_party(areas=[areas[0]], kind=kind, name=f"{LONG} {kind}", about=LONG, checked_on=long_ago)
    party = make_party(
        areas=[areas[0]], name="Bakkerij", kind=PartyKind.ENTREPRENEUR, url="https://example.nl"
    )
    make_party(areas=[areas[0]], name="Vroeger", ended_on=long_ago)
    place = make_place(area=areas[0], name="Het Sluishuis", free="vrij op dinsdag en donderdag", party=party)
    person = make_key_person(area=areas[0], name="Iemand Bijzonder", phone="0612345678", review=5)
    make_key_person(area=areas[0], role=LONG[:80], kind=KeyPersonKind.HOUSING)
    theme = make_theme("meeting")
    initiative = make_initiative(areas[0], name=LONG, theme=theme, party=party, checked_on=long_ago)
    make_initiative(areas[0], name="Vroeger", theme=theme, state="ended")
    return {
        "area": areas[0], "few": areas[3], "empty": make_area("Leeg", slug="empty", parent=east), "district": east,
        "party": party, "place": place, "person": person, "initiative": initiative,
        "coordinator": make_user(Role.COORDINATOR, east, email="coordinator@waterdam.example"),
        "viewer": make_user(Role.VIEWER, east, email="viewer@waterdam.example"),
        "boss": make_user(Role.ADMINISTRATOR, email="boss@waterdam.example"),
    }  # fmt: skip


def pages_of(town: dict) -> list[str]:
    compare, slug = reverse("areas_compare"), town["area"].slug
    return [
        *(town[name].get_absolute_url() for name in ("area", "few", "empty", "district")),
        *(reverse(name, args=[slug]) for name in (
            "parties", "party_new", "places", "place_new", "key_persons", "key_person_new", "key_person_notice",
        )),
        reverse("parties", args=["empty"]), reverse("places", args=["empty"]), reverse("key_persons", args=["empty"]),
        reverse("party_change", args=[town["party"].pk]), reverse("place_change", args=[town["place"].pk]),
        reverse("key_person_change", args=[town["person"].pk]), reverse("initiatives"),
        reverse("initiatives") + "?state=all", reverse("initiatives") + "?q=nothing", reverse("initiative_new"),
        reverse("initiative_change", args=[town["initiative"].pk]),
        compare, f"{compare}?choose=1&sort=-poor", f"{compare}?view=map&on=poor", f"{compare}?view=small",
        f"{compare}?level=district", f"{compare}?c=our:answered&c=our:waiting&c=our:initiatives",
        reverse("desk"),
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages(live_server, new_context, town, language, width):
    page = signed_in_page(new_context(), live_server.url, town["coordinator"], width)
    in_language(page, live_server.url, language)
    wrong = {}
    for url in pages_of(town):
        page.goto(f"{live_server.url}{url}")
        assert page.locator("html").get_attribute("lang") == language
        found = violations(page) + sticks_out(page) + (too_small_to_tap(page) if width < 600 else [])
        if found:
            wrong[url] = found
    assert not wrong, "\n".join(f"{url}: {found}" for url, found in wrong.items())


def in_language(page: Page, base: str, language: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": base}])


def test_viewer_sees_roles_and_no_forms(live_server, new_context, town):
    page = signed_in_page(new_context(), live_server.url, town["viewer"], 360)
    page.goto(live_server.url + reverse("key_persons", args=[town["area"].slug]))
    expect(page.get_by_text("A hairdresser")).to_be_visible()
    assert "Iemand Bijzonder" not in page.content() and page.locator("main form").count() == 0


def test_a_name_without_permission_is_explained_and_kept(live_server, new_context, console_errors, town):
    page = signed_in_page(new_context(), live_server.url, town["coordinator"], 360)
    page.goto(live_server.url + reverse("key_person_new", args=[town["area"].slug]))
    page.get_by_label("Kent mensen van").select_option("shop")
    page.get_by_label("Rol").fill("een kapper")
    page.get_by_label("Naam").fill("Iemand Anders")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.get_by_text("Een naam alleen met toestemming.").first).to_be_visible()
    expect(page.get_by_label("Naam")).to_have_value("Iemand Anders")
    assert page.title().startswith("Fout") and not violations(page)
    console_errors.clear()  # the 422 of a form that comes back
    page.get_by_label("Naam").fill("")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.get_by_text("Een kapper", exact=True)).to_be_visible()


def test_sorting_choosing_and_the_map_by_keyboard_without_javascript(live_server, new_context, town):
    page = signed_in_page(new_context(java_script_enabled=False), live_server.url, town["boss"], 1280)
    page.goto(live_server.url + reverse("areas_compare"))
    page.get_by_role("link", name="Moeite met rondkomen").focus()
    page.keyboard.press("Enter")
    head = page.get_by_role("columnheader", name="Moeite met rondkomen")
    expect(head).to_have_attribute("aria-sort", "descending")
    rows = page.locator("tbody tr th a").all_text_contents()
    assert rows[0] == "Havenkom" and set(rows[-2:]) == {"De Linde", "Leeg"}, "what has no figure comes last"
    page.get_by_role("link", name="Kies kolommen").click()
    page.get_by_label("65 jaar en ouder").uncheck()
    page.get_by_role("button", name="Toon deze").click()
    expect(page.get_by_role("columnheader", name="65 jaar en ouder")).to_have_count(0)
    page.get_by_role("link", name="Kaart", exact=True).click()
    drawn = page.get_by_role("group", name="Kaart van de gebieden")
    expect(drawn.get_by_role("link", name="Havenkom")).to_have_count(1)
    page.locator("svg.nabij-map a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/areas/area-*/")


def test_on_paper_the_table_is_whole_and_buttons_are_gone(live_server, new_context, town):
    page = signed_in_page(new_context(), live_server.url, town["boss"], 1280)
    page.goto(live_server.url + reverse("areas_compare"))
    page.emulate_media(media="print")
    assert page.locator(".desk-nav").is_hidden() and page.locator(".filters").is_hidden()
    assert page.get_by_role("row").count() == 6
    page.goto(live_server.url + town["area"].get_absolute_url())
    assert page.get_by_text("Noteer een partij").is_hidden() and page.locator("svg.nabij-map").is_visible()
