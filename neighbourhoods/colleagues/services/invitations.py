"""Invitations: an administrator invites a colleague, who accepts from the mailbox it was sent to."""

from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from neighbourhoods.colleagues.services.emails import write_to
from neighbourhoods.colleagues.services.memberships import administers, one_at_a_time
from neighbourhoods.models import Area, Invitation, Membership, Municipality, Theme
from neighbourhoods.settings.services import FIRST_THEMES, add_theme
from neighbourhoods.states import Role

TERM = timedelta(days=14)
_SALT = "nabij.welcome"


class InvitationGone(DomainError):
    """The link is no longer valid; the message says why."""


@transaction.atomic
def invite_colleague(
    *, email: str, role: str, area: Area, until: date | None, by: User, now: datetime | None = None
) -> Invitation:
    """Invite a colleague. A second invitation for the same role replaces the first, whose link stops working.

    Raises DomainError if `by` is no administrator of the area or invites themselves, the last day has passed, or
    nothing would change.
    """
    if not administers(by, area):
        raise DomainError(_("You can only give roles in areas of which you are an administrator."))
    if email.lower() == by.email.lower():
        raise DomainError(_("You can't give yourself a role. Ask another administrator."))
    if until and until < timezone.localdate(now):
        raise DomainError(_("The last day has passed already. Choose a later one, or none."))
    one_at_a_time()
    return _invite(email=email, role=role, area=area, until=until, by=by, now=now)


def _invite(
    *, email: str, role: str, area: Area, until: date | None, by: User | None, now: datetime | None = None
) -> Invitation:
    now = now or timezone.now()
    user = User.objects.filter(email__iexact=email).first() or _newcomer(email)
    if Membership.objects.current().filter(user=user, area=area, role=role).exists():
        raise DomainError(_("This colleague has that role here already."))
    Invitation.objects.open().filter(user=user, area=area, role=role).update(withdrawn_at=now)
    invitation = Invitation.objects.create(
        user=user, area=area, role=role, until=until, invited_by=by, created_at=now, expires_at=now + TERM
    )
    Event.log("invited", invitation, by=by, role=Role(role), area=area.name)
    return invitation


def _newcomer(email: str) -> User:
    languages = Municipality.current().languages or ["nl"]
    return User.objects.create_user(email, None, is_active=False, language=languages[0])


@transaction.atomic
def ask_in(*, email: str, role: str, area: Area, until: date | None, by: User) -> Invitation:
    """Invite a colleague and queue the mail, in one transaction."""
    invitation = invite_colleague(email=email, role=role, area=area, until=until, by=by)
    write_to(
        invitation.user, "neighbourhoods/email/invitation", invitation=invitation, link=link_to(invitation)
    )
    return invitation


def link_to(invitation: Invitation) -> str:
    """The URL that accepts. Whoever has it is assumed to read the mailbox it was sent to."""
    return absolute(reverse("welcome", args=[signing.dumps(invitation.pk, salt=_SALT)]))


def open_invitation(token: str) -> Invitation:
    """The invitation of a link. Raises InvitationGone with the message for the reader."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise InvitationGone(
            _("This link is not complete. Open it from the mail once more, or copy it as a whole.")
        ) from error
    found = Invitation.objects.select_related("user", "area").filter(pk=pk).first()
    if found is None or found.withdrawn_at:
        raise InvitationGone(_("This invitation was withdrawn. Ask the colleague who invited you."))
    if found.accepted_at:
        raise InvitationGone(_("This invitation was accepted already. You can sign in."))
    if found.is_expired:
        raise InvitationGone(
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
    if not administers(by, invitation.area):
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
    municipality, created = Municipality.objects.get_or_create(
        pk=1, defaults={"name": name, "languages": ["nl", "en"], "roles_with_mfa": [Role.ADMINISTRATOR]}
    )
    municipality.forget_cached()
    root = Area.objects.get_or_create_root(place)
    one_at_a_time()
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
