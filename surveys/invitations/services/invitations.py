"""Inviting by e-mail: a list with its origin is imported, mail goes through the outbox, and addresses are
destroyed.

Each address gets its own receipt, which opens only the start page. Whether it was used is a yes or no. A
pending mail is checked again just before it leaves, so that nobody who began meanwhile is reminded.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.links import LinkPurpose, absolute, sign_link
from accounts.models import Contact, Event, Receipt, Suppression, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from core.keyed import code_hash
from core.languages import offered_languages
from feedback.delivery.services import outbox
from feedback.delivery.services.outbox import message_id, rank
from feedback.models import Message, build_key, parse_key
from feedback.registries import MessageRenderer, renders
from feedback.states import MessagePurpose, MessageState
from neighbourhoods.models import Area, Municipality
from surveys.builder.services.publish import add_channel
from surveys.invitations.emails import InvitationFacts, invitation_mail
from surveys.models import AddressList, Channel, Invitation, Mailing, Survey
from surveys.printing import services as files
from surveys.questionnaire.published import published_version
from surveys.states import ChannelKind, MailingState, SurveyState

_MAX_ADDRESSES = 20_000
_CHUNK = 500
DAYS_BETWEEN = 3
"""Days. A reminder on the next day would be nagging."""

LEAVES_AT = time(9)

ADDRESSES_KEPT_DAYS = 14
"""After closing, as in config/retention.toml."""


# --- the list ---------------------------------------------------------------------------------


@transaction.atomic
def create_address_list(
    *,
    survey: Survey,
    name: str,
    content: bytes,
    pasted: str,
    origin: str,
    basis: str,
    area: Area | None,
    by: User,
) -> AddressList:
    """Import a list for preview; nobody is mailed. Raises DomainError if it is unusable; then nothing is stored."""
    if not survey.is_under_way:
        raise DomainError(
            _("You can invite people from the moment the survey is published until it is closed.")
        )
    if survey.without_contact:
        raise DomainError(_("In this survey nobody leaves an address, so nobody is invited by one."))
    read = files.read_address_list(content, pasted, most=_MAX_ADDRESSES)
    channel = add_channel(
        survey=survey,
        kind=ChannelKind.EMAIL,
        name=name,
        invited=True,
        area_id=area.pk if area else None,
        by=by,
    )
    found = AddressList.objects.create(
        channel=channel,
        origin=origin,
        basis=basis,
        invited=len(read.good),
        left_out=len(read.faults),
        created_by=by,
    )
    files.store_parsed_addresses(found.folder, read)
    return found


@dataclass(frozen=True)
class AddressListPreview:
    """What is known of a list before it is taken: how many want no mail, and how many are invited already."""

    no_mail: int
    already: int


def address_list_preview(addresses: AddressList) -> AddressListPreview:
    found = [address for address, _language in files.load(addresses.folder, files.LIST_FILE_NAME) or []]
    blocked = sum(
        Suppression.objects.of_any(found[start : start + _CHUNK]).count()
        for start in range(0, len(found), _CHUNK)
    )
    already = _invited_before(addresses.channel.survey_id)
    return AddressListPreview(blocked, sum(address.casefold() in already for address in found))


def _invited_before(survey_id: int) -> set[str]:
    before = Contact.objects.filter(receipt__invitation__list__channel__survey=survey_id)
    return {email.casefold() for email in before.values_list("email", flat=True)}


@transaction.atomic
def create_invitations(*, addresses: AddressList, by: User, now: datetime | None = None) -> None:
    """Turn the addresses in the file into contacts, each with its own link; deletes the file. Idempotent.

    Addresses that were invited for this survey before are left out.
    """
    moment = now or timezone.now()
    # Locked, so that of two lists with the same address the second sees what the first invited.
    mine = Survey.objects.filter(channels__addresses=addresses.pk).only("pk")
    mine.select_for_update(no_key=True, of=("self",)).first()
    if not AddressList.objects.filter(pk=addresses.pk, taken_on=None, destroyed_on=None).update(
        taken_on=timezone.localdate(moment)
    ):
        return
    found = files.load(addresses.folder, files.LIST_FILE_NAME)
    if found is None:
        raise DomainError(_("The file of this list is gone. Upload it again."))
    survey = addresses.channel.survey
    already = _invited_before(survey.pk)
    new = [(address, language) for address, language in found if address.casefold() not in already]
    for start in range(0, len(new), _CHUNK):
        _write(addresses, survey, new[start : start + _CHUNK], moment)
    AddressList.objects.filter(pk=addresses.pk).update(
        invited=len(new), left_out=addresses.left_out + len(found) - len(new)
    )
    addresses.refresh_from_db()
    Event.log("take_addresses", survey, by=by, number=len(new), code=addresses.channel.code)
    transaction.on_commit(lambda: files.destroy_folder(addresses.folder))


def _write(addresses: AddressList, survey: Survey, rows: list[tuple[str, str]], now: datetime) -> None:
    languages = offered_languages(survey.languages)
    receipts = Receipt.objects.bulk_create(
        Receipt(
            purpose=ReceiptPurpose.INVITATION,
            # No private code leads to it.
            code_hash=code_hash(secrets.token_hex(24)),
            language=language if language in languages else languages[0],
            created_on=timezone.localdate(now),
        )
        for _address, language in rows
    )
    consent = f"{addresses.get_basis_display()}: {addresses.origin}"
    Contact.objects.bulk_create(
        Contact(
            receipt=receipt,
            email=address,
            is_16_or_older=True,
            consent=consent,
            created_at=now,
            confirmed_at=now,
        )
        for receipt, (address, _language) in zip(receipts, rows, strict=True)
    )
    Invitation.objects.bulk_create(Invitation(list=addresses, receipt=receipt) for receipt in receipts)


# --- mailings ---------------------------------------------------------------------------------


def waiting_mailing(addresses: AddressList) -> Mailing | None:
    """The mailing that leaves next, and can still be stopped."""
    return next((one for one in addresses.mailings.all() if one.state == MailingState.HOLD), None)


def next_round(addresses: AddressList) -> int | None:
    """0 for the invitation, 1 and 2 for the reminders; None if nothing more can be planned now."""
    planned = [one.round for one in addresses.mailings.all() if one.state != MailingState.STOPPED]
    if waiting_mailing(addresses) or Mailing.LAST_ROUND in planned:
        return None
    return max(planned, default=-1) + 1


def first_day(addresses: AddressList, now: datetime | None = None) -> date:
    """The first day on which the next round may leave."""
    out = [
        timezone.localdate(one.leaves_at)
        for one in addresses.mailings.all()
        if one.state == MailingState.RELEASED
    ]
    earliest = max(out) + timedelta(days=DAYS_BETWEEN) if out else date.min
    return max(timezone.localdate(now), earliest)


def plan_mailing(*, addresses: AddressList, on: date, by: User, now: datetime | None = None) -> Mailing:
    """Plan the next round for this day, at nine or after the hold, whichever is later. It can be stopped till
    then.

    Raises DomainError.
    """
    moment = now or timezone.now()
    survey = addresses.channel.survey
    if survey.state != SurveyState.OPEN or addresses.channel.closed_on:
        raise DomainError(_("Mail only goes out while people can answer. Open the survey first."))
    if addresses.taken_on is None or addresses.destroyed_on:
        raise DomainError(_("There are no addresses (any more) in this list."))
    round = next_round(addresses)
    if round is None:
        raise DomainError(
            _("There is nothing more to plan: a mailing waits already, or both reminders are out.")
        )
    if on < (first := first_day(addresses, moment)):
        raise DomainError(
            _("A reminder comes at least %(days)s days after the mail before it: from %(day)s on.")
            % {"days": DAYS_BETWEEN, "day": date_format(first, "j F")}
        )
    nine = timezone.make_aware(datetime.combine(on, LEAVES_AT))
    leaves_at = max(nine, moment + timedelta(seconds=settings.HOLD_SECONDS))
    try:
        with transaction.atomic():
            mailing = Mailing.objects.create(list=addresses, round=round, leaves_at=leaves_at, planned_by=by)
            Event.log("plan_mailing", survey, by=by, number=round, on=leaves_at, code=addresses.channel.code)
    except IntegrityError as error:
        raise InvalidTransition(_("A colleague planned this already.")) from error
    return mailing


@transaction.atomic
def stop_mailing(*, mailing: Mailing, by: User) -> None:
    mailing.move(MailingState.STOPPED)
    channel = mailing.list.channel
    Event.log("stop_mailing", channel.survey, by=by, number=mailing.round, code=channel.code)


def release_due(*, now: datetime | None = None) -> int:
    """Hand due mailings to the outbox, each one at once. Returns how many mails that made."""
    moment = now or timezone.now()
    due = Mailing.objects.filter(state=MailingState.HOLD, leaves_at__lte=moment).values_list("pk", flat=True)
    return sum(_release(pk, moment) for pk in list(due))


@transaction.atomic
def _release(pk: int, now: datetime) -> int:
    mailing = Mailing.objects.select_related("list__channel__survey").get(pk=pk)
    survey, channel = mailing.list.channel.survey, mailing.list.channel
    if survey.state == SurveyState.PAUSED:
        return 0  # wait until the survey is open again
    state = MailingState.RELEASED
    if survey.state != SurveyState.OPEN or channel.closed_on or mailing.list.destroyed_on:
        state = MailingState.STOPPED
    if not Mailing.objects.filter(pk=pk).move(state):
        return 0
    if state == MailingState.STOPPED:
        return 0
    found = Invitation.objects.filter(TO_WRITE, list=mailing.list).order_by("receipt")
    rows = list(found.values_list("receipt", "receipt__language"))
    for start in range(0, len(rows), _CHUNK):
        Message.objects.bulk_create(
            [_message(mailing, receipt, language, now) for receipt, language in rows[start : start + _CHUNK]],
            ignore_conflicts=True,
        )
    Mailing.objects.filter(pk=pk).update(addressed=len(rows))
    transaction.on_commit(outbox.notify_workers, robust=True)
    return len(rows)


TO_WRITE = Q(
    spent=False, receipt__contact__confirmed_at__isnull=False, receipt__contact__unsubscribed_at__isnull=True
)
"""Invitations not used yet, whose contact did not unsubscribe."""


def _message(mailing: Mailing, receipt: UUID, language: str, now: datetime) -> Message:
    key = build_key("survey", mailing.list.pk, mailing.round, receipt)
    return Message(
        purpose=MessagePurpose.SURVEY,
        receipt_id=receipt,
        dedupe_key=key,
        language=language,
        message_id=message_id(key),
        rank=rank(MessagePurpose.SURVEY),
        created_at=now,
        next_attempt_at=now,
    )


# --- the mail ---------------------------------------------------------------------------------


@renders(MessagePurpose.SURVEY)
def render_invitation_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """The renderer of each message, or why it must not leave. Called under the lock of its contact, just
    before DATA.
    """
    found = Invitation.objects.filter(
        receipt__in=[message.receipt_id for message in messages]
    ).select_related("receipt", "list__channel__survey__current")
    by_receipt = {invitation.receipt_id: invitation for invitation in found.defer(*_DEFERRED_FIELDS)}
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        invitation = by_receipt.get(message.receipt_id) if message.receipt_id else None
        if invitation is None:
            said[message.pk] = "there is no invitation any more"
        elif invitation.spent:
            said[message.pk] = "answered already"
        elif invitation.list.channel.survey.state != SurveyState.OPEN or invitation.list.channel.closed_on:
            said[message.pk] = "the survey does not take answers"
        else:
            round = int(parse_key(message.dedupe_key).details[0])
            told = invitation_facts(
                invitation.list, round, invitation_link(invitation.list.channel, invitation.receipt)
            )
            said[message.pk] = partial(invitation_mail, told, language=message.language)
    return said


_DEFERRED_FIELDS = ("list__channel__survey__current__document",)


def invitation_facts(addresses: AddressList, round: int, url: str) -> InvitationFacts:
    survey = addresses.channel.survey
    assert survey.current
    document = published_version(survey.current.pk, survey.current.digest).document
    return InvitationFacts(
        municipality=Municipality.current().name,
        title=document.title,
        lead=document.lead,
        who_asks=document.who_asks,
        promise=document.promise,
        signed_as=document.owner_role,
        origin=addresses.origin,
        url=url,
        round=round,
    )


def invitation_link(channel: Channel, receipt: Receipt) -> str:
    token = sign_link(receipt, LinkPurpose.ANSWER, channel.code)
    return absolute(reverse("start_by_mail", args=[channel.code, token]))


# --- how it goes, and the end ----------------------------------------------------------------------


def mail_counts_per_round(addresses: AddressList) -> dict[int, dict[str, int]]:
    """Per round how many mails are in which state."""
    messages = Message.objects.filter(purpose=MessagePurpose.SURVEY, receipt__invitation__list=addresses)
    of_rounds = {
        round: messages.with_key("survey", addresses.pk, round).order_by().values_list("state")
        for round in addresses.mailings.values_list("round", flat=True)
    }
    return {round: dict(rows.annotate(n=Count("pk"))) for round, rows in of_rounds.items()}


@dataclass(frozen=True)
class AddressListStatus:
    """How many began, how many unsubscribed, and to how many the next round would go now."""

    answered: int
    unsubscribed: int
    audience: int


def address_list_status(addresses: AddressList) -> AddressListStatus:
    if addresses.destroyed_on:
        return AddressListStatus(addresses.answered, 0, 0)
    counts = Invitation.objects.filter(list=addresses).aggregate(
        answered=Count("pk", filter=Q(spent=True)),
        unsubscribed=Count("pk", filter=Q(receipt__contact__unsubscribed_at__isnull=False)),
        audience=Count("pk", filter=TO_WRITE),
    )
    return AddressListStatus(**counts)


def destroy_address_list(*, addresses: AddressList, by: User | None, today: date | None = None) -> int:
    """Destroy all addresses of this list at once; two numbers remain. Returns how many were destroyed."""
    with transaction.atomic():
        numbers = {
            "answered": address_list_status(addresses).answered,
            "destroyed_on": today or timezone.localdate(),
        }
        if not AddressList.objects.filter(pk=addresses.pk, destroyed_on=None).update(**numbers):
            return 0
        addresses.refresh_from_db(fields=["taken_on", "invited"])  # a colleague may have taken it meanwhile
        Mailing.objects.filter(list=addresses).move(MailingState.STOPPED)
        mine = Receipt.objects.filter(invitation__list=addresses).values("pk")
        Message.objects.filter(receipt__in=mine, state=MessageState.PENDING).move(
            MessageState.CANCELLED, settled_at=timezone.now(), resolution="the addresses were destroyed"
        )
        count, _rows = Contact.objects.filter(receipt__in=mine).delete()
        survey, folder, code = addresses.channel.survey, addresses.folder, addresses.channel.code
        if by:
            Event.log("destroy_addresses", survey, by=by, number=addresses.invited, code=code)
        if addresses.taken_on is None:  # it was only previewed: nothing of it remains
            count = addresses.invited
            addresses.channel.delete()
    files.destroy_folder(folder)
    return count


def destroy_due(now: datetime, days: int) -> int:
    """Destroy lists of surveys that closed over `days` days ago, and lists not taken for as long. Returns how
    many.
    """
    before = now - timedelta(days=days)
    live = AddressList.objects.filter(destroyed_on=None).select_related("channel__survey")
    due = live.filter(channel__survey__closed_at__lt=before) | live.filter(
        taken_on=None, created_on__lt=timezone.localdate(before)
    )
    count = sum(destroy_address_list(addresses=one, by=None, today=timezone.localdate(now)) for one in due)
    for one in AddressList.objects.filter(destroyed_on__isnull=False, invitations__isnull=False).distinct():
        _erase_receipts(one)
    return count


def _erase_receipts(addresses: AddressList) -> None:
    """Erase what remains of a destroyed list: a yes or no per receipt, and that there was a mail. In short
    transactions.
    """
    while pks := list(addresses.invitations.values_list("receipt", flat=True)[:_CHUNK]):
        Receipt.objects.filter(pk__in=pks).delete()
