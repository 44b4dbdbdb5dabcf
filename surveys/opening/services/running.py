"""Opening, pausing, closing and sharing a survey, and its trajectory."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.languages import offered_languages
from core.rows import get_or_gone, refresh_or_gone
from feedback.contacts.services.hearing_back import notify_followers_of_question
from feedback.models import AnswerOwed
from feedback.registries import Pages
from neighbourhoods.backing.services import request_backing
from neighbourhoods.models import Backing, Trajectory
from neighbourhoods.registries import Gate, SupportCounts
from neighbourhoods.states import Step
from surveys.answering.services.beginning import upcoming_promise_date
from surveys.builder.services.freeze import document_digest
from surveys.builder.services.publish import reword_promise, withdraw_requests
from surveys.models import Channel, PaperForm, Publication, Survey, SurveyVersion, Tally
from surveys.paper.services.paper import address_of
from surveys.publication.services import published_options, take_snapshot
from surveys.questionnaire.document import Document, parse
from surveys.questionnaire.published import running_version
from surveys.states import SEEN_BY_RESIDENTS, ChannelKind, SurveyState

# Opening, pausing, resuming and closing a survey.


class OpeningRefused(DomainError):
    """No backer has signed this version, or its promise can no longer be kept."""


def backing_of(version: SurveyVersion, *, now: datetime | None = None) -> Backing | None:
    """The signature valid today under exactly this text, or under the text whose spelling it corrects."""
    day = timezone.localdate(now) if now else timezone.localdate()
    texts = Q()
    for one in version.corrected_versions():
        texts |= Q(subject=one.subject, digest=one.digest)
    return Backing.objects.valid(on=day).filter(texts).select_related("backer").first()


@transaction.atomic
def ask_backer(*, survey: Survey, backer: User, statement: dict[str, str], until: date, by: User) -> Backing:
    """Ask somebody with the mandate in all areas to sign the version that is to open, or to go live."""
    # Locked, because a text that a colleague withdraws at this moment must not be signed. The version is read
    # after that: joined in the locking query it would be as old as the wait (as in publish.py).
    survey = get_or_gone(Survey.objects.select_for_update(no_key=True), pk=survey.pk)
    version = survey.coming or survey.current
    if version is None or survey.state == SurveyState.DRAFT:
        raise OpeningRefused(_("Publish the survey first: a backer signs a text that can't change any more."))
    return request_backing(
        subject=version.subject,
        digest=version.digest,
        url=reverse("survey_version", args=[survey.pk, version.number]),
        title=version.document["title"],
        area=survey.area,
        backer=backer,
        statement=statement,
        until=until,
        by=by,
    )


@transaction.atomic
def open_survey(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """Let residents answer from now on. Raises OpeningRefused or InvalidTransition."""
    # Lock first, read afterwards: nobody signed what a colleague publishes at this moment.
    get_or_gone(Survey.objects.select_for_update(no_key=True).only("pk"), pk=survey.pk)
    refresh_or_gone(survey)
    version, backing = _backed(survey, now)
    survey.move(SurveyState.OPEN, opened_at=now or timezone.now())
    SurveyVersion.objects.filter(pk=version.pk).update(backing=backing)
    Event.log("open", survey, by=by, version=version.number)
    _tell_followers(survey)
    return survey


@transaction.atomic
def make_version_current(*, survey: Survey, by: User, now: datetime | None = None) -> SurveyVersion:
    """Replace the running version by the one that waited for its signature.

    Respondents stay on the version they began with. Raises OpeningRefused or InvalidTransition.
    """
    survey = get_or_gone(Survey.objects.select_for_update(no_key=True), pk=survey.pk)
    version = survey.coming
    if version is None:
        raise InvalidTransition(_("No version is waiting to go live any more. Have another look."))
    backing = _signed(version, now)
    SurveyVersion.objects.filter(pk=version.pk).update(backing=backing)
    Survey.objects.filter(pk=survey.pk).update(current=version, coming=None)
    reword_promise(survey, version)
    Event.log("go_live", survey, by=by, version=version.number)
    return version


@transaction.atomic
def pause_survey(*, survey: Survey, by: User) -> Survey:
    """Nobody new can begin; respondents who began may finish."""
    survey.move(SurveyState.PAUSED)
    Event.log("pause", survey, by=by)
    return survey


@transaction.atomic
def resume_survey(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """Open again. Needs a signature that is valid today. Raises OpeningRefused or InvalidTransition."""
    if survey.state != SurveyState.OPEN:
        _backed(survey, now)
    if survey.opened_at is None:
        raise OpeningRefused(_("This survey was never open. Open it first."))
    survey.move(SurveyState.OPEN)
    Event.log("resume", survey, by=by)
    return survey


@transaction.atomic
def close_survey(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """End answering by residents. Debts remain owed."""
    # Lock first: a version that waits for a signature is withdrawn, and cannot go live at the same moment.
    locked = get_or_gone(Survey.objects.select_for_update(), pk=survey.pk)
    waiting = locked.coming
    survey.move(SurveyState.CLOSED, closed_at=now or timezone.now(), coming=None)
    if waiting:
        withdraw_requests(waiting, by)
    _refuse_waiting_forms(survey)
    take_snapshot(survey=survey, is_final=True, now=now)
    Event.log("close", survey, by=by)
    return survey


def _refuse_waiting_forms(survey: Survey) -> None:
    """Raises DomainError while entered paper forms do not count yet: closing would leave those people out."""
    if waiting := PaperForm.objects.waiting().filter(run__channel__survey=survey).count():
        raise DomainError(
            ngettext(
                "%(n)s form on paper was entered and does not count yet. See to it under Paper; then close.",
                "%(n)s forms on paper were entered and do not count yet. See to them under Paper; then close.",
                waiting,
            )
            % {"n": waiting}
        )


def _backed(survey: Survey, now: datetime | None) -> tuple[SurveyVersion, Backing]:
    version = survey.current
    if version is None:
        raise OpeningRefused(_("Publish the survey first."))
    if survey.promise_is_near(timezone.localdate(now) if now else None):
        raise OpeningRefused(
            _("The day you promised an answer is past. Take the survey back and choose another.")
        )
    return version, _signed(version, now)


def _signed(version: SurveyVersion, now: datetime | None) -> Backing:
    if document_digest(version.document) != version.digest:
        raise OpeningRefused(_("This version is no longer what was published. Publish it again."))
    backing = backing_of(version, now=now)
    if backing is None:
        raise OpeningRefused(
            _("Nobody stands behind this version yet. Ask an alderman or team lead to back it.")
        )
    return backing


def _tell_followers(survey: Survey) -> None:
    """Tell followers of its neighbourhoods about the survey, if everybody may answer."""
    way = survey.channels.filter(kind=ChannelKind.LINK, invited=False).order_by("pk").first()
    if way:
        notify_followers_of_question(
            subject=survey.subject,
            title=survey.current.document["title"] if survey.current else survey.title,
            lead=survey.current.document["lead"] if survey.current else survey.lead,
            areas=survey.areas.values_list("pk", flat=True),
            path=reverse("start", args=[way.code]),
        )


# Texts to share: a message to paste, and HTML for a partner's site.


def invitation_texts(channel: Channel, survey: Survey) -> str:
    """A message with the question, the promise and the address, in each language of the survey."""
    url = f"{address_of(channel)}/"
    asked, before = _published(survey), upcoming_promise_date(survey)
    parts = []
    for language in offered_languages(survey.languages):
        title, lead = asked.title.get(language, ""), asked.lead.get(language, "")
        if not title:
            continue
        with translation.override(language):
            promised = before and language in ("nl", "en")
            day = date_format(before, "j F") if before else ""
            hear = _("Before %(day)s you hear what we do with it. Also when something can't be done.") % {
                "day": day
            }
        parts.append(" ".join(filter(None, [title, lead, hear if promised else ""])))
    return "\n\n".join([*parts, url])


def _published(survey: Survey) -> Document | Survey:
    """What residents read: the running version, or the draft before there is one."""
    frozen = running_version(survey)
    return frozen.document if frozen else survey


def snippet(channel: Channel, survey: Survey, *, button: bool) -> str:
    """HTML that opens Nabij in a new tab: a link, or one that looks like a button. Never a frame."""
    language = next(iter(offered_languages(survey.languages)), "nl")
    style = (
        "display:inline-block;padding:14px 20px;border-radius:8px;background:#0b5a58;color:#fff;font-weight:bold;"
        "text-decoration:none"
    )
    return format_html(
        '<a href="{}" target="_blank" rel="noopener" lang="{}"{}>{}</a>',
        f"{address_of(channel)}/",
        language,
        format_html(' style="{}"', style) if button else "",
        pick(_published(survey).title, language),
    )


# What surveys knows of a trajectory and of its sources; `surveys.apps` registers it.


def steps_of_surveys(trajectory: Trajectory) -> list[Gate]:
    """Gates: a survey was opened, and nobody who answered one still waits for an answer."""
    surveys = list(Survey.objects.filter(trajectory=trajectory))
    opened = [survey for survey in surveys if survey.opened_at]
    if not opened:
        return [Gate(Step.POLL, False, _("No survey of this trajectory was opened yet."), reverse("surveys"))]
    first = reverse("survey_results", args=[opened[0].pk])
    found = [Gate(Step.POLL, True, _("A survey was opened."), first)]
    waiting = (
        AnswerOwed.objects.waiting()
        .filter(topic__source__in=[survey.subject for survey in surveys])
        .aggregate(people=Count("receipt", distinct=True))["people"]
    )
    if waiting:
        said = ngettext(
            "%(count)s person still waits for an answer.",
            "%(count)s people still wait for an answer.",
            waiting,
        ) % {"count": waiting}
        found.append(Gate(Step.FEEDBACK, False, said, reverse("waiting")))
    else:
        found.append(Gate(Step.FEEDBACK, True, _("Everybody who answered heard from us.")))
    return found


def surveys_of(trajectory: Trajectory) -> list[tuple[str, str]]:
    return [(survey.subject, str(survey)) for survey in Survey.objects.filter(trajectory=trajectory)]


def pages(source: str) -> Pages | None:
    """The open channel for everybody, and the outcome page once it was published."""
    name, _colon, pk = source.partition(":")
    if name != "survey" or not pk.isdecimal():
        return None
    survey = Survey.objects.filter(pk=pk).first()
    way = survey.channels.open_to_all().first() if survey else None
    if survey is None or way is None:
        return Pages()
    return Pages(
        asks=reverse("start", args=[way.code]) if survey.state == SurveyState.OPEN else "",
        tells=reverse("outcome", args=[way.code])
        if Publication.objects.filter(survey=survey).exists()
        else "",
    )


def support_counts(source: str) -> tuple[int, SupportCounts | None] | None:
    """Counts of yes, partly and no: the first three options of the first question
    (library/examples/reaction.toml).

    The counts are shown on a public page, so they come from the published tables, like all numbers for
    residents: never about a few people, never updated after each answer.
    """
    survey = _survey_of(source)
    if survey is None or survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return None
    question = next(iter(parse(survey.current.document).layers[0].asked), None)
    if question is None or len(question.offered) < 3:
        return None
    asked = [option.id for option in question.offered[:3]]
    counted = Tally.objects.trusted().filter(survey=survey, question=question.id, option__in=asked)
    n = counted.aggregate(n=Sum("n"))["n"] or 0
    told = published_options(survey.pk)
    yes, partly, no = (int(told.get(option, 0)) for option in asked)
    return n, (yes, partly, no) if all(option in told for option in asked) else None


def trajectory_of(source: str) -> Trajectory | None:
    survey = _survey_of(source)
    return survey.trajectory if survey else None


def open_survey_reason(source: str) -> str:
    """While residents can answer, it is unknown who will wait for an answer."""
    survey = _survey_of(source)
    if survey is None or survey.state == SurveyState.CLOSED:
        return ""
    title = pick(survey.title, get_language() or "")
    return _("Residents can still answer “%(survey)s”. Close the survey first.") % {"survey": title}


def _survey_of(source: str) -> Survey | None:
    name, _colon, pk = source.partition(":")
    if name != "survey" or not pk.isdecimal():
        return None
    return Survey.objects.filter(pk=pk).select_related("trajectory", "current").first()
