"""Keeping the inventory of what is going on: noted down, changed, looked at, stopped."""

from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import get_or_gone
from initiatives.models import Initiative
from initiatives.states import InitiativeState
from neighbourhoods.models import Area, has_in_each
from neighbourhoods.profile.services.inventory import lock_areas
from neighbourhoods.states import Power


@transaction.atomic
def save_initiative(
    *, by: User, area: Area, initiative: Initiative | None = None, **fields: Any
) -> Initiative:
    """A new one, or a change. What is written down was looked at: it is true as of today."""
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))
    lock_areas([area])
    there = Initiative.objects.running().filter(area=area, name=fields["name"])
    if (there.exclude(pk=initiative.pk) if initiative else there).exists():
        raise DomainError(_("This initiative is noted here already. Change that one."))
    verb = "changed" if initiative else "added"
    fields |= {"area": area, "checked_on": timezone.localdate()}
    if initiative:
        # What is not in the form is as it is by now: somebody else may have taken its next step meanwhile.
        initiative = get_or_gone(Initiative.objects.select_for_update(no_key=True), pk=initiative.pk)
        for name, value in fields.items():
            setattr(initiative, name, value)
        initiative.save(update_fields=fields)
    else:
        # What is noted down runs: everybody can read of it from today.
        initiative = Initiative.objects.create(public_on=timezone.localdate(), **fields)
    Event.log(verb, initiative, by=by, note=pick(initiative.name, "nl"))
    return initiative


@transaction.atomic
def confirm_initiative(*, initiative: Initiative, by: User) -> None:
    """Still running: somebody looked today."""
    running = Initiative.objects.running().filter(pk=initiative.pk)
    if not running.update(checked_on=timezone.localdate()):
        raise InvalidTransition(_("This has stopped. Take it up again first."))
    Event.log("checked", initiative, by=by)


@transaction.atomic
def stop_initiative(*, initiative: Initiative, by: User) -> None:
    """No longer running; it stays known. What somebody of ours looks after ends on its own page, with thanks."""
    if initiative.owner_id is not None:
        raise DomainError(_("Somebody looks after this. End it on its own page, with thanks."))
    running = Initiative.objects.running().filter(pk=initiative.pk, owner=None)
    if not running.update(
        state=InitiativeState.ENDED, state_on=timezone.localdate(), checked_on=timezone.localdate()
    ):
        raise InvalidTransition(_("This has stopped already."))
    Event.log("stopped", initiative, by=by)


@transaction.atomic
def reopen_initiative(*, initiative: Initiative, by: User) -> None:
    if initiative.owner_id is not None:
        raise DomainError(_("Somebody looks after this. Take it up again on its own page, with a next step."))
    stopped = Initiative.objects.filter(pk=initiative.pk, state=InitiativeState.ENDED, owner=None)
    if not stopped.update(
        state=InitiativeState.RUNNING,
        state_on=timezone.localdate(),
        public_on=Coalesce("public_on", Value(timezone.localdate())),
        checked_on=timezone.localdate(),
    ):
        raise InvalidTransition(_("This is running."))
    Event.log("took up again", initiative, by=by)
