"""How it stands around a match, in sentences that are true for who reads them; for mails and the page of a match."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact
from initiatives.matching.services.owners import who_looks_after
from initiatives.models import Match, Offer, VolunteerRole
from initiatives.states import (
    BOUND_MATCHES,
    PUBLIC_INITIATIVES,
    MatchState,
    OfferState,
    RoleState,
    Side,
)


def place_of(match: Match) -> int:
    """The how manieth somebody is on the waiting list; who has a break lets others go first."""
    waiting = Match.objects.filter(role=match.role_id, state=MatchState.WAITLISTED)
    first = Q(state_at__lt=match.state_at) | Q(state_at=match.state_at, pk__lt=match.pk)
    return waiting.exclude(offer__state=OfferState.PAUSED).filter(first).count() + 1


def next_place(match: Match) -> str:
    """To who is on the waiting list: whose the next place is."""
    if place_of(match) == 1:
        return _("When somebody stops, the place is yours and you hear it at once.")
    return _(
        "When somebody stops, the place goes to who waits longest. You hear it at once when it is yours."
    )


def who_comes_instead(role: VolunteerRole, *, to_colleague: bool = False) -> str:
    """To an initiative, of a volunteer who does not go on."""
    if role.state != RoleState.OPEN or role.initiative.state not in PUBLIC_INITIATIVES:
        return _("Nobody is looked for here any more.")
    if role.matches.filter(state__in=BOUND_MATCHES).count() >= role.people:
        return _("All places are taken.")
    if to_colleague:
        return _("There is a place free. On the page of this role stands who fits.")
    if who_looks_after(role.initiative.area) is None:
        return _("There is a place free.")
    return _("There is a place free. We look for somebody else.")


def something_else(offer: Offer) -> tuple[str, ...]:
    """To a volunteer for whom something is off. Nobody looks for who stopped."""
    if offer.state == OfferState.CLOSED:
        return ()
    if offer.state == OfferState.PAUSED:
        return (_("After your break we look with you for something else."),)
    return (_("We look with you for something else. You need not do anything for that."),)


def did_meet(match: Match) -> bool:
    """Whether it is known that they met: their first time is behind them, or one of them told so."""
    return match.state == MatchState.ACTIVE or (
        match.first_at is not None and match.first_at <= timezone.now()
    )


def what_they_got(match: Match, side: str) -> str:
    """To who stands on `side`: what of theirs the other has now."""
    receipt = match.offer.receipt_id if side == Side.VOLUNTEER else match.role.initiative.receipt_id
    contact = Contact.objects.filter(receipt=receipt).first() if receipt else None
    if contact is None:
        return _("They can reach you through the municipality. Who calls first does not matter.")
    if contact.phone and contact.email:
        return _("They got your number and address too. Who calls first does not matter.")
    if contact.phone:
        return _("They got your number too. Who calls first does not matter.")
    return _("They got your e-mail address too. Who writes first does not matter.")
