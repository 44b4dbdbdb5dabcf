"""Files with borders in a browser: every state of the page, the choices, and a bar that goes on by itself."""

import json
import os
from pathlib import Path

import pytest
from django.urls import reverse

from neighbourhoods.imports.services import imports
from neighbourhoods.models import Area, Import
from neighbourhoods.states import FileState, ImportKind, Role
from tests.browser.looking import SCREENS, more, speak
from tests.browser.test_staff_pages import look_at, signed_in_page
from tests.neighbourhoods.files import area, collection, feature
from tests.people import make_municipality, make_user

pytestmark = pytest.mark.django_db(transaction=True)

KADE, HAVEN = area("BU03630001", "Kade", 0, 0, 1, 1), area("BU03630002", "Haven", 1, 0, 2, 1)
MOLEN = area("BU03630003", "Molen aan de Nieuwendammerdijk", 2, 0, 3, 1)
ROTTERDAM = area("BU05990001", "Coolsingel", 5, 5, 6, 6, gemeentenaam="Rotterdam")


@pytest.fixture
def boss(municipality):
    make_municipality(phone="14 099")
    return make_user(Role.ADMINISTRATOR, email="boss@waterdam.example", title="beheerder")


def bring(by, *features, year: int = 2025) -> Import:
    return imports.stage_import(
        kind=ImportKind.BORDERS,
        content=collection(*features).encode(),
        file_name="buurten_2025_v1_lange_naam.geojson",
        options={"year": year, "source": "CBS"},
        by=by,
    )


def keep(one: Import, state: str, **fields) -> Import:
    """A page of another state, of somebody's own file."""
    decided = {"decided_at": one.created_at, "content": b""} if state == FileState.REFUSED else {}
    Import.objects.filter(pk=one.pk).update(state=state, **decided, **fields)
    return one


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_every_state_of_the_page(live_server, new_context, boss, language, width):
    first = bring(boss, KADE, HAVEN, MOLEN, year=2023)
    page = signed_in_page(new_context(), live_server.url, boss, width)
    speak(page, language)
    wrong = look_at(page, live_server.url, [reverse("imports"), reverse("import_one", args=[first.pk])])
    imports.apply_import(one=first, by=boss, seen=first.report["seen"])
    others = [make_user(Role.ADMINISTRATOR) for _number in range(6)]
    crossing = [[[4.9, 52.3], [5.0, 52.4], [5.0, 52.3], [4.9, 52.4], [4.9, 52.3]]]
    merged = area("BU03630009", "Waterkant", 0, 0, 2, 1), area("BU0363AA03", "Molenwerf", 2, 0, 3, 1)
    mistakes = feature(crossing, code="BU03630004", naam="Krul"), area("BU03630005", "Over", 0.5, 0, 1, 1)
    files = {
        "choices": bring(others[0], *merged),
        "town": bring(others[1], KADE, ROTTERDAM),
        "wrong": bring(others[2], KADE, *mistakes),
        "reading": keep(bring(others[3], KADE), FileState.READING, total=480, done=120),
        "refused": keep(
            bring(others[4], KADE), FileState.REFUSED, report={"sentence": "Dit bestand is stuk."}
        ),
        "unread": keep(bring(others[5], KADE), FileState.READING),
    }
    Import.objects.update(created_by=boss)
    urls = {name: reverse("import_one", args=[one.pk]) for name, one in files.items()}
    urls |= {"applied": reverse("import_one", args=[first.pk]), "list": reverse("imports")}
    urls |= {"new": reverse("import_new", args=["borders"])}
    wrong |= look_at(page, live_server.url, list(urls.values()))
    assert not wrong, json.dumps(wrong, indent=1)
    if folder := os.environ.get("SHOTS"):
        for name, url in urls.items():
            page.goto(live_server.url + url)
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, more(False)])
def test_bar_goes_on_by_itself(live_server, new_context, boss, scripts, monkeypatch):
    monkeypatch.setattr(imports, "MAX_IMMEDIATE_BYTES", 0)
    one = bring(boss, KADE, HAVEN)
    page = signed_in_page(new_context(java_script_enabled=scripts), live_server.url, boss, 1280)
    page.goto(live_server.url + reverse("import_one", args=[one.pk]))
    Import.objects.filter(pk=one.pk).update(done=7, total=20)
    page.locator("progress[value='7']").wait_for(timeout=15_000)
    imports.run_import_jobs()
    page.get_by_role("button", name="Ja, bewaar dit").click(timeout=15_000)
    page.locator("progress").wait_for()
    imports.run_import_jobs()
    page.get_by_role("button", name="Maak dit ongedaan").click(timeout=15_000)
    page.get_by_role("heading", name="Dit is ongedaan gemaakt").wait_for()
    assert not Area.objects.leaves().exists()


def test_choosing_what_became_of_an_area(live_server, new_context, boss):
    first = bring(boss, KADE, HAVEN, year=2023)
    imports.apply_import(one=first, by=boss, seen=first.report["seen"])
    one = bring(boss, area("BU03630009", "Kadebuurt", 0, 0, 1, 1), HAVEN)
    assert [line["name"] for line in one.report["lines"]["changed"]] == ["Kadebuurt", "Haven"]
    page = signed_in_page(new_context(java_script_enabled=False), live_server.url, boss, 1280)
    page.goto(live_server.url + reverse("import_one", args=[one.pk]))
    fills = page.eval_on_selector_all(".nabij-map path", "all => all.map(e => getComputedStyle(e).fill)")
    assert len(set(fills)) == 2, "what changes is seen on the map"
    page.get_by_label("Het houdt op, en ging op in: Kadebuurt 100 %").check()
    page.get_by_role("button", name="Ja, bewaar dit").click()
    page.get_by_text("U koos anders.").wait_for()
    page.get_by_role("button", name="Ja, bewaar dit").click()
    page.get_by_role("heading", name="Dit is klaar").wait_for()
    assert Area.objects.get(name="Kade").is_ended
