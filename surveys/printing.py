"""Letters, posters, flyers and forms as PDF/UA-1, set by typst. Data in, bytes out; knows no tables.

Typst keeps what it has set, a quarter of a megabyte for each letter: hundreds are set in a process of their own
(this file, run), which gives the memory back when it ends.
"""

import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import segno
import typst

from neighbourhoods.texts import without_signs
from surveys.qr import qr_svg

FEW, REFUSED = 20, 3
LETTER, POSTER, PAPER = (Path(__file__).with_name(f"{name}.typ") for name in ("letter", "poster", "paper"))


class CantBeSet(Exception):
    """There is no font here for some letter of it, or it does not fit on its page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.is_too_long = "too long" in reason


@dataclass(frozen=True)
class Words:
    """What stands on paper, in the main language of the survey."""

    language: str
    rtl: bool
    sender: str
    title: str
    lead: str
    go_to: str
    your_code: str
    promise: str
    we_answer: str
    qr_alt: str
    lines: list[str]
    above: str = ""


@dataclass(frozen=True)
class Other:
    """The same in short, in another language."""

    language: str
    rtl: bool
    name: str
    text: str


@dataclass(frozen=True)
class Sheet:
    """What is the same on every copy. `url` is behind the QR code, `address` is what people type."""

    words: Words
    url: str
    address: str
    others: list[Other] = field(default_factory=list)
    window: str = "left"


@dataclass(frozen=True)
class Letter:
    to: list[str]
    code: str
    url: str


def letters_pdf(sheet: Sheet, letters: Sequence[Letter]) -> bytes:
    """One page each. Some hundreds at once: they lie in memory together. Raises CantBeSet."""
    data = {
        "words": asdict(sheet.words),
        "address": sheet.address,
        "window": sheet.window,
        "others": [asdict(other) for other in sheet.others],
        "letters": [_letter(letter) for letter in letters],
    }
    inputs = {"letters": json.dumps(without_signs(data))}
    return _compile(LETTER, inputs) if len(letters) <= FEW else _compile_apart(LETTER, inputs)


@dataclass(frozen=True)
class Form:
    """One form on paper: its number as it is read and as it is scanned, and the code on its strip."""

    number: str
    scanned: str
    code: str


def forms_pdf(sheet: Mapping[str, Any], forms: Sequence[Form]) -> bytes:
    """Each on as many pages as it takes, beginning on the front of a leaf. Raises CantBeSet."""
    made = [{"number": form.number, "code": form.code} | _drawn(form.scanned) for form in forms]
    inputs = {"forms": json.dumps(without_signs(dict(sheet)) | {"forms": made})}
    return _compile(PAPER, inputs) if len(forms) <= FEW else _compile_apart(PAPER, inputs)


def poster_pdf(sheet: Sheet, *, width: int, bleed: int, street: str) -> bytes:
    """`width` in mm; `bleed` is what the printer cuts off, in mm; `street` is a drawing. Raises CantBeSet."""
    data = {
        "words": asdict(sheet.words),
        "address": [part + "/" * (not last) for part, last in _parts(sheet.address)],
        "others": [asdict(other) for other in sheet.others],
        "qr": qr_svg(sheet.url).decode(),
        "width": width,
        "bleed": bleed,
        "street": street,
    }
    return _compile(POSTER, {"poster": json.dumps(without_signs(data))})


def can_be_set(sheet: Sheet, other: Other) -> bool:
    """Whether there is a font here for this language."""
    one = Sheet(sheet.words, sheet.url, sheet.address, [other])
    try:
        letters_pdf(one, [Letter(["x"], "", sheet.url)])
    except CantBeSet as refused:
        return refused.is_too_long
    return True


def _parts(address: str) -> list[tuple[str, bool]]:
    parts = address.split("/")
    return [(part, place == len(parts) - 1) for place, part in enumerate(parts)]


_PATH = re.compile(r' d="([^"]+)"')


def _letter(letter: Letter) -> dict[str, object]:
    return {"to": letter.to, "code": letter.code} | _drawn(letter.url)


def _drawn(what: str) -> dict[str, object]:
    """A QR code as one path in a square of `size`."""
    code = segno.make(what, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=False, omitsize=True)
    found = _PATH.search(out.getvalue().decode())
    assert found, "segno draws a QR code as one path."
    size = code.symbol_size(border=4)[0]
    return {"qr": found[1], "size": size}


def _compile(template: Path, inputs: dict[str, str]) -> bytes:
    try:
        made = typst.compile(str(template), sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError as error:
        raise CantBeSet(str(error)) from error
    assert isinstance(made, bytes)
    return made


def _compile_apart(template: Path, inputs: dict[str, str]) -> bytes:
    root, data = Path(__file__).resolve().parent.parent, json.dumps(inputs).encode()
    command = [sys.executable, "-m", __name__, str(template)]  # our own module, and data that stays data
    ran = subprocess.run(command, input=data, capture_output=True, cwd=root, check=False)  # noqa: S603
    if ran.returncode == REFUSED:
        raise CantBeSet(ran.stderr.decode(errors="replace").strip()[-500:])
    if ran.returncode:
        raise RuntimeError(f"Setting the letters ended with {ran.returncode}.")
    return ran.stdout


def main() -> None:
    try:
        made = _compile(Path(sys.argv[1]), json.load(sys.stdin))
    except CantBeSet as error:
        sys.stderr.write(str(error))
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
