"""Forms of the library of approaches: a filter, and changing an approach."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext, gettext_lazy

from core.forms import TogetherTextsForm
from core.i18n import pick
from initiatives.initiatives.approach_wording import APPROACH_FIELD_LABELS, DEGREES, EVIDENCE
from initiatives.initiatives.approaches import (
    APPROACH_TEXT_FIELDS,
    SETS,
    SWITCHES,
    ProvenApproach,
    serialise_approach,
)
from initiatives.initiatives.services.library import Entry
from neighbourhoods.models import Area, Theme

_MAX_TEXT_LENGTHS = {"name": 80, "answers": 200, "fits": 400, "needs": 400, "watch_out": 400, "local": 200}
MONEY = (0, 500, 2_500, 10_000)


class FilterForm(forms.Form):
    """A filter. Invalid values are ignored, never refused."""

    area = forms.ModelChoiceField(
        label=gettext_lazy("For which neighbourhood?"),
        queryset=Area.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("any"),
    )
    theme = forms.ChoiceField(label=gettext_lazy("Theme"), required=False)
    energy = forms.ChoiceField(
        label=gettext_lazy("Energy"),
        required=False,
        choices=[("", gettext_lazy("any")), *DEGREES.items()],
    )
    load = forms.ChoiceField(
        label=gettext_lazy("How hard life is"),
        required=False,
        choices=[("", gettext_lazy("any")), *DEGREES.items()],
    )
    money = forms.TypedChoiceField(label=gettext_lazy("Money"), required=False, coerce=int, empty_value=None)
    hours = forms.ChoiceField(
        label=gettext_lazy("Hours of a colleague"),
        required=False,
        choices=[("", gettext_lazy("any")), ("no", gettext_lazy("there are none"))],
    )

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        self.fields["area"].queryset = areas
        self.fields["theme"].choices = [
            ("", gettext("any")),
            *((theme.slug, pick(theme.name, language)) for theme in Theme.objects.in_use()),
        ]
        self.fields["money"].choices = [
            ("", gettext("any")),
            *(
                (
                    money,
                    gettext("at most € %(money)s") % {"money": f"{money:,}".replace(",", ".")}
                    if money
                    else gettext("none"),
                )
                for money in MONEY
            ),
        ]

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def suits(self, approach: ProvenApproach) -> bool:
        """An approach without themes can be about any."""
        chosen = self.chosen
        return (
            (not approach.themes or chosen.get("theme", "") in ("", *approach.themes))
            and chosen.get("energy", "") in ("", *approach.energy)
            and chosen.get("load", "") in ("", *approach.load)
            and approach.costs <= chosen.get("money", approach.costs)
            and not (chosen.get("hours") == "no" and approach.hours)
        )


class ApproachForm(TogetherTextsForm):
    """All fields of an approach. Values equal to the library's are not stored: see services.library."""

    evidence = forms.ChoiceField(
        label=APPROACH_FIELD_LABELS["evidence"], choices=list(EVIDENCE.items()), initial="c"
    )
    energy = forms.MultipleChoiceField(
        label=APPROACH_FIELD_LABELS["energy"],
        choices=list(DEGREES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )
    load = forms.MultipleChoiceField(
        label=APPROACH_FIELD_LABELS["load"],
        choices=list(DEGREES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )
    themes = forms.MultipleChoiceField(
        label=APPROACH_FIELD_LABELS["themes"],
        help_text=gettext_lazy("None means that it can be about anything."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    costs = forms.IntegerField(
        label=APPROACH_FIELD_LABELS["costs"], min_value=0, max_value=10_000_000, initial=0
    )
    hours = forms.BooleanField(label=APPROACH_FIELD_LABELS["hours"], required=False)
    reaches = forms.BooleanField(label=APPROACH_FIELD_LABELS["reaches"], required=False)
    street = forms.BooleanField(label=APPROACH_FIELD_LABELS["street"], required=False)

    def __init__(self, *args: Any, languages: list[str], entry: Entry | None = None, **kwargs: Any) -> None:
        values = serialise_approach(entry.approach) if entry else {}
        plain_fields = [*SETS, *SWITCHES, "evidence", "costs"]
        initial = {name: values[name] for name in plain_fields} if entry else {}
        super().__init__(*args, initial=initial, **kwargs)
        language = get_language() or ""
        known = {theme.slug: pick(theme.name, language) for theme in Theme.objects.in_use()}
        # A theme that this municipality does not have stays with the approach, under its slug.
        there = {slug: slug for slug in values.get("themes", ()) if slug not in known}
        self.fields["themes"].choices = [*known.items(), *there.items()]
        spoken = list(dict.fromkeys([*languages, *values.get("name", {})]))
        names: list[str] = []
        for name in APPROACH_TEXT_FIELDS:
            names += self.add_texts(
                name,
                label=str(APPROACH_FIELD_LABELS[name]),
                languages=spoken,
                value=values.get(name),
                max_length=_MAX_TEXT_LENGTHS[name],
                required=name != "local",
                rows=1 if name == "name" else 2,
                help_text=gettext("A question somebody has to answer who knows the place. May be empty.")
                if name == "local"
                else "",
            )
        self.order_fields(
            [*names, "evidence", "energy", "load", "themes", "costs", "hours", "reaches", "street"]
        )

    @property
    def of_texts(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.rpartition("_")[0] in APPROACH_TEXT_FIELDS]

    @property
    def of_fit(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.rpartition("_")[0] not in APPROACH_TEXT_FIELDS]

    @property
    def values(self) -> dict[str, Any]:
        """In the format of initiatives.initiatives.approaches.serialise_approach."""
        data = self.cleaned_data
        return {
            **{name: self.texts(name) for name in APPROACH_TEXT_FIELDS},
            **{name: sorted(data[name]) for name in SETS},
            **{name: data[name] for name in (*SWITCHES, "evidence", "costs")},
        }
