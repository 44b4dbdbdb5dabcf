"""The desk's pages for figures in a real browser, on a phone and a wide screen, without JavaScript too."""

import json

import pytest
from django.urls import reverse

from neighbourhoods.imports.services import imports
from neighbourhoods.models import Figure, Import, Source
from neighbourhoods.states import FileState, ImportKind, Role
from tests.browser.looking import SCREENS, speak
from tests.browser.test_staff_pages import look_at, signed_in_page
from tests.neighbourhoods.test_figures import CBS, OWN, town  # noqa: F401
from tests.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

# Everything that can be asked at once: rows without a place, thousands or decimals, zeros, an unknown column.
HARD = (
    b"code;naam;gemiddelde_woningwaarde;klachten_in_het_afgelopen_jaar_per_duizend_huishoudens;aantal_inwoners\n"
    b"BU99990000;Haven;0;1.250;710\nBU99990900;Kade;310;3.125;870\nBU99990901;Een buurt die niemand kent;300;2.125;x\n"
    b"BU99990902;Fout;veel;2.125;5\n"
)


def bring(content: bytes, by, kind: str = ImportKind.FIGURES, **options) -> Import:
    return imports.stage_import(
        kind=kind, content=content, file_name="a.csv", options={"year": 2020} | options, by=by
    )


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages(live_server, new_context, town, language, width):  # noqa: F811
    boss = make_user(Role.ADMINISTRATOR, email="boss@waterdam.example")
    done = bring(CBS, boss)
    imports.apply_import(one=done, by=boss, seen=done.report["seen"])
    codes = bring(
        b"postcode;code;naam\n1011AB;BU99990900;Kade\n1011AC;BU99990901;Weg\n", boss, ImportKind.POSTCODES
    )
    hard = bring(HARD, boss, columns={"2": "home_value", "3": "new", "4": "residents"})
    page = signed_in_page(new_context(), live_server.url, boss, width)
    speak(page, language)
    urls = [
        reverse("import_new", args=["figures"]),
        reverse("import_new", args=["postcodes"]),
        *(reverse("import_one", args=[one.pk]) for one in (done, codes, hard)),
        reverse("indicators"),
        reverse("indicator", args=["residents"]),
        reverse("source", args=[Source.objects.get().pk]),
    ]
    wrong = look_at(page, live_server.url, urls)
    assert not wrong, json.dumps(wrong, indent=1)


def test_from_file_to_figures_without_javascript(live_server, new_context, town):  # noqa: F811
    boss = make_user(Role.ADMINISTRATOR, email="boss@waterdam.example")
    page = signed_in_page(new_context(java_script_enabled=False), live_server.url, boss, 1280)
    page.goto(f"{live_server.url}{reverse('import_new', args=['figures'])}")
    page.set_input_files("[name=file]", {"name": "cijfers-2020.csv", "mimeType": "text/csv", "buffer": OWN})
    page.get_by_role("button", name="Bekijk het eerst").click()
    page.get_by_label("rapportcijfer").first.select_option("new")
    page.get_by_text("Iets nieuws: naam en eenheid: rapportcijfer").click()
    page.locator("[name=name_2]").fill("Rapportcijfer")
    page.get_by_label("Wie publiceerde dit?").select_option("new")
    page.get_by_text("Iemand anders: naam en licentie").click()
    page.get_by_label("Naam van de bron").fill("Onze enquête")
    page.get_by_role("button", name="Lees het zo opnieuw").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Ja, bewaar dit").click()
    assert Import.objects.get().state == FileState.APPLIED
    assert sorted(Figure.objects.values_list("value", flat=True)) == [7.5, 8]
