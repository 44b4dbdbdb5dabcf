"""Double reading: a second colleague reads a share of the texts, and a third look settles differences."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from core.errors import InvalidTransition
from core.rows import get_or_gone
from feedback.contributions.services.listen import give_themes
from feedback.models import Contribution, DoubleReadingShare, Promise, SecondReading
from feedback.states import Reading
from neighbourhoods.models import Theme


@transaction.atomic
def set_share(*, source: str, percent: int, by: User) -> DoubleReadingShare:
    """Set the share of texts of a survey that is read twice. Existing second readings stay."""
    look, _made = DoubleReadingShare.objects.update_or_create(source=source, defaults={"percent": percent})
    Event.log("set_second_reading", Promise.objects.get(subject=source), by=by, percent=percent)
    return look


@transaction.atomic
def read_again(
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
