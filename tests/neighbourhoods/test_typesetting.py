"""Paper is the same on every machine: its fonts come with packages, and none of the system is asked."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from typst import TypstError

from core import paper
from neighbourhoods.trajectories.documents import TYPST_TEMPLATE_PATH
from tests.pdfs import families_in

TEMPLATES = sorted(path for path in settings.BASE_DIR.glob("[a-z]*/**/*.typ") if path.name != "fonts.typ")
FONTS = (Path(paper.__file__).with_name("fonts.typ")).read_text()


def document(text: str, language: str = "nl", *, rtl: bool = False) -> bytes:
    data = {"title": text, "author": "x", "language": language, "lead": text, "rtl": rtl, "parts": []}
    return paper.typeset_pdf(TYPST_TEMPLATE_PATH, {"document": json.dumps(data)})


def test_no_font_of_the_system_is_there():
    folders = [
        font.path.split("site-packages/")[-1].split("/")[0] for font in paper.fonts().fonts() if font.path
    ]
    assert set(folders) == set(paper.PACKAGES)


def test_templates_ask_for_these_fonts_and_no_others():
    there = set(paper.fonts().families())
    bundled = {font.family for font in paper.fonts().fonts() if font.path}
    asked = set(re.findall(r'"([^"]+)"', FONTS))
    assert bundled <= asked <= there
    assert len(TEMPLATES) == 6
    for path in TEMPLATES:
        assert "fonts.typ" in path.read_text() and not re.search(r'font: [("]', path.read_text()), path


@pytest.mark.parametrize(
    ("language", "text", "families"),
    [
        ("nl", "Eén plek, vóór 1 mei: € 4.000", {"NotoSans", "NotoSerif"}),
        ("tr", "Mahallenizin neye ihtiyacı var? İyi ğüş", {"NotoSans", "NotoSerif"}),
        ("pl", "Czego potrzebuje okolica? Zażółć gęślą jaźń", {"NotoSans", "NotoSerif"}),
        ("uk", "Чого потребує район? Їжа, ґанок, є", {"NotoSans", "NotoSerif"}),
        ("ar", "ماذا يحتاج الحي؟", {"NotoSans", "NotoSerif", "NotoSansArabic"}),
        ("fa", "محله به چه چیزی نیاز دارد؟", {"NotoSans", "NotoSerif", "NotoSansArabic"}),
        ("ti", "እቲ ከባቢ እንታይ የድልዮ?", {"NotoSans", "NotoSerif", "NotoSansEthiopic"}),
    ],
)
def test_scripts_that_can_be_set(language, text, families):
    made = document(text, language, rtl=language in ("ar", "fa"))
    assert families_in(made) <= families


@pytest.mark.parametrize("text", ["広場", "中文", "𓀀"])
def test_scripts_that_cannot(text):
    """Also on a machine that has fonts for them: what can be printed is no matter of where it runs."""
    with pytest.raises(TypstError):
        document(text)
