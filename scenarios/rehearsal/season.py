"""Simulates a season of matching, day by day, through the services that the pages call: is nobody forgotten?"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.models import User
from feedback.contacts.services import hearing_back
from feedback.models import Message
from feedback.private import services as private
from feedback.states import MessagePurpose
from initiatives.initiatives.services import beginning, running, telling
from initiatives.matching.services import endings, matches, roles, suggesting
from initiatives.models import ExpectationCard, Initiative, Match, Offer, VolunteerRole
from initiatives.offers.services import offer_care, offers
from initiatives.offers.services.offers import pause
from initiatives.states import (
    BOUND_MATCHES,
    TOGETHER_MATCHES,
    Decline,
    HowWasIt,
    InitiativeState,
    Involvement,
    Language,
    MatchState,
    OfferState,
    Rhythm,
    Side,
    Skill,
    TimeGift,
)
from neighbourhoods.models import Area, Theme
from scenarios.rehearsal.days import Days

CONSENT_TEXT = "Ik wil meedoen. De gemeente mag daarover contact met mij opnemen."
MIN_SCORE_TO_PROPOSE = 40
A_ROUND = 25
SAMPLE_MOMENTS = ("1m", "2m", "2a", "3a", "3n", "4a", "4n", "5m", "6m", "6a", "7a")


@dataclass(frozen=True)
class SeasonSize:
    weeks: int = 26
    offers: int = 800
    initiatives: int = 60
    seed: int = 1
    begins_on: date = date(2026, 3, 2)

    @property
    def days(self) -> int:
        return self.weeks * 7

    def by(self, day: int, number: int, share: float) -> int:
        """How many have come by the end of this day, if all come in the first `share` of the season."""
        return min(number, round(number * (day + 1) / (self.days * share)))


class Season:
    """Volunteers who offer, initiatives that begin, and the coordinator."""

    def __init__(
        self,
        scale: SeasonSize,
        *,
        days: Days,
        coordinator: User,
        areas: list[Area],
        themes: list[Theme],
        card: ExpectationCard,
    ) -> None:
        self.scale, self.days = scale, days
        self.by, self.areas, self.themes, self.card = coordinator, areas, themes, card
        self.made = self.begun = self.introductions = 0

    # --- the morning ----------------------------------------------------------------------------

    def morning(self, day: int) -> None:
        while self.begun < self.scale.by(day, self.scale.initiatives, 0.6):
            self._begin()
        while self.made < self.scale.by(day, self.scale.offers, 0.85):
            self._offer()
        self._change_minds()
        self._both_sides_answer()
        self._work()
        self._coordinate(monday=day % 7 == 0)
        self._look_after_initiatives()

    def _offer(self) -> None:
        self.made += 1
        chance, number = self.days.chance, self.made
        hands = offers.Hands(
            way=chance.choice(list(Involvement)),
            time=chance.choice(["", *TimeGift.values]),
            skills=chance.sample(list(Skill.values), chance.randrange(0, 3)),
            languages=["nl", *chance.sample(["tr", "ar", "pl"], chance.choice((0, 0, 1)))],
            moments=chance.sample(SAMPLE_MOMENTS, chance.randrange(0, 5)),
            rather_together=chance.choice((None, None, True, False)),
            is_adult=self.days.perhaps(0.85),
            wishes=[chance.choice(self.themes).slug] if self.days.perhaps(0.3) else [],
        )
        self.days.attempt(
            "offers", offers.make_offer, hands=hands, card=self.card, area=chance.choice(self.areas),
            theme=chance.choice([None, *self.themes]), owner=self.by, language="nl",
            email=f"neighbour{number}@example.nl" if self.days.perhaps(0.85) else "",
            phone=f"06{number:08}", consent=CONSENT_TEXT, submit_key=f"season-{number}",
        )  # fmt: skip

    def _begin(self) -> None:
        """Two in three have a contact person who is a resident; most of those can be mailed."""
        self.begun += 1
        number, outside = self.begun, self.days.perhaps(0.66)
        texts = {"nl": f"Initiatief {number}", "en": f"Initiative {number}"}
        initiative, _code = beginning.begin_at_desk(
            draft=beginning.InitiativeDraft(name=texts, motive=texts, goal=texts, for_whom=texts),
            theme=self.days.chance.choice(self.themes), area=self.days.chance.choice(self.areas),
            next_action="Langsgaan", on=timezone.localdate() + timedelta(days=7), by=self.by,
            sent_key=UUID(int=number), with_page=outside,
        )  # fmt: skip
        self.days.account.did["initiatives"] += 1
        if initiative.receipt and self.days.perhaps(0.8):
            hearing_back.leave_address(
                receipt=initiative.receipt, email=f"begun{number}@example.nl", is_16_or_older=True,
                consent_sentence=CONSENT_TEXT,
            )  # fmt: skip
        running.move(
            initiative=initiative, to=InitiativeState.PREPARING, next_action="Bellen",
            on=timezone.localdate() + timedelta(days=14), by=self.by,
        )  # fmt: skip
        initiative.refresh_from_db()
        for part in range(self.days.chance.randrange(1, 4)):
            role = roles.save_role(
                initiative=initiative, by=self.by, name={"nl": f"Rol {part}", "en": f"Role {part}"}, about={},
                card=self.card, people=self.days.chance.randrange(1, 6),
                skills=self.days.chance.sample(list(Skill.values), self.days.chance.randrange(0, 3)),
                languages=[Language.TR] if self.days.perhaps(0.1) else [],
                moments=self.days.chance.sample(SAMPLE_MOMENTS, self.days.chance.randrange(0, 3)),
                rhythm=self.days.chance.choice(list(Rhythm)), starts_on=None, ends_on=None,
                adults_only=self.days.perhaps(0.1), needs_clearance=False, support={},
            )  # fmt: skip
            self.days.attempt("roles opened", roles.open_role, role=role, by=self.by)

    def _change_minds(self) -> None:
        waiting = list(Offer.objects.waiting().select_related("receipt", "owner"))
        if len(waiting) < 5:
            return
        if self.days.perhaps(0.15):
            leaver = self.days.chance.choice(waiting)
            private.withdraw_receipt(receipt=leaver.receipt, now=timezone.now())
            self.days.account.did["withdrawn"] += 1
        if self.days.perhaps(0.3):
            until = timezone.localdate() + timedelta(days=self.days.chance.randrange(7, 40))
            self.days.attempt("breaks", pause, offer=self.days.chance.choice(waiting), until=until)
        if self.days.perhaps(0.05):
            hearing_back.unsubscribe(receipt=self.days.chance.choice(waiting).receipt)
            self.days.account.did["unsubscribed"] += 1

    def _both_sides_answer(self) -> None:
        asked = Match.objects.filter(state=MatchState.PROPOSED).select_related(
            "offer__receipt", "offer__owner", "role__initiative__receipt"
        )
        for match in asked.order_by("pk"):
            if match.volunteer_yes_at is None:
                self._answer(match, Side.VOLUNTEER, match.offer.receipt, yes=0.7)
            if match.initiative_yes_at is None:
                self._answer(match, Side.INITIATIVE, match.role.initiative.receipt, yes=0.9)

    def _answer(self, match: Match, side: Side, receipt: Any, *, yes: float) -> None:
        """Answer by the link in the mail, or by telephone to a colleague if there is no address."""
        mailed = receipt is not None and matches.is_reachable(receipt.pk)
        if not self.days.perhaps(0.35 if mailed else 0.25):
            return
        by = None if mailed else self.by
        if self.days.perhaps(yes):
            self.days.attempt(f"{side} said yes", matches.accept_match, match=match, side=side, by=by)
            if self.days.perhaps(0.1):  # a double tap
                self.days.attempt(f"{side} said yes", matches.accept_match, match=match, side=side, by=by)
        else:
            because = self.days.chance.choice(list(Decline.values))
            self.days.attempt(
                f"{side} said no", endings.decline, match=match, side=side, because=because, by=by
            )

    def _work(self) -> None:
        running_now = Match.objects.filter(state__in=[MatchState.INTRODUCED, MatchState.ACTIVE])
        for match in running_now.select_related("offer__receipt", "offer__owner").order_by("pk"):
            days = (timezone.now() - match.introduced_at).days if match.introduced_at else 0
            if match.state == MatchState.INTRODUCED and days >= 3 and self.days.perhaps(0.3):
                self.days.attempt("began work", endings.begin_match, match=match, by=self.by)
            elif self.days.perhaps(0.015):
                self.days.attempt("stopped", endings.end_match, match=match)
            for after in (2, 30):
                if days >= after and not getattr(match, f"after_{after}") and self.days.perhaps(0.2):
                    how = self.days.chance.choice([*HowWasIt.values, HowWasIt.GOOD, HowWasIt.GOOD])
                    self.days.attempt(
                        "said how it was", endings.record_experience, match=match, after=after, how=how
                    )

    def _coordinate(self, *, monday: bool) -> None:
        if monday:
            found = suggesting.plan_rounds(by=self.by)
            pairs = [(one.volunteer, one.vacancy) for one in found.planned.pairs[:A_ROUND]]
            sent = matches.propose_round(pairs=pairs, by=self.by)
            self.days.account.did["proposed in a round"] += sent.asked
        today = timezone.localdate()
        due = Offer.objects.waiting().filter(next_action_on__lte=today).select_related("owner", "receipt")
        for offer in due:
            # Nobody finishes everything on its due date; late offers are handled first.
            if self.days.perhaps(0.9) or offer.is_late():
                self._care_for(offer, today)

    def _care_for(self, offer: Offer, today: date) -> None:
        if accepted := offer.matches.filter(state=MatchState.ACCEPTED).first():
            self.days.attempt("introduced by a colleague", matches.introduce, match=accepted, by=self.by)
        elif offer.state == OfferState.NEW:
            self.days.attempt("spoken to", offer_care.record_offer_step, offer=offer, to=OfferState.CONTACTED,
                      by=self.by, address_is_right=self.days.perhaps(0.5))  # fmt: skip
        elif offer.state == OfferState.CONTACTED and not offer.matches.asked().exists():
            self._propose_or_say_not_now(offer, today)
        else:
            self._plan(offer, today + timedelta(days=14))

    def _propose_or_say_not_now(self, offer: Offer, today: date) -> None:
        best = suggesting.rank_roles_for_offer(offer, by=self.by).best
        if best and best[0][1].score >= MIN_SCORE_TO_PROPOSE:
            role, _why = best[0]
            if self.days.attempt("proposed one by one", matches.propose, offer=offer, role=role, by=self.by):
                return
        if (today - offer.offered_on).days > 60 and self.days.perhaps(0.5):
            self.days.attempt("rounded off", offer_care.close, offer=offer, reason="Er is nu niets dat past. Dank u.",
                      by=self.by)  # fmt: skip
        else:
            self._plan(offer, today + timedelta(days=10))

    def _plan(self, offer: Offer, on: date) -> None:
        offer.refresh_from_db()
        if offer.state not in (OfferState.CLOSED, OfferState.PAUSED):
            self.days.attempt(
                "planned", offer_care.record_offer_step, offer=offer, to=offer.state, next_action="Nog eens kijken",
                on=on, why="Er is nog niets dat past.", by=self.by,
            )  # fmt: skip

    def _look_after_initiatives(self) -> None:
        today = timezone.localdate()
        due = Initiative.objects.filter(owner=self.by, next_action_on__lte=today)
        for initiative in due.exclude(state=InitiativeState.ENDED).order_by("pk"):
            weeks = (today - initiative.state_on).days // 7
            if initiative.state == InitiativeState.RUNNING and weeks > 8 and self.days.perhaps(0.4):
                words = {"nl": "Klein beginnen werkt.", "en": "Beginning small works."}
                self.days.attempt(
                    "ended",
                    running.end_initiative,
                    initiative=initiative,
                    learned=words,
                    thanks=words,
                    by=self.by,
                )
            else:
                self.days.attempt("looked after", running.move, initiative=initiative, to=InitiativeState.RUNNING,
                          next_action="Bellen", on=today + timedelta(days=14), why="Loopt.", by=self.by)  # fmt: skip
                self._meet(initiative)

    def _meet(self, initiative: Initiative) -> None:
        """Most initiatives meet once before the next look; one in six cancels the meeting, one in six moves it."""
        if not self.days.perhaps(0.7):
            return
        when = telling.MeetingDetails(
            starts_at=timezone.now() + timedelta(days=self.days.chance.randrange(5, 13)), minutes=120,
            where="Het Sluishuis", about={},
        )  # fmt: skip
        meeting = self.days.attempt(
            "meetings", telling.add_meeting, initiative=initiative, when=when, by=self.by
        )
        if meeting and self.days.perhaps(0.15):
            self.days.attempt("called off", telling.call_off_meeting, meeting=meeting, by=self.by)
        elif meeting and self.days.perhaps(0.2):
            later = telling.MeetingDetails(
                meeting.starts_at + timedelta(days=2), meeting.minutes, meeting.where, {}
            )
            self.days.attempt("moved", telling.change_meeting, meeting=meeting, when=later, by=self.by)

    # --- the evening: invariants ------------------------------------------------------------------

    def forgotten(self, on: date) -> Iterator[str]:
        yield from self._without_a_next_action(on)
        yield from self._places()
        yield from self._introduced_twice()

    def _without_a_next_action(self, on: date) -> Iterator[str]:
        waiting = Offer.objects.waiting()
        for offer in waiting.filter(Q(next_action="") | Q(next_action_on=None)):
            yield f"offer {offer.pk} ({offer.state}) has no next action"
        ours = Initiative.objects.filter(owner__isnull=False).exclude(state=InitiativeState.ENDED)
        for initiative in ours.filter(Q(next_action="") | Q(next_action_on=None)):
            yield f"initiative {initiative.pk} has no next action"
        asked = Match.objects.filter(state=MatchState.PROPOSED, answer_before__lt=on)
        for match in asked.filter(volunteer_yes_at=None):
            yield f"match {match.pk} waits since {match.answer_before}"
        stands = Match.objects.standing().select_related("offer")
        for match in stands.filter(Q(step="") | Q(step_on=None)):
            yield f"match {match.pk} ({match.state}) has no next action"
        for match in stands.filter(step_on__lt=on, offer__next_action_on__gt=on).exclude(
            offer__state=OfferState.PAUSED
        ):
            yield f"match {match.pk} ({match.state}) is late since {match.step_on}, and no day of an offer says so"
        together = stands.filter(
            state__in=TOGETHER_MATCHES, meeting__isnull=False, first_at__gt=timezone.now()
        )
        for match in together.filter(
            Q(meeting__cancelled_on__isnull=False) | ~Q(meeting__moved=F("first_moved"))
        ):
            yield f"match {match.pk} was told of a first time that is not so"
        for match in Match.objects.filter(state=MatchState.PROPOSED, offer__state=OfferState.CLOSED):
            yield f"match {match.pk} is asked of an offer that is closed"

    def _places(self) -> Iterator[str]:
        """No role has more people than places, and nobody was introduced without two times yes."""
        full = VolunteerRole.objects.order_by().annotate(
            bound=Count("matches", filter=Q(matches__state__in=BOUND_MATCHES))
        )
        for role in full.filter(bound__gt=F("people")):
            yield f"role {role.pk} has {role.bound} people on {role.people} places"
        together = Match.objects.filter(state__in=[MatchState.INTRODUCED, MatchState.ACTIVE])
        for match in together.filter(Q(volunteer_yes_at=None) | Q(initiative_yes_at=None)):
            yield f"match {match.pk} is together without two times yes"

    def _introduced_twice(self) -> Iterator[str]:
        keys = self.days.sent.values()
        introduced = Counter(
            found[0] for key in keys if (found := re.match(r"match:\d+:\d+:introduced:[vi]", key))
        )
        if twice := [key for key, count in introduced.items() if count > 1]:
            yield f"introduced twice: {twice}"
        sides = Counter(key.rsplit(":", 1)[0] for key in introduced)
        self.introductions = len(sides)

    def figures(self) -> dict[str, Any]:
        today = timezone.localdate()
        spoken = Offer.objects.filter(contacted_on__isnull=False)
        in_time = spoken.filter(contacted_on__lte=F("offered_on") + timedelta(days=2)).count()
        did, states = self.days.account.did, Counter(Match.objects.order_by().values_list("state", flat=True))
        return {
            "offers": did["offers"],
            "open": Offer.objects.waiting().count(),
            "late": Offer.objects.late(today).count(),
            "in 48 h": f"{100 * in_time // max(1, spoken.count())}%",
            "roles": VolunteerRole.objects.open().count(),
            "asked": states[MatchState.PROPOSED],
            "list": states[MatchState.WAITLISTED],
            "no": states[MatchState.DECLINED],
            "expired": states[MatchState.EXPIRED],
            "at work": sum(states[state] for state in BOUND_MATCHES),
            "ended": states[MatchState.ENDED],
            "introd.": self.introductions,
            "proposed": Message.objects.filter(purpose=MessagePurpose.MATCH).count(),
        }
