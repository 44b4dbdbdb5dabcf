"""The papers name what is there: modules, names in them, moves of a message, and every mail with what writes it."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from feedback.registries import message_hooks
from feedback.states import MESSAGE_TRANSITIONS, MessagePurpose

BASE = Path(__file__).resolve().parent.parent
IN_CODE = re.compile(r"`([^`\n]+)`")

# --- modules -------------------------------------------------------------------------------------

FILE = re.compile(r"[\w./-]+\.(py|html|toml|css|js|typ|conf|yml)")
DOTTED = re.compile(
    r"(core|accounts|config|feedback|initiatives|neighbourhoods|surveys|scenarios|tests|bench)(\.\w+)+"
)


@cache
def tracked() -> frozenset[str]:
    """Paths of all files under version control."""
    return frozenset(subprocess.check_output(["git", "ls-files"], cwd=BASE, text=True).split())


def papers() -> Iterator[tuple[str, str]]:
    """Each name in code, with the paper that has it. What changed is history, and may name what is gone."""
    for path in sorted(tracked()):
        if path.endswith(".md") and not path.startswith("docs/adr/") and path != "CHANGELOG.md":
            yield from ((path, name) for name in IN_CODE.findall((BASE / path).read_text()))


def is_there(name: str) -> bool:
    """Whether a file, or a name in a module or package, exists; True for everything that names neither."""
    if FILE.fullmatch(name) and not name.startswith("/"):
        return any(path == name or path.endswith(f"/{name}") for path in tracked())
    if not DOTTED.fullmatch(name):
        return True
    parts = name.split(".")
    for known in range(len(parts), 0, -1):
        module = "/".join(parts[:known])
        within = [
            p for p in tracked() if p == f"{module}.py" or (p.startswith(f"{module}/") and p.endswith(".py"))
        ]
        if within:
            word = re.compile(rf"\b{parts[known]}\b") if known < len(parts) else None
            return word is None or any(word.search((BASE / path).read_text()) for path in within)
    return False


def test_papers_name_what_exists():
    assert not sorted({f"{paper}: {name}" for paper, name in papers() if not is_there(name)})


def test_every_setting_is_explained():
    source = (BASE / "config/settings.py").read_text()
    explained = set(re.findall(r"\b[A-Z][A-Z_]+\b", source.split('"""')[1]))
    assert not set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source)) - explained


def test_moves_of_a_message_are_drawn():
    drawn = re.findall(r"^  (\w+) --> (\w+): ", (BASE / "docs/engine.md").read_text(), re.M)
    assert sorted(drawn) == sorted((state, to) for state, ends in MESSAGE_TRANSITIONS.items() for to in ends)


# --- mails ---------------------------------------------------------------------------------------


def rows() -> list[list[str]]:
    """Cells of the table: purpose, to, about, written by, templates, dedupe key."""
    section = (BASE / "docs/engine.md").read_text().partition("\n## Every mail\n")[2].partition("\n## ")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return found[2:]


def key_patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Per dedupe key of the table: its purpose, and an expression in which `<...>` is a part without a colon."""
    return [
        (IN_CODE.findall(purpose)[0], re.compile(re.sub(r"<[^>]*>", "[^:]+", key)))
        for purpose, *_rest, keys in rows()
        for key in IN_CODE.findall(keys)
    ]


def test_every_purpose_has_a_row():
    assert {IN_CODE.findall(row[0])[0] for row in rows()} == set(MessagePurpose.values)


def test_writers_are_those_that_are_registered():
    named = {(purpose, writer) for purpose, _to, _about, writer, *_rest in rows() if "`" in writer}
    registered = {
        (f"`{hooks.purpose}`", f"`{hooks.renderers.__name__}`") for hooks in message_hooks if hooks.purpose
    }
    assert named == registered


def test_templates_of_mails_have_a_row():
    named = {name for row in rows() for name in IN_CODE.findall(row[4])}
    there = {
        re.sub(r"_(message|subject)$", "", str(path.relative_to(BASE / "templates").with_suffix("")))
        for folder in ("mail", "email")
        for path in (BASE / "templates").glob(f"*/{folder}/*.txt")
    }
    parts = {"feedback/mail/memory"}
    without_row = {
        name for name in there - parts if not any(name == one or name.startswith(one) for one in named)
    }
    assert not without_row
    assert not {name for name in named if not any(one.startswith(name) for one in there)}


@pytest.mark.parametrize(
    ("purpose", "key"),
    [
        ("match", "match:3:1:asked:v"),
        ("talk_back", "talk-back-off:4:ab12"),
        ("notice", "due:ab:3:2026-05-01"),
    ],
)
def test_keys_are_read_as_patterns(purpose, key):
    assert {named for named, pattern in key_patterns() if pattern.fullmatch(key)} == {purpose}
