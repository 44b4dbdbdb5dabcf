"""Roles: changing one, ending it, and deactivating a colleague.

Three rules always hold. Nobody can give more power than they have, nor give it to themselves. Nobody can leave
while they have duties without another owner. The municipality always keeps an administrator.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.rows import get_or_gone
from neighbourhoods.models import Area, Invitation, Membership, has_in_each
from neighbourhoods.registries import Duty, duties
from neighbourhoods.states import AreaKind, Power, Role, power


class DutiesOpen(DomainError):
    """A colleague can't leave yet; `duties` lists what must be handed over first."""

    def __init__(self, open_duties: list[Duty]) -> None:
        super().__init__(_("This can't be done yet: hand over first what others count on."))
        self.duties = open_duties


def administers(user: User, *areas: Area) -> bool:
    return has_in_each(user, areas, least=Power.ADMINISTRATOR)


def may_let_go(by: User, user: User) -> bool:
    """Whether `by` is an administrator in every area where `user` works."""
    areas = {membership.area for membership in user.memberships.select_related("area")} or {Area.root()}
    return by != user and administers(by, *areas)


def duties_of(user: User) -> list[Duty]:
    """What the user must hand over before leaving, collected from every app with duties."""
    return [duty for ask in duties for duty in ask(user)]


def one_at_a_time() -> None:
    """Lock the root area, so that two administrators can't remove each other at once and leave nobody.

    A no-key lock, so that residents who choose this area as theirs don't wait.
    """
    get_or_gone(Area.objects.select_for_update(no_key=True), kind=AreaKind.MUNICIPALITY)


@transaction.atomic
def change_membership(*, membership: Membership, role: str, until: date | None, by: User) -> Membership:
    """Change the role or last day of a membership. Raises DomainError if a rule above forbids it."""
    if not administers(by, membership.area):
        raise DomainError(_("You can only change roles in areas of which you are an administrator."))
    if membership.user == by:
        raise DomainError(_("You can't change your own role. Ask another administrator."))
    if until and until < timezone.localdate():
        raise DomainError(_("The last day has passed already. To end a role now, use the button for that."))
    one_at_a_time()
    if power(role) < power(membership.role):
        _refuse_open_duties(membership.user)
    before, membership.role, membership.until = membership.role, role, until
    try:
        with transaction.atomic():
            membership.save(update_fields=["role", "until"])
    except IntegrityError as error:
        raise DomainError(_("This colleague has that role here already.")) from error
    _refuse_without_administrator()
    Event.log(
        "changed role",
        membership.user,
        by=by,
        before=Role(before),
        now=Role(role),
        area=membership.area.name,
        until=until,
    )
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """End a role: allowed for an administrator of the area, or for the colleague themselves."""
    user = membership.user
    if user != by and not administers(by, membership.area):
        raise DomainError(_("You can only end roles in areas of which you are an administrator."))
    one_at_a_time()
    _refuse_open_duties(user)
    role, area = Role(membership.role), membership.area
    membership.delete()
    _refuse_without_administrator()
    Event.log("ended role", user, by=by, role=role, area=area.name)


@transaction.atomic
def deactivate(*, user: User, by: User) -> None:
    """Remove all roles, sign-in and open invitations of a colleague. Their account stays for the events."""
    if not may_let_go(by, user):
        raise DomainError(
            _(
                "Only an administrator of all areas where this colleague works can do this, and not for themselves."
            )
        )
    one_at_a_time()
    _refuse_open_duties(user)
    user.memberships.all().delete()
    _refuse_without_administrator()
    Invitation.objects.open().filter(user=user).update(withdrawn_at=timezone.now())
    user.lock_out()
    Event.log("let go", user, by=by)


@transaction.atomic
def forget_second_factor(*, user: User, by: User) -> None:
    """For a colleague who lost their phone: the password stays, the second factor must be set up again."""
    if not may_let_go(by, user):
        raise DomainError(
            _(
                "Only an administrator of all areas where this colleague works can do this, and not for themselves."
            )
        )
    user.forget_authenticators()
    Event.log("forgot second factor", user, by=by)


@transaction.atomic
def describe_oneself(*, user: User, title: str, language: str) -> None:
    user.describe(title=title, language=language)
    Event.log("described themselves", user, by=user)


def _refuse_open_duties(user: User) -> None:
    if open_duties := duties_of(user):
        raise DutiesOpen(open_duties)


def _refuse_without_administrator() -> None:
    """Raises DomainError after the change, which is rolled back. A role with a last day does not count."""
    left = Membership.objects.current().filter(
        area__kind=AreaKind.MUNICIPALITY, role=Role.ADMINISTRATOR, until__isnull=True
    )
    if not left.exists():
        raise DomainError(
            _(
                "This is the last administrator of the municipality without a last day. Appoint another one first."
            )
        )
