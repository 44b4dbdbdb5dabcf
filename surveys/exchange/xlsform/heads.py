"""The headings of a form: which column holds what, and in which language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from surveys.exchange.xlsform.book import SheetRow

# Heading -> meaning, for all spellings in use.
_ALIASES = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "skip logic": "relevant",
    "calculate": "calculation",
    "read_only": "readonly",
    "constraintmsg": "constraint_message",
    "constraint_msg": "constraint_message",
    "jr constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr requiredmsg": "required_message",
    "repeat_count": "repeat_count",
    "jr count": "repeat_count",
    "list name": "list_name",
    "listname": "list_name",
    "list": "list_name",
    "media image": "image",
    "media audio": "audio",
    "media video": "video",
    "media big-image": "image",
    "big-image": "image",
    "form title": "form_title",
    "title": "form_title",
    "set form title": "form_title",
    "form id": "form_id",
    "id_string": "form_id",
    "set form id": "form_id",
    "default language": "default_language",
}
_NAMES = """nl: nederlands dutch hollands|en: english engels|de: deutsch german duits
    |fr: français francais french frans|es: español espanol spanish spaans|ar: العربية arabic arabisch
    |tr: türkçe turkce turkish turks|pl: polski polish pools|uk: українська ukrainian oekraïens
    |fa: فارسی persian farsi dari|ti: ትግርኛ tigrinya|so: soomaali somali|zh: 中文 chinese chinees|ru: русский russian
    |pt: português portugues portuguese|it: italiano italian|ro: română romanian|bg: български bulgarian
    |fy: frysk frisian fries|pap: papiamento papiamentu|ku: kurdî kurdish"""
_LANGUAGES = {
    word: code.strip()
    for line in _NAMES.split("|")
    for code, words in [line.split(":")]
    for word in words.split()
}
_CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\s*\)\s*$")


@dataclass(frozen=True)
class FormColumn:
    """`what` it holds ("label", "relevant", or its own heading); `language` as its heading says, "" for none."""

    index: int
    heading: str
    what: str
    language: str = ""


@dataclass(frozen=True)
class FormSheet:
    name: str
    columns: tuple[FormColumn, ...] = ()
    rows: tuple[SheetRow, ...] = ()
    by_what: dict[str, tuple[FormColumn, ...]] = field(default_factory=dict)

    def cell(self, row: SheetRow, what: str) -> str:
        return next((said for _column, said in self.cells(row, what)), "")

    def cells(self, row: SheetRow, what: str) -> Iterator[tuple[FormColumn, str]]:
        for column in self.by_what.get(what, ()):
            if column.index < len(row.cells) and row.cells[column.index]:
                yield column, row.cells[column.index]


def sheet_of(name: str, rows: Sequence[SheetRow], needs: frozenset[str]) -> FormSheet | None:
    """The rows below the heading row: the first row with all of `needs`. None if there is no such row."""
    for place, row in enumerate(rows[:20]):
        columns = tuple(_column(index, heading) for index, heading in enumerate(row.cells) if heading)
        if needs <= {column.what for column in columns}:
            by_what: dict[str, tuple[FormColumn, ...]] = {}
            for column in columns:
                by_what[column.what] = (*by_what.get(column.what, ()), column)
            return FormSheet(name, columns, tuple(rows[place + 1 :]), by_what)
    return None


def parse_language(said: str) -> str:
    """The code of a language named in a heading; the name itself if unknown."""
    if found := _CODE.search(said):
        return _short(found[1])
    word = re.sub(r"\s*\(.*\)\s*$", "", said).strip().casefold()
    if word in _LANGUAGES:
        return _LANGUAGES[word]
    return _short(word) if re.fullmatch(r"[a-z]{2,3}([-_][a-z0-9]+)?", word) else said.strip()


def _short(code: str) -> str:
    return re.split(r"[-_]", code.lower())[0]


def _column(index: int, heading: str) -> FormColumn:
    parts = [part.strip() for part in re.split(r"\s*::?\s*", heading.strip()) if part.strip()]
    lowered = [part.lower() for part in parts]
    if lowered and lowered[0] in ("bind", "control"):
        parts, lowered = parts[1:], lowered[1:]
    if lowered and lowered[0] in ("media", "jr") and len(lowered) > 1:
        parts, lowered = [" ".join(parts[:2]), *parts[2:]], [" ".join(lowered[:2]), *lowered[2:]]
    if not lowered:
        return FormColumn(index, heading, heading.strip().lower())
    what = re.sub(r"\s+", " ", lowered[0])
    what = _ALIASES.get(what, _ALIASES.get(what.replace("_", " "), what.replace(" ", "_")))
    return FormColumn(index, heading, what, parts[1] if len(parts) > 1 else "")
