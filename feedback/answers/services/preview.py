"""Preview of a follow-up as one of its readers would get it."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.links import absolute
from accounts.models import User
from accounts.states import ReceiptPurpose
from feedback.answers import emails
from feedback.answers.services.prepare import things_said, titles_of
from feedback.contributions.services import audience
from feedback.delivery.services.outbox import queue_message
from feedback.models import AnswerOwed, FollowUp, Message
from feedback.states import MessagePurpose
from neighbourhoods.models import Municipality


@dataclass(frozen=True)
class PreviewExample:
    """What one reader said and will read. `reader` is only a cursor for the next example, never a way to
    reach them."""

    reader: UUID | None
    facts: emails.AnswerForReader


def example(follow_up: FollowUp, language: str, *, after: UUID | None = None) -> PreviewExample:
    """The first reader after `after` who answered in `language`, else any. Quotes only what mail may repeat."""
    owed = audience.debts(follow_up).order_by("receipt")
    spoken = owed.filter(receipt__language=language)
    # For a language without readers, show a reader of another language.
    owed = spoken if spoken.exists() else owed
    further = owed.filter(receipt__gt=after) if after else owed
    reader = (
        further.values_list("receipt", flat=True).first() or owed.values_list("receipt", flat=True).first()
    )
    debts = (
        list(owed.filter(receipt=reader).select_related("contribution", "topic__area").order_by("pk"))
        if reader
        else []
    )
    return PreviewExample(reader, _facts(follow_up, debts, language))


def _facts(follow_up: FollowUp, debts: list[AnswerOwed], language: str) -> emails.AnswerForReader:
    today = timezone.localdate()
    first = debts[0] if debts else None
    area = first.topic.area if first else follow_up.areas.first()
    source = first.topic.source if first else str(follow_up.audience.get("source", ""))
    nowhere = absolute("/")
    return emails.AnswerForReader(
        municipality=Municipality.current().name,
        area=area.name if area else Municipality.current().name,
        asked_on=first.contribution.said_on if first else today,
        address_given_on=first.contribution.said_on if first else today,
        said=things_said(debts),
        outcome=follow_up.outcome,
        **follow_up.texts_for(language),
        # No links in a preview: they would belong to one reader.
        item_url=nowhere,
        unsubscribe_url=nowhere,
        corrects=follow_up.corrects_id is not None,
        goes_on=follow_up.goes_on,
        told=first is not None and first.receipt.purpose != ReceiptPurpose.PARTICIPATION,
        asked=titles_of([source]).get(source, {}),
    )


def send_to_me(*, follow_up: FollowUp, language: str, by: User) -> Message:
    """Send the mail as a reader would get it to a colleague. The same text twice is one mail."""
    letter = emails.follow_up([example(follow_up, language).facts], language)
    return queue_message(
        purpose=MessagePurpose.TRIAL,
        dedupe_key=f"trial:{follow_up.pk}:{language}:{by.pk}:{follow_up.digest}",
        language=language,
        user=by,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
    )
