"""Notes of talks: what somebody said at their table is owed an answer like any other contribution."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import keyed_hash
from core.languages import offered_languages
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import AnswerOwed, Promise
from feedback.registries import Audience, audiences
from feedback.states import ContributionKind
from initiatives.matching.services.owners import receipt_with_code
from initiatives.models import Note
from initiatives.states import Skill
from neighbourhoods.models import Area, KeyPerson, Municipality, ParticipationRules, Place, Theme
from neighbourhoods.states import Power

WISH_SLOT = "wish"
TALK_TITLE: Mapping[str, str] = {"nl": "Wat iemand ons vertelde", "en": "What somebody told us"}


@dataclass(frozen=True)
class TalkNote:
    """A note. Only the wish is required."""

    wish: str
    theme: Theme | None = None
    place: Place | None = None
    key_person: KeyPerson | None = None
    skills: list[str] = field(default_factory=list)


class AnotherTalk(DomainError):
    """The form of an earlier note was sent again with another talk, for example from the browser history."""


@transaction.atomic
def create_note(
    *, area: Area, talk_note: TalkNote, language: str, sent_key: UUID, by: User, now: datetime | None = None
) -> tuple[Note, str]:
    """Store a note, owe an answer for it, and return it with the code that stays on the table.

    Idempotent: the code is derived from `sent_key`, which only the phone knows, so it can't be recovered from
    the database. Raises DomainError without a wish, and AnotherTalk if the key came with other contents
    before: otherwise the second talk would be lost.
    """
    if not talk_note.wish.strip():
        raise DomainError(_("Write what they wish. That is what they get an answer to."))
    if not set(talk_note.skills) <= set(Skill.values):
        raise DomainError(_("Choose from the list."))
    kept_key = UUID(keyed_hash(str(sent_key), purpose="note")[:32])
    receipt, code = receipt_with_code(
        seed=str(sent_key), purpose=ReceiptPurpose.NOTE, language=language, note__sent_key=kept_key
    )
    if earlier := Note.objects.filter(receipt=receipt).first():
        if not _is_same(earlier, area, talk_note):
            raise AnotherTalk(
                _("This page was sent before, with something else. Press the button again to send this too.")
            )
        return earlier, code
    day = timezone.localdate(now)
    note = Note.objects.create(
        receipt=receipt,
        area=area,
        theme=talk_note.theme,
        place=talk_note.place,
        key_person=talk_note.key_person,
        skills=sorted(set(talk_note.skills)),
        sent_key=kept_key,
        noted_by=by,
        noted_on=day,
    )
    if talk_note.key_person:
        KeyPerson.objects.filter(pk=talk_note.key_person.pk).update(spoken_on=day)
    _owe(note, talk_note.wish.strip(), language, by)
    Event.log("noted talk", note, by=by, area=area.name)
    return note, code


def _is_same(note: Note, area: Area, told: TalkNote) -> bool:
    there = (note.area, note.theme, note.place, note.key_person, note.skills)
    words = note.receipt.contributions.filter(slot=WISH_SLOT).values_list("text", flat=True)
    return [told.wish.strip()] == list(words) and there == (
        area, told.theme, told.place, told.key_person, sorted(set(told.skills))
    )  # fmt: skip


def _owe(note: Note, wish: str, language: str, by: User) -> None:
    source = _source(note.area_id, by.pk, note.noted_on)
    _promise(source, note.area, by, note.noted_on)
    theme = note.theme
    subject = Subject(
        key=f"theme:{theme.slug}"[:40] if theme else "talk",
        title=theme.name if theme else TALK_TITLE,
        theme=theme.pk if theme else None,
    )
    booking = ContributionRecorder(
        receipt=note.receipt_id, source=source, area=note.area_id, language=language, day=note.noted_on
    )
    booking.store_text(slot=WISH_SLOT, subject=subject, text=wish, is_new=True)
    booking.record(
        [NewContribution(slot=WISH_SLOT, kind=ContributionKind.TEXT, subject=subject)], is_first=True
    )


def _source(area: int, by: int | None, day: date) -> str:
    """The talks of one colleague in one area and month share a promise."""
    return f"talks:{area}:{by}:{day:%y%m}"


def _title(area: str) -> dict[str, str]:
    return {"nl": f"Gesprekken in {area}", "en": f"Talks in {area}"}


def _promise(source: str, area: Area, by: User, day: date) -> None:
    due = day + timedelta(days=ParticipationRules.current().days("answer"))
    Promise.objects.get_or_create(
        subject=source,
        defaults={
            "title": _title(area.name),
            "owner": by,
            "due_on": due,
            "first_due_on": due,
        },
    )


@audiences.register("initiatives", order=40)
def talks_to_answer(user: User) -> list[Audience]:
    """Talks with an answer owed, in areas where `user` is editor, newest first."""
    mine = dict(Area.objects.where(user, least=Power.EDITOR).values_list("pk", "name"))
    waiting = AnswerOwed.objects.waiting().filter(topic__source__startswith="talks:", topic__area__in=mine)
    languages = offered_languages(Municipality.current().languages) or ["nl"]
    found = [
        (month, source, int(area))
        for source in waiting.order_by().values_list("topic__source", flat=True).distinct()
        for _talks, area, _by, month in [source.split(":")]
    ]
    return [
        Audience(source, _title(mine[area]), languages, [area])
        for _month, source, area in sorted(found, reverse=True)
    ]


class NotePersonalData:
    """Implements feedback.registries.PersonalData for notes; the words are contributions."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: feedback withdraws the words and the answer owed."""

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing, as in `withdraw`."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        notes = Note.objects.filter(receipt=receipt).select_related("area", "place")
        return {
            _("What you told us in a talk"): [
                {
                    _("on"): note.noted_on.isoformat(),
                    _("where"): note.area.name,
                    _("place"): note.place.name if note.place else "",
                    _("skills"): Skill.labels_of(note.skills),
                }
                for note in notes
            ]
        }

    def erase(self, receipt: Receipt) -> None:
        Note.objects.filter(receipt=receipt).delete()
