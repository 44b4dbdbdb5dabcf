"""Reads several texts at once: the same themes for all, or the suggested ones for each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Receipt, User
from core.errors import InvalidTransition
from feedback.contributions.services.listen import listen
from feedback.models import Contribution
from feedback.states import Reading
from neighbourhoods.models import Area, Theme
from neighbourhoods.states import Power

LISTENING_BATCH_SIZE = 100


@dataclass(frozen=True)
class Chosen:
    """A text as it was on screen: its revision and suggested themes."""

    pk: UUID
    seen: int
    suggested: frozenset[str] = frozenset()


@dataclass
class ReadingCounts:
    kept: int = 0
    stale: int = 0  # a colleague was first, or the text changed
    danger: int = 0  # may be about danger: must be read one by one
    undecided: int = 0  # not decided yet whether it may be quoted
    gone: int = 0  # erased, withdrawn, or not visible to the user


def listen_to_many(
    *, chosen: Iterable[Chosen], themes: Collection[Theme], reading: str, suggested: bool, by: User
) -> ReadingCounts:
    """Add themes to each text, one transaction per text. An empty `reading` keeps the existing one.

    With `suggested` each also gets the themes suggested on screen: the user accepts them by submitting.
    One failure does not stop the others.
    """
    chosen = list(chosen)[:LISTENING_BATCH_SIZE]
    mine = Area.objects.where(by, least=Power.COORDINATOR)
    found = (
        Contribution.objects.texts()
        .filter(pk__in=[one.pk for one in chosen], topic__area__in=mine)
        .select_related("topic")
        .prefetch_related("themes")
    )
    by_pk = {text.pk: text for text in found}
    by_slug = {theme.slug: theme for theme in Theme.objects.in_use()} if suggested else {}
    sum_ = ReadingCounts()
    for one in chosen:
        text = by_pk.get(one.pk)
        if text is None:
            sum_.gone += 1
        elif text.may_be_danger and text.reading == Reading.UNREAD:
            sum_.danger += 1
        elif text.reading == Reading.UNREAD and not reading:
            sum_.undecided += 1
        else:
            more = [by_slug[slug] for slug in one.suggested if slug in by_slug]
            try:
                listen(
                    contribution=text,
                    seen=one.seen,
                    reading=reading or text.reading,
                    themes=list({*text.themes.all(), *themes, *more}),
                    handover=text.handover,
                    by=by,
                )
                sum_.kept += 1
            except InvalidTransition:
                sum_.stale += 1
            except Receipt.DoesNotExist:
                sum_.gone += 1
    return sum_
