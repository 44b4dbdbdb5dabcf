"""Matches on the page of an offer or a role: context of initiatives/matches.html. Newest first, by page."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import User
from core.ids import is_id
from initiatives.models import Match
from initiatives.models.role import MatchQuerySet
from initiatives.states import Side
from neighbourhoods.models import Area
from neighbourhoods.states import Power

MATCHES_PAGE_SIZE = 20
ASKED = "proposed-before"


@dataclass(frozen=True)
class MatchRow:
    """One match, and the sides this colleague may answer for."""

    match: Match
    sides: frozenset[Side]

    @property
    def for_volunteer(self) -> bool:
        return Side.VOLUNTEER in self.sides

    @property
    def for_initiative(self) -> bool:
        return Side.INITIATIVE in self.sides


@dataclass(frozen=True)
class MatchPage:
    rows: list[MatchRow]
    older_url: str
    newest_url: str


def speaks_for(user: User, *matches: Match) -> list[frozenset[Side]]:
    """The sides `user` may answer for, per match in order: where they coordinate the area of a side, or own it."""
    areas = {one.offer.area_id for one in matches} | {one.role.initiative.area_id for one in matches}
    works_in = Area.objects.where(user, least=Power.COORDINATOR).filter(pk__in=areas)
    mine = set(works_in.values_list("pk", flat=True))
    found = []
    for one in matches:
        of = {Side.VOLUNTEER: one.offer, Side.INITIATIVE: one.role.initiative}
        found.append(
            frozenset(side for side, it in of.items() if it.owner_id == user.pk or it.area_id in mine)
        )
    return found


def match_page(request: HttpRequest, found: MatchQuerySet) -> MatchPage:
    after = request.GET.get(ASKED, "")
    last = found.filter(pk=after).first() if is_id(after) else None
    rest = found.behind(last) if last else found
    page = list(rest.select_related("offer", "role__initiative")[: MATCHES_PAGE_SIZE + 1])
    shown = page[:MATCHES_PAGE_SIZE]
    return MatchPage(
        rows=[MatchRow(*row) for row in zip(shown, speaks_for(request.user, *shown), strict=True)],
        older_url=f"?{ASKED}={shown[-1].pk}#matches" if len(page) > MATCHES_PAGE_SIZE else "",
        newest_url=f"{request.path}#matches" if last else "",
    )
