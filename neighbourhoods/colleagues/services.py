"""Colleagues: invitations and roles."""

from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core import keyring
from core.errors import DomainError, InvalidTransition
from core.keyring import KeyUse
from core.rows import get_or_gone
from neighbourhoods.models import Area, Invitation, Membership, Municipality, Theme, has_in_each
from neighbourhoods.registries import Duty, duties
from neighbourhoods.settings.services import FIRST_THEMES, add_theme
from neighbourhoods.states import AreaKind, Power, Role, power

# Mail to colleagues. It goes through allauth's adapter (in config), which uses the outbox, an app above this one.


def mail_colleague(user: User, letter: str, **context: Any) -> None:
    """Queue the mail of the templates `<letter>_subject.txt` and `_message.txt`, in the colleague's language."""
    with translation.override(user.language):
        get_adapter().send_mail(
            letter,
            user.email,
            {"user": user, "municipality": Municipality.current(), **context},
        )


# Invitations: an administrator invites a colleague, who accepts from the mailbox it was sent to.


INVITATION_TERM = timedelta(days=14)
_SALT = "nabij.welcome"


class InvalidInvitation(DomainError):
    """The link is no longer valid; the message says why."""


@transaction.atomic
def invite_colleague(
    *, email: str, role: str, area: Area, until: date | None, by: User, now: datetime | None = None
) -> Invitation:
    """Invite a colleague. A second invitation for the same role replaces the first, whose link stops working.

    Raises DomainError if `by` is no administrator of the area or invites themselves, the last day has passed, or
    nothing would change.
    """
    if not is_administrator_of(by, area):
        raise DomainError(_("You can only give roles in areas of which you are an administrator."))
    if email.lower() == by.email.lower():
        raise DomainError(_("You can't give yourself a role. Ask another administrator."))
    if until and until < timezone.localdate(now):
        raise DomainError(_("The last day has passed already. Choose a later one, or none."))
    lock_root_area()
    return _invite(email=email, role=role, area=area, until=until, by=by, now=now)


def _invite(
    *, email: str, role: str, area: Area, until: date | None, by: User | None, now: datetime | None = None
) -> Invitation:
    now = now or timezone.now()
    user = User.objects.filter(email__iexact=email).first() or _create_inactive_user(email)
    if Membership.objects.current().filter(user=user, area=area, role=role).exists():
        raise DomainError(_("This colleague has that role here already."))
    Invitation.objects.open().filter(user=user, area=area, role=role).update(withdrawn_at=now)
    invitation = Invitation.objects.create(
        user=user,
        area=area,
        role=role,
        until=until,
        invited_by=by,
        created_at=now,
        expires_at=now + INVITATION_TERM,
    )
    Event.log("invited", invitation, by=by, role=Role(role), area=area.name)
    return invitation


def _create_inactive_user(email: str) -> User:
    languages = Municipality.current().languages or ["nl"]
    return User.objects.create_user(email, None, is_active=False, language=languages[0])


@transaction.atomic
def invite_and_mail(*, email: str, role: str, area: Area, until: date | None, by: User) -> Invitation:
    """Invite a colleague and queue the mail, in one transaction."""
    invitation = invite_colleague(email=email, role=role, area=area, until=until, by=by)
    mail_colleague(
        invitation.user,
        "neighbourhoods/email/invitation",
        invitation=invitation,
        link=invitation_url(invitation),
    )
    return invitation


def invitation_url(invitation: Invitation) -> str:
    """The URL that accepts. Whoever has it is assumed to read the mailbox it was sent to."""
    return absolute(reverse("welcome", args=[keyring.sign(invitation.pk, KeyUse.LINKS, salt=_SALT)]))


def find_valid_invitation(token: str) -> Invitation:
    """The invitation of a link. Raises InvitationGone with the message for the reader."""
    try:
        pk = keyring.unsign(token, KeyUse.LINKS, salt=_SALT)
    except signing.BadSignature as error:
        raise InvalidInvitation(
            _("This link is not complete. Open it from the mail once more, or copy it as a whole.")
        ) from error
    found = Invitation.objects.select_related("user", "area").filter(pk=pk).first()
    if found is None or found.withdrawn_at:
        raise InvalidInvitation(_("This invitation was withdrawn. Ask the colleague who invited you."))
    if found.accepted_at:
        raise InvalidInvitation(_("This invitation was accepted already. You can sign in."))
    if found.is_expired:
        raise InvalidInvitation(
            _("This invitation has expired. Ask the colleague who invited you for a new one.")
        )
    return found


@transaction.atomic
def accept(
    *, invitation: Invitation, title: str, language: str, password: str = "", now: datetime | None = None
) -> Membership:
    """Accept the role. The password is set only for a colleague who has none yet.

    Raises InvalidTransition if the invitation is not open any more, DomainError if a password is missing.
    """
    now = now or timezone.now()
    accepted = Invitation.objects.open().filter(pk=invitation.pk, expires_at__gt=now).update(accepted_at=now)
    if not accepted:
        raise InvalidTransition(_("This invitation was accepted, withdrawn or expired meanwhile."))
    user = invitation.user
    user.title, user.language, user.is_active = title, language, True
    if not user.has_usable_password():
        if not password:
            raise DomainError(_("Choose a password."))
        user.set_password(password)
    user.save()
    # The link came from this mailbox, which verifies the address.
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    membership, _created = Membership.objects.update_or_create(
        user=user, area=invitation.area, role=invitation.role, defaults={"until": invitation.until}
    )
    Event.log("accepted", invitation, by=user, role=Role(invitation.role), area=invitation.area.name)
    return membership


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, now: datetime | None = None) -> None:
    if not is_administrator_of(by, invitation.area):
        raise DomainError(_("Only an administrator of this area can withdraw the invitation."))
    changed = Invitation.objects.open().filter(pk=invitation.pk).update(withdrawn_at=now or timezone.now())
    if not changed:
        raise InvalidTransition(_("This invitation was accepted or withdrawn already."))
    Event.log("withdrew invitation", invitation, by=by, role=Role(invitation.role), area=invitation.area.name)


@transaction.atomic
def start_municipality(*, name: str, place: str, email: str, unlock: bool = False) -> Invitation:
    """Create the municipality, its area and an invitation for the first administrator. For shell access only.

    With `unlock` an administrator who lost their password and second factor gets access again.
    """
    with_mfa = [Role.COORDINATOR, Role.EDITOR, Role.ADMINISTRATOR]
    municipality, created = Municipality.objects.get_or_create(
        pk=1, defaults={"name": name, "languages": ["nl", "en"], "roles_with_mfa": with_mfa}
    )
    municipality.forget_cached()
    root = Area.objects.get_or_create_root(place)
    lock_root_area()
    if created and not Theme.objects.exists():
        for theme in FIRST_THEMES:
            add_theme(name=theme, by=None)
    known = Membership.objects.current().filter(area=root, role=Role.ADMINISTRATOR)
    if unlock:
        user = User.objects.filter(email__iexact=email, memberships__in=known).first()
        if user is None:
            raise DomainError(f"{email} is no administrator of {municipality.name}; nothing was changed.")
        user.lock_out()
        Membership.objects.filter(user=user, area=root, role=Role.ADMINISTRATOR).delete()
    elif known.exists():
        raise DomainError(
            f"{municipality.name} has an administrator already, who can invite others. "
            "If nobody can sign in any more, add --unlock."
        )
    return _invite(email=email, role=Role.ADMINISTRATOR, area=root, until=None, by=None)


# Roles: changing one, ending it, and deactivating a colleague.
#
# Three rules always hold. Nobody can give more power than they have, nor give it to themselves. Nobody can leave
# while they have duties without another owner. The municipality always keeps an administrator.


class OpenDutiesError(DomainError):
    """A colleague can't leave yet; `duties` lists what must be handed over first."""

    def __init__(self, open_duties: list[Duty]) -> None:
        super().__init__(_("This can't be done yet: hand over first what others count on."))
        self.duties = open_duties


def is_administrator_of(user: User, *areas: Area) -> bool:
    return has_in_each(user, areas, least=Power.ADMINISTRATOR)


def may_deactivate(by: User, user: User) -> bool:
    """Whether `by` is an administrator in every area where `user` works."""
    areas = {membership.area for membership in user.memberships.select_related("area")} or {Area.root()}
    return by != user and is_administrator_of(by, *areas)


def duties_of(user: User) -> list[Duty]:
    """What the user must hand over before leaving, collected from every app with duties."""
    return [duty for ask in duties for duty in ask(user)]


def lock_root_area() -> None:
    """Lock the root area, so that two administrators can't remove each other at once and leave nobody.

    A no-key lock, so that residents who choose this area as theirs don't wait.
    """
    get_or_gone(Area.objects.select_for_update(no_key=True), kind=AreaKind.MUNICIPALITY)


@transaction.atomic
def change_membership(*, membership: Membership, role: str, until: date | None, by: User) -> Membership:
    """Change the role or last day of a membership. Raises DomainError if a rule above forbids it."""
    if not is_administrator_of(by, membership.area):
        raise DomainError(_("You can only change roles in areas of which you are an administrator."))
    if membership.user == by:
        raise DomainError(_("You can't change your own role. Ask another administrator."))
    if until and until < timezone.localdate():
        raise DomainError(_("The last day has passed already. To end a role now, use the button for that."))
    lock_root_area()
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
    if user != by and not is_administrator_of(by, membership.area):
        raise DomainError(_("You can only end roles in areas of which you are an administrator."))
    lock_root_area()
    _refuse_open_duties(user)
    role, area = Role(membership.role), membership.area
    membership.delete()
    _refuse_without_administrator()
    Event.log("ended role", user, by=by, role=role, area=area.name)


@transaction.atomic
def deactivate(*, user: User, by: User) -> None:
    """Remove all roles, sign-in and open invitations of a colleague. Their account stays for the events."""
    if not may_deactivate(by, user):
        raise DomainError(
            _(
                "Only an administrator of all areas where this colleague works can do this, and not for themselves."
            )
        )
    lock_root_area()
    _refuse_open_duties(user)
    user.memberships.all().delete()
    _refuse_without_administrator()
    Invitation.objects.open().filter(user=user).update(withdrawn_at=timezone.now())
    user.lock_out()
    Event.log("let go", user, by=by)


@transaction.atomic
def reset_mfa(*, user: User, by: User) -> None:
    """For a colleague who lost their phone: the password stays, the second factor must be set up again."""
    if not may_deactivate(by, user):
        raise DomainError(
            _(
                "Only an administrator of all areas where this colleague works can do this, and not for themselves."
            )
        )
    user.forget_authenticators()
    Event.log("forgot second factor", user, by=by)


@transaction.atomic
def update_own_profile(*, user: User, title: str, language: str) -> None:
    user.describe(title=title, language=language)
    Event.log("described themselves", user, by=user)


def _refuse_open_duties(user: User) -> None:
    if open_duties := duties_of(user):
        raise OpenDutiesError(open_duties)


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
