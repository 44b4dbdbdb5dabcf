"""Forms of every import, and of an import of areas."""

from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.files import TOO_LARGE
from core.forms import DateField, helper
from neighbourhoods.areas import borders, maps
from neighbourhoods.areas.features import BorderFileError
from neighbourhoods.imports.services.border_comparing import ENDED_CHOICE, SAME_AREA_CHOICE, UNCHANGED_CHOICE
from neighbourhoods.imports.services.borders import border_problem_text
from neighbourhoods.imports.services.imports import too_big_message
from neighbourhoods.models import Area
from neighbourhoods.states import AreaKind

# Form arguments from a request with a file.


def upload_form_kwargs(request: HttpRequest) -> dict[str, Any]:
    """For `form(**brought(request))`; the form is bound if the request is a POST. `too_large`: see
    core/files.py.
    """
    posted = request.method == "POST"
    return {
        "data": request.POST if posted else None,
        "files": request.FILES if posted else None,
        "too_large": bool(request.META.get(TOO_LARGE)),
    }


# Forms for making and changing areas by hand.


class YearField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Year of the border"),
            min_value=maps.FIRST_YEAR,
            max_value=2100,
            error_messages={"required": _("Which year is this border of?")},
            **kwargs,
        )


class AreaForm(forms.Form):
    """A new area; `AreaChangeForm` changes an existing one."""

    name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Write how residents call it.")}
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[choice for choice in AreaKind.choices if choice[0] != AreaKind.MUNICIPALITY],
        initial=AreaKind.NEIGHBOURHOOD,
    )  # fmt: skip
    parent = forms.ModelChoiceField(label=_("Lies in"), queryset=Area.objects.none(), empty_label=None)
    border = forms.CharField(
        label=_("Border"),
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "dir": "ltr"}),
        help_text=_(
            "If you have it: GeoJSON of one area, in degrees or in the Dutch grid. Without it the map leaves it out."
        ),
    )
    year = YearField(required=False)

    def __init__(self, *args: Any, parents: QuerySet[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = parents
        self.fields["year"].initial = timezone.localdate().year
        self.helper = helper("name", Row(Column("kind"), Column("parent")), "border", "year")

    def clean_border(self) -> borders.Border | None:
        if not (text := self.cleaned_data["border"]):
            return None
        try:
            return borders.parse_single_border(text)
        except BorderFileError as refused:
            raise ValidationError(border_problem_text(refused.problem, refused.detail)) from refused

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("border") and not self.cleaned_data.get("year"):
            self.add_error("year", self.fields["year"].error_messages["required"])
        return self.cleaned_data


class AreaChangeForm(AreaForm):
    ended_on = DateField(
        label=_("No longer exists since"),
        required=False,
        help_text=_("It stays readable, and gets nothing new."),
    )

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        initial = {"name": area.name, "parent": area.parent_id, "ended_on": area.ended_on}
        super().__init__(*args, initial=initial, **kwargs)
        del self.fields["kind"]
        rows: list[Any] = ["name", "border", "year"]
        if area.kind == AreaKind.MUNICIPALITY:
            del self.fields["parent"], self.fields["ended_on"]
        else:
            rows.insert(1, Row(Column("parent"), Column("ended_on")))
        self.helper = helper(*rows)


# Forms for uploading a file, and for the choices after it was read.


class FileForm(forms.Form):
    """A file upload. A subclass adds the fields of its kind; `options` holds their values."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["file"].error_messages["required"] = too_big_message()

    @property
    def options(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "file"}


class BordersForm(FileForm):
    year = YearField()
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=200,
        required=False,
        help_text=_("For example: CBS, borders of 2024."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.label = _("File with borders")
        file.help_text = _(
            "GeoJSON or GeoPackage, at most 100 MB, or a ZIP with one of them. Each area has a name or a code."
        )
        file.widget.attrs["accept"] = ".geojson,.json,.gpkg,.zip,application/geo+json"
        self.fields["year"].initial = timezone.localdate().year
        self.helper = helper("file", Row(Column("year"), Column("source")))


class BordersChoicesForm(forms.Form):
    """What the file leaves open: which layers, which municipality, and what became of missing areas."""

    def __init__(self, *args: Any, report: dict[str, Any], chosen: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        extra = report["extra"]
        if len(extra["layers"]) > 1:
            self.fields["layers"] = forms.MultipleChoiceField(
                label=_("Which tables?"),
                choices=[(name, f"{name} ({count})") for name, count in extra["layers"].items()],
                initial=extra["chosen"],
                widget=forms.CheckboxSelectMultiple,
                help_text=_("At most one of each level: municipality, districts, neighbourhoods."),
                error_messages={"required": _("Choose at least one table.")},
            )
        if "municipality" in report["asks"] or len(extra["municipality"]) > 1:
            self.fields["municipality"] = forms.ChoiceField(
                label=_("Which municipality is yours?"),
                choices=[
                    (code, f"{name or code} ({count})")
                    for code, (name, count) in extra["municipality"].items()
                ],
                initial=chosen.get("municipality") or extra["ours"],
                help_text=_("We remember it. Areas of others are left out."),
            )
        for gone in extra["gone"]:
            self.fields[f"area_{gone['area']}"] = self._what_became(gone)
        self.helper = helper()

    def _what_became(self, gone: dict[str, Any]) -> forms.ChoiceField:
        into = ", ".join(f"{name} {share} %" for name, _code, share in gone["into"])
        choices = [(ENDED_CHOICE, _("It ended, and went into: %(areas)s") % {"areas": into})]
        if gone["may_be"]:
            choices.insert(0, (SAME_AREA_CHOICE, _("It is the same as %(name)s") % {"name": gone["may_be"]}))
        choices.append((UNCHANGED_CHOICE, _("Leave it as it is")))
        return forms.ChoiceField(
            label=_("%(name)s is not in this file. What became of it?") % {"name": gone["name"]},
            choices=choices,
            initial=gone["chosen"],
            widget=forms.RadioSelect,
        )

    @property
    def options(self) -> dict[str, Any]:
        areas = {name: value for name, value in self.cleaned_data.items() if name.startswith("area_")}
        rest = {name: value for name, value in self.cleaned_data.items() if name not in areas}
        return rest | {"choices": {name.removeprefix("area_"): value for name, value in areas.items()}}
