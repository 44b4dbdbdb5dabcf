"""A colleague reads statements of neighbours, and lets them through or refuses them."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import Event, User
from core.errors import InvalidTransition
from surveys.models import Statement, Survey
from surveys.states import StatementState


@transaction.atomic
def decide_statements(*, survey: Survey, statements: Iterable[int], through: bool, by: User) -> int:
    """Returns how many were decided. Skips those that a colleague decided the same way meanwhile, or that are
    gone.

    Limited to what this user may read: deciding requires reading.
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
