"""Publishing: the draft becomes an immutable version, with a promise and a channel."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.codes import new_short_code
from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone
from feedback.models import Promise
from initiatives.models import ExpectationCard
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState
from surveys.builder.changes import Change, document_changes, is_meaning
from surveys.builder.services.draft import ChangedMeanwhile
from surveys.builder.services.freeze import document_digest, freeze, parse_draft_if_valid
from surveys.builder.services.readiness import PublishBlocker, publish_blockers
from surveys.builder.services.renew import assign_new_ids
from surveys.models import Channel, Question, Survey, SurveyVersion
from surveys.questionnaire.document import parse
from surveys.states import ChannelKind, SurveyState, VersionKind


class PublicationRefused(DomainError):
    """Something is missing; `lacks` says what and where."""

    def __init__(self, found: list[PublishBlocker]) -> None:
        self.lacks = found
        super().__init__(
            ngettext(
                "Publishing is not possible yet: one thing is missing.",
                "Publishing is not possible yet: %(count)s things are missing.",
                len(found),
            )
            % {"count": len(found)}
        )


@transaction.atomic
def publish_survey(*, survey: Survey, by: User, now: datetime | None = None) -> SurveyVersion:
    """Freeze the draft as the next version. Raises PublicationRefused, or InvalidTransition if it is not a
    draft.

    Locks question types: answers to one type mean nothing under another.
    """
    survey = _locked(survey)
    if survey.state != SurveyState.DRAFT:
        raise InvalidTransition(
            _("This survey is published already. What you change now is published again.")
        )
    version = _version(survey, by, now)
    survey.move(SurveyState.PUBLISHED, current=version, changed_at=timezone.now())
    _promise(survey)
    if not survey.channels.exists():
        add_channel(survey=survey, kind=ChannelKind.LINK, name=_("Open link"), by=by)
    Event.log("publish", survey, by=by, version=version.number, digest=version.digest)
    return version


@transaction.atomic
def publish_again(
    *, survey: Survey, kind: str, seen: int, by: User, now: datetime | None = None
) -> SurveyVersion:
    """Publish the changes since the last version. `seen` is the revision whose changes were read.

    Spelling goes live at once, under the existing signature. A changed meaning waits for its own signature
    while residents continue with the running version; reworded questions and answers get new ids. As long as
    nobody could answer, a changed meaning simply replaces what was published.

    Raises PublicationRefused, InvalidTransition if there is nothing to publish, and ChangedMeanwhile.
    """
    survey = _locked(survey)
    before = survey.current
    if before is None or not survey.is_under_way:
        raise InvalidTransition(_("This survey is not running. Publish it first."))
    if survey.coming:
        raise InvalidTransition(
            _("Version %s waits for a signature. Put it live, or take it back, before you publish another.")
            % survey.coming.number
        )
    if seen != survey.revision:
        raise ChangedMeanwhile
    found = unpublished_changes(survey)
    if not found:
        raise InvalidTransition(_("Nothing was changed since version %s.") % before.number)
    if kind == VersionKind.COSMETIC:
        return _mend(survey, before, found, by, now)
    if survey.opened_at is None:
        withdraw_requests(before, by)
        version = _version(survey, by, now, kind=VersionKind.MEANING)
        Survey.objects.filter(pk=survey.pk).update(current=version)
        _promise(survey)
    else:
        assign_new_ids(survey, parse(before.document))
        survey = Survey.objects.with_draft().get(pk=survey.pk)  # locked already
        version = _version(survey, by, now, kind=VersionKind.MEANING, epoch=before.epoch + 1)
        Survey.objects.filter(pk=survey.pk).update(coming=version)
    Event.log(
        "publish",
        survey,
        by=by,
        version=version.number,
        digest=version.digest,
        what=VersionKind(version.kind),
    )
    return version


def _mend(
    survey: Survey, before: SurveyVersion, found: list[Change], by: User, now: datetime | None
) -> SurveyVersion:
    if is_meaning(found):
        raise DomainError(
            _("These changes are more than spelling: something was added, taken out or asked of others.")
        )
    version = _version(
        survey, by, now, kind=VersionKind.COSMETIC, epoch=before.epoch, mends=before, backing=before.backing
    )
    Survey.objects.filter(pk=survey.pk).update(current=version)
    reword_promise(survey, version)
    Event.log(
        "publish",
        survey,
        by=by,
        version=version.number,
        digest=version.digest,
        what=VersionKind(version.kind),
    )
    return version


def unpublished_changes(survey: Survey) -> list[Change]:
    """Differences between the draft and the running version. Load the survey `with_draft()`."""
    draft = parse_draft_if_valid(survey)
    return document_changes(parse(survey.current.document), draft) if survey.current and draft else []


@transaction.atomic
def withdraw_pending_version(*, survey: Survey, by: User) -> None:
    """Withdraw the version that waits for a signature. The draft and the running version do not change."""
    survey = _locked(survey)
    if survey.coming is None:
        raise InvalidTransition(_("No version is waiting to go live any more. Have another look."))
    withdraw_requests(survey.coming, by)
    Survey.objects.filter(pk=survey.pk).update(coming=None)
    Event.log("take_back", survey, by=by, version=survey.coming.number)


def _locked(survey: Survey) -> Survey:
    """Lock first, read afterwards: rows joined in the locking query would be as old as its wait began.

    PostgreSQL re-reads the locked row when the lock is granted, but not a version that a colleague made
    meanwhile. FOR NO KEY UPDATE still lets rows that refer to the survey be inserted; a stronger lock would
    wait for a resident who waits for the promise reworded here (deadlock).
    """
    get_or_gone(Survey.objects.select_for_update(no_key=True).only("pk"), pk=survey.pk)
    return get_or_gone(Survey.objects.with_draft(), pk=survey.pk)


def _version(
    survey: Survey, by: User, now: datetime | None, *, kind: str = VersionKind.FIRST, **fields: Any
) -> SurveyVersion:
    """Store the draft as the next version. Raises PublicationRefused."""
    moment = now or timezone.now()
    if found := publish_blockers(survey, on=timezone.localdate(moment)):
        raise PublicationRefused(found)
    document = freeze(survey)
    if document["expectation"] and survey.card:
        ExpectationCard.objects.show(survey.card, on=timezone.localdate(moment))
    last = survey.versions.first()
    version = SurveyVersion.objects.create(
        survey=survey,
        number=last.number + 1 if last else 1,
        kind=kind,
        document=document,
        digest=document_digest(document),
        revision=survey.revision,
        published_by=by,
        published_at=moment,
        **fields,
    )
    Question.objects.filter(layer__survey=survey, retired=False, type_locked=False).update(type_locked=True)
    return version


@transaction.atomic
def return_to_draft(*, survey: Survey, by: User) -> None:
    """Back to draft, as long as it never opened. What was published remains as a version that nobody
    answered.

    Requests to backers and their signatures are withdrawn, since the text will change.
    """
    survey.move(SurveyState.DRAFT, changed_at=timezone.now())
    if survey.current:
        withdraw_requests(survey.current, by)
    Event.log("take_back", survey, by=by)


def withdraw_requests(version: SurveyVersion, by: User) -> None:
    """Withdraw requests and signatures for a version that will not be read."""
    asked = Backing.objects.filter(
        subject__in=[one.subject for one in version.corrected_versions()],
        state__in=[BackingState.REQUESTED, BackingState.SIGNED],
    )
    for backing in asked:
        backing.move(BackingState.WITHDRAWN, reason=_("The text was taken back to be changed."))
        Event.log("withdrew backing", backing, by=by)


@transaction.atomic
def add_channel(
    *,
    survey: Survey,
    kind: str,
    name: str,
    by: User,
    code: str = "",
    invited: bool = False,
    area_id: int | None = None,
) -> Channel:
    """A channel with its own short address. Without `code`, the area's name is tried, then random letters."""
    channel = Channel.objects.create(
        survey=survey,
        kind=kind,
        name=name,
        code=code.lower() or _free_code(survey),
        invited=invited,
        area_id=area_id,
    )
    Event.log("add_channel", survey, by=by, way=ChannelKind(channel.kind), code=channel.code)
    return channel


def _free_code(survey: Survey) -> str:
    wanted = slugify(survey.area.name).replace("-", "")[:12]
    if not survey.channels.exists() and wanted and not Channel.objects.filter(code=wanted).exists():
        return wanted
    while True:  # a second try is rare, a third practically never happens
        code = new_short_code()
        if not Channel.objects.filter(code=code).exists():
            return code


def reword_promise(survey: Survey, version: SurveyVersion) -> None:
    """Set the promise to the words of the running version. Its date is only changed by moving the promise."""
    promise = version.document["promise"]
    Promise.objects.filter(subject=survey.subject).update(
        title=version.document["title"], text=promise["text"]
    )


def _promise(survey: Survey) -> None:
    """Set the date that debts will carry. The survey never opened, so nobody was promised another date."""
    due_on = survey.promise_before
    assert due_on, "Readiness refuses a survey that promises no day."
    Promise.objects.update_or_create(
        subject=survey.subject,
        defaults={
            "title": survey.title,
            "text": survey.promise,
            "owner": survey.owner,
            "due_on": due_on,
            "first_due_on": due_on,
            "moved_reason": {},
            "address_days": survey.keeping.address_days,
        },
    )
