"""What a PDF says of itself, as far as tests ask for it."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress

from core.paper import fonts

_STREAM = re.compile(rb"/Length (\d+)[^>]*>>\s*stream\r?\n")
_FONT = re.compile(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([A-Za-z0-9]+)")


def families_in(pdf: bytes) -> set[str]:
    """Families of the fonts that it is set in, written without spaces."""
    parts = [pdf]
    for found in _STREAM.finditer(pdf):
        with suppress(zlib.error):  # pictures
            parts.append(_unpacked(pdf, found))
    return {name.decode() for part in parts for name in _FONT.findall(part)}


def is_in_our_fonts(pdf: bytes) -> bool:
    """The packages and typst bring them: no font of this machine is among them."""
    ours = {font.family.replace(" ", "") for font in fonts().fonts() if font.path} | {"DejaVuSansMono"}
    found = families_in(pdf)
    assert found, "A PDF with text names its fonts."
    return found <= ours


# --- its text -----------------------------------------------------------------------------------

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_FONT_OF = re.compile(rb"/(f\d+) (\d+) 0 R")
_GLYPH = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_DRAWN = re.compile(rb"/(?P<font>f\d+) [\d.]+ Tf|\bBT\b|<(?P<hex>[0-9A-Fa-f]+)>|(?P<string>\()")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """What a PDF by typst says, in the order in which it is drawn; a space stands between two pieces."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    return "".join(piece for page in pages for piece in _pieces(page, objects))


def _pieces(page: bytes, objects: dict[int, bytes]) -> Iterator[str]:
    resources = objects[_number(b"Resources", page)]
    fonts = {name: _letters(objects[int(font)], objects) for name, font in _FONT_OF.findall(resources)}
    drawn, at, letters = _unpacked(objects[_number(b"Contents", page)]), 0, {}
    while found := _DRAWN.search(drawn, at):
        at, glyphs = found.end(), b""
        if found["font"]:
            letters = fonts[found["font"]]
        elif found["hex"]:
            glyphs = bytes.fromhex(found["hex"].decode())
        elif found["string"]:
            glyphs, at = _string(drawn, at)
        else:
            yield " "
        yield "".join(letters.get(glyphs[n : n + 2], "") for n in range(0, len(glyphs), 2))


def _string(drawn: bytes, at: int) -> tuple[bytes, int]:
    """What stands between brackets that begin before `at`, and where it ends. Brackets in pairs may stand in it."""
    begin, depth = at, 1
    while depth:
        sign = drawn[at : at + 1]
        depth += (sign == b"(") - (sign == b")")
        at += 2 if sign == b"\\" else 1
    return _ESCAPED.sub(_unescaped, drawn[begin : at - 1]), at


def _unescaped(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8)]) if sign.isdigit() else _SIGNS.get(sign, sign)


def _letters(font: bytes, objects: dict[int, bytes]) -> dict[bytes, str]:
    """Glyph -> what it stands for; ligatures are several letters."""
    told = _unpacked(objects[_number(b"ToUnicode", font)])
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in _GLYPH.findall(told.partition(b"endcodespacerange")[2])
    }


def _number(name: bytes, body: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % name, body)
    assert found, (name, body)
    return int(found[1])


def _unpacked(body: bytes, found: re.Match[bytes] | None = None) -> bytes:
    """The first stream, or the one that was found. Its length decides: its last byte may be a line end."""
    found = found or _STREAM.search(body)
    assert found, body
    return zlib.decompress(body[found.end() : found.end() + int(found[1])])
