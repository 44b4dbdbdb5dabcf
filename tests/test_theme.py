"""Every theme in static/css is measured: text 4.5 to 1, controls and graphics 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).

A municipality's own theme is one more block of tokens; put its file in static/css/, import it in
static/residents.css, and this refuses it when it fails.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings

STYLESHEETS = sorted((Path(settings.BASE_DIR) / "static").rglob("*.css"))
TOKEN = re.compile(r"(--(?:nabij|utrecht)-[\w-]+)\s*:\s*([^;]+);")
BLOCK = re.compile(r"([^{}]*)\{([^{}]*)\}")
BUTTON_TEXT, FOCUS = "--utrecht-button-primary-action-color", "--utrecht-focus-outline-color"

# (in front, behind); short names are --nabij-color-*
TEXT = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "lamp-tint"),
    ("ink", "canal-tint"),
    ("ink", "brick-tint"),
    ("ink-soft", "paper"),
    ("ink-soft", "surface"),
    ("ink-soft", "lamp-tint"),
    ("ink-soft", "canal-tint"),
    ("ink-soft", "brick-tint"),
    (BUTTON_TEXT, "canal"),
    (BUTTON_TEXT, "canal-dark"),
    ("canal", "paper"),
    ("canal", "surface"),
    ("canal", "canal-tint"),
    ("canal", "lamp-tint"),
    ("lamp-ink", "lamp-tint"),
    ("brick", "surface"),
    ("brick", "paper"),
    ("brick", "brick-tint"),
    ("on-brick", "brick"),
    ("on-night", "night"),
    ("on-night-soft", "night"),
    ("on-night", "label"),
]
GRAPHICS = [
    ("edge", "surface"),
    ("edge", "paper"),
    ("edge", "canal-tint"),
    ("edge", "lamp-tint"),
    ("canal", "track"),
    ("lamp", "night"),
    ("lamp", "pane"),
    (FOCUS, "surface"),
    (FOCUS, "paper"),
]


def themes() -> dict[str, dict[str, str]]:
    """Tokens by theme: what stands in `:root`, and every block that changes colours laid over it."""
    base: dict[str, str] = {}
    changes: dict[str, dict[str, str]] = {}
    for path in STYLESHEETS:
        css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for selector, block in BLOCK.findall(css):
            tokens = {name: value.strip() for name, value in TOKEN.findall(block + ";")}
            selector = " ".join(selector.split())
            if selector == ":root" and not base:
                base = tokens
            elif any(name.startswith("--nabij-color-") for name in tokens):
                changes[f"{path.name} {len(changes) + 1}: {selector}"] = tokens
    return {"tokens.css: the house itself": base} | {name: base | tokens for name, tokens in changes.items()}


def colour(tokens: dict[str, str], name: str) -> tuple[float, float, float]:
    value = tokens[name if name.startswith("--") else f"--nabij-color-{name}"]
    if reference := re.fullmatch(r"var\((--[\w-]+)\)", value):
        return colour(tokens, reference.group(1))
    digits = value.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    assert re.fullmatch(r"[0-9a-f]{6}", digits), f"{name}: write a colour as #rrggbb, not {value!r}"
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def luminance(rgb: tuple[float, float, float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(tokens: dict[str, str], front: str, behind: str) -> float:
    lighter, darker = sorted(
        (luminance(colour(tokens, front)), luminance(colour(tokens, behind))), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


def test_ratio_is_that_of_wcag():
    assert ratio({"--a": "#000", "--b": "#fff"}, "--a", "--b") == 21
    assert ratio({"--a": "#777777", "--b": "#fff"}, "--a", "--b") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", themes())
def test_theme_can_be_read(theme):
    tokens = themes()[theme]
    too_faint = [
        f"{front} on {behind}: {found:.2f}, needs {needed}"
        for pairs, needed in ((TEXT, 4.5), (GRAPHICS, 3))
        for front, behind in pairs
        if (found := ratio(tokens, front, behind)) < needed
    ]
    assert not too_faint


def test_components_read_tokens_only():
    css = "\n".join(path.read_text() for path in STYLESHEETS)
    rules = [
        " ".join(selector.split())
        for selector, block in BLOCK.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
        if re.search(r":[^;]*#[0-9a-f]{3,6}\b", re.sub(TOKEN, "", block + ";"))
    ]
    # A QR code is read by machines: dark on white in every theme.
    assert [rule for rule in rules if rule != ".nabij-qr"] == []
