"""Suggestions on the pages of an offer, a role and a round: context of initiatives/suggestions.html.

A page includes it with the result of `for_role` or `for_offer` as `suggestions`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from core.i18n import pick
from initiatives.matching import MatchSuggestion, Reason, moments
from initiatives.matching.services import suggesting
from initiatives.matching.services.suggesting import Suggested
from initiatives.models import Offer, VolunteerRole
from initiatives.wording import Chip, ScoreLine, chip, chips, offer_name, sums


@dataclass(frozen=True)
class SuggestionRow:
    """One offer or role: what it is, its reasons or barriers, and the URL to propose it."""

    name: str
    about: str
    url: str
    chips: list[Chip]
    score: int = 0
    sums: tuple[ScoreLine, ...] = ()
    action: str = ""
    offer: int = 0


@dataclass(frozen=True)
class Suggestions:
    title: str
    empty: str
    lines: list[SuggestionRow]
    more: str
    refused: list[SuggestionRow]
    more_refused: int
    all_refused: int


def for_role(role: VolunteerRole, *, by: User, on: date | None = None, may: bool = True) -> Suggestions:
    """Offers that suit this role; `may` says whether `by` may propose them."""
    found = suggesting.for_role(role, by=by, on=on)
    return Suggestions(
        title=_("Who fits"),
        empty=_("Nobody who waits fits this now. Look at what stands in the way, or ask for it once more."),
        lines=[
            _fits(said_offer(offer), one, _propose_url(role) if may else "", offer)
            for offer, one in found.best
        ],
        more=_more(found, ngettext("%(n)d other offer fits.", "%(n)d other offers fit.", found.more)),
        refused=[_not(said_offer(offer), one.barriers) for offer, one in found.refused],
        more_refused=found.more_refused,
        all_refused=found.all_refused,
    )


def for_offer(offer: Offer, *, by: User, on: date | None = None, may: bool = True) -> Suggestions:
    """Roles that suit this offer."""
    found = suggesting.for_offer(offer, by=by, on=on)
    return Suggestions(
        title=_("Fits"),
        empty=_("No role that is open fits this now."),
        lines=[
            _fits(said_role(role), one, _propose_url(role) if may else "", offer) for role, one in found.best
        ],
        more=_more(found, ngettext("%(n)d other role fits.", "%(n)d other roles fit.", found.more)),
        refused=[_not(said_role(role), one.barriers) for role, one in found.refused],
        more_refused=found.more_refused,
        all_refused=found.all_refused,
    )


NamedLink = tuple[str, str, str]
"""(name, a few words about it, URL)."""


def said_offer(offer: Offer) -> NamedLink:
    name = offer_name(offer.pk, offer.what)
    when = moments.label(offer.moments)
    return name, " · ".join(filter(None, (offer.area.name, when))), reverse("hand", args=[offer.pk])


def said_role(role: VolunteerRole) -> NamedLink:
    """The initiative, and what is looked for: “cook · 2 people wanted · Thu afternoon”."""
    language = get_language() or ""
    people = ngettext("%(n)d person wanted", "%(n)d people wanted", role.people) % {"n": role.people}
    about = (pick(role.name, language), people, moments.label(role.moments))
    name = pick(role.initiative.name, language)
    return name, " · ".join(filter(None, about)), reverse("role", args=[role.pk])


def _fits(said: NamedLink, one: MatchSuggestion, action: str, offer: Offer) -> SuggestionRow:
    name, about, url = said
    return SuggestionRow(
        name=name,
        about=about,
        url=url,
        chips=chips((*one.reasons, *one.adjustments)),
        score=one.score,
        sums=tuple(sums(one.reasons)),
        action=action,
        offer=offer.pk,
    )


def _not(said: NamedLink, barriers: Iterable[Reason]) -> SuggestionRow:
    name, about, url = said
    return SuggestionRow(name=name, about=about, url=url, chips=[chip(one) for one in barriers])


def _more(found: Suggested, sentence: str) -> str:
    return sentence % {"n": found.more} if found.more else ""


def _propose_url(role: VolunteerRole) -> str:
    return reverse("match_propose_role", args=[role.pk])
