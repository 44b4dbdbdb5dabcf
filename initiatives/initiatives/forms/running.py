"""Forms of a running initiative and its roles."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TextsForm, native_language_name
from core.languages import offered_languages
from initiatives.initiatives.forms.begin import WordsForm
from initiatives.initiatives.pictures import MAX_PICTURE_BYTES
from initiatives.initiatives.services.telling import MeetingDetails
from initiatives.matching.forms import MomentsField
from initiatives.models import ExpectationCard, Initiative, Meeting, Picture, Update, VolunteerRole
from initiatives.states import INITIATIVE_TRANSITIONS, InitiativeState, Language, Rhythm, Skill
from neighbourhoods.models import Municipality

# Forms of an initiative at the desk: its texts, next step, end, and the content of its page.


# What a state means for readers and colleagues: shown beside each choice.
STATE_EXPLANATIONS = {
    InitiativeState.IDEA: _("Between who has it and you. Nobody else reads of it."),
    InitiativeState.PREPARING: _("Neighbours can read of it and join in."),
    InitiativeState.RUNNING: _("It goes on. It stands in the lists of the neighbourhood."),
}
MEETING_LENGTH_CHOICES = [(30, _("half an hour")), (60, _("an hour")), (90, _("an hour and a half")),
            (120, _("two hours")),
            (180, _("three hours")), (240, _("half a day")), (480, _("a day"))]  # fmt: skip


def languages_in_use(*texts: dict[str, str]) -> list[str]:
    """The languages of the municipality, and those already used in `texts`."""
    found = offered_languages(Municipality.current().languages) or ["nl"]
    return list(dict.fromkeys([*found, *(code for text in texts for code in text)]))


class InitiativeWordsForm(WordsForm):
    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        initial = {"motives": initiative.motives, "municipal_role": initiative.municipal_role}
        super().__init__(*args, initial=initial, **kwargs)
        languages = languages_in_use(initiative.name)
        words = self.add_words(languages, initiative)
        more = [
            name
            for text, label, help_text in (
                (
                    "description",
                    _("When and where, in a line"),
                    _("For lists: “Tuesdays at ten, in the Sluishuis”."),
                ),
                (
                    "agreements",
                    _("Agreements"),
                    _("What was agreed with the municipality or others, for everybody."),
                ),
                ("support", _("Support, and by whom"), _("A role, never a name.")),
            )
            for name in self.add_texts(
                text,
                label=label,
                languages=languages,
                value=getattr(initiative, text),
                max_length=600,
                required=False,
                rows=2,
                help_text=help_text,
            )
        ]
        self.order_fields([*words, *more, "municipal_role"])

    @property
    def words(self) -> dict[str, Any]:
        more = {name: self.texts(name) for name in ("description", "agreements", "support")}
        return super().words | more


class MoveForm(forms.Form):
    """The state, and the next step with its day. Ending has a form of its own."""

    to = forms.ChoiceField(label=_("How far is it?"), widget=forms.RadioSelect)
    next_action = forms.CharField(
        label=_("Next step"),
        max_length=120,
        error_messages={"required": _("Write the next step: nobody is lost between two steps.")},
    )
    on = DateField(label=_("Before"), error_messages={"required": _("Choose a day.")})
    why = forms.CharField(
        label=_("Later than you said? Why?"),
        max_length=300,
        required=False,
        help_text=_("Who waits reads this."),
    )

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = initiative.state
        ahead = INITIATIVE_TRANSITIONS[here] - {InitiativeState.ENDED}
        stays = {here} - {InitiativeState.ENDED}
        states = [state for state in InitiativeState if state in ahead | stays]
        self.fields["to"].choices = [(state.value, state.label) for state in states]
        self.follows = {state.value: STATE_EXPLANATIONS[state] for state in states}
        self.initial = {
            "to": here if here in states else states[0],
            "next_action": initiative.next_action,
            "on": initiative.next_action_on,
        }


class NextForm(forms.Form):
    """The next step with its day, when an initiative gets an owner."""

    next_action = forms.CharField(
        label=_("Next step"),
        max_length=120,
        error_messages={"required": _("Write the next step: nobody is lost between two steps.")},
    )
    on = DateField(label=_("Before"), error_messages={"required": _("Choose a day.")})


class EndForm(TextsForm):
    """What was learned and the thanks, as residents read them. If it was never public, only its beginner
    reads them, and the labels say so."""

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = languages_in_use(initiative.name)
        never_began = initiative.never_began
        self.add_texts(
            "thanks",
            label=_("A word to who had the idea") if never_began else _("A word of thanks"),
            languages=languages,
            max_length=600,
            rows=2,
            help_text=_("Thank them. They read it on their own page.")
            if never_began
            else _("To everybody who did something. By role, never by name."),
        )
        self.add_texts(
            "learned",
            label=_("Why it does not go on") if never_began else _("What was learned"),
            languages=languages,
            max_length=600,
            rows=3,
            help_text=_("An honest reason, and what they can do instead. Only they read it.")
            if never_began
            else _("What went well, what did not, what you would do otherwise. Stopping is a result too."),
        )

    @property
    def words(self) -> dict[str, dict[str, str]]:
        return {"thanks": self.texts("thanks"), "learned": self.texts("learned")}


# --- content of its page ----------------------------------------------------------------------


class UpdateForm(TextsForm):
    def __init__(self, *args: Any, update: Update | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = update.as_read if update else {}
        self.add_texts(
            "text",
            label=_("What is new"),
            languages=languages_in_use(text),
            value=text,
            max_length=1000,
            rows=4,
            required=False,
            help_text=_("Everybody reads it. No names."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.texts("text"):
            first = next(iter(self.fields))
            self.add_error(first, _("Write a few words first."))
        return data


class MeetingForm(TextsForm):
    day = DateField(label=_("Which day"), error_messages={"required": _("Choose a day.")})
    time = forms.TimeField(
        label=_("What time"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Choose a time."), "invalid": _("Choose a time, like 19:30.")},
    )
    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int, choices=MEETING_LENGTH_CHOICES)
    where = forms.CharField(
        label=_("Where"),
        max_length=160,
        help_text=_("A name that neighbours know. Not somebody's home."),
        error_messages={"required": _("Write where it is: a name that neighbours know.")},
    )

    def __init__(
        self, *args: Any, meeting: Meeting | None = None, languages: list[str] | None = None, **kwargs: Any
    ) -> None:
        initial: dict[str, Any] = {"minutes": 120}
        if meeting:
            begins = timezone.localtime(meeting.starts_at)
            initial = {
                "day": begins.date(),
                "time": begins.time(),
                "minutes": meeting.minutes,
                "where": meeting.where_as_read,
            }
        super().__init__(*args, initial=initial, **kwargs)
        if meeting and meeting.minutes not in dict(MEETING_LENGTH_CHOICES):
            self.fields["minutes"].choices = [
                *MEETING_LENGTH_CHOICES,
                (meeting.minutes, f"{meeting.minutes}′"),
            ]
        self.fields["day"].widget.attrs["min"] = timezone.localdate().isoformat()
        about = meeting.about_as_read if meeting else {}
        self.add_texts(
            "about",
            label=_("What is done there"),
            languages=languages or languages_in_use(about),
            value=about,
            max_length=300,
            rows=2,
            required=False,
        )

    @property
    def when(self) -> MeetingDetails:
        data = self.cleaned_data
        begins = timezone.make_aware(datetime.combine(data["day"], data["time"]))
        return MeetingDetails(
            starts_at=begins, minutes=data["minutes"], where=data["where"], about=self.texts("about")
        )


class PictureForm(TextsForm):
    """A photo with its alternative text."""

    picture = forms.FileField(
        label=_("A photo"),
        help_text=_("Up to 10 MB. Nobody on it who did not say yes."),
        error_messages={
            "required": _("Choose a photo."),
            "empty": _("This file is empty. Choose another photo."),
        },
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(
        self,
        *args: Any,
        picture: Picture | None = None,
        languages: list[str] | None = None,
        too_large: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large
        alt = picture.alt if picture else {}
        self.add_texts(
            "alt",
            label=_("What can be seen on it"),
            languages=languages or languages_in_use(alt),
            value=alt,
            max_length=200,
            help_text=_("For who can't see it: “Four people plant a tree on the quay.”"),
        )

    def clean_picture(self) -> Any:
        sent = self.cleaned_data["picture"]
        if sent and sent.size > MAX_PICTURE_BYTES:
            raise forms.ValidationError(_("This picture is too large. Up to 10 MB works."))
        return sent

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.too_large:
            self.errors.pop("picture", None)
            self.add_error("picture", _("This picture is too large. Up to 10 MB works."))
        return data


# --- from the private page --------------------------------------------------------------------


class OwnUpdateForm(forms.Form):
    text = forms.CharField(
        label=_("What is new?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("A colleague reads it first. Then it stands on the page for everybody. No names."),
        error_messages={"required": _("Write a few words first.")},
    )


class StopForm(forms.Form):
    words = forms.CharField(
        label=_("What can others learn from it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("What went well, and what did not. Somebody of the team reads it and answers you."),
        error_messages={"required": _("Write a few words: who begins something like it learns from them.")},
    )

    def __init__(self, *args: Any, never_began: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if never_began:
            words = self.fields["words"]
            words.label = _("Why do you not go on?")
            words.help_text = _("A few words are enough. Somebody of the team reads it and answers you.")
            words.error_messages["required"] = _("Write a few words, so that we can answer you.")


# Forms of volunteer roles and expectation cards.


_PLAIN_FIELDS = (
    "people",
    "rhythm",
    "starts_on",
    "ends_on",
    "adults_only",
    "needs_clearance",
    "card",
    "skills",
    "languages",
)


class RoleForm(TextsForm):
    people = forms.IntegerField(
        label=_("How many people"),
        min_value=1,
        max_value=500,
        initial=1,
        error_messages={"required": _("Write how many."), "invalid": _("Write a number, like 3.")},
    )
    card = forms.ModelChoiceField(
        label=_("Expectation card"),
        queryset=ExpectationCard.objects.none(),
        required=False,
        empty_label=_("not yet: it can't be opened then"),
        help_text=_("What there is and what there is not: it stands above “I want to join”."),
    )
    skills = forms.MultipleChoiceField(
        label=_("What is it good to be able to do?"),
        choices=Skill,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "nabij-options--two"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages that are needed"),
        choices=Language,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "nabij-options--two"}),
        help_text=_("Only when it can't do without."),
    )
    moments = MomentsField(label=_("When"))
    rhythm = forms.ChoiceField(
        label=_("How often"), choices=Rhythm, widget=forms.RadioSelect, initial=Rhythm.REGULAR
    )
    starts_on = DateField(label=_("From"), required=False)
    ends_on = DateField(label=_("Until"), required=False)
    adults_only = forms.BooleanField(label=_("Only for who is 18 or older"), required=False)
    needs_clearance = forms.BooleanField(
        label=_("A certificate of conduct (VOG) is needed"),
        required=False,
        help_text=_(
            "Only with vulnerable people in a situation with risk, such as alone with somebody at home. Coffee in a "
            "hall with others takes none. We look at it and keep only that we saw it."
        ),
    )

    def __init__(self, *args: Any, role: VolunteerRole | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {}
        if role:
            initial = {name: getattr(role, name) for name in (*_PLAIN_FIELDS, "moments")} | {
                "card": role.card_id
            }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["card"].queryset = ExpectationCard.objects.newest()
        languages = languages_in_use(role.name if role else {})

        def texts(name: str, label: Any, **how: Any) -> list[str]:
            value = getattr(role, name) if role else None
            return self.add_texts(name, label=label, languages=languages, value=value, **how)

        names = texts(
            "name", _("What somebody does"), max_length=120, help_text=_("“Cook soup on Tuesdays.”")
        )
        about = texts("about", _("About it"), max_length=600, rows=3, required=False)
        support = texts(
            "support",
            _("Support, and by whom"),
            max_length=300,
            required=False,
            rows=2,
            help_text=_("“The first time somebody goes along.” By role, never by name."),
        )
        self.order_fields(
            [
                *names, *about, "people", "rhythm", "starts_on", "ends_on", "moments", "skills", "languages",
                "adults_only", "needs_clearance", *support, "card",
            ]
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it starts."))
        return data

    def changes(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in (*_PLAIN_FIELDS, "moments")}
        return plain | {name: self.texts(name) for name in ("name", "about", "support")}


# row: (label, examples of an answer and of “none”)
EXPECTATION_CARD_ROWS: dict[str, tuple[Any, Any]] = {
    "money": (
        _("Money"),
        _("“€ 750 for materials. There is no more this year.” Or: “There is no money. Nor later.”"),
    ),
    "time": (_("Time"), _("“Two hours a month until October. You can stop any time.”")),
    "influence": (_("Influence"), _("“You think along. The council decides and may choose otherwise.”")),
    "contact": (_("Contact"), _("“Your neighbourhood manager, within 2 days.” A role, never a name.")),
    "too_few": (_("Too few people?"), _("“Then you hear so before 1 June. We try again in September.”")),
}


class CardForm(TextsForm):
    """Five rows in each language. Every field is required, also when there is nothing."""

    name = forms.CharField(
        label=_("Name on the desk"),
        max_length=80,
        error_messages={"required": _("Write how colleagues find it.")},
    )

    def __init__(
        self, *args: Any, card: ExpectationCard | None = None, is_copy: bool = False, **kwargs: Any
    ) -> None:
        """Filled with the words of `card`: to change it, or to make a copy under a name of its own."""
        super().__init__(*args, initial={"name": card.name} if card and not is_copy else {}, **kwargs)
        for row, (label, example) in EXPECTATION_CARD_ROWS.items():
            for name in self.add_texts(
                row,
                label=label,
                languages=Municipality.current().languages or ["nl"],
                value=getattr(card, row) if card else None,
                max_length=300,
                rows=2,
                help_text=example,
            ):
                field = self.fields[name]
                field.required = True
                field.error_messages["required"] = _(
                    "Write what there is in %(language)s, or that there is nothing."
                ) % {"language": native_language_name(name.removeprefix(f"{row}_"))}

    @property
    def row_texts(self) -> dict[str, dict[str, str]]:
        return {row: self.texts(row) for row in EXPECTATION_CARD_ROWS}
