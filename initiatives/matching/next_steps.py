"""Default next steps of an offer with their days, so that no offer is forgotten."""

from collections.abc import Callable, Collection
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from feedback.answers.services.promises import postponed_days
from feedback.models import MovedDay
from initiatives.states import MatchState, OfferState

NEXT_ACTION_TEXTS = {
    OfferState.NEW: _("Get in touch"),
    OfferState.CONTACTED: _("Make a proposal, or say honestly: not now"),
    OfferState.ACTIVE: _("Ask how it is going"),
    OfferState.PAUSED: _("Ask whether they go on"),
}


def action(state: str, language: str) -> str:
    """In the language of the colleague who does it."""
    with override(language):
        return str(NEXT_ACTION_TEXTS[OfferState(state)])


def how_it_stands(state: str, matches: Collection[str]) -> str:
    """What is true of an offer now, for its owner: from its most advanced match, else from its state."""
    if state not in (OfferState.PAUSED, OfferState.CLOSED):
        for reached, said in MATCH_STATE_TEXTS.items():
            if reached in matches:
                return str(said)
    return str(OFFER_STATE_TEXTS[OfferState(state)])


OFFER_STATE_TEXTS = {
    OfferState.NEW: _("Nobody spoke to them yet."),
    OfferState.CONTACTED: _("They were spoken to. Nothing is proposed to them now."),
    OfferState.ACTIVE: _("They are at work."),
    OfferState.PAUSED: _("They take a break."),
    OfferState.CLOSED: "",
}
MATCH_STATE_TEXTS = {
    MatchState.ACTIVE: _("They are at work."),
    MatchState.INTRODUCED: _("They know how to reach each other, and have not met yet."),
    MatchState.ACCEPTED: _("Both said yes. They have to be introduced."),
    MatchState.WAITLISTED: _("They are on a waiting list."),
    MatchState.PROPOSED: _("Something was proposed. It waits for a yes or a no."),
}
"""Text per match state, most advanced first."""
STARTABLE_MATCH_STATES = frozenset({MatchState.INTRODUCED, MatchState.ACTIVE})


def may_be_at_work(state: str, matches: Collection[str]) -> bool:
    """Whether “at work” can be the next state. Not while its matches are only proposed."""
    return state == OfferState.PAUSED or not matches or not STARTABLE_MATCH_STATES.isdisjoint(matches)


def next_step_due(
    state: str,
    *,
    offered_on: date,
    today: date,
    days: Callable[[str], int],
) -> date:
    """The day before which the next step in this state is taken; today at the earliest.

    First contact and proposal count from the day of the offer, so a late call does not delay the proposal.
    """
    if state == OfferState.NEW:
        found = offered_on + timedelta(days=days("first_contact"))
    elif state == OfferState.CONTACTED:
        found = offered_on + timedelta(days=days("proposal"))
    else:
        found = today + timedelta(days=days("check"))
    return max(found, today)


# How a later day is explained to people who wait.


def moved_note(key: str, day: date | None) -> str:
    """Text to append to a promise for `day`; "" when that day was never later than promised."""
    found = postponed_days({key: day}).get(key)
    return f" {label(found)}" if found else ""


def label(found: MovedDay) -> str:
    said = gettext("First we said before %(day)s. It became later: %(why)s")
    return said % {"day": date_format(found.was, "j F"), "why": found.why}
