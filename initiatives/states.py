"""Choices for needs, offers, initiatives, roles and matches, named sets of states, and transition tables."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Involvement(models.TextChoices):
    THINK = "think", _("Think along")
    ONCE = "once", _("Help once")
    OFTEN = "often", _("Help more often")
    PULL = "pull", _("Take the lead, together with others")


class TimeGift(models.TextChoices):
    HOUR = "hour", _("an hour")
    MONTHLY = "monthly", _("a part of a day each month")
    WEEKLY = "weekly", _("each week")


class Motive(models.TextChoices):
    """From the Volunteer Functions Inventory (Clary et al. 1998), plus two motives from practice.
    “Protective” is left out on purpose: an answer to it would be sensitive data."""

    OTHERS = "others", _("doing something for others")
    LEARN = "learn", _("learning something")
    MEET = "meet", _("meeting people")
    WORK = "work", _("good for my work")
    PRIDE = "pride", _("being proud of what I do")
    STREET = "street", _("a nicer street")
    CHANGE = "change", _("this has to change")


class Skill(models.TextChoices):
    HANDY = "handy", _("handy: repairs, garden, technology, bicycles")
    CARE = "care", _("care and attention")
    COOK = "cook", _("cooking and hosting")
    ORGANISE = "organise", _("organising")
    CONNECT = "connect", _("talking and connecting")
    LANGUAGE = "language", _("language and forms")
    DIGITAL = "digital", _("digital and media")
    CREATIVE = "creative", _("creative and music")
    SPORT = "sport", _("sport and games")
    GREEN = "green", _("plants and animals")
    DRIVE = "drive", _("driving and transport")
    TRADE = "trade", _("a profession: building, law, care, teaching")
    SPACE = "space", _("a place or things to lend")

    @classmethod
    def labels_of(cls, values: Iterable[str]) -> list[str]:
        """Labels in the reader's language; values that are no skill any more are dropped."""
        return [str(cls(value).label) for value in values if value in cls.values]


class Language(models.TextChoices):
    """Languages commonly spoken in Dutch neighbourhoods; kept short enough for a phone screen."""

    NL = "nl", _("Dutch")
    EN = "en", _("English")
    TR = "tr", _("Turkish")
    AR = "ar", _("Arabic")
    ZGH = "zgh", _("Berber")
    PL = "pl", _("Polish")
    UK = "uk", _("Ukrainian")
    PAP = "pap", _("Papiamento")
    SRN = "srn", _("Sranan")
    SO = "so", _("Somali")
    TI = "ti", _("Tigrinya")
    FA = "fa", _("Persian or Dari")
    ES = "es", _("Spanish")
    FR = "fr", _("French")
    DE = "de", _("German")
    ZH = "zh", _("Chinese")
    NGT = "ngt", _("sign language")


class OfferKind(models.TextChoices):
    HANDS = "hands", _("hands")
    SPACE = "space", _("a space")
    MONEY = "money", _("money")
    HOURS = "hours", _("hours of staff")
    MATERIALS = "materials", _("materials")
    KNOWLEDGE = "knowledge", _("knowledge")


class Day(models.IntegerChoices):
    """Numbered as in ISO 8601."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class DayPart(models.TextChoices):
    MORNING = "m", _("morning, until 12")
    AFTERNOON = "a", _("afternoon, 12 to 17")
    MEAL = "e", _("mealtime, 17 to 19")
    EVENING = "n", _("evening, from 19")


MOMENTS = tuple(f"{day.value}{part.value}" for day in Day for part in DayPart)
"""The 28 parts of a week: “4a” is Thursday afternoon."""


class OfferState(models.TextChoices):
    NEW = "new", _("new")
    CONTACTED = "contacted", _("contacted")
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")


OFFER_TRANSITIONS: dict[str, frozenset[str]] = {
    OfferState.NEW: frozenset({OfferState.CONTACTED, OfferState.PAUSED, OfferState.CLOSED}),
    OfferState.CONTACTED: frozenset({OfferState.ACTIVE, OfferState.PAUSED, OfferState.CLOSED}),
    OfferState.ACTIVE: frozenset({OfferState.PAUSED, OfferState.CLOSED}),
    # After a pause an offer returns to its earlier state: one not yet contacted still has to be.
    OfferState.PAUSED: frozenset(
        {OfferState.NEW, OfferState.CONTACTED, OfferState.ACTIVE, OfferState.CLOSED}
    ),
    OfferState.CLOSED: frozenset(),
}


class NeedState(models.TextChoices):
    HEARD = "heard", _("heard")
    LOOKED_INTO = "looked_into", _("being looked into")
    TAKEN_UP = "taken_up", _("being taken up")
    MET = "met", _("met")
    NOT_TAKEN_UP = "not_taken_up", _("not taken up")


NEED_TRANSITIONS: dict[str, frozenset[str]] = {
    NeedState.HEARD: frozenset(
        {NeedState.LOOKED_INTO, NeedState.TAKEN_UP, NeedState.MET, NeedState.NOT_TAKEN_UP}
    ),
    NeedState.LOOKED_INTO: frozenset({NeedState.TAKEN_UP, NeedState.MET, NeedState.NOT_TAKEN_UP}),
    NeedState.TAKEN_UP: frozenset({NeedState.LOOKED_INTO, NeedState.MET, NeedState.NOT_TAKEN_UP}),
    NeedState.MET: frozenset({NeedState.TAKEN_UP}),  # it was not met after all
    NeedState.NOT_TAKEN_UP: frozenset({NeedState.LOOKED_INTO}),
}
OPEN_NEEDS = frozenset({NeedState.HEARD, NeedState.LOOKED_INTO, NeedState.TAKEN_UP})


class Urgency(models.IntegerChoices):
    CAN_WAIT = 1, _("can wait")
    THIS_YEAR = 2, _("this year")
    NOW = 3, _("now")


class LinkKind(models.TextChoices):
    """What a need can be linked to."""

    OFFER = "offer", _("an offer")
    PLACE = "place", _("a place")
    INITIATIVE = "initiative", _("an initiative")
    APPROACH = "approach", _("a proven approach")
    DECISION = "decision", _("a decision")


class InitiativeState(models.TextChoices):
    IDEA = "idea", _("an idea")
    PREPARING = "preparing", _("being prepared")
    RUNNING = "running", _("running")
    ENDED = "ended", _("ended")


INITIATIVE_TRANSITIONS: dict[str, frozenset[str]] = {
    InitiativeState.IDEA: frozenset(
        {InitiativeState.PREPARING, InitiativeState.RUNNING, InitiativeState.ENDED}
    ),
    InitiativeState.PREPARING: frozenset({InitiativeState.RUNNING, InitiativeState.ENDED}),
    InitiativeState.RUNNING: frozenset({InitiativeState.ENDED}),
    InitiativeState.ENDED: frozenset({InitiativeState.RUNNING, InitiativeState.PREPARING}),  # taken up again
}
# An idea is between its beginner and the municipality; from `preparing` on neighbours can read it and join.
PUBLIC_INITIATIVES = frozenset({InitiativeState.PREPARING, InitiativeState.RUNNING})


class RoleState(models.TextChoices):
    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


ROLE_TRANSITIONS: dict[str, frozenset[str]] = {
    RoleState.DRAFT: frozenset({RoleState.OPEN, RoleState.CLOSED}),
    RoleState.OPEN: frozenset({RoleState.CLOSED}),
    RoleState.CLOSED: frozenset({RoleState.OPEN}),
}


class Rhythm(models.TextChoices):
    ONCE = "once", _("once")
    REGULAR = "regular", _("regularly")


class MatchState(models.TextChoices):
    """State of one offer of hands with one volunteer role, from the proposal on. A suggestion is computed
    each time and never stored. `accepted`: both said yes, but there is no address to introduce them by, so a
    colleague does it.
    """

    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("both said yes")
    DECLINED = "declined", _("declined")
    WAITLISTED = "waitlisted", _("on the waiting list")
    INTRODUCED = "introduced", _("introduced")
    ACTIVE = "active", _("at work")
    ENDED = "ended", _("ended")
    EXPIRED = "expired", _("expired")


MATCH_TRANSITIONS: dict[str, frozenset[str]] = {
    MatchState.PROPOSED: frozenset(
        {
            MatchState.ACCEPTED,
            MatchState.INTRODUCED,
            MatchState.DECLINED,
            MatchState.WAITLISTED,  # both said yes, but the role had filled up
            MatchState.EXPIRED,
        }
    ),
    MatchState.WAITLISTED: frozenset(
        {
            MatchState.PROPOSED,
            MatchState.ACCEPTED,
            MatchState.INTRODUCED,
            MatchState.DECLINED,
            MatchState.EXPIRED,
        }
    ),
    MatchState.ACCEPTED: frozenset({MatchState.INTRODUCED, MatchState.DECLINED}),
    MatchState.INTRODUCED: frozenset({MatchState.ACTIVE, MatchState.ENDED}),
    MatchState.ACTIVE: frozenset({MatchState.ENDED}),
    MatchState.DECLINED: frozenset({MatchState.PROPOSED}),  # the obstacle is gone; a colleague proposes again
    MatchState.EXPIRED: frozenset({MatchState.PROPOSED, MatchState.DECLINED}),
    MatchState.ENDED: frozenset({MatchState.PROPOSED}),
}
# Matches that take a place in the role and count towards the volunteer's load.
BOUND_MATCHES = frozenset({MatchState.ACCEPTED, MatchState.INTRODUCED, MatchState.ACTIVE})
# Matches that still wait for a yes or no.
ASKED_MATCHES = frozenset({MatchState.PROPOSED, MatchState.WAITLISTED})
# Matches with something still to come; each has a next step with its own day.
STANDING_MATCHES = BOUND_MATCHES | ASKED_MATCHES
# Matches in which both know each other.
TOGETHER_MATCHES = frozenset({MatchState.INTRODUCED, MatchState.ACTIVE})
ACCEPTED_MATCH_STATES = frozenset(
    {MatchState.ACCEPTED, MatchState.INTRODUCED, MatchState.ACTIVE, MatchState.WAITLISTED, MatchState.ENDED}
)


class MatchStep(models.TextChoices):
    """What a colleague does next for a match. On its day it becomes the next step of the offer, unless the
    offer has an earlier one."""

    ANSWER = "answer", _("See what they answered")
    CALL = "call", _("They said yes, and the initiative does not answer: call it")
    INTRODUCE = "introduce", _("Introduce them yourself: there is no address for it")
    LIST = "list", _("Tell them how long the waiting list is")
    TELL_DAY = "tell_day", _("Call: their first time changed, and there is no address to write to")
    NEW_DAY = "new_day", _("Their first time was called off: find another day")
    HOW = "how", _("Ask how it goes")
    NOT_GOOD = "not_good", _("Call: it was not good")


class Side(models.TextChoices):
    VOLUNTEER = "volunteer", _("the volunteer")
    INITIATIVE = "initiative", _("the initiative")


class Decline(models.TextChoices):
    """Why a side declined. Each reason feeds the filters of initiatives.matching."""

    TOO_FAR = "too_far", _("too far")
    TIME = "time", _("the times do not suit")
    TOO_MUCH = "too_much", _("too much for now")
    NOT_FOR_ME = "not_for_me", _("not what I like to do")
    FOUND_SOMEBODY = "found", _("somebody was found already")
    NO_CLICK = "no_click", _("it does not suit us")
    OVER = "over", _("it ended")


class HowWasIt(models.TextChoices):
    GOOD = "good", _("good")
    MIXED = "mixed", _("could be better")
    BAD = "bad", _("not good")


class ClearanceKind(models.TextChoices):
    """Document shown to a colleague before some roles. The document itself is never kept."""

    VOG = "vog", _("certificate of conduct (VOG)")


class Applicant(models.TextChoices):
    """Who makes a challenge."""

    RESIDENT = "resident", _("a resident")
    GROUP = "group", _("a group of residents")
    PARTY = "party", _("an organisation of the neighbourhood")


class ChallengeState(models.TextChoices):
    """State of a challenge: a request to take over a task of the municipality (uitdaagrecht)."""

    ASKED = "asked", _("asked")
    TALKING = "talking", _("being talked about")
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


CHALLENGE_DECISIONS = frozenset({ChallengeState.GRANTED, ChallengeState.PARTLY, ChallengeState.REFUSED})
CHALLENGE_TRANSITIONS: dict[str, frozenset[str]] = {
    ChallengeState.ASKED: frozenset({ChallengeState.TALKING, ChallengeState.WITHDRAWN, *CHALLENGE_DECISIONS}),
    ChallengeState.TALKING: frozenset({ChallengeState.WITHDRAWN, *CHALLENGE_DECISIONS}),
    ChallengeState.GRANTED: frozenset(),
    ChallengeState.PARTLY: frozenset(),
    ChallengeState.REFUSED: frozenset(),
    ChallengeState.WITHDRAWN: frozenset({ChallengeState.ASKED}),
}
