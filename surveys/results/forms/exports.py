"""Who may take answers along, and which."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from neighbourhoods.models import colleagues_in
from neighbourhoods.states import Power
from surveys.builder.forms.survey import UserChoice
from surveys.models import Survey, SurveyVersion
from surveys.states import ExportForm


class VersionChoice(forms.ModelChoiceField):
    def label_from_instance(self, version: SurveyVersion) -> str:  # type: ignore[override]
        return _("only version %(number)s") % {"number": version.number}


class AskExportForm(forms.Form):
    form = forms.ChoiceField(label=gettext_lazy("As"), choices=ExportForm.choices)
    version = VersionChoice(
        label=gettext_lazy("Which questions"),
        queryset=SurveyVersion.objects.none(),
        required=False,
        empty_label=gettext_lazy("every question that ever was, also retired ones"),
    )
    with_words = forms.BooleanField(
        label=gettext_lazy("With what people wrote"),
        help_text=gettext_lazy("Masked, and only what a colleague read and found clear."),
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("What for?"),
        help_text=gettext_lazy("It is kept in the log, with your name."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data)
        versions = survey.versions.defer("document")
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]


class NameForm(forms.Form):
    user = UserChoice(label=gettext_lazy("Colleague"), queryset=User.objects.none())

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data)
        areas = [area.pk for area in survey.areas.all()]
        named = survey.may_export.values("user")
        colleagues = colleagues_in(areas, least=Power.VIEWER) | User.objects.filter(pk=survey.owner_id)
        self.fields["user"].queryset = (  # type: ignore[attr-defined]
            colleagues.filter(is_active=True).exclude(pk__in=named).order_by("email")
        )
