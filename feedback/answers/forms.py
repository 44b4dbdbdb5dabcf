"""Forms of the answer desk: audience, text, approval, progress, the outbox and incoming mail."""

from collections.abc import Collection, Mapping
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import DateField, TextsForm, helper
from core.i18n import pick
from feedback.answers.services import compose
from feedback.answers.services.release import language_name
from feedback.answers.services.replies import ReplyTarget
from feedback.models import FollowUp
from feedback.registries import Audience
from feedback.states import PROMISING_OUTCOMES, Outcome, ProgressKind
from neighbourhoods.models import Area, Theme
from neighbourhoods.settings.forms import ThemeChoiceField
from neighbourhoods.trajectories.services import plan_languages

# --- approval ----------------------------------------------------------------------------------


class AskForm(forms.Form):
    """Choose the second reader: a colleague who may write here and did not write this."""

    seen = forms.CharField(widget=forms.HiddenInput)
    of = forms.ModelChoiceField(
        label=_("Who reads it first?"), queryset=User.objects.none(), empty_label=_("Choose a colleague")
    )

    def __init__(self, *args: Any, follow_up: FollowUp, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": follow_up.digest}
        self.fields["of"].queryset = compose.possible_approvers(follow_up, by)


class ReadForm(forms.Form):
    """Approve, or send back with a remark."""

    seen = forms.CharField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[("approve", ""), ("back", "")])
    remark = forms.CharField(
        label=_("What should change?"),
        help_text=_("Only for sending it back. Your colleague reads this."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": follow_up.digest}


# --- compose -----------------------------------------------------------------------------------


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
    """The audience: a survey, optionally narrowed by topics, theme and areas."""

    source = forms.ChoiceField(label=_("Survey"), error_messages={"required": _("Choose a survey.")})
    key = forms.MultipleChoiceField(
        label=_("What they said"),
        help_text=_("Nothing ticked: whatever they said."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    theme = ThemeChoiceField(
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

    def chosen(self) -> dict[str, Any]:
        """The audience as `FollowUp.audience` stores it."""
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
    """The outcome, and per language the texts of the answer."""

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
        """`untold`: languages of readers who may get it in another one. `remarks`: plain-language remarks
        per language."""
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
                    # Shown once, at the first language.
                    help_text=HINTS.get(part, "") if code == languages[0] else "",
                    max_length=_MAX_LENGTHS[part],
                    required=False,
                    widget=forms.TextInput(attrs={"lang": code})
                    if short
                    else forms.Textarea(attrs={"rows": 3, "lang": code}),
                )

        whole = [(code, language_name(code)) for code in languages if not follow_up.lacking(code)]
        self.untold = [code for code in untold if whole]  # nothing to choose until one language is complete
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
        if data.get("happens_on") and data.get("outcome") not in PROMISING_OUTCOMES:
            data["happens_on"] = None
        return data

    def per_language(self) -> list[dict[str, Any]]:
        """Per language its bound fields in order, for the page."""
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
        """The fields that `save_follow_up_draft` stores; languages without text are left out."""
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
    """Confirm that the answer was read, before the hold starts."""

    seen = forms.CharField(widget=forms.HiddenInput)
    checked = forms.BooleanField(
        label=_("I read it as the people who get it will read it."),
        error_messages={"required": _("Read it once as they will, and tick that you did.")},
    )

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": follow_up.digest}


# --- incoming ----------------------------------------------------------------------------------


class LinkForm(forms.Form):
    """Link an incoming mail to what it is about."""

    to = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what these words are about.")},
    )

    def __init__(self, *args: Any, places: list[ReplyTarget], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        self.fields["to"].choices = [
            (
                place.key,
                (_("Our answer: %(title)s") if place.item else _("Still waiting for an answer: %(title)s"))
                % {"title": pick(place.title, language)},
            )
            for place in places
        ]


class DiscardForm(forms.Form):
    note = forms.CharField(
        label=_("What did you do with it?"),
        help_text=_("Nothing for us, answered by phone. Without names."),
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": _("Write in a few words what you did with it.")},
    )


# --- outbox ------------------------------------------------------------------------------------


class NoteForm(forms.Form):
    """A note for colleagues, stored with the message."""

    note = forms.CharField(
        label=_("What did you find out?"),
        max_length=300,
        required=False,
        widget=forms.TextInput,
    )


class ToldOtherwiseForm(forms.Form):
    """How a person was told after all, or why that is impossible."""

    note = forms.CharField(
        label=_("How were they told?"),
        help_text=_("By phone, by letter, at the door. Or why it can't be done."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write in a few words how they were told, or why not.")},
    )


class ReasonForm(forms.Form):
    """Why the outbox is put on hold, or released."""

    note = forms.CharField(
        label=_("Why?"),
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": _("Write why, for whoever looks at this later.")},
    )


class PostedForm(forms.Form):
    """The day letters were posted."""

    on = forms.DateField(
        label=_("Posted on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose the day.")},
    )


class RetakeLettersForm(forms.Form):
    """Why a file of letters is downloaded again."""

    note = forms.CharField(
        label=_("What went wrong?"),
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": _("Write in a few words what went wrong.")},
    )


# --- progress ----------------------------------------------------------------------------------


_MAX_LENGTH = 500


class ProgressForm(TextsForm):
    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=ProgressKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened.")},
    )
    on = DateField(label=_("On"), error_messages={"required": _("Choose a day.")})

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        super().__init__(*args, initial={"kind": ProgressKind.UPDATE, "on": timezone.localdate()}, **kwargs)
        texts = self.add_texts(
            "text",
            label=str(_("In a few words")),
            languages=compose.follow_up_languages(follow_up, {}),
            max_length=_MAX_LENGTH,
            rows=3,
            help_text=str(_("Everybody reads it under “You said, we did”. Nobody by name.")),
        )
        self.helper = helper("kind", Row(Column("on")), *texts)


# --- talking back ------------------------------------------------------------------------------


_TALKING_BACK_MAX_LENGTH = 500


class CallOffForm(TextsForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        why = self.add_texts(
            "why",
            label=gettext("Why"),
            languages=plan_languages(),
            max_length=_TALKING_BACK_MAX_LENGTH,
            rows=3,
            help_text=gettext("Everybody reads it, and who was invited is told."),
        )
        self.helper = helper(*why)
