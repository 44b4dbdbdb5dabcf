"""The next look at a need: every open one has a day for it."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from feedback.answers.services.promises import note_moved
from initiatives.models import Need
from initiatives.states import OPEN_NEEDS
from neighbourhoods.models import ParticipationRules


def next_look(today: date | None = None) -> date:
    """The default day of the next look."""
    return (today or timezone.localdate()) + timedelta(days=ParticipationRules.current().days("need_look"))


def look_after_step(need: Need, to: str) -> dict[str, Any]:
    """Fields of the next look after a step, which counts as a look. A later day, chosen with a reason, stays;
    a closed need has no next look."""
    if to not in OPEN_NEEDS:
        return {"next_action": "", "next_action_on": None}
    usual = next_look()
    if need.next_action_on and need.next_action_on > usual:
        return {}
    return {"next_action": "", "next_action_on": usual}


@transaction.atomic
def plan_look(*, need: Need, on: date, why: str, by: User, today: date | None = None) -> Need:
    """Move the next look, with a reason. Raises DomainError without a reason or for a day in the past."""
    if not why.strip():
        raise DomainError(_("Write why then: who takes over and residents read it."))
    if on < (today or timezone.localdate()):
        raise DomainError(_("Choose a day that is still to come."))
    told = Need.objects.select_for_update(no_key=True).open().filter(pk=need.pk).first()
    if told is None:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Need.objects.filter(pk=need.pk).update(next_action=why.strip()[:120], next_action_on=on)
    note_moved(thing=f"need:{need.pk}", was=told.next_action_on, day=on, why=why)
    Event.log("planned", need, by=by, next_on=on)
    need.refresh_from_db()
    return need
