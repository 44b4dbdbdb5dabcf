"""Ways to help, motives, skills, and the states of an offer."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    THINK = "think", _("Think along")
    ONCE = "once", _("Help once")
    OFTEN = "often", _("Help more often")
    PULL = "pull", _("Take the lead, together with others")


class TimeGift(models.TextChoices):
    HOUR = "hour", _("an hour")
    MONTHLY = "monthly", _("a part of a day each month")
    WEEKLY = "weekly", _("each week")


class Motive(models.TextChoices):
    """After the Volunteer Functions Inventory (Clary et al. 1998) and two from practice. “Protective” is left out
    on purpose: an answer to it would be sensitive."""

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
    def said(cls, values: Iterable[str]) -> list[str]:
        """In the reader's language; what is no skill any more is left out."""
        return [str(cls(value).label) for value in values if value in cls.values]


class OfferState(models.TextChoices):
    NEW = "new", _("new")
    CONTACTED = "contacted", _("contacted")
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")


OFFER_TRANSITIONS: dict[str, frozenset[str]] = {
    OfferState.NEW: frozenset({OfferState.CONTACTED, OfferState.CLOSED}),
    OfferState.CONTACTED: frozenset({OfferState.ACTIVE, OfferState.PAUSED, OfferState.CLOSED}),
    OfferState.ACTIVE: frozenset({OfferState.PAUSED, OfferState.CLOSED}),
    OfferState.PAUSED: frozenset({OfferState.ACTIVE, OfferState.CLOSED}),
    OfferState.CLOSED: frozenset(),
}
