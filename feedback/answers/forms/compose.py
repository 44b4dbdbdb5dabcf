"""For whom a follow-up is, and what it says in each language."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms.fields import DateField
from core.i18n import pick
from feedback.answers.services import compose
from feedback.answers.services.release import language_name
from feedback.models import FollowUp
from feedback.registries import Audience
from feedback.states import PROMISING, Outcome
from neighbourhoods.models import Area, Theme

LABELS = {
    "title": _("What is it about?"),
    "decided": _("What was decided?"),
    "why": _("Why?"),
    "next_step": _("How does it go on?"),
    "signed_as": _("Who writes this?"),
    "contact": _("Who to talk to"),
}
HINTS = {
    "title": _("One or two words, as in “The municipality's answer about meeting”."),
    "decided": _("A no stands in the first line."),
    "next_step": _("A date, a place, a role. Or say that there is none."),
    "signed_as": _("A role, for example “your neighbourhood manager”."),
    "contact": _("A role, a phone number, and when. Residents read it under the answer."),
}
_MAX_LENGTHS = {"title": 80, "signed_as": 80, "contact": 200, "decided": 1500, "why": 1500, "next_step": 1500}


class AudienceForm(forms.Form):
    """Whose answers are answered: a survey, and perhaps only some of what was said, a theme, some areas."""

    source = forms.ChoiceField(label=_("Survey"), error_messages={"required": _("Choose a survey.")})
    key = forms.MultipleChoiceField(
        label=_("What they said"),
        help_text=_("Nothing ticked: whatever they said."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    theme = forms.ModelChoiceField(
        label=_("Theme"), queryset=Theme.objects.all(), required=False, empty_label=_("every theme")
    )
    first = forms.BooleanField(
        label=_("Leave out who got an answer already and said that it was none"),
        help_text=_("They get a text of their own."),
        required=False,
    )
    area = forms.ModelMultipleChoiceField(
        label=_("Where"),
        help_text=_(
            "Nothing ticked: everywhere the survey was held. Each counts for itself, without what lies inside it."
        ),
        queryset=Area.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    owner = forms.ModelChoiceField(
        label=_("Looked after by"), queryset=User.objects.none(), required=False, empty_label=_("everybody")
    )

    def __init__(
        self,
        *args: Any,
        sources: list[Audience],
        keys: list[tuple[str, Any]],
        areas: Any,
        owners: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        self.sources = sources
        self.fields["source"].choices = [("", _("Choose a survey"))] + [
            (source.source, f"{pick(source.title, language)}{source.about and f' ({source.about})'}")
            for source in sources
        ]
        self.fields["key"].choices = keys
        self.fields["area"].queryset = areas
        self.fields["owner"].queryset = owners
        self.fields["theme"].label_from_instance = lambda theme: pick(theme.name, language)

    def chosen(self) -> dict[str, Any]:
        """The audience as a follow-up keeps it."""
        data = self.cleaned_data
        narrowed = ({"first": True} if data["first"] else {}) | (
            {"owner": data["owner"].pk} if data["owner"] else {}
        )
        return {
            "source": data["source"],
            "key": data["key"],
            "theme": data["theme"].pk if data["theme"] else None,
            "areas": [area.pk for area in data["area"]],
        } | narrowed


class WriteForm(forms.Form):
    """The five outcomes, and per language what it is about, decided, why, next, and who writes."""

    seen = forms.CharField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What is the answer?"), choices=Outcome.choices, required=False, widget=forms.RadioSelect
    )
    happens_on = DateField(
        label=_("By which day is it there?"),
        help_text=_(
            "Of what goes ahead, wholly or partly, or is still open. Later we ask people whether it happened."
        ),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        follow_up: FollowUp,
        languages: list[str],
        untold: Collection[str] = (),
        remarks: Mapping[str, list[tuple[str, str]]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`untold`: languages of readers, who may get it in another one; `remarks` on the words, per language."""
        super().__init__(*args, **kwargs)
        self.remarks = remarks or {}
        self.languages = languages
        self.initial = {
            "seen": follow_up.digest,
            "outcome": follow_up.outcome,
            "happens_on": follow_up.happens_on,
        }
        for code in self.languages:
            for part in compose.FOLLOW_UP_TEXT_FIELDS:
                name = f"{part}_{code}"
                self.initial[name] = getattr(follow_up, part).get(code, "")
                short = part in ("title", "signed_as", "contact")
                self.fields[name] = forms.CharField(
                    label=LABELS[part],
                    # Said once, above the first language.
                    help_text=HINTS.get(part, "") if code == languages[0] else "",
                    max_length=_MAX_LENGTHS[part],
                    required=False,
                    widget=forms.TextInput(attrs={"lang": code})
                    if short
                    else forms.Textarea(attrs={"rows": 3, "lang": code}),
                )

        whole = [(code, language_name(code)) for code in languages if not follow_up.lacking(code)]
        self.untold = [code for code in untold if whole]  # before one is written there is nothing to choose
        for code in self.untold:
            name = f"told_in_{code}"
            self.initial[name] = follow_up.told_in.get(code, "")
            self.fields[name] = forms.ChoiceField(
                label=_("Not translated? Readers of %(language)s get it in")
                % {"language": language_name(code)},
                choices=[("", _("no other language: it waits for the translation")), *whole],
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("happens_on") and data.get("outcome") not in PROMISING:
            data["happens_on"] = None
        return data

    def per_language(self) -> list[dict[str, Any]]:
        """For the page: each language with its fields in order."""
        return [
            {
                "code": code,
                "name": language_name(code),
                "fields": {part: self[f"{part}_{code}"] for part in compose.FOLLOW_UP_TEXT_FIELDS},
                "told_in": self[f"told_in_{code}"] if code in self.untold else None,
                "remarks": self.remarks.get(code, []),
                "empty": not any(self[f"{part}_{code}"].value() for part in ("decided", "why", "next_step")),
            }
            for code in self.languages
        ]

    def texts(self) -> dict[str, Any]:
        """What `compose.write` keeps: languages without words are left out."""
        texts: dict[str, Any] = {
            part: {
                code: words
                for code in self.languages
                if (words := self.cleaned_data[f"{part}_{code}"].strip())
            }
            for part in compose.FOLLOW_UP_TEXT_FIELDS
        }
        return texts | {
            "outcome": self.cleaned_data["outcome"],
            "happens_on": self.cleaned_data["happens_on"],
            "told_in": {
                code: chosen for code in self.untold if (chosen := self.cleaned_data[f"told_in_{code}"])
            },
        }


class ReleaseForm(forms.Form):
    """The last look before the hold."""

    seen = forms.CharField(widget=forms.HiddenInput)
    checked = forms.BooleanField(
        label=_("I read it as the people who get it will read it."),
        error_messages={"required": _("Read it once as they will, and tick that you did.")},
    )

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": follow_up.digest}
