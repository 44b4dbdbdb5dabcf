"""Scores of volunteers for volunteer roles: barriers, a fit of at most 100 points, and adjustments.

A barrier keeps a pair from being suggested; its mark says why. The fit is the sum of five topics, each with a
maximum: skills and interest 35, availability 25, distance 15 (by area alone), language and access 10, wishes
15. Adjustments change the order but never the fit.

An unknown value is neither a barrier nor a match: it gives half the points, with a mark that says what to
ask. A role that asks no skill, language or moment also gives half, so that people with a particular skill are
asked first where it is needed.

A decline adds barriers: see `Declined.keeps_from`.
"""

from initiatives.matching.marks import Detail, FitTopic, Reason, ReasonCode, SideKey
from initiatives.matching.pairs import (
    ADJUSTMENT_PARTS,
    BARRIERS,
    FIT_PARTS,
    MAX_ADJUSTMENT_POINTS,
    MAX_LOAD_POINTS,
    MAX_POINTS_PER_TOPIC,
    MAX_WEEK_POINTS,
    TOO_MUCH_DAYS,
    TOPIC_BY_REASON,
    DeclinedRole,
    Location,
    MatchSuggestion,
    Vacancy,
    Volunteer,
    adjustments,
    barriers,
    fit,
    suggest,
)
from initiatives.matching.ranking import Ranking, RefusedPair, rank

__all__ = [
    "ADJUSTMENT_PARTS",
    "BARRIERS",
    "FIT_PARTS",
    "MAX_ADJUSTMENT_POINTS",
    "MAX_LOAD_POINTS",
    "MAX_POINTS_PER_TOPIC",
    "MAX_WEEK_POINTS",
    "TOO_MUCH_DAYS",
    "TOPIC_BY_REASON",
    "DeclinedRole",
    "Detail",
    "FitTopic",
    "Location",
    "MatchSuggestion",
    "Ranking",
    "Reason",
    "ReasonCode",
    "RefusedPair",
    "SideKey",
    "Vacancy",
    "Volunteer",
    "adjustments",
    "barriers",
    "fit",
    "rank",
    "suggest",
]
