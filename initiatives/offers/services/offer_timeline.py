"""The timeline of an offer as its holder reads it: what happened, what comes next and when."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.i18n import pick
from initiatives.matching.moved_wording import moved_said
from initiatives.models import Match, Offer
from initiatives.states import BOUND_MATCHES, MatchState, OfferState

OLD = timedelta(days=90)
"""The holder is asked again this long after an offer was last confirmed."""
_SHOWN_STATES = (MatchState.PROPOSED, MatchState.WAITLISTED, *sorted(BOUND_MATCHES), MatchState.ENDED)


@dataclass(frozen=True)
class TimelineStep:
    on: date
    text: str
    todo: bool = False
    late: bool = False
    rests: bool = False


def steps(offer: Offer, *, today: date | None = None) -> list[TimelineStep]:
    """Steps ordered by day; the step still to come is last."""
    today = today or timezone.localdate()
    who = capfirst(offer.owner.title) or _("A colleague of the municipality")
    found = [TimelineStep(offer.offered_on, _("You offered this."))]
    if offer.contacted_on:
        found.append(TimelineStep(offer.contacted_on, _("%(who)s spoke to you.") % {"who": who}))
    matches = offer.matches.filter(state__in=_SHOWN_STATES).select_related("role__initiative")
    found += [_of(match) for match in matches]
    found.sort(key=lambda step: step.on)
    if offer.next_action_on and offer.state != OfferState.CLOSED:
        late, rests = offer.is_late(today), offer.state == OfferState.PAUSED
        said = _next(offer, who) + moved_said(f"offer:{offer.pk}", offer.next_action_on)
        found.append(TimelineStep(offer.next_action_on, said, todo=True, late=late, rests=rests))
    return found


def _of(match: Match) -> TimelineStep:
    name = {"name": pick(match.role.initiative.name, get_language() or "")}
    if match.introduced_at:
        return TimelineStep(
            timezone.localdate(match.introduced_at), _("You were introduced: %(name)s.") % name
        )
    if match.state == MatchState.WAITLISTED:
        return TimelineStep(
            timezone.localdate(match.state_at), _("You are on the waiting list: %(name)s.") % name
        )
    return TimelineStep(timezone.localdate(match.proposed_at), _("We proposed something: %(name)s.") % name)


def _next(offer: Offer, who: str) -> str:
    if offer.state == OfferState.NEW:
        return _("%(who)s gets in touch with you.") % {"who": who}
    if offer.state == OfferState.PAUSED:
        who = offer.owner.title or _("a colleague of the municipality")
        return _("We ask you nothing until then. After that %(who)s asks whether you go on.") % {"who": who}
    if offer.state == OfferState.ACTIVE:
        return _("%(who)s asks you how it is going.") % {"who": who}
    return _("%(who)s makes you a proposal, or says honestly: not now.") % {"who": who}


def is_old(offer: Offer, *, today: date | None = None) -> bool:
    return offer.confirmed_on <= (today or timezone.localdate()) - OLD
