"""Reads lists of addresses, of houses or of mailboxes: finds the columns, and the faults per row.

Pure: no database, no Django. Messages for faults are in surveys.printing.services.
"""

import os
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from neighbourhoods.imports.tables import CellValue, Table


class AddressColumn(StrEnum):
    """What a column of the list holds."""

    NAME = "name"
    STREET = "street"
    NUMBER = "number"
    LETTER = "letter"
    ADDITION = "addition"
    POSTCODE = "postcode"
    TOWN = "town"
    EMAIL = "email"
    LANGUAGE = "language"


_HEADING_ALIASES = {
    AddressColumn.NAME: """naam aanhef tav tnv geadresseerde bewoner volledigenaam name addressee""",
    AddressColumn.STREET: """straat straatnaam adres adresregel straathuisnummer straatenhuisnummer openbareruimte
        openbareruimtenaam street address streetname adres1 woonadres""",
    AddressColumn.NUMBER: "huisnummer huisnr nummer nr hnr number housenumber houseno",
    AddressColumn.LETTER: "huisletter letter houseletter hltr",
    AddressColumn.ADDITION: """toevoeging huisnummertoevoeging toev addition htoev huisnrtoevoeging
        huisnummertoev""",
    AddressColumn.POSTCODE: "postcode pc pc6 postcode6 postalcode zipcode zip",
    AddressColumn.TOWN: "woonplaats plaats woonplaatsnaam plaatsnaam stad town city gemeente",
    AddressColumn.EMAIL: "email emailadres mail mailadres epost",
    AddressColumn.LANGUAGE: "taal taalcode language lang",
}
_COLUMN_BY_HEADING = {name: part for part, names in _HEADING_ALIASES.items() for name in names.split()}
_POSTCODE = re.compile(r"([1-9][0-9]{3})\s*([A-Z]{2})")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_LONGEST = {AddressColumn.NAME: 60, AddressColumn.STREET: 60, AddressColumn.TOWN: 40}


class FaultKind(StrEnum):
    """What can be wrong with a row."""

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
    """`row` as in the spreadsheet; `detail` is the cell, or the row it duplicates."""

    row: int
    wrong: FaultKind
    column: str = ""
    detail: str = ""


@dataclass
class ParsedAddresses:
    """The usable addresses, in the order of the file, and the faults of other rows."""

    good: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)  # part -> name in the file
    unused: list[str] = field(default_factory=list)


def key(head: str) -> str:
    return "".join(sign for sign in head.casefold() if sign.isalnum())


def columns_of(head: list[str]) -> dict[AddressColumn, int]:
    """The first column for each part. Determined by headings only, never guessed from cells."""
    found: dict[AddressColumn, int] = {}
    for place, name in enumerate(head):
        part = _COLUMN_BY_HEADING.get(key(name))
        if part and part not in found:
            found[part] = place
    return found


def missing_columns(found: Mapping[AddressColumn, int], *, mail: bool) -> list[AddressColumn]:
    """The missing columns without which no row can be used."""
    needed = (
        (AddressColumn.EMAIL,) if mail else (AddressColumn.STREET, AddressColumn.POSTCODE, AddressColumn.TOWN)
    )
    return [part for part in needed if part not in found]


def read_houses(table: Table) -> ParsedAddresses:
    """`good` holds the lines of each address: name (optional), street with number, postcode and town."""
    return _read(table, _house)


def read_email_addresses(table: Table) -> ParsedAddresses:
    """`good` holds [address, language or ""]."""
    return _read(table, _mailbox)


def read_pasted(text: str) -> ParsedAddresses:
    """Pasted mail addresses: one per line, or separated by commas."""
    read = ParsedAddresses(columns={AddressColumn.EMAIL: ""})
    seen: dict[str, int] = {}
    for row, line in enumerate(text.splitlines(), start=1):
        for piece in re.split(r"[;,\s]+", line.strip()):
            piece = piece.strip("<>\"'")
            # Skips names that a mail program puts before addresses.
            if "@" in piece:
                _take(read, seen, row, _mailbox({AddressColumn.EMAIL: piece}, row), piece.casefold())
            elif piece and "@" not in line:
                read.faults.append(Fault(row, FaultKind.ODD_EMAIL, "", piece[:60]))
                break
    return read


_Reader = Callable[[dict[AddressColumn, str], int], Any]


def _read(table: Table, reader: _Reader) -> ParsedAddresses:
    found = columns_of(table.head)
    read = ParsedAddresses(
        columns={part.value: table.head[place] for part, place in found.items()},
        unused=[name for place, name in enumerate(table.head) if name and place not in found.values()],
    )
    seen: dict[str, int] = {}
    for line in table.lines():
        if line.problem:
            read.faults.append(Fault(line.number, FaultKind.ODD_ROW, "", line.detail))
            continue
        cells = {part: _text(line.cells[place]) for part, place in found.items()}
        if not any(cells.values()):
            continue
        made = reader(cells, line.number)
        if isinstance(made, Fault) and made.column in read.columns:
            made = Fault(made.row, made.wrong, read.columns[made.column], made.detail)
        _take(read, seen, line.number, made, key("".join(made)) if isinstance(made, list) else "")
    return read


def _take(read: ParsedAddresses, seen: dict[str, int], row: int, made: Any, same: str) -> None:
    if isinstance(made, Fault):
        read.faults.append(made)
    elif same in seen:
        read.faults.append(Fault(row, FaultKind.TWICE, "", str(seen[same])))
    else:
        seen[same] = row
        read.good.append(made)


def _text(cell: CellValue) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell == int(cell) else str(cell)
    return " ".join("".join(sign for sign in cell if sign.isprintable()).split())


def _house(cells: dict[AddressColumn, str], row: int) -> list[str] | Fault:
    street, number = cells.get(AddressColumn.STREET, ""), cells.get(AddressColumn.NUMBER, "")
    if not street:
        return Fault(row, FaultKind.NO_STREET, AddressColumn.STREET)
    if not number and not re.search(r"\d", street):
        return Fault(row, FaultKind.NO_NUMBER, AddressColumn.NUMBER, street[:60])
    postcode = cells.get(AddressColumn.POSTCODE, "")
    if not postcode:
        return Fault(row, FaultKind.NO_POSTCODE, AddressColumn.POSTCODE, street[:60])
    match = _POSTCODE.fullmatch(postcode.upper())
    if not match:
        return Fault(row, FaultKind.ODD_POSTCODE, AddressColumn.POSTCODE, postcode[:60])
    if not cells.get(AddressColumn.TOWN):
        return Fault(row, FaultKind.NO_TOWN, AddressColumn.TOWN, street[:60])
    for part, longest in _LONGEST.items():
        if len(cells.get(part, "")) > longest:
            return Fault(row, FaultKind.TOO_LONG, part, cells[part][:60])
    return [
        cells.get(AddressColumn.NAME, ""),
        _with_number(
            street, number, cells.get(AddressColumn.LETTER, ""), cells.get(AddressColumn.ADDITION, "")
        ),
        f"{match[1]} {match[2]}  {cells[AddressColumn.TOWN].upper()}",
    ]


def _with_number(street: str, number: str, letter: str, addition: str) -> str:
    """“Kade 12B-3”: the format of Dutch post."""
    whole = f"{number}{letter.upper() if len(letter) == 1 else letter}"
    if addition:
        whole += f"-{addition}" if whole else addition
    return f"{street} {whole}".strip()


def _mailbox(cells: dict[AddressColumn, str], row: int) -> list[str] | Fault:
    address = cells.get(AddressColumn.EMAIL, "").removeprefix("mailto:").strip("<> ")
    if not address:
        return Fault(row, FaultKind.NO_EMAIL, AddressColumn.EMAIL)
    if len(address) > 254 or ".." in address or not _EMAIL.fullmatch(address):
        return Fault(row, FaultKind.ODD_EMAIL, AddressColumn.EMAIL, address[:60])
    return [address, cells.get(AddressColumn.LANGUAGE, "").casefold()[:12]]


# --- sealed lists ---------------------------------------------------------------------------------
# An encrypted file, written and read in one pass.
#
# Blocks of AES-GCM, each with its own number as nonce and, as associated data, whether it is the last, so that
# a truncated or reordered file is refused. A key is used for one file.


BLOCK_BYTES = 256 * 1024
TAG_BYTES = 16
MORE_BLOCKS, LAST_BLOCK = b"more", b"last"


class UndecryptableFile(ValueError):
    """This file is incomplete, or encrypted with another key."""


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)


class EncryptedWriter:
    """A writable file that keeps at most one block in memory."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._cipher = file, AESGCM(key)
        self._waiting, self._number = bytearray(), 0

    def write(self, some: bytes) -> int:
        self._waiting += some
        # One block always waits, because the last one is encrypted as the last.
        while len(self._waiting) > BLOCK_BYTES:
            self._seal(bytes(self._waiting[:BLOCK_BYTES]), MORE_BLOCKS)
            del self._waiting[:BLOCK_BYTES]
        return len(some)

    def flush(self) -> None:
        """No-op: a ZIP writer calls it, but blocks are written only when full."""

    def finish(self) -> None:
        self._seal(bytes(self._waiting), LAST_BLOCK)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, block: bytes, which: bytes) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number), block, which))
        self._number += 1


def decrypted_blocks(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """Decrypts block by block. Raises Broken."""
    cipher, number = AESGCM(key), 0
    block = file.read(BLOCK_BYTES + TAG_BYTES)
    while True:
        following = file.read(BLOCK_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number), block, MORE_BLOCKS if following else LAST_BLOCK)
        except (InvalidTag, ValueError) as error:
            raise UndecryptableFile from error
        if not following:
            return
        block, number = following, number + 1


def _nonce(number: int) -> bytes:
    return struct.pack(">4xQ", number)
