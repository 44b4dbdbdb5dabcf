"""Quotes on public pages: only texts that are read, clear and chosen, and while the resident consents."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from core.errors import InvalidTransition
from core.rows import get_or_gone
from feedback.models import Contribution
from feedback.states import BETWEEN_TWO, ContributionKind, Reading
from neighbourhoods.models import Area


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
def choose_what_others_read(*, receipt: Receipt, asked: Collection[str], allowed: Collection[str]) -> None:
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
    for source in BETWEEN_TWO:
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
