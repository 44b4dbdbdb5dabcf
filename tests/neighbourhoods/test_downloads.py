"""Nothing that somebody wrote is worked out by a spreadsheet."""

import csv
import io

import openpyxl
import pytest

from core.files import csv_response, xlsx_response

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\n=1+1",
    "\uff1d1+1",
    '=HYPERLINK("https://evil.example")',
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_stays_text_in_csv(formula):
    made = csv_response("table", [formula], [[formula, -5]]).getvalue().decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(made), delimiter=";")
    assert head == [f"'{formula}"] and row == [f"'{formula}", "-5"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_stays_text_in_a_sheet(formula):
    made = xlsx_response("table", [formula, "n"], [[formula, -5]])
    head, row = openpyxl.load_workbook(io.BytesIO(made.content)).active.iter_rows()
    assert [cell.data_type for cell in (*head, *row)] == ["s", "s", "s", "n"]


SIGNS = "\x0b\x1b=1\x07\ufffe"


def test_signs_that_a_file_can_not_hold_are_left_out():
    """Before: one of them in a text, and the whole workbook could not be made."""
    made = csv_response("table", [SIGNS], []).getvalue().decode("utf-8-sig")
    assert made == "'=1\r\n"
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_response("table", [SIGNS], [[SIGNS]]).content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["'=1"], ["'=1"]]
