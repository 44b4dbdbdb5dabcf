from feedback.models import AnswerOwed
from feedback.states import MessageState, Owed
from tests.feedback.factories import (
    make_contribution,
    make_debt,
    make_follow_up,
    make_message,
    make_promise,
    make_topic,
)
from tests.people import make_user


def test_a_debt_comes_with_everything_it_hangs_on(db):
    debt = make_debt(due=-3, waited=40)
    assert AnswerOwed.objects.late().get() == debt
    assert debt.contribution.receipt == debt.receipt and debt.contribution.topic == debt.topic


def test_settled_debts_keep_the_constraints(db):
    assert {make_debt(state=state).state for state in Owed} == set(Owed)


def test_everything_else_can_be_made(db):
    topic = make_topic()
    assert make_contribution(topic, text="Koffie.").kind == "text"
    assert make_promise().due_on == make_promise("survey:2").due_on
    assert make_follow_up(areas=[topic.area]).areas.get() == topic.area
    assert make_message(state=MessageState.FAILED).receipt.contact.confirmed_at
    assert make_message(user=make_user()).receipt is None
