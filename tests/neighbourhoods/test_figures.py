"""Files with figures: the small cuts are ours, the whole files are used where they are."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Area, AreaVersion, ColumnMapping, Figure, Indicator, Municipality, Source
from neighbourhoods.profile.services.profile import read_profile
from neighbourhoods.states import AreaKind, FileState, Gap, ImportKind, Nature
from tests.neighbourhoods.factories import make_figure, make_indicator
from tests.neighbourhoods.real import read, real
from tests.neighbourhoods.test_tables import sheet
from tests.people import make_area, make_municipality, make_root

CBS = (
    b'"Wijken en buurten";"Gemeentenaam (naam)";"Soort regio (omschrijving)";"Codering (code)";'
    b'"Indelingswijziging wijken en buurten (code)";"Aantal inwoners (aantal)";"Mannen (aantal)"\r\n'
    b'"Waterdam";"Waterdam";"Gemeente  ";"GM9999    ";".";"26.202";"13.109"\r\n'
    b'"Wijk 00 Haven";"Waterdam";"Wijk      ";"WK999900  ";"1";"3.625";"1.795"\r\n'
    b'"Haven";"Waterdam";"Buurt     ";"BU99990000";"1";"710";"355"\r\n'
    b'"Kade";"Waterdam";"Buurt     ";"BU99990001";"3";"870";"."\r\n'
    b'"Elders";"Overdam";"Buurt     ";"BU88880001";"1";"40";"20"\r\n'
)


def bring(content: bytes, **options):
    return imports.stage_import(
        kind=ImportKind.FIGURES, content=content, file_name="a.csv", options={"year": 2020} | options, by=None,
    )  # fmt: skip


def carry(one):
    return imports.apply_import(one=one, by=None, seen=one.report["seen"])


def counts(one) -> tuple[int, ...]:
    return tuple(
        one.report["counts"][group] for group in ("new", "changed", "unchanged", "unmatched", "wrong")
    )


def coded(name: str, code: str, year: int = 2020, **fields) -> Area:
    area = make_area(name, **fields)
    AreaVersion.objects.create(area=area, year=year, code=code, name=name)
    return area


def value(slug: str, area: Area, year: int = 2020) -> float | str:
    one = Figure.objects.get(indicator__slug=slug, area=area, year=year)
    return one.gap or one.value


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def town(db):
    """Waterdam with a district and two neighbourhoods, without borders."""
    make_root(name="Waterdam")
    make_municipality(code="GM9999")
    district = coded("Haven", "WK999900", kind=AreaKind.DISTRICT)
    return {
        "root": Area.root(),
        "district": district,
        "haven": coded("Haven", "BU99990000", parent=district),
        "kade": coded("Kade", "BU99990001", parent=district),
    }


# --- a file of CBS ----------------------------------------------------------------------------


def test_thousands_padding_levels_and_gaps(town):
    one = carry(bring(CBS))
    assert counts(one) == (8, 0, 0, 0, 0)
    assert [value("residents", town[who]) for who in ("root", "district", "haven")] == [26202, 3625, 710]
    assert value("men", town["kade"]) == Gap.MISSING
    source = Figure.objects.first().source
    assert (source.licence, source.publisher) == ("CC BY 4.0", "Centraal Bureau voor de Statistiek (CBS)")
    assert Indicator.objects.get(slug="men").nature == Nature.COUNT
    assert "1 row of another municipality is left out." in one.report["notes"]


def test_again_does_nothing(town):
    carry(bring(CBS))
    assert counts(bring(CBS)) == (0, 0, 8, 0, 0)


def test_a_changed_figure_is_told_and_put_back(town):
    carry(bring(CBS))
    one = bring(CBS.replace(b'"710"', b'"715"'))
    assert counts(one) == (0, 1, 7, 0, 0)
    assert one.report["lines"]["changed"][0]["what"] == "710 → 715"
    carry(one)
    assert value("residents", town["haven"]) == 715
    imports.undo_import(one=one, by=None)
    assert value("residents", town["haven"]) == 710
    assert Figure.objects.count() == 8


def test_undo_takes_everything_along(town):
    one = carry(bring(CBS))
    imports.undo_import(one=one, by=None)
    assert not Figure.objects.exists() and not Indicator.objects.exists() and not Source.objects.exists()
    assert one.__class__.objects.get(pk=one.pk).state == FileState.UNDONE


def test_undo_in_the_wrong_order(town):
    first = carry(bring(CBS))
    carry(bring(CBS.replace(b'"710"', b'"715"')))
    with pytest.raises(DomainError, match="later file"):
        imports.undo_import(one=first, by=None)


def test_border_drawn_anew_is_remembered(town):
    carry(bring(CBS))
    assert AreaVersion.objects.get(area=town["kade"], year=2020).is_recut
    carry(bring(CBS, year=2021))
    assert AreaVersion.objects.get(area=town["kade"], year=2021).is_recut
    assert not AreaVersion.objects.filter(area=town["haven"], is_recut=True).exists()


def test_undo_also_forgets_that_a_border_was_drawn_anew(town):
    kade = AreaVersion.objects.filter(area=town["kade"], year=2020)
    one = carry(bring(CBS))
    imports.undo_import(one=one, by=None)
    assert not kade.get().is_recut
    carry(bring(CBS))
    imports.undo_import(one=carry(bring(CBS.replace(b"710", b"715"))), by=None)
    assert kade.get().is_recut, "the first file said so too"


def test_a_list_of_districts_is_not_about_a_neighbourhood_of_that_name(town):
    """As in Amsterdam, where Kadoelen is both. The town itself is still known by its name."""
    lists = b"naam;Aantal inwoners\nKade;3036\nHaven;3625\nWaterdam;26202\n"
    one = carry(bring(lists, make_areas=True, kind=AreaKind.DISTRICT))
    assert Area.objects.filter(name="Waterdam").count() == 1
    made = Area.objects.get(name="Kade", kind=AreaKind.DISTRICT)
    assert value("residents", made) == 3036 and value("residents", town["district"]) == 3625
    assert not Figure.objects.filter(area=town["kade"]).exists()
    imports.undo_import(one=one, by=None)
    assert not Area.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize("first", [0, 1])
def test_what_two_files_say_was_drawn_anew_stays_until_both_are_undone(first, town):
    """Also where neither found a version of that year, so that the first of them made it."""
    other = CBS.replace(b"Aantal inwoners", b"Aantal huishoudens").replace(b"Mannen", b"Vrouwen")
    for year in (2020, 2021):
        files = [carry(bring(CBS, year=year)), carry(bring(other, year=year))]
        kade = AreaVersion.objects.filter(area=town["kade"], year=year, is_recut=True)
        imports.undo_import(one=files.pop(first), by=None)
        assert kade.exists(), "the other file says so too"
        imports.undo_import(one=files.pop(), by=None)
        assert not kade.exists()


def test_no_trend_goes_across_a_border_drawn_anew(town):
    for year in (2017, 2018, 2019, 2020):
        content = CBS if year == 2018 else CBS.replace(b'"BU99990001";"3"', b'"BU99990001";"1"')
        carry(bring(content, year=year))

    def years(area: Area) -> list[int]:
        lines = {line.indicator.slug: line for line in read_profile(area).lines}
        return [point.year for point in lines["residents"].trend]

    assert years(town["haven"]) == [2017, 2018, 2019, 2020]
    assert years(town["kade"]) == [2018, 2019, 2020]


def test_code_of_another_year_is_used_and_said(town):
    one = bring(CBS, year=2023)
    assert counts(one) == (8, 0, 0, 0, 0)
    assert any("codes of another year" in note for note in one.report["notes"])


def test_what_the_municipality_changed_stays(town):
    carry(bring(CBS))
    Indicator.objects.filter(slug="residents").update(name={"nl": "Mensen"}, is_key=False)
    carry(bring(CBS, year=2021))
    assert Indicator.objects.get(slug="residents").name == {"nl": "Mensen"}


# --- what the columns mean --------------------------------------------------------------------

SAME_NAMES = b"gebied;Aantal inwoners\nHaven;1\nKade;2\nDok;3\nWerf;4\nSluis;5\n"


def test_names_that_fit_no_level_ask_which(town):
    """Of five names two are neighbourhoods here and one a district: nobody can tell what the file is about."""
    one = bring(SAME_NAMES)
    assert one.report["asks"] == ["level"] and not one.report["lines"]["new"]
    assert one.report["extra"]["levels"] == {"neighbourhood": 2, "district": 1}
    with pytest.raises(DomainError):
        carry(one)
    assert not Figure.objects.exists()


@pytest.mark.parametrize("level", ["neighbourhood", "district"])
def test_figures_of_one_level_never_land_on_another(town, level):
    one = carry(bring(SAME_NAMES, level=level))
    kinds = set(Figure.objects.values_list("area__kind", flat=True))
    assert kinds == {level} and one.report["counts"]["unmatched"] == (3 if level == "neighbourhood" else 4)


@pytest.mark.parametrize(("head", "level"), [("wijknaam", "district"), ("Buurt", "neighbourhood")])
def test_the_head_of_the_names_tells_their_level(town, head, level):
    carry(bring(SAME_NAMES.replace(b"gebied", head.encode())))
    assert set(Figure.objects.values_list("area__kind", flat=True)) == {level}


def test_preview_tells_where_each_row_lands_with_the_old_and_the_new_value(town):
    carry(bring(CBS))
    landing = bring(CBS.replace(b"710", b"715")).report["extra"]["landing"]
    haven = next(row for row in landing if row["area"] == "Haven" and row["kind"] == "neighbourhood")
    assert haven["row"] == "BU99990000 Haven"
    assert (haven["figures"][0]["before"], haven["figures"][0]["after"]) == ("710", "715")


OWN = b"code;naam;rapportcijfer;klachten per 1000\nBU99990000;Haven;7,5;1.250\nBU99990001;Kade;8;3.125\n"


def test_unknown_columns_are_left_out_until_somebody_says(town):
    one = bring(OWN)
    assert one.report["asks"] == ["columns"]
    with pytest.raises(DomainError):
        carry(one)


def test_a_new_indicator_and_a_saved_mapping(town):
    chosen = {
        "columns": {"2": "new", "3": ""},
        "new": {"2": {"name": "Rapportcijfer", "unit": "", "nature": "average"}},
        "source": {"name": "Onze enquête"},
        "remember": "Enquête",
    }
    one = carry(bring(OWN, **chosen))
    assert value("rapportcijfer", town["haven"]) == 7.5
    assert Indicator.objects.get().nature == Nature.AVERAGE
    assert ColumnMapping.objects.get().columns == {"rapportcijfer": "rapportcijfer", "klachtenper1000": ""}
    again = bring(OWN, year=2021, source={"name": "Onze enquête"})
    assert again.report["asks"] == [] and counts(again) == (2, 0, 0, 0, 0)
    assert one.report["extra"]["columns"][0]["slug"] == "new"


def test_thousands_or_decimals_is_asked_when_the_file_does_not_tell(town):
    content = b"code;klachten\nBU99990000;1.250\nBU99990001;3.125\n"
    chosen = {
        "columns": {"1": "new"},
        "new": {"1": {"name": "Klachten", "nature": "average"}},
        "source": {"name": "x"},
    }
    one = bring(content, **chosen)
    assert one.report["asks"] == ["signs"]
    assert one.report["extra"]["columns"][0]["doubtful"] == ["1.250", "3.125"]
    carry(bring(content, signs={"1": "."}, **chosen))
    assert value("klachten", town["haven"]) == 1.25


def test_zero_that_stands_for_not_known(town):
    content = (
        b"code;gemiddelde_woningwaarde;koopwoning_percentage\nBU99990000;0.0;0.0\nBU99990001;310.0;40.5\n"
    )
    carry(bring(content))
    assert value("home_value", town["haven"]) == Gap.MISSING
    assert value("share_owned", town["haven"]) == 0
    one = carry(bring(content, zeros=[1, 2]))
    assert value("share_owned", town["haven"]) == Gap.MISSING
    assert one.report["counts"]["changed"] == 1


def test_a_file_that_does_not_know_takes_nothing_away(town):
    carry(bring(b"code;aantal_inwoners\nBU99990000;710\nBU99990001;870\n"))
    one = bring(b"code;aantal_inwoners\nBU99990000;\nBU99990001;-99997\n")
    assert counts(one) == (0, 1, 1, 0, 0)
    carry(one)
    assert (value("residents", town["haven"]), value("residents", town["kade"])) == (710, Gap.SECRET)


def test_two_columns_for_one_indicator(town):
    content = b"code;aantal_inwoners;a_inw\nBU99990000;710;711\nBU99990001;1;2\n"
    assert counts(bring(content)) == (2, 0, 0, 0, 0)
    with pytest.raises(DomainError, match="mean the same"):
        bring(content, columns={"1": "residents", "2": "residents"})


# --- which area a row is about ----------------------------------------------------------------


def test_areas_are_made_from_a_file(db):
    """A new installation, without borders."""
    make_root(name="Waterdam")
    make_municipality()
    one = bring(CBS)
    assert counts(one)[3] == 3
    assert one.options["municipality"] == "GM9999"
    one = imports.change_import_options(one=one, options={"make_areas": True}, by=None)
    carry(one)
    assert Municipality.objects.get().code == "GM9999"
    haven = Area.objects.get(kind=AreaKind.NEIGHBOURHOOD, name="Haven")
    assert haven.parent.name == "Wijk 00 Haven" and haven.parent.kind == AreaKind.DISTRICT
    assert value("residents", haven) == 710 and value("residents", Area.root()) == 26202
    imports.undo_import(one=one, by=None)
    assert list(Area.objects.all()) == [Area.root()]
    assert not Municipality.objects.get().code


def test_made_areas_on_which_something_hangs_stay(db, django_user_model):
    make_root(name="Waterdam")
    make_municipality()
    one = carry(bring(CBS, make_areas=True))
    haven = Area.objects.get(kind=AreaKind.NEIGHBOURHOOD, name="Haven")
    AreaVersion.objects.filter(area=haven).update(boundary={}, west=0, south=0, east=1, north=1)
    with pytest.raises(DomainError, match="hangs"):
        imports.undo_import(one=one, by=None)
    assert Figure.objects.exists()


def test_several_municipalities_and_nobody_knows_which(db):
    make_root(name="Nieuwdam")
    make_municipality()
    one = bring(CBS)
    assert one.report["asks"] == ["municipality"]
    assert [town["name"] for town in one.report["extra"]["municipalities"]] == ["Waterdam", "Overdam"]
    one = imports.change_import_options(
        one=one, options={"municipality": "GM8888", "make_areas": True}, by=None
    )
    assert counts(one)[0] == 2


def test_renamed_codes_are_suggested_by_name_picked_and_remembered(town):
    content = b"code;naam;aantal_inwoners\nBU99990100;Haven;710\nBU99990101;Kaade;870\nBU99990102;Nergens;5\n"
    one = bring(content, year=2018)
    assert counts(one) == (1, 0, 0, 2, 0)
    rows = one.report["extra"]["unmatched"]
    assert [(row["name"], row["area"], row["like"]) for row in rows] == [
        ("Kaade", None, "Kade"),
        ("Haven", town["haven"].pk, ""),
        ("Nergens", None, ""),
    ]
    picks = {"BU99990100": town["haven"].pk, "BU99990101": town["kade"].pk, "BU99990102": 0}
    one = carry(imports.change_import_options(one=one, options={"picks": picks}, by=None))
    assert counts(one) == (2, 0, 0, 0, 0)
    assert AreaVersion.objects.get(area=town["kade"], year=2018).code == "BU99990101"
    # The next file of a year nearby knows them.
    assert counts(bring(content, year=2017))[3] == 1


def test_own_codes_and_names(town):
    """A list of the municipality itself: no codes of CBS, names in another writing."""
    content = b"code;naam;aantal_inwoners\nA01;HAVEN;710\nA02;Kade;870\nA03;Totaal;1580\n"
    one = bring(content)
    assert counts(one) == (2, 0, 0, 0, 0)  # a district is called Haven too, but none is called Kade
    assert "Places without a code are read as neighbourhoods, by their name." in one.report["notes"]
    assert "1 row with a total is left out." in one.report["notes"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"kleur;aantal\nrood;1\nblauw;2\n", "which place"),
        (b"code;naam\nBU99990000;Haven\nBU99990001;Kade\n", "no columns with figures"),
        (b"just text", "no table"),
    ],
)
def test_files_without_a_use(town, content, sentence):
    with pytest.raises(DomainError, match=sentence):
        bring(content)


def test_wrong_rows_are_told_with_their_place_and_can_be_left_out(town):
    content = (
        b"code;naam;aantal_inwoners\nBU99990000;Haven;veel\nBU99990001;Kade;870\nBU99990001;Kade;871\n"
        b";;3\nBU99990009;Dam\n"
    )
    one = bring(content)
    wrong = [(line["row"], line["name"], line["column"]) for line in one.report["lines"]["wrong"]]
    assert wrong == [(2, "Haven", "aantal_inwoners"), (4, "Kade", ""), (5, "", ""), (6, "Dam", "")]
    with pytest.raises(DomainError):
        carry(one)
    one = carry(imports.change_import_options(one=one, options={"skip_wrong": True}, by=None))
    assert list(Figure.objects.values_list("area", "value")) == [(town["kade"].pk, 870)]


def test_spreadsheet_with_formulas(town):
    content = sheet(["code", "aantal_inwoners"], ["BU99990000", "=700+10"], ["BU99990001", 870])
    one = bring(content)
    assert one.report["lines"]["wrong"][0]["reason"].startswith("Cell B2 holds a formula")


def test_years_in_the_file_and_margins(town):
    content = (
        "Codering_3;Perioden;Marges;Vrijwilligerswerk_33\nBU99990000;2020JJ00;MW00000;24.6\n"
        "BU99990000;2020JJ00;MOG0095;20.1\nBU99990000;2022JJ00;MW00000;25.1\nBU99990000;2022KW01;MW00000;1\n"
    )
    one = bring(content.encode(), year=None, skip_wrong=True)
    assert counts(carry(one)) == (2, 0, 0, 0, 0)
    assert value("volunteering", town["haven"], 2022) == 25.1
    assert Indicator.objects.get().nature == Nature.ESTIMATE


# --- the real files ---------------------------------------------------------------------------


@real
def test_the_real_cut_of_cbs(db):
    make_root(name="Buren")
    make_municipality()
    one = bring(read("cbs/kwb_2016_uittreksel.csv"), year=2016, make_areas=True)
    carry(one)
    assert value("residents", Area.root(), 2016) == 26202
    assert value("age_25_44", Area.objects.get(name="Buren Appelenboomgaard"), 2016) == 185
    assert Area.objects.get(name="Buren Appelenboomgaard").parent.name == "Wijk 00 Buren"


@real
def test_the_real_province_without_borders(db):
    make_root(name="Amersfoort")
    make_municipality()
    one = bring(read("cbs/utrecht_provincie_buurten_indicatoren.csv"), make_areas=True)
    assert one.options["municipality"] == "GM0307"
    assert one.report["asks"] == [] and counts(one)[3:] == (0, 0)
    shown = {column["head"]: column for column in one.report["extra"]["columns"]}
    assert [head for head, column in shown.items() if column["all_zero"]] == [
        "afstand_tot_openbaar_groen_km", "afstand_tot_park_of_plantsoen_km", "afstand_tot_bos_km",
        "afstand_tot_treinstation_km", "AfstandTotSemiOpenbaarGroenTotaal_83",
    ]  # fmt: skip
    assert all(not column["slug"] for column in shown.values() if column["all_zero"])
    assert shown["social_economische_score_gemiddeld"]["zero_unknown"]
    assert not shown["leefbarometer_fysieke_omgeving"]["zero_unknown"]
    carry(one)
    hof = Area.objects.get(name="Hof")
    assert value("residents", hof) == 710 and value("home_value", hof) == 335
    assert not Figure.objects.filter(indicator__slug="home_value", value=0).exists()
    health = bring(read("health/rivm_gezondheid_2020_18plus_utrecht_amsterdam.csv"), year=None)
    assert health.report["asks"] == []
    assert counts(health)[0] == 13 * 127  # 18 neighbourhoods are not published
    carry(health)
    assert value("hard_to_make_ends_meet", hof) == 19.2
    assert value("severely_lonely", Area.root()) == 10.5
    # The same figures once more, joined by somebody else: nothing is taken away.
    joined = bring(read("cbs/amersfoort_buurtprofiel.csv"))
    assert counts(joined)[1] == counts(joined)[3] == counts(joined)[4] == 0


@real
def test_the_real_list_of_amsterdam(db):
    """Old Macintosh letters, the municipality's own codes, no codes of CBS."""
    make_root(name="Amsterdam")
    make_municipality(code="GM0363")
    one = bring(read("cbs/amsterdam_wijken_bbga_2016.csv"), year=None, make_areas=True, kind="district",
                source={"name": "BBGA en KvK", "publisher": "Gemeente Amsterdam"})  # fmt: skip
    assert one.report["asks"] == []
    carry(one)
    assert Area.objects.get(name="Chassébuurt").kind == AreaKind.DISTRICT
    assert value("associations", Area.objects.get(name="Jordaan"), 2016) == 106


# --- whatever is in the file ------------------------------------------------------------------

CELLS = st.sampled_from(["", ".", "-99997", "-99991", "0", "12", "710", "3,5", "1.250", "-0,4", "12,5 %"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=st.lists(CELLS, min_size=4, max_size=4), second=st.lists(CELLS, min_size=4, max_size=4))
def test_undone_is_as_before_and_again_is_unchanged(town, first, second):
    def state():
        return sorted(
            Figure.objects.values_list("area", "indicator__slug", "year", "value", "gap", "imported")
        )

    def content(cells):
        rows = zip(("BU99990000", "BU99990001"), (cells[:2], cells[2:]), strict=True)
        lines = [f"{code};{';'.join(both)}" for code, both in rows]
        return "\n".join(["code;gemiddelde_woningwaarde;percentage_koopwoningen", *lines]).encode()

    chosen = {
        "skip_wrong": True,
        "signs": {"1": ",", "2": ","},
        "columns": {"1": "home_value", "2": "share_owned"},
    }
    with transaction.atomic():
        carry(bring(content(first), **chosen))
        before = state()
        one = bring(content(second), **chosen)
        told = counts(one)
        carry(one)
        assert sum(told[:3]) == 4
        again = bring(content(second), **chosen)
        assert counts(again)[:2] == (0, 0)
        imports.undo_import(one=one, by=None)
        assert state() == before
        transaction.set_rollback(True)


def test_without_a_municipality_the_command_says_what_comes_first(db, tmp_path):
    file = tmp_path / "figures.csv"
    file.write_text("Codering_3;AantalInwoners_5\nBU99990001;120\n")
    with pytest.raises(CommandError, match="start_municipality"):
        call_command("import_figures", str(file), "--year", "2024", "--yes")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unit", "decimals", "value", "said"),
    [
        ("%", 1, 26.4, "Van elke 100 zijn er 26 oud."),
        ("%", 1, 1.4, ""),
        ("%", 1, None, ""),
        ("", 0, 12_345.0, "Van elke 100 zijn er 12.345 oud."),
        ("", 1, 2.46, "Van elke 100 zijn er 2,5 oud."),
    ],
)
def test_a_figure_in_the_words_of_residents(unit, decimals, value, said):
    sentence = {"nl": "Van elke 100 zijn er {n} oud."}
    indicator = make_indicator("old", unit=unit, decimals=decimals, sentence=sentence)
    figure = make_figure(make_area(), indicator, value, gap="" if value is not None else Gap.SECRET)
    with translation.override("nl"):
        assert figure.sentence == said
    with translation.override("en"):
        assert figure.sentence == "", "No language is put in the place of another."
