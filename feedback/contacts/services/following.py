"""Following a neighbourhood without having answered: subscribing, and the news for followers.

News holds only what is public: what is asked, and what was decided. It is one message per follower and
news item, and uses no answers of anybody.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.codes import new_code
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core.i18n import Texts
from core.keyed import code_hash
from core.rows import get_or_gone
from feedback.contacts.emails import News, render_news_mail
from feedback.contacts.services.hearing_back import leave_address
from feedback.delivery.emails import RenderedMail
from feedback.delivery.services.outbox import message_id, rank
from feedback.models import Following, FollowUp, Message
from feedback.states import BETWEEN_TWO, MessagePurpose, MessageState
from neighbourhoods.models import Area, Municipality


@transaction.atomic
def follow_area(
    *,
    area: Area,
    email: str,
    language: str,
    is_16_or_older: bool,
    consent_sentence: str,
    now: datetime | None = None,
) -> Contact:
    """Follow `area` from this address, once its holder confirmed it. Idempotent.

    The response does not reveal whether the address already follows. Raises DomainError as `leave_address`
    does.
    """
    # Serialise double taps: the second waits for the first.
    get_or_gone(Area.objects.select_for_update(no_key=True), pk=area.pk)
    # An unsubscribed follower must confirm again, so that others who type the address can't resubscribe its holder.
    following = (
        Following.objects.select_related("receipt")
        .filter(area=area, receipt__contact__email__iexact=email.strip())
        .exclude(receipt__contact__unsubscribed_at__isnull=False)
        .first()
    )
    if following is None:
        receipt = Receipt.objects.create(
            purpose=ReceiptPurpose.FOLLOWING, code_hash=code_hash(new_code()), language=language
        )
        following = Following.objects.create(receipt=receipt, area=area)
    return leave_address(
        receipt=following.receipt,
        email=email,
        is_16_or_older=is_16_or_older,
        consent_sentence=consent_sentence,
        now=now,
    )


def followed(receipt: Receipt) -> Area | None:
    """The neighbourhood that this receipt follows; None if it is for something else."""
    following = Following.objects.filter(receipt=receipt).select_related("area").first()
    return following.area if following else None


# --- news -------------------------------------------------------------------------------------


def tell_answer(follow_up: FollowUp, *, now: datetime) -> None:
    """Tell an answer to the followers of its areas. Called after the fan-out. Answers to one person are not news."""
    if follow_up.is_personal or follow_up.audience.get("source", "").startswith(BETWEEN_TWO):
        return
    areas = list(follow_up.areas.values_list("pk", flat=True))
    news = News(
        about=follow_up.title,
        decided=follow_up.decided,
        why=follow_up.why,
        next_step=follow_up.next_step,
        signed_as=follow_up.signed_as,
    )
    _tell(f"news:answer:{follow_up.pk}", areas, news, now)


def tell_question(*, subject: str, title: Texts, lead: Texts, areas: Iterable[int], path: str) -> None:
    """Tell that something is asked to the followers of its areas. Once per `subject`."""
    news = News(about=title, lead=lead, path=path)
    _tell(f"news:question:{subject}", list(areas), news, timezone.now())


def notify_cancelled(*, subject: str, title: Texts, lead: Texts, areas: Iterable[int], path: str) -> None:
    """Tell once that it does not take place to those who were told of it; pending news of it is cancelled
    instead."""
    now, told = timezone.now(), Message.objects.filter(dedupe_key__startswith=f"news:question:{subject}:")
    told.filter(state=MessageState.PENDING).order_by().move(MessageState.CANCELLED, settled_at=now)
    heard = told.exclude(state=MessageState.CANCELLED).values("receipt")
    news = News(about=title, lead=lead, path=path)
    _tell(f"news:off:{subject}", list(areas), news, now, only=heard)


def _tell(
    key: str, areas: list[int], news: News, now: datetime, *, only: QuerySet[Any] | None = None
) -> None:
    """Queue one message per follower; idempotent per key."""
    followers = Following.objects.reachable().hearing_of(areas)
    rows = (
        (followers if only is None else followers.filter(receipt__in=only))
        .order_by("receipt")
        .values_list("receipt", "receipt__language", "area__slug", "area__name")
    )
    municipality = Municipality.current().name
    written: dict[tuple[str, str], RenderedMail] = {}
    made = []
    for receipt, language, slug, name in rows:
        letter = written.get((language, slug))
        if letter is None:
            letter = written[language, slug] = render_news_mail(news, municipality, name, slug, language)
        made.append(_message(f"{key}:{receipt.hex}", receipt, language, letter, now))
    Message.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _message(key: str, receipt: UUID, language: str, letter: RenderedMail, now: datetime) -> Message:
    return Message(
        purpose=MessagePurpose.NEWS,
        receipt_id=receipt,
        dedupe_key=key,
        language=language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id(key),
        rank=rank(MessagePurpose.NEWS),
        created_at=now,
        next_attempt_at=now,
    )
