"""Care for an initiative, from idea to thanks. One with an owner always has a next step."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from core.rows import refresh_or_gone
from feedback.answers.services.promises import note_moved
from initiatives.matching.services import endings, matches
from initiatives.matching.services.owners import lock_successor
from initiatives.matching.services.roles import lock_initiative
from initiatives.models import Initiative, VolunteerRole
from initiatives.states import PUBLIC_INITIATIVES, InitiativeState, Motive, RoleState
from neighbourhoods.models import Municipality, ParticipationRules
from neighbourhoods.states import GovernmentRole

MOST_MOTIVES = 2

_TEXT_FIELDS = (
    "name",
    "motive",
    "goal",
    "for_whom",
    "description",
    "agreements",
    "support",
    "learned",
    "thanks",
)
"""Public texts, per language."""


@transaction.atomic
def save_words(
    *, initiative: Initiative, by: User, motives: list[str], municipal_role: str, **fields: Any
) -> Initiative:
    """Save the public texts and the municipality's role. Raises DomainError for a public initiative without a name."""
    if municipal_role and municipal_role not in GovernmentRole.values:
        raise DomainError(_("Choose from the list."))
    locked = lock_initiative(initiative)
    if (locked.has_a_page or not locked.owner_id) and not fields.get("name"):
        raise DomainError(_("Everybody can read of this. It keeps a name."))
    for name, value in fields.items():
        setattr(locked, name, dict(value) if name in _TEXT_FIELDS else value)
    locked.motives, locked.municipal_role = check_motives(motives), municipal_role
    locked.checked_on = timezone.localdate()
    locked.save()
    Event.log("changed", locked, by=by)
    return locked


@transaction.atomic
def move(
    *,
    initiative: Initiative,
    to: str,
    next_action: str,
    on: date | None,
    by: User,
    why: str = "",
    today: date | None = None,
) -> Initiative:
    """Move to a state, or plan another next step in the same one. Ending is `end_initiative`, because it takes words.

    Moving the same step to a later day takes `why`, which people who wait read. Raises DomainError with what
    to correct.
    """
    day = today or timezone.localdate()
    if to == InitiativeState.ENDED:
        raise DomainError(_("Ending takes a word of thanks, and what was learned."))
    if not next_action.strip() or on is None or on < day:
        raise DomainError(_("Write the next step, with a day that is still to come."))
    locked = lock_initiative(initiative)
    if locked.owner_id is None:
        raise DomainError(_("Nobody looks after this yet. Take it up first."))
    step: dict[str, Any] = {"next_action": next_action.strip(), "next_action_on": on}
    if to == locked.state:
        if next_action.strip() == locked.next_action:
            note_moved(key=f"initiative:{locked.pk}", was=locked.next_action_on, day=on, why=why)
        Initiative.objects.filter(pk=locked.pk).update(**step)
        Event.log("planned", locked, by=by, next_on=on)
    else:
        if to in PUBLIC_INITIATIVES:
            _can_be_read(locked)
        if to == InitiativeState.RUNNING and locked.since is None:
            step |= {"since": day}
        locked.move(to, on=day, withdrawn_from="", checked_on=day, **step)
        Event.log("took a step", locked, by=by, state=InitiativeState(to), next_on=on)
    refresh_or_gone(locked)
    return locked


def _can_be_read(initiative: Initiative) -> None:
    """Raises DomainError without a name and a goal or description in the main language: neighbours will read it."""
    main = (Municipality.current().languages or ["nl"])[0]
    has_words = (initiative.goal or initiative.description).get(main, "").strip()
    if not initiative.name.get(main, "").strip() or not has_words:
        raise DomainError(
            _("Neighbours will read of it from now on. Write its name and what it wants first.")
        )


@transaction.atomic
def end_initiative(
    *, initiative: Initiative, learned: Texts, thanks: Texts, by: User, today: date | None = None
) -> Initiative:
    """End it, with what was learned and with thanks, as residents read them. Stopping early is a result too.

    Closes its roles, ends its matches and proposals, and cancels its meetings. Raises DomainError without words.
    """
    day = today or timezone.localdate()
    locked = lock_initiative(initiative)
    if not any(words.strip() for words in learned.values()):
        raise DomainError(
            _("Write why it does not go on: who had the idea reads it.")
            if locked.never_began
            else _("Write what was learned: who begins something like it reads it first.")
        )
    if not any(words.strip() for words in thanks.values()):
        raise DomainError(
            _("Thank them for the idea: they read it on their own page.")
            if locked.never_began
            else _("Thank them: they read it on the page of the initiative.")
        )
    locked.move(
        InitiativeState.ENDED,
        on=day,
        learned=dict(learned),
        thanks=dict(thanks),
        next_action="",
        next_action_on=None,
        checked_on=day,
    )
    roles = VolunteerRole.objects.filter(initiative=locked)
    matches.lock_roles(roles)
    roles.filter(state=RoleState.OPEN).update(state=RoleState.CLOSED)
    endings.end_with(initiative=locked)
    locked.meetings.to_come().order_by().update(cancelled_on=day, changed=F("changed") + 1)
    Event.log("ended", locked, by=by)
    return locked


# --- owners -----------------------------------------------------------------------------------


@transaction.atomic
def take_up_initiative(
    *, initiative: Initiative, next_action: str, on: date, by: User, today: date | None = None
) -> Initiative:
    """Give an initiative from the inventory an owner and a next step."""
    if not next_action.strip() or on < (today or timezone.localdate()):
        raise DomainError(_("Write the next step, with a day that is still to come."))
    lock_successor(by, [initiative.area_id])
    nobodys = Initiative.objects.not_ended().filter(pk=initiative.pk, owner=None)
    if not nobodys.update(owner=by, next_action=next_action.strip(), next_action_on=on):
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Event.log("took up", initiative, by=by, next_on=on)
    refresh_or_gone(initiative)
    return initiative


def check_motives(motives: list[str]) -> list[str]:
    """Sorted, without duplicates. Raises DomainError for an unknown motive or more than MOST_MOTIVES."""
    if not set(motives) <= set(Motive.values):
        raise DomainError(_("Choose from the list."))
    if len(set(motives)) > MOST_MOTIVES:
        raise DomainError(_("Choose at most two reasons."))
    return sorted(set(motives))


def bring_forward(held: Initiative, action: str, *, now: datetime | None = None, today: bool = False) -> None:
    """Make a step due within the term of a first contact, or `today`, because something came in to look at.
    An earlier step stays.

    `held` is locked by the caller; `action` is a msgid, translated into the owner's language.
    """
    days = 0 if today else ParticipationRules.current().days("first_contact")
    before = timezone.localdate(now) + timedelta(days=days)
    if held.owner is None or held.state == InitiativeState.ENDED:
        return
    if held.next_action_on and held.next_action_on <= before:
        return
    with override(held.owner.language):
        step = _(action)
    Initiative.objects.filter(pk=held.pk).update(next_action=step, next_action_on=before)
