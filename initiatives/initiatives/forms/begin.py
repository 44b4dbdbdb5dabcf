"""Forms to begin an initiative, to plan it, and of approaches in the library."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.forms import ConcurrentEditTextsForm, DateField, TextsForm
from core.i18n import pick
from core.languages import offered_languages
from feedback.contacts.forms import HearBackForm
from feedback.personal_data import PersonalDataKind
from feedback.screening import find_personal_data
from initiatives.initiatives.approach_wording import APPROACH_FIELD_LABELS, DEGREE_LABELS, EVIDENCE_TEXTS
from initiatives.initiatives.approaches import (
    APPROACH_TEXT_FIELDS,
    BOOLEAN_FIELDS,
    SET_FIELDS,
    ProvenApproach,
    serialise_approach,
)
from initiatives.initiatives.services.beginning import Idea, InitiativeDraft
from initiatives.initiatives.services.library import Entry
from initiatives.initiatives.services.running import MOST_MOTIVES
from initiatives.models import Task
from initiatives.states import Motive
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party, Theme
from neighbourhoods.settings.forms import LanguageChoiceField, ThemeChoiceField
from neighbourhoods.states import GovernmentRole

# Forms to begin an initiative: three questions for a resident, and the form at the desk.


_MAX_TEXT_LENGTH = 2_000
TOO_MANY_MOTIVES = _("Choose at most two reasons.")


def motives_field(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=Motive, required=False, widget=forms.CheckboxSelectMultiple
    )


class MotivesForm(forms.Form):
    def clean_motives(self) -> list[str]:
        motives = self.cleaned_data["motives"]
        if len(motives) > MOST_MOTIVES:
            raise forms.ValidationError(TOO_MANY_MOTIVES)
        return motives


def _textarea_field(label: Any, *, rows: int, help_text: Any = "", required: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_MAX_TEXT_LENGTH,
        required=bool(required),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
        error_messages={
            "required": required,
            "max_length": _("Your text is too long. We kept all of it: make it a little shorter."),
        },
    )


class IdeaForm(MotivesForm):
    """Why first; then what, for whom and where."""

    why = _textarea_field(
        _("Why do you want this?"),
        rows=3,
        help_text=_("In your own words. What happened, or what do you miss?"),
        required=_("Write in a few words why you want it."),
    )
    motives = motives_field(_("Does one of these fit? Choose at most two."))
    what = _textarea_field(
        _("What do you want to do?"),
        rows=3,
        help_text=_("It need not be worked out."),
        required=_("Write in a few words what you want to do."),
    )
    who = _textarea_field(
        _("Who is it for, and where?"), rows=2, help_text=_("Better leave out names and telephone numbers.")
    )
    theme = ThemeChoiceField(label=_("What is it about?"))
    sent_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"sent_key": uuid4()}, **kwargs)
        self.use_required_attribute = False

    @property
    def idea(self) -> Idea:
        data = self.cleaned_data
        return Idea(why=data["why"], what=data["what"], who=data["who"], motives=data["motives"])


class IdeaAddressForm(HearBackForm):
    """HearBackForm with a consent text about this idea."""

    consent = forms.BooleanField(
        label=_("Yes, the municipality may mail me about my idea."),
        error_messages={"required": _("Tick the box if we may mail you, or go on without e‑mail.")},
    )
    is_16_or_older = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={
            "required": _("Under 16? Your idea counts just the same. We just can't keep your address.")
        },
    )


# --- at the desk ------------------------------------------------------------------------------


def municipal_roles() -> list[tuple[str, str]]:
    rules = ParticipationRules.current()
    return [
        ("", gettext("not decided yet")),
        *((role.value, rules.role(role).capitalize()) for role in GovernmentRole),
    ]


class WordsForm(TextsForm, MotivesForm):
    """The public texts of an initiative, per language: why first."""

    motives = motives_field(_("Motives, at most two"))
    municipal_role = forms.ChoiceField(
        label=_("What the municipality is in it"),
        required=False,
        help_text=_("Everybody reads it, in plain words."),
    )

    def add_words(self, languages: list[str], of: Any = None, *, begins: bool = False) -> list[str]:
        """Add the fields and return their names in order. `begins` makes the texts required that a new
        initiative needs."""

        def texts(name: str, label: Any, **how: Any) -> list[str]:
            value = getattr(of, name) if of else None
            return self.add_texts(name, label=label, languages=languages, value=value, **how)

        self.fields["municipal_role"].choices = municipal_roles()
        motive = texts(
            "motive",
            _("Why: in the words of who begins"),
            max_length=600,
            rows=3,
            required=begins,
            help_text=_("Without what would give somebody away."),
        )
        goal = texts("goal", _("What it wants"), max_length=600, rows=3, required=begins)
        for_whom = texts("for_whom", _("For whom"), max_length=300, required=False)
        name = texts("name", _("Name"), max_length=120, required=begins or bool(of and of.name))
        return [*motive, "motives", *goal, *for_whom, *name]

    def clean(self) -> dict[str, Any]:
        """The motive is in the beginner's words: refuse personal data, because it is public. A
        name may only look like one, so that a person decides about it."""
        data = super().clean() or {}
        for name in [name for name in self.fields if name.startswith("motive_")]:
            found = find_personal_data(data.get(name, ""))
            if any(one.kind != PersonalDataKind.NAME for one in found):
                self.add_error(
                    name, _("There is an address or a number in this. Take it out: everybody reads it.")
                )
        return data

    @property
    def words(self) -> dict[str, Any]:
        return {name: self.texts(name) for name in ("motive", "goal", "for_whom", "name")}


class BeginForm(WordsForm):
    area = forms.ModelChoiceField(label=_("Where"), queryset=Area.objects.none(), empty_label=None)
    theme = ThemeChoiceField(label=_("Theme"))
    party = forms.ModelChoiceField(
        label=_("Who begins it"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("we, the municipality"),
        help_text=_("Is the party not in the list? Note it with the neighbourhood first."),
    )
    with_page = forms.BooleanField(
        label=_("Give them a page of their own: you get a code to pass on."),
        required=False,
        help_text=_("There they write updates, plan meetings, send a picture and tell us when they stop."),
    )
    language = LanguageChoiceField(label=_("Language of their page"))
    next_action = forms.CharField(
        label=_("Next step"),
        max_length=120,
        error_messages={"required": _("Write the next step: nobody is lost between two steps.")},
    )
    on = DateField(label=_("Before"), error_messages={"required": _("Choose a day.")})
    sent_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        areas: QuerySet[Area],
        parties: QuerySet[Party],
        here: Area | None = None,
        **kwargs: Any,
    ) -> None:
        languages = offered_languages(Municipality.current().languages) or ["nl"]
        initial = {"sent_key": uuid4(), "area": here.pk if here else None}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["area"].queryset = areas
        self.fields["party"].queryset = parties
        self.fields["on"].widget.attrs["min"] = timezone.localdate().isoformat()
        words = self.add_words(languages, begins=True)
        self.order_fields(
            [*words, "theme", "area", "party", "with_page", "language", "municipal_role", "next_action", "on"]
        )

    @property
    def draft(self) -> InitiativeDraft:
        data = self.cleaned_data
        return InitiativeDraft(
            **self.words,
            motives=data["motives"],
            party=data["party"],
            municipal_role=data["municipal_role"],
        )


# Forms of the library of approaches: a filter, and changing an approach.


_MAX_TEXT_LENGTHS = {"name": 80, "answers": 200, "fits": 400, "needs": 400, "watch_out": 400, "local": 200}
BUDGET_CHOICES = (0, 500, 2_500, 10_000)


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
        choices=[("", gettext_lazy("any")), *DEGREE_LABELS.items()],
    )
    load = forms.ChoiceField(
        label=gettext_lazy("How hard life is"),
        required=False,
        choices=[("", gettext_lazy("any")), *DEGREE_LABELS.items()],
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
                for money in BUDGET_CHOICES
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


class ApproachForm(ConcurrentEditTextsForm):
    """All fields of an approach. Values equal to the library's are not stored: see services.library."""

    evidence = forms.ChoiceField(
        label=APPROACH_FIELD_LABELS["evidence"], choices=list(EVIDENCE_TEXTS.items()), initial="c"
    )
    energy = forms.MultipleChoiceField(
        label=APPROACH_FIELD_LABELS["energy"],
        choices=list(DEGREE_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )
    load = forms.MultipleChoiceField(
        label=APPROACH_FIELD_LABELS["load"],
        choices=list(DEGREE_LABELS.items()),
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
        plain_fields = [*SET_FIELDS, *BOOLEAN_FIELDS, "evidence", "costs"]
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
    def text_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.rpartition("_")[0] in APPROACH_TEXT_FIELDS]

    @property
    def condition_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.rpartition("_")[0] not in APPROACH_TEXT_FIELDS]

    @property
    def values(self) -> dict[str, Any]:
        """In the format of initiatives.initiatives.approaches.serialise_approach."""
        data = self.cleaned_data
        return {
            **{name: self.texts(name) for name in APPROACH_TEXT_FIELDS},
            **{name: sorted(data[name]) for name in SET_FIELDS},
            **{name: data[name] for name in (*BOOLEAN_FIELDS, "evidence", "costs")},
        }


# Forms of the plan: a line, and the address of somebody who takes on a task.


class LineForm(ConcurrentEditTextsForm):
    """Who, what, before when. The text is required in the first language only."""

    who = forms.CharField(
        label=_("Who"),
        help_text=_("A role, never a name: “the youth worker”. Empty when nobody does it yet."),
        max_length=80,
        required=False,
    )
    before = DateField(label=_("Before"), required=False, error_messages={"invalid": _("Choose a day.")})
    is_open = forms.BooleanField(
        label=_("Anybody may take this on"),
        help_text=_("It stands on the page of the initiative, for a small thing that somebody does once."),
        required=False,
    )

    def __init__(self, *args: Any, languages: list[str], task: Task | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(task, name) for name in ("who", "before", "is_open")} if task else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.use_required_attribute = False
        spoken = list(dict.fromkeys([*languages, *(task.what if task else {})]))
        names = self.add_texts(
            "what", label=_("What"), languages=spoken, value=task.what if task else None, max_length=160
        )
        self.order_fields([*names, "who", "before", "is_open"])

    @property
    def fields_of_task(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"what": self.texts("what"), **{name: data[name] for name in ("who", "before", "is_open")}}


class TaskAddressForm(HearBackForm):
    """HearBackForm with a consent text about this task only."""

    consent = forms.BooleanField(
        label=_("Yes, the municipality may mail me about what I took on."),
        error_messages={"required": _("Tick the box if we may mail you, or go on without e‑mail.")},
    )
    is_16_or_older = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={
            "required": _("Under 16? You can do this all the same. We just can't keep your address.")
        },
    )
