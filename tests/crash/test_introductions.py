"""Introductions, with the jobs killed while they leave: each person gets theirs once, with the first time in it."""

from collections import Counter

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Contact
from feedback.delivery.services import guards
from feedback.models import Message
from feedback.states import UNSETTLED_STATES, MessagePurpose, MessageState
from initiatives.matching.services import matches
from initiatives.models import Match
from initiatives.states import MatchState, OfferState, Side
from tests.crash.house import address, dropped, misbehave, wait_until
from tests.initiatives.factories import make_begun, make_meeting, make_offer, make_role
from tests.people import make_area, make_municipality, make_user

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

PEOPLE = 120
KILLS = 3


@pytest.fixture
def introduced(house) -> list[Match]:
    """So many volunteers of one initiative, all of whom said yes; its beginner is told of each."""
    make_municipality()
    guards.outbox_may_send()
    owner = make_user(title="wijkmanager")
    initiative = make_begun(make_area("Oosterhaven"), owner=owner)
    Contact.objects.filter(receipt=initiative.receipt).update(email=address(PEOPLE))
    make_meeting(initiative)
    role = make_role(initiative, people=PEOPLE)
    found = []
    for number in range(PEOPLE):
        offer = make_offer(initiative.area, owner=owner, state=OfferState.CONTACTED)
        Contact.objects.filter(receipt=offer.receipt).update(
            email=address(number), confirmed_at=timezone.now()
        )
        match = matches.propose(offer=offer, role=role, by=owner)
        matches.accept_match(match=match, side=Side.VOLUNTEER)
        found.append(matches.accept_match(match=match, side=Side.INITIATIVE))
    return found


def is_settled() -> bool:
    return not Message.objects.filter(state__in=UNSETTLED_STATES, purpose=MessagePurpose.MATCH).exists()


def test_killed_again_and_again(house, introduced):
    misbehave(house.sink)
    # What was proposed no longer stands: those mails are cancelled, the introductions go out.
    for turn in range(KILLS):
        jobs = house.jobs()
        goal = (turn + 1) * PEOPLE // (KILLS + 1)
        wait_until(lambda goal=goal: len(house.sink.mails) >= goal, what=f"{goal} mails")
        house.kill(*jobs)
    jobs = house.jobs()
    wait_until(is_settled, seconds=90, what="all introductions are out")
    house.kill(*jobs)

    assert set(house.sink.ids.values()) == {1}, "somebody was introduced twice"
    messages = Message.objects.filter(purpose=MessagePurpose.MATCH)
    counts = Counter(messages.values_list("state", flat=True))
    assert set(counts) <= {MessageState.SENT, MessageState.UNCERTAIN, MessageState.CANCELLED}
    assert counts[MessageState.CANCELLED] == 2 * PEOPLE, "the proposals, to both sides"
    assert counts[MessageState.SENT] + counts[MessageState.UNCERTAIN] == 2 * PEOPLE
    assert counts[MessageState.UNCERTAIN] <= KILLS * 2 * settings.OUTBOX_GROUP + len(dropped(house.sink))
    arrived = house.sink.ids
    for message in messages.filter(state=MessageState.SENT):
        assert arrived[message.message_id] == 1
    assert all("BEGIN:VEVENT" in calendar_of(mail) for mail in house.sink.mails)
    assert Match.objects.filter(state=MatchState.INTRODUCED).count() == PEOPLE


def calendar_of(mail) -> str:
    return "".join(
        part.get_content() for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"
    )
