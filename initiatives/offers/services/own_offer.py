"""What somebody does with their own offer, on their own page: it is theirs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event
from core.errors import DomainError
from core.rows import refresh_or_gone
from feedback import words
from initiatives.matching import moments as week
from initiatives.matching import next_steps
from initiatives.matching.services import matches
from initiatives.models import Offer
from initiatives.offers.services import offer_mail
from initiatives.offers.services.offer_care import LONGEST_PAUSE, end_pause
from initiatives.offers.services.offers import WHICH_PLACE
from initiatives.states import Language, OfferKind, OfferState, Skill, TimeGift
from neighbourhoods.models import Place


@dataclass(frozen=True)
class SavedAnswers:
    """What can change of an offer after it was made. Of what a party gives, only the last six, and of
    what is no space only four of those."""

    time: str = ""
    skills: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    rather_together: bool | None = None
    moments: list[str] = field(default_factory=list)
    words: str = ""
    conditions: str = ""
    until: date | None = None
    place: Place | None = None
    address: str = ""

    def problem(self, today: date) -> str:
        known = set(self.skills) <= set(Skill.values) and set(self.languages) <= set(Language.values)
        if not known or (self.time and self.time not in TimeGift.values):
            return _("Choose from the list.")
        if self.until and self.until < today:
            return _("Choose a day that is still to come.")
        return ""


@transaction.atomic
def keep_up_to_date(*, offer: Offer, kept: SavedAnswers | None = None, now: datetime | None = None) -> Offer:
    """Still true, or true again with what changed. Raises DomainError for what is closed, or makes no sense."""
    today = timezone.localdate(now)
    fields: dict[str, Any] = {"confirmed_on": today}
    if kept:
        if problem := kept.problem(today):
            raise DomainError(problem)
        fields |= {
            "moments": week.valid_moments(kept.moments),
            "words": kept.words.strip(),
            "conditions": kept.conditions.strip(),
            "until": kept.until,
        }
        if offer.kind == OfferKind.SPACE:
            if kept.place is None and not kept.address.strip():
                raise DomainError(str(WHICH_PLACE))
            fields |= {"place": kept.place, "address": "" if kept.place else kept.address.strip()}
        if offer.is_hands:
            fields |= {
                "time": kept.time,
                "skills": sorted(set(kept.skills)),
                "languages": sorted(set(kept.languages)),
                "rather_together": kept.rather_together,
            }
        said = (fields["words"], fields["conditions"])
        if said != (offer.words, offer.conditions):
            fields["may_be_danger"] = words.may_be_danger(*said)
    if not Offer.objects.filter(pk=offer.pk).exclude(state=OfferState.CLOSED).update(**fields):
        raise DomainError(_("This offer is closed."))
    if kept:
        Event.log("changed", offer, by=None)
    else:
        Event.log("said to be still true", offer, by=None)
    refresh_or_gone(offer)
    return offer


@transaction.atomic
def pause(*, offer: Offer, until: date, now: datetime | None = None) -> Offer:
    """Nothing for a while, because they want so. On that day somebody asks whether they go on."""
    today = timezone.localdate(now)
    if not today < until <= today + LONGEST_PAUSE:
        raise DomainError(_("Choose a day that is still to come, within a year."))
    if offer.state == OfferState.PAUSED:
        Offer.objects.filter(pk=offer.pk, state=OfferState.PAUSED).update(
            paused_until=until, next_action_on=until, pause_asked=True
        )
    else:
        offer.move(
            OfferState.PAUSED,
            paused_until=until,
            pause_asked=True,
            next_action=next_steps.action(OfferState.PAUSED, offer.owner.language),
            next_action_on=until,
        )
    Event.log("paused", offer, by=None, until=until)
    refresh_or_gone(offer)
    offer_mail.notify_about_offer(offer, offer_mail.BREAK, round=until.isoformat())
    return offer


def go_on(*, offer: Offer, now: datetime | None = None) -> Offer:
    """The pause ends today. Pressed twice it ended once."""
    if offer.state != OfferState.PAUSED:
        return offer
    with transaction.atomic():
        end_pause(offer, today=timezone.localdate(now))
        Event.log("went on", offer, by=None)
    # By itself, for it holds roles before offers; what does not come so far is done by the day.
    matches.after_pause(offer=offer, now=now)
    refresh_or_gone(offer)
    return offer
