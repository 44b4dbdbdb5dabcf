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
    """No backer has signed this version, or its promise can no longer be kept."""


def backing_of(version: SurveyVersion, *, now: datetime | None = None) -> Backing | None:
    """The signature valid today under exactly this text, or under the text whose spelling it corrects."""
    day = timezone.localdate(now) if now else timezone.localdate()
    texts = Q()
    for one in version.mended():
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
def go_live(*, survey: Survey, by: User, now: datetime | None = None) -> SurveyVersion:
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
def pause(*, survey: Survey, by: User) -> Survey:
    """Nobody new can begin; respondents who began may finish."""
    survey.move(SurveyState.PAUSED)
    Event.log("pause", survey, by=by)
    return survey


@transaction.atomic
def resume(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
    """Open again. Needs a signature that is valid today. Raises OpeningRefused or InvalidTransition."""
    if survey.state != SurveyState.OPEN:
        _backed(survey, now)
    if survey.opened_at is None:
        raise OpeningRefused(_("This survey was never open. Open it first."))
    survey.move(SurveyState.OPEN)
    Event.log("resume", survey, by=by)
    return survey


@transaction.atomic
def close(*, survey: Survey, by: User, now: datetime | None = None) -> Survey:
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
        tell_question(
            subject=survey.subject,
            title=survey.current.document["title"] if survey.current else survey.title,
            lead=survey.current.document["lead"] if survey.current else survey.lead,
            areas=survey.areas.values_list("pk", flat=True),
            path=reverse("start", args=[way.code]),
        )
