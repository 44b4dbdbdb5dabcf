"""Reading a text: what it is about, whether it may be quoted, and who must know today."""

import re
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, Receipt, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone, refresh_or_gone
from feedback.delivery.services.outbox import queue_message
from feedback.models import AnswerOwed, Contribution, ContributionTheme, Promise, SecondReading, Topic
from feedback.states import Handover, MessagePurpose, Owed, Reading
from neighbourhoods.models import Municipality, Theme

BLOCK = "▇"


@transaction.atomic
def listen(
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
        dedupe_key=f"handover:{contribution.pk}:{handover}",
        language=language,
        user=by,
        to_address=address,
        subject=subject,
        text=text,
    )
