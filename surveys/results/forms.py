"""Forms on the results pages: outcome, export, crosstab."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from core.i18n import pick
from core.languages import language_label, languages_to_write
from neighbourhoods.models import Area, colleagues_in
from neighbourhoods.states import Power
from surveys.builder.forms.survey import UserChoice
from surveys.builder.services.readiness import translated_language_name
from surveys.models import Channel, Survey, SurveyVersion
from surveys.questionnaire.document import Document
from surveys.results.services.crosstab import CrosstabFilter, questions_to_cross
from surveys.states import ExportForm, Respondent

# --- crosstab ----------------------------------------------------------------------------------


class CloserForm(forms.Form):
    """Read from the URL, so that a view can be shared and bookmarked. Empty fields mean everybody."""

    rows = forms.ChoiceField(label=gettext_lazy("Question"))
    columns = forms.ChoiceField(label=gettext_lazy("Across"), required=False)
    invited = forms.ChoiceField(label=gettext_lazy("Who answered"), required=False)
    area = forms.ModelChoiceField(
        label=gettext_lazy("Where"),
        queryset=Area.objects.none(),
        required=False,
        empty_label=gettext_lazy("everywhere"),
    )
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Way in"),
        queryset=Channel.objects.none(),
        required=False,
        empty_label=gettext_lazy("all ways"),
    )
    respondent = forms.ChoiceField(label=gettext_lazy("On behalf of"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("Up to and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    odd = forms.BooleanField(label=gettext_lazy("With odd answers"), required=False)

    def __init__(self, data: Any, *, survey: Any, document: Document) -> None:
        super().__init__(data)
        language = get_language() or ""
        questions = [(q.id, pick(q.text, language)) for q in questions_to_cross(document)]
        channels = survey.channels.all()
        choices: dict[str, list[tuple[str, Any]]] = {
            "rows": [("", _("Choose a question")), *questions],
            "columns": [("", _("nothing, this question alone")), *questions],
            "respondent": [("", _("everybody")), *Respondent.choices],
            "invited": [("0", _("Came by themselves")), ("1", _("Were invited"))],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]
        self.fields["area"].queryset = survey.areas.order_by("name")  # type: ignore[attr-defined]
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]
        # Invited and open respondents are never counted together.
        self.both_ways = len({channel.invited for channel in channels}) > 1
        if not self.both_ways:
            del self.fields["invited"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day comes before the first."))
        return data

    @property
    def people(self) -> CrosstabFilter:
        asked = self.cleaned_data
        area, channel = asked["area"], asked["channel"]
        return CrosstabFilter(
            area=area.pk if area else None,
            channel=channel.pk if channel else None,
            invited=asked.get("invited") == "1" if self.both_ways and not channel else None,
            respondent=asked["respondent"],
            since=asked["since"],
            until=asked["until"],
            with_suspect=asked["odd"],
        )


# --- exports -----------------------------------------------------------------------------------


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


# --- outcome -----------------------------------------------------------------------------------


_LONGEST = 600


class OutcomeForm(forms.Form):
    """One text per language of the survey; each may be empty."""

    def __init__(self, data: Any = None, *, survey: Survey, words: dict[str, str]) -> None:
        super().__init__(data)
        for language in languages_to_write(survey.languages, words):
            self.fields[f"words_{language}"] = forms.CharField(
                label=_("What stands out, in %(language)s")
                % {"language": language_label(language, translated_language_name(language))},
                initial=words.get(language, ""),
                required=False,
                max_length=_LONGEST,
                widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
            )

    @property
    def words(self) -> dict[str, str]:
        return {name.removeprefix("words_"): text for name, text in self.cleaned_data.items()}
