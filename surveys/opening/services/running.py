"""Opening, pausing, resuming and closing a survey."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone, refresh_or_gone
from feedback.contacts.services.following import tell_question
from neighbourhoods.backing.services import request_backing
from neighbourhoods.models import Backing
from surveys.builder.services.freeze import document_digest
from surveys.builder.services.publish import reword_promise, withdraw_requests
from surveys.models import PaperForm, Survey, SurveyVersion
from surveys.publication.services import take_snapshot
from surveys.states import ChannelKind, SurveyState


class OpeningRefused(DomainError):
    """Nobody stands behind this version, or its promise can no longer be kept."""


def backing_of(version: SurveyVersion, *, now: datetime | None = None) -> Backing | None:
    """Who stands behind exactly this text, or behind that of which it mends the spelling, today."""
    day = timezone.localdate(now) if now else timezone.localdate()
    texts = Q()
    for one in version.mended():
        texts |= Q(subject=one.subject, digest=one.digest)
    return Backing.objects.valid(on=day).filter(texts).select_related("backer").first()


@transaction.atomic
def ask_backer(*, survey: Survey, backer: User, statement: dict[str, str], until: date, by: User) -> Backing:
    """Ask somebody with the mandate to stand behind the version that is to open, or to go live, in all areas."""
    # Locked: a text that a colleague takes back this moment is nobody's to sign. The version is read after that, for
    # joined to the row it would be as old as the waiting (as in publish.py).
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
    """From now on residents can answer. Raises OpeningRefused or InvalidTransition."""
    # Locked, and read after that: what a colleague publishes this moment, nobody signed.
    get_or_gone(Survey.objects.select_for_update(no_key=True).only("pk"), pk=survey.pk)
    refresh_or_gone(survey)
    version, backing = _backed(survey, now)
    survey.move(SurveyState.OPEN, opened_at=now or timezone.now())
    SurveyVersion.objects.filter(pk=version.pk).update(backing=backing)
    Event.log("open", survey, by=by, version=version.number)
    _tell_followers(survey)
    return survey


@transaction.atomic
def go_live(*, survey: Survey, by: User, now: datetime | None = None) -> SurveyVersion:
    """The version that waited for its signature takes the place of the one that runs.

    Who began stays on the version they began with. Raises OpeningRefused or InvalidTransition.
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
def pause(*, survey: Survey, by: User) -> Survey:
    """Nobody new can begin; who began may finish."""
    survey.move(SurveyState.PAUSED)
    Event.log("pause", survey, by=by)
    return survey


@transaction.atomic
def resume(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """Open again. It still needs somebody who stands behind it today."""
    if survey.state != SurveyState.OPEN:
        _backed(survey, now)
    if survey.opened_at is None:
        raise OpeningRefused(_("This survey was never open. Open it first."))
    survey.move(SurveyState.OPEN)
    Event.log("resume", survey, by=by)
    return survey


@transaction.atomic
def close(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """The end of answering, not of answering back: what is owed stays owed."""
    # Locked first: a version that waited for a signature is taken back, and not put live in the same second.
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
    """Whoever handed in a form on paper is not to be left out by the closing of a day."""
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
    """Who follows one of its neighbourhoods hears that something is asked, when everybody may answer."""
    way = survey.channels.filter(kind=ChannelKind.LINK, invited=False).order_by("pk").first()
    if way:
        tell_question(
            subject=survey.subject,
            title=survey.current.document["title"] if survey.current else survey.title,
            lead=survey.current.document["lead"] if survey.current else survey.lead,
            areas=survey.areas.values_list("pk", flat=True),
            path=reverse("start", args=[way.code]),
        )
