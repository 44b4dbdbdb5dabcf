"""Starts a trajectory, moves it along its steps, and closes it when everybody was answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import get_or_gone
from neighbourhoods.advice.services import advices
from neighbourhoods.models import (
    ApproachDecision,
    Area,
    Municipality,
    ParticipationPlan,
    ParticipationRules,
    TalkBack,
    Trajectory,
    TrajectoryStep,
)
from neighbourhoods.profile.services.inventory import lock_areas
from neighbourhoods.registries import AnswersOwed, Gate, Intention, SupportCounts, trajectory_parts
from neighbourhoods.states import UNSKIPPABLE_STEPS, Reopening, Step, StepState, TalkBackKind
from neighbourhoods.trajectories.documents import DocumentSection, PrintableDocument
from neighbourhoods.wording import STEP_QUESTIONS, PlanWarning, plan_warning


@transaction.atomic
def start_trajectory(*, title: str, areas: Iterable[Area], phase: str, owner: User, by: User) -> Trajectory:
    """Create a trajectory with all its steps to do and an empty plan. Idempotent: a double tap creates one."""
    areas = list(areas)
    lock_areas(areas)
    wanted = {area.pk for area in areas}
    today = Trajectory.objects.running().filter(title=title, owner=owner, started_on=timezone.localdate())
    for earlier in today.prefetch_related("areas"):
        if {area.pk for area in earlier.areas.all()} == wanted:
            return earlier
    trajectory = Trajectory.objects.create(title=title, phase=phase, owner=owner)
    trajectory.areas.set(wanted)
    TrajectoryStep.objects.bulk_create(TrajectoryStep(trajectory=trajectory, number=step) for step in Step)
    ParticipationPlan.objects.create(trajectory=trajectory)
    Event.log("started trajectory", trajectory, by=by)
    return trajectory


def _lock_running(trajectory: Trajectory) -> None:
    """Lock the trajectory. Raises InvalidTransition if it is closed, since it is then a record."""
    if not Trajectory.objects.select_for_update(no_key=True).running().filter(pk=trajectory.pk).exists():
        raise InvalidTransition(_("This trajectory is closed, so nothing changes in it any more."))


@transaction.atomic
def change_trajectory(
    *, trajectory: Trajectory, title: str, areas: Iterable[Area], phase: str, owner: User, by: User
) -> None:
    _lock_running(trajectory)
    trajectory.title, trajectory.phase, trajectory.owner = title, phase, owner
    trajectory.save(update_fields=["title", "phase", "owner"])
    trajectory.areas.set(areas)
    Event.log("changed trajectory", trajectory, by=by)


# --- its steps --------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepStatus:
    """A step with its gates, and why it can't begin or be done yet."""

    row: TrajectoryStep
    facts: list[Gate] = field(default_factory=list)
    required_step: Step | None = None

    @property
    def tells(self) -> str:
        return str(STEP_QUESTIONS[Step(self.row.number)])

    @property
    def blockers(self) -> list[str]:
        found = [fact.sentence for fact in self.facts if not fact.holds]
        if self.required_step is not None:
            found.insert(0, _("First: %s.") % self.required_step.label)
        return found


def steps_of(trajectory: Trajectory) -> list[StepStatus]:
    facts = gates_of(trajectory)
    rows = list(trajectory.steps.select_related("owner"))
    done = {row.number for row in rows if row.state == StepState.DONE}
    left_out = {row.number for row in rows if row.state == StepState.SKIPPED}
    return [
        StepStatus(
            row,
            [fact for fact in facts if fact.step == row.number],
            row.needs if row.needs is not None and row.needs not in done | left_out else None,
        )
        for row in rows
    ]


def gates_of(trajectory: Trajectory) -> list[Gate]:
    return [*own_gates(trajectory), *(gate for part in trajectory_parts for gate in part.gates(trajectory))]


@transaction.atomic
def change_step(
    *, step: TrajectoryStep, to: str, owner: User | None, due_on: date | None, reason: str, by: User
) -> None:
    """Change owner, due date and state in one transaction."""
    _lock_running(step.trajectory)
    if (owner, due_on) != (step.owner, step.due_on):
        step.owner, step.due_on = owner, due_on
        step.save(update_fields=["owner", "due_on"])
        Event.log("planned step", step.trajectory, by=by, step=step.number, before=due_on)
    if to != step.state:
        move_step(step=step, to=to, reason=reason, by=by)


@transaction.atomic
def move_step(
    *, step: TrajectoryStep, to: str, by: User, reason: str = "", now: datetime | None = None
) -> None:
    """Move a step. Raises DomainError if a gate does not hold, or the order of the steps forbids it."""
    _lock_running(step.trajectory)
    shown = next(one for one in steps_of(step.trajectory) if one.row.number == step.number)
    if to == StepState.SKIPPED:
        _require_skippable(step, reason)
    elif (to == StepState.DOING and shown.required_step is not None) or (
        to == StepState.DONE and shown.blockers
    ):
        raise DomainError(shown.blockers[0])
    elif to in (StepState.TODO, StepState.DOING):
        _refuse_if_later_step_began(step)
    step.move(
        to,
        reason=reason if to == StepState.SKIPPED else "",
        done_on=timezone.localdate(now) if to == StepState.DONE else None,
    )
    Event.log("moved step", step.trajectory, by=by, step=step.number, state=StepState(to))


def _require_skippable(step: TrajectoryStep, reason: str) -> None:
    waived = ParticipationPlan.objects.published().filter(trajectory=step.trajectory, is_waived=True).exists()
    if step.number in UNSKIPPABLE_STEPS and not (waived and step.number != Step.MANDATE):
        raise DomainError(_("This step is never left out: what comes after it rests on it."))
    if not reason.strip():
        raise DomainError(_("Write why it is left out. It is kept, and stands in the final report."))


def _refuse_if_later_step_began(step: TrajectoryStep) -> None:
    """Raises DomainError if a later step that depends on this one has begun."""
    if step.state != StepState.DONE:
        return
    passed = step.trajectory.steps.filter(state__in=[StepState.DOING, StepState.DONE])
    for later in passed:
        if later.needs == step.number:
            raise DomainError(_("“%s” has begun already, and rests on this step.") % Step(later.number).label)


@transaction.atomic
def close_trajectory(*, trajectory: Trajectory, by: User, now: datetime | None = None) -> None:
    """Raises DomainError if a step is open, anybody waits for an answer, or it was closed before."""
    _lock_running(trajectory)
    waiting = [gate for gate in gates_of(trajectory) if gate.step == Step.FEEDBACK and not gate.holds]
    if waiting:
        raise DomainError(waiting[0].sentence)
    if not trajectory.is_settled():
        raise DomainError(_("Not every step is done or left out with a reason yet."))
    for part in trajectory_parts:
        part.on_close(trajectory, by, now or timezone.now())
    trajectory.closed_on = timezone.localdate(now)
    trajectory.save(update_fields=["closed_on"])
    Event.log("closed trajectory", trajectory, by=by)


@transaction.atomic
def reopen_trajectory(
    *, trajectory: Trajectory, why: dict[str, str], by: User | None, now: datetime | None = None
) -> None:
    """Open a closed trajectory again, with a reason that residents read.

    Without `by` it is opened automatically, because an answer is owed again; a running one is then left unchanged.
    """
    told = {code: words.strip() for code, words in why.items() if words.strip()}
    if by and not told:
        raise DomainError(_("Write why: residents read it."))
    closed = Trajectory.objects.select_for_update(no_key=True).filter(closed_on__isnull=False)
    held = closed.filter(pk=trajectory.pk).first()
    if held is None:
        if by is None:
            return
        raise InvalidTransition(_("Somebody was first. Have another look."))
    trajectory.closed_on = None
    trajectory.opened_again = [*held.opened_again, Reopening(timezone.localdate(now), told).as_json()]
    trajectory.save(update_fields=["closed_on", "opened_again"])
    Event.log("opened again", trajectory, by=by)


def answers_owed_in(trajectory: Trajectory) -> list[AnswersOwed]:
    """What people who spoke in it still wait for, with ways to answer them."""
    return [one for part in trajectory_parts for one in part.answers_owed_in(trajectory)]


def closing_blockers_in(trajectory: Trajectory) -> list[str]:
    """What else must be done before closing, one sentence each."""
    return [why for part in trajectory_parts for why in part.closing_blockers(trajectory)]


# --- its plan ---------------------------------------------------------------------------------


def lock_plan(trajectory: Trajectory) -> ParticipationPlan:
    """The plan, locked for this transaction through its trajectory, as in the lock order."""
    list(Trajectory.objects.select_for_update(no_key=True).filter(pk=trajectory.pk))
    return ParticipationPlan.objects.select_related("trajectory").get(trajectory=trajectory)


@transaction.atomic
def save_plan(*, plan: ParticipationPlan, fields: Mapping[str, Any], why: dict[str, str], by: User) -> None:
    """Save the plan. A published plan can change only with `why`, which residents read beside it."""
    _lock_running(plan.trajectory)
    plan.refresh_from_db(fields=["published_at", "changes"])  # a colleague may have published it just now
    if plan.is_published and not any(why.values()):
        raise DomainError(_("Residents can read this plan. Write what changed, and why."))
    for name, value in fields.items():
        setattr(plan, name, value)
    if plan.is_published:
        if lacking := plan.lacking(plan_languages()[0]):
            raise DomainError(
                _("A published plan stays complete. Missing: %s.") % field_labels(plan, lacking)
            )
        plan.changes = [*plan.changes, {"on": timezone.localdate().isoformat(), "what": why}]
        _freeze_waiver_ground(plan)
    plan.save()
    Event.log("changed plan", plan.trajectory, by=by)


@transaction.atomic
def publish_plan(*, plan: ParticipationPlan, by: User, now: datetime | None = None) -> None:
    """Publish the plan for residents. Raises DomainError naming what is missing."""
    _lock_running(plan.trajectory)
    plan.refresh_from_db()
    if lacking := plan.lacking(plan_languages()[0]):
        raise DomainError(_("The plan is not complete yet. Missing: %s.") % field_labels(plan, lacking))
    plan.published_at = plan.published_at or now or timezone.now()
    _freeze_waiver_ground(plan)
    plan.save(update_fields=["published_at", "waiver_ground_name"])
    Event.log("published plan", plan.trajectory, by=by)
    promise = plan.trajectory.steps.get(number=Step.PROMISE)
    if promise.is_open:
        move_step(step=promise, to=StepState.DONE, by=by, now=now)


def _freeze_waiver_ground(plan: ParticipationPlan) -> None:
    """Freeze the ground for waiving as published, in case the settings drop or reword it later."""
    before = ParticipationPlan.objects.get(pk=plan.pk)
    if not plan.is_waived:
        plan.waiver_ground_name = {}
    elif not before.waiver_ground_name or plan.waiver_ground != before.waiver_ground:
        grounds = ParticipationRules.uncached().waiver_grounds()
        plan.waiver_ground_name = grounds.get(plan.waiver_ground, {})
        if not plan.waiver_ground_name:
            raise DomainError(_("This ground is no longer in the settings. Choose another."))


def plan_languages() -> list[str]:
    """The languages of the municipality; a plan must be complete in the first one."""
    return Municipality.current().languages or ["nl"]


def field_labels(plan: ParticipationPlan, fields: Iterable[str]) -> str:
    return ", ".join(str(plan._meta.get_field(name).verbose_name) for name in fields)  # type: ignore[union-attr]


@dataclass(frozen=True)
class PlanSection:
    """A section of a plan: texts per language, or activities with their dates."""

    heading: str
    texts: Mapping[str, str] = field(default_factory=dict)
    dated: Sequence[tuple[Mapping[str, str], date | None]] = ()

    def lines(self, language: str) -> list[str]:
        """The section as plain text in one language."""
        if not self.dated:
            return pick(self.texts, language).splitlines()
        days = [date_format(on, "j F Y") if on else _("the day follows") for _what, on in self.dated]
        return [f"{pick(what, language)}, {day}" for (what, _on), day in zip(self.dated, days, strict=True)]


def sections_of(plan: ParticipationPlan) -> list[PlanSection]:
    """The filled-in sections, in page order."""
    if plan.is_waived:
        ground = plan.waiver_ground_name or ParticipationRules.current().waiver_grounds().get(
            plan.waiver_ground, {}
        )
        return [PlanSection(_("On which ground"), ground), PlanSection(_("Why"), plan.waiver_why)]
    found = []
    for name in plan.TEXTS:
        if name == "influence_why" and plan.influence:
            said = ParticipationRules.current().plain_level(plan.influence)
            found.append(PlanSection(_("How much influence"), {get_language() or "": said}))
        if name == "input_use" and plan.activities:
            found.append(PlanSection(_("What we do, and when"), dated=plan.dated_activities))
        if texts := getattr(plan, name):
            heading = str(plan._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            found.append(PlanSection(heading, texts))
    return found


def plan_document(plan: ParticipationPlan) -> PrintableDocument:
    """The plan as a document in the current language, with the same contents as the page."""
    language, trajectory = get_language() or "nl", plan.trajectory
    parts = [DocumentSection(section.heading, section.lines(language)) for section in sections_of(plan)]
    if held := [_talk_back_line(talk_back, language) for talk_back in trajectory.talk_backs.all()]:
        parts.append(DocumentSection(_("What residents said of the results"), held))
    if plan.changes:
        told = [f"{date_format(on, 'j F Y')}: {pick(what, language)}" for what, on in plan.dated_changes]
        parts.append(DocumentSection(_("What changed"), told))
    municipality = Municipality.current()
    owner = (upper_first(trajectory.owner.title), municipality.name, municipality.phone, municipality.email)
    parts.append(DocumentSection(_("Who sees to it"), [", ".join(filter(None, owner))]))
    lead = _("How we decide this with %(places)s.")
    if plan.is_waived:
        lead = _("What we decide for %(places)s. In this case residents do not take part in the decision.")
    return PrintableDocument(
        title=trajectory.title,
        author=municipality.name,
        language=language,
        lead=lead % {"places": ", ".join(area.name for area in trajectory.areas.all())},
        rtl=get_language_info(language)["bidi"],
        parts=[DocumentSection(upper_first(part.heading), part.lines) for part in parts if part.lines],
    )


def _talk_back_line(talk_back: TalkBack, language: str) -> str:
    said = f"{upper_first(talk_back.get_kind_display())}, {date_format(talk_back.on, 'j F Y')}"
    if talk_back.called_off_on:
        return f"{said}. {_('Called off.')} {pick(talk_back.called_off_why, language)}"
    if (asked := support_of(talk_back)) and asked.told:
        yes, partly, no = asked.told
        said += ". " + _("Support it: %(yes)s · in part: %(partly)s · don't support it: %(no)s") % {
            "yes": yes, "partly": partly, "no": no,
        }  # fmt: skip
    return f"{said}. {heard}" if (heard := pick(talk_back.heard, language)) else said


# --- talking back -----------------------------------------------------------------------------


@transaction.atomic
def record_talk_back(*, trajectory: Trajectory, talk_back: TalkBack, by: User) -> TalkBack:
    """Save a meeting with its counts, or a reaction round that a survey counts. Idempotent."""
    _lock_running(trajectory)
    talk_back.trajectory = trajectory
    before = TalkBack.objects.filter(pk=talk_back.pk).first()
    if before and before.called_off_on:
        raise DomainError(_("This was called off. Plan another."))
    told = ("kind", "on", "at", "until", "place", "source", "asks")
    if before and before.invited_at and any(getattr(before, n) != getattr(talk_back, n) for n in told):
        raise DomainError(_("People were invited to this already. Call it off, with why, and plan another."))
    if (
        before is None
        and talk_back.last_day >= timezone.localdate()
        and (why := reason_talk_back_too_late(trajectory))
    ):
        raise DomainError(why)
    if talk_back.pk is None:
        told = [field.attname for field in TalkBack._meta.concrete_fields if not field.primary_key]
        for earlier in TalkBack.objects.filter(trajectory=trajectory):
            if all(getattr(earlier, name) == getattr(talk_back, name) for name in told):
                return earlier
    talk_back.save()
    Event.log("recorded talking back", trajectory, by=by, on=talk_back.on)
    return talk_back


def reason_talk_back_too_late(trajectory: Trajectory) -> str:
    """Why it is too late for a talk-back, because a decision is on record; "" while it is open."""
    above = (said for part in trajectory_parts if (said := part.decided(trajectory)))
    return reason_approach_decided(trajectory) or next(above, "")


def reason_approach_decided(trajectory: Trajectory) -> str:
    step = trajectory.steps.filter(number=Step.APPROACH, state=StepState.DONE).first()
    if step is None or step.done_on is None:
        return ""
    return _("This was decided on %(day)s already. What is decided can't be asked any more.") % {
        "day": date_format(step.done_on, "j F Y")
    }


@transaction.atomic
def mark_talk_back_called_off(
    *, talk_back: TalkBack, why: dict[str, str], by: User, today: date | None = None
) -> TalkBack:
    """Call off a talk-back, with a reason for everybody; those invited are told. Idempotent."""
    locked = get_or_gone(TalkBack.objects.select_for_update(no_key=True), pk=talk_back.pk)
    if locked.called_off_on:
        return locked
    if locked.last_day < (today or timezone.localdate()):
        raise DomainError(_("Its day is past. Write what was heard, or that nobody came."))
    if not any(words.strip() for words in why.values()):
        raise DomainError(_("Write why it is called off: the people who were invited read it."))
    locked.called_off_on, locked.called_off_why = today or timezone.localdate(), why
    locked.save(update_fields=["called_off_on", "called_off_why"])
    Event.log("called off talking back", locked.trajectory, by=by, on=locked.on)
    return locked


@dataclass(frozen=True)
class TalkBackSupport:
    """How many were asked and how many support the results; `told` is None if that could identify somebody."""

    asked: int
    told: SupportCounts | None


def support_of(talk_back: TalkBack) -> TalkBackSupport | None:
    """None if nobody was asked. Counts of a meeting are public, those of a reaction round are protected."""
    if talk_back.kind == TalkBackKind.ROUND:
        counts = (part.support(talk_back.source) for part in trajectory_parts)
        found = next(filter(None, counts), None)
        return TalkBackSupport(*found) if found and found[0] else None
    if talk_back.support_yes is None:
        return None
    told = (talk_back.support_yes, talk_back.support_partly or 0, talk_back.support_no or 0)
    return TalkBackSupport(sum(told), told) if any(told) else None


def running_plan_intentions(area: Area) -> list[Intention]:
    """Running plans in this area. Every plan states the reason for its level, so that is included."""
    plans = ParticipationPlan.objects.filter(
        trajectory__areas=area, trajectory__closed_on=None, is_waived=False
    ).exclude(influence="")
    return [
        Intention(
            plan.trajectory.title,
            plan.influence,
            reverse("plan_read", args=[plan.trajectory_id]),
            pick(plan.influence_why, get_language() or ""),
        )
        for plan in plans.select_related("trajectory")
    ]


def areas_off_advice(plan: ParticipationPlan) -> list[tuple[Area, PlanWarning]]:
    """Areas for which the plan asks too much or too little of residents."""
    if plan.is_waived or not plan.influence:
        return []
    areas = {area.pk: area for area in plan.trajectory.areas.all()}
    advised = advices(list(areas))
    return [
        (areas[pk], warned)
        for pk, advice in advised.items()
        if (warned := plan_warning(plan.influence, advice))
    ]


def advised_levels(trajectory: Trajectory) -> list[str]:
    """The advised level of influence for each area, one sentence each; areas without advice are left out."""
    rules, areas = ParticipationRules.current(), {area.pk: area.name for area in trajectory.areas.all()}
    return [
        _("%(area)s, advice: %(levels)s.")
        % {"area": areas[pk], "levels": ", ".join(rules.level(level) for level in advice.levels)}
        for pk, advice in advices(list(areas)).items()
        if advice.levels
    ]


# --- gates of this app --------------------------------------------------------------------------


def own_gates(trajectory: Trajectory) -> list[Gate]:
    """Gates: the plan is published, results were put back and counted, an approach was chosen for every area."""
    plan = trajectory.plan
    if plan.is_published:
        said = _("Participation is waived.") if plan.is_waived else _("The plan is published.")
        found = [Gate(Step.PROMISE, True, said, plan.get_absolute_url())]
    else:
        found = [Gate(Step.PROMISE, False, _("The plan is not published yet."))]
    counted = sum(one.asked for talk_back in trajectory.talk_backs.all() if (one := support_of(talk_back)))
    if counted:
        said = _("%(count)s people said whether they support the results.") % {"count": counted}
        found.append(Gate(Step.TALK_BACK, True, said))
    else:
        found.append(Gate(Step.TALK_BACK, False, _("Nobody was asked yet whether they support the results.")))
    decided = set(
        ApproachDecision.objects.filter(
            area__trajectories=trajectory, decided_at__date__gte=trajectory.started_on
        ).values_list("area", flat=True)
    )
    missing = [area.name for area in trajectory.areas.all() if area.pk not in decided]
    if missing:
        said = _("No approach was chosen yet for %s.") % ", ".join(missing[:5])
        found.append(Gate(Step.APPROACH, False, said))
    else:
        found.append(Gate(Step.APPROACH, True, _("An approach was chosen for every neighbourhood.")))
    return found
