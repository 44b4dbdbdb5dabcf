"""Who fits which volunteer role, and why: hard filters, reasons that add up to at most 100, and what is weighed
beside them.

A filter keeps a pair from being suggested; its mark says why. The fit of a pair is the sum of five parts, each with a
most: skills and interest 35, availability 25, distance 15 (by area alone), language and access 10, what somebody
wished 15. Beside the fit stand adjustments, which change the order and never the fit.

What is not known is neither a filter nor a match: it gives half of what it could, and says what to ask. A role that
asks no skill, no language or no moment gives half as well, so that who can do something in particular is asked first
for where just that is needed.

A decline teaches: see `Declined.keeps_from`.
"""

from initiatives.matching.apart import BARRIERS, barriers
from initiatives.matching.fits import (
    ADJUSTED_MOST,
    ADJUSTMENTS,
    FIT,
    LOAD_MOST,
    MAX_POINTS_PER_TOPIC,
    TOPICS,
    WEEK_MOST,
    MatchSuggestion,
    adjustments,
    fit,
    suggest,
)
from initiatives.matching.marks import Detail, FitTopic, Mark, Reason, SideKey
from initiatives.matching.ranking import Ranking, RefusedPair, rank
from initiatives.matching.sides import TOO_MUCH_DAYS, Declined, Vacancy, Volunteer, Where

__all__ = [
    "ADJUSTED_MOST",
    "ADJUSTMENTS",
    "BARRIERS",
    "FIT",
    "LOAD_MOST",
    "MAX_POINTS_PER_TOPIC",
    "TOO_MUCH_DAYS",
    "TOPICS",
    "WEEK_MOST",
    "Declined",
    "Detail",
    "FitTopic",
    "Mark",
    "MatchSuggestion",
    "Ranking",
    "Reason",
    "RefusedPair",
    "SideKey",
    "Vacancy",
    "Volunteer",
    "Where",
    "adjustments",
    "barriers",
    "fit",
    "rank",
    "suggest",
]
