"""Forms for making and changing areas by hand."""

from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, helper
from neighbourhoods.areas import borders, years
from neighbourhoods.areas.features import BorderFileError
from neighbourhoods.imports.services.borders import border_problem_text
from neighbourhoods.models import Area
from neighbourhoods.states import AreaKind


class YearField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Year of the border"),
            min_value=years.FIRST,
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
            return borders.one_border(text)
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
