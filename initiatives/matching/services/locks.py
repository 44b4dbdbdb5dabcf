"""An initiative, held while something of it changes: whoever is brought together with it changes along."""

from accounts.models import Receipt
from core.rows import get_or_gone, gone
from initiatives.models import Initiative


def lock_initiative(initiative: Initiative) -> Initiative:
    """As it is now, held until the action is done; before it who began it, whom erasing holds first too.

    Without joins: PostgreSQL, when it waited for the row, would give those of before beside it.
    """
    if initiative.receipt_id:
        held = Receipt.objects.select_for_update(no_key=True).filter(pk=initiative.receipt_id)
        held.values_list("pk").first()
    return get_or_gone(Initiative.objects.select_for_update(), pk=initiative.pk)


def lock_as_beginner(initiative: Initiative) -> Initiative:
    """The same for who began it. Raises Receipt.DoesNotExist when they erased everything meanwhile."""
    held = lock_initiative(initiative)
    if held.receipt_id is None:
        raise gone(Receipt)
    return held
