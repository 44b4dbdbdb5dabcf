"""Reading what was said: themes, words to hide, many at once, and a second reading with its agreement."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, Receipt, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone, refresh_or_gone
from feedback.delivery.services.outbox import queue_message
from feedback.models import (
    AnswerOwed,
    Contribution,
    ContributionTheme,
    DoubleReadingShare,
    Promise,
    SecondReading,
    Topic,
    build_key,
)
from feedback.states import Handover, MessagePurpose, Owed, Reading
from neighbourhoods.models import Area, Municipality, Theme
from neighbourhoods.states import Power

BLOCK = "▇"


@transaction.atomic
def save_reading(
    *,
    contribution: Contribution,
    seen: int,
    reading: str,
    themes: Collection[Theme],
    by: User,
    hide: Iterable[str] = (),
    handover: str = Handover.NONE,
) -> Contribution:
    """Save a reader's result. `seen` is the revision on their screen (optimistic lock).

    The debt for the text becomes one debt per theme. Danger is never quoted, so it counts as sensitive.
    Raises InvalidTransition if a colleague read it meanwhile, Receipt.DoesNotExist if its writer erased
    it, and DomainError if there is no address to hand it over to.
    """
    # First, in the lock order of erasing.
    get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=contribution.receipt_id)
    if handover == Handover.DANGER:
        reading = Reading.SENSITIVE
    # Text found to be sensitive leaves public pages in the same update.
    no_quote = {} if reading == Reading.CLEAR else {"quoted_on": None, "quoted_by": None}
    found = Contribution.objects.filter(pk=contribution.pk, revision=seen).update(
        revision=F("revision") + 1,
        reading=reading,
        read_by=by,
        handover=handover,
        masked_text=hide_words(contribution.masked_text, hide),
        **no_quote,
    )
    if not found:
        raise InvalidTransition(
            _("A colleague read this text in the meantime. See what they found, then keep yours or theirs.")
        )
    give_themes(contribution=contribution, themes=themes, by=by)
    SecondReading.objects.to_settle().filter(contribution=contribution).update(
        settled_by=by, settled_on=timezone.localdate()
    )
    if handover not in (Handover.NONE, contribution.handover):
        _warn(contribution, handover, by)
    Event.log("read", contribution, by=by, found=Reading(reading), handed_to=Handover(handover))
    refresh_or_gone(contribution)
    return contribution


def hide_words(text: str, words: Iterable[str]) -> str:
    """Replace each of these whole words by three blocks, case-insensitively."""
    for word in sorted({word.strip() for word in words} - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", BLOCK * 3, text, flags=re.IGNORECASE)
    return text


def show_unmasked(*, contribution: Contribution, by: User) -> str:
    """The original text. Logs who looked."""
    Event.log("unmasked", contribution, by=by)
    return contribution.text


def give_themes(*, contribution: Contribution, themes: Collection[Theme], by: User) -> None:
    """Set exactly these themes, each with its debt. Call it in the deciding transaction."""
    given = ContributionTheme.objects.filter(contribution=contribution)
    given.exclude(theme__in=themes).delete()
    known = set(given.values_list("theme", flat=True))
    ContributionTheme.objects.bulk_create(
        ContributionTheme(contribution=contribution, theme=theme, given_by=by)
        for theme in themes
        if theme.pk not in known
    )
    split_by_theme(contribution=contribution, themes=themes)


def split_by_theme(*, contribution: Contribution, themes: Collection[Theme]) -> None:
    """Replace the debt for the whole text by one per theme, or restore it if no theme is left.

    Changes only open debts that no follow-up names: a given answer stays. Rows are moved rather than
    recreated, so that dates, owner and reopen count are kept.
    """
    # If the promise moves concurrently, the debts made here get the new date.
    Promise.objects.select_for_update(no_key=True).filter(subject=contribution.topic.source).first()
    debts = list(
        AnswerOwed.objects.select_for_update(no_key=True).filter(contribution=contribution).order_by("pk")
    )
    movable = [debt for debt in debts if debt.state == Owed.OPEN]
    named = set(
        AnswerOwed.objects.filter(pk__in=[debt.pk for debt in movable], named_by__isnull=False).values_list(
            "pk", flat=True
        )
    )
    movable = [debt for debt in movable if debt.pk not in named]
    if not movable:
        return
    wanted = [_theme_topic(contribution.topic, theme) for theme in themes] or [contribution.topic]
    taken = {debt.topic_id for debt in debts}
    missing = [topic for topic in wanted if topic.pk not in taken]
    spare = [debt for debt in movable if debt.topic_id not in {topic.pk for topic in wanted}]
    pattern = movable[0]
    for topic in missing:
        if spare:
            AnswerOwed.objects.filter(pk=spare.pop().pk).update(topic=topic)
        else:
            AnswerOwed.objects.create(
                receipt_id=pattern.receipt_id,
                contribution=contribution,
                topic=topic,
                owner_id=pattern.owner_id,
                since=pattern.since,
                due_on=pattern.due_on,
                reopened=pattern.reopened,
            )
    AnswerOwed.objects.filter(pk__in=[debt.pk for debt in spare]).delete()


def _theme_topic(origin: Topic, theme: Theme) -> Topic:
    topic, _made = Topic.objects.get_or_create(
        source=origin.source,
        key=f"theme:{theme.slug}"[:40],
        area_id=origin.area_id,
        defaults={"theme": theme, "title": theme.name, "question": origin.question},
    )
    return topic


def _warn(contribution: Contribution, handover: str, by: User) -> None:
    """Notify the address for danger or defects, without the text: that stays on the desk. Raises
    DomainError if none is set."""
    municipality = Municipality.current()
    address = municipality.danger_email if handover == Handover.DANGER else municipality.defects_email
    if not address:
        raise DomainError(
            _("Nobody is named yet to hand this over to. Call them yourself now, and name them in Settings.")
        )
    language = (municipality.languages or ["nl"])[0]
    link = absolute(reverse("listen_to", args=[contribution.pk]))
    with translation.override(language):
        if handover == Handover.DANGER:
            subject = _("Please look today: somebody may be in danger")
            told = _("A resident wrote something that may be about danger, a threat or abuse.")
        else:
            subject = _("A defect in the street was reported")
            told = _("A resident wrote about something that is broken or missing in the street.")
        text = "\n\n".join(
            [told, _("Their words stand on the desk and not in this mail:"), link, _("Nabij, the desk")]
        )
    queue_message(
        purpose=MessagePurpose.NOTICE,
        dedupe_key=build_key("handover", contribution.pk, handover),
        language=language,
        user=by,
        to_address=address,
        subject=subject,
        text=text,
    )


LISTENING_BATCH_SIZE = 100


@dataclass(frozen=True)
class TickedText:
    """A text as it was on screen: its revision and suggested themes."""

    pk: UUID
    seen: int
    suggested: frozenset[str] = frozenset()


@dataclass
class ReadingCounts:
    saved: int = 0
    stale: int = 0  # a colleague was first, or the text changed
    danger: int = 0  # may be about danger: must be read one by one
    undecided: int = 0  # not decided yet whether it may be quoted
    missing: int = 0  # erased, withdrawn, or not visible to the user


def save_readings(
    *, chosen: Iterable[TickedText], themes: Collection[Theme], reading: str, suggested: bool, by: User
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
            sum_.missing += 1
        elif text.may_be_danger and text.reading == Reading.UNREAD:
            sum_.danger += 1
        elif text.reading == Reading.UNREAD and not reading:
            sum_.undecided += 1
        else:
            more = [by_slug[slug] for slug in one.suggested if slug in by_slug]
            try:
                save_reading(
                    contribution=text,
                    seen=one.seen,
                    reading=reading or text.reading,
                    themes=list({*text.themes.all(), *themes, *more}),
                    handover=text.handover,
                    by=by,
                )
                sum_.saved += 1
            except InvalidTransition:
                sum_.stale += 1
            except Receipt.DoesNotExist:
                sum_.missing += 1
    return sum_


@transaction.atomic
def set_share(*, source: str, percent: int, by: User) -> DoubleReadingShare:
    """Set the share of texts of a survey that is read twice. Existing second readings stay."""
    look, _made = DoubleReadingShare.objects.update_or_create(source=source, defaults={"percent": percent})
    Event.log("set_second_reading", Promise.objects.get(subject=source), by=by, percent=percent)
    return look


@transaction.atomic
def save_second_reading(
    *, contribution: Contribution, seen: int, themes: Collection[Theme], by: User
) -> SecondReading:
    """Save a second reading beside the first; both are frozen.

    Raises InvalidTransition if the text or the first reading changed meanwhile, if there is a second
    reading already, or if the user is the first reader.
    """
    get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=contribution.receipt_id)
    text = get_or_gone(Contribution.objects.select_for_update(no_key=True, of=("self",)), pk=contribution.pk)
    if text.revision != seen or text.reading == Reading.UNREAD:
        raise InvalidTransition(_("This text changed in the meantime. Read it once more."))
    if text.read_by_id == by.pk:
        raise InvalidTransition(_("You were the first to read this. A colleague has to be the second."))
    first = set(text.themes.all())
    try:
        with transaction.atomic():
            reading = SecondReading.objects.create(
                contribution=text, first_id=text.read_by_id, second=by, agrees=first == set(themes)
            )
    except IntegrityError:
        raise InvalidTransition(_("A colleague was the second to read this already.")) from None
    reading.first_themes.set(first)
    reading.second_themes.set(themes)
    Event.log("read_again", text, by=by)
    return reading


@transaction.atomic
def settle_second_reading(
    *, contribution: Contribution, seen: int, themes: Collection[Theme], by: User
) -> SecondReading:
    """Decide by a third look which themes a text has. Both readings are kept. Raises InvalidTransition if
    settled or changed."""
    get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=contribution.receipt_id)
    text = get_or_gone(Contribution.objects.select_for_update(no_key=True, of=("self",)), pk=contribution.pk)
    changed = (
        SecondReading.objects.to_settle()
        .filter(contribution=text)
        .update(settled_by=by, settled_on=timezone.localdate())
    )
    if not changed or text.revision != seen:
        raise InvalidTransition(_("A colleague settled this in the meantime, or the words changed."))
    Contribution.objects.filter(pk=text.pk).update(revision=seen + 1)
    give_themes(contribution=text, themes=themes, by=by)
    Event.log("settled_themes", text, by=by)
    return SecondReading.objects.get(contribution=text)
