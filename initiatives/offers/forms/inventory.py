"""The form of the inventory: an initiative as it is noted down."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TextsForm
from initiatives.models import Initiative
from neighbourhoods.models import Area, Party, Theme
from neighbourhoods.profile.forms import with_current_choice
from neighbourhoods.settings.forms import ThemeChoiceField


class InitiativeForm(TextsForm):
    theme = ThemeChoiceField(label=_("Theme"))
    area = forms.ModelChoiceField(label=_("Where"), queryset=Area.objects.none(), empty_label=None)
    party = forms.ModelChoiceField(
        label=_("Who does it"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("not known"),
        help_text=_("Is the party not in the list? Note it with the neighbourhood first."),
    )
    since = DateField(label=_("Since"), required=False)
    url = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    def __init__(
        self,
        *args: Any,
        languages: list[str],
        areas: QuerySet[Area],
        parties: QuerySet[Party],
        here: Area | None = None,
        initiative: Initiative | None = None,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"area": here.pk} if here else {}
        if initiative:
            initial = {
                "theme": initiative.theme_id,
                "area": initiative.area_id,
                "party": initiative.party_id,
                "since": initiative.since,
                "url": initiative.url,
            }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["theme"].queryset = with_current_choice(
            Theme.objects.in_use(), initiative and initiative.theme_id
        )
        self.fields["area"].queryset = with_current_choice(areas, initiative and initiative.area_id)
        self.fields["party"].queryset = with_current_choice(parties, initiative and initiative.party_id)
        self.fields["since"].widget.attrs["max"] = timezone.localdate().isoformat()
        languages = list(dict.fromkeys([*languages, *(initiative.name if initiative else {})]))
        names = self.add_texts(
            "name",
            label=_("Name"),
            languages=languages,
            value=initiative.name if initiative else None,
            max_length=120,
        )
        descriptions = self.add_texts(
            "description",
            label=_("When, where, for whom"),
            languages=languages,
            value=initiative.description if initiative else None,
            max_length=600,
            required=False,
            rows=2,
        )
        self.order_fields([*names, *descriptions, "theme", "area", "party", "since", "url"])

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since and since > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return since

    def changes(self) -> dict[str, Any]:
        fields = {name: self.cleaned_data[name] for name in ("theme", "area", "party", "since", "url")}
        return fields | {"name": self.texts("name"), "description": self.texts("description")}
