"""The state of a match in sentences that are true for each reader; for mails and the page of a match."""

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
    """Position on the waiting list, from 1. Paused offers are skipped."""
    waiting = Match.objects.filter(role=match.role_id, state=MatchState.WAITLISTED)
    first = Q(state_at__lt=match.state_at) | Q(state_at=match.state_at, pk__lt=match.pk)
    return waiting.exclude(offer__state=OfferState.PAUSED).filter(first).count() + 1


def next_place(match: Match) -> str:
    """For a volunteer on the waiting list: who gets the next place."""
    if place_of(match) == 1:
        return _("When somebody stops, the place is yours and you hear it at once.")
    return _(
        "When somebody stops, the place goes to who waits longest. You hear it at once when it is yours."
    )


def who_comes_instead(role: VolunteerRole, *, to_colleague: bool = False) -> str:
    """For an initiative: what happens after a volunteer stops."""
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
    """For a volunteer whose match is off; empty if their offer is closed."""
    if offer.state == OfferState.CLOSED:
        return ()
    if offer.state == OfferState.PAUSED:
        return (_("After your break we look with you for something else."),)
    return (_("We look with you for something else. You need not do anything for that."),)


def did_meet(match: Match) -> bool:
    """Whether they are known to have met: their first meeting is past, or one of them said so."""
    return match.state == MatchState.ACTIVE or (
        match.first_at is not None and match.first_at <= timezone.now()
    )


def what_they_got(match: Match, side: str) -> str:
    """For the reader on `side`: which of their contact details the other side got."""
    receipt = match.offer.receipt_id if side == Side.VOLUNTEER else match.role.initiative.receipt_id
    contact = Contact.objects.filter(receipt=receipt).first() if receipt else None
    if contact is None:
        return _("They can reach you through the municipality. Who calls first does not matter.")
    if contact.phone and contact.email:
        return _("They got your number and address too. Who calls first does not matter.")
    if contact.phone:
        return _("They got your number too. Who calls first does not matter.")
    return _("They got your e-mail address too. Who writes first does not matter.")
