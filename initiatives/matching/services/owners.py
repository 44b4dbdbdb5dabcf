"""Owners: who gets what comes in, and handing it over."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.codes import new_code
from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from core.keyed import KeyedChoice, code_hash
from feedback.models import AnswerOwed, FollowUp, Promise
from feedback.states import FollowUpState
from initiatives.models import Challenge, Initiative, Need, Offer
from neighbourhoods.colleagues.services import lock_root_area
from neighbourhoods.models import Area, Membership, Municipality
from neighbourhoods.states import Power, Role

OWNER_ROLES = (Role.COORDINATOR, Role.EDITOR, Role.ADMINISTRATOR)
DECIDING_ROLES = (Role.EDITOR, Role.ADMINISTRATOR)
ANSWERING_ROLES = (*DECIDING_ROLES, Role.COORDINATOR)
"""Beginners are owed an answer, so those who may write one come first. A coordinator can call."""


def owner_for_area(area: Area, *, order: tuple[Role, ...] = OWNER_ROLES) -> User | None:
    """The owner for new work in `area`: by role in `order`, then nearest area, then lowest load. None if
    nobody holds such a role."""
    held = Membership.objects.current().covering(area).filter(role__in=order)
    found = list(held.select_related("user"))
    if not found:
        return None
    load = _load({one.user_id for one in found})
    near = {one.pk: steps for steps, one in enumerate([area, *reversed(area.above)])}
    best = min(
        found,
        key=lambda one: (
            order.index(Role(one.role)),
            near.get(one.area_id, len(near)),
            load[one.user_id],
            one.user_id,
        ),
    )
    return best.user


def _load(users: Collection[int]) -> Counter[int]:
    """Open items per user."""
    load: Counter[int] = Counter()
    for in_hand in (
        Offer.objects.waiting(), Initiative.objects.not_ended(), Need.objects.open(), Challenge.objects.undecided(),
    ):  # fmt: skip
        rows = in_hand.filter(owner__in=users).order_by().values_list("owner").annotate(n=Count("pk"))
        load.update(dict(rows))
    return load


def require_owner_for_area(area: Area) -> User:
    """The owner for an initiative that a resident begins. Raises DomainError, with a text for residents, if
    there is none."""
    found = owner_for_area(area, order=ANSWERING_ROLES)
    if found is None:
        raise DomainError(_nobody())
    return found


def why_nobody(area: Area) -> str:
    """The same text in advance; "" if there would be an owner."""
    return "" if owner_for_area(area) else _nobody()


def _nobody() -> str:
    said = _("Nobody looks after new initiatives here yet, so nobody would answer you.")
    if phone := Municipality.current().phone:
        said = f"{said} {_('Call %(phone)s.') % {'phone': phone}}"
    return said


def current_or_new_owner(owner: User, area: Area, *, order: tuple[Role, ...] = OWNER_ROLES) -> User:
    """The owner for something that is reopened: the same as before, or the current one of the area. Keeps the
    old owner if there is no other."""
    least = Power.EDITOR if order == DECIDING_ROLES else Power.COORDINATOR
    still = owner.is_active and Area.objects.where(owner, least=least).filter(pk=area.pk).exists()
    return owner if still else owner_for_area(area, order=order) or owner


# --- handing over -----------------------------------------------------------------------------


def lock_successor(to: User, areas: Iterable[int], *, least: Power = Power.COORDINATOR) -> None:
    """Check that `to` works in all `areas` and keep it so until the transaction ends. Raises DomainError otherwise.

    `areas` is evaluated after the lock, when no work changes hands any more: pass a lazy queryset.
    """
    lock_root_area()
    wanted = set(areas)
    now = User.objects.get(pk=to.pk)  # fresh: the powers may have been read before the lock
    if now.is_active and Area.objects.where(now, least=least).filter(pk__in=wanted).count() == len(wanted):
        return
    if len(wanted) > 1:
        said = _("%(colleague)s does not work in all these neighbourhoods. Hand them over one by one.")
    elif least == Power.EDITOR:
        said = _("%(colleague)s can't decide in this neighbourhood. Choose an editor who works there.")
    else:
        said = _("%(colleague)s does not work in this neighbourhood. Choose somebody who does.")
    raise DomainError(said % {"colleague": to})


@transaction.atomic
def reassign(rows: QuerySet[Any], *, to: User, by: User, least: Power = Power.COORDINATOR) -> int:
    """Give rows with an owner and an area to `to`, with what was promised about them: the promise, the answers owed and
    their drafts. Steps and days stay. Returns how many.

    Raises DomainError if `to` does not work in all their areas, InvalidTransition if none of the rows is left.
    """
    lock_successor(to, rows.values_list("area", flat=True), least=least)
    found = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not found:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    rows.model.objects.filter(pk__in=[one.pk for one in found]).update(owner=to)
    if sources := [one.source for one in found if isinstance(one, Initiative | Challenge)]:
        Promise.objects.filter(subject__in=sources).update(owner=to)
        AnswerOwed.objects.waiting().filter(topic__source__in=sources).update(owner=to)
        FollowUp.objects.filter(audience__source__in=sources, state=FollowUpState.DRAFT).update(owner=to)
    for one in found:
        Event.log("handed over", one, by=by, colleague=to.pk)
    return len(found)


# Receipts with a private code, idempotent for repeated submits.


def receipt_with_code(
    *, seed: str, purpose: ReceiptPurpose, language: str, **same: Any
) -> tuple[Receipt, str]:
    """A new receipt, or that of the same submit a moment ago. The code is derived from `seed`, which is not stored.

    A code that exists already opens nothing: `same` holds the lookups that identify the same submit. Raises
    DomainError after five collisions.
    """
    for attempt in range(5):
        code = new_code(KeyedChoice(f"{seed}:{attempt}", purpose=f"{purpose}-code"))
        try:
            with transaction.atomic():
                made = Receipt.objects.create(purpose=purpose, code_hash=code_hash(code), language=language)
        except IntegrityError:  # the second of two taps, or a code that is in use
            earlier = Receipt.objects.with_code(code).filter(purpose=purpose, **same).first()
            if earlier is None:
                continue
            return earlier, code
        return made, code
    raise DomainError(_("That did not work. Please press the button once more."))
