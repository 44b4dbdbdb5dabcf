"""PDF/UA-1 set by typst with the fonts that are installed as packages, so that paper is the same on every machine.

The fonts of the system are left out: they differ, and with them the length of a page and what can be set at all.
Which of these fonts a template asks for, and in what order, stands in fonts.typ.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

PACKAGES = ("manimgx_fonts", "fontpkg_noto_serif")
"""Noto Sans in the scripts of most languages, and Noto Serif. Typst brings a face for codes and some for signs."""
ROOT = Path(__file__).resolve().parent.parent
"""What templates may read: they import fonts.typ from another app."""


@cache
def fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(files(package)) for package in PACKAGES],
    )


def set_pdf(template: Path, inputs: Mapping[str, str]) -> bytes:
    """Raises typst.TypstError, also for a character that no font has: a gap would not be PDF/UA."""
    made = typst.compile(
        str(template), root=str(ROOT), font_paths=fonts(), sys_inputs=dict(inputs), pdf_standards="ua-1"
    )
    assert isinstance(made, bytes)
    return made
