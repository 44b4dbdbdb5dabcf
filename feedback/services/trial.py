"""“Send to me”, and the preview: the mail as a reader would get it, with a reader who does not exist."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Event, User
from feedback import letters
from feedback.models import AnswerOwed, FollowUp, Message
from feedback.services import audience
from feedback.services.outbox import queue_message
from feedback.states import ContributionKind, MessagePurpose
from neighbourhoods.models import Area, Municipality

NOWHERE = "#"
"""Links of a preview lead nowhere: it belongs to nobody."""


def preview(follow_up: FollowUp, language: str, *, now: datetime | None = None) -> letters.Letter:
    """The mail in `language`. Texts that lack it are shown in another one, and the mail says so."""
    day = timezone.localdate(now)
    debt = audience.debts(follow_up).select_related("topic__area").order_by("pk").first()
    facts = letters.Answer(
        municipality=Municipality.current().name,
        area=debt.topic.area.name if debt else a_place(follow_up),
        asked_on=debt.since if debt else day,
        address_given_on=debt.since if debt else day,
        said=[what_somebody_said(debt, follow_up)],
        title=follow_up.title,
        outcome=follow_up.outcome,
        decided=follow_up.decided,
        why=follow_up.why,
        next_step=follow_up.next_step,
        signed_as=follow_up.signed_as,
        item_url=NOWHERE,
        unsubscribe_url=NOWHERE,
        corrects=follow_up.corrects_id is not None,
    )
    return letters.follow_up(facts, language)


def what_somebody_said(debt: AnswerOwed | None, follow_up: FollowUp) -> letters.Said:
    """The topic of one debt, never somebody's own words."""
    return letters.Said(ContributionKind.CHOICE, debt.topic.title if debt else follow_up.title)


def a_place(follow_up: FollowUp) -> str:
    area = follow_up.areas.order_by("name").first() or Area.objects.order_by("pk").first()
    return area.name if area else Municipality.current().name


@transaction.atomic
def send_to_me(*, follow_up: FollowUp, by: User, language: str, now: datetime | None = None) -> Message:
    """Mail the preview to whoever asks for it."""
    letter = preview(follow_up, language, now=now)
    with override(by.language):
        subject = _("Trial: %(subject)s") % {"subject": letter.subject}
    message = queue_message(
        purpose=MessagePurpose.TRIAL,
        dedupe_key=f"trial:{follow_up.pk}:{uuid4().hex}",
        language=language,
        user=by,
        subject=subject[:250],
        text=letter.text,
        html=letter.html,
        now=now,
    )
    Event.log("sent to themselves", follow_up, by=by, note=language)
    return message
