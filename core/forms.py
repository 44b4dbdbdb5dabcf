"""Fields and forms that every app uses: texts per language, several forms on one page, saving a row."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from hashlib import blake2s
from typing import Any, TypeVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.i18n import pick
from core.languages import language_label, languages_to_write

# --- fields ------------------------------------------------------------------------------------


class DateField(forms.DateField):
    """A date field with the browser's own date picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def helper(*rows: Any) -> FormHelper:
    """Render the fields only: the template adds the form tag, the CSRF token and the buttons."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    if rows:
        made.layout = Layout(*rows)
    return made


def search_text(request: HttpRequest) -> str:
    """The search text of a list, at most 80 characters and without NUL, which PostgreSQL refuses."""
    return request.GET.get("q", "").replace("\0", "").strip()[:80]


def read_only(form: forms.BaseForm) -> None:
    """Make a form that can't be sent: text stays readable and can be copied, choices are disabled."""
    for field in form.fields.values():
        is_for_words = isinstance(field.widget, forms.TextInput | forms.Textarea)
        field.widget.attrs["readonly" if is_for_words else "disabled"] = True


# --- saving ------------------------------------------------------------------------------------


_Row = TypeVar("_Row", bound=Model)


def atomic_on_post(request: HttpRequest) -> AbstractContextManager[Any]:
    """Run a POST in one transaction, so that no other write comes between comparing and saving."""
    return transaction.atomic() if request.method == "POST" else nullcontext()


def locked_on_post(request: HttpRequest, rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Within `held`: lock the rows on POST, so that concurrent saves of a row wait and then see what was written."""
    return rows.select_for_update() if request.method == "POST" else rows


# --- translations ------------------------------------------------------------------------------


def native_language_name(language: str) -> str:
    """The language's own name, or the code if Django doesn't know the language."""
    try:
        return get_language_info(language)["name_local"].capitalize()
    except KeyError:
        return language


class TextsForm(forms.Form):
    """A form with texts per language; only the first language is required."""

    def add_texts(
        self,
        name: str,
        *,
        label: str,
        languages: Iterable[str],
        value: Mapping[str, str] | None = None,
        max_length: int,
        required: bool = True,
        rows: int = 1,
        help_text: str = "",
    ) -> list[str]:
        """Add one field per language and return the field names."""
        names = []
        for number, language in enumerate(languages_to_write(languages, value)):
            attributes = {"lang": language, "dir": "auto"}
            widget = forms.Textarea(attributes | {"rows": rows}) if rows > 1 else forms.TextInput(attributes)
            self.fields[f"{name}_{language}"] = forms.CharField(
                label=f"{label} ({language_label(language, native_language_name(language))})",
                required=required and number == 0,
                max_length=max_length,
                initial=(value or {}).get(language, ""),
                widget=widget,
                help_text=help_text if number == 0 else "",
                error_messages={"required": _("Write it at least in %s.") % native_language_name(language)},
            )
            names.append(f"{name}_{language}")
        return names

    def texts(self, name: str) -> dict[str, str]:
        """The texts that were filled in, by language code; empty ones are left out."""
        start = f"{name}_"
        return {
            field.removeprefix(start): value
            for field, value in self.cleaned_data.items()
            if field.startswith(start) and value
        }


# --- together ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConcurrentChange:
    """A field that a colleague changed meanwhile: their value, and whether the user changed it as well."""

    field: forms.BoundField
    theirs: str
    is_mine_too: bool


class ConcurrentEditForm(forms.Form):
    """Optimistic concurrency: changes a colleague made since the form was loaded are never overwritten silently."""

    was_merged = False
    met: Sequence["ConcurrentChange"] = ()
    lost_texts: Sequence[str] = ()

    @property
    def status(self) -> int:
        """HTTP status when the form was not saved: 409 on a conflict with a colleague, 422 when invalid."""
        return 409 if self.met or self.lost_texts else 422 if self.is_bound else 200

    def was(self) -> SafeString:
        """The hidden field with a digest per field, as loaded.

        After a validation error the submitted digests are kept: the user has not yet seen any newer value.
        """
        came_in = self.data.get(self.add_prefix("was")) if self.is_bound and not self.was_merged else None
        marks = json.dumps({name: _mark(self._read(name)) for name in self.fields}, separators=(",", ":"))
        return format_html(
            '<input type="hidden" name="{}" value="{}">', self.add_prefix("was"), came_in or marks
        )

    def has_conflicts(self, *others: "ConcurrentEditForm") -> bool:
        """Return True if a colleague changed what is about to be saved; their values are then shown beside the
        user's.

        `others` are forms on the same page that are saved together. All forms must be valid.
        """
        found = [(form, form.concurrent_changes()) for form in (self, *others)]
        self.lost_texts = self.lost()
        if not self.lost_texts and not any(theirs for _form, theirs in found):
            return False
        for form, theirs in found:
            form.merge(theirs)
        self.met = [each for _form, theirs in found for each in theirs]
        return True

    def concurrent_changes(self) -> list[ConcurrentChange]:
        """The fields a colleague changed since this form was loaded. The form must be valid."""
        marks = self._marks()
        if marks is None:
            return []
        found = []
        for name in self.fields:
            now, mine = self._read(name), _plain(self.cleaned_data.get(name))
            if marks.get(name, _mark("")) == _mark(now) or mine == now:
                continue
            is_mine_too = name in marks and _mark(mine) != marks[name]
            found.append(ConcurrentChange(self[name], self._shown(name), is_mine_too))
        return found

    def lost(self) -> list[str]:
        """Texts the user wrote in fields that a colleague removed."""
        gone = [name for name in self._marks() or {} if name not in self.fields and self.has_words(name)]
        return [words for name in gone if (words := self.data.get(self.add_prefix(name), "").strip())]

    def has_words(self, name: str) -> bool:
        """Whether a field that disappears with its row holds text the user wrote."""
        return False

    def is_mine(self, name: str) -> bool:
        """Whether the submitted text differs from the text that was loaded."""
        marks = self._marks() or {}
        return _mark(_plain(self.data.get(self.add_prefix(name)))) != marks.get(name, _mark(""))

    def merge(self, found: Iterable[ConcurrentChange]) -> None:
        data = self.data.copy()
        for each in found:
            name, field = each.field.name, self.fields[each.field.name]
            if each.is_mine_too:
                field.help_text = _("A colleague made this: “%s”") % each.theirs
                continue
            value = self._read(name)
            if isinstance(value, list):
                data.setlist(self.add_prefix(name), value)
            elif value:
                data[self.add_prefix(name)] = "on" if isinstance(field, forms.BooleanField) else value
            else:
                data.pop(self.add_prefix(name), None)
        self.data, self.was_merged = data, True

    def _marks(self) -> dict[str, str] | None:
        try:
            marks = json.loads(self.data.get(self.add_prefix("was"), ""))
        except ValueError:
            return None
        return marks if isinstance(marks, dict) else None

    def _read(self, name: str) -> Any:
        return _plain(self.get_initial_for_field(self.fields[name], name))

    def _shown(self, name: str) -> str:
        value, field = self._read(name), self.fields[name]
        if isinstance(field, forms.BooleanField):
            return str(_("yes") if value else _("no"))
        if isinstance(field, forms.ChoiceField):
            labels = {str(key): str(label) for key, label in _flat(field.choices)}
            values = value if isinstance(value, list) else [value]
            return ", ".join(labels.get(each, each) for each in values) or str(_("nothing"))
        return str(value) or str(_("nothing"))


class ConcurrentEditTextsForm(ConcurrentEditForm, TextsForm):
    """A form with texts per language, in rows or languages that a colleague may remove."""

    def has_words(self, name: str) -> bool:
        return self.is_mine(name)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def _plain(value: Any) -> Any:
    """A value as text, the same whether it comes from the database or from the form."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    if value is None or value is False:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return pick(value, "")
    if isinstance(value, Iterable):
        return sorted(_plain(each) for each in value)
    return str(value)


def _mark(value: Any) -> str:
    return blake2s(json.dumps(value).encode(), digest_size=6).hexdigest()
