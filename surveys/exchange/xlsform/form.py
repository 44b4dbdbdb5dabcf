"""The parts of a form file before its rows are read: sheets, settings, languages and lists of choices.

Also converts its texts to ours, and reports what cannot be imported.
"""

import re

from surveys.exchange.xlsform import giving as own
from surveys.exchange.xlsform.book import (
    KNOWN_FORM_COLUMNS,
    Book,
    FormSheet,
    SheetRow,
    parse_language,
    sheet_of,
)
from surveys.exchange.xlsform.report import Remark, RemarkCode, UnusableForm, UnusableFormReason

LENGTHS = {"question": 200, "hint": 200, "choice": 120, "layer": 80, "title": 120}
MAX_TEXT_LENGTH = 1_000
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")

Lists = dict[str, list[tuple[SheetRow, str, dict[str, str]]]]
"""List name -> (row, name, label per language)."""


class XlsForm:
    def __init__(self, book: Book, house: tuple[str, ...], unnamed: str) -> None:
        self.book, self.house, self.unnamed = book, house, unnamed
        self.remarks: list[Remark] = []
        self.used_lists: set[str] = set()
        self.translated: dict[str, str] = {}
        self.survey = self._survey()
        self.settings, self.extras = self._settings(), self._extras()
        self._languages()
        self._file()
        self.lists = self._choices()
        self.skip_columns(self.survey, KNOWN_FORM_COLUMNS)

    # --- contents of the file

    def _survey(self) -> FormSheet:
        if sheet := self._sheet("survey", "type"):
            return sheet
        if any(name.strip().lower() == "survey" for name in self.book.sheets):
            raise UnusableForm(UnusableFormReason.NO_HEAD)
        raise UnusableForm(UnusableFormReason.NO_SURVEY, ", ".join(list(self.book.sheets)[:5]))

    def _sheet(self, name: str, *needs: str) -> FormSheet | None:
        for title, rows in self.book.sheets.items():
            if title.strip().lower() == name:
                return sheet_of(title, rows, frozenset(needs))
        return None

    def _file(self) -> None:
        if self.book.has_macros:
            self.remarks.append(Remark(RemarkCode.MACROS, ""))
        for name, rows in self.book.sheets.items():
            if rows and name.strip().lower() not in ("survey", "choices", "settings", own.EXTRAS_SHEET_NAME):
                self.remarks.append(Remark(RemarkCode.SHEET, name))
        for sheet, row, column in self.book.uncounted:
            if sheet.strip().lower() in ("survey", "choices", "settings"):
                self.remarks.append(Remark(RemarkCode.FORMULA, sheet, row, str(column)))

    def _settings(self) -> dict[str, str]:
        sheet = next(
            (sheet_of(title, rows, frozenset()) for title, rows in self.book.sheets.items()
             if title.strip().lower() == "settings"), None)  # fmt: skip
        if sheet is None:
            return {}
        row = sheet.rows[0] if sheet.rows else None
        found = {column.what: sheet.cell(row, column.what) for column in sheet.columns} if row else {}
        for column in sheet.columns:
            said = found.get(column.what, "")
            if row and said and column.what not in ("form_title", "form_id", "default_language", "version"):
                self.remarks.append(
                    Remark(RemarkCode.SETTING, sheet.name, row.number, column.heading, said[:80])
                )
        return found

    def _extras(self) -> own.Extras:
        sheet = self._sheet(own.EXTRAS_SHEET_NAME, *own.EXTRAS_HEADINGS[:2])
        if sheet is None:
            return {}
        return own.read_extras(
            (
                sheet.cell(row, "about"),
                sheet.cell(row, "field"),
                sheet.cell(row, "language"),
                sheet.cell(row, "words"),
            )
            for row in sheet.rows
        )

    def _languages(self) -> None:
        """Maps headings to our languages. If the form has none of ours, a foreign language takes the place of
        one of ours.
        """
        headings = list(
            dict.fromkeys(
                column.language for column in self.survey.by_field.get("label", ()) if column.language
            )
        )
        default = self.settings.get("default_language", "")
        if default and parse_language(default) in self.house:
            self.unnamed = parse_language(default)
        elif headings and len(headings) == len(self.survey.by_field["label"]):
            # All labels name a language: hints without one are in the first of those that is ours.
            self.unnamed = next(
                (code for each in headings if (code := parse_language(each)) in self.house), self.unnamed
            )
        codes = {heading: parse_language(heading) for heading in headings}
        has_ours = any(code in self.house for code in codes.values()) or any(
            not column.language for column in self.survey.by_field.get("label", ())
        )
        for number, (heading, code) in enumerate(codes.items()):
            if code in self.house:
                self.translated[heading] = code
            elif not has_ours and not number:
                self.translated[heading] = self.unnamed
                self.remarks.append(Remark(RemarkCode.LANGUAGE_TAKEN, self.survey.name, 0, "label", heading))
            else:
                self.remarks.append(Remark(RemarkCode.LANGUAGE, self.survey.name, 0, "label", heading))

    def skip_columns(self, sheet: FormSheet, known: frozenset[str]) -> None:
        for column in sheet.columns:
            if column.what in known:
                continue
            row = next(
                (row for row in sheet.rows if column.index < len(row.cells) and row.cells[column.index]), None
            )
            if row:
                self.remarks.append(
                    Remark(
                        RemarkCode.COLUMN,
                        sheet.name,
                        row.number,
                        column.heading,
                        row.cells[column.index][:80],
                    )
                )

    def _choices(self) -> Lists:
        sheet = self._sheet("choices", "list_name", "name") or self._sheet("choices", "list_name")
        self.choices = sheet
        lists: Lists = {}
        named: set[tuple[str, str]] = set()
        if sheet is None:
            return lists
        listed = ""
        for row in sheet.rows:
            listed = sheet.cell(row, "list_name")
            name = sheet.cell(row, "name")
            label = self.texts(sheet, row, "label", "choice")
            if not listed:
                self.say(RemarkCode.NO_TYPE, row, "list_name", name, sheet)
                continue
            for what in ("image", "audio", "video"):
                for column, said in sheet.cells(row, what):
                    self.say(RemarkCode.MEDIA, row, column.heading, said, sheet)
            choices = lists.setdefault(listed, [])
            name = name or next(iter(label.values()), "")
            if (listed, name) in named:
                self.say(RemarkCode.SAME_CHOICE, row, "name", name, sheet)
            elif name:
                named.add((listed, name))
                choices.append((row, name, label or {self.unnamed: name}))
        self.skip_columns(sheet, frozenset({"list_name", "name", "label", "image", "audio", "video"}))
        return lists

    def add_unused_list_remarks(self) -> None:
        for name, choices in self.lists.items():
            if name not in self.used_lists and self.choices and choices:
                self.say(RemarkCode.UNUSED_LIST, choices[0][0], "list_name", name, self.choices)

    # --- words

    def texts(self, sheet: FormSheet, row: SheetRow, what: str, kind: str) -> dict[str, str]:
        texts: dict[str, str] = {}
        for column, said in sheet.cells(row, what):
            code = self.translated.get(column.language) if column.language else self.unnamed
            if column.language and code is None and parse_language(column.language) in self.house:
                code = parse_language(column.language)
            if code is None:
                if what != "label" or kind == "choice":
                    self.remarks.append(Remark(RemarkCode.LANGUAGE, sheet.name, 0, what, column.language))
                continue
            clean = self._clean(said, sheet, row, column.heading, kind)
            if clean and code not in texts:
                texts[code] = clean
        return texts

    def _clean(self, said: str, sheet: FormSheet, row: SheetRow, heading: str, kind: str) -> str:
        if "${" in said:
            self.say(RemarkCode.PIPED, row, heading, said, sheet)
            said = re.sub(r"\$\{[^{}]*\}", "…", said)
        if _TAG.search(said):
            self.say(RemarkCode.MARKUP, row, heading, said, sheet)
            said = _TAG.sub("", said)
        said = re.sub(r"\s+", " ", said).strip()
        if len(said) > LENGTHS[kind]:
            self.say(RemarkCode.LONG, row, heading, said, sheet)
        return said[:MAX_TEXT_LENGTH]

    def codes(self) -> list[str]:
        return list(dict.fromkeys(self.translated.values())) or [self.unnamed]

    # --- remarks

    def say(
        self, code: RemarkCode, row: SheetRow, column: str, found: str, sheet: FormSheet | None = None
    ) -> None:
        name = (sheet or self.survey).name
        self.remarks.append(Remark(code, name, row.number, column, re.sub(r"\s+", " ", found)[:160]))

    def withdraw_remarks(self, code: RemarkCode, row: SheetRow) -> None:
        """Withdraws a remark on this question row, because the problem was resolved."""
        mine = (self.survey.name, row.number, code)
        self.remarks = [one for one in self.remarks if (one.sheet, one.row, one.code) != mine]

    def sorted_remarks(self) -> tuple[Remark, ...]:
        order = {name: place for place, name in enumerate(self.book.sheets)}
        remarks = sorted(self.remarks, key=lambda one: (order.get(one.sheet, -1), one.row))
        return tuple(dict.fromkeys(remarks))
