"""What comes next for an offer, and before when, when nobody plans it otherwise: nobody is forgotten."""

from collections.abc import Callable, Collection
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from initiatives.states import MatchState, OfferState

ACTIONS = {
    OfferState.NEW: _("Get in touch"),
    OfferState.CONTACTED: _("Make a proposal, or say honestly: not now"),
    OfferState.ACTIVE: _("Ask how it is going"),
    OfferState.PAUSED: _("Ask whether they go on"),
}


def action(state: str, language: str) -> str:
    """In the language of whoever does it."""
    with override(language):
        return str(ACTIONS[OfferState(state)])


def how_it_stands(state: str, matches: Collection[str]) -> str:
    """What is true of an offer now, for who looks after it: its state, and of its matches how far the farthest is."""
    if state not in (OfferState.PAUSED, OfferState.CLOSED):
        for reached, said in STANDS.items():
            if reached in matches:
                return str(said)
    return str(ALONE[OfferState(state)])


ALONE = {
    OfferState.NEW: _("Nobody spoke to them yet."),
    OfferState.CONTACTED: _("They were spoken to. Nothing is proposed to them now."),
    OfferState.ACTIVE: _("They are at work."),
    OfferState.PAUSED: _("They take a break."),
    OfferState.CLOSED: "",
}
STANDS = {
    MatchState.ACTIVE: _("They are at work."),
    MatchState.INTRODUCED: _("They know how to reach each other, and have not met yet."),
    MatchState.ACCEPTED: _("Both said yes. They have to be introduced."),
    MatchState.WAITLISTED: _("They are on a waiting list."),
    MatchState.PROPOSED: _("Something was proposed. It waits for a yes or a no."),
}
"""Of what is proposed or runs, the farthest first."""
MAY_BE_AT_WORK = frozenset({MatchState.INTRODUCED, MatchState.ACTIVE})


def may_be_at_work(state: str, matches: Collection[str]) -> bool:
    """Whether “they are at work” is the next thing that can be true. While something is only proposed it is not."""
    return state == OfferState.PAUSED or not matches or not MAY_BE_AT_WORK.isdisjoint(matches)


def next_step_due(
    state: str,
    *,
    offered_on: date,
    today: date,
    days: Callable[[str], int],
) -> date:
    """The day before which the next step in this state is taken; today at the earliest.

    The first contact and the proposal are counted from the day of the offer: a late call makes no proposal later.
    """
    if state == OfferState.NEW:
        found = offered_on + timedelta(days=days("first_contact"))
    elif state == OfferState.CONTACTED:
        found = offered_on + timedelta(days=days("proposal"))
    else:
        found = today + timedelta(days=days("check"))
    return max(found, today)
