"""What a PDF says of itself, as far as tests ask for it."""

import re
import zlib

from core.typesetting import fonts

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([A-Za-z0-9]+)")


def families_in(pdf: bytes) -> set[str]:
    """Families of the fonts that it is set in, written without spaces."""
    parts = [pdf]
    for packed in _STREAM.findall(pdf):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return {name.decode() for part in parts for name in _FONT.findall(part)}


def is_in_our_fonts(pdf: bytes) -> bool:
    """The packages and typst bring them: no font of this machine is among them."""
    ours = {font.family.replace(" ", "") for font in fonts().fonts() if font.path} | {"DejaVuSansMono"}
    found = families_in(pdf)
    assert found, "A PDF with text names its fonts."
    return found <= ours
