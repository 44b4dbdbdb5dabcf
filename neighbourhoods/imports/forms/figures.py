"""Upload forms for a file with figures or postcodes."""

import re
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import helper
from neighbourhoods.areas import years
from neighbourhoods.imports.forms.imports import FileForm

TABLE = ".csv,.txt,.tsv,.xlsx,text/csv"


def _last_year() -> int:
    return years.last_allowed_year(timezone.localdate())


class OfYearField(forms.IntegerField):
    """The upper limit is computed on validation, because a process started in December still runs in January."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=years.FIRST, validators=[MaxValueValidator(_last_year)], **kwargs)


class TableForm(FileForm):
    """A table of one year. An empty year is taken from the file name if possible."""

    year = OfYearField(label=_("Year"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file, year = self.fields["file"], self.fields["year"]
        file.help_text = _("CSV or Excel (XLSX), at most 20 MB.")
        file.widget.attrs["accept"] = TABLE
        year.help_text = self.year_help
        year.error_messages["required"] = _("Which year is this file of?")
        self.helper = helper("file", "year")

    year_help: Any = ""


class FiguresForm(TableForm):
    """The year may be in the file itself; if not, the next page asks for it."""

    year_help = _("Leave it empty when the year stands in the file or in its name.")

    @property
    def options(self) -> dict[str, Any]:
        return {"year": self.cleaned_data["year"] or _year_in(self.cleaned_data["file"].name)}


class PostcodesForm(TableForm):
    year_help = _(
        "Codes of neighbourhoods differ per year. Leave it empty when the year stands in the name of the file."
    )

    def clean(self) -> dict[str, Any]:
        file = self.cleaned_data.get("file")
        if file and not self.cleaned_data.get("year") and "year" not in self.errors:
            self.cleaned_data["year"] = _year_in(file.name)
            if not self.cleaned_data["year"]:
                self.add_error("year", self.fields["year"].error_messages["required"])
        return self.cleaned_data


def _year_in(name: str) -> int | None:
    """The year in “kwb-2020.xlsx”, if there is exactly one."""
    found = {int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", name)}
    found = {year for year in found if years.is_within_reach(year, timezone.localdate())}
    return found.pop() if len(found) == 1 else None
