"""Opening, pausing, resuming and closing a survey."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from neighbourhoods.errors import DomainError
from neighbourhoods.models import Backing
from neighbourhoods.services.backing import request_backing
from surveys.models import Survey, SurveyVersion
from surveys.services.freeze import digest
from surveys.services.snapshot import take_snapshot
from surveys.states import SurveyState


class OpeningRefused(DomainError):
    """Nobody stands behind this version, or its promise can no longer be kept."""


def backing_of(version: SurveyVersion, *, now: datetime | None = None) -> Backing | None:
    """Who stands behind exactly this text, today."""
    day = timezone.localdate(now) if now else timezone.localdate()
    return (
        Backing.objects.valid(on=day)
        .filter(subject=version.subject, digest=version.digest)
        .select_related("backer")
        .first()
    )


def ask_backer(*, survey: Survey, backer: User, statement: dict[str, str], until: date, by: User) -> Backing:
    """Ask somebody with the mandate to stand behind the published version, for all its areas."""
    version = survey.current
    if version is None or survey.state == SurveyState.DRAFT:
        raise OpeningRefused(_("Publish the survey first: a backer signs a text that can't change any more."))
    return request_backing(
        subject=version.subject,
        digest=version.digest,
        url=reverse("survey_version", args=[survey.pk, version.number]),
        title=survey.title,
        area=survey.area,
        backer=backer,
        statement=statement,
        until=until,
        by=by,
    )


@transaction.atomic
def open_survey(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """From now on residents can answer. Raises OpeningRefused or InvalidTransition."""
    version, backing = _backed(survey, now)
    survey.move(SurveyState.OPEN, opened_at=now or timezone.now())
    SurveyVersion.objects.filter(pk=version.pk).update(backing=backing)
    Event.log("open", survey, by=by, note=f"version {version.number}")
    return survey


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
    survey.move(SurveyState.CLOSED, closed_at=now or timezone.now())
    take_snapshot(survey=survey, is_final=True, now=now)
    Event.log("close", survey, by=by)
    return survey


def _backed(survey: Survey, now: datetime | None) -> tuple[SurveyVersion, Backing]:
    version = survey.current
    if version is None:
        raise OpeningRefused(_("Publish the survey first."))
    if digest(version.document) != version.digest:
        raise OpeningRefused(_("This version is no longer what was published. Publish it again."))
    if survey.promise_is_near(timezone.localdate(now) if now else None):
        raise OpeningRefused(
            _("The day you promised an answer is past. Take the survey back and choose another.")
        )
    backing = backing_of(version, now=now)
    if backing is None:
        raise OpeningRefused(
            _("Nobody stands behind this version yet. Ask an alderman or team lead to back it.")
        )
    return version, backing
