"""Answers by letter, for readers who left only a postal address: printed and posted by hand in batches.

| step   | what is kept                                                | a crash after it                         |
|--------|-------------------------------------------------------------|------------------------------------------|
| start  | the batch, and which letters are in it                      | the next job makes it                    |
| make   | one PDF, complete or absent; then the batch is made         | made again, from the data at that time   |
| take   | who took it, and when; before the file leaves               | taken, and it can be taken once more     |
| posted | each letter sent, and the debts with it; the file goes      | the sweep takes the file                 |

A letter in a batch is pending until a colleague notes that it was posted. Readers who erase, withdraw or
stop letters before the file was taken drop out, and the file is made again. If nobody notes it in time,
the letters become uncertain, for a person.
"""

import os
import shutil
import time
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, Receipt, User
from accounts.states import DeliveryChannel
from core.errors import DomainError, InvalidTransition
from core.i18n import language_of, pick
from core.jobs import Interrupted, LeasedJob
from core.paper import TypesettingError
from feedback.answers import emails
from feedback.answers.emails import FollowUpMail
from feedback.contacts.services.hearing_back import reroute_pending_messages
from feedback.delivery.emails import mail_language
from feedback.delivery.paper import HeadedText, PaperLetter, Passage, letters_pdf
from feedback.delivery.services import guards
from feedback.delivery.services.guards import lease_end, lock_contacts
from feedback.delivery.services.outbox import EMPTIED_FIELDS
from feedback.delivery.services.pump import PreparedMessage, prepare_messages
from feedback.models import AnswerOwed, LetterBatch, Message, NamedDebt
from feedback.states import BatchState, MessageState, Owed

LETTER_BATCH_SIZE = 200
"""Letters per batch: seconds of work, and a pile that one person can fold."""

LETTERS_FILE_NAME = "letters.pdf"


def count_waiting_letters(now: datetime | None = None) -> int:
    return Message.objects.due(now or timezone.now(), DeliveryChannel.LETTER).count()


# --- what a person does -----------------------------------------------------------------------


def start_letter_batch(*, by: User, now: datetime | None = None) -> LetterBatch:
    """Put the waiting letters in a batch, which a job then makes. Raises DomainError if none wait.

    Letters that must not leave are settled even if none remains; otherwise they would wait for ever. So
    the error is raised outside the transaction.
    """
    if batch := _put_together(by, now or timezone.now()):
        return batch
    raise DomainError(_("No letters wait (any more)."))


@transaction.atomic
def _put_together(by: User, moment: datetime) -> LetterBatch | None:
    _refuse_on_hold()
    ids = list(
        Message.objects.due(moment, DeliveryChannel.LETTER).values_list("pk", flat=True)[:LETTER_BATCH_SIZE]
    )
    going = _look_again(ids, moment, batch=None)
    if not going:
        return None
    batch = LetterBatch.objects.create(letters=len(going), created_by=by, created_at=moment)
    Message.objects.filter(pk__in=[parcel.message.pk for parcel in going]).update(batch=batch)
    Event.log("put letters together", batch, by=by, number=len(going))
    return batch


def _refuse_on_hold() -> None:
    if guards.outbox_epoch().quarantined_at:
        raise DomainError(_("The outbox is on hold: no letters either, until it is released."))


def _raise_epoch() -> None:
    """Raise the epoch, last in the transaction that hands letters out: a database that forgot them is then
    behind its file.

    Raises DomainError if the outbox is on hold."""
    try:
        epoch = guards.advance_epoch()
    except guards.OutboxQuarantined:
        raise DomainError(_("The outbox is on hold: no letters either, until it is released.")) from None
    transaction.on_commit(lambda: guards.write_epoch_file(epoch))


def take_letters_file(*, batch: LetterBatch, by: User, now: datetime | None = None) -> Path:
    """The path of the file, once. Raises DomainError if it is missing, was taken, or has to be made again first."""
    moment = now or timezone.now()
    with transaction.atomic():
        going = _look_again(_ids(batch), moment, batch=batch)
        batch.refresh_from_db()
        is_whole = len(going) == batch.letters and _path(batch.folder).exists()
        if batch.state != BatchState.MADE:
            raise InvalidTransition(
                _("These letters were taken already, or are not ready. Have another look.")
            )
        if is_whole:
            batch.move(BatchState.TAKEN, taken_at=moment, taken_by=by)
            Event.log("took letters", batch, by=by, number=batch.letters)
            _raise_epoch()
            return _path(batch.folder)
        batch.move(BatchState.MAKING)
        _forget_file(batch.folder)
    raise DomainError(
        _("Somebody stopped or changed something since. The letters are made anew; it takes a moment.")
    )


@transaction.atomic
def allow_retake(*, batch: LetterBatch, by: User, note: str) -> None:
    """Allow the file to be taken once more, because printing failed."""
    if not note.strip():
        raise DomainError(_("Write in a few words what went wrong."))
    _refuse_on_hold()
    contacts = lock_contacts(Contact.objects.filter(receipt__messages__in=_ids(batch)))
    if not batch.move(BatchState.MADE):
        raise InvalidTransition(_("Something happened to these letters in the meantime. Have another look."))
    for contact in contacts.values():
        # A reader who changed their address since then drops out, and the file is made again for the others.
        if batch.taken_at and contact.created_at > batch.taken_at:
            reroute_pending_messages(contact, timezone.now())
    Event.log("took letters again", batch, by=by, note=note.strip()[:500])


@transaction.atomic
def note_posted(*, batch: LetterBatch, on: date, by: User, now: datetime | None = None) -> None:
    """Mark the letters as posted: sent, and the debts with them. Idempotent."""
    moment = now or timezone.now()
    if not timezone.localdate(batch.created_at) <= on <= timezone.localdate(moment):
        raise DomainError(_("Choose a day between the one on which they were put together and today."))
    ids = _ids(batch)
    lock_contacts(Contact.objects.filter(receipt__messages__in=ids))
    posted = Message.objects.select_for_update().filter(batch=batch, state=MessageState.PENDING)
    pks = list(posted.order_by("pk").values_list("pk", flat=True))
    if not batch.move(BatchState.POSTED, posted_on=on, posted_by=by):
        if batch.state == BatchState.POSTED:
            return
        raise InvalidTransition(_("Something happened to these letters in the meantime. Have another look."))
    these = Message.objects.filter(pk__in=pks)
    # The transitions of a mail in one commit: what is in the post is handed over already.
    lease: dict[str, Any] = {"lease_token": batch.folder, "lease_until": lease_end(moment)}
    these.move(MessageState.CLAIMED, **lease)
    these.move(MessageState.HANDING_OVER, handed_over_at=moment, **lease)
    these.move(MessageState.SENT, settled_at=moment, attempts=F("attempts") + 1, **EMPTIED_FIELDS)
    # Per reader only the debts of their own letter, in one query.
    named = NamedDebt.objects.filter(
        follow_up__items__message__in=pks, follow_up__items__receipt=F("receipt")
    )
    debts = AnswerOwed.objects.filter(pk__in=named.values("owed"), state=Owed.PUBLISHED)
    debts.move(Owed.SENT, now=moment)
    Event.log("posted letters", batch, by=by, number=len(pks))
    transaction.on_commit(lambda: _forget_file(batch.folder))


@transaction.atomic
def drop(*, batch: LetterBatch, by: User | None) -> None:
    """Cancel a batch before printing: its letters wait again, and its file is deleted."""
    ids = _ids(batch)
    lock_contacts(Contact.objects.filter(receipt__messages__in=ids))  # lock order of erasing; else deadlock
    list(Message.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if not batch.move(BatchState.DROPPED):
        raise InvalidTransition(_("These letters were taken already, or are not ready. Have another look."))
    Message.objects.filter(pk__in=ids, state=MessageState.PENDING).update(batch=None)
    Event.log("dropped letters", batch, by=by)
    transaction.on_commit(lambda: _forget_file(batch.folder))


def requeue_batch(*, batch: LetterBatch) -> None:
    if not batch.move(BatchState.MAKING, trouble=""):
        raise InvalidTransition(_("Something happened to these letters in the meantime. Have another look."))


# --- what a job does --------------------------------------------------------------------------


class LetterBatchJob(LeasedJob[LetterBatch]):
    told = (TypesettingError,)

    @classmethod
    def to_do(cls):  # type: ignore[no-untyped-def]
        return LetterBatch.objects.to_do().select_related("created_by")

    def make(self) -> None:
        batch, now = self.row, timezone.now()
        with transaction.atomic():
            going = _look_again(_ids(batch), now, batch=batch)
        try:
            pdf = _typeset(going, now)
        except TypesettingError:
            odd = [parcel for parcel in going if not _can_be_typeset(parcel, now)]
            if len(odd) == len(going) > 1:  # the cause is in what they share, not in one address
                raise
            with transaction.atomic():  # the others must not wait for it
                _leave_to_a_person([parcel.message.pk for parcel in odd], batch, now)
            going = [parcel for parcel in going if parcel not in odd]
            pdf = _typeset(going, now)
        if not going:
            self.end(BatchState.DROPPED, letters=0)
            return
        self.renew(letters=len(going))
        with transaction.atomic():  # a reader who erases meanwhile waits, and then has it made again
            if not self._mine().select_for_update().exists():
                raise Interrupted
            _keep(batch.folder, pdf)
            self.end(BatchState.MADE, letters=len(going))

    def fail(self, error: Exception) -> None:
        if isinstance(error, TypesettingError):
            why = _(
                "Nabij can't print some of the characters in these texts. Write them in another script, and try again."
            )
        else:
            why = _("Something went wrong on our side. Try it once more.")
        self.end(BatchState.STUCK, trouble=why)


run_letter_batch_jobs = LetterBatchJob.run_all


def _typeset(parcels: list[PreparedMessage], now: datetime) -> bytes:
    if not parcels:
        return b""
    return letters_pdf([sheet_of(parcel) for parcel in parcels], day=timezone.localdate(now))


def _can_be_typeset(parcel: PreparedMessage, now: datetime) -> bool:
    try:
        return bool(_typeset([parcel], now))
    except TypesettingError:
        return False


def _leave_to_a_person(ids: list[int], batch: LetterBatch, now: datetime) -> None:
    """Fail letters with characters that no font has: a person calls, or writes by hand."""
    lock_contacts(Contact.objects.filter(receipt__messages__in=ids))
    these = Message.objects.filter(pk__in=ids, batch=batch)
    lease: dict[str, Any] = {"lease_token": batch.folder, "lease_until": lease_end(now)}
    these.move(MessageState.CLAIMED, **lease)
    these.move(MessageState.HANDING_OVER, handed_over_at=now, **lease)
    these.move(
        MessageState.FAILED, settled_at=now, resolution="no font has every character of it", batch=None
    )


def _ids(batch: LetterBatch) -> list[int]:
    pending = Message.objects.filter(batch=batch, state=MessageState.PENDING)
    return list(pending.order_by("pk").values_list("pk", flat=True))


def _look_again(ids: list[int], now: datetime, *, batch: LetterBatch | None) -> list[PreparedMessage]:
    """Check again who may get theirs, under the same locks as erasing and stopping. The others are settled."""
    contacts = lock_contacts(Contact.objects.filter(receipt__messages__in=ids))
    messages = list(
        Message.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk__in=ids, state=MessageState.PENDING, batch=batch)
        .order_by("pk")
    )
    parcels = prepare_messages(messages, contacts, now=now)
    for parcel in parcels:
        if not parcel.goes:
            this = Message.objects.filter(pk=parcel.message.pk)
            this.move(parcel.state, settled_at=now, resolution=parcel.why_not, **EMPTIED_FIELDS)
    return [parcel for parcel in parcels if parcel.goes]


# --- erased receipts and expired batches ----------------------------------------------------------


def remake_letters_without(receipt: Receipt) -> None:
    """Remove an erased receipt from letters not taken yet, by making them again. Call it in the erasing
    transaction."""
    pks = list(Message.objects.filter(receipt=receipt).exclude(batch=None).values_list("batch", flat=True))
    if not pks:
        return
    theirs = LetterBatch.objects.filter(pk__in=pks)
    # A job that makes one loses its lease at its next step; a batch that was already made is made again.
    theirs.filter(state=BatchState.MAKING).update(lease_until=None)
    for batch in theirs.filter(state__in=[BatchState.MAKING, BatchState.MADE]):
        if batch.state == BatchState.MAKING or batch.move(BatchState.MAKING):
            transaction.on_commit(partial(_forget_file, batch.folder))


def expire_letter_batches(*, before: datetime, now: datetime) -> int:
    """Expire old batches: untaken letters wait again, taken but never posted ones become uncertain.

    Returns the number of batches."""
    old = LetterBatch.objects.with_letters().filter(created_at__lt=before)
    gone = 0
    for batch in old.order_by("pk"):
        if batch.state != BatchState.TAKEN:
            drop(batch=batch, by=None)
        else:
            with transaction.atomic():
                ids = _ids(batch)
                lock_contacts(Contact.objects.filter(receipt__messages__in=ids))
                if batch.move(BatchState.LOST):
                    Message.objects.filter(pk__in=ids).move(MessageState.UNCERTAIN, settled_at=now)
                    Event.log("lost letters", batch, by=None)
                    transaction.on_commit(lambda folder=batch.folder: _forget_file(folder))  # type: ignore[misc]
        gone += 1
    return gone


# --- the file ------------------------------------------------------------------------------------


def _folder(folder: UUID) -> Path:
    return Path(settings.DATA_DIR) / "letters" / folder.hex


def _path(folder: UUID) -> Path:
    return _folder(folder) / LETTERS_FILE_NAME


def _keep(folder: UUID, content: bytes) -> None:
    """Write the file atomically."""
    place = _folder(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = place / f".{uuid4().hex}"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place / LETTERS_FILE_NAME)


def _forget_file(folder: UUID) -> None:
    shutil.rmtree(_folder(folder), ignore_errors=True)


def sweep_files() -> int:
    """Delete files without a batch, left by a process that died between file and database. Returns how many."""
    names = {folder.hex for folder in LetterBatch.objects.with_letters().values_list("folder", flat=True)}
    root, yesterday = Path(settings.DATA_DIR) / "letters", time.time() - 86_400
    strays = [
        place for place in root.glob("*") if place.name not in names and place.stat().st_mtime < yesterday
    ]
    for place in strays:
        shutil.rmtree(place, ignore_errors=True)
    return len(strays)


# --- letter texts --------------------------------------------------------------------------------
# What a letter by post says: its paragraphs, from a message that was prepared.


def sheet_of(parcel: PreparedMessage) -> PaperLetter:
    """The letter of `parcel`: its answers, or else the text of its mail."""
    if isinstance(parcel.renderer, FollowUpMail):
        return _with_answers(parcel, parcel.renderer)
    return _as_written(parcel)


def _with_answers(parcel: PreparedMessage, mail: FollowUpMail) -> PaperLetter:
    language = parcel.message.language
    # An address by post is unproven, so a letter quotes nothing they wrote; that is on their own page only.
    answers = [
        replace(one, contributions=[replace(said, words="") for said in one.contributions])
        for one in mail.answers
    ]
    first = answers[0]
    signed = dict.fromkeys(pick(one.signed_as, language) for one in answers)
    with translation.override(language):
        return PaperLetter(
            to=parcel.address.split("\n"),
            sender=parcel.municipality.name,
            language=language,
            url=parcel.short_url,
            see=_("Does this answer your question?"),
            phone=parcel.municipality.phone,
            subject=emails.subject_of(answers, language),
            opening=[
                _("Dear resident of %(area)s,") % {"area": first.area},
                emails.participation_line(first, language),
            ],
            passages=[_passage(facts, language) for facts in answers],
            closing="\n".join([_("Kind regards,"), *signed]),
        )


def _as_written(parcel: PreparedMessage) -> PaperLetter:
    language, letter = mail_language(parcel.message.language), parcel.write()
    *said, closing = letter.text.strip().split("\n\n")
    with translation.override(language):
        return PaperLetter(
            to=parcel.address.split("\n"),
            sender=parcel.municipality.name,
            language=language,
            url=parcel.short_url,
            see=_("Read more"),
            phone=parcel.municipality.phone,
            subject=letter.subject,
            opening=said,
            closing=closing,
        )


def _passage(facts: emails.AnswerForReader, language: str) -> Passage:
    told = emails.answer_context(facts, language)
    told_in = language_of(facts.decided, language)
    texts = [
        HeadedText(_("Why"), told["why"]),
        HeadedText(_("What happens next"), told["next_step"]),
        HeadedText(_("Who to talk to"), told["contact"]),
    ]
    return Passage(
        language=told_in,
        note=_("This answer has not been translated into your language yet.") if told_in != language else "",
        quotes=[(one["by"], one["words"]) for one in told["said"]],
        texts=[
            HeadedText(_("What we decided"), told["decided"], lead=told["outcome"]),
            *(text for text in texts if text.words),
        ],
    )
