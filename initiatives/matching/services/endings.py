"""How a match ends: declined, over, called off with its role or initiative, or withdrawn by its receipt."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from initiatives.matching.services.matches import (
    FOLLOW_UP_DELAY,
    PROPOSE_ELSE,
    date_after_term,
    fill_places,
    lock_all_of,
    lock_match,
    lock_role,
    next_step,
    note_contact,
    notify,
    plan_match_step,
)
from initiatives.models import Initiative, Match, Offer, VolunteerRole
from initiatives.states import (
    ASKED_MATCHES,
    BOUND_MATCHES,
    TOGETHER_MATCHES,
    Decline,
    HowWasIt,
    MatchState,
    MatchStep,
    Side,
)
from neighbourhoods.models import ParticipationRules


@transaction.atomic
def decline(
    *, match: Match, side: str, because: str, by: User | None = None, now: datetime | None = None
) -> Match:
    """One side declines, with a reason that feeds the barriers. The offer gets a next step."""
    if because not in Decline.values:
        raise DomainError(_("Choose why: then we propose something that fits better."))
    moment = now or timezone.now()
    role, match = lock_match(match)
    if match.state == MatchState.DECLINED and match.declined_by == side:
        return match
    match.move(MatchState.DECLINED, now=moment, declined_by=side, declined_because=because)
    if by and side == Side.VOLUNTEER:
        note_contact(match, moment)
    next_step(match.offer, PROPOSE_ELSE, date_after_term("proposal", moment))
    other = Side.INITIATIVE if side == Side.VOLUNTEER else Side.VOLUNTEER
    if match.volunteer_yes_at if other == Side.VOLUNTEER else match.initiative_yes_at:
        _notify_cancelled(match, other, now=moment)
    Event.log("said no", match, by=by, side=Side(side), reason=Decline(because))
    fill_places(role, moment)
    return match


@transaction.atomic
def begin_match(*, match: Match, by: User | None = None, now: datetime | None = None) -> Match:
    match.move(MatchState.ACTIVE, now=now)
    Event.log("began work", match, by=by)
    return match


@transaction.atomic
def end_match(*, match: Match, side: str = "", by: User | None = None, now: datetime | None = None) -> Match:
    """End it: done, or one side stops, which is always possible. The place goes to the waiting list."""
    moment = now or timezone.now()
    role, match = lock_match(match)
    if match.state == MatchState.ENDED:
        return match
    match.move(MatchState.ENDED, now=moment, ended_on=timezone.localdate(moment))
    next_step(match.offer, PROPOSE_ELSE, date_after_term("proposal", moment))
    if side != Side.INITIATIVE:
        _notify_cancelled(match, Side.INITIATIVE, now=moment)
    if side != Side.VOLUNTEER:
        _notify_cancelled(match, Side.VOLUNTEER, now=moment)
    Event.log("ended work", match, by=by)
    fill_places(role, moment)
    return match


@transaction.atomic
def record_experience(*, match: Match, after: int, how: str, now: datetime | None = None) -> Match:
    """Store the volunteer's answer after 2 or 30 days. “Not good” gives their owner a next step. Raises
    DomainError for an unknown value, InvalidTransition unless introduced or active."""
    if how not in HowWasIt.values or after not in (2, 30):
        raise DomainError(_("Choose from the list."))
    moment = now or timezone.now()
    _role, match = lock_match(match)
    if match.state not in TOGETHER_MATCHES:
        raise InvalidTransition(_("Something happened to this in the meantime. Have another look."))
    setattr(match, f"after_{after}", how)
    match.save(update_fields=[f"after_{after}"])
    if match.state == MatchState.INTRODUCED and how != HowWasIt.BAD:
        match.move(MatchState.ACTIVE, now=moment)
    if how == HowWasIt.BAD:
        plan_match_step(match, MatchStep.NOT_GOOD, timezone.localdate(moment) + FOLLOW_UP_DELAY)
    elif after == 30 and match.step == MatchStep.HOW:
        plan_match_step(match, MatchStep.HOW, date_after_term("check", moment), gently=True)
    Event.log("said how it was", match, by=None, number=after)
    return match


@transaction.atomic
def end_matches_of_offer(*, offer: Offer, now: datetime | None = None) -> None:
    """End all matches of an offer: proposals expire, running ones end, and initiatives that said yes are told."""
    moment = now or timezone.now()
    lock_all_of(offer)
    for match in offer.matches.standing().select_related("role__initiative", "offer").order_by("role_id"):
        role, match = lock_match(match)
        said_yes = match.initiative_yes_at is not None
        if match.state in ASKED_MATCHES:
            match.move(MatchState.EXPIRED, now=moment)
        elif match.state == MatchState.ACCEPTED:
            match.move(
                MatchState.DECLINED,
                now=moment,
                declined_by=Side.VOLUNTEER,
                declined_because=Decline.TOO_MUCH,
            )
        elif match.state in TOGETHER_MATCHES:
            match.move(MatchState.ENDED, now=moment, ended_on=timezone.localdate(moment))
        else:
            continue
        if said_yes:
            _notify_cancelled(match, Side.INITIATIVE, now=moment)
        fill_places(role, moment)


def _notify_cancelled(match: Match, side: str, *, now: datetime) -> None:
    """Tell the side that said yes that it does not go on."""
    initiative = match.role.initiative
    whom = match.offer.receipt if side == Side.VOLUNTEER else initiative.receipt or initiative.owner
    if whom:
        notify(match, ("off", whom), now=now)


@transaction.atomic
def call_off_role(*, role: VolunteerRole, now: datetime | None = None) -> None:
    """Expire the open proposals of a role that closes; tell the volunteers and plan a next step. Running
    matches go on. The caller locks the role, and thereby its matches."""
    moment = now or timezone.now()
    asked = role.matches.filter(state__in=ASKED_MATCHES).select_related("offer__receipt", "offer__owner")
    for match in asked.order_by("pk"):
        match.role = role
        match.move(MatchState.EXPIRED, now=moment)
        next_step(match.offer, PROPOSE_ELSE, date_after_term("proposal", moment))
        _notify_cancelled(match, Side.VOLUNTEER, now=moment)


@transaction.atomic
def end_matches_of_initiative(*, initiative: Initiative, now: datetime | None = None) -> None:
    """End or expire all matches of an initiative that ends; tell and thank the volunteers, and plan a next
    step. No places go to a waiting list. The caller locks the initiative and its roles."""
    moment = now or timezone.now()
    day = timezone.localdate(moment)
    for role in initiative.roles.order_by("pk"):
        role = lock_role(role)
        still = role.matches.filter(state__in=[*ASKED_MATCHES, *BOUND_MATCHES])
        for match in still.select_related("offer__receipt", "offer__owner").order_by("pk"):
            match.role = role
            if match.state in TOGETHER_MATCHES:
                match.move(MatchState.ENDED, now=moment, ended_on=day)
            elif match.state == MatchState.ACCEPTED:
                match.move(
                    MatchState.DECLINED,
                    now=moment,
                    declined_by=Side.INITIATIVE,
                    declined_because=Decline.OVER,
                )
            else:
                match.move(MatchState.EXPIRED, now=moment)
            next_step(match.offer, PROPOSE_ELSE, date_after_term("proposal", moment))
            notify(match, ("over", match.offer.receipt), now=moment)


class MatchPersonalData:
    """Implements feedback.registries.PersonalData."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Expire proposals, end running matches, and give the places to the waiting list."""
        if offer := Offer.objects.filter(receipt=receipt).first():
            end_matches_of_offer(offer=offer, now=now)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: the place may be taken since, so a coordinator proposes again."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        found = Match.objects.filter(offer__receipt=receipt).select_related("role__initiative")
        language = get_language() or ""
        return {
            _("What was proposed to you"): [
                {
                    _("initiative"): pick(one.role.initiative.name, language),
                    _("what you would do"): pick(one.role.name, language),
                    _("on"): timezone.localdate(one.proposed_at).isoformat(),
                    _("how it stands"): one.get_state_display(),
                    _("why not"): one.get_declined_because_display()
                    if one.declined_by == "volunteer"
                    else "",
                    _("how it was after 2 days"): one.get_after_2_display(),
                    _("how it was after 30 days"): one.get_after_30_display(),
                }
                for one in found
            ]
        }

    def erase(self, receipt: Receipt) -> None:
        """Delete the matches, after giving the places to the waiting list."""
        self.withdraw(receipt, now=timezone.now())
        Match.objects.filter(offer__receipt=receipt).delete()


def is_long_over(match: Match, *, now: datetime | None = None) -> bool:
    """Whether it ended so long ago that links in mails no longer open it."""
    if match.state not in (MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED):
        return False
    term = ParticipationRules.current().days("match_link")
    return timezone.localdate(match.state_at) + timedelta(days=term) < timezone.localdate(now)
