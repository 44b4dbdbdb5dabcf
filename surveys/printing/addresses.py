"""Reads lists of addresses, of houses or of mailboxes: which columns are meant, and what is wrong in which row.

Pure: no database, no Django. Words for what is wrong stand in surveys.printing.services.address_files.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from neighbourhoods.imports.tables import Cell, Table


class Part(StrEnum):
    """What a column of the list says."""

    NAME = "name"
    STREET = "street"
    NUMBER = "number"
    LETTER = "letter"
    ADDITION = "addition"
    POSTCODE = "postcode"
    TOWN = "town"
    EMAIL = "email"
    LANGUAGE = "language"


_HEADS = {
    Part.NAME: """naam aanhef tav tnv geadresseerde bewoner volledigenaam name addressee""",
    Part.STREET: """straat straatnaam adres adresregel straathuisnummer straatenhuisnummer openbareruimte
        openbareruimtenaam street address streetname adres1 woonadres""",
    Part.NUMBER: "huisnummer huisnr nummer nr hnr number housenumber houseno",
    Part.LETTER: "huisletter letter houseletter hltr",
    Part.ADDITION: """toevoeging huisnummertoevoeging toev addition htoev huisnrtoevoeging
        huisnummertoev""",
    Part.POSTCODE: "postcode pc pc6 postcode6 postalcode zipcode zip",
    Part.TOWN: "woonplaats plaats woonplaatsnaam plaatsnaam stad town city gemeente",
    Part.EMAIL: "email emailadres mail mailadres epost",
    Part.LANGUAGE: "taal taalcode language lang",
}
_PARTS = {name: part for part, names in _HEADS.items() for name in names.split()}
_POSTCODE = re.compile(r"([1-9][0-9]{3})\s*([A-Z]{2})")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_LONGEST = {Part.NAME: 60, Part.STREET: 60, Part.TOWN: 40}


class Wrong(StrEnum):
    """What can be wrong with one row."""

    NO_STREET = "no street"
    NO_NUMBER = "no number"
    NO_POSTCODE = "no postcode"
    ODD_POSTCODE = "odd postcode"
    NO_TOWN = "no town"
    TOO_LONG = "too long"
    NO_EMAIL = "no email"
    ODD_EMAIL = "odd email"
    TWICE = "twice"
    ODD_ROW = "odd row"


@dataclass(frozen=True)
class Fault:
    """`row` as a spreadsheet counts; `detail` is the cell, or the row that says the same."""

    row: int
    wrong: Wrong
    column: str = ""
    detail: str = ""


@dataclass
class Read:
    """The addresses that can be used, in the order of the file, and the rows that can't."""

    good: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)  # part -> name in the file
    unused: list[str] = field(default_factory=list)


def key(head: str) -> str:
    return "".join(sign for sign in head.casefold() if sign.isalnum())


def columns_of(head: list[str]) -> dict[Part, int]:
    """Which column says what; the first one that can. Nothing is guessed from the cells."""
    found: dict[Part, int] = {}
    for place, name in enumerate(head):
        part = _PARTS.get(key(name))
        if part and part not in found:
            found[part] = place
    return found


def lacking(found: Mapping[Part, int], *, mail: bool) -> list[Part]:
    """The columns without which no row can be used."""
    needed = (Part.EMAIL,) if mail else (Part.STREET, Part.POSTCODE, Part.TOWN)
    return [part for part in needed if part not in found]


def read_houses(table: Table) -> Read:
    """Good ones are the lines of an address: name (perhaps), street with number, postcode and town."""
    return _read(table, _house)


def read_mailboxes(table: Table) -> Read:
    """Good ones are [address, language or ""]."""
    return _read(table, _mailbox)


def read_pasted(text: str) -> Read:
    """Mail addresses as they are pasted: one a line, or with commas between."""
    read = Read(columns={Part.EMAIL: ""})
    seen: dict[str, int] = {}
    for row, line in enumerate(text.splitlines(), start=1):
        for piece in re.split(r"[;,\s]+", line.strip()):
            piece = piece.strip("<>\"'")
            # Names that a mail program puts before its addresses.
            if "@" in piece:
                _take(read, seen, row, _mailbox({Part.EMAIL: piece}, row), piece.casefold())
            elif piece and "@" not in line:
                read.faults.append(Fault(row, Wrong.ODD_EMAIL, "", piece[:60]))
                break
    return read


_Reader = Callable[[dict[Part, str], int], Any]


def _read(table: Table, reader: _Reader) -> Read:
    found = columns_of(table.head)
    read = Read(
        columns={part.value: table.head[place] for part, place in found.items()},
        unused=[name for place, name in enumerate(table.head) if name and place not in found.values()],
    )
    seen: dict[str, int] = {}
    for line in table.lines():
        if line.problem:
            read.faults.append(Fault(line.number, Wrong.ODD_ROW, "", line.detail))
            continue
        cells = {part: _text(line.cells[place]) for part, place in found.items()}
        if not any(cells.values()):
            continue
        made = reader(cells, line.number)
        if isinstance(made, Fault) and made.column in read.columns:
            made = Fault(made.row, made.wrong, read.columns[made.column], made.detail)
        _take(read, seen, line.number, made, key("".join(made)) if isinstance(made, list) else "")
    return read


def _take(read: Read, seen: dict[str, int], row: int, made: Any, same: str) -> None:
    if isinstance(made, Fault):
        read.faults.append(made)
    elif same in seen:
        read.faults.append(Fault(row, Wrong.TWICE, "", str(seen[same])))
    else:
        seen[same] = row
        read.good.append(made)


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell == int(cell) else str(cell)
    return " ".join("".join(sign for sign in cell if sign.isprintable()).split())


def _house(cells: dict[Part, str], row: int) -> list[str] | Fault:
    street, number = cells.get(Part.STREET, ""), cells.get(Part.NUMBER, "")
    if not street:
        return Fault(row, Wrong.NO_STREET, Part.STREET)
    if not number and not re.search(r"\d", street):
        return Fault(row, Wrong.NO_NUMBER, Part.NUMBER, street[:60])
    postcode = cells.get(Part.POSTCODE, "")
    if not postcode:
        return Fault(row, Wrong.NO_POSTCODE, Part.POSTCODE, street[:60])
    match = _POSTCODE.fullmatch(postcode.upper())
    if not match:
        return Fault(row, Wrong.ODD_POSTCODE, Part.POSTCODE, postcode[:60])
    if not cells.get(Part.TOWN):
        return Fault(row, Wrong.NO_TOWN, Part.TOWN, street[:60])
    for part, longest in _LONGEST.items():
        if len(cells.get(part, "")) > longest:
            return Fault(row, Wrong.TOO_LONG, part, cells[part][:60])
    return [
        cells.get(Part.NAME, ""),
        _with_number(street, number, cells.get(Part.LETTER, ""), cells.get(Part.ADDITION, "")),
        f"{match[1]} {match[2]}  {cells[Part.TOWN].upper()}",
    ]


def _with_number(street: str, number: str, letter: str, addition: str) -> str:
    """“Kade 12B-3”: as Dutch post wants it."""
    whole = f"{number}{letter.upper() if len(letter) == 1 else letter}"
    if addition:
        whole += f"-{addition}" if whole else addition
    return f"{street} {whole}".strip()


def _mailbox(cells: dict[Part, str], row: int) -> list[str] | Fault:
    address = cells.get(Part.EMAIL, "").removeprefix("mailto:").strip("<> ")
    if not address:
        return Fault(row, Wrong.NO_EMAIL, Part.EMAIL)
    if len(address) > 254 or ".." in address or not _EMAIL.fullmatch(address):
        return Fault(row, Wrong.ODD_EMAIL, Part.EMAIL, address[:60])
    return [address, cells.get(Part.LANGUAGE, "").casefold()[:12]]
