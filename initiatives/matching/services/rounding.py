"""Sending a round of proposals: the ticked pairs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from core.errors import DomainError
from initiatives.matching.services import matches
from initiatives.models import Match, Offer, VolunteerRole
from initiatives.wording import offer_name


@dataclass
class Sent:
    """The number of proposals made, and (offer, reason) of those refused."""

    asked: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def asked_already(*, by: User) -> set[tuple[int, int]]:
    """Pairs with an open proposal: accepted when ticked twice, and asked once."""
    return set(Match.objects.visible_to(by).asked().order_by().values_list("offer", "role"))


def propose_round(*, pairs: Iterable[tuple[int, int]], by: User, now: datetime | None = None) -> Sent:
    """Propose each (offer, role) pair in its own transaction: this keeps the lock order, and one refused pair
    does not stop the others."""
    wanted = list(pairs)
    offers = Offer.objects.select_related("area").in_bulk([offer for offer, _role in wanted])
    roles = VolunteerRole.objects.select_related("initiative").in_bulk([role for _offer, role in wanted])
    sent = Sent()
    for offer, role in wanted:
        if offer not in offers or role not in roles:
            continue  # erased meanwhile
        try:
            matches.propose(offer=offers[offer], role=roles[role], by=by, now=now)
        except DomainError as error:
            sent.refused.append((offer_name(offers[offer].pk, offers[offer].what), str(error)))
        else:
            sent.asked += 1
    return sent
