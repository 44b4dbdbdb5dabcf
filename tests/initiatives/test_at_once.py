"""Two people in the same second who say yes, stop, propose or erase: the last place is given once, and nobody twice."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact
from core.errors import InvalidTransition
from feedback.models import Message
from feedback.private import services as private
from initiatives.initiatives.services import running, telling
from initiatives.matching.services import endings, matches, roles
from initiatives.matching.services.match_days import run_match_jobs
from initiatives.models import Match, Meeting, Offer, VolunteerRole
from initiatives.offers.services import offer_care
from initiatives.states import BOUND_MATCHES, Decline, MatchState, OfferState, RoleState, Side
from tests.at_once import BOTH_WAYS, Action, let_meet
from tests.feedback.factories import today
from tests.initiatives.factories import make_begun, make_match, make_meeting, make_offer, make_role

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]


class Place:
    """One place, and two who were asked; the initiative said yes to both."""

    def __init__(self, area, editor) -> None:
        self.area, self.editor = area, editor
        self.role = make_role(make_begun(area, owner=editor))
        self.first, self.second = self.asked(), self.asked()

    def asked(self) -> Match:
        offer = make_offer(self.area, owner=self.editor, state=OfferState.CONTACTED)
        Contact.objects.filter(receipt=offer.receipt).update(confirmed_at=timezone.now())
        match = matches.propose(offer=offer, role=self.role, by=self.editor)
        return matches.accept_match(match=match, side=Side.INITIATIVE)

    def yes(self) -> None:
        matches.accept_match(match=self.first, side=Side.VOLUNTEER)

    def yes_too(self) -> None:
        matches.accept_match(match=self.second, side=Side.VOLUNTEER)

    def no(self) -> None:
        endings.decline(match=self.first, side=Side.INITIATIVE, because=Decline.NO_CLICK)

    def erase(self) -> None:
        private.erase(receipt=self.first.offer.receipt)

    def propose(self) -> None:
        for offer in Offer.objects.filter(pk=self.second.offer_id):
            matches.propose(offer=offer, role=self.role, by=self.editor)

    def close(self) -> None:
        roles.close_role(role=VolunteerRole.objects.get(pk=self.role.pk), by=self.editor)

    def change(self) -> None:
        """One more place: whoever waits gets it."""
        fields = ("skills", "languages", "moments", "rhythm", "starts_on", "ends_on", "card")
        role = VolunteerRole.objects.get(pk=self.role.pk)
        same = {name: getattr(role, name) for name in fields}
        roles.save_role(initiative=role.initiative, role=role, by=self.editor, people=2, **same)

    def check(self) -> None:
        self.role.refresh_from_db()
        bound = self.role.matches.filter(state__in=BOUND_MATCHES)
        assert bound.count() <= self.role.people
        for match in bound.filter(state=MatchState.INTRODUCED):
            introductions = Message.objects.filter(dedupe_key__startswith=f"match:{match.pk}:1:introduced:")
            assert introductions.count() == 2
        free = self.role.people - bound.count()
        assert not (free and self.role.matches.filter(state=MatchState.WAITLISTED).exists())
        assert not Offer.objects.exclude(state=OfferState.CLOSED).filter(next_action_on=None).exists()


class Meets:
    """A meeting, somebody who was introduced to it, and somebody who is about to be."""

    def __init__(self, area, editor) -> None:
        self.area, self.editor = area, editor
        self.role = make_role(make_begun(area, owner=editor), people=2)
        self.meeting = make_meeting(self.role.initiative, days=10)
        self.there, self.coming = self.asked(), self.asked()
        matches.accept_match(match=self.there, side=Side.VOLUNTEER)

    asked = Place.asked

    def move(self) -> None:
        self._change(12)

    def move_otherwise(self) -> None:
        self._change(14)

    def _change(self, days: int) -> None:
        when = telling.MeetingDetails(timezone.now() + timedelta(days=days), 120, "De Brug", {})
        with suppress(InvalidTransition):  # called off meanwhile
            telling.change_meeting(meeting=Meeting.objects.get(pk=self.meeting.pk), when=when, by=self.editor)

    def off(self) -> None:
        telling.call_off_meeting(meeting=self.meeting, by=self.editor)

    def introduce(self) -> None:
        matches.accept_match(match=self.coming, side=Side.VOLUNTEER)

    def stop(self) -> None:
        endings.end_match(match=self.there, side=Side.VOLUNTEER)

    def erase(self) -> None:
        private.erase(receipt=self.there.offer.receipt)

    def day(self) -> None:
        run_match_jobs()

    def check(self) -> None:
        """Each is told of how it is now, by the introduction or by a mail of its own."""
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        for match in self.role.matches.filter(state=MatchState.INTRODUCED).select_related("meeting"):
            keys = Message.objects.filter(dedupe_key__startswith=f"match:{match.pk}:1:")
            codes = {key.rpartition(":")[2] for key in keys.values_list("dedupe_key", flat=True)}
            if meeting.cancelled_on:
                assert match.meeting is None and match.first_at is None
                assert f"off.{meeting.pk}" in codes or not any(
                    code.startswith(f"{meeting.pk}.") for code in codes
                )
            else:
                assert match.meeting == meeting and match.first_at == meeting.starts_at
                assert f"{meeting.pk}.{meeting.moved}" in codes


@BOTH_WAYS
@pytest.mark.parametrize("other", ["introduce", "stop", "erase", "day", "off", "move_otherwise"])
def test_of_a_meeting_that_moves(area, editor, other: str, turned: bool):
    worlds: list[Meets] = []

    def make() -> tuple[Action, Action]:
        worlds.append(world := Meets(area, editor))
        return world.move, getattr(world, other)

    let_meet(make, lambda: worlds[-1].check(), turned=turned)


@BOTH_WAYS
@pytest.mark.parametrize("other", ["yes_too", "no", "erase", "propose", "close", "change"])
def test_of_one_place(area, editor, other: str, turned: bool):
    worlds: list[Place] = []

    def make() -> tuple[Action, Action]:
        worlds.append(world := Place(area, editor))
        return world.yes, getattr(world, other)

    let_meet(make, lambda: worlds[-1].check(), turned=turned)


class Several:
    """Two who do more than one thing each: the first for an initiative here and one there, the second the other way
    round; and somebody who waits for a place of the first, and was asked for their other one."""

    def __init__(self, area, editor) -> None:
        self.editor = editor
        self.here, self.there = make_begun(area, owner=editor), make_begun(area, owner=editor)
        self.ours = make_begun(area, owner=editor, by_resident=False)
        roles = [
            make_role(one) for one in (self.here, self.there, self.there, self.here, self.ours, self.ours)
        ]
        self.first, self.second = (
            make_offer(area, owner=editor, state=OfferState.ACTIVE) for _one in range(2)
        )
        for role in (roles[0], roles[2]):
            make_match(self.first, role, state=MatchState.INTRODUCED)
        for role in (roles[1], roles[3], roles[4]):
            make_match(self.second, role, state=MatchState.INTRODUCED)
        self.running = make_match(self.second, roles[5], state=MatchState.INTRODUCED)
        waits = make_offer(area, owner=editor, state=OfferState.CONTACTED)
        make_match(waits, roles[0], state=MatchState.WAITLISTED)
        self.asked = make_match(waits, roles[2])
        VolunteerRole.objects.filter(pk=roles[5].pk).update(state=RoleState.CLOSED)

    def let_go(self) -> None:
        endings.end_matches_of_offer(offer=self.first)

    def let_go_too(self) -> None:
        endings.end_matches_of_offer(offer=self.second)

    def no(self) -> None:
        endings.decline(match=self.asked, side=Side.VOLUNTEER, because=Decline.TIME)

    def stop(self) -> None:
        endings.end_match(match=self.running)

    def ends(self) -> None:
        words = {"nl": "Dank"}
        running.end_initiative(initiative=self.ours, learned=words, thanks=words, by=self.editor)


@pytest.mark.parametrize(("one", "other"), [("let_go", "let_go_too"), ("let_go", "no"), ("ends", "stop")])
def test_of_several_things_at_once_nobody_waits_for_ever(area, editor, one: str, other: str):
    worlds: list[Several] = []

    def make() -> tuple[Action, Action]:
        worlds.append(world := Several(area, editor))
        return getattr(world, one), getattr(world, other)

    let_meet(make, lambda: None)


def test_who_calls_somebody_while_they_erase_everything(area, editor):
    def make() -> tuple[Action, Action]:
        place = Place(area, editor)
        Contact.objects.filter(receipt=place.first.offer.receipt).update(confirmed_at=None)
        step = {"to": OfferState.CONTACTED, "next_action": "Bellen", "on": today(3), "address_is_right": True}
        offer = Offer.objects.get(pk=place.first.offer_id)
        return lambda: offer_care.record_offer_step(offer=offer, by=editor, **step), place.erase

    let_meet(make, lambda: None)
