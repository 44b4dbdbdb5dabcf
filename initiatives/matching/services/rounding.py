"""Sending a round: what was ticked of a plan."""

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
    """How many are asked by now, and of whom it turned out not to be possible, with why."""

    asked: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def asked_already(*, by: User) -> set[tuple[int, int]]:
    """Pairs that somebody still has to answer: ticked twice they are asked once."""
    return set(Match.objects.visible_to(by).asked().order_by().values_list("offer", "role"))


def propose_round(*, pairs: Iterable[tuple[int, int]], by: User, now: datetime | None = None) -> Sent:
    """Propose each pair of (offer, role), each in a transaction of its own: locks are taken in one order, and one
    that somebody was first with does not keep back the others."""
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
