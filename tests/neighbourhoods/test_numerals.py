"""What a cell says. Whether a dot groups thousands is settled over the whole column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.imports.numerals import (
    AbsenceReason,
    DecimalSign,
    NumeralProblem,
    NumeralStatistics,
    common_decimal_sign,
    decide_decimal_sign,
    parse_number,
)
from neighbourhoods.imports.tables import UncomputedFormula
from neighbourhoods.states import Gap


@pytest.mark.parametrize(
    ("cell", "dot", "comma"),
    [
        ("26.202", 26.202, 26202),
        ("1,500", 1500, 1.5),
        ("36.62", 36.62, NumeralProblem.OTHER_SIGN),
        ("3,5", NumeralProblem.OTHER_SIGN, 3.5),
        ("1.234,5", NumeralProblem.OTHER_SIGN, 1234.5),
        ("1,234.5", 1234.5, NumeralProblem.OTHER_SIGN),
        ("1.234.567", NumeralProblem.OTHER_SIGN, 1234567),
        ("0.250", 0.25, NumeralProblem.OTHER_SIGN),
        ("1 234", 1234, 1234),
        ("1 234", 1234, 1234),
        ("12,5 %", NumeralProblem.OTHER_SIGN, 12.5),
        ("-0,14", NumeralProblem.OTHER_SIGN, -0.14),
        ("−3", -3, -3),
        ("710", 710, 710),
        ("1.2E-05", 1.2e-05, 1.2e-05),
        (12.5, 12.5, 12.5),
        ("circa 10", NumeralProblem.NO_NUMBER, NumeralProblem.NO_NUMBER),
        ("=1+1", NumeralProblem.NO_NUMBER, NumeralProblem.NO_NUMBER),
        ("9" * 20, NumeralProblem.TOO_LARGE, NumeralProblem.TOO_LARGE),
        (float("inf"), NumeralProblem.TOO_LARGE, NumeralProblem.TOO_LARGE),
        (UncomputedFormula("D12"), NumeralProblem.UNCOUNTED, NumeralProblem.UNCOUNTED),
    ],
)
def test_numbers(cell, dot, comma):
    assert (parse_number(cell, DecimalSign.DOT), parse_number(cell, DecimalSign.COMMA)) == (dot, comma)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (".", AbsenceReason.MISSING), ("", AbsenceReason.MISSING), ("NA", AbsenceReason.MISSING),
        ("n.v.t.", AbsenceReason.MISSING),
        ("-99997", AbsenceReason.SECRET), ("-99997.0", AbsenceReason.SECRET), ("-99.997", AbsenceReason.SECRET),
        ("-99997,0", AbsenceReason.SECRET), (-99997.0, AbsenceReason.SECRET), ("x", AbsenceReason.SECRET),
        ("-99995", AbsenceReason.LATER), (-99995.0, AbsenceReason.LATER),
        ("-99991", AbsenceReason.ENDED), (-99991.0, AbsenceReason.ENDED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("decimal", DecimalSign)
def test_signs_are_never_numbers(cell, reason, decimal):
    assert parse_number(cell, decimal) == reason


def test_absent_has_the_words_of_gap():
    assert [one.value for one in AbsenceReason] == Gap.values


def evidence(*cells) -> NumeralStatistics:
    one = NumeralStatistics()
    for cell in cells:
        one.take(cell)
    return one


@pytest.mark.parametrize(
    ("cells", "counts", "of_file", "delimiter", "expected"),
    [
        (["26.202", "710"], True, None, ";", (DecimalSign.COMMA, True)),  # people are whole: CBS
        (["26.202", "36.62"], False, None, ",", (DecimalSign.DOT, True)),
        (["26.202", "3,5"], False, None, ";", (DecimalSign.COMMA, True)),
        (["26.202"], False, DecimalSign.DOT, ",", (DecimalSign.DOT, True)),  # as the other columns do
        (["26.202"], False, None, ";", (DecimalSign.COMMA, False)),  # a guess, so the person is asked
        (["26.202"], False, None, ",", (DecimalSign.DOT, False)),
        (["1,500"], True, None, ",", (DecimalSign.DOT, True)),
        (["26.202", "1.234.567"], False, None, ",", (DecimalSign.COMMA, True)),
        (["710"], False, None, ",", (DecimalSign.DOT, True)),
    ],
)
def test_the_column_decides(cells, counts, of_file, delimiter, expected):
    assert (
        decide_decimal_sign(evidence(*cells), counts=counts, of_file=of_file, delimiter=delimiter) == expected
    )


def test_the_file_decides_when_its_columns_agree():
    assert common_decimal_sign([evidence("3,5"), evidence("26.202")]) == DecimalSign.COMMA
    assert common_decimal_sign([evidence("3,5"), evidence("3.5")]) is None


def test_zero_without_company():
    """262 exact zeros in a score that runs from -1.05 to 0.70 are no scores."""
    scores = ["0.0"] * 30 + [f"{n / 100}" for n in range(-50, 50) if n]
    assert evidence(*scores).has_suspicious_zeros
    shares = ["0.0"] * 12 + ["0.01"] * 11 + ["-0.01"] * 10 + ["0.1"] * 60
    assert not evidence(*shares).has_suspicious_zeros


@given(st.one_of(st.text(max_size=20), st.floats()), st.sampled_from(DecimalSign))
def test_any_cell_is_a_number_a_reason_or_wrong(cell, decimal):
    found = parse_number(cell, decimal)
    assert isinstance(found, (float, int, AbsenceReason, NumeralProblem))
    evidence(cell)


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_a_number_is_read_back(value):
    assert parse_number(repr(value), DecimalSign.DOT) == pytest.approx(value, rel=1e-12)
    dutch = f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    assert parse_number(dutch, DecimalSign.COMMA) == pytest.approx(round(value, 2))
