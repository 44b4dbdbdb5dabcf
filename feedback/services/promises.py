"""A promise is kept, or moved with a reason that those who wait can read."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from feedback.models import AnswerOwed, Promise
from feedback.states import Owed
from neighbourhoods.errors import DomainError, InvalidTransition

Texts = dict[str, str]


@transaction.atomic
def move_promise(
    *, promise: Promise, due_on: date, reason: Texts, by: User, seen: date, today: date | None = None
) -> int:
    """Another date for everybody who waits under this promise. Returns how many debts moved with it.

    `seen` is the date that stood on the screen: two people who move it at once are told of each other. The
    first promised date stays, and residents see both. `reason` is per language, in every language needed.
    """
    today = today or timezone.localdate()
    if due_on <= today:
        raise DomainError(_("Choose a date that is still to come."))
    if due_on == promise.due_on:
        raise DomainError(_("This is the date that was promised already."))
    if not any(words.strip() for words in reason.values()):
        raise DomainError(_("Write why the date moves: the people who wait read it."))
    if not Promise.objects.filter(pk=promise.pk, due_on=seen).update(due_on=due_on, moved_reason=reason):
        raise InvalidTransition(
            _("A colleague moved this date in the meantime. Look at the new date, then decide.")
        )
    moved = AnswerOwed.objects.filter(topic__source=promise.subject, state=Owed.OPEN, due_on=seen).update(
        due_on=due_on
    )
    Event.log("moved", promise, by=by, before=seen, now=due_on, people=moved)
    promise.refresh_from_db()
    return moved
