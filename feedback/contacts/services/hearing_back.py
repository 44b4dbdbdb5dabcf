"""Leaving an address, confirming it, and unsubscribing.

An e-mail address or number is used only after its holder confirmed it by a link sent there. A postal
address can't be confirmed: it counts at once, and a letter never quotes. Unsubscribing ends messages about
one answer; “nothing at all” ends all messages of this municipality until the holder confirms an address
again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.codes import new_code
from accounts.links import absolute
from accounts.models import Contact, Event, Receipt, Suppression, User
from accounts.states import ReceiptPurpose, SuppressionReason, SuppressionScope
from core.errors import DomainError
from core.i18n import Texts, language_of, pick
from core.keyed import code_hash
from core.limits import mailbox_limit_reached
from core.rows import get_or_gone, refresh_or_gone
from feedback.delivery.emails import UNSUBSCRIBE_URL, RenderedMail, direction_of, render_mail_template
from feedback.delivery.services.guards import journal_resubscribed, journal_unsubscribed
from feedback.delivery.services.outbox import message_id, next_delivery_at, queue_message, rank
from feedback.models import Following, FollowUp, Message, build_key
from feedback.states import (
    LETTER_PURPOSES,
    PERSONAL_SOURCE_PREFIXES,
    REQUESTED_PURPOSES,
    STATES_WITH_LETTERS,
    BatchState,
    MessagePurpose,
    MessageState,
)
from neighbourhoods.models import Area, Municipality

CONFIRM_DAYS = 7
"""An unconfirmed address is erased after this many days; its link expires on the same day."""

NO_LETTERS = _("No letters go to this address any more. Call us if you want them again.")

SAME_REQUEST = timedelta(minutes=10)
"""The same address within this time counts as a double tap; later the confirmation is sent again."""


@transaction.atomic
def leave_address(
    *,
    receipt: Receipt,
    email: str = "",
    mobile: str = "",
    postal: str = "",
    is_16_or_older: bool,
    consent_sentence: str,
    now: datetime | None = None,
) -> Contact:
    """Store one of `email`, `mobile` (normalised by core.phone_numbers) and `postal` for this receipt.

    E-mail addresses and numbers start unconfirmed, and a confirmation is sent. A new address replaces the
    old one. A confirmed address is not asked again, unless it is suppressed: only its holder can lift
    that. Raises DomainError if the resident is younger than 16, if the receipt takes no address, if
    letters to this house are stopped, or if too many confirmations were sent there.
    """
    if not is_16_or_older:
        raise DomainError(_("We can't keep the address of somebody younger than 16. Your answer counts."))
    if receipt.without_contact:
        raise DomainError(
            _(
                "Here nobody leaves an address, because people under 16 take part. Your code shows you everything."
            )
        )
    now = now or timezone.now()
    email = email.strip()
    address = email or mobile or postal
    # Serialise double taps: the second waits for the first.
    get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt.pk)
    contact = Contact.objects.filter(receipt=receipt).first()
    if contact and contact.address.lower() == address.lower():
        if contact.confirmed_at and not is_suppressed(address):
            Contact.objects.filter(pk=contact.pk).update(unsubscribed_at=None, consent=consent_sentence)
            refresh_or_gone(contact)
            return contact
        if contact.confirmed_at is None and now - contact.created_at < SAME_REQUEST:
            return contact
    if postal and is_suppressed(postal):
        raise DomainError(NO_LETTERS)
    asked_until = confirmation_expires_at(contact) if contact else None
    contact, _created = Contact.objects.update_or_create(
        receipt=receipt,
        defaults={
            "email": email,
            "mobile": mobile,
            "postal": postal,
            "is_16_or_older": True,
            "consent": consent_sentence,
            "created_at": now,
            "confirmed_at": now if postal else None,
            "unsubscribed_at": None,
        },
    )
    reroute_pending_messages(contact, now, asked_until)
    if not postal:
        _ask(contact, now=now)
    Event.log("left_address", contact, by=None)
    return contact


def reroute_pending_messages(contact: Contact, now: datetime, asked_until: datetime | None = None) -> None:
    """Redirect pending answers to the current address; cancel what was about the old one.

    Includes claimed messages that are not being sent yet, and letters in PDF files not downloaded yet: those
    files are generated again. The caller must lock the contact, as sending and downloading do.
    `asked_until` is until when messages waited for the previous address to be confirmed, if they did.
    """
    theirs = Message.objects.filter(receipt=contact.receipt_id)
    theirs.filter(state=MessageState.CLAIMED).move(MessageState.PENDING)
    waiting = theirs.filter(state=MessageState.PENDING)
    waiting.filter(batch__state__in=STATES_WITH_LETTERS - {BatchState.TAKEN}).update(batch=None)
    waiting = waiting.filter(batch=None)
    other = waiting.exclude(carrier=contact.carrier)
    other.exclude(purpose__in=LETTER_PURPOSES).move(
        MessageState.CANCELLED, settled_at=now, resolution="another address was left"
    )
    other.filter(purpose__in=LETTER_PURPOSES).update(carrier=contact.carrier)
    if contact.confirmed_at is None:
        _wait_for_confirming(contact)
    elif asked_until:
        _let_leave(contact, asked_until, now)


def confirmation_expires_at(contact: Contact) -> datetime | None:
    """When an unconfirmed address is erased; None for a confirmed one."""
    return None if contact.confirmed_at else contact.created_at + timedelta(days=CONFIRM_DAYS)


def _wait_for_confirming(contact: Contact) -> None:
    """Postpone pending messages until the address is confirmed, or erased with them."""
    until = confirmation_expires_at(contact)
    waiting = Message.objects.filter(receipt=contact.receipt_id, state=MessageState.PENDING, batch=None)
    sooner = Q(next_attempt_at=None) | Q(next_attempt_at__lt=until)
    waiting.filter(sooner).exclude(purpose__in=REQUESTED_PURPOSES).update(next_attempt_at=until)


def _let_leave(contact: Contact, asked_until: datetime | None, now: datetime) -> None:
    """Schedule messages that waited for the confirmation, as their reader chose."""
    leaves = next_delivery_at(contact.how_often, timezone.localtime(now))
    waited = Message.objects.filter(
        receipt=contact.receipt_id, state=MessageState.PENDING, batch=None, next_attempt_at=asked_until
    )
    waited.filter(purpose=MessagePurpose.FOLLOW_UP).update(next_attempt_at=leaves)
    # Only answers can wait until everything is answered.
    waited.exclude(purpose=MessagePurpose.FOLLOW_UP).update(next_attempt_at=leaves or now)


def _ask(contact: Contact, *, now: datetime) -> None:
    if mailbox_limit_reached(contact.address):
        if contact.mobile:
            raise DomainError(_("We sent this number a few texts already. Try again in an hour."))
        raise DomainError(
            _(
                "We sent this address a few mails already. Have a look among unwanted mail, or try again "
                "in an hour."
            )
        )
    queue_message(
        purpose=MessagePurpose.CONFIRM,
        dedupe_key=_confirmation_dedupe_key(contact),
        language=contact.receipt.language,
        receipt=contact.receipt,
        carrier=contact.carrier,
        now=now,
    )


def request_confirmation(contact: Contact, *, now: datetime) -> bool:
    """Ask to confirm an address that a colleague uses by hand anyway; skipped silently if asked too often.

    Returns True if a mail is queued.
    """
    if not contact.email or contact.confirmed_at:
        return False
    try:
        _ask(contact, now=now)
    except DomainError:
        return False
    return True


def confirm_key(contact: Contact) -> str:
    """Binds a confirmation link to the address it was sent to: a new address has a new key."""
    return f"{contact.pk}.{contact.created_at.timestamp():.6f}"


def _confirmation_dedupe_key(contact: Contact) -> str:
    return build_key("confirm", contact.receipt_id, confirm_key(contact))


def is_confirmation_of(message: Message, contact: Contact) -> bool:
    """False after the address changed: the new one gets a confirmation of its own."""
    return message.dedupe_key == _confirmation_dedupe_key(contact)


@transaction.atomic
def confirm_address(*, receipt: Receipt, key: str, now: datetime | None = None) -> Contact:
    """Mark the address as confirmed by its holder. Idempotent.

    Raises Contact.DoesNotExist if the address was changed or erased since the mail.
    """
    now = now or timezone.now()
    contact = get_or_gone(Contact.objects.select_for_update(), receipt=receipt)
    if confirm_key(contact) != key:
        raise Contact.DoesNotExist
    if Contact.objects.filter(pk=contact.pk, confirmed_at=None).update(confirmed_at=now):
        _let_leave(contact, confirmation_expires_at(contact), now)
        Suppression.objects.of(contact.address).filter(scope=SuppressionScope.EVERYTHING).delete()
        Event.log("confirmed_address", contact, by=None)
    refresh_or_gone(contact)
    return contact


@transaction.atomic
def unsubscribe(*, receipt: Receipt, now: datetime | None = None) -> bool:
    """Stop mail about this answer. Idempotent; False if there is no address (any more)."""
    contact = Contact.objects.select_for_update().filter(receipt=receipt).first()
    if contact is None:
        return False
    changed = Contact.objects.filter(pk=contact.pk, unsubscribed_at=None).update(
        unsubscribed_at=now or timezone.now()
    )
    if changed:
        journal_unsubscribed(receipt.pk)
        Event.log("unsubscribed", contact, by=None)
    return True


@transaction.atomic
def suppress_everything(*, receipt: Receipt, now: datetime | None = None) -> bool:
    """Suppress all mail from this municipality to this address. False if there is no address."""
    if not unsubscribe(receipt=receipt, now=now):
        return False
    contact = Contact.objects.get(receipt=receipt)
    if contact.address:
        suppression, created = Suppression.objects.suppress(contact.address, SuppressionReason.ASKED)
        if created:
            Event.log("suppressed_address", suppression, by=None)
    return True


@transaction.atomic
def lift_letter_stop(house: str, *, by: User) -> None:
    """Lift the stop on letters to a house, after a resident of that house called; the stop may have been set by
    another.

    `house` is the part below the name on an envelope. Raises DomainError if there is no stop."""
    stops = Suppression.objects.of(f"\n{house}").filter(scope=SuppressionScope.EVERYTHING)
    stopped = stops.select_for_update().first()
    if stopped is None:
        raise DomainError(_("No letters are stopped for this house. Look at the number and the postcode."))
    Event.log("lifted stop", stopped, by=by)
    stopped.delete()


@transaction.atomic
def resubscribe(*, receipt: Receipt, now: datetime | None = None) -> Contact:
    """Undo an unsubscribe. After “no mail at all” the address must be confirmed again.

    Raises Contact.DoesNotExist if there is no address any more, and DomainError for a suppressed house:
    there is nobody there to ask whether this resident may lift it.
    """
    now = now or timezone.now()
    contact = get_or_gone(Contact.objects.select_for_update(), receipt=receipt)
    if contact.unsubscribed_at is None:
        return contact
    if is_suppressed(contact.address):
        if contact.postal:
            raise DomainError(NO_LETTERS)
        contact.created_at, contact.confirmed_at = now, None
    contact.unsubscribed_at = None
    contact.save(update_fields=["created_at", "confirmed_at", "unsubscribed_at"])
    transaction.on_commit(lambda: journal_resubscribed(receipt.pk))
    if contact.confirmed_at is None:
        _wait_for_confirming(contact)
        _ask(contact, now=now)
    Event.log("resubscribed", contact, by=None)
    return contact


@transaction.atomic
def remove_address(*, receipt: Receipt) -> None:
    """Delete the address and cancel pending messages to it. The answers stay."""
    contact = Contact.objects.select_for_update().filter(receipt=receipt).first()
    if contact:
        Message.objects.filter(receipt=receipt, state=MessageState.PENDING).move(
            MessageState.CANCELLED, settled_at=timezone.now(), resolution="the address was removed"
        )
        Event.log("removed_address", contact, by=None)
        contact.delete()


def is_suppressed(address: str) -> bool:
    return Suppression.objects.of(address).filter(scope=SuppressionScope.EVERYTHING).exists()


# Following a neighbourhood without having answered: subscribing, and the news for followers.
#
# News holds only what is public: what is asked, and what was decided. It is one message per follower and
# news item, and uses no answers of anybody.


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


def followed_area(receipt: Receipt) -> Area | None:
    """The neighbourhood that this receipt follows; None if it is for something else."""
    following = Following.objects.filter(receipt=receipt).select_related("area").first()
    return following.area if following else None


# --- news -------------------------------------------------------------------------------------


def notify_followers(follow_up: FollowUp, *, now: datetime) -> None:
    """Tell an answer to the followers of its areas. Called after the fan-out. Answers to one person are not news."""
    if follow_up.is_personal or follow_up.audience.get("source", "").startswith(PERSONAL_SOURCE_PREFIXES):
        return
    areas = list(follow_up.areas.values_list("pk", flat=True))
    news = {name: getattr(follow_up, name) for name in ("title", "decided", "why", "next_step", "signed_as")}
    _tell(build_key("news", "answer", follow_up.pk), areas, news, "", now)


def notify_followers_of_question(
    *, subject: str, title: Texts, lead: Texts, areas: Iterable[int], path: str
) -> None:
    """Tell that something is asked to the followers of its areas. Once per `subject`."""
    news = {"title": title, "lead": lead}
    _tell(build_key("news", "question", subject), list(areas), news, path, timezone.now())


def notify_cancelled(*, subject: str, title: Texts, lead: Texts, areas: Iterable[int], path: str) -> None:
    """Tell once that it does not take place to those who were told of it; pending news of it is cancelled
    instead."""
    now, told = timezone.now(), Message.objects.with_key("news", "question", subject)
    told.filter(state=MessageState.PENDING).order_by().move(
        MessageState.CANCELLED, settled_at=now, resolution="what it tells does not take place"
    )
    heard = told.exclude(state=MessageState.CANCELLED).values("receipt")
    _tell(
        build_key("news", "off", subject), list(areas), {"title": title, "lead": lead}, path, now, only=heard
    )


def _tell(
    key: str,
    areas: list[int],
    news: Mapping[str, Texts],
    path: str,
    now: datetime,
    *,
    only: QuerySet[Any] | None = None,
) -> None:
    """Queue one message per follower; idempotent per key."""
    followers = Following.objects.reachable().of_areas(areas)
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
            letter = written[language, slug] = _news_mail(news, path, municipality, name, slug, language)
        own_key = build_key(key, receipt.hex)
        made.append(
            Message(
                purpose=MessagePurpose.NEWS,
                receipt_id=receipt,
                dedupe_key=own_key,
                language=language,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                message_id=message_id(own_key),
                rank=rank(MessagePurpose.NEWS),
                created_at=now,
                next_attempt_at=now,
            )
        )
    Message.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _news_mail(
    news: Mapping[str, Texts], path: str, municipality: str, area: str, slug: str, language: str
) -> RenderedMail:
    """The same for all followers of an area: a survey that opened (with its `path`), or a decision. `fill_in_links`
    fills in the unsubscribe link.
    """
    with translation.override(language):
        told_in = language_of(news["title"], language)
        said = {name: pick(texts, language) for name, texts in news.items()}
        subject = _("%(area)s: we ask you something") if path else _("%(area)s: %(title)s")
        return render_mail_template(
            "feedback/mail/news",
            language,
            subject=subject % {"area": area, "title": said["title"]},
            municipality=municipality,
            area=area,
            **said,
            url=absolute(path or reverse("neighbourhood", args=[slug])),
            asks=bool(path),
            unsubscribe_url=UNSUBSCRIBE_URL,
            told_in=told_in if told_in != language else "",
            told_dir=direction_of(told_in),
        )
