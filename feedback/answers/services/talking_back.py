"""Puts results back to the neighbourhood before the decision: who is invited, what they read, and
cancelling it.

Participants of the surveys in the trajectory who left an address get one mail, text or letter, on their
own schedule if that is in time. All others see it on the page of the neighbourhood, with the results, and
on their own page.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Contact, Event, Receipt, User
from accounts.states import DeliveryChannel
from core.errors import DomainError
from core.i18n import Texts, pick
from core.rows import get_or_gone
from feedback.contacts.services import hearing_back
from feedback.contacts.services.hearing_back import confirmation_expires_at
from feedback.delivery.emails import (
    UNSUBSCRIBE_URL,
    RenderedMail,
    fill_in_links,
    mail_language,
    render_mail_template,
)
from feedback.delivery.services import outbox, sms
from feedback.delivery.services.outbox import new_message, next_delivery_at
from feedback.models import Contribution, FinalReport, Message, build_key, parse_key
from feedback.registries import MessageRenderer, renders, source_hooks, topic_sources_in
from feedback.states import HANDED_OVER_STATES, BatchState, MessagePurpose, MessageState
from neighbourhoods.models import Area, Municipality, TalkBack, Trajectory
from neighbourhoods.states import TalkBackKind
from neighbourhoods.trajectories import services as trajectories

_CHUNK_SIZE = 1_000
# Kinds of dedupe key.
_INVITATION, _CANCELLATION = "talk-back", "talk-back-off"
LETTER_LEAD_TIME = timedelta(days=7)
"""Lead time of a letter, to print, fold and deliver; if there is less, no letter is sent."""
LETTER_DELIVERY_TIME = timedelta(days=3)
"""Delivery time of a letter; printed later than this it arrives too late."""
LEFT_OUTBOX_STATES = (
    *HANDED_OVER_STATES,
    MessageState.HANDING_OVER,
    MessageState.UNCERTAIN,
    MessageState.BOUNCED,
)
"""States in which an invitation may have reached its reader."""


# --- who is invited ---------------------------------------------------------------------------


@dataclass(frozen=True)
class InvitationCounts:
    """How many took part, and how many are invited in time per carrier; the others read it on their page."""

    people: int
    by_mail: int = 0
    by_text: int = 0
    by_letter: int = 0

    @property
    def page_only(self) -> int:
        return self.people - self.by_mail - self.by_text - self.by_letter


@dataclass(frozen=True)
class InvitationRecipient:
    """One person to write to: carrier, language, and when it is sent."""

    receipt: UUID
    carrier: str
    language: str
    leaves: datetime


def talked_back_sources(talk_back: TalkBack) -> list[str]:
    """Sources of the surveys whose results are put back."""
    found = [asked.source for asked in topic_sources_in(talk_back.trajectory)]
    return [source for source in found if source != talk_back.source]


def count_invited(talk_back: TalkBack, *, now: datetime | None = None) -> InvitationCounts:
    by = Counter(asked.carrier for asked in _invitation_recipients(talk_back, now or timezone.now()))
    return InvitationCounts(
        people=_participants(talk_back).count(),
        by_mail=by[DeliveryChannel.MAIL],
        by_text=by[DeliveryChannel.TEXT],
        by_letter=by[DeliveryChannel.LETTER],
    )


def _participants(talk_back: TalkBack) -> QuerySet[Receipt]:
    said = Contribution.objects.filter(
        receipt=OuterRef("pk"), topic__source__in=talked_back_sources(talk_back), withdrawn_on=None
    )
    return Receipt.objects.filter(Exists(said))


def _invitation_recipients(talk_back: TalkBack, now: datetime) -> Iterable[InvitationRecipient]:
    """Reachable participants whose own schedule is in time."""
    contacts = (
        Contact.objects.reachable().filter(receipt__in=_participants(talk_back)).select_related("receipt")
    )
    here, may_text = timezone.localtime(now), sms.can_text(MessagePurpose.TALK_BACK)
    for contact in contacts.order_by("receipt").iterator():
        leaves = next_delivery_at(contact.how_often, here)
        if leaves is None or (contact.carrier == DeliveryChannel.TEXT and not may_text):
            continue
        takes = LETTER_LEAD_TIME if contact.carrier == DeliveryChannel.LETTER else timedelta(0)
        if timezone.localdate(leaves) + takes < _before(talk_back):
            yield InvitationRecipient(contact.receipt_id, contact.carrier, contact.receipt.language, leaves)


def _before(talk_back: TalkBack) -> date:
    """The first day on which an invitation is too late."""
    return talk_back.on if talk_back.kind == TalkBackKind.MEETING else talk_back.last_day


def reason_already_decided(trajectory: Trajectory) -> str:
    """Why nothing can be asked any more: the decision in the final report; "" if there is none."""
    taken = FinalReport.objects.filter(trajectory=trajectory, decision_on__lte=timezone.localdate())
    report = taken.order_by("-version").first()
    if report is None or report.decision_on is None:
        return ""
    return _("This was decided on %(day)s already. What is decided can't be asked any more.") % {
        "day": date_format(report.decision_on, "j F Y")
    }


# --- asking them ------------------------------------------------------------------------------


def check_can_meet(talk_back: TalkBack, *, today: date | None = None) -> None:
    """Raises DomainError with what is missing, if residents can't be invited yet."""
    day = today or timezone.localdate()
    main = trajectories.plan_languages()[0]
    if talk_back.called_off_on:
        raise DomainError(_("This was called off. Plan another."))
    if talk_back.trajectory.closed_on:
        raise DomainError(_("This trajectory is closed, so nothing changes in it any more."))
    if why := trajectories.reason_talk_back_too_late(talk_back.trajectory):
        raise DomainError(why)
    if talk_back.kind == TalkBackKind.ROUND and talk_back.until is None:
        raise DomainError(_("Choose until which day residents can react."))
    if talk_back.last_day < day or (talk_back.kind == TalkBackKind.MEETING and talk_back.on == day):
        raise DomainError(_("Choose a day that is still to come: people must be able to come."))
    if not talk_back.asks.get(main, "").strip():
        raise DomainError(_("Write what you put forward: that is what residents say yes or no to."))
    if talk_back.kind == TalkBackKind.MEETING and not (talk_back.place and talk_back.at):
        raise DomainError(_("Write where it is, and at what time."))
    if talk_back.kind == TalkBackKind.ROUND and not reaction_round_path(talk_back):
        raise DomainError(
            _("The survey that asks for reactions is not open to everybody yet. Open it first.")
        )
    if not results_of(talk_back):
        raise DomainError(
            _(
                "No results can be read yet. Publish the outcome first: nobody can support what they can't read."
            )
        )


@transaction.atomic
def invite_to_talk_back(*, talk_back: TalkBack, by: User, now: datetime | None = None) -> TalkBack:
    """Publish it and invite participants who left an address. Idempotent. Raises DomainError (`check_can_meet`)."""
    moment = now or timezone.now()
    held = _lock_readers(_participants(talk_back))
    list(
        Trajectory.objects.select_for_update(no_key=True).filter(pk=talk_back.trajectory_id)
    )  # not closed meanwhile
    locked = get_or_gone(TalkBack.objects.select_for_update(no_key=True, of=("self",)), pk=talk_back.pk)
    if locked.invited_at:
        return locked
    check_can_meet(locked, today=timezone.localdate(moment))
    locked.invited_at = moment
    locked.save(update_fields=["invited_at"])
    reached = (one for one in _invitation_recipients(locked, moment) if one.receipt in held)
    asked = _queue(((build_key(_INVITATION, locked.pk, one.receipt.hex), one) for one in reached), moment)
    if locked.kind == TalkBackKind.MEETING:  # followers heard of a round when its survey opened
        hearing_back.notify_followers_of_question(
            subject=f"talk-back:{locked.pk}",
            title=locked.asks,
            lead={code: when_and_where(locked, code) for code in trajectories.plan_languages()},
            areas=locked.trajectory.areas.values_list("pk", flat=True),
            path=locked.get_absolute_url(),
        )
    Event.log("invited to talking back", locked.trajectory, by=by, on=locked.on, people=asked)
    return locked


@transaction.atomic
def call_off_talk_back(
    *, talk_back: TalkBack, why: dict[str, str], by: User, now: datetime | None = None
) -> TalkBack:
    """Cancel it. Notifies everybody whose invitation was sent; pending invitations are not sent."""
    moment = now or timezone.now()
    before = talk_back.called_off_on
    _lock_readers(Receipt.objects.filter(messages__in=Message.objects.with_key(_INVITATION, talk_back.pk)))
    off = trajectories.mark_talk_back_called_off(
        talk_back=talk_back, why=why, by=by, today=timezone.localdate(moment)
    )
    if before is None:
        asked = Message.objects.with_key(_INVITATION, off.pk).filter(receipt__contact__isnull=False)
        invited = asked.select_related("receipt__contact").order_by("pk").iterator()
        reached = (_reached_now(one, moment) for one in invited)
        _queue(((build_key(_CANCELLATION, off.pk, one.receipt.hex), one) for one in reached), moment)
        hearing_back.notify_cancelled(
            subject=f"talk-back:{off.pk}",
            title=off.asks,
            lead={code: _cancellation_sentence(off, code) for code in trajectories.plan_languages()},
            areas=off.trajectory.areas.values_list("pk", flat=True),
            path=off.get_absolute_url(),
        )
    return off


def _lock_readers(readers: QuerySet[Receipt]) -> set[UUID]:
    """Lock readers and contacts, so that none is erased or moves meanwhile. Lock order as in erasing:
    receipts, contacts."""
    held = Receipt.objects.select_for_update(no_key=True).filter(pk__in=readers.values("pk")).order_by("pk")
    found = set(held.values_list("pk", flat=True))
    contacts = Contact.objects.select_for_update(of=("self",)).filter(receipt__in=readers.values("pk"))
    list(contacts.order_by("pk").values_list("pk", flat=True))
    return found


def _cancellation_sentence(talk_back: TalkBack, language: str) -> str:
    with translation.override(language):
        said = _("It does not take place: %(when)s.") % {"when": when_and_where(talk_back, language)}
    return f"{said} {pick(talk_back.called_off_why, language)}"


def last_print_day() -> date | None:
    """The last day to print the waiting invitations; None if none waits."""
    waiting = Message.objects.due(timezone.now(), DeliveryChannel.LETTER).filter(
        purpose=MessagePurpose.TALK_BACK
    )
    numbers = {parse_key(key).pk for key in waiting.values_list("dedupe_key", flat=True).iterator()}
    days = [
        _before(talk_back) - LETTER_DELIVERY_TIME
        for talk_back in TalkBack.objects.to_come().filter(pk__in=numbers)
    ]
    return min(days) - timedelta(days=1) if days else None


def talk_back_of_message(message: Message) -> TalkBack | None:
    return TalkBack.objects.filter(pk=parse_key(message.dedupe_key).pk).first()


def _reached_now(invitation: Message, now: datetime) -> InvitationRecipient:
    """An invited reader by their current carrier; an unconfirmed address waits for its confirmation."""
    receipt = invitation.receipt
    assert receipt is not None, "Who was erased has no address that was joined."
    contact = receipt.contact
    return InvitationRecipient(
        receipt.pk, contact.carrier, invitation.language, confirmation_expires_at(contact) or now
    )


def _queue(rows: Iterable[tuple[str, InvitationRecipient]], now: datetime) -> int:
    """Queue one message each, rendered when it is sent. Idempotent per key. Returns the number of rows."""
    made, n = [], 0
    for key, asked in rows:
        message = new_message(
            purpose=MessagePurpose.TALK_BACK,
            dedupe_key=key,
            language=asked.language,
            carrier=asked.carrier,
            now=now,
        )
        message.receipt_id, message.next_attempt_at = asked.receipt, asked.leaves
        made.append(message)
        n += 1
        if len(made) == _CHUNK_SIZE:
            Message.objects.bulk_create(made, ignore_conflicts=True)
            made = []
    Message.objects.bulk_create(made, ignore_conflicts=True)
    if n:
        transaction.on_commit(outbox.notify_workers, robust=True)
    return n


# --- what they read ---------------------------------------------------------------------------


@renders(MessagePurpose.TALK_BACK)
def render_talk_back_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """The renderer of each message, or why it must not leave: called off, past, or its invitation never left."""
    found_backs = TalkBack.objects.select_related("trajectory__owner").prefetch_related("trajectory__areas")
    keys = {message.pk: parse_key(message.dedupe_key) for message in messages}
    backs = found_backs.in_bulk({key.pk for key in keys.values()})
    # The invitation that each cancellation cancels.
    invitations = {
        pk: build_key(_INVITATION, key.pk, *key.details)
        for pk, key in keys.items()
        if key.kind == _CANCELLATION
    }
    # A letter taken for printing counts as posted: it can't be recalled.
    out = Q(state__in=LEFT_OUTBOX_STATES) | Q(batch__state=BatchState.TAKEN)
    sent = Message.objects.filter(out, dedupe_key__in=list(invitations.values()))
    reached = set(sent.values_list("dedupe_key", flat=True))
    asked = {message.receipt_id for message in messages}
    withdrawn = Contribution.objects.filter(receipt__in=asked, withdrawn_on__isnull=False)
    gone = set(withdrawn.values_list("receipt", flat=True))
    today = timezone.localdate()
    over = {pk: _is_over(talk_back) for pk, talk_back in backs.items()}
    found: dict[int, MessageRenderer | str] = {}
    for message in messages:
        talk_back = backs.get(keys[message.pk].pk)
        is_off = message.pk in invitations
        if talk_back is None:
            found[message.pk] = "what it was about is gone"
        elif message.receipt_id in gone:
            found[message.pk] = "they withdrew what they said"
        elif is_off and invitations[message.pk] not in reached:
            found[message.pk] = "they were never asked along"
        elif not is_off and talk_back.called_off_on:
            found[message.pk] = "it was called off"
        elif not is_off and over[talk_back.pk]:
            found[message.pk] = over[talk_back.pk]
        elif talk_back.last_day < today or (not is_off and today >= _before(talk_back)):
            found[message.pk] = "its day is past"
        elif (
            not is_off
            and message.carrier == DeliveryChannel.LETTER
            and today + LETTER_DELIVERY_TIME >= _before(talk_back)
        ):
            found[message.pk] = "a letter would come too late"
        else:
            found[message.pk] = partial(_write, talk_back, message, is_off)
    return found


def _is_over(talk_back: TalkBack) -> str:
    """Why it is over, as the resolution of a message; "" if it is not."""
    if talk_back.trajectory.closed_on:
        return "its trajectory is closed"
    return "it was decided" if trajectories.reason_talk_back_too_late(talk_back.trajectory) else ""


def _write(talk_back: TalkBack, message: Message, is_off: bool, unsubscribe_url: str) -> RenderedMail:
    language = mail_language(message.language)
    with translation.override(language):
        areas = [area.name for area in talk_back.trajectory.areas.all()]
        subject = _("%(title)s: it does not take place") if is_off else _("Before we decide: %(title)s")
        letter = render_mail_template(
            "feedback/mail/talk_back",
            language,
            subject=subject % {"title": talk_back.trajectory.title},
            municipality=Municipality.current().name,
            area=areas[0] if len(areas) == 1 else "",
            is_off=is_off,
            is_meeting=talk_back.kind == TalkBackKind.MEETING,
            # On paper a QR code leads there, and the same page stops letters.
            on_paper=message.carrier == DeliveryChannel.LETTER,
            asks=pick(talk_back.asks, message.language),
            why=pick(talk_back.called_off_why, message.language),
            when=when_and_where(talk_back, language),
            url=absolute(talk_back.get_absolute_url()),
            signed=talk_back.trajectory.owner.title,
            unsubscribe_url=UNSUBSCRIBE_URL,
        )
    return fill_in_links(letter, unsubscribe_url)


def when_and_where(talk_back: TalkBack, language: str) -> str:
    """“2 December 2026, 19.30, De Molen”, or until when a round is open."""
    with translation.override(language):
        if talk_back.kind == TalkBackKind.ROUND:
            return _("You can react until %(day)s.") % {"day": date_format(talk_back.last_day, "j F")}
        at = time_format(talk_back.at, "H.i") if talk_back.at else ""
        return ", ".join(filter(None, [date_format(talk_back.on, "l j F"), at, talk_back.place]))


def reaction_round_path(talk_back: TalkBack) -> str:
    """The public path of the open reaction round; "" if there is none."""
    if talk_back.kind != TalkBackKind.ROUND or talk_back.called_off_on:
        return ""
    return next((pages.asks for hooks in source_hooks if (pages := hooks.pages_of(talk_back.source))), "")


def results_of(talk_back: TalkBack) -> list[tuple[Texts, str]]:
    """The results that are put back: (title of the survey, path of its results)."""
    asked = [one for one in topic_sources_in(talk_back.trajectory) if one.source != talk_back.source]
    return [
        (one.title, pages.tells)
        for one in asked
        for hooks in source_hooks
        if (pages := hooks.pages_of(one.source)) and pages.tells
    ]


def talk_backs_of_area(area: Area) -> list[TalkBack]:
    inside = Area.objects.inside([area.pk]).values("pk")
    found = TalkBack.objects.to_come().filter(trajectory__areas__in=inside)
    return list(found.select_related("trajectory").distinct())


def talk_backs_of_source(source: str) -> list[TalkBack]:
    """Upcoming talk-backs about the results of one survey."""
    open_now = TalkBack.objects.to_come().select_related("trajectory")
    return [talk_back for talk_back in open_now if source in talked_back_sources(talk_back)]


def talk_backs_of_receipt(receipt: Receipt) -> list[TalkBack]:
    found = list(TalkBack.objects.to_come().select_related("trajectory"))
    if not found:
        return []
    said = Contribution.objects.filter(receipt=receipt, withdrawn_on=None)
    sources = set(said.values_list("topic__source", flat=True).distinct())
    return [talk_back for talk_back in found if sources.intersection(talked_back_sources(talk_back))]
