"""Bringing an offer of hands and a volunteer role together: both say yes before anybody learns who the other is.

| what happens            | state       | who hears by mail                                      |
|-------------------------|-------------|--------------------------------------------------------|
| a colleague proposes    | proposed    | the volunteer, and who began the initiative            |
| both said yes           | introduced  | both, once, with how to reach each other and an .ics   |
| the same, no address    | accepted    | nobody: a colleague introduces them, with a day for it |
| the same, no room left  | waitlisted  | the volunteer, then and at a rhythm, until an answer   |
| the same, on a break    | proposed    | nobody: they are brought together when it ends         |
| somebody says no        | declined    | nobody: a colleague has a next step with a day         |
| nobody answers in time  | expired     | nobody: the same                                       |

Rows are locked in one order: the receipt of the volunteer, that of who began it, the role, its matches, the offer; of
an action about several, all of one kind before the next kind.
Mails are queued in the transaction of the action and written when they leave, from what is true then
(services.match_mail).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.models import Contact, Event, Receipt, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone
from feedback.delivery.services.outbox import new_message, queue_messages
from feedback.states import MessagePurpose
from initiatives.matching import MatchSuggestion
from initiatives.matching.services import suggesting
from initiatives.models import ExpectationCard, Initiative, Match, Meeting, Offer, VolunteerRole
from initiatives.states import (
    ASKED_MATCHES,
    BOUND_MATCHES,
    PUBLIC_INITIATIVES,
    TOGETHER_MATCHES,
    Decline,
    HowWasIt,
    MatchState,
    MatchStep,
    OfferKind,
    OfferState,
    RoleState,
    Side,
)
from initiatives.wording import as_values, describe_reason
from neighbourhoods.models import ParticipationRules

PROPOSE_ELSE = gettext_noop("Propose something else, or tell them there is nothing now")
TELL_NO_PLACE = gettext_noop("Call: no place came free on the waiting list")
PRESSING = (MatchStep.NOT_GOOD, MatchStep.INTRODUCE, MatchStep.TELL_DAY)
SOON = timedelta(days=2)


@transaction.atomic
def propose(
    *,
    offer: Offer,
    role: VolunteerRole,
    by: User,
    now: datetime | None = None,
) -> Match:
    """Ask both sides. Proposing what is being asked already changes nothing; what ended or was declined is asked anew.

    The owner of an initiative that nobody else speaks for says yes by proposing. Raises DomainError when one of the
    two is not to be had any more.
    """
    moment = now or timezone.now()
    role = lock_role(role, offer)
    match = Match.objects.select_for_update(no_key=True).filter(offer=offer, role=role).first()
    offer = lock_offer(offer)
    if match and match.state not in _ANEW:
        return match
    found = _fits(offer, role, timezone.localdate(moment))
    speaks_for_it = role.initiative.receipt_id is None and role.initiative.owner_id == by.pk
    fields: dict[str, Any] = {
        "reasons": as_values(found.reasons),
        "score": found.score,
        "proposed_by": by,
        "proposed_at": moment,
        "answer_before": in_days("match_answer", moment),
        "volunteer_yes_at": None,
        "card": None,
        "initiative_yes_at": moment if speaks_for_it else None,
        "declined_by": "",
        "declined_because": "",
        "introduced_at": None,
        "first_at": None,
        "meeting": None,
        "first_moved": 0,
        "first_told_on": None,
        "step": MatchStep.ANSWER,
        "step_on": in_days("match_answer", moment),
        "ended_on": None,
        "after_2": "",
        "after_30": "",
        "reminded_on": None,
    }
    if match is None:
        match = Match.objects.create(offer=offer, role=role, state_at=moment, **fields)
    else:
        match.move(MatchState.PROPOSED, now=moment, round=match.round + 1, **fields)
    next_step(offer, MatchStep.ANSWER, match.answer_before)
    Event.log("proposed", match, by=by, percent=match.score)
    asked = None if speaks_for_it else who_is_asked(role.initiative)
    speaker = [("asked", asked)] if asked else []
    notify(match, ("proposed", offer.receipt), *speaker, now=moment)
    return match


_ANEW = frozenset({MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED})


def _fits(offer: Offer, role: VolunteerRole, on: date) -> MatchSuggestion:
    """Looked at anew, under the locks: what is in the way by now is said, and nothing is proposed."""
    if role.state != RoleState.OPEN or role.initiative.state not in PUBLIC_INITIATIVES:
        raise DomainError(_("Nobody is looked for here any more."))
    if offer.kind != OfferKind.HANDS or offer.state in (OfferState.CLOSED, OfferState.PAUSED):
        raise DomainError(_("This offer is closed or paused: there is nothing to propose."))
    found, barriers = suggesting.between(offer, role, on=on)
    if barriers:
        raise DomainError(
            _("Not proposed, because: %(why)s.") % {"why": ", ".join(map(describe_reason, barriers))}
        )
    if found is None:
        raise DomainError(_("Nobody is looked for here any more."))
    return found


@transaction.atomic
def say_yes(
    *, match: Match, side: str, by: User | None = None, read: int | None = None, now: datetime | None = None
) -> Match:
    """One side says yes, on their page or through a colleague (`by`). When both did, they are introduced.

    A volunteer says yes to what they may expect, and the match keeps it: `read` is the card that stood on their page.
    Where the role has another one by now they are asked to read that first (DomainError).

    Saying yes twice is saying it once. A yes after the day still counts while there is room; when there is none it
    stands on the waiting list. Raises InvalidTransition when it was declined or ended meanwhile.
    """
    moment = now or timezone.now()
    role, match = _hold(match)
    if match.state == MatchState.EXPIRED and _is_over(match.offer, role):
        raise InvalidTransition(_("This has ended meanwhile."))
    if match.state == MatchState.EXPIRED:
        before = in_days("match_answer", moment)
        match.move(
            MatchState.PROPOSED, now=moment, answer_before=before, step=MatchStep.ANSWER, step_on=before
        )
    if match.state not in (MatchState.PROPOSED, MatchState.WAITLISTED):
        if match.state in BOUND_MATCHES:
            return match
        raise InvalidTransition(_("Something happened to this in the meantime. Have another look."))
    field = "volunteer_yes_at" if side == Side.VOLUNTEER else "initiative_yes_at"
    if getattr(match, field) is None:
        setattr(match, field, moment)
        if side == Side.VOLUNTEER:
            match.card = _card_of(role, match, read)
        match.save(update_fields=[field, "card"])
        Event.log("said yes", match, by=by, side=Side(side))
        if by and side == Side.VOLUNTEER:
            _spoke_to(match, moment)
    if match.state == MatchState.PROPOSED and match.volunteer_yes_at and match.initiative_yes_at:
        _bring_together(match, role, moment)
    return match


def _card_of(role: VolunteerRole, match: Match, read: int | None) -> ExpectationCard | None:
    """What they say yes to. A role that has no card any more: what they read when they offered."""
    if read is not None and role.card_id is not None and read != role.card_id:
        raise DomainError(
            _(
                "What you can expect has changed since you opened this page. Read it once more, and then say yes."
            )
        )
    return role.card or match.offer.card


def _spoke_to(match: Match, now: datetime) -> None:
    """A colleague notes what somebody said: that was a talk with them."""
    match.offer = lock_offer(match.offer)
    if match.offer.state == OfferState.NEW:
        match.offer.move(
            OfferState.CONTACTED, contacted_on=match.offer.contacted_on or timezone.localdate(now)
        )


def _is_over(offer: Offer, role: VolunteerRole) -> bool:
    """Whether one of the two is not to be had any more: then a late yes comes too late."""
    is_closed = offer.state == OfferState.CLOSED or role.state != RoleState.OPEN
    return is_closed or role.initiative.state not in PUBLIC_INITIATIVES


def _bring_together(match: Match, role: VolunteerRole, now: datetime) -> None:
    """Both said yes. The caller holds the role, so that the last place is given once. Who has a break is left alone
    until it ends: see `after_pause`."""
    if match.offer.state == OfferState.PAUSED:
        return
    if role.matches.filter(state__in=BOUND_MATCHES).count() >= role.people or role.state != RoleState.OPEN:
        if match.state == MatchState.PROPOSED:
            # Who has an address hears by mail where they stand, while we look for something else. Others are called.
            reached = is_reachable(match.offer.receipt_id)
            on = in_days("waiting_list", now) if reached else timezone.localdate(now) + SOON
            match.move(MatchState.WAITLISTED, now=now, step=MatchStep.LIST, step_on=on)
            if reached:
                next_step(match.offer, PROPOSE_ELSE, in_days("proposal", now))
            else:
                next_step(match.offer, MatchStep.LIST, on)
            notify(match, ("waitlisted", match.offer.receipt), now=now)
        return
    if is_reachable(match.offer.receipt_id) and _is_spoken_for(role):
        _introduce(match, role, now=now)
    else:
        on = timezone.localdate(now) + SOON
        match.move(MatchState.ACCEPTED, now=now, step=MatchStep.INTRODUCE, step_on=on)
        next_step(match.offer, MatchStep.INTRODUCE, on)


@transaction.atomic
def after_pause(*, offer: Offer, now: datetime | None = None) -> None:
    """The break is over: who said yes before or during it, and was said yes to, is brought together."""
    lock_all_of(offer)
    for match in offer.matches.both_yes().select_related("role__initiative", "offer").order_by("role_id"):
        bring_together(match=match, now=now)


@transaction.atomic
def bring_together(*, match: Match, now: datetime | None = None) -> None:
    """The same of one match."""
    role, match = _hold(match)
    if match.state == MatchState.PROPOSED and match.volunteer_yes_at and match.initiative_yes_at:
        _bring_together(match, role, now or timezone.now())


def _reachable(people: Sequence[UUID]) -> QuerySet[Contact]:
    return Contact.objects.reachable().exclude(email="").filter(receipt__in=people)


def is_reachable(receipt: UUID | None) -> bool:
    return receipt is not None and _reachable([receipt]).exists()


def who_is_asked(initiative: Initiative) -> Receipt | User | None:
    """By mail: who began it, or who looks after it where that somebody has no address that works, and calls."""
    return initiative.receipt if is_reachable(initiative.receipt_id) else initiative.owner


def _is_spoken_for(role: VolunteerRole) -> bool:
    initiative = role.initiative
    return is_reachable(initiative.receipt_id) if initiative.receipt_id else initiative.owner_id is not None


def _introduce(match: Match, role: VolunteerRole, *, now: datetime) -> None:
    initiative = role.initiative
    meeting = Meeting.objects.shown().to_come(now).filter(initiative=initiative).first()
    first_at = meeting.starts_at if meeting else None
    on = ask_on(match, first_at or now)
    match.move(
        MatchState.INTRODUCED,
        now=now,
        introduced_at=now,
        meeting=meeting,
        first_at=first_at,
        first_moved=meeting.moved if meeting else 0,
        first_told_on=timezone.localdate(now) if meeting else None,
        step=MatchStep.HOW,
        step_on=on,
    )
    match.offer = lock_offer(match.offer)
    match.offer.get_to_work(on=timezone.localdate(now))
    next_step(match.offer, MatchStep.HOW, on, after=MatchStep.INTRODUCE)
    theirs = initiative.receipt or initiative.owner
    speaker = [("introduced", theirs)] if theirs else []
    notify(match, ("introduced", match.offer.receipt), *speaker, now=now, of=code_of(meeting))


def ask_on(match: Match, met: datetime) -> date:
    """When a colleague asks how it goes: who has an address is asked by mail first, after 2 days and 30."""
    days = 30 if is_reachable(match.offer.receipt_id) else 2
    return timezone.localdate(met) + timedelta(days=days)


@transaction.atomic
def introduce(*, match: Match, by: User, now: datetime | None = None) -> Match:
    """A colleague brought them together where no mail could."""
    role, match = _hold(match)
    if match.state != MatchState.ACCEPTED:
        raise InvalidTransition(_("Something happened to this in the meantime. Have another look."))
    _introduce(match, role, now=now or timezone.now())
    Event.log("introduced", match, by=by)
    return match


@transaction.atomic
def decline(
    *, match: Match, side: str, because: str, by: User | None = None, now: datetime | None = None
) -> Match:
    """One side says no, with a reason that feeds the filters. The volunteer has a next step again."""
    if because not in Decline.values:
        raise DomainError(_("Choose why: then we propose something that fits better."))
    moment = now or timezone.now()
    role, match = _hold(match)
    if match.state == MatchState.DECLINED and match.declined_by == side:
        return match
    match.move(MatchState.DECLINED, now=moment, declined_by=side, declined_because=because)
    if by and side == Side.VOLUNTEER:
        _spoke_to(match, moment)
    next_step(match.offer, PROPOSE_ELSE, in_days("proposal", moment))
    other = Side.INITIATIVE if side == Side.VOLUNTEER else Side.VOLUNTEER
    if match.volunteer_yes_at if other == Side.VOLUNTEER else match.initiative_yes_at:
        _tell_off(match, other, now=moment)
    Event.log("said no", match, by=by, side=Side(side), reason=Decline(because))
    _fill(role, moment)
    return match


@transaction.atomic
def begin_match(*, match: Match, by: User | None = None, now: datetime | None = None) -> Match:
    """They met, and are at work."""
    match.move(MatchState.ACTIVE, now=now)
    Event.log("began work", match, by=by)
    return match


@transaction.atomic
def end_match(*, match: Match, side: str = "", by: User | None = None, now: datetime | None = None) -> Match:
    """It is done, or somebody stops: that is always possible. Whoever waits for the place gets it."""
    moment = now or timezone.now()
    role, match = _hold(match)
    if match.state == MatchState.ENDED:
        return match
    match.move(MatchState.ENDED, now=moment, ended_on=timezone.localdate(moment))
    next_step(match.offer, PROPOSE_ELSE, in_days("proposal", moment))
    if side != Side.INITIATIVE:
        _tell_off(match, Side.INITIATIVE, now=moment)
    if side != Side.VOLUNTEER:
        _tell_off(match, Side.VOLUNTEER, now=moment)
    Event.log("ended work", match, by=by)
    _fill(role, moment)
    return match


@transaction.atomic
def tell_how_it_was(*, match: Match, after: int, how: str, now: datetime | None = None) -> Match:
    """What the volunteer says after 2 or 30 days. Not good is a next step for who looks after them."""
    if how not in HowWasIt.values or after not in (2, 30):
        raise DomainError(_("Choose from the list."))
    moment = now or timezone.now()
    _role, match = _hold(match)
    if match.state not in TOGETHER_MATCHES:
        raise InvalidTransition(_("Something happened to this in the meantime. Have another look."))
    setattr(match, f"after_{after}", how)
    match.save(update_fields=[f"after_{after}"])
    if match.state == MatchState.INTRODUCED and how != HowWasIt.BAD:
        match.move(MatchState.ACTIVE, now=moment)
    if how == HowWasIt.BAD:
        plan_match_step(match, MatchStep.NOT_GOOD, timezone.localdate(moment) + SOON)
    elif after == 30 and match.step == MatchStep.HOW:
        plan_match_step(match, MatchStep.HOW, in_days("check", moment), gently=True)
    Event.log("said how it was", match, by=None, number=after)
    return match


@transaction.atomic
def fill(*, role: VolunteerRole, now: datetime | None = None) -> None:
    """Give free places to who stands on the waiting list, the first first. The caller holds the role."""
    _fill(role, now or timezone.now())


def _fill(role: VolunteerRole, now: datetime) -> None:
    if role.state != RoleState.OPEN:
        return
    room = role.people - role.matches.filter(state__in=BOUND_MATCHES).count()
    waiting = (
        role.matches.filter(state=MatchState.WAITLISTED)
        .exclude(offer__state=OfferState.PAUSED)
        .select_related("offer__receipt", "offer__owner")
    )
    for match in waiting.order_by("state_at", "pk")[: max(room, 0)]:
        match.role = role
        _bring_together(match, role, now)


@transaction.atomic
def end_matches_of_offer(*, offer: Offer, now: datetime | None = None) -> None:
    """Somebody takes back their offer: what was asked expires, what runs ends, and who said yes to them hears so."""
    moment = now or timezone.now()
    lock_all_of(offer)
    for match in offer.matches.standing().select_related("role__initiative", "offer").order_by("role_id"):
        role, match = _hold(match)
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
            _tell_off(match, Side.INITIATIVE, now=moment)
        _fill(role, moment)


def _tell_off(match: Match, side: str, *, now: datetime) -> None:
    """It does not go on: whoever said yes is told so."""
    initiative = match.role.initiative
    whom = match.offer.receipt if side == Side.VOLUNTEER else initiative.receipt or initiative.owner
    if whom:
        notify(match, ("off", whom), now=now)


@transaction.atomic
def call_off_role(*, role: VolunteerRole, now: datetime | None = None) -> None:
    """Nobody is looked for any more: who was asked hears so, and has a next step again. Who does it goes on. The
    caller holds the role, and so what becomes of its matches."""
    moment = now or timezone.now()
    asked = role.matches.filter(state__in=ASKED_MATCHES).select_related("offer__receipt", "offer__owner")
    for match in asked.order_by("pk"):
        match.role = role
        match.move(MatchState.EXPIRED, now=moment)
        next_step(match.offer, PROPOSE_ELSE, in_days("proposal", moment))
        _tell_off(match, Side.VOLUNTEER, now=moment)


@transaction.atomic
def end_with(*, initiative: Initiative, now: datetime | None = None) -> None:
    """An initiative ends, and with it all that was asked or ran for it. Everybody it was about hears so, thanked, and
    has a next step again. The caller holds the initiative and its roles; nothing is filled from a waiting list any
    more."""
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
            next_step(match.offer, PROPOSE_ELSE, in_days("proposal", moment))
            notify(match, ("over", match.offer.receipt), now=moment)


# --- what every action does ---------------------------------------------------------------------


def _hold(match: Match) -> tuple[VolunteerRole, Match]:
    """The role and the match as they are now, held until the action is done; InvalidTransition when it is gone."""
    role = lock_role(match.role, match.offer)
    held = (
        Match.objects.select_for_update(no_key=True, of=("self",))
        .select_related("offer__receipt", "offer__owner")
        .filter(pk=match.pk)
        .first()
    )
    if held is None:
        raise InvalidTransition(_("This is not here any more."))
    held.role = role
    return role, held


def lock_role(role: VolunteerRole, offer: Offer | None = None) -> VolunteerRole:
    """Whoever gives, takes or counts places holds the role; before it the volunteer, whom erasing holds already, and
    who began the initiative."""
    people = Receipt.objects.select_for_update(no_key=True).order_by()
    for receipt in (offer and offer.receipt_id, role.initiative.receipt_id):
        if receipt:
            people.filter(pk=receipt).values_list("pk").first()
    held = VolunteerRole.objects.select_for_update(no_key=True, of=("self",))
    return get_or_gone(held.select_related("initiative__receipt", "initiative__owner"), pk=role.pk)


def lock_volunteer(offer: Offer) -> None:
    """First of all, as erasing does."""
    people = Receipt.objects.select_for_update(no_key=True).filter(pk=offer.receipt_id)
    people.order_by().values_list("pk").first()


def lock_all_of(offer: Offer) -> None:
    """Before an action that goes from role to role: the volunteer, then all who began what they are asked for, then all
    these roles. One role after the other two actions could wait for each other."""
    lock_volunteer(offer)
    standing = offer.matches.standing()
    began = Receipt.objects.select_for_update(no_key=True)
    began = began.filter(pk__in=standing.order_by().values("role__initiative__receipt"))
    list(began.order_by("pk").values_list("pk"))
    lock_roles(VolunteerRole.objects.filter(pk__in=standing.order_by().values("role")))


def lock_roles(roles: QuerySet[VolunteerRole]) -> None:
    list(roles.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def lock_offer(offer: Offer) -> Offer:
    held = Offer.objects.select_for_update(no_key=True, of=("self",))
    return get_or_gone(held.select_related("receipt", "owner"), pk=offer.pk)


def term(name: str) -> int:
    return ParticipationRules.current().days(name)


def in_days(name: str, now: datetime) -> date:
    return timezone.localdate(now) + timedelta(days=term(name))


def plan_match_step(match: Match, step: MatchStep, on: date, *, gently: bool = False) -> None:
    """What a colleague does next for this match; the caller holds it. `gently` leaves alone what somebody planned for
    the offer on an earlier day."""
    Match.objects.filter(pk=match.pk).update(step=step, step_on=on)
    match.step, match.step_on = step, on
    if not gently or _is_of_matches(match.offer, on):
        next_step(match.offer, step, on)


def _is_of_matches(offer: Offer, before: date) -> bool:
    """Whether the next step of an offer is one that followed from a match, or comes later than this day."""
    with override(offer.owner.language):
        words = [str(one.label) for one in MatchStep]
    stands = Offer.objects.filter(pk=offer.pk)
    return stands.filter(Q(next_action__in=words) | Q(next_action_on__gt=before)).exists()


def planned(*, offer: Offer, on: date, today: date) -> None:
    """A colleague planned the next step of an offer: what was due of its matches, or stood for by the step that is
    taken now, is looked at that day. A mail that is due by itself is not put off."""
    due = offer.matches.standing().filter(step_on__lte=max(today, offer.next_action_on or today))
    if is_reachable(offer.receipt_id):
        due = due.exclude(step=MatchStep.LIST)
    due.filter(step=MatchStep.TELL_DAY, meeting=None).update(step=MatchStep.NEW_DAY, step_on=on)
    due.filter(step__in=[MatchStep.TELL_DAY, MatchStep.NOT_GOOD]).update(step=MatchStep.HOW, step_on=on)
    due.update(step_on=on)


def next_step(offer: Offer, step: str, on: date | None, *, after: str = "") -> None:
    """What comes next for the volunteer, in the language of who looks after them.

    A closed offer stays closed, a pause ends on its own day, and what a person has to do soon (a call, an
    introduction) is not pushed away by something later: only by what comes `after` it.
    """
    with override(offer.owner.language):
        words = step_in_words(step)
        pressing = [step_in_words(one) for one in PRESSING if one != after]
    open_offers = Offer.objects.filter(pk=offer.pk).exclude(state__in=[OfferState.CLOSED, OfferState.PAUSED])
    sooner = Q(next_action__in=pressing, next_action_on__lte=on) if on else Q(pk=None)
    open_offers.exclude(sooner).update(next_action=words, next_action_on=on)


def is_long_over(match: Match, *, now: datetime | None = None) -> bool:
    """Whether it ended so long ago that the links in mails about it open it no longer."""
    if match.state not in (MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED):
        return False
    term = ParticipationRules.current().days("match_link")
    return timezone.localdate(match.state_at) + timedelta(days=term) < timezone.localdate(now)


def step_in_words(step: str) -> str:
    """In the language that is active."""
    return str(MatchStep(step).label) if step in MatchStep.values else _(step)


def dedupe_key(match: Match, what: str) -> str:
    return f"match:{match.pk}:{match.round}:{what}"


def code_of(meeting: Meeting | None) -> str:
    """Names a first meeting, as often as it had moved, in the key of a mail that tells it."""
    return f"{meeting.pk}.{meeting.moved}" if meeting else ""


def notify(match: Match, *letters: tuple[str, Receipt | User], now: datetime, of: str = "") -> None:
    """Mails to the sides of a match (what, whom to), each once; nothing to who left no address of their own.

    `of` is what the mail tells where the same is told more than once: which meeting, of which day.
    """
    people = [whom.pk for _what, whom in letters if isinstance(whom, Receipt)]
    reachable = set(_reachable(people).values_list("receipt", flat=True))
    queue_messages(
        [
            new_message(
                purpose=MessagePurpose.MATCH,
                dedupe_key=f"{dedupe_key(match, what)}:{'v' if whom.pk == match.offer.receipt_id else 'i'}"
                + (f":{of}" if of else ""),
                language=whom.language,
                receipt=whom if isinstance(whom, Receipt) else None,
                user=whom if isinstance(whom, User) else None,
                now=now,
            )
            for what, whom in letters
            if isinstance(whom, User) or whom.pk in reachable
        ]
    )
