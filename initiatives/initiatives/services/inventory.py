"""The inventory of initiatives: added, changed, confirmed, stopped."""

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
    """Add or change an initiative, and mark it as checked today. Raises DomainError if a running one has this
    name here, or if `by` is no coordinator here."""
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))
    lock_areas([area])
    there = Initiative.objects.running().filter(area=area, name=fields["name"])
    if (there.exclude(pk=initiative.pk) if initiative else there).exists():
        raise DomainError(_("This initiative is noted here already. Change that one."))
    verb = "changed" if initiative else "added"
    fields |= {"area": area, "checked_on": timezone.localdate()}
    if initiative:
        # Save only the form's fields: a colleague may have changed the next step meanwhile.
        initiative = get_or_gone(Initiative.objects.select_for_update(no_key=True), pk=initiative.pk)
        for name, value in fields.items():
            setattr(initiative, name, value)
        initiative.save(update_fields=fields)
    else:
        # An initiative in the inventory runs, so it is public from today.
        initiative = Initiative.objects.create(public_on=timezone.localdate(), **fields)
    Event.log(verb, initiative, by=by, note=pick(initiative.name, "nl"))
    return initiative


@transaction.atomic
def confirm_initiative(*, initiative: Initiative, by: User) -> None:
    """Confirm that it still runs. Raises InvalidTransition if it does not."""
    running = Initiative.objects.running().filter(pk=initiative.pk)
    if not running.update(checked_on=timezone.localdate()):
        raise InvalidTransition(_("This has stopped. Take it up again first."))
    Event.log("checked", initiative, by=by)


@transaction.atomic
def stop_initiative(*, initiative: Initiative, by: User) -> None:
    """End it; it stays in the list. One with an owner is ended on its own page, with thanks: raises DomainError."""
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
