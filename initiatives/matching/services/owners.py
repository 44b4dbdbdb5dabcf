"""Who looks after something: of what comes in by itself somebody, and of what is handed over who works there."""

from collections import Counter
from collections.abc import Collection, Iterable

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from initiatives.models import Challenge, Initiative, Need, Offer
from neighbourhoods.colleagues.services.memberships import one_at_a_time
from neighbourhoods.models import Area, Membership, Municipality
from neighbourhoods.states import Power, Role

ORDER = (Role.COORDINATOR, Role.EDITOR, Role.ADMINISTRATOR)
WHO_DECIDE = (Role.EDITOR, Role.ADMINISTRATOR)
WHO_ANSWER = (*WHO_DECIDE, Role.COORDINATOR)
"""Who began something is owed an answer: first of all by who may write one. A coordinator can call."""


def who_looks_after(area: Area, *, order: tuple[Role, ...] = ORDER) -> User | None:
    """By role in this order, then nearest by, then who has least to do."""
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
    """How much each has in hand."""
    load: Counter[int] = Counter()
    for in_hand in (
        Offer.objects.waiting(), Initiative.objects.going_on(), Need.objects.open(), Challenge.objects.undecided(),
    ):  # fmt: skip
        rows = in_hand.filter(owner__in=users).order_by().values_list("owner").annotate(n=Count("pk"))
        load.update(dict(rows))
    return load


def somebody_for(area: Area) -> User:
    """Who answers what a resident begins here. Raises DomainError, with a sentence for residents, when nobody does."""
    found = who_looks_after(area, order=WHO_ANSWER)
    if found is None:
        raise DomainError(_nobody())
    return found


def why_nobody(area: Area) -> str:
    """The same sentence beforehand; "" where somebody would answer."""
    return "" if who_looks_after(area) else _nobody()


def _nobody() -> str:
    said = _("Nobody looks after new initiatives here yet, so nobody would answer you.")
    if phone := Municipality.current().phone:
        said = f"{said} {_('Call %(phone)s.') % {'phone': phone}}"
    return said


def still_or_next(owner: User, area: Area, *, order: tuple[Role, ...] = ORDER) -> User:
    """Who looks after what comes back: the same as before, or who works there now; nobody else is as good as nobody."""
    least = Power.EDITOR if order == WHO_DECIDE else Power.COORDINATOR
    still = owner.is_active and Area.objects.where(owner, least=least).filter(pk=area.pk).exists()
    return owner if still else who_looks_after(area, order=order) or owner


# --- handing over -----------------------------------------------------------------------------


def lock_successor(to: User, areas: Iterable[int], *, least: Power = Power.COORDINATOR) -> None:
    """`to` works in all these areas, and does not leave until the transaction is over. Raises DomainError.

    `areas` are asked for when nobody's work changes hands any more.
    """
    one_at_a_time()
    wanted = set(areas)
    now = User.objects.get(pk=to.pk)  # what they may do was perhaps read before they were held
    if now.is_active and Area.objects.where(now, least=least).filter(pk__in=wanted).count() == len(wanted):
        return
    if len(wanted) > 1:
        said = _("%(colleague)s does not work in all these neighbourhoods. Hand them over one by one.")
    elif least == Power.EDITOR:
        said = _("%(colleague)s can't decide in this neighbourhood. Choose an editor who works there.")
    else:
        said = _("%(colleague)s does not work in this neighbourhood. Choose somebody who does.")
    raise DomainError(said % {"colleague": to})
