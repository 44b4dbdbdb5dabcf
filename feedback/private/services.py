"""What the holder of a private link sees, has on file and may decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.codes import new_code, normalise_private_code
from accounts.models import Contact, Event, Receipt
from accounts.states import ReceiptPurpose
from core.i18n import pick
from core.keyed import code_hash, code_hashes
from core.limits import mailbox_limit_reached
from core.phone_numbers import format_phone_number
from core.rows import get_or_gone
from feedback.answers.services import letters_by_post
from feedback.answers.services.release import LAST_CURSOR
from feedback.contacts.services.conversation import items_of
from feedback.contributions.services.closing import find_owners_again, lock_promises
from feedback.delivery.emails import delete_local_copies
from feedback.delivery.services.guards import journal_erasure
from feedback.delivery.services.outbox import queue_message
from feedback.delivery.services.sms import in_quiet_hours
from feedback.models import (
    AnswerOwed,
    Contribution,
    Following,
    FollowUp,
    Incoming,
    Message,
    NamedDebt,
    build_key,
)
from feedback.registries import personal_data
from feedback.states import FollowUpState, MessagePurpose, Owed
from neighbourhoods.models import Municipality

# What feedback stores about the holder of a receipt (registered in `personal_data`).


WITHDRAWABLE = (Owed.OPEN, Owed.PUBLISHED, Owed.SENT)


class FeedbackData:
    """Contributions, debts, answers, reactions, messages and the address."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        receipt.contributions.filter(withdrawn_on=None).update(withdrawn_on=timezone.localdate(now))
        receipt.owed.filter(state__in=WITHDRAWABLE).move(
            Owed.WITHDRAWN,
            withdrawn_from=F("state"),
            settled_at=Coalesce(F("settled_at"), Value(now, output_field=DateTimeField())),
        )

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        back = receipt.owed.filter(state=Owed.WITHDRAWN, withdrawn_from=Owed.OPEN)
        lock_promises(back.order_by().values_list("topic__source", flat=True), now=now)
        receipt.contributions.update(withdrawn_on=None)
        receipt.owed.filter(state=Owed.WITHDRAWN, withdrawn_from__in=WITHDRAWABLE).update(
            settled_at=Case(When(withdrawn_from=Owed.OPEN, then=None), default=F("settled_at")),
            state=F("withdrawn_from"),
            withdrawn_from="",
        )
        find_owners_again(AnswerOwed.objects.filter(receipt=receipt))

    def download(self, receipt: Receipt) -> dict[str, Any]:
        contact = Contact.objects.filter(receipt=receipt).first()
        follows = Following.objects.filter(receipt=receipt).select_related("area").first()
        return {
            _("Your page"): {
                _("made on"): _day(receipt.created_on),
                _("for"): receipt.get_purpose_display(),
                _("language"): receipt.language,
            },
            _("How we reach you"): _contact(contact) if contact else _("You left no address."),
            **({_("What you follow"): {follows.area.name: _day(follows.since)}} if follows else {}),
            _("What you said"): [
                _without_blanks(
                    {
                        _("question"): _text(said.topic.question),
                        _("you said"): said.text or _text(said.topic.title),
                        _("where"): _where(said),
                        _("on"): _day(said.said_on),
                        _("language"): said.language,
                        _("themes"): [_text(theme.name) for theme in said.themes.all()],
                        _("withdrawn on"): _day(said.withdrawn_on),
                        _("may be shown to others since"): _day(said.may_quote_since),
                        _("shown to others since"): _day(said.quoted_on),
                    }
                )
                for said in receipt.contributions.select_related("topic", "place").prefetch_related("themes")
            ],
            _("Mail of yours that a colleague still has to read"): [
                {_("on"): _day(mail.at), _("you said"): mail.text} for mail in receipt.incoming.waiting()
            ],
            _("What we owe you"): [_debt(debt) for debt in receipt.owed.select_related("topic", "owner")],
            _("What we answered"): [_answer(item) for item in items_of(receipt)],
            _("Mail to you"): [_mail(message) for message in receipt.messages.order_by("pk")],
        }

    def erase(self, receipt: Receipt) -> None:
        """Erase everything; the sums of a follow-up keep only a count of the erased."""
        # Lock order of the outbox: contact before messages; otherwise deadlock.
        contact = Contact.objects.select_for_update().filter(receipt=receipt).first()
        # Lock order of release: debts before follow-ups. So a release names this reader before, and is
        # counted below, or not at all.
        list(receipt.owed.select_for_update().order_by("pk").values_list("pk", flat=True))
        named = list(NamedDebt.objects.filter(receipt=receipt).values_list("follow_up", flat=True))
        # One stopped meanwhile is a draft again and names nobody.
        told = FollowUp.objects.filter(pk__in=named).exclude(state=FollowUpState.DRAFT)
        told.update(erased=F("erased") + 1)
        # For answers fanned out before the cursor ended at EVERYBODY.
        handed_out = FollowUp.objects.exclude(state=FollowUpState.RELEASED).filter(cursor=receipt.pk)
        handed_out.update(cursor=LAST_CURSOR)
        mailed = set(receipt.messages.values_list("message_id", flat=True))
        transaction.on_commit(lambda: delete_local_copies(mailed))
        # Incoming mail from this address whose receipt is unknown.
        if contact and contact.email:
            Incoming.objects.filter(from_address__iexact=contact.email).delete()
        letters_by_post.remake_letters_without(receipt)
        receipt.incoming.all().delete()
        receipt.items.all().delete()
        receipt.messages.all().delete()
        receipt.owed.all().delete()
        receipt.contributions.all().delete()
        Contact.objects.filter(receipt=receipt).delete()


def _contact(contact: Contact) -> dict[str, Any]:
    return _without_blanks(
        {
            _("e‑mail address"): contact.email,
            _("phone"): contact.phone,
            _("number for texts"): format_phone_number(contact.mobile) if contact.mobile else "",
            _("address for letters"): contact.shown if contact.postal else "",
            _("you agreed to"): contact.consent,
            _("how often"): contact.get_how_often_display(),
            _("left on"): _day(contact.created_at),
            _("confirmed on"): _day(contact.confirmed_at),
            _("unsubscribed on"): _day(contact.unsubscribed_at),
        }
    )


def _where(said: Contribution) -> str:
    if said.place:
        return said.place.name
    return "" if said.longitude is None else f"{said.latitude}, {said.longitude}"


def _debt(debt: AnswerOwed) -> dict[str, Any]:
    return _without_blanks(
        {
            _("about"): _text(debt.topic.title),
            _("before"): _day(debt.due_on),
            _("from whom"): debt.owner.title,
            _("how it stands"): debt.get_state_display(),
            _("reason"): debt.reason,
        }
    )


def _answer(item: Any) -> dict[str, Any]:
    follow_up, reaction = item.follow_up, getattr(item, "reaction", None)
    looked_back = getattr(item, "look_back", None)
    return _without_blanks(
        {
            _("about"): _text(follow_up.title),
            _("on"): _day(item.created_at),
            _("decided"): _text(follow_up.decided),
            _("why"): _text(follow_up.why),
            _("what comes next"): _text(follow_up.next_step),
            _("whom to talk to"): _text(follow_up.contact),
            _("written by"): _text(follow_up.signed_as),
            _("it answered you"): None
            if reaction is None
            else (_("yes") if reaction.answers_me else _("no")),
            _("whether it happened, you said"): looked_back.get_happened_display() if looked_back else "",
        }
    )


def _mail(message: Message) -> dict[str, Any]:
    return {
        _("about"): message.get_purpose_display(),
        _("on"): _day(message.created_at),
        _("how it stands"): message.get_state_display(),
    }


def _text(texts: dict[str, str]) -> str:
    return pick(texts, get_language() or "")


def _day(value: Any) -> str:
    if not value:
        return ""
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", None, [])}


personal_data.register("feedback", order=90)(FeedbackData())


# Withdraw, put back, download and erase: operations of a receipt's holder, over all apps.


UNDO_WITHDRAWAL_DAYS = 30
"""Days in which a withdrawal can be undone; then everything is erased."""


@dataclass(frozen=True)
class Erasure:
    """Proof of erasure: a number, the time, and the day on which the last backup with the data is gone."""

    number: str
    at: datetime
    backups_until: date


@transaction.atomic
def withdraw_receipt(*, receipt: Receipt, now: datetime | None = None) -> None:
    """Stop counting it, in every app. Idempotent."""
    _lock(receipt)
    for keeper in personal_data:
        keeper.withdraw(receipt, now=now or timezone.now())
    _log("withdrew")


def withdrawal_undo_until(withdrawn_on: date) -> date:
    return withdrawn_on + timedelta(days=UNDO_WITHDRAWAL_DAYS)


@transaction.atomic
def undo_withdrawal(*, receipt: Receipt, now: datetime | None = None) -> None:
    _lock(receipt)
    for keeper in personal_data:
        keeper.put_back(receipt, now=now or timezone.now())
    _log("put_back")


def download(receipt: Receipt) -> dict[str, Any]:
    """Everything stored about this receipt as JSON-ready values, under headings a layperson understands."""
    return {heading: data for keeper in personal_data for heading, data in keeper.download(receipt).items()}


def as_blocks(data: Any) -> list[list[tuple[str, str]]]:
    """Downloaded data for people, as blocks of (name, value).

    A dict is one block, a list one block per entry, any other value a block with name "".
    """
    if isinstance(data, Mapping):
        return [[(str(name), flatten_value(value)) for name, value in data.items()]] if data else []
    if isinstance(data, list | tuple):
        return [block for entry in data for block in as_blocks(entry)]
    return [[("", flatten_value(data))]]


def flatten_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {flatten_value(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(flatten_value(inner) for inner in value)
    return "" if value is None else str(value)


@transaction.atomic
def erase(*, receipt: Receipt, now: datetime | None = None) -> Erasure:
    """Erase it from every app at once; the journal prevents that a backup restores it.

    Raises Receipt.DoesNotExist if it was erased already.
    """
    now = now or timezone.now()
    _erase(_lock(receipt))
    event = _log("erased")
    return Erasure(
        number=f"W-{event.pk}",
        at=now,
        backups_until=timezone.localdate(now) + timedelta(days=Municipality.current().backup_days),
    )


def _erase(receipt: Receipt) -> None:
    for keeper in personal_data:
        keeper.erase(receipt)
    journal_erasure(receipt.pk)
    receipt.delete()


@transaction.atomic
def erase_for_good(pk: UUID) -> int:
    """Erase because its retention term ended. Returns 1, or 0 if its holder erased it first.

    Not journaled: a backup that restores it is past its term too, so the next job erases it again.
    """
    receipt = Receipt.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if receipt is None:
        return 0
    for keeper in personal_data:
        keeper.erase(receipt)
    receipt.delete()
    return 1


def _lock(receipt: Receipt) -> Receipt:
    # NO KEY: a transaction that is answering locks the response and references the receipt; a full lock would
    # deadlock.
    return get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt.pk)


def _log(verb: str) -> Event:
    """Log without the receipt's id: that it was done, but not to whom."""
    return Event.objects.create(verb=verb, kind=Receipt._meta.label_lower, key="")


# Access to the private page: by code, or by a link sent to those who lost it.


TOO_OFTEN_MESSAGE = gettext_lazy(
    "This was asked for too often from here. Try again in an hour; your answer counts meanwhile."
)

FRESH_LINK_SECONDS = 3600
"""Seconds that a sent link proves a recent request by its holder."""

_MAX_MAILS = 5
"""Links sent per request: one mailbox may have answered several surveys."""


def receipt_of(typed: str) -> Receipt | None:
    """The receipt of a private code as typed; None if unknown."""
    code = normalise_private_code(typed)
    return Receipt.objects.with_code(code).first() if code else None


def is_code_of(receipt: Receipt, typed: str) -> bool:
    code = normalise_private_code(typed)
    hashes = code_hashes(code) if code else []
    return any(constant_time_compare(one, receipt.code_hash) for one in hashes)


@transaction.atomic
def mail_link(*, receipt: Receipt, now: datetime | None = None) -> Message | None:
    """Send a fresh link to the confirmed address or number; None if there is none, or it had too many.

    None at night for a number as well: no text is sent then, and in the morning nobody waits for it.
    Idempotent within ten minutes.
    """
    now = now or timezone.now()
    contact = Contact.objects.filter(receipt=receipt, confirmed_at__isnull=False).first()
    if contact is None or not (contact.email or contact.mobile) or (contact.mobile and in_quiet_hours(now)):
        return None
    if mailbox_limit_reached(contact.address):
        return None
    return queue_message(
        purpose=MessagePurpose.CODE,
        dedupe_key=build_key("code", receipt.pk, int(now.timestamp()) // 600),
        language=receipt.language,
        receipt=receipt,
        carrier=contact.carrier,
        now=now,
    )


def mail_links_to(*, address: str, now: datetime | None = None) -> None:
    """Send links for every receipt this address was confirmed for. Does not reveal whether there are any."""
    contacts = (
        Contact.objects.filter(
            Q(email__iexact=address.strip()) | Q(mobile=address.strip()), confirmed_at__isnull=False
        )
        .exclude(receipt__purpose=ReceiptPurpose.INVITATION)  # has no private page
        .select_related("receipt")
        .order_by("-created_at")
    )
    for contact in contacts[:_MAX_MAILS]:
        mail_link(receipt=contact.receipt, now=now)


def renew_code(*, receipt: Receipt) -> str:
    """Create a new private code, to be shown once. Invalidates the old code and all earlier links."""
    while True:
        code = new_code()
        try:
            with transaction.atomic():
                Receipt.objects.filter(pk=receipt.pk).update(
                    code_hash=code_hash(code), revocation=receipt.revocation + 1
                )
                Event.objects.create(verb="renewed_code", kind=Receipt._meta.label_lower, key="")
        except IntegrityError:  # the code is taken
            continue
        receipt.refresh_from_db()
        return code
