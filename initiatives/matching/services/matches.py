"""Matches of an offer of hands with a volunteer role: neither side learns who the other is before both said yes.

| what happens            | state       | who hears by mail                                      |
|-------------------------|-------------|--------------------------------------------------------|
| a colleague proposes    | proposed    | the volunteer, and who began the initiative            |
| both said yes           | introduced  | both, once, with how to reach each other and an .ics   |
| the same, no address    | accepted    | nobody: a colleague introduces them, with a day for it |
| the same, no room left  | waitlisted  | the volunteer, then and at a rhythm, until an answer   |
| the same, on a break    | proposed    | nobody: they are brought together when it ends         |
| somebody says no        | declined    | nobody: a colleague has a next step with a day         |
| nobody answers in time  | expired     | nobody: the same                                       |

Lock order: the volunteer's receipt, the beginner's receipt, the role, its matches, the offer. An action on several
matches locks all rows of one kind before the next kind.

Mails are queued in the transaction of the action and rendered on sending, from the state at that time
(services.match_mail).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
from initiatives.matching.pairs import as_values
from initiatives.matching.services import suggesting, told
from initiatives.models import ExpectationCard, Initiative, Match, Meeting, Offer, VolunteerRole
from initiatives.states import (
    BOUND_MATCHES,
    PUBLIC_INITIATIVES,
    MatchState,
    MatchStep,
    OfferKind,
    OfferState,
    RoleState,
    Side,
)
from initiatives.wording import describe_reason, offer_name
from neighbourhoods.models import ParticipationRules

PROPOSE_ELSE = gettext_noop("Propose something else, or tell them there is nothing now")
TELL_NO_PLACE = gettext_noop("Call: no place came free on the waiting list")
URGENT_STEPS = (MatchStep.NOT_GOOD, MatchStep.INTRODUCE, MatchStep.TELL_DAY)
FOLLOW_UP_DELAY = timedelta(days=2)


@transaction.atomic
def propose(
    *,
    offer: Offer,
    role: VolunteerRole,
    by: User,
    now: datetime | None = None,
) -> Match:
    """Propose the pair to both sides. An open proposal is returned unchanged; an ended or declined one is
    proposed again.

    An owner who alone speaks for the initiative says yes by proposing. Raises DomainError if either is
    unavailable or a barrier holds.
    """
    moment = now or timezone.now()
    role = lock_role(role, offer)
    match = Match.objects.select_for_update(no_key=True).filter(offer=offer, role=role).first()
    offer = lock_offer(offer)
    if match and match.state not in _REPROPOSABLE_STATES:
        return match
    found = _fits(offer, role, timezone.localdate(moment))
    speaks_for_it = role.initiative.receipt_id is None and role.initiative.owner_id == by.pk
    fields: dict[str, Any] = {
        "reasons": as_values(found.reasons),
        "score": found.score,
        "proposed_by": by,
        "proposed_at": moment,
        "answer_before": date_after_term("match_answer", moment),
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
        "step_on": date_after_term("match_answer", moment),
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
    asked = None if speaks_for_it else initiative_addressee(role.initiative)
    speaker = [("asked", asked)] if asked else []
    notify(match, ("proposed", offer.receipt), *speaker, now=moment)
    return match


_REPROPOSABLE_STATES = frozenset({MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED})


def _fits(offer: Offer, role: VolunteerRole, on: date) -> MatchSuggestion:
    """Computed again under the locks. Raises DomainError with the barriers."""
    if role.state != RoleState.OPEN or role.initiative.state not in PUBLIC_INITIATIVES:
        raise DomainError(_("Nobody is looked for here any more."))
    if offer.kind != OfferKind.HANDS or offer.state in (OfferState.CLOSED, OfferState.PAUSED):
        raise DomainError(_("This offer is closed or paused: there is nothing to propose."))
    found, barriers = suggesting.suggest_pair(offer, role, on=on)
    if barriers:
        raise DomainError(
            _("Not proposed, because: %(why)s.") % {"why": ", ".join(map(describe_reason, barriers))}
        )
    if found is None:
        raise DomainError(_("Nobody is looked for here any more."))
    return found


@transaction.atomic
def accept_match(
    *, match: Match, side: str, by: User | None = None, read: int | None = None, now: datetime | None = None
) -> Match:
    """One side says yes, on their page or through a colleague (`by`). When both did, they are introduced.

    A volunteer says yes to a card, which the match keeps: `read` is the card shown on their page. Raises
    DomainError if the role has another card by now, which they have to read first.

    Idempotent. A yes after the deadline counts while there is room; otherwise it goes on the waiting list.
    Raises InvalidTransition if the match was declined or ended meanwhile.
    """
    moment = now or timezone.now()
    role, match = lock_match(match)
    if match.state == MatchState.EXPIRED and _is_over(match.offer, role):
        raise InvalidTransition(_("This has ended meanwhile."))
    if match.state == MatchState.EXPIRED:
        before = date_after_term("match_answer", moment)
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
            note_contact(match, moment)
    if match.state == MatchState.PROPOSED and match.volunteer_yes_at and match.initiative_yes_at:
        _introduce_or_waitlist(match, role, moment)
    return match


def _card_of(role: VolunteerRole, match: Match, read: int | None) -> ExpectationCard | None:
    """The card they say yes to. If the role has none any more: the card of their offer."""
    if read is not None and role.card_id is not None and read != role.card_id:
        raise DomainError(
            _(
                "What you can expect has changed since you opened this page. Read it once more, and then say yes."
            )
        )
    return role.card or match.offer.card


def note_contact(match: Match, now: datetime) -> None:
    """A colleague who notes the volunteer's answer has spoken to them: counts as first contact."""
    match.offer = lock_offer(match.offer)
    if match.offer.state == OfferState.NEW:
        match.offer.move(
            OfferState.CONTACTED, contacted_on=match.offer.contacted_on or timezone.localdate(now)
        )


def _is_over(offer: Offer, role: VolunteerRole) -> bool:
    """Whether either is unavailable, so that a late yes is refused."""
    is_closed = offer.state == OfferState.CLOSED or role.state != RoleState.OPEN
    return is_closed or role.initiative.state not in PUBLIC_INITIATIVES


def _introduce_or_waitlist(match: Match, role: VolunteerRole, now: datetime) -> None:
    """Introduce them, or put them on the waiting list. The caller locks the role, so that the last place is
    given once. A paused volunteer is skipped until the pause ends: see `introduce_after_pause`."""
    if match.offer.state == OfferState.PAUSED:
        return
    if role.matches.filter(state__in=BOUND_MATCHES).count() >= role.people or role.state != RoleState.OPEN:
        if match.state == MatchState.PROPOSED:
            # Mail the position to a volunteer with an address, and look for something else; others are
            # called.
            reached = is_reachable(match.offer.receipt_id)
            on = (
                date_after_term("waiting_list", now) if reached else timezone.localdate(now) + FOLLOW_UP_DELAY
            )
            match.move(MatchState.WAITLISTED, now=now, step=MatchStep.LIST, step_on=on)
            if reached:
                next_step(match.offer, PROPOSE_ELSE, date_after_term("proposal", now))
            else:
                next_step(match.offer, MatchStep.LIST, on)
            notify(match, ("waitlisted", match.offer.receipt), now=now)
        return
    if is_reachable(match.offer.receipt_id) and _has_reachable_initiative(role):
        _introduce(match, role, now=now)
    else:
        on = timezone.localdate(now) + FOLLOW_UP_DELAY
        match.move(MatchState.ACCEPTED, now=now, step=MatchStep.INTRODUCE, step_on=on)
        next_step(match.offer, MatchStep.INTRODUCE, on)


@transaction.atomic
def introduce_after_pause(*, offer: Offer, now: datetime | None = None) -> None:
    """Introduce pairs that said yes before or during the pause."""
    lock_all_of(offer)
    for match in offer.matches.both_yes().select_related("role__initiative", "offer").order_by("role_id"):
        introduce_or_waitlist(match=match, now=now)


@transaction.atomic
def introduce_or_waitlist(*, match: Match, now: datetime | None = None) -> None:
    role, match = lock_match(match)
    if match.state == MatchState.PROPOSED and match.volunteer_yes_at and match.initiative_yes_at:
        _introduce_or_waitlist(match, role, now or timezone.now())


def _reachable(people: Sequence[UUID]) -> QuerySet[Contact]:
    return Contact.objects.reachable().exclude(email="").filter(receipt__in=people)


def is_reachable(receipt: UUID | None) -> bool:
    return receipt is not None and _reachable([receipt]).exists()


def initiative_addressee(initiative: Initiative) -> Receipt | User | None:
    """The addressee of mails to the initiative: its beginner, or its owner if the beginner has no working address."""
    return initiative.receipt if is_reachable(initiative.receipt_id) else initiative.owner


def _has_reachable_initiative(role: VolunteerRole) -> bool:
    initiative = role.initiative
    return is_reachable(initiative.receipt_id) if initiative.receipt_id else initiative.owner_id is not None


def _introduce(match: Match, role: VolunteerRole, *, now: datetime) -> None:
    initiative = role.initiative
    meeting = Meeting.objects.shown().to_come(now).filter(initiative=initiative).first()
    first_at = meeting.starts_at if meeting else None
    on = experience_call_date(match, first_at or now)
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
    match.offer.activate(on=timezone.localdate(now))
    next_step(match.offer, MatchStep.HOW, on, after=MatchStep.INTRODUCE)
    theirs = initiative.receipt or initiative.owner
    speaker = [("introduced", theirs)] if theirs else []
    notify(match, ("introduced", match.offer.receipt), *speaker, now=now, code=code_of(meeting))


def experience_call_date(match: Match, met: datetime) -> date:
    """The day a colleague asks how it goes. Volunteers with an address are asked by mail first, after 2 and
    30 days."""
    days = 30 if is_reachable(match.offer.receipt_id) else 2
    return timezone.localdate(met) + timedelta(days=days)


@transaction.atomic
def introduce(*, match: Match, by: User, now: datetime | None = None) -> Match:
    """Note that a colleague introduced them where no mail could. Raises InvalidTransition unless accepted."""
    role, match = lock_match(match)
    if match.state != MatchState.ACCEPTED:
        raise InvalidTransition(_("Something happened to this in the meantime. Have another look."))
    _introduce(match, role, now=now or timezone.now())
    Event.log("introduced", match, by=by)
    return match


@transaction.atomic
def fill(*, role: VolunteerRole, now: datetime | None = None) -> None:
    """Give free places to the waiting list, longest wait first. The caller locks the role."""
    fill_places(role, now or timezone.now())


def fill_places(role: VolunteerRole, now: datetime) -> None:
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
        _introduce_or_waitlist(match, role, now)


# --- locks, next steps and mails ----------------------------------------------------------------


def lock_match(match: Match) -> tuple[VolunteerRole, Match]:
    """Lock the role and the match and return the fresh rows. Raises InvalidTransition if the match is gone."""
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
    """Lock a role before giving, taking or counting places. Lock order: the volunteer's receipt (which
    erasing holds already), the beginner's receipt, the role."""
    people = Receipt.objects.select_for_update(no_key=True).order_by()
    for receipt in (offer and offer.receipt_id, role.initiative.receipt_id):
        if receipt:
            people.filter(pk=receipt).values_list("pk").first()
    held = VolunteerRole.objects.select_for_update(no_key=True, of=("self",))
    return get_or_gone(held.select_related("initiative__receipt", "initiative__owner"), pk=role.pk)


def lock_volunteer(offer: Offer) -> None:
    """First in the lock order, as in erasing."""
    people = Receipt.objects.select_for_update(no_key=True).filter(pk=offer.receipt_id)
    people.order_by().values_list("pk").first()


def lock_all_of(offer: Offer) -> None:
    """Lock for an action over several roles: the volunteer, then the beginners of their matches, then all
    those roles. Locking role by role could deadlock two such actions."""
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


def date_after_term(name: str, now: datetime) -> date:
    return timezone.localdate(now) + timedelta(days=term(name))


def plan_match_step(match: Match, step: MatchStep, on: date, *, gently: bool = False) -> None:
    """Plan what a colleague does next for the match; the caller locks it. `gently` keeps an earlier step that
    a colleague planned for the offer."""
    Match.objects.filter(pk=match.pk).update(step=step, step_on=on)
    match.step, match.step_on = step, on
    if not gently or _is_of_matches(match.offer, on):
        next_step(match.offer, step, on)


def _is_of_matches(offer: Offer, before: date) -> bool:
    """Whether the next step of the offer follows from a match, or is later than `before`."""
    with override(offer.owner.language):
        words = [str(one.label) for one in MatchStep]
    stands = Offer.objects.filter(pk=offer.pk)
    return stands.filter(Q(next_action__in=words) | Q(next_action_on__gt=before)).exists()


def move_due_match_steps(*, offer: Offer, on: date, today: date) -> None:
    """A colleague planned the offer's next step for `on`: move the due steps of its matches to that day.

    Due means by today, or by the day of the step taken now. A waiting-list mail that leaves by itself is not
    postponed.
    """
    due = offer.matches.standing().filter(step_on__lte=max(today, offer.next_action_on or today))
    if is_reachable(offer.receipt_id):
        due = due.exclude(step=MatchStep.LIST)
    due.filter(step=MatchStep.TELL_DAY, meeting=None).update(step=MatchStep.NEW_DAY, step_on=on)
    due.filter(step__in=[MatchStep.TELL_DAY, MatchStep.NOT_GOOD]).update(step=MatchStep.HOW, step_on=on)
    due.update(step_on=on)


def next_step(offer: Offer, step: str, on: date | None, *, after: str = "") -> None:
    """Set the next step of the offer, in the language of its owner.

    A closed offer stays closed and a pause ends on its own day. A pressing step (a call, an introduction) is
    not replaced by a later one, only by the step that comes `after` it.
    """
    with override(offer.owner.language):
        words = step_in_words(step)
        pressing = [step_in_words(one) for one in URGENT_STEPS if one != after]
    open_offers = Offer.objects.filter(pk=offer.pk).exclude(state__in=[OfferState.CLOSED, OfferState.PAUSED])
    sooner = Q(next_action__in=pressing, next_action_on__lte=on) if on else Q(pk=None)
    open_offers.exclude(sooner).update(next_action=words, next_action_on=on)


def step_in_words(step: str) -> str:
    """In the active language."""
    return str(MatchStep(step).label) if step in MatchStep.values else _(step)


def code_of(meeting: Meeting | None) -> str:
    """Part of a dedupe key: the first meeting and how often it had moved."""
    return told.MeetingRevision(meeting, meeting.moved).code if meeting else ""


def notify(match: Match, *letters: tuple[str, Receipt | User], now: datetime, code: str = "") -> None:
    """Queue mails (what, addressee) to the sides of a match, each once; receipts without a working address
    are skipped.

    `code` extends the dedupe key where the same kind is sent more than once: which meeting, which day.
    """
    people = [whom.pk for _what, whom in letters if isinstance(whom, Receipt)]
    reachable = set(_reachable(people).values_list("receipt", flat=True))
    queue_messages(
        [
            new_message(
                purpose=MessagePurpose.MATCH,
                dedupe_key=told.build_match_key(match, what, _side_of(match, whom), code),
                language=whom.language,
                receipt=whom if isinstance(whom, Receipt) else None,
                user=whom if isinstance(whom, User) else None,
                now=now,
            )
            for what, whom in letters
            if isinstance(whom, User) or whom.pk in reachable
        ]
    )


def _side_of(match: Match, whom: Receipt | User) -> Side:
    return Side.VOLUNTEER if whom.pk == match.offer.receipt_id else Side.INITIATIVE


@dataclass
class RoundProposals:
    """The number of proposals made, and (offer, reason) of those refused."""

    asked: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def open_proposal_pairs(*, by: User) -> set[tuple[int, int]]:
    """Pairs with an open proposal: accepted when ticked twice, and asked once."""
    return set(Match.objects.visible_to(by).asked().order_by().values_list("offer", "role"))


def propose_round(
    *, pairs: Iterable[tuple[int, int]], by: User, now: datetime | None = None
) -> RoundProposals:
    """Propose each (offer, role) pair in its own transaction: this keeps the lock order, and one refused pair
    does not stop the others."""
    wanted = list(pairs)
    offers = Offer.objects.select_related("area").in_bulk([offer for offer, _role in wanted])
    roles = VolunteerRole.objects.select_related("initiative").in_bulk([role for _offer, role in wanted])
    sent = RoundProposals()
    for offer, role in wanted:
        if offer not in offers or role not in roles:
            continue  # erased meanwhile
        try:
            propose(offer=offers[offer], role=roles[role], by=by, now=now)
        except DomainError as error:
            sent.refused.append((offer_name(offers[offer].pk, offers[offer].what), str(error)))
        else:
            sent.asked += 1
    return sent
