"""Publishing: the draft becomes an immutable version, with a promise and a way in."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.codes import new_short_code
from accounts.models import Event, User
from feedback.models import Promise
from neighbourhoods.errors import DomainError
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState
from surveys.models import Channel, Question, Survey, SurveyVersion
from surveys.services.freeze import digest, freeze
from surveys.services.readiness import Lack, lacks
from surveys.states import ChannelKind, SurveyState


class PublicationRefused(DomainError):
    """Something is missing; `lacks` says what and where."""

    def __init__(self, found: list[Lack]) -> None:
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
def publish(*, survey: Survey, by: User, now: datetime | None = None) -> SurveyVersion:
    """Freeze the draft as the next version. Raises PublicationRefused, or InvalidTransition when it is no draft.

    Question types are locked from now on: answers to one type mean nothing under another.
    """
    survey = Survey.objects.select_for_update(of=("self",)).with_draft().get(pk=survey.pk)
    moment = now or timezone.now()
    if found := lacks(survey, on=timezone.localdate(moment)):
        raise PublicationRefused(found)
    document = freeze(survey)
    last = survey.versions.first()
    version = SurveyVersion.objects.create(
        survey=survey,
        number=last.number + 1 if last else 1,
        document=document,
        digest=digest(document),
        published_by=by,
        published_at=moment,
    )
    survey.move(SurveyState.PUBLISHED, current=version, changed_at=timezone.now())
    Question.objects.filter(layer__survey=survey, retired=False).update(type_locked=True)
    _promise(survey)
    if not survey.channels.exists():
        add_channel(survey=survey, kind=ChannelKind.LINK, name=_("Open link"), by=by)
    Event.log("publish", survey, by=by, note=f"version {version.number}, {version.digest}")
    return version


@transaction.atomic
def take_back(*, survey: Survey, by: User) -> None:
    """Back to the draft, as long as it never opened. What was published stays as a version nobody answered.

    Nobody is asked for, or stands behind, a text that will be another one.
    """
    survey.move(SurveyState.DRAFT, changed_at=timezone.now())
    if survey.current:
        asked = Backing.objects.filter(
            subject=survey.current.subject, state__in=[BackingState.REQUESTED, BackingState.SIGNED]
        )
        for backing in asked:
            backing.move(BackingState.WITHDRAWN, reason=_("The text was taken back to be changed."))
            Event.log("withdrew backing", backing, by=by)
    Event.log("take_back", survey, by=by)


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
    """A way in with a short address of its own. Without `code` the area's name is tried, then letters."""
    channel = Channel.objects.create(
        survey=survey,
        kind=kind,
        name=name,
        code=code.lower() or _free_code(survey),
        invited=invited,
        area_id=area_id,
    )
    Event.log("add_channel", survey, by=by, note=f"{channel.kind}: {channel.code}")
    return channel


def _free_code(survey: Survey) -> str:
    wanted = slugify(survey.area.name).replace("-", "")[:12]
    if not survey.channels.exists() and wanted and not Channel.objects.filter(code=wanted).exists():
        return wanted
    while True:  # a second try is rare, a third never happens
        code = new_short_code()
        if not Channel.objects.filter(code=code).exists():
            return code


def _promise(survey: Survey) -> None:
    """The date that debts will carry. It never opened, so nobody was promised another one yet."""
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
        },
    )
