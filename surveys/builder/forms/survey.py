"""Forms of a survey as a whole: its settings, a next round of it, its data processing record."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.forms import ConcurrentEditForm
from core.languages import language_label, offered_languages, selectable_languages
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Membership, Municipality, ParticipationRules, Trajectory
from neighbourhoods.states import Power, Role
from surveys.builder.forms.question import CONFIRM_FIELD_PREFIX, ProposedForm
from surveys.builder.services import library_items, proposals
from surveys.builder.services.keeping import RETENTION_TERMS, notes_of
from surveys.builder.services.readiness import CARD_ROWS, translated_language_name
from surveys.library import LIBRARY
from surveys.library.plan import SurveyPlan
from surveys.models import DataProcessingRecord, Survey
from surveys.models.builder import KeepingNotes
from surveys.states import ItemKind, LegalBasis, VersionKind

# Forms to start a survey, and for its settings, its expectation card, and asking a backer.


_LONGEST = 600
SCRATCH = ""


class AreaChoice(forms.ModelMultipleChoiceField):
    """Neighbourhoods, labelled with their district."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, area: Area) -> str:  # type: ignore[override]
        return f"{area.name} ({area.parent.name})" if area.parent else area.name


class UserChoice(forms.ModelChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(empty_label=gettext_lazy("Choose a colleague"), **options)

    def label_from_instance(self, user: User) -> str:  # type: ignore[override]
        return f"{user.title} ({user.email})" if user.title else user.email


def configured_languages() -> list[tuple[str, str]]:
    codes = offered_languages(Municipality.current().languages) or selectable_languages()
    return [(code, translated_language_name(code)) for code in codes]


class TrajectoryChoice(forms.ModelChoiceField):
    """The trajectory to which a survey belongs."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Part of a trajectory"),
            queryset=Trajectory.objects.none(),
            required=False,
            empty_label=gettext_lazy("no, by itself"),
            help_text=gettext_lazy("Its plan is then published before this opens."),
        )


def trajectories_of(user: User) -> Any:
    return Trajectory.objects.changeable_by(user).running()


class NewSurveyForm(forms.Form):
    plan = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        widget=forms.RadioSelect,
        required=False,
        initial=next(iter(LIBRARY)),
    )
    areas = AreaChoice(
        label=gettext_lazy("In which neighbourhoods do you ask?"), queryset=Area.objects.none()
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("In which languages?"), widget=forms.CheckboxSelectMultiple
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=120,
        help_text=gettext_lazy(
            "A question, as you would ask it at the door. Empty: the title of the example."
        ),
    )
    trajectory = TrajectoryChoice()

    def __init__(self, data: Any = None, *, user: User, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["trajectory"].queryset = trajectories_of(user)  # type: ignore[attr-defined]
        self.items = library_items.library_entries(kinds=[ItemKind.SURVEY])
        self.fields["plan"].choices = [  # type: ignore[attr-defined]
            *((item.slug, item.name) for item in self.items),
            (SCRATCH, _("From scratch")),
        ]
        self.fields["areas"].queryset = areas_to_ask(user)  # type: ignore[attr-defined]
        choices = configured_languages()
        self.fields["languages"].choices = choices  # type: ignore[attr-defined]
        self.fields["languages"].initial = [code for code, _name in choices]

    @property
    def examples(self) -> list[tuple[Any, library_items.Item | None]]:
        """Each choice of the list with its item; None for “from scratch”."""
        items: dict[str, library_items.Item] = {item.slug: item for item in self.items}
        return [(choice, items.get(str(choice.data["value"]))) for choice in self["plan"]]

    @property
    def chosen_plan(self) -> SurveyPlan | None:
        chosen = self.cleaned_data["plan"]
        found = next((item.plan for item in self.items if item.slug == chosen), None)
        return found if isinstance(found, SurveyPlan) else None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("plan") and not data.get("title", "").strip() and "plan" in data:
            self.add_error("title", _("Give it a title, or begin with an example."))
        return data


def areas_to_ask(user: User) -> Any:
    return (
        Area.objects.where(user, least=Power.EDITOR)
        .leaves()
        .select_related("parent")
        .order_by("parent__name", "name")
    )


class SettingsForm(ProposedForm):
    """Texts are in one language; other fields hold for all languages."""

    TEXTS = ("title", "lead", "who_asks", "why", "promise", "influence_text", "owner_role")

    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=120)
    lead = forms.CharField(label=gettext_lazy("First sentence"), required=False, max_length=200)
    who_asks = forms.CharField(label=gettext_lazy("Who asks?"), required=False, max_length=200)
    why = forms.CharField(
        label=gettext_lazy("Why?"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    promise = forms.CharField(
        label=gettext_lazy("What you promise"),
        help_text=gettext_lazy("What people get to hear, also when something can't be done."),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    promise_before = forms.DateField(
        label=gettext_lazy("They hear it before"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    influence = forms.ChoiceField(
        label=gettext_lazy("How much influence?"),
        required=False,
        choices=lambda: [("", gettext_lazy("not chosen yet")), *ParticipationRules.current().levels()],
    )
    influence_why = forms.CharField(
        label=gettext_lazy("More or less influence than was advised? Say why"),
        help_text=gettext_lazy("Kept with the survey. Residents don't read it."),
        required=False,
        max_length=300,
    )
    influence_text = forms.CharField(
        label=gettext_lazy("Influence in plain words"), required=False, max_length=200
    )
    owner = UserChoice(
        label=gettext_lazy("Owner"),
        queryset=User.objects.none(),
        help_text=gettext_lazy("The colleague who sees to it that everybody gets an answer."),
    )
    owner_role = forms.CharField(
        label=gettext_lazy("The owner, as residents read it"), required=False, max_length=80
    )
    areas = AreaChoice(
        label=gettext_lazy("In which neighbourhoods do you ask?"), queryset=Area.objects.none()
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), widget=forms.CheckboxSelectMultiple
    )
    trajectory = TrajectoryChoice()
    without_contact = forms.BooleanField(
        label=gettext_lazy("Nobody leaves an address or joins in"),
        help_text=gettext_lazy(
            "For people under 16: they take part with a code alone. The law asks this of us."
        ),
        required=False,
    )
    erase_on = forms.DateField(
        label=gettext_lazy("Answers are erased on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any = None, *, survey: Survey, language: str, user: User) -> None:
        texts = {name: getattr(survey, name).get(language, "") for name in self.TEXTS}
        rest = (
            "promise_before",
            "influence",
            "influence_why",
            "owner",
            "erase_on",
            "languages",
            "trajectory",
            "without_contact",
        )
        super().__init__(
            data,
            initial=texts
            | {name: getattr(survey, name) for name in rest}
            | {"areas": [area.pk for area in survey.areas.all()]},
        )
        mine = trajectories_of(user) | Trajectory.objects.filter(pk=survey.trajectory_id)
        self.fields["trajectory"].queryset = mine  # type: ignore[attr-defined]
        own = areas_to_ask(user)
        self.fields["areas"].queryset = own  # type: ignore[attr-defined]
        editors = Membership.objects.current().filter(role__in=[Role.EDITOR, Role.ADMINISTRATOR])
        self.fields["owner"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            is_active=True, pk__in=editors.values("user")
        )
        choices = dict(configured_languages())
        if survey.opened_at:
            for name in ("promise_before", "erase_on", "areas"):
                self.fields[name].disabled = True
            self.fields["promise_before"].help_text = _(
                "Residents were promised this day. Move it where promises are moved, with a reason they read."
            )
            self.fields["areas"].help_text = _("Residents answer here already.")
            self.fields["erase_on"].help_text = _("Residents were told this day.")
        order = [*survey.languages, *(code for code in choices if code not in survey.languages)]
        self.fields["languages"].choices = [  # type: ignore[attr-defined]
            (code, language_label(code, choices.get(code, translated_language_name(code)))) for code in order
        ]
        self.propose(name for name in survey.proposed if name in self.fields)

    def clean_promise_before(self) -> Any:
        day = self.cleaned_data["promise_before"]
        if day and day <= timezone.localdate() and not self.fields["promise_before"].disabled:
            raise forms.ValidationError(_("This day is past. Promise a day that is still to come."))
        return day

    @property
    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.TEXTS}


class CardForm(ProposedForm):
    """What somebody who joins in may expect, in one language."""

    HINTS = {
        "money": gettext_lazy("An amount, or plainly that there is none."),
        "time": gettext_lazy("How much, until when, and that stopping is always possible."),
        "influence": gettext_lazy("What they decide, and what somebody else decides."),
        "contact": gettext_lazy("A role, and within how many days."),
        "too_few": gettext_lazy("What happens then, and when they hear it."),
    }

    def __init__(self, data: Any = None, *, survey: Survey, language: str) -> None:
        super().__init__(data)
        card = survey.card
        for row in ExpectationCard.ROWS:
            self.fields[row] = forms.CharField(
                label=CARD_ROWS[row],
                help_text=self.HINTS[row],
                required=False,
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=getattr(card, row).get(language, "") if card else "",
            )
        self.propose(proposals.proposals_of_card(survey))

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField | None]]:
        """Each row of the card, with its tick if it is a proposal."""
        return [
            (
                self[row],
                self[CONFIRM_FIELD_PREFIX + row] if CONFIRM_FIELD_PREFIX + row in self.fields else None,
            )
            for row in ExpectationCard.ROWS
        ]


class BackerForm(forms.Form):
    """Asks somebody with the mandate to sign the published version."""

    backer = UserChoice(label=gettext_lazy("Whom do you ask?"), queryset=User.objects.none())
    until = forms.DateField(
        label=gettext_lazy("Until when"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data, initial={"until": survey.erase_on})
        self.languages = offered_languages(survey.languages)
        backers = Membership.objects.current().covering(survey.area).filter(role=Role.BACKER)
        self.fields["backer"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            pk__in=backers.values("user")
        )
        if not self.fields["backer"].queryset.exists():  # type: ignore[attr-defined]
            self.fields["backer"].help_text = _(
                "Nobody has the role of backer for all these neighbourhoods yet. Ask the administrator."
            )
        for code in self.languages:
            self.fields[f"statement_{code}"] = forms.CharField(
                label=_("What they stand for, in %s") % translated_language_name(code),
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=STATEMENTS.get(code, ""),
            )

    @property
    def statement(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"statement_{code}"] for code in self.languages}


STATEMENTS = {
    "nl": "Ik sta achter deze vragen, en achter de belofte dat u antwoord krijgt.",
    "en": "I stand behind these questions, and behind the promise that you get an answer.",
}


# Form to publish again: spelling or meaning?


class RepublishForm(forms.Form):
    """`seen` is the revision whose changes were read: later edits by a colleague are not published with it."""

    kind = forms.ChoiceField(widget=forms.RadioSelect)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, revision: int, must_be_meaning: bool, was_open: bool) -> None:
        super().__init__(
            data, initial={"seen": revision, "kind": VersionKind.MEANING if must_be_meaning else ""}
        )
        meaning = (
            _(
                "Another meaning: what reads otherwise becomes a new question or answer, so that numbers don't mix. "
                "Somebody signs the new version before it goes live"
            )
            if was_open
            else _("Another meaning: somebody signs the new text before it opens")
        )
        spelling = _("Spelling: it means the same. The signature stays, and residents read it at once")
        choices = [(VersionKind.MEANING.value, meaning)]
        if not must_be_meaning:
            choices.insert(0, (VersionKind.COSMETIC.value, spelling))
        self.fields["kind"].label = _("Are these other words, or another question?")
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


# Forms for retention terms and legal basis of a survey.


class NotesForm(ConcurrentEditForm):
    """Legal basis, note for the impact assessment, and who else sees the answers."""

    basis = forms.ChoiceField(
        label=gettext_lazy("Legal basis"),
        help_text=gettext_lazy(
            "For a survey this nearly always is the task of the municipality. Ask your privacy officer."
        ),
        choices=LegalBasis.choices,
    )
    basis_in = forms.CharField(
        label=gettext_lazy("In which law or decision"),
        help_text=gettext_lazy("For example: our participation ordinance, article 3."),
        required=False,
        max_length=300,
    )
    impact_note = forms.CharField(
        label=gettext_lazy("Note for the impact assessment (DPIA)"),
        help_text=gettext_lazy(
            "What could go wrong for people who answer, and what you do about it. Or where the assessment is kept."
        ),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    processors = forms.CharField(
        label=gettext_lazy("Who processes the answers for you"),
        help_text=gettext_lazy("Each with the date of the processing agreement. Nobody? Then say so."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, notes: KeepingNotes | None = None, **options: Any) -> None:
        super().__init__(data, initial=notes_of(notes) if notes else {}, **options)


class KeepingForm(NotesForm):
    first_layer_on = forms.DateField(
        label=gettext_lazy("Answers to layer 1 only: erased on"),
        help_text=gettext_lazy(
            "Empty: with all the others. The answers of people who still wait for ours are "
            "kept until they have it."
        ),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    words_on = forms.DateField(
        label=gettext_lazy("What people wrote: erased on"),
        help_text=gettext_lazy("Empty: with the answers. What nobody answered yet is kept until it is."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    abandoned_days = forms.IntegerField(
        label=gettext_lazy("Begun but never finished: erased after (days)"),
        min_value=1,
        max_value=365,
    )
    address_days = forms.IntegerField(
        label=gettext_lazy("E‑mail addresses: erased after our last message (days)"),
        help_text=gettext_lazy("Empty: as the privacy page says. You can only be stricter."),
        required=False,
        min_value=1,
        max_value=365,
    )

    as_default = forms.BooleanField(
        label=gettext_lazy("Keep these as the default for all surveys"),
        help_text=gettext_lazy(
            "Every new survey then begins with the legal basis, the note and the processors as they stand here."
        ),
        required=False,
    )

    def __init__(self, data: Any = None, *, keeping: DataProcessingRecord, may_set_default: bool) -> None:
        super().__init__(data, notes=keeping)
        for name in RETENTION_TERMS:
            self.initial[name] = getattr(keeping, name)
        if not may_set_default:
            del self.fields["as_default"]
