"""Generated sections of a final report: the trajectory, its plan, our answers and the decision.

Every number of people is already public, or rounded and above the same threshold.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import language_of, pick
from feedback.models import AnswerOwed, EnvironmentNotice, FinalReport, FollowUp, FollowUpItem
from feedback.reports.services.report_themes import (
    REACTION_KEY_PREFIX,
    Reply,
    ReportTopic,
    Subject,
    keys_of,
    released_answers,
    subjects_of,
)
from feedback.states import HANDED_OVER_STATES, Outcome, Owed
from neighbourhoods.advice.services import effective_resources
from neighbourhoods.models import (
    Municipality,
    ParticipationPlan,
    ParticipationRules,
    TalkBack,
    Trajectory,
    TrajectoryStep,
)
from neighbourhoods.states import Step, StepState
from neighbourhoods.trajectories.documents import (
    Block,
    bullet_list_block,
    paragraph_block,
    subheading_block,
    table_block,
)
from neighbourhoods.trajectories.documents import link_block as link_to
from neighbourhoods.trajectories.services import support_of
from neighbourhoods.wording import APPROACHES

PEOPLE_ROUNDING = 5
OUTCOME_LABELS: dict[str, Any] = {
    Outcome.ADOPTED: gettext_lazy("goes ahead"),
    Outcome.PARTLY: gettext_lazy("partly"),
    Outcome.NO: gettext_lazy("no"),
    Outcome.NOT_OURS: gettext_lazy("not up to the municipality"),
    Outcome.NOT_YET: gettext_lazy("not yet"),
}
"""The five outcomes in words for the public."""


def own_sections(report: FinalReport, above: Mapping[str, list[Block]]) -> dict[str, list[Block]]:
    """Sections known to feedback, by name, in the active language; `above` has those of the apps above."""
    trajectory, plan = report.trajectory, report.trajectory.plan
    subjects = subjects_of(trajectory)
    found = {
        "procedure": [*_procedure(trajectory, plan)],
        "plan": [*_plan(report, plan, subjects, above)],
        "reaction": [*_reaction(subjects)],
        "means": [*_means(trajectory, plan)],
        "told": [*_answers_section(trajectory, subjects)],
        "decision": [*_decision(report)],
    }
    notice = EnvironmentNotice.objects.filter(trajectory=trajectory).first()
    if notice:
        found["environment"] = [*_environment(notice, plan, subjects)]
    return found


def words(texts: dict[str, str]) -> Block:
    """A text in the active language; if it is missing, another one, marked with its language."""
    here = get_language() or ""
    spoken = language_of(texts, here)
    return paragraph_block(pick(texts, here), lang="" if spoken in ("", here) else spoken)


def day_of(moment: datetime | date) -> str:
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return date_format(day, "j F Y")


def publishable_count(n: int) -> int | None:
    """A publishable number of people: rounded to 5, None below the municipality's threshold."""
    least = max(Municipality.current().smallest_cell, PEOPLE_ROUNDING)
    return PEOPLE_ROUNDING * ((n + PEOPLE_ROUNDING // 2) // PEOPLE_ROUNDING) if n >= least else None


# --- how it went ------------------------------------------------------------------------------


def _procedure(trajectory: Trajectory, plan: ParticipationPlan) -> Iterator[Block]:
    places = ", ".join(area.name for area in trajectory.areas.all())
    about = {
        "phase": trajectory.get_phase_display(),
        "since": day_of(trajectory.started_on),
        "places": places,
    }
    yield paragraph_block(_("For %(places)s. Phase: %(phase)s. Begun on %(since)s.") % about)
    if plan.is_waived and plan.is_published:
        yield paragraph_block(_("In this case residents did not take part in the decision."))
        yield words(plan.waiver_ground_name)
        yield words(plan.waiver_why)
    elif plan.influence:
        rules = ParticipationRules.current()
        level = {"level": rules.level(plan.influence), "plain": rules.plain_level(plan.influence)}
        yield paragraph_block(_("How much influence residents had: %(level)s. %(plain)s") % level)
    yield table_block(
        _("The steps"),
        [_("Step"), _("How it went"), _("On")],
        [
            [upper_first(step.get_number_display()), *_step(step)]
            for step in trajectory.steps.order_by("number")
        ],
    )
    if chosen := [*_approaches(trajectory)]:
        yield subheading_block(_("Which approach was chosen"))
        yield bullet_list_block(chosen)
    if backs := [talk_back_text(talk_back) for talk_back in trajectory.talk_backs.all()]:
        yield subheading_block(_("Talking back with residents before deciding"))
        yield bullet_list_block(backs)


def _step(step: TrajectoryStep) -> tuple[str, str]:
    if step.state == StepState.SKIPPED:
        return _("left out: %s") % step.reason, "–"
    if step.number == Step.REPORT:
        return _("this report"), "–"
    return step.get_state_display(), day_of(step.done_on) if step.done_on else "–"


def _approaches(trajectory: Trajectory) -> Iterator[str]:
    for decision in trajectory.approach_decisions.select_related("area").order_by("pk"):
        chosen = {
            "area": decision.area.name,
            "chosen": APPROACHES.get(decision.chosen, decision.chosen),
            "day": day_of(decision.decided_at),
        }
        sentence = _("%(area)s: “%(chosen)s”, on %(day)s.") % chosen
        if decision.reason:
            other = {"advised": APPROACHES.get(decision.advised, decision.advised), "why": decision.reason}
            sentence += " " + _("The advice was “%(advised)s”. Chosen otherwise because: %(why)s") % other
        yield sentence


def talk_back_text(talk_back: TalkBack) -> str:
    """What was heard. Numbers are given only if all of them may be published; otherwise words."""
    parts = [f"{upper_first(talk_back.get_kind_display())}, {day_of(talk_back.on)}"]
    if talk_back.called_off_on:
        why = pick(talk_back.called_off_why, get_language() or "").rstrip(".")
        return ". ".join([*parts, _("Called off.").rstrip("."), why]) + "."
    if (asked := support_of(talk_back)) and asked.told:
        shown = [publishable_count(n) for n in asked.told]
        if None not in shown:
            yes, partly, no = shown
            told = _("Support it: about %(yes)s · in part: %(partly)s · don't support it: %(no)s")
            parts.append(told % {"yes": yes, "partly": partly, "no": no})
        elif asked.told[0] * 2 > asked.asked:
            parts.append(_("More than half supported it"))
        elif asked.told[2] * 2 > asked.asked:
            parts.append(_("More than half did not support it"))
        else:
            parts.append(_("Opinions differed"))
    if heard := pick(talk_back.heard, get_language() or ""):
        parts.append(heard)
    return ". ".join(part.rstrip(".") for part in parts) + "."


# --- planned, and what happened ---------------------------------------------------------------


def plan_items(plan: ParticipationPlan) -> list[tuple[str, str, str]]:
    """(name, label, planned text) per promise of the plan; staff add what happened under that name."""
    language = get_language() or ""
    planned = {name: pick(getattr(plan, name), language) for name in plan.TEXTS}
    planned["influence"] = ParticipationRules.current().plain_level(plan.influence) if plan.influence else ""
    activities = [
        (f"activity{number}", _("Activity %s") % number, f"{pick(what, language)}, {_when(on)}")
        for number, (what, on) in enumerate(plan.dated_activities, start=1)
    ]

    def named(*names: str) -> list[tuple[str, str, str]]:
        return [
            (name, upper_first(str(plan._meta.get_field(name).verbose_name)), planned[name])  # type: ignore[union-attr]
            for name in names
            if planned[name]
        ]

    return [*named("goal", "fixed", "influence", "who"), *activities, *named("input_use", "reporting")]


def _when(on: date | None) -> str:
    return day_of(on) if on else _("the day follows")


def _plan(
    report: FinalReport, plan: ParticipationPlan, subjects: list[Subject], above: Mapping[str, list[Block]]
) -> Iterator[Block]:
    if not plan.is_published or plan.is_waived:
        yield paragraph_block(_("No plan was published beforehand."))
        return
    assert plan.published_at is not None
    language = get_language() or ""
    yield paragraph_block(_("The plan was published on %s.") % day_of(plan.published_at))
    yield link_to(_("The participation plan"), absolute(plan.get_absolute_url()))
    known = _realised_items(report, plan, subjects)
    rows = []
    for name, what, planned in plan_items(plan):
        happened = [pick(report.happened.get(name, {}), language), known.get(name, "")]
        happened += [one["text"] for one in above.get(f"plan:{name}", [])]
        rows.append([what, planned, " ".join(filter(None, happened)) or _("Nothing was noted on this.")])
    yield table_block(_("Item by item"), [_("Promise"), _("Planned"), _("What happened")], rows)
    if plan.changes:
        yield subheading_block(_("What changed in the plan"))
        yield bullet_list_block(f"{day_of(on)}: {pick(what, language)}" for what, on in plan.dated_changes)


def _realised_items(report: FinalReport, plan: ParticipationPlan, subjects: list[Subject]) -> dict[str, str]:
    """What the data says happened, per item of the plan."""
    replies = [reply for subject in subjects for reply in subject.replies]
    stayed = _("See below what changed.") if plan.changes else _("This stayed as it was.")
    found = {"fixed": stayed, "influence": stayed}
    if report.decision_on:
        found["goal"] = _("Decided on %s.") % day_of(report.decision_on)
    if counted := _outcomes(replies):
        found["input_use"] = _("What came of it: %s.") % counted
    if answers := [reply for reply in replies if reply.is_answer]:
        found["reporting"] = _("The first answer was given on %s.") % day_of(
            min(reply.on for reply in answers)
        )
    return found


def _outcomes(replies: Iterable[Reply]) -> str:
    each = list({(reply.outcome, str(reply.decided), reply.on) for reply in replies})
    counted = [(outcome, sum(one[0] == outcome for one in each)) for outcome in Outcome.values]
    return " · ".join(f"{n} × {OUTCOME_LABELS[outcome]}" for outcome, n in counted if n)


# --- what we do with it -----------------------------------------------------------------------


def _reaction(subjects: list[Subject]) -> Iterator[Block]:
    if not subjects:
        yield paragraph_block(_("Nothing was said that asked for a reaction."))
        return
    language, told = get_language() or "", [subject for subject in subjects if subject.is_told]
    for subject in told:
        name = upper_first(pick(subject.name, language))
        yield subheading_block(name)
        if subject.replies:
            yield _replies(subject.replies, _("Our reaction: %s") % name)
        else:
            yield paragraph_block(_("There is no reaction yet."))
    if few := [subject for subject in subjects if not subject.is_told]:
        yield subheading_block(_("What few people named"))
        yield paragraph_block(_("So few that we don't say what it was."))
        above = [reply for subject in told for reply in subject.replies]
        replies: list[Reply] = []
        for reply in (reply for subject in few for reply in subject.replies):
            if reply not in [*above, *replies]:
                replies.append(reply)
        if replies:
            yield _replies(replies, _("Our reaction to what few people named"))
        elif all(subject.replies for subject in few):
            yield paragraph_block(_("The reaction to it stands above."))


def _replies(replies: list[Reply], caption: str) -> Block:
    language = get_language() or ""
    rows = [
        [
            upper_first(pick(reply.about, language)),
            upper_first(str(OUTCOME_LABELS[reply.outcome])),
            pick(reply.decided, language),
            pick(reply.why, language) or "–",
            ", ".join(filter(None, [upper_first(reply.owner), day_of(reply.on)])),
        ]
        for reply in replies
    ]
    head = [_("About"), _("What came of it"), _("What was decided"), _("Why"), _("Who and when")]
    return table_block(caption, head, rows)


# --- means, telling, decision -----------------------------------------------------------------


def _means(trajectory: Trajectory, plan: ParticipationPlan) -> Iterator[Block]:
    rows = []
    for area in trajectory.areas.select_related("parent__parent"):
        if not (means := effective_resources(area)):
            continue
        rows.append(
            [
                area.name,
                f"€ {number_format(means.budget, force_grouping=True)}"
                if means.budget is not None
                else _("not noted"),
                ngettext("%s hour a week", "%s hours a week", means.hours) % means.hours
                if means.hours is not None
                else _("not noted"),
                upper_first(means.mandate_of) or _("not noted"),
            ]
        )
    if rows:
        head = [_("Where"), _("Money"), _("Hours of colleagues"), _("Who stood behind it")]
        yield table_block(_("What there was to work with"), head, rows)
    else:
        yield paragraph_block(_("What there was to work with was not noted."))


def _answers_section(trajectory: Trajectory, subjects: list[Subject]) -> Iterator[Block]:
    sources = list(dict.fromkeys(source for subject in subjects for source in subject.sources))
    told = released_answers(sources)
    if not told:
        yield paragraph_block(_("Nothing was told through this system yet."))
        return
    language = get_language() or ""
    things = {(one.source, one.key): one for subject in subjects for one in subject.said}
    rows = [
        [
            day_of(one.released_at) if one.released_at else "–",
            upper_first(pick(one.title, language)),
            upper_first(str(OUTCOME_LABELS[one.outcome])) if one.outcome else "–",
            _audience_text(one, things),
        ]
        for one in told
    ]
    head = [_("On"), _("About"), _("What came of it"), _("To whom")]
    yield table_block(_("Answers to residents"), head, rows)
    items = FollowUpItem.objects.shown().filter(follow_up__in=told).order_by()
    everybody = items.values("receipt").distinct().count()
    by_mail = items.filter(message__state__in=HANDED_OVER_STATES).values("receipt").distinct().count()
    if n := publishable_count(everybody):
        yield paragraph_block(_("In all about %s people got an answer on their own page.") % n)
        # The difference must not be a small group either.
        if (mailed := publishable_count(by_mail)) and (
            by_mail == everybody or publishable_count(everybody - by_mail)
        ):
            yield paragraph_block(_("About %s of them got a message about it as well.") % mailed)
    else:
        yield paragraph_block(
            _("The answers stand on the own pages of residents. They are too few to tell how many.")
        )
    # Not those who said that our answer is clear after all: they got one.
    waived = AnswerOwed.objects.filter(topic__source__in=sources, state=Owed.WAIVED).order_by()
    waived = waived.exclude(topic__key__startswith=REACTION_KEY_PREFIX)
    if n := publishable_count(waived.values("receipt").distinct().count()):
        yield paragraph_block(
            _("About %s people got no answer to something, and read the reason on their own page.") % n
        )


def _audience_text(follow_up: FollowUp, things: Mapping[tuple[str, str], ReportTopic]) -> str:
    """What its readers said, with published numbers. No numbers if the audience is narrowed, as none are
    published."""
    keys, audience, language = keys_of(follow_up), follow_up.audience, get_language() or ""
    if audience.get("areas") or audience.get("theme") or audience.get("owner"):
        return _("Who said something about this in a part of the neighbourhoods, or on one theme")
    if not keys:
        return _("Everybody who had no answer yet")
    named = [things[audience["source"], key] for key in sorted(keys) if (audience["source"], key) in things]
    told = [
        _("“%(what)s”: about %(n)s") % {"what": pick(one.title, language), "n": one.people}
        for one in named
        if one.people
    ]
    return " · ".join(told) or _("Too few people to tell")


def _decision(report: FinalReport) -> Iterator[Block]:
    language = get_language() or ""
    if report.decision_number:
        yield paragraph_block(_("Number: %s") % report.decision_number)
    if by := pick(report.decision_by, language):
        yield paragraph_block(_("Taken by: %s") % by)
    if report.decision_on:
        yield paragraph_block(_("On: %s") % day_of(report.decision_on))
    if report.decision_url:
        yield link_to(_("Read the decision"), report.decision_url)
    if not (report.decision_number or report.decision_on or report.decision_url):
        yield paragraph_block(_("There is no decision to refer to yet."))


def _environment(
    notice: EnvironmentNotice, plan: ParticipationPlan, subjects: list[Subject]
) -> Iterator[Block]:
    """Who took part, how, and what was done with the results; with the notice beforehand."""
    language = get_language() or ""
    if notice.who:
        yield subheading_block(_("Who could take part"))
        yield words(notice.who)
    yield subheading_block(_("How they were involved"))
    involved = [f"{pick(what, language)}, {_when(on)}" for what, on in plan.dated_activities]
    yield bullet_list_block(involved) if involved else paragraph_block(_("Nothing was noted on this."))
    yield subheading_block(_("What was done with the results"))
    lines = [
        f"{upper_first(pick(subject.name, language))}: {_outcomes(subject.replies) or _('no reaction yet')}"
        for subject in subjects
        if subject.is_told
    ]
    yield (
        bullet_list_block(lines)
        if lines
        else paragraph_block(_("Nothing was said that asked for a reaction."))
    )
    if notice.published_at:
        yield paragraph_block(_("The notice was published on %s.") % day_of(notice.published_at))
        yield link_to(_("The notice"), absolute(reverse("environment_notice", args=[notice.trajectory_id])))
