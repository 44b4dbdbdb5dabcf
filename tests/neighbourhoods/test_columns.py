"""Names of columns as files write them, and what they mean."""

import pytest

from neighbourhoods.advice import services as advice
from neighbourhoods.imports import columns, tables
from neighbourhoods.imports.columns import (
    ColumnRole,
    can_have_role,
    cbs_code,
    column_key,
    indicator_dictionary,
    parse_year,
    sources,
)
from neighbourhoods.states import Nature
from tests.neighbourhoods.real import read, real


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("HuishoudensTotaal_28", "huishoudenstotaal"),
        ("HuishoudensTotaal_29", "huishoudenstotaal"),
        ("k_0Tot15Jaar_8", "0tot15jaar"),
        ("0 tot 15 jaar (aantal)", "0tot15jaar"),
        ("Aantal inwoners (aantal)", "aantalinwoners"),
        ("aantal_inwoners", "aantalinwoners"),
        ("Gemiddelde WOZ-waarde van woningen [x 1 000 euro]", "gemiddeldewozwaardevanwoningen"),
        ("MoeiteMetRondkomen_38", "moeitemetrondkomen"),
        ("k_40HuishoudensMetLaagsteInkomen_76", "40huishoudensmetlaagsteinkomen"),
    ],
)
def test_key(head, expected):
    assert column_key(head) == expected


def test_unit():
    assert columns.unit_in_heading("Mannen (aantal)") == "aantal"
    assert columns.unit_in_heading("Mannen") == ""


@pytest.mark.parametrize(
    ("cell", "head", "expected"),
    [
        ("BU03630400", "Codering_3", "BU03630400"),
        ("GM0214    ", "Codering (code)", "GM0214"),
        ("bu0363aa01", "cbs_code", "BU0363AA01"),
        ("NL01", "Codering_3", "NL01"),
        ("3630400", "Buurt2020", "BU03630400"),
        (3630400.0, "Buurt2020", "BU03630400"),
        ("00030000", "bu_code", "BU00030000"),
        ("363", "Gemeente2020", "GM0363"),
        ("36300", "wijkcode", "WK036300"),
        ("3630400", "aantal", ""),
        ("A04a", "gemeentecode_buurt", ""),
        ("", "Codering_3", ""),
    ],
)
def test_code(cell, head, expected):
    assert cbs_code(cell, head) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("2020JJ00", 2020), ("2016", 2016), (2020.0, 2020), ("2020KW04", None), ("", None)]
)
def test_year(cell, expected):
    assert parse_year(cell) == expected


def test_one_name_may_be_a_code_or_a_name():
    assert can_have_role(ColumnRole.CODE, "WijkenEnBuurten") and can_have_role(
        ColumnRole.NAME, "Wijken en buurten"
    )
    assert not can_have_role(ColumnRole.CODE, "aantal_inwoners")


def test_the_dictionary_is_whole():
    """Every name belongs to one indicator, and every source is known."""
    of = {}
    for slug, one in indicator_dictionary().items():
        assert one.nature in Nature.values
        assert set(one.name) == set(one.explanation) == {"nl", "en"}
        assert not one.source or one.source in sources()
        assert not one.sentence or all("{n}" in one.sentence[code] for code in ("nl", "en"))
        for name in one.columns:
            assert of.setdefault(column_key(name), slug) == slug, name
            assert not any(can_have_role(part, name) for part in ColumnRole), name


@pytest.mark.parametrize(
    "name",
    [
        "cbs/utrecht_provincie_buurten_indicatoren.csv",
        "cbs/amersfoort_buurtprofiel.csv",
        "cbs/kwb_2016_uittreksel.csv",
        "health/rivm_gezondheid_2020_18plus_utrecht_amsterdam.csv",
        "cbs/amsterdam_wijken_bbga_2016.csv",
    ],
)
@real
def test_every_column_of_the_real_files_is_known(name):
    known = {column_key(column) for one in indicator_dictionary().values() for column in one.columns}
    table = tables.open_table(read(name))
    strange = [
        head
        for head in table.head
        if head
        and column_key(head) not in known
        and not any(can_have_role(part, head) for part in ColumnRole)
    ]
    assert [head for head in strange if not head.startswith("imm_")] == []


def test_what_the_advice_reads_is_known():
    assert set(advice.INDICATOR_SLUGS) <= set(indicator_dictionary())
