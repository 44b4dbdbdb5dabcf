"""Locks of an initiative, held while it changes, because its matches change with it."""

from accounts.models import Receipt
from core.rows import get_or_gone, gone
from initiatives.models import Initiative


def lock_initiative(initiative: Initiative) -> Initiative:
    """Lock the initiative and return the fresh row. Lock order: the beginner's receipt first, as erasing does.

    No joins: after waiting for the lock, PostgreSQL would return the joined rows as they were before.
    """
    if initiative.receipt_id:
        held = Receipt.objects.select_for_update(no_key=True).filter(pk=initiative.receipt_id)
        held.values_list("pk").first()
    return get_or_gone(Initiative.objects.select_for_update(), pk=initiative.pk)


def lock_as_beginner(initiative: Initiative) -> Initiative:
    """The same on behalf of its beginner. Raises Receipt.DoesNotExist if they erased everything meanwhile."""
    held = lock_initiative(initiative)
    if held.receipt_id is None:
        raise gone(Receipt)
    return held
