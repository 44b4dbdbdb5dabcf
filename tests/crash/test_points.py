"""Killed at each named point of the way of an answer (docs/engine.md), on whatever database and jobs are in use.

The point is in a function that the process stands still in; then it is killed, others start, and everything is added
up: the sum of the answer is equal, nothing came twice, nothing is lost, nobody is mailed who had unsubscribed.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from feedback.delivery.services.guards import outbox_epoch, read_epoch_file
from feedback.models import FollowUp, Heartbeat, Message
from feedback.states import FollowUpState, MessageState
from tests.crash.house import (
    BEAT,
    account,
    all_settled,
    dropped,
    make_audience,
    misbehave,
    press,
    unsubscribe,
    wait_until,
)

pytestmark = pytest.mark.crash
READERS = 140
GONE = range(120, 130)
"""Who unsubscribes while the jobs lie dead."""


@dataclass(frozen=True)
class Point:
    at: str
    calls: int = 0
    uncertain: bool = False
    """Whether a person must say of some mails whether they arrived."""
    state: str = FollowUpState.FANNED_OUT
    """Of the answer, as the dead left it."""


POINTS = {
    "within T1, before it commits": Point("accounts.models:Event.log", state=FollowUpState.HOLD),
    "after T1": Point("feedback.answers.services.release:fan_out_released", state=FollowUpState.RELEASED),
    "within T2, before a chunk commits": Point(
        "feedback.models:FollowUpItem.objects.bulk_create", calls=1, state=FollowUpState.RELEASED
    ),
    "claimed, before T4": Point("feedback.delivery.services.pump:send_group"),
    "within T4, before it commits": Point("feedback.delivery.services.guards:advance_epoch"),
    "after T4, before the epoch is in its file": Point(
        "feedback.delivery.services.guards:write_epoch_file", calls=2, uncertain=True
    ),
    "after T4, before DATA": Point("feedback.delivery.services.pump:send", calls=25, uncertain=True),
    "after DATA, before T5": Point("feedback.delivery.services.pump:settle", calls=1, uncertain=True),
    "within T5, before it commits": Point(
        "feedback.delivery.services.pump:settle_accepted", calls=1, uncertain=True
    ),
}


@pytest.mark.parametrize("name", POINTS)
def test_killed(house, name):
    point = POINTS[name]
    follow_up, owner = make_audience(READERS)
    misbehave(house.sink)
    kill = house.jobs_standing_at(point.at, calls=point.calls)
    press(follow_up, owner)
    kill()
    follow_up.refresh_from_db()
    assert follow_up.state == point.state
    arrived = len(house.sink.mails)
    unsubscribe(follow_up, GONE)

    house.jobs()
    wait_until(all_settled, what="everything left after the kill")
    parts = account(follow_up, house.sink, readers=READERS)
    lost_line = len(dropped(house.sink))
    most = lost_line + 2 * settings.OUTBOX_GROUP * point.uncertain
    assert lost_line + point.uncertain <= parts["uncertain"] <= most, parts
    assert arrived < READERS - len(GONE) and parts["sent"] >= READERS - len(GONE) - most
    assert outbox_epoch().epoch == read_epoch_file() and outbox_epoch().quarantined_at is None
    # On the page alone, left out at T4, or past T4 before: `account` saw that no mail left after they had gone.
    gone = Message.objects.filter(receipt__contact__unsubscribed_at__isnull=False)
    past = gone.filter(state__in=[MessageState.SENT, MessageState.UNCERTAIN]).count()
    assert parts.get("page_only", 0) + parts.get("suppressed", 0) + past == len(GONE)
    assert not past or point.calls
    assert FollowUp.objects.get().state == FollowUpState.FANNED_OUT
    assert not Message.objects.filter(state=MessageState.CANCELLED).exists()


def jobs_are_well() -> bool:
    """What monitoring reads."""
    return Client().get("/health/ready").json()["checks"]["jobs"]["ok"]


def is_red_after_minutes() -> bool:
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    answer = Client().get("/health/ready")
    return answer.status_code == 503 and not answer.json()["checks"]["jobs"]["ok"]


def test_scheduler_dies_and_health_turns_red_and_green_again(house):
    follow_up, owner = make_audience(60)
    running = house.jobs()
    wait_until(jobs_are_well, what="health turns green")
    scheduler = running[-1]  # beat, or runjobs with its beat
    house.kill(scheduler)
    press(follow_up, owner)
    wait_until(
        is_red_after_minutes, what="health turns red"
    )  # a look that was asked for before may still run
    assert Client().get("/health/live").status_code == 200
    if house.redis_url:
        house.start(*BEAT)
    else:
        house.jobs()
    wait_until(jobs_are_well, what="health turns green again")
    wait_until(all_settled, what="what was pressed meanwhile")
    assert account(follow_up, house.sink, readers=60) == {"sent": 60}
