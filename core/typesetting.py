"""PDF/UA-1 set by typst with fonts that are installed as packages, so that output is the same on every machine.

System fonts are excluded: they differ per machine, and with them the page length and the available characters.
fonts.typ says which of these fonts templates use, in what order.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

PACKAGES = ("manimgx_fonts", "fontpkg_noto_serif")
"""Noto Sans in the scripts of most languages, and Noto Serif. Typst itself adds a monospace and a symbol font."""
ROOT = Path(__file__).resolve().parent.parent
"""The directory that templates may read; they import fonts.typ from another app."""


@cache
def fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(files(package)) for package in PACKAGES],
    )


def set_pdf(template: Path, inputs: Mapping[str, str]) -> bytes:
    """Raises typst.TypstError, also for a character that no font has, because a gap would not be valid PDF/UA."""
    made = typst.compile(
        str(template), root=str(ROOT), font_paths=fonts(), sys_inputs=dict(inputs), pdf_standards="ua-1"
    )
    assert isinstance(made, bytes)
    return made
