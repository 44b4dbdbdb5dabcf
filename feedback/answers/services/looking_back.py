"""What happened since an answer: “did what was promised happen?”, and notes of progress.

The question is asked once of each reader of a promise, weeks after its day. Reachable readers get one
mail for all their open questions, on the schedule they chose; everybody finds the question on their own
page. A no, and any text written with it, is a contribution that the owner of the answer owes an answer
for.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.links import LinkPurpose, private_url
from accounts.models import Event, Receipt, User
from accounts.states import DeliveryChannel
from core.errors import DomainError
from core.i18n import Texts
from core.rows import get_or_gone
from feedback.answers import emails
from feedback.answers.emails import area_of
from feedback.answers.services import compose
from feedback.answers.services.release import schedule_and_carrier
from feedback.answers.services.replies import answered_sources, save_reaction
from feedback.contacts.services.conversation import withdrawn_on
from feedback.contributions.services.closing import find_owners_again, lock_promises
from feedback.delivery.services import outbox
from feedback.delivery.services.outbox import new_message, next_delivery_at
from feedback.models import (
    AnswerOwed,
    Contribution,
    FollowUp,
    FollowUpItem,
    FulfilmentCheck,
    Message,
    NamedDebt,
    Progress,
    build_key,
)
from feedback.record.services.public_record import PUBLIC_STATES, chain_of, current_version
from feedback.registries import MessageRenderer, daily_jobs, renders
from feedback.states import (
    PERSONAL_SOURCE_PREFIXES,
    FollowUpState,
    Happened,
    MessagePurpose,
    MessageState,
    Owed,
    ProgressKind,
)
from neighbourhoods.models import Municipality, ParticipationRules

LOOK_BACK_CHUNK_SIZE = 500


# --- asking ---------------------------------------------------------------------------------------


@daily_jobs.register("feedback.look_back")
def send_fulfilment_checks(now: datetime | None = None) -> str:
    """Ask the readers of all due promises. Returns a line with how many were asked."""
    moment = now or timezone.now()
    asked = 0
    for follow_up in follow_ups_due_for_check(timezone.localdate(moment)):
        while found := _ask_some(follow_up, moment):
            asked += found
    return f"{asked} people asked whether it happened"


def follow_ups_due_for_check(today: date) -> QuerySet[FollowUp]:
    """Answers whose promised day is long enough past and with readers not asked yet.

    A corrected answer, or one with a sequel that has another day, is asked about through the later answer."""
    since = today - timedelta(days=ParticipationRules.current().days("look_back"))
    later = FollowUp.objects.filter(corrects=OuterRef("pk"), state__in=PUBLIC_STATES)
    later = later.filter(Q(goes_on=False) | Q(happens_on__isnull=False))
    somebody = FollowUpItem.objects.shown().filter(follow_up=OuterRef("pk"), look_back=None)
    found = FollowUp.objects.filter(happens_on__lte=since, state__in=PUBLIC_STATES)
    return found.filter(Exists(somebody), ~Exists(later)).order_by("pk")


def items_to_ask(follow_up: FollowUp) -> QuerySet[FollowUpItem]:
    """Readers to ask: they have the answer, did not withdraw what it answers, and were not asked yet."""
    stands = NamedDebt.objects.filter(
        follow_up=follow_up, receipt=OuterRef("receipt"), owed__contribution__withdrawn_on=None
    )
    # Asked about this day, perhaps through an answer that it corrects or continues.
    asked = FulfilmentCheck.objects.filter(
        item__receipt=OuterRef("receipt"),
        item__follow_up__in=chain_of(follow_up),
        item__follow_up__happens_on=follow_up.happens_on,
    )
    shown = FollowUpItem.objects.shown().filter(follow_up=follow_up)
    return shown.filter(Exists(stands), ~Exists(asked))


@transaction.atomic
def _ask_some(follow_up: FollowUp, now: datetime) -> int:
    """Ask one chunk in one transaction. Lock order: readers first, as erasing does; mails before the
    checks in them."""
    chosen = list(
        items_to_ask(follow_up).order_by("receipt").values_list("receipt", flat=True)[:LOOK_BACK_CHUNK_SIZE]
    )
    readers = dict(
        Receipt.objects.select_for_update(no_key=True)
        .filter(pk__in=chosen)
        .order_by("pk")
        .values_list("pk", "language")
    )
    # Query again under the lock: another process may have asked the same readers.
    items = dict(items_to_ask(follow_up).filter(receipt__in=readers).values_list("receipt", "pk"))
    messages = _mails(follow_up, {receipt: readers[receipt] for receipt in items}, now)
    FulfilmentCheck.objects.bulk_create(
        FulfilmentCheck(item_id=item, message_id=messages.get(receipt), asked_on=timezone.localdate(now))
        for receipt, item in items.items()
    )
    transaction.on_commit(outbox.notify_workers, robust=True)
    return len(items)


def _mails(follow_up: FollowUp, languages: dict[UUID, str], now: datetime) -> dict[UUID, int]:
    """A pending or new mail for each reader who gets mail before the end; ids by receipt."""
    # No text or letter for a single question: these readers find it on their page.
    reached = schedule_and_carrier(languages)
    rhythm = {
        receipt: often for receipt, (often, carrier) in reached.items() if carrier == DeliveryChannel.MAIL
    }
    waits = Message.objects.filter(
        purpose=MessagePurpose.LOOK_BACK, state=MessageState.PENDING, attempts=0, receipt__in=rhythm
    ).select_for_update(of=("self",))
    found = dict(waits.order_by("-pk").values_list("receipt", "pk"))
    here = timezone.localtime(now)
    made = []
    for receipt, how_often in rhythm.items():
        leaves = next_delivery_at(how_often, here)
        if receipt in found or leaves is None:
            continue
        key = build_key("look-back", follow_up.pk, receipt.hex)
        mail = new_message(
            purpose=MessagePurpose.LOOK_BACK, dedupe_key=key, language=languages[receipt], now=now
        )
        mail.receipt_id, mail.next_attempt_at = receipt, leaves
        made.append(mail)
    Message.objects.bulk_create(made, ignore_conflicts=True)
    keys = [mail.dedupe_key for mail in made]
    return found | dict(Message.objects.filter(dedupe_key__in=keys).values_list("receipt", "pk"))


@renders(MessagePurpose.LOOK_BACK)
def render_look_back_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """The open questions of each mail when it is sent: without those withdrawn, answered or moved since."""
    asked: dict[int, list[FollowUpItem]] = {}
    open_now = (
        FulfilmentCheck.objects.filter(message__in=messages, happened="", item__cancelled=False)
        .select_related("item__follow_up", "item__receipt")
        .order_by("pk")
    )
    gone = set(
        Contribution.objects.filter(
            receipt__in={message.receipt_id for message in messages}, withdrawn_on__isnull=False
        ).values_list("receipt", flat=True)
    )
    for one in open_now:
        if one.message_id and one.item.receipt_id not in gone and not one.is_overtaken:
            asked.setdefault(one.message_id, []).append(one.item)
    return {message.pk: _writer(message, asked[message.pk]) for message in messages if message.pk in asked}


def _writer(message: Message, items: list[FollowUpItem]) -> MessageRenderer:
    municipality = Municipality.current().name
    area = area_of(items[0].receipt) or municipality
    promised = [
        emails.PromiseForReader(
            title=texts["title"],
            decided=texts["decided"],
            happens_on=item.follow_up.happens_on,
            url=private_url("private_happened", item.receipt, LinkPurpose.ITEM, str(item.pk)),
        )
        for item in items
        for texts in [item.follow_up.texts_for(message.language)]
    ]
    return lambda unsubscribe_url: emails.render_look_back_mail(
        promised, municipality, area, unsubscribe_url, message.language
    )


# --- answering ------------------------------------------------------------------------------------


@transaction.atomic
def save_fulfilment_reply(
    *, item: FollowUpItem, happened: str, words: str = "", now: datetime | None = None
) -> FulfilmentCheck:
    """Save the reader's reply whether it happened. Idempotent; the latest reply counts.

    A no, or any text, becomes a contribution owed an answer by the owner of the answer; a yes or partly
    after a no without text waives that debt. Raises FulfilmentCheck.DoesNotExist if nothing was asked, and
    DomainError if the reader withdrew.
    """
    now = now or timezone.now()
    # First, in the lock order of erasing.
    receipt = get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=item.receipt_id)
    if withdrawn_on(receipt):
        raise DomainError(_("You withdrew your answer. Put it back first."))
    words = words.strip()
    if happened == Happened.NO or words:
        lock_promises(answered_sources(item), now=now)
    found = get_or_gone(FulfilmentCheck.objects.select_for_update(of=("self",)), item=item)
    item = get_or_gone(FollowUpItem.objects.select_related("follow_up", "receipt"), pk=item.pk)
    if happened == Happened.NO or words:
        found.words = save_reaction(item, slot=f"happened:{item.pk}", words=words, now=now)
        find_owners_again(AnswerOwed.objects.filter(contribution=found.words))
    elif found.words and not found.words.text:
        AnswerOwed.objects.filter(contribution=found.words, state=Owed.OPEN).move(
            Owed.WAIVED, now=now, reason=_("You said that it happened after all.")
        )
    changed = found.happened != happened
    found.happened, found.said_on = happened, timezone.localdate(now)
    found.save()
    if changed:
        Event.log("looked back", item.follow_up, by=None, found=Happened(happened))
    return found


# --- progress ------------------------------------------------------------------------------------
# Note what happened since an answer, take a note back, and tell it to the readers.


@transaction.atomic
def note_progress(
    *, follow_up: FollowUp, kind: str, on: date, text: Texts, by: User, today: date | None = None
) -> Progress:
    """Publish a note. Idempotent for the same note. Raises DomainError with what is wrong."""
    told = get_or_gone(FollowUp.objects.select_for_update(no_key=True), pk=follow_up.pk)
    if told.state not in PUBLIC_STATES:
        raise DomainError(_("Nobody has this answer yet. Release it first."))
    if told.is_personal or told.audience.get("source", "").startswith(PERSONAL_SOURCE_PREFIXES):
        raise DomainError(_("This answer is for one person alone, and stands on no public page."))
    if on > (today or timezone.localdate()):
        raise DomainError(_("This day is still to come. Write what has happened."))
    if not any(words.strip() for words in text.values()):
        raise DomainError(_("Write what happened: residents read it."))
    noted = Progress.objects.shown().filter(follow_up__in=chain_of(told))
    if earlier := next((one for one in noted.filter(kind=kind, on=on) if one.text == text), None):
        return earlier
    if kind == ProgressKind.DONE and (done := noted.filter(kind=ProgressKind.DONE).first()):
        raise DomainError(
            _("It is noted as done already, on %(day)s. Take that back first.")
            % {"day": date_format(done.on, "j F Y")}
        )
    made = Progress.objects.create(follow_up=told, kind=kind, on=on, text=text, noted_by=by)
    Event.log("noted progress", told, by=by, state=ProgressKind(kind), on=on)
    return made


@transaction.atomic
def take_back_progress(*, progress: Progress, by: User, today: date | None = None) -> None:
    """Hide a note. Idempotent."""
    day = today or timezone.localdate()
    if Progress.objects.shown().filter(pk=progress.pk).update(taken_back_on=day):
        Event.log("took progress back", progress.follow_up, by=by, on=progress.on)


@transaction.atomic
def draft_progress_follow_up(*, progress: Progress, by: User) -> FollowUp:
    """Start a draft for all readers of the answer with the note as its next step; it is released like any
    answer.

    Returns the same draft if called again, unless the answer was corrected since: a draft on a corrected
    answer can't be released. Raises DomainError if the note was taken back.
    """
    locked = get_or_gone(Progress.objects.select_for_update(of=("self",), no_key=True), pk=progress.pk)
    if locked.taken_back_on:
        raise DomainError(_("This note was taken back. Nobody hears of it."))
    told = current_version(locked.follow_up)
    draft = locked.told_in
    if draft and (draft.state != FollowUpState.DRAFT or draft.corrects_id == told.pk):
        return draft
    made = compose.start_follow_up(chosen=told.audience, by=by, corrects=told)
    made.next_step, made.goes_on = locked.text, True
    made.save(update_fields=["next_step", "goes_on"])
    locked.told_in = made
    locked.save(update_fields=["told_in"])
    return made
