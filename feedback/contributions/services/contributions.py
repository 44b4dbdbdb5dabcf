"""What residents say: recorded with its debts, quoted with their consent, and the surveys it was said in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Event, Receipt, User
from core.errors import InvalidTransition
from core.i18n import Texts
from core.rows import get_or_gone
from feedback.contributions.services.closing import take_up_again
from feedback.models import AnswerOwed, Contribution, Promise, SecondReading, Topic
from feedback.states import PERSONAL_SOURCE_PREFIXES, ContributionKind, Owed, Reading
from neighbourhoods.models import Area


@dataclass(frozen=True)
class Subject:
    """What a contribution is about: the key and titles of its topic, from the app that asked."""

    key: str
    title: Texts
    question: Texts = field(default_factory=dict)
    theme: int | None = None


@dataclass(frozen=True)
class NewContribution:
    """One contribution to record: `slot` is its place within the receipt."""

    slot: str
    kind: str
    subject: Subject


@dataclass(frozen=True)
class ContributionLocation:
    """The location it is about: a point, or a listed place."""

    longitude: float | None = None
    latitude: float | None = None
    place_id: int | None = None

    def __bool__(self) -> bool:
        return self.longitude is not None or self.place_id is not None


class ContributionRecorder:
    """Records what one receipt (its id) says about one source in one area; caches the topics."""

    def __init__(self, *, receipt: UUID, source: str, area: int, language: str, day: date) -> None:
        self.receipt, self.source, self.area = receipt, source, area
        self.language, self.day = language, day
        self._topics: dict[str, int] | None = None

    def topics(self, subjects: list[Subject]) -> dict[str, int]:
        """Topic ids by key; missing topics are created."""
        if self._topics is None:
            self._topics = self._read()
        if missing := {subject.key: subject for subject in subjects if subject.key not in self._topics}:
            Topic.objects.bulk_create(
                (
                    Topic(
                        source=self.source,
                        key=subject.key,
                        area_id=self.area,
                        title=dict(subject.title),
                        question=dict(subject.question),
                        theme_id=subject.theme,
                    )
                    for _key, subject in sorted(missing.items())
                ),
                ignore_conflicts=True,
            )
            self._topics = self._read()
        return self._topics

    def _read(self) -> dict[str, int]:
        return dict(Topic.objects.filter(source=self.source, area=self.area).values_list("key", "pk"))

    def store_text(
        self,
        *,
        slot: str,
        subject: Subject,
        text: str,
        is_new: bool,
        spot: ContributionLocation | None = None,
    ) -> UUID:
        """Store a text as soon as it is sent. Its debt is created when its layer is finished.

        Idempotent for the same text; another text in the same slot replaces it and must be read again.
        `is_new` means that the caller, who holds the lock, knows that the slot is empty. `spot` is the
        location, if it was asked.
        """
        found = (
            None
            if is_new
            else Contribution.objects.filter(receipt=self.receipt, slot=slot).only("pk", "text").first()
        )
        if found is None:
            made = Contribution.objects.create(
                receipt_id=self.receipt,
                topic_id=self.topics([subject])[subject.key],
                slot=slot,
                kind=ContributionKind.TEXT,
                **Contribution.words(text),
                **(asdict(spot) if spot is not None else {}),
                language=self.language,
                said_on=self.day,
            )
            return made.pk
        if spot is not None:
            Contribution.objects.filter(pk=found.pk).update(**asdict(spot))
        if found.text != text:
            Contribution.objects.filter(pk=found.pk).rewrite(text)
            SecondReading.objects.filter(contribution=found).delete()
        return found.pk

    def delete_text(self, *, slot: str) -> None:
        """Delete a text that the resident took back, unless it was answered."""
        Contribution.objects.filter(receipt=self.receipt, slot=slot).exclude(
            owed__state__in=[Owed.PUBLISHED, Owed.SENT]
        ).delete()

    def record(self, contributions: list[NewContribution], *, is_first: bool) -> None:
        """Create the contributions and debts for everything said so far; delete what was unsaid, if
        unanswered.

        `is_first` means that nothing was recorded for this receipt before, which saves a query.
        """
        wanted = {thing.slot: thing for thing in contributions}
        topics = self.topics([thing.subject for thing in contributions])
        known = {} if is_first and not _has_text(contributions) else self._known()
        # Locked, so that a debt gets the new date or owner if the promise changes concurrently.
        promises = Promise.objects.select_for_update(no_key=True).only(
            "owner_id", "due_on", "subject", "rounded_off_on", "taken_up_again"
        )
        promise = promises.get(subject=self.source)
        if contributions and promise.rounded_off_on is not None:
            take_up_again(promise)
        self._let_go([found for slot, found in known.items() if slot not in wanted])
        self._move(wanted, known, topics)
        new = [
            Contribution(
                receipt_id=self.receipt,
                topic_id=topics[thing.subject.key],
                slot=thing.slot,
                kind=thing.kind,
                language=self.language,
                said_on=self.day,
            )
            for thing in contributions
            if thing.slot not in known and thing.kind != ContributionKind.TEXT
        ]
        # Of two concurrent taps on the same slot the second finds it already there.
        Contribution.objects.bulk_create(new)
        without_debt = [found for slot, found in known.items() if slot in wanted and not found.has_debt]
        self._owe([*new, *without_debt], promise)

    def _known(self) -> dict[str, Any]:
        """Contributions by slot, annotated with `has_debt` and `is_settled`."""
        has_debt = models.Exists(AnswerOwed.objects.filter(contribution=models.OuterRef("pk")))
        settled = AnswerOwed.objects.filter(contribution=models.OuterRef("pk")).exclude(state=Owed.OPEN)
        rows = (
            Contribution.objects.filter(receipt=self.receipt, topic__source=self.source)
            .exclude(kind=ContributionKind.REACTION)
            .annotate(has_debt=has_debt, is_settled=models.Exists(settled))
            .defer("text", "masked_text")
        )
        return {row.slot: row for row in rows}

    def _let_go(self, unsaid: list[Any]) -> None:
        if gone := [found.pk for found in unsaid if not found.is_settled]:
            Contribution.objects.filter(pk__in=gone).delete()

    def _move(
        self, wanted: Mapping[str, NewContribution], known: Mapping[str, Any], topics: Mapping[str, int]
    ) -> None:
        """Move open debts when the area becomes known; answered ones stay where they were."""
        for slot, found in known.items():
            if slot not in wanted or found.is_settled:
                continue
            topic = topics[wanted[slot].subject.key]
            if found.topic_id != topic:
                AnswerOwed.objects.filter(contribution=found, topic=found.topic_id).update(topic=topic)
                Contribution.objects.filter(pk=found.pk).update(topic=topic)

    def _owe(self, contributions: list[Contribution], promise: Promise) -> None:
        AnswerOwed.objects.bulk_create(
            AnswerOwed(
                receipt_id=self.receipt,
                contribution=contribution,
                topic_id=contribution.topic_id,
                owner_id=promise.owner_id,
                since=self.day,
                due_on=promise.due_on,
            )
            for contribution in contributions
        )


def _has_text(said: list[NewContribution]) -> bool:
    return any(thing.kind == ContributionKind.TEXT for thing in said)


def names_danger(receipt: Receipt) -> bool:
    """Whether this receipt's texts may be about danger. A guess, used to show a kind word at once; a
    colleague who reads the text decides."""
    return Contribution.objects.filter(
        receipt=receipt, kind=ContributionKind.TEXT, may_be_danger=True
    ).exists()


@transaction.atomic
def allow_quoting(*, contribution: Contribution, allowed: bool) -> None:
    """Set or revoke a resident's consent; revoking removes the quote from all pages at once.

    Receipts without contact (under 16s take part) can't consent: a parent would have to.
    """
    get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=contribution.receipt_id)
    found = Contribution.objects.filter(pk=contribution.pk, withdrawn_on=None)
    if allowed:
        found.filter(may_quote_since=None, receipt__without_contact=False).update(
            may_quote_since=timezone.localdate()
        )
    else:
        found.update(may_quote_since=None, quoted_on=None, quoted_by=None)


@transaction.atomic
def set_quoting_consent(*, receipt: Receipt, asked: Collection[str], allowed: Collection[str]) -> None:
    """Set consent for several texts: `asked` are the slots shown, `allowed` those that may be quoted."""
    for text in can_be_quoted(receipt).filter(slot__in=asked):
        allow_quoting(contribution=text, allowed=text.slot in allowed)


@transaction.atomic
def choose_quote(*, contribution: Contribution, seen: int, chosen: bool, by: User) -> None:
    """Add a text to the quotes, or remove it. `seen` is the revision on screen. Raises InvalidTransition
    if it can't be quoted any more."""
    found = Contribution.objects.texts().filter(pk=contribution.pk)
    if chosen:
        changed = found.filter(
            revision=seen, reading=Reading.CLEAR, may_quote_since__isnull=False, quoted_on=None
        ).update(quoted_on=timezone.localdate(), quoted_by=by)
    else:
        changed = found.filter(quoted_on__isnull=False).update(quoted_on=None, quoted_by=None)
    if not changed:
        raise InvalidTransition(
            _("This can't be a quote any more: the words, what was found or the consent changed. Look again.")
        )
    if chosen:
        Event.log("chose_quote", contribution, by=by)
    else:
        Event.log("dropped_quote", contribution, by=by)


def can_be_quoted(receipt: Receipt) -> QuerySet[Contribution]:
    """Texts a resident can consent for; not reactions to our answers or personal matters such as an idea."""
    if receipt.without_contact:
        return receipt.contributions.none()
    texts = receipt.contributions.filter(kind=ContributionKind.TEXT, withdrawn_on=None)
    for source in PERSONAL_SOURCE_PREFIXES:
        texts = texts.exclude(topic__source__startswith=source)
    return texts


def quotes(source: str = "", *, area: Area | None = None, at_most: int = 5) -> list[Contribution]:
    """Chosen quotes, newest first: of one survey, of one area with all inside it, or both. Masked text only."""
    found = Contribution.objects.quotes().select_related("topic__area")
    if source:
        found = found.filter(topic__source=source)
    if area:
        found = found.filter(topic__area__in=Area.objects.inside([area.pk]).values("pk"))
    return list(found.defer("text").order_by("-quoted_on", "pk")[:at_most])


def distinguishing_labels(promises: Iterable[Promise]) -> dict[str, str]:
    """Per survey what distinguishes it from one with the same title: areas and promised day."""
    return {source: apart for source, (_title, apart) in surveys_of(p.subject for p in promises).items()}


def surveys_of(sources: Iterable[str]) -> dict[str, tuple[dict[str, str], str]]:
    """(title, distinguishing areas and promised day) per survey."""
    promise = Promise.objects.filter(subject=OuterRef("source"))
    areas: dict[str, set[str]] = defaultdict(set)
    found: dict[str, tuple[dict[str, str], date]] = {}
    for source, area, title, day in (
        Topic.objects.filter(source__in=list(sources))
        .annotate(of=Subquery(promise.values("title")), day=Subquery(promise.values("due_on")))
        .values_list("source", "area__name", "of", "day")
        .distinct()
    ):
        areas[source].add(area)
        if day:
            found[source] = title, day
    return {
        source: (title, " · ".join(filter(None, [_few(areas[source]), _before(day)])))
        for source, (title, day) in found.items()
    }


def _few(names: set[str]) -> str:
    if len(names) <= 3:
        return ", ".join(sorted(names))
    return ngettext("%(count)d area", "%(count)d areas", len(names)) % {"count": len(names)}


def _before(day: date) -> str:
    return _("before %(day)s") % {"day": date_format(day, "j F Y")}
