"""Style sheets: residents get only what their pages use, and every component is sent to somebody."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from core.files import IMPORT, minify_css

BASE = Path(settings.BASE_DIR)
STATIC = BASE / "static"
TEMPLATES = {
    str(path.relative_to(BASE / "templates")): path.read_text()
    for path in (BASE / "templates").rglob("*.html")
}
MOST = 8 * 1024
DRAWN_FOR_RESIDENTS = ("surveys/answer/", "feedback/private/")
"""Folders whose templates views choose by name; panels of private pages are found by their folder as well."""


def components(bundle: str) -> list[str]:
    return IMPORT.findall((STATIC / bundle).read_text())


def classes_with_rules(bundle: str) -> set[str]:
    css = minify_css("\n".join((STATIC / name).read_text() for name in components(bundle)))
    selectors = " ".join(re.findall(r"([^{};]*)\{", re.sub(r'"[^"]*"', "", css)))
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def is_for_residents(name: str) -> bool:
    """Extends base_resident.html, at whatever distance, and does not ask for desk.css itself."""
    if "/panels/" in name or name.startswith(DRAWN_FOR_RESIDENTS):
        return True
    while parent := re.search(r'\{% extends "([^"]+)"', TEMPLATES.get(name, "")):
        if 'static "desk.css"' in TEMPLATES[name]:
            return False
        name = parent.group(1)
        if name == "base_resident.html":
            return True
    return False


def templates_of_residents() -> set[str]:
    """With everything that they include."""
    found, waiting = set(), [name for name in TEMPLATES if is_for_residents(name)]
    while waiting:
        name = waiting.pop()
        if name in TEMPLATES and name not in found:
            found.add(name)
            waiting += re.findall(r'"([\w/.-]+\.html)"', TEMPLATES[name])
    return found


def classes_in(source: str) -> set[str]:
    said = re.findall(r'class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"])*)"', source)
    return set(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", " ".join(said)).split())


def test_every_component_is_sent_once():
    sent = components("residents.css") + components("desk.css")
    assert sorted(sent) == sorted(str(path.relative_to(STATIC)) for path in (STATIC / "css").rglob("*.css"))


@pytest.mark.parametrize("suffix", [".gz", ".br"])
def test_residents_fetch_little(suffix):
    names = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
    served = settings.STATIC_ROOT / names["residents.css"]
    assert "@import" not in served.read_text()
    assert served.with_name(served.name + suffix).stat().st_size <= MOST


def test_pages_of_residents_have_their_rules():
    """A class of theirs whose only rules stand in desk.css would have no look on their pages."""
    only_desk = classes_with_rules("desk.css") - classes_with_rules("residents.css")
    found = templates_of_residents()
    assert len(found) > 100
    missing = {name: sorted(classes_in(TEMPLATES[name]) & only_desk) for name in found}
    assert {name: classes for name, classes in missing.items() if classes} == {}


def test_every_class_with_a_rule_is_used():
    """Names put together in code ("nabij-lint--" and a kind) count by what stands before the two hyphens."""
    folders = (
        "templates",
        "static",
        "config",
        "core",
        "scenarios",
        "accounts",
        "feedback",
        "initiatives",
        "neighbourhoods",
        "surveys",
    )
    files = [path for folder in folders for path in (BASE / folder).rglob("*")]
    used = "\n".join(path.read_text() for path in files if path.suffix in {".html", ".py", ".js"})
    words = set(re.findall(r"[A-Za-z][\w-]*", used))
    put_together = ("rc-", "shade")  # core/drawings.py and neighbourhoods/templatetags/places.py
    unused = {
        name
        for name in classes_with_rules("residents.css") | classes_with_rules("desk.css")
        if not {name, name.rpartition("--")[0]} & words and not name.startswith(put_together)
    }
    assert unused == set()


def test_squeezing_keeps_what_is_quoted():
    css = '/* a */ a ,\nb { content: "; /* kept */ , " ;  color: red } '
    assert minify_css(css) == 'a,b{content: "; /* kept */ , ";color: red}'
