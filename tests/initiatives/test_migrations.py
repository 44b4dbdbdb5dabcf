"""A release comes to a database with rows in it: what its constraints ask, they have afterwards."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from feedback.models import Contribution, Topic
from initiatives.models import ExpectationCard, Match, Need, Offer
from initiatives.services.challenges import QUESTIONS
from initiatives.states import MatchState, MatchStep, OfferState
from neighbourhoods.states import Role
from tests.feedback.factories import make_receipt, today
from tests.initiatives.factories import (
    make_begun,
    make_card,
    make_challenge,
    make_match,
    make_meeting,
    make_need,
    make_offer,
    make_role,
)
from tests.people import make_user

pytestmark = [
    pytest.mark.server_databases,  # PostgreSQL refuses to change a table of which keys are still to be looked at
    pytest.mark.django_db(transaction=True),
]
BEFORE = "0009_public_since"
DAYS = {
    MatchState.PROPOSED: (MatchStep.ANSWER, 3),
    MatchState.ACCEPTED: (MatchStep.INTRODUCE, 2),
    MatchState.WAITLISTED: (MatchStep.LIST, 2),
    MatchState.INTRODUCED: (MatchStep.HOW, 2),
    MatchState.ACTIVE: (MatchStep.HOW, 2),
}


def migrate(name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("initiatives", name)])


@pytest.fixture
def newest():
    (found,) = (
        name for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes() if app == "initiatives"
    )
    yield found
    migrate(found)


def test_rows_of_the_release_before_have_what_this_one_asks(area, newest):
    make_user(Role.EDITOR, area)
    role = make_role(make_begun(area), people=20)
    for state in DAYS:
        make_match(make_offer(area, due=2), role, state=state, answer_before=today(3))
    meets = make_match(
        make_offer(area), role, state=MatchState.INTRODUCED, first_at=make_meeting(role.initiative).starts_at
    )
    over = make_match(make_offer(area), role, state=MatchState.EXPIRED)
    paused = make_offer(area, state=OfferState.PAUSED, paused_until=today(20))
    make_need()
    make_card("a draft", shown_on=None)
    danger = make_offer(area, words="Ik wil niet meer leven.")
    challenge = make_challenge(area)
    took_on = make_receipt(purpose=ReceiptPurpose.TASK)

    migrate(BEFORE)
    with connection.cursor() as cursor:  # as the release before kept a request: one topic for all of it
        parts = Topic.objects.filter(source=challenge.source).order_by("pk")
        first = parts[0]
        Contribution.objects.filter(topic__in=parts).update(topic=first)
        cursor.execute("UPDATE feedback_answerowed SET topic_id = %s WHERE topic_id IN "
                       "(SELECT id FROM feedback_topic WHERE source = %s)", [first.pk, challenge.source])  # fmt: skip
    parts.exclude(pk=first.pk).delete()
    Topic.objects.filter(pk=first.pk).update(key="request")
    migrate(newest)

    for state, (step, days) in DAYS.items():
        for match in Match.objects.filter(state=state).exclude(pk=meets.pk):
            assert (match.step, match.step_on) == (step, today(days)), state
    assert Match.objects.get(pk=over.pk).step_on is None
    meets.refresh_from_db()
    assert meets.meeting and meets.first_told_on == timezone.localdate(meets.introduced_at)
    assert not Match.objects.filter(volunteer_yes_at__isnull=False, card=None).exists()
    assert Offer.objects.get(pk=paused.pk).paused_until == today(20)
    assert Offer.objects.get(pk=danger.pk).may_be_danger and not Offer.objects.get(pk=paused.pk).may_be_danger
    assert Need.objects.get().next_action_on == timezone.localdate() + timedelta(days=30)
    assert not ExpectationCard.objects.filter(shown_on=None).exists()
    said = Contribution.objects.filter(topic__source=challenge.source)
    assert {one.slot: one.topic.key for one in said} == {slot: slot for slot in QUESTIONS}
    assert Receipt.objects.get(pk=took_on.pk).purpose == ReceiptPurpose.TASK
