"""Who may do what: changing a role, ending it, and letting somebody go.

Three rules hold everywhere. Nobody gives more than they have, nor to themselves. Nobody leaves while they owe
something that has no other owner. The municipality never ends up without an administrator.
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
    """Somebody leaves while others count on them; `duties` says what must be handed over."""

    def __init__(self, open_duties: list[Duty]) -> None:
        super().__init__(_("This can't be done yet: hand over first what others count on."))
        self.duties = open_duties


def administers(user: User, *areas: Area) -> bool:
    """Whether the person is an administrator in every one of these areas."""
    return has_in_each(user, areas, least=Power.ADMINISTRATOR)


def may_let_go(by: User, user: User) -> bool:
    """Whether `by` is an administrator wherever `user` works."""
    areas = {membership.area for membership in user.memberships.select_related("area")} or {Area.root()}
    return by != user and administers(by, *areas)


def duties_of(user: User) -> list[Duty]:
    """What somebody must hand over before leaving; asked of every app that counts on people."""
    return [duty for ask in duties for duty in ask(user)]


def one_at_a_time() -> None:
    """Two administrators who let each other go at once would leave nobody: the root area is the lock.

    No key: residents who say that they live there don't wait.
    """
    get_or_gone(Area.objects.select_for_update(no_key=True), kind=AreaKind.MUNICIPALITY)


@transaction.atomic
def change_membership(*, membership: Membership, role: str, until: date | None, by: User) -> Membership:
    """Give a membership another role or last day."""
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
    """End a role: an administrator of the area, or the person themselves."""
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
    """Let somebody go: no roles, no way to sign in, no open invitations. Their name stays in the record."""
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
    """For a colleague who lost their phone: the password stays, the second factor is set up anew."""
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
    """What residents call this person, and the language of mails to them."""
    user.describe(title=title, language=language)
    Event.log("described themselves", user, by=user)


def _refuse_open_duties(user: User) -> None:
    if open_duties := duties_of(user):
        raise DutiesOpen(open_duties)


def _refuse_without_administrator() -> None:
    """Asked after the change, which is undone when nobody is left. A role with a last day does not count."""
    left = Membership.objects.current().filter(
        area__kind=AreaKind.MUNICIPALITY, role=Role.ADMINISTRATOR, until__isnull=True
    )
    if not left.exists():
        raise DomainError(
            _(
                "This is the last administrator of the municipality without a last day. Appoint another one first."
            )
        )
