"""Forms for uploading a file, and for the choices after it was read."""

from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import helper
from neighbourhoods.imports.forms.areas import YearField
from neighbourhoods.imports.services.border_comparing import ENDED, LEAVE, SAME
from neighbourhoods.imports.services.imports import too_big


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
            self.fields["file"].error_messages["required"] = too_big()

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


class BordersChoices(forms.Form):
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
        choices = [(ENDED, _("It ended, and went into: %(areas)s") % {"areas": into})]
        if gone["may_be"]:
            choices.insert(0, (SAME, _("It is the same as %(name)s") % {"name": gone["may_be"]}))
        choices.append((LEAVE, _("Leave it as it is")))
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
