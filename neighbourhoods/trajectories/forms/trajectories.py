"""Forms for a trajectory: its steps, its plan, and talk-backs."""

from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django import forms
from django.db.models import Case, When
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import ConcurrentEditTextsForm, DateField, TextsForm, helper
from core.i18n import pick
from neighbourhoods.models import (
    Area,
    Municipality,
    ParticipationPlan,
    ParticipationRules,
    TalkBack,
    Trajectory,
    TrajectoryStep,
    colleagues_in,
)
from neighbourhoods.states import STEP_TRANSITIONS, Phase, Power, StepState, TalkBackKind

_MAX_TEXT_LENGTH = 2_000
MIN_ACTIVITY_ROWS = 3


def _part(title: Any, *rows: Any) -> Fieldset:
    return Fieldset(title, *rows, css_class="nabij-part")


class TrajectoryForm(forms.Form):
    title = forms.CharField(
        label=_("What is it about?"),
        max_length=120,
        help_text=_("As residents would say it: “The square of Oosterhaven”."),
        error_messages={"required": _("Give it a name.")},
    )
    areas = forms.ModelMultipleChoiceField(
        label=_("Where"),
        queryset=Area.objects.none(),
        widget=forms.CheckboxSelectMultiple({"class": "nabij-options--many"}),
        error_messages={"required": _("Choose at least one neighbourhood.")},
    )
    phase = forms.ChoiceField(label=_("Phase"), choices=Phase.choices)
    owner = forms.ModelChoiceField(
        label=_("Who sees to it?"), queryset=User.objects.none(), empty_label=_("Choose a colleague")
    )

    def __init__(
        self, *args: Any, user: User, trajectory: Trajectory | None = None, begin_in: str = "", **kwargs: Any
    ) -> None:
        """`begin_in` is the slug of an area to preselect."""
        mine = Area.objects.where(user, least=Power.EDITOR).existing()
        here = list(mine.filter(slug=begin_in).values_list("pk", flat=True)) if begin_in else []
        initial: dict[str, Any] = {"owner": user.pk, "areas": here}
        if trajectory:
            initial = {name: getattr(trajectory, name) for name in ("title", "phase", "owner")}
            initial["areas"] = list(trajectory.areas.values_list("pk", flat=True))
        super().__init__(*args, initial=initial, **kwargs)
        # Selected areas first, because the list of a whole town is long.
        first = Case(When(pk__in=initial["areas"], then=0), default=1)
        self.fields["areas"].queryset = mine.select_related("parent").order_by(first, "parent__name", "name")
        editors = colleagues_in(list(mine.values_list("pk", flat=True)), least=Power.EDITOR)
        self.fields["owner"].queryset = editors.filter(is_active=True)
        self.helper = helper("title", "areas", Row(Column("phase"), Column("owner")))


class StepForm(forms.Form):
    """The state, owner and due date of a step."""

    to = forms.ChoiceField(label=_("How is it now?"), widget=forms.RadioSelect)
    owner = forms.ModelChoiceField(
        label=_("Who does it?"), queryset=User.objects.none(), required=False, empty_label=_("nobody yet")
    )
    due_on = DateField(label=_("Before"), required=False)
    reason = forms.CharField(
        label=_("Why it is left out"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only when it is left out. The final report tells it."),
    )

    def __init__(self, *args: Any, step: TrajectoryStep, areas: list[int], **kwargs: Any) -> None:
        initial = {"to": step.state, "owner": step.owner_id, "due_on": step.due_on, "reason": step.reason}
        super().__init__(*args, initial=initial, **kwargs)
        ahead = STEP_TRANSITIONS[step.state]
        self.fields["to"].choices = [
            (state.value, state.label) for state in StepState if state == step.state or state in ahead
        ]
        mine = colleagues_in(areas) | User.objects.filter(pk=step.owner_id)
        self.fields["owner"].queryset = mine.distinct()
        self.helper = helper("to", Row(Column("owner"), Column("due_on")), "reason")


class ReopenForm(TextsForm):
    """Why a closed trajectory is opened again, for residents to read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_texts(
            "why",
            label=_("Why do you go on with it?"),
            languages=Municipality.current().languages or ["nl"],
            max_length=400,
            rows=3,
            help_text=_("Residents read this."),
        )


class PlanForm(ConcurrentEditTextsForm):
    """The participation plan: what is promised before the first invitation is sent."""

    HELP: Mapping[str, Any] = {
        "goal": _("What should be decided or made, and before when?"),
        "fixed": _("What can't change any more: money, rules, earlier decisions. Nothing? Say so."),
        "influence_why": _("Why this much and not more?"),
        "who": _("Whom do you ask, and how do you reach who does not come by themselves?"),
        "input_use": _("Who reads it, how does it weigh, who decides?"),
        "reporting": _("When and where do people read what came of it?"),
        "waiver_why": _("In plain words. Residents read this."),
    }

    def __init__(
        self, *args: Any, plan: ParticipationPlan, advised: Iterable[str] = (), **kwargs: Any
    ) -> None:
        initial = {name: getattr(plan, name) for name in ("influence", "is_waived", "waiver_ground")}
        super().__init__(*args, initial=initial, **kwargs)
        self.plan = plan
        self.languages = Municipality.current().languages or ["nl"]
        names = {name: self._texts(name) for name in (*plan.TEXTS, "waiver_why")}
        here, rules = get_language() or "", ParticipationRules.current()
        self.fields["influence"] = forms.ChoiceField(
            label=_("Level of influence"),
            required=False,
            choices=[("", _("not chosen yet")), *rules.levels()],
            help_text=" ".join(advised),
        )
        self.fields["is_waived"] = forms.BooleanField(
            label=_("There is no participation in this case"), required=False
        )
        self.fields["waiver_ground"] = forms.ChoiceField(
            label=_("On which ground?"),
            required=False,
            choices=[
                ("", _("Choose")),
                *((slug, pick(name, here)) for slug, name in self._grounds().items()),
            ],
        )
        activities = self._activities()
        rows: list[Any] = [
            _part(_("What for"), *names["goal"], *names["fixed"]),
            _part(_("How much influence"), "influence", *names["influence_why"]),
            _part(_("Who and what"), *names["who"], *activities),
            _part(_("What happens with it"), *names["input_use"], *names["reporting"]),
            _part(_("Or not at all"), "is_waived", "waiver_ground", *names["waiver_why"]),
        ]
        if plan.is_published:
            changed = self.add_texts(
                "why_changed", label=_("What changed, and why?"), languages=self.languages,
                max_length=300, rows=2, help_text=_("Residents read this beside the plan."),
            )  # fmt: skip
            rows.append(_part(_("This plan is published"), *changed))
        self.helper = helper(*rows)

    def _grounds(self) -> dict[str, dict[str, str]]:
        """Grounds from the settings; a published plan keeps its own, as it was worded at publication."""
        found = ParticipationRules.current().waiver_grounds()
        if self.plan.waiver_ground_name:
            found = found | {self.plan.waiver_ground: self.plan.waiver_ground_name}
        return found

    def _texts(self, name: str) -> list[Any]:
        """The languages side by side, so that a plan in two languages is no longer than in one."""
        label = self.plan._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        names = self.add_texts(
            name,
            label=str(label).capitalize(),
            languages=self.languages,
            value=getattr(self.plan, name),
            max_length=_MAX_TEXT_LENGTH,
            required=False,
            rows=4,
            help_text=self.HELP.get(name, ""),
        )
        return [Row(*(Column(name) for name in names))] if len(names) > 1 else list(names)

    def _activities(self) -> list[Any]:
        """At least three rows, and always two empty ones."""
        there = self.plan.activities
        rows = []
        for number in range(max(MIN_ACTIVITY_ROWS, len(there) + 2)):
            activity = there[number] if number < len(there) else {"what": {}, "on": None}
            what = self.add_texts(
                f"activity{number}", label=_("Activity %s") % (number + 1), languages=self.languages,
                value=activity["what"], max_length=200, required=False,
            )  # fmt: skip
            self.fields[f"on{number}"] = DateField(
                label=_("When"), required=False, initial=activity["on"] and parse_date(activity["on"])
            )
            rows.append(Row(*(Column(name) for name in what), Column(f"on{number}")))
        self.fields[what[0]].help_text = _("More of them? Save, and there is room again.")
        return rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_waived") and not data.get("waiver_ground"):
            self.add_error("waiver_ground", _("Choose the ground on which participation is waived."))
        return data

    @property
    def plan_fields(self) -> dict[str, Any]:
        data = self.cleaned_data
        activities = []
        number = 0
        while f"on{number}" in self.fields:
            if what := self.texts(f"activity{number}"):
                on = data.get(f"on{number}")
                activities.append({"what": what, "on": on.isoformat() if on else None})
            number += 1
        texts = {name: self.texts(name) for name in (*self.plan.TEXTS, "waiver_why")}
        choices = {name: data[name] for name in ("influence", "is_waived", "waiver_ground")}
        return texts | choices | {"activities": activities}


class TalkBackForm(TextsForm):
    """A meeting, planned or held, or a reaction round that a survey counts."""

    kind = forms.ChoiceField(label=_("How?"), choices=TalkBackKind.choices, widget=forms.RadioSelect)
    on = DateField(label=_("On"), error_messages={"required": _("Choose a day.")})
    at = forms.TimeField(
        label=_("At what time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    until = DateField(
        label=_("Open until"), required=False, help_text=_("The last day on which residents can react.")
    )
    place = forms.CharField(label=_("Where"), max_length=120, required=False)
    source = forms.ChoiceField(
        label=_("Which survey asks for reactions?"),
        required=False,
        help_text=_("Begin one with “Short reaction round”: its first question is counted here."),
    )
    present = forms.IntegerField(
        label=_("How many were there?"), min_value=0, max_value=100_000, required=False
    )
    support_yes = forms.IntegerField(label=_("Support it"), min_value=0, max_value=100_000, required=False)
    support_partly = forms.IntegerField(label=_("In part"), min_value=0, max_value=100_000, required=False)
    support_no = forms.IntegerField(
        label=_("Don't support it"), min_value=0, max_value=100_000, required=False
    )

    PLANNED = ("kind", "on", "at", "until", "place", "source")
    COUNT_FIELDS = ("present", "support_yes", "support_partly", "support_no")

    def __init__(self, *args: Any, talk_back: TalkBack, rounds: list[tuple[str, str]], **kwargs: Any) -> None:
        shown = (*self.PLANNED, *self.COUNT_FIELDS)
        initial = {
            name: getattr(talk_back, name) for name in shown if getattr(talk_back, name) not in ("", None)
        }
        super().__init__(*args, initial={"kind": TalkBackKind.MEETING} | initial, **kwargs)
        self.talk_back = talk_back
        self.fields["source"].choices = [("", _("none yet")), *rounds]
        asks = self.add_texts(
            "asks", label=_("What do you put forward?"), languages=Municipality.current().languages or ["nl"],
            value=talk_back.asks, max_length=_MAX_TEXT_LENGTH, required=False, rows=3,
            help_text=_("What you want to do with what residents said. They are asked whether they support it."),
        )  # fmt: skip
        heard = self.add_texts(
            "heard", label=_("What was said"), languages=Municipality.current().languages or ["nl"],
            value=talk_back.heard, max_length=_MAX_TEXT_LENGTH, required=False, rows=4,
            help_text=_("In short, and nobody by name. It is added to the record."),
        )  # fmt: skip
        self.helper = helper(
            "kind",
            Row(Column("on"), Column("at")),
            "place",
            *asks,
            _part(_("Only of a reaction round"), "source", "until"),
            _part(
                _("“Do you support this?” – counted at the meeting"),
                Row(*(Column(name) for name in self.COUNT_FIELDS)),
            ),
            *heard,
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == TalkBackKind.ROUND:
            if not data.get("source"):
                self.add_error("source", _("Choose the survey that asks for reactions."))
            data |= dict.fromkeys((*self.COUNT_FIELDS, "at"))
            if data.get("until") and data.get("on") and data["until"] < data["on"]:
                self.add_error("until", _("This is before it begins."))
        else:
            data["source"], data["until"] = "", None
            asked = sum(data.get(name) or 0 for name in self.COUNT_FIELDS[1:])
            present = data.get("present")
            if present is not None and asked > present:
                self.add_error("present", _("More people answered than were there. Count again."))
        return data

    def fill(self) -> TalkBack:
        """The unsaved row with the submitted values."""
        for name in (*self.PLANNED, *self.COUNT_FIELDS):
            setattr(self.talk_back, name, self.cleaned_data[name])
        self.talk_back.asks, self.talk_back.heard = self.texts("asks"), self.texts("heard")
        return self.talk_back
