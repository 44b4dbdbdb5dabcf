"""A colleague reads what neighbours put to each other, and lets it through or not."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import Event, User
from core.errors import InvalidTransition
from surveys.models import Statement, Survey
from surveys.states import StatementState


@transaction.atomic
def decide_statements(*, survey: Survey, statements: Iterable[int], through: bool, by: User) -> int:
    """How many were decided. Those that a colleague decided in the same way meanwhile, or that are gone, are left.

    Only what this person may read: who decides has read it.
    """
    state = StatementState.THROUGH if through else StatementState.REFUSED
    found = Statement.objects.filter(pk__in=statements, question__layer__survey=survey).decidable_by(by)
    done = 0
    for statement in found.filter(contribution__withdrawn_on=None).order_by("pk"):
        try:
            statement.move(state, decided_by=by, decided_on=timezone.localdate())
        except InvalidTransition:
            continue
        done += 1
    if done and through:
        Event.log("let statements through", survey, by=by, number=done)
    elif done:
        Event.log("kept statements back", survey, by=by, number=done)
    return done
