"""Actions of the holder on their own offer, from the private page."""

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
    """The fields of an offer that can change. A gift has only those from `moments` on; `place` and `address`
    are for a space alone."""

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
    """Confirm the offer, with the changes in `kept`. Raises DomainError if it is closed or a value is invalid."""
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
    """Pause it at the holder's request. On `until` a colleague asks whether they go on. Raises DomainError
    unless `until` is within a year."""
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
    """End the pause today. Idempotent."""
    if offer.state != OfferState.PAUSED:
        return offer
    with transaction.atomic():
        end_pause(offer, today=timezone.localdate(now))
        Event.log("went on", offer, by=None)
    # In a transaction of its own: it locks roles before offers. What fails here the daily job does.
    matches.after_pause(offer=offer, now=now)
    refresh_or_gone(offer)
    return offer
