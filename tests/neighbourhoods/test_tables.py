"""Files as municipalities have them, and files that nobody should have."""

import io
import zipfile
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.imports import tables
from neighbourhoods.imports.tables import TableFileError, TableProblem, UncomputedFormula, open_table

CSV = "code;naam;aantal\nBU00010001;Haven;26.202\nBU00010002;Kade;710\n"


def lines(content: bytes) -> list[list]:
    return [line.cells for line in open_table(content).lines()]


def sheet(*rows, titles=("Blad1",), **others) -> bytes:
    """A spreadsheet with these rows on its first sheet, and others by their title."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = titles[0]
    for row in rows:
        first.append(row)
    for title, more in others.items():
        made = book.create_sheet(title)
        for row in more:
            made.append(row)
    book.save(out := io.BytesIO())
    return out.getvalue()


def refusal(content: bytes) -> TableProblem:
    with pytest.raises(TableFileError) as refused:
        list(open_table(content).lines())
    return refused.value.problem


# --- CSV --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16"])
def test_encodings(encoding):
    """A file of Amsterdam came from an old Macintosh: “Chassébuurt” with one byte for the é."""
    text = "code;naam\r\nE75;Chassébuurt\r\nE76;Königskwartier\r\n"
    assert lines(text.encode(encoding)) == [["E75", "Chassébuurt"], ["E76", "Königskwartier"]]


def test_encoding_nobody_can_tell():
    assert refusal(b"code;naam\n1;\x81\x8d\x90\n") == TableProblem.NOT_TEXT


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_separators(delimiter):
    table = open_table(CSV.replace(";", delimiter).encode())
    assert table.delimiter == delimiter
    assert [line.cells[0] for line in table.lines()] == ["BU00010001", "BU00010002"]


def test_decimal_commas_do_not_make_columns():
    assert open_table(b"code;a;b\n1;1,5;2,5\n2;1,25;2\n3;7;8,1\n").delimiter == ";"


def test_quotes_and_padding():
    assert lines(b'"code";"naam";"n"\r\n"BU00010001  ";"Haven; noord";"1"\r\n') == [
        ["BU00010001", "Haven; noord", "1"]
    ]


def test_head_under_some_lines_and_units_under_the_head():
    text = (
        "Kerncijfers wijken en buurten 2020\n\n"
        '"Regio";"Codering";"Inwoners";"Woningwaarde"\n"naam";"code";"aantal";"x 1 000 euro"\n'
        "Haven;BU00010001;710;310\nKade;BU00010002;20;.\nBron: CBS\n"
    )
    table = open_table(text.encode())
    assert table.head == ["Regio", "Codering", "Inwoners", "Woningwaarde"]
    assert table.units == ["naam", "code", "aantal", "x 1 000 euro"]
    assert [line.number for line in table.lines()] == [5, 6]


def test_a_code_without_any_figure_is_a_row():
    assert len(lines(b"code;a;b\nBU00010001;;\nBU00010002;1;2\nBron: CBS, geraadpleegd vandaag;;\n")) == 2


def test_ragged_rows_are_told_apart():
    found = list(open_table(b"code;naam;n\nA1;Haven;1\nA2;Kade\nA3;Dam;3;4\nA4;Plein;5;\n").lines())
    assert [line.problem for line in found] == [
        None,
        TableProblem.TOO_FEW_CELLS,
        TableProblem.TOO_MANY_CELLS,
        None,
    ]
    assert found[1].number == 3


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"x" * (tables.MAX_TABLE_BYTES + 1), TableProblem.TOO_BIG),
        (b"code;naam\nA;\0\n", TableProblem.NUL),
        (b"%PDF-1.7", TableProblem.NOT_A_TABLE),
        (b"<html><table>", TableProblem.NOT_A_TABLE),
        (b'{"type": "FeatureCollection"}', TableProblem.A_MAP),
        (b"SQLite format 3\0", TableProblem.A_MAP),
        (b"\xd0\xcf\x11\xe0 old", TableProblem.OLD_EXCEL),
        (b"", TableProblem.NOT_A_TABLE),
        (b"just a sentence\nand another\n", TableProblem.NOT_A_TABLE),
        (b"BU00010001;Haven;3\nBU00010002;Kade;4\n", TableProblem.NO_HEAD),
        (b"1;2;3\n4;5;6\n", TableProblem.NO_HEAD),
        (b"code;naam\n", TableProblem.NO_ROWS),
        (
            b";".join(b"kop%d" % n for n in range(501)) + b"\n" + b";" * 500 + b"\n",
            TableProblem.TOO_MANY_COLUMNS,
        ),
        (b'code;naam\nA;"' + b"x;\n" * 100_000, TableProblem.QUOTES),
        (b"PK\x03\x04 broken", TableProblem.BROKEN),
    ],
)
def test_refused(content, problem):
    assert refusal(content) == problem


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert refusal(b"code;n\n" + b"A1;1\n" * 4) == TableProblem.TOO_MANY_ROWS


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_sentence(content):
    with suppress(TableFileError):
        list(open_table(content).lines())


@given(st.text(alphabet="ab1;,\t\n\"' .é€", max_size=200))
def test_any_text_is_a_table_or_a_sentence(text):
    with suppress(TableFileError):
        list(open_table(text.encode()).lines())


# --- XLSX -------------------------------------------------------------------------------------


def test_sheet():
    content = sheet(["code", "naam", "n"], ["BU00010001", "Haven", 3], ["BU00010002", "Kade", None])
    assert lines(content) == [["BU00010001", "Haven", 3.0], ["BU00010002", "Kade", ""]]


def test_the_sheet_with_codes_is_meant_not_the_explanation_before_it():
    content = sheet(
        ["kolom", "betekenis"], ["n", "aantal"], ["m", "meer"],
        titles=("Toelichting",), Cijfers=[["code", "n"], ["BU00010001", 3], ["BU00010002", 4]],
    )  # fmt: skip
    assert open_table(content).sheet == "Cijfers"


def test_formula_that_was_never_worked_out():
    found = lines(sheet(["code", "n"], ["BU00010001", "=1+1"], ["BU00010002", 4]))
    assert found[0][1] == "B2" and isinstance(found[0][1], UncomputedFormula)
    assert found[1] == ["BU00010002", 4.0]


def test_percent_format():
    book = openpyxl.Workbook()
    book.active.append(["code", "deel"])
    book.active.append(["BU00010001", 0.125])
    book.active["B2"].number_format = "0.0%"
    book.save(out := io.BytesIO())
    assert lines(out.getvalue()) == [["BU00010001", 12.5]]


def with_member(name: str, data: bytes) -> bytes:
    """The same spreadsheet with one of its parts replaced or added."""
    old = zipfile.ZipFile(io.BytesIO(sheet(["code", "n"], ["BU00010001", 3])))
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return out.getvalue()


def test_bomb():
    content = with_member("xl/worksheets/sheet2.xml", b"0" * (tables.MAX_UNPACKED + 1))
    assert len(content) < 1_000_000
    assert refusal(content) == TableProblem.BOMB


def test_entities_that_grow():
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">{entities}]>'
    inside = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    )
    inside += '<c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row></sheetData></worksheet>'
    assert refusal(with_member("xl/worksheets/sheet1.xml", (text + inside).encode())) == TableProblem.BOMB


def test_zip_of_something_else():
    with zipfile.ZipFile(out := io.BytesIO(), "w") as made:
        made.writestr("a.txt", "a")
    assert refusal(out.getvalue()) == TableProblem.NOT_A_TABLE
