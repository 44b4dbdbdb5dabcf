"""Two at the same moment: who is asked whether it happened is asked once, and what goes is what was approved."""

import pytest
from django.db.models import Count
from django.utils import timezone

from feedback.answers.services import compose, release
from feedback.answers.services.looking_back import save_fulfilment_reply, send_fulfilment_checks
from feedback.models import AnswerOwed, Approval, FollowUp, FulfilmentCheck, Message, NamedDebt
from feedback.private import services as private
from feedback.states import ApprovalState, FollowUpState, Happened, MessagePurpose
from neighbourhoods.models import ParticipationRules
from neighbourhoods.states import Role
from tests.at_once import BOTH_WAYS, Action, every_meeting, let_meet
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_receipt, make_topic, today
from tests.feedback.journey import answer
from tests.people import make_user

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def promised(area, editor):
    """Makes one reader who was promised something that should be there by now."""
    topic = make_topic(area=area)

    def make():
        FollowUp.objects.update(happens_on=None)  # those of the meetings before are asked no more
        receipt = make_contact().receipt
        return answer(make_debt(topic, receipt=receipt, owner=editor), owner=editor, happens_on=today(-60))

    return make


def nobody_was_asked_twice() -> None:
    asked = FulfilmentCheck.objects.values("item").annotate(n=Count("pk"))
    mails = Message.objects.filter(purpose=MessagePurpose.LOOK_BACK).values("receipt").annotate(n=Count("pk"))
    assert all(row["n"] == 1 for row in [*asked, *mails])


def test_two_jobs_ask_once(promised):
    def make() -> tuple[Action, Action]:
        promised()
        return send_fulfilment_checks, send_fulfilment_checks

    for met in every_meeting(make):
        assert not met.errors, met
        nobody_was_asked_twice()
    assert FulfilmentCheck.objects.exists()


@BOTH_WAYS
@pytest.mark.parametrize("action", ["withdraws", "erases"])
def test_asked_while_its_reader_goes(action, promised, turned):
    goes = {"withdraws": private.withdraw_receipt, "erases": private.erase}[action]

    def make() -> tuple[Action, Action]:
        item = promised()
        return send_fulfilment_checks, lambda: goes(receipt=item.receipt)

    let_meet(make, nobody_was_asked_twice, turned=turned)


def test_two_taps_say_it_once(promised):
    def make() -> tuple[Action, Action]:
        item = promised()
        send_fulfilment_checks()
        return (
            lambda: save_fulfilment_reply(item=item, happened=Happened.NO),
            lambda: save_fulfilment_reply(item=item, happened=Happened.NO),
        )

    def check() -> None:
        owed = AnswerOwed.objects.filter(contribution__slot__startswith="happened:")
        assert owed.count() == FulfilmentCheck.objects.filter(happened=Happened.NO).count()

    let_meet(make, check)


@BOTH_WAYS
def test_released_while_a_colleague_writes_or_the_reader_decides(area, editor, turned):
    """Whatever comes first: what goes is what a second colleague approved."""
    ParticipationRules.objects.create(pk=1, second_reader=True)
    topic, second = make_topic(area=area), make_user(Role.EDITOR, area)

    def make() -> tuple[Action, Action]:
        make_debt(topic, receipt=make_receipt(), owner=editor)
        draft = make_follow_up(areas=[area], owner=editor, source=topic.source, key=topic.key)
        asked = compose.ask_approval(follow_up=draft, approver=second, seen=draft.digest, by=editor)
        compose.approve(approval=asked, by=second, seen=draft.digest)
        new = {"nl": "Iets anders.", "en": "Something else."}
        return (
            lambda: release.schedule_release(follow_up=draft, by=editor),
            lambda: compose.save_follow_up_draft(
                follow_up=FollowUp.objects.get(pk=draft.pk), seen=draft.digest, by=editor, why=new
            ),
        )

    def check() -> None:
        for gone in FollowUp.objects.exclude(state=FollowUpState.DRAFT):
            approved = Approval.objects.get(follow_up=gone, state=ApprovalState.APPROVED)
            assert approved.digest == gone.digest
        assert not NamedDebt.objects.filter(follow_up__state=FollowUpState.DRAFT).exists()
        FollowUp.objects.filter(state=FollowUpState.HOLD).update(
            state=FollowUpState.FANNED_OUT, released_at=timezone.now()
        )
        AnswerOwed.objects.all().delete()

    let_meet(make, check, turned=turned)
