"""The final report of a trajectory: begin, write, finish, publish, correct.

It is generated from the data each time until it is finished. Finishing freezes it in every language and
completes its step.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language, get_language_info, ngettext, override
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts, pick
from core.revision import revision
from feedback.models import EnvironmentNotice, FinalReport, ThemeReaction
from feedback.registries import source_hooks
from feedback.reports.services.report_parts import own_sections, words
from feedback.reports.services.report_themes import Subject, subjects_of, subjects_without_reaction
from feedback.states import Outcome
from neighbourhoods.models import Municipality, ParticipationRules, Trajectory
from neighbourhoods.registries import Gate
from neighbourhoods.rules import REPORT_SECTIONS
from neighbourhoods.states import Step, StepState
from neighbourhoods.trajectories.documents import Block, DocumentSection, PrintableDocument
from neighbourhoods.trajectories.services import move_step

ENVIRONMENT = "environment"
VERBS = (
    "began final report", "wrote final report", "noted what was decided", "finished final report",
    "published final report", "corrected final report",
    "switched on the notice", "switched off the notice", "wrote the notice", "published the notice",
)  # fmt: skip


def report_languages() -> list[str]:
    """The languages of a report; all text is required in the first."""
    return Municipality.current().languages or ["nl"]


# --- what it says -----------------------------------------------------------------------------


@dataclass(frozen=True)
class RenderedReport:
    """A report in one language, for the page, PDF and ODT; stored as plain data once finished."""

    title: str
    lead: str
    author: str
    version: str = ""
    introduction: list[Block] = field(default_factory=list)
    sections: list[dict[str, Any]] = field(default_factory=list)  # {"slug", "title", "blocks"}
    closing: list[Block] = field(default_factory=list)
    owner: str = ""


def render_report(report: FinalReport) -> RenderedReport:
    """In the active language; a finished report as frozen, with a fallback to its first language."""
    if not report.is_finished:
        return build_report(report)
    content = report.content
    kept = (
        content.get(get_language() or "")
        or content.get(report_languages()[0])
        or next(iter(content.values()))
    )
    return RenderedReport(**kept)


def build_report(report: FinalReport) -> RenderedReport:
    """Generate it from current data, in the active language."""
    trajectory, municipality = report.trajectory, Municipality.current()
    above: dict[str, list[Block]] = {}
    for hooks in source_hooks:
        for slug, more in hooks.report_sections(trajectory).items():
            above.setdefault(slug, []).extend(more)
    own = own_sections(report, above)
    blocks = {slug: [*own.get(slug, []), *above.get(slug, [])] for slug in {**own, **above}}
    owner = (upper_first(trajectory.owner.title), municipality.name, municipality.phone, municipality.email)
    return RenderedReport(
        title=_("Final report: %s") % trajectory.title,
        lead=_("What we asked in %(places)s, what residents said, and what we do with it.")
        % {"places": ", ".join(area.name for area in trajectory.areas.all())},
        author=municipality.name,
        version=_version(report),
        introduction=_written(report.introduction),
        sections=[*_sections(report, blocks)],
        closing=_written(report.closing),
        owner=", ".join(filter(None, owner)),
    )


def build_all_languages(report: FinalReport) -> dict[str, dict[str, Any]]:
    """Generate it in every language of the municipality, as plain data for `content`."""
    found = {}
    for language in report_languages():
        with override(language):
            found[language] = asdict(build_report(report))
    return found


def _version(report: FinalReport) -> str:
    if report.version == 1:
        return ""
    why = pick(report.why_corrected, get_language() or "")
    return _("Version %(n)d. What was corrected, and why: %(why)s") % {"n": report.version, "why": why}


def _written(texts: Mapping[str, str]) -> list[Block]:
    """A text of staff, as one block per paragraph."""
    if not any(texts.values()):
        return []
    whole = words(dict(texts))
    return [whole | {"text": each} for each in whole["text"].split("\n") if each.strip()]


def _sections(report: FinalReport, blocks: Mapping[str, list[Block]]) -> Any:
    """Sections in the municipality's order. Empty ones are left out; a section it added holds only written text."""
    titles = ParticipationRules.current().sections()
    if ENVIRONMENT in blocks:  # switched on for this trajectory, whatever the general setting
        titles.setdefault(ENVIRONMENT, dict(REPORT_SECTIONS[ENVIRONMENT]))
    for slug, title in titles.items():
        body = [*_written(report.sentences.get(slug, {})), *blocks.get(slug, [])]
        if body:
            yield {"slug": slug, "title": pick(title, get_language() or ""), "blocks": body}


def report_document(report: FinalReport) -> PrintableDocument:
    said, language = render_report(report), get_language() or "nl"
    parts = [DocumentSection(section["title"], blocks=section["blocks"]) for section in said.sections]
    if said.introduction:
        parts.insert(0, DocumentSection(_("Introduction"), blocks=said.introduction))
    if said.closing:
        parts.append(DocumentSection(_("In closing"), blocks=said.closing))
    parts.append(DocumentSection(_("Who sees to it"), [said.owner, _version_sentence(report)]))
    draft = "" if report.is_finished else _("Draft of %s, not finished yet.") % _day(timezone.now())
    return PrintableDocument(
        title=said.title,
        author=said.author,
        language=language,
        lead=" ".join(filter(None, [draft, said.lead, said.version])),
        rtl=get_language_info(language)["bidi"],
        parts=parts,
    )


def _version_sentence(report: FinalReport) -> str:
    if report.finished_at is None:
        return _("Version %d, not finished yet.") % report.version
    return _("Version %(n)d, finished on %(day)s.") % {"n": report.version, "day": _day(report.finished_at)}


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment), "j F Y")


# --- writing it -------------------------------------------------------------------------------


def _lock_trajectory(trajectory: Trajectory) -> None:
    """Lock the trajectory, to serialise concurrent begin, write and finish."""
    list(Trajectory.objects.select_for_update(no_key=True).filter(pk=trajectory.pk))


def draft_report(trajectory: Trajectory) -> FinalReport | None:
    return trajectory.reports.filter(finished_at__isnull=True).first()


@transaction.atomic
def begin_report(*, trajectory: Trajectory, by: User) -> FinalReport:
    """Create the first version; returns the latest version if there is one."""
    _lock_trajectory(trajectory)
    if there := trajectory.reports.order_by("-version").first():
        return there
    report = FinalReport.objects.create(trajectory=trajectory)
    Event.log("began final report", trajectory, by=by)
    return report


def locked_report(trajectory: Trajectory) -> FinalReport | None:
    """Lock and return the draft report; None if there is none."""
    _lock_trajectory(trajectory)
    return draft_report(trajectory)


@transaction.atomic
def save_report_draft(*, report: FinalReport, fields: Mapping[str, Any], by: User) -> None:
    """Save the texts. Raises InvalidTransition if it was finished meanwhile."""
    _lock_trajectory(report.trajectory)
    changed = {name: value for name, value in fields.items() if name in FinalReport.WRITTEN}
    if not FinalReport.objects.filter(pk=report.pk, finished_at__isnull=True).update(**changed):
        raise InvalidTransition(
            _("This report is finished, so nothing changes in it. Make a correction instead.")
        )
    report.refresh_from_db()
    Event.log("wrote final report", report.trajectory, by=by)


@transaction.atomic
def note_reaction(
    *,
    trajectory: Trajectory,
    subject: str,
    outcome: str,
    decided: Texts,
    why: Texts,
    owner: User,
    decided_on: date,
    by: User,
) -> ThemeReaction:
    """Note what was decided on a theme. This settles no debts: residents are still owed an answer.

    Raises DomainError without a decision, or without a reason where one is needed."""
    _lock_trajectory(trajectory)
    main = report_languages()[0]
    if not decided.get(main, "").strip():
        raise DomainError(_("Write what was decided."))
    if outcome != Outcome.ADOPTED and not why.get(main, "").strip():
        raise DomainError(_("Write why. Without a reason the report can't be finished."))
    fields = {"outcome": outcome, "decided": decided, "why": why, "owner": owner, "decided_on": decided_on}
    made, _is_new = ThemeReaction.objects.update_or_create(
        trajectory=trajectory, subject=subject, defaults=fields
    )
    Event.log("noted what was decided", trajectory, by=by)
    return made


# --- finishing, publishing, correcting --------------------------------------------------------


@dataclass(frozen=True)
class ReportReadiness:
    """What blocks finishing: themes without a reaction, or an earlier step."""

    subjects: list[Subject]
    lacking: list[Subject]
    waits: str = ""

    @property
    def can_finish(self) -> bool:
        return not self.lacking and not self.waits


def report_readiness(trajectory: Trajectory) -> ReportReadiness:
    subjects = subjects_of(trajectory)
    return ReportReadiness(subjects, subjects_without_reaction(subjects), _waiting_step(trajectory))


def _waiting_step(trajectory: Trajectory) -> str:
    """The previous step, answering everybody, if it is not done; else ""."""
    done = Q(state=StepState.DONE) | Q(state=StepState.SKIPPED)
    if trajectory.steps.filter(done, number=Step.FEEDBACK).exists():
        return ""
    return _("First: %s.") % Step.FEEDBACK.label


@transaction.atomic
def finish_report(*, report: FinalReport, seen: str, by: User, now: datetime | None = None) -> FinalReport:
    """Freeze it in every language, and complete its step. Raises DomainError naming the themes without a
    reaction.

    `seen` is the revision that was on screen: raises InvalidTransition if the content changed since.
    """
    trajectory, now = report.trajectory, now or timezone.now()
    _lock_trajectory(trajectory)
    report.refresh_from_db()
    if report.is_finished:
        raise InvalidTransition(_("This report was finished already."))
    stands = report_readiness(trajectory)
    if stands.lacking:
        raise DomainError(lacks_sentence(stands.lacking))
    if stands.waits:
        raise DomainError(stands.waits)
    content = build_all_languages(report)
    if revision(content) != seen:
        raise InvalidTransition(_("The report changed since you read it. Have another look, then finish it."))
    FinalReport.objects.filter(pk=report.pk, finished_at__isnull=True).update(
        content=content, finished_at=now, finished_by=by
    )
    report.refresh_from_db()
    step = trajectory.steps.get(number=Step.REPORT)
    if step.is_open and trajectory.closed_on is None:
        move_step(step=step, to=StepState.DONE, by=by, now=now)
    Event.log("finished final report", trajectory, by=by, version=report.version)
    return report


def lacks_sentence(subjects: list[Subject]) -> str:
    names = ", ".join(pick(subject.name, get_language() or "") for subject in subjects)
    return _("There is no reaction yet to: %s.") % names


@transaction.atomic
def publish_report(*, report: FinalReport, by: User, now: datetime | None = None) -> None:
    """Publish it. Idempotent. Raises DomainError if not finished."""
    _lock_trajectory(report.trajectory)
    ready = FinalReport.objects.finished().filter(pk=report.pk)
    if not ready.exists():
        raise DomainError(_("Finish the report first: what everybody reads does not change any more."))
    if ready.filter(published_at__isnull=True).update(published_at=now or timezone.now()):
        Event.log("published final report", report.trajectory, by=by, version=report.version)
    report.refresh_from_db()


@transaction.atomic
def correct(*, report: FinalReport, why: Texts, by: User) -> FinalReport:
    """Start the next version with the texts of this one and a reason; the finished one stays unchanged.

    Raises DomainError without a reason, InvalidTransition if this is not the latest finished version."""
    trajectory = report.trajectory
    _lock_trajectory(trajectory)
    if not why.get(report_languages()[0], "").strip():
        raise DomainError(_("Write what is corrected, and why."))
    last = trajectory.reports.order_by("-version").first()
    if last is None or not last.is_finished or last.pk != report.pk:
        raise InvalidTransition(_("A newer version is there already. Have another look."))
    kept = {name: getattr(last, name) for name in FinalReport.WRITTEN}
    made = FinalReport.objects.create(
        trajectory=trajectory, version=last.version + 1, why_corrected=why, **kept
    )
    Event.log("corrected final report", trajectory, by=by, version=made.version)
    return made


def report_gate(trajectory: Trajectory) -> list[Gate]:
    """The report step is done once a report is finished."""
    url = reverse("report", args=[trajectory.pk])
    if trajectory.reports.finished().exists():
        return [Gate(Step.REPORT, True, _("The final report is finished."), url)]
    if lacks := subjects_without_reaction(subjects_of(trajectory)):
        said = ngettext("%(n)d theme lacks a reaction.", "%(n)d themes lack a reaction.", len(lacks)) % {
            "n": len(lacks)
        }
        return [Gate(Step.REPORT, False, said, url)]
    return [Gate(Step.REPORT, False, _("The final report is not finished yet."), url)]


# --- the notice under the Omgevingswet --------------------------------------------------------


@transaction.atomic
def switch_environment(*, trajectory: Trajectory, on: bool, by: User) -> None:
    """Switch the notice on or off for this trajectory. Raises DomainError when removing a published notice."""
    _lock_trajectory(trajectory)
    there = EnvironmentNotice.objects.filter(trajectory=trajectory)
    if on and not there.exists():
        EnvironmentNotice.objects.create(trajectory=trajectory)
        Event.log("switched on the notice", trajectory, by=by)
    elif not on and there.exists():
        if there.filter(published_at__isnull=False).exists():
            raise DomainError(
                _("The notice is published, so it stays. Write in it that it does not hold any more.")
            )
        there.delete()
        Event.log("switched off the notice", trajectory, by=by)


def lock_notice(notice: EnvironmentNotice) -> None:
    _lock_trajectory(notice.trajectory)
    notice.refresh_from_db(fields=[*EnvironmentNotice.FIELDS, "published_at"])


@transaction.atomic
def write_notice(*, notice: EnvironmentNotice, fields: Mapping[str, Texts], publish: bool, by: User) -> None:
    """Save the texts, and publish if asked. Raises DomainError if a published notice would be incomplete."""
    _lock_trajectory(notice.trajectory)
    notice.refresh_from_db(fields=["published_at"])
    for name in EnvironmentNotice.FIELDS:
        setattr(notice, name, fields[name])
    if (publish or notice.published_at) and (missing := notice.lacking(report_languages()[0])):
        names = ", ".join(str(notice._meta.get_field(name).verbose_name) for name in missing)  # type: ignore[union-attr]
        raise DomainError(_("The notice is not complete yet. Missing: %s.") % names)
    if publish and not notice.published_at:
        notice.published_at = timezone.now()
        Event.log("published the notice", notice.trajectory, by=by)
    else:
        Event.log("wrote the notice", notice.trajectory, by=by)
    notice.save()


def notice_document(notice: EnvironmentNotice) -> PrintableDocument:
    municipality, language = Municipality.current(), get_language() or "nl"
    owner = (
        upper_first(notice.trajectory.owner.title),
        municipality.name,
        municipality.phone,
        municipality.email,
    )
    parts = [DocumentSection(upper_first(name), blocks=_written(texts)) for name, texts in notice.sections()]
    return PrintableDocument(
        title=_("Notice of participation: %s") % notice.trajectory.title,
        author=municipality.name,
        language=language,
        lead=_("Taking part under the Environment and Planning Act (Omgevingswet)."),
        rtl=get_language_info(language)["bidi"],
        parts=[*parts, DocumentSection(_("Who sees to it"), [", ".join(filter(None, owner))])],
    )
