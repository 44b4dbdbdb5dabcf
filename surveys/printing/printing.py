"""Letters and forms as PDF/UA-1, typeset by typst. Data in, bytes out; uses no models.

Typst keeps what it has typeset in memory, a quarter of a megabyte per letter: hundreds are typeset in a
separate process (this file, run as a script), which frees the memory when it ends.
"""

import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import segno

from core.i18n import without_signs
from core.paper import CantBeSet, Other, PrintContent, compiled

FEW, REFUSED = 20, 3
LETTER, PAPER = (Path(__file__).with_name(f"{name}.typ") for name in ("letter", "paper"))


@dataclass(frozen=True)
class PrintedLetter:
    to: list[str]
    code: str
    url: str


def letters_pdf(sheet: PrintContent, letters: Sequence[PrintedLetter]) -> bytes:
    """One page each. All are in memory together, so pass some hundreds at most. Raises CantBeSet."""
    data = {
        "words": asdict(sheet.words),
        "address": sheet.address,
        "window": sheet.window,
        "others": [asdict(other) for other in sheet.others],
        "letters": [_letter(letter) for letter in letters],
    }
    inputs = {"letters": json.dumps(without_signs(data))}
    return compiled(LETTER, inputs) if len(letters) <= FEW else _compile_apart(LETTER, inputs)


@dataclass(frozen=True)
class PrintedForm:
    """One paper form: its number as printed and as scanned, and the code on its strip."""

    number: str
    scanned: str
    code: str


def forms_pdf(sheet: Mapping[str, Any], forms: Sequence[PrintedForm]) -> bytes:
    """Each form takes as many pages as needed, beginning on the front of a sheet. Raises CantBeSet."""
    made = [{"number": form.number, "code": form.code} | _drawn(form.scanned) for form in forms]
    inputs = {"forms": json.dumps(without_signs(dict(sheet)) | {"forms": made})}
    return compiled(PAPER, inputs) if len(forms) <= FEW else _compile_apart(PAPER, inputs)


def can_be_set(sheet: PrintContent, other: Other) -> bool:
    """Whether the fonts have every character of this language."""
    one = PrintContent(sheet.words, sheet.url, sheet.address, [other])
    try:
        letters_pdf(one, [PrintedLetter(["x"], "", sheet.url)])
    except CantBeSet as refused:
        return refused.is_too_long
    return True


_PATH = re.compile(r' d="([^"]+)"')


def _letter(letter: PrintedLetter) -> dict[str, object]:
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


def _compile_apart(template: Path, inputs: dict[str, str]) -> bytes:
    root, data = Path(__file__).resolve().parents[2], json.dumps(inputs).encode()
    command = [sys.executable, "-m", __name__, str(template)]  # our own module, with data passed on stdin
    ran = subprocess.run(command, input=data, capture_output=True, cwd=root, check=False)  # noqa: S603
    if ran.returncode == REFUSED:
        raise CantBeSet(ran.stderr.decode(errors="replace").strip()[-500:])
    if ran.returncode:
        raise RuntimeError(f"Setting the letters ended with {ran.returncode}.")
    return ran.stdout


def main() -> None:
    try:
        made = compiled(Path(sys.argv[1]), json.load(sys.stdin))
    except CantBeSet as error:
        sys.stderr.write(str(error))
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
