"""Forms of an import of figures."""

import re
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.forms import helper
from neighbourhoods.areas import maps
from neighbourhoods.imports import columns
from neighbourhoods.imports.forms.imports import FileForm
from neighbourhoods.imports.services import indicators
from neighbourhoods.imports.services.figure_writing import NEW_INDICATOR
from neighbourhoods.models import Area, Import, Source
from neighbourhoods.states import AreaKind, Nature

# Form for rows of a file without a matching area: choose the area, or leave the row out.


class RowsForm(forms.Form):
    """Per row the name of the chosen area, or empty to leave the row out."""

    template = "neighbourhoods/import_rows.html"

    def __init__(self, *args: Any, one: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report, self.chosen = one.report, one.options
        unmatched = self.report["extra"].get("unmatched", [])
        self.is_first = not Area.objects.leaves().exists()
        self.rows = [] if self.is_first else unmatched  # without areas there is nothing to choose from
        self.labels = _labels() if self.rows else {}
        self._areas = {label.casefold(): pk for pk, label in self.labels.items()}
        for number, row in enumerate(self.rows):
            self.fields[f"row_{number}"] = forms.CharField(
                label=row["name"] or row["code"],
                required=False,
                max_length=200,
                initial=self.labels.get(row["area"], ""),
                widget=forms.TextInput(attrs={"list": "areas", "autocomplete": "off"}),
            )

    @classmethod
    def of(cls, one: Import, posted: Any) -> "RowsForm | None":
        made = cls(posted, one=one)
        return made if made.fields else None

    def clean(self) -> dict[str, Any]:
        for number in range(len(self.rows)):
            said = self.cleaned_data.get(f"row_{number}", "").strip()
            if said and said.casefold() not in self._areas:
                self.add_error(f"row_{number}", _("Choose a place from the list, or leave it empty."))
        return self.cleaned_data

    @property
    def options(self) -> dict[str, Any]:
        """Earlier choices are kept, also for rows that are no longer shown."""
        if not self.rows:
            return {}
        picks = dict(self.chosen.get("picks", {}))
        for number, row in enumerate(self.rows):
            said = self.cleaned_data[f"row_{number}"].strip().casefold()
            picks[row["key"]] = self._areas.get(said, 0)
        return {"picks": picks}

    def unmatched(self) -> dict[str, list[dict[str, Any]]]:
        """Each row with its field, in three groups: to be checked, with an area, and unknown (many)."""
        shown: dict[str, list[dict[str, Any]]] = {"asked": [], "placed": [], "unknown": []}
        for number, row in enumerate(self.rows):
            field = self[f"row_{number}"]
            part = "asked" if row["like"] or field.errors else "placed" if row["area"] else "unknown"
            shown[part].append(row | {"field": field})
        return shown

    @property
    def left_out(self) -> int:
        """Number of places in the file that are left out, besides those that are asked."""
        picks = self.chosen.get("picks", {})
        left = sum(not area for area in picks.values())
        return self.report["counts"]["unmatched"] + left - sum(bool(row["like"]) for row in self.rows)

    @property
    def matched_count(self) -> int:
        return sum(bool(area) for area in self.chosen.get("picks", {}).values())


def _labels() -> dict[int, str]:
    """A unique label per area: its name, else with its district, else with its id."""
    areas = list(Area.objects.select_related("parent"))
    found: dict[int, str] = {}
    used: set[str] = set()
    for area in areas:
        label = area.name
        if label.casefold() in used:
            label = f"{area.name} ({area.parent or area.get_kind_display()})"
        if label.casefold() in used:
            label = f"{area.name} ({area.pk})"
        used.add(label.casefold())
        found[area.pk] = label
    return found


# Choices for a file with figures: what its columns mean, its source and year, and what to do with its rows.


class FiguresChoicesForm(RowsForm):
    """What the columns mean, the year and source of the file, and what happens to rows without an area."""

    template = "neighbourhoods/import_figures.html"

    def __init__(self, *args: Any, one: Import, **kwargs: Any) -> None:
        super().__init__(*args, one=one, **kwargs)
        extra, chosen, asks = one.report["extra"], one.options, one.report["asks"]
        self.columns = extra["columns"]
        if not extra["year_in_file"]:
            self.fields["year"] = DataYearField(
                label=_("Year of these figures"),
                initial=chosen.get("year"),
                error_messages={"required": _("Which year are these figures of?")},
            )
        if len(extra["municipalities"]) > 1 and ("municipality" in asks or chosen.get("municipality")):
            self.fields["municipality"] = forms.ChoiceField(
                label=_("Which municipality is yours?"),
                choices=[(town["code"], town["name"] or town["code"]) for town in extra["municipalities"]],
                initial=chosen.get("municipality"),
            )
        if "level" in asks or chosen.get("level"):
            self.fields["level"] = forms.ChoiceField(
                label=_("Of which level are the places in this file?"),
                help_text=_(
                    "Of %(named)s names %(neighbourhood)s are a neighbourhood of yours, and %(district)s a district."
                )
                % (extra["levels"] | {"named": extra["named"]}),
                choices=[choice for choice in AreaKind.choices if choice[0] in extra["level"]],
                initial=chosen.get("level"),
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose what the names in this file are of.")},
            )
        self._add_source(chosen, needed="source" in asks)
        self._add_columns()
        self._add_rows(extra, chosen)
        self.fields["remember"] = forms.CharField(
            label=_("Remember what these columns mean, as"),
            help_text=_(
                "For example: health survey. The next file with these columns is understood at once."
            ),
            max_length=80,
            required=False,
            initial=chosen.get("remember", ""),
        )

    # --- fields

    def _add_source(self, chosen: dict[str, Any], *, needed: bool) -> None:
        sources = {one["name"]: one["name"] for one in columns.sources().values()}
        sources |= {one.name: one.name for one in Source.objects.all()}
        told = chosen.get("source") or {}
        if name := told.get("name"):
            sources[name] = name
        first = [] if needed else [("", _("As is known of each column (CBS, RIVM and others)"))]
        self.fields["source"] = forms.ChoiceField(
            label=_("Who published this?"),
            choices=[*first, *sources.items(), (NEW_INDICATOR, _("Somebody else"))],
            initial=told.get("name", NEW_INDICATOR if needed else ""),
            required=needed,
        )
        for field, label, size in (
            ("source_name", _("Name of the source"), 120),
            ("source_licence", _("Licence, if you know it"), 80),
        ):
            self.fields[field] = forms.CharField(label=label, max_length=size, required=False)
        self.fields["source_url"] = forms.URLField(
            label=_("Where it can be found"), required=False, assume_scheme="https"
        )

    def _add_columns(self) -> None:
        known = indicators.indicators_by_slug()
        every = [(slug, indicators.indicator_name(one)) for slug, one in known.items()]
        language = get_language() or "nl"
        every.sort(key=lambda one: one[1].casefold())
        for column in self.columns:
            number, head = column["index"], column["head"]
            choices = [("", _("Leave it out")), (NEW_INDICATOR, _("Something new"))]
            if column["guess"] in known:
                choices.insert(1, (column["guess"], indicators.indicator_name(known[column["guess"]])))
            else:
                choices += every
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=head, choices=choices, initial=column["slug"], required=False
            )
            if column["guess"] not in known:
                told = self.chosen.get("new", {}).get(str(number), {})
                self.fields[f"name_{number}"] = forms.CharField(
                    label=format_lazy("{head}: {what}", head=head, what=_("name")),
                    max_length=60, required=False, initial=told.get("name", ""),
                )  # fmt: skip
                self.fields[f"unit_{number}"] = forms.CharField(
                    label=format_lazy("{head}: {what}", head=head, what=_("unit")),
                    max_length=20, required=False, initial=told.get("unit", column["unit"]),
                )  # fmt: skip
                self.fields[f"nature_{number}"] = forms.ChoiceField(
                    label=format_lazy("{head}: {what}", head=head, what=_("what it is")),
                    choices=Nature.choices, required=False, initial=told.get("nature", _nature(column)),
                )  # fmt: skip
            if column["doubtful"]:
                example = column["doubtful"][0]
                self.fields[f"sign_{number}"] = forms.ChoiceField(
                    label=format_lazy("{head}: {example}", head=head, example=example),
                    choices=_readings(example, language), initial=column["decimal"],
                )  # fmt: skip
            if column["zeros"] and not column["all_zero"]:
                self.fields[f"zero_{number}"] = forms.BooleanField(
                    label=_("0 means not known"), required=False, initial=column["zero_unknown"]
                )

    def _add_rows(self, extra: dict[str, Any], chosen: dict[str, Any]) -> None:
        if self.report["counts"]["unmatched"] or chosen.get("make_areas"):
            self.fields["make_areas"] = forms.BooleanField(
                label=_("Make the areas in this file that are not there yet"),
                help_text=_("They get their border when you bring in a file with borders."),
                required=False,
                initial=chosen.get("make_areas", self.is_first),
            )
            self.fields["kind"] = forms.ChoiceField(
                label=_("What are they, when the file does not tell?"),
                choices=[choice for choice in AreaKind.choices if choice[0] != AreaKind.MUNICIPALITY],
                initial=chosen.get("kind", AreaKind.NEIGHBOURHOOD),
            )
        if self.report["counts"]["wrong"] or chosen.get("skip_wrong"):
            self.fields["skip_wrong"] = forms.BooleanField(
                label=_("Leave out what is wrong, and bring in the rest"),
                required=False,
                initial=chosen.get("skip_wrong", False),
            )

    # --- submitted values

    def has_changed(self) -> bool:
        """Also True when areas are to be made because there are none: the file must then be read again."""
        return super().has_changed() or (self.is_first and "make_areas" not in self.chosen)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data, taken = self.cleaned_data, dict[str, str]()
        for column in self.columns:
            field = f"column_{column['index']}"
            slug = data.get(field, "")
            if (
                slug == NEW_INDICATOR
                and f"name_{column['index']}" in self.fields
                and not data.get(f"name_{column['index']}")
            ):
                self.add_error(f"name_{column['index']}", _("How should it be called?"))
            elif slug and slug != NEW_INDICATOR and slug in taken:
                self.add_error(field, _("“%(head)s” means this already.") % {"head": taken[slug]})
            taken[slug] = column["head"]
        if data.get("source") == NEW_INDICATOR and not data.get("source_name"):
            self.add_error("source_name", _("Write who published it."))
        return data

    @property
    def options(self) -> dict[str, Any]:
        data = self.cleaned_data
        numbers = [str(column["index"]) for column in self.columns]
        found = super().options | {
            "columns": {number: data[f"column_{number}"] for number in numbers},
            "new": {
                number: {part: data[f"{part}_{number}"] for part in ("name", "unit", "nature")}
                for number in numbers
                if data[f"column_{number}"] == NEW_INDICATOR and f"name_{number}" in data
            },
            "signs": {number: data[f"sign_{number}"] for number in numbers if f"sign_{number}" in data},
            "zeros": [int(number) for number in numbers if data.get(f"zero_{number}")],
            "source": self._source(),
        }
        plain = ("year", "municipality", "level", "make_areas", "kind", "skip_wrong", "remember")
        found |= {name: data[name] for name in plain if name in data}
        if data.get("make_areas"):  # rows without a choice become areas instead of being left out
            found["picks"] = {key: area for key, area in found.get("picks", {}).items() if area}
        return found

    def _source(self) -> dict[str, str] | None:
        data = self.cleaned_data
        if not (name := data["source"]):
            return None
        if name != NEW_INDICATOR:
            known = {one["name"]: one for one in columns.sources().values()}
            return known.get(name, {"name": name})
        return {
            "name": data["source_name"],
            "publisher": data["source_name"],
            "licence": data["source_licence"],
            "url": data["source_url"],
        }

    # --- for the page

    def column_groups(self) -> dict[str, list[dict[str, Any]]]:
        """Each column with its fields, in two groups: to be checked, and known or chosen already."""
        shown: dict[str, list[dict[str, Any]]] = {"asked": [], "settled": []}
        for column in self.columns:
            number = column["index"]
            fields = {
                part: self[f"{part}_{number}"]
                for part in ("column", "name", "unit", "nature", "sign", "zero")
                if f"{part}_{number}" in self.fields
            }
            row = column | {"fields": fields, "is_known": "name" not in fields}
            shown["asked" if self._asks(row) else "settled"].append(row)
        return shown

    def _asks(self, column: dict[str, Any]) -> bool:
        """Whether the user must check it: no choice yet, and it is unknown or ambiguous."""
        if any(field.errors for field in column["fields"].values()):
            return True
        if str(column["index"]) in self.chosen.get("columns", {}):
            return False
        unknown = not column["is_known"] and column["filled"] and not column["all_zero"]
        return bool(unknown or "sign" in column["fields"] or column["zero_unknown"])

    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in ("year", "municipality", "level", "source") if name in self.fields]

    def other_source(self) -> list[forms.BoundField]:
        return [self[name] for name in ("source_name", "source_licence", "source_url")]

    def last(self) -> list[forms.BoundField]:
        """Fields to decide before the file can be written."""
        return [self[name] for name in self._last() if name in self.fields]

    def more(self) -> list[forms.BoundField]:
        names = [name for name in ("make_areas", "kind", "remember") if name not in self._last()]
        return [self[name] for name in names if name in self.fields]

    def _last(self) -> list[str]:
        return ["make_areas", "kind", "skip_wrong"] if self.is_first else ["skip_wrong"]


def _nature(column: dict[str, Any]) -> str:
    """Guess the nature: percentage by its unit, whole numbers are counts, the rest are averages."""
    if column["unit"] == "%" or any(example.endswith("%") for example in column["examples"]):
        return Nature.PERCENTAGE
    whole = all(re.fullmatch(r"-?\d+", example) for example in column["examples"])
    return Nature.COUNT if whole else Nature.AVERAGE


def _readings(example: str, language: str) -> list[tuple[str, str]]:
    """The two readings of “26.202”: 26202, and with decimals in the notation of the reader."""
    whole, _sign, rest = example.replace(",", ".").partition(".")
    big, small = whole + rest, f"{whole}{',' if language == 'nl' else '.'}{rest}"
    dotted = "." in example
    return [
        (",", big if dotted else small),
        (".", small if dotted else big),
    ]


# Upload forms for a file with figures or postcodes.


TABLE_FILE_TYPES = ".csv,.txt,.tsv,.xlsx,text/csv"


def _last_year() -> int:
    return maps.last_allowed_year(timezone.localdate())


class DataYearField(forms.IntegerField):
    """The upper limit is computed on validation, because a process started in December still runs in January."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=maps.FIRST_YEAR, validators=[MaxValueValidator(_last_year)], **kwargs)


class TableForm(FileForm):
    """A table of one year. An empty year is taken from the file name if possible."""

    year = DataYearField(label=_("Year"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file, year = self.fields["file"], self.fields["year"]
        file.help_text = _("CSV or Excel (XLSX), at most 20 MB.")
        file.widget.attrs["accept"] = TABLE_FILE_TYPES
        year.help_text = self.year_help
        year.error_messages["required"] = _("Which year is this file of?")
        self.helper = helper("file", "year")

    year_help: Any = ""


class FiguresForm(TableForm):
    """The year may be in the file itself; if not, the next page asks for it."""

    year_help = _("Leave it empty when the year stands in the file or in its name.")

    @property
    def options(self) -> dict[str, Any]:
        return {"year": self.cleaned_data["year"] or _year_in_file_name(self.cleaned_data["file"].name)}


class PostcodesForm(TableForm):
    year_help = _(
        "Codes of neighbourhoods differ per year. Leave it empty when the year stands in the name of the file."
    )

    def clean(self) -> dict[str, Any]:
        file = self.cleaned_data.get("file")
        if file and not self.cleaned_data.get("year") and "year" not in self.errors:
            self.cleaned_data["year"] = _year_in_file_name(file.name)
            if not self.cleaned_data["year"]:
                self.add_error("year", self.fields["year"].error_messages["required"])
        return self.cleaned_data


def _year_in_file_name(name: str) -> int | None:
    """The year in “kwb-2020.xlsx”, if there is exactly one."""
    found = {int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", name)}
    found = {year for year in found if maps.is_allowed_year(year, timezone.localdate())}
    return found.pop() if len(found) == 1 else None
