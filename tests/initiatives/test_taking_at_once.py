"""Two people in the same second: who take one task, decide one request, withdraw it, move its date, hand it over."""

import pytest

from accounts.models import Receipt
from feedback.models import AnswerOwed, FollowUp, Promise
from feedback.private import services as private
from initiatives.challenges import services as challenges
from initiatives.challenges.services import Decision
from initiatives.initiatives.services import running
from initiatives.matching.services.owners import reassign
from initiatives.models import Challenge, Task
from initiatives.states import CHALLENGE_DECISIONS, ChallengeState
from neighbourhoods.states import Power, Role
from tests.at_once import BOTH_WAYS, Action, let_meet
from tests.feedback.factories import today
from tests.initiatives.factories import make_challenge, make_initiative, make_task
from tests.people import make_user

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]
WORDS = {"nl": "Woorden", "en": "Words"}


def take(task: Task, key: str) -> Action:
    return lambda: running.take_task(task=task, submit_key=key, language="nl")


@BOTH_WAYS
@pytest.mark.parametrize("other", ["same tap", "somebody else", "removed", "done", "erased"])
def test_of_one_task(area, editor, other: str, turned: bool):
    tasks: list[Task] = []

    def make() -> tuple[Action, Action]:
        task = make_task(make_initiative(area))
        tasks.append(task)
        key = f"k{task.pk}"
        receipt, _code = take(make_task(task.initiative), f"x{task.pk}")()
        actions: dict[str, Action] = {
            "same tap": take(task, key),
            "somebody else": take(task, f"o{task.pk}"),
            "removed": lambda: running.remove_task(task=task, by=editor),
            "done": lambda: running.finish_task(task=task, by=editor),
            "erased": lambda: private.erase(receipt=receipt),
        }
        return take(task, key), actions[other]

    def check() -> None:
        task = Task.objects.filter(pk=tasks[-1].pk).first()
        if other == "removed":
            assert task is None or task.taken_by
        else:
            assert task is not None and (task.taken_by or task.done_on)
        held = Task.objects.filter(taken_by__isnull=False).values("taken_by").distinct().count()
        assert Receipt.objects.count() == held, "who was too late leaves nothing behind"

    let_meet(make, check, turned=turned)


@BOTH_WAYS
@pytest.mark.parametrize("other", ["decide", "withdraw", "erase", "move", "hand over"])
def test_of_one_request(area, editor, other: str, turned: bool):
    made: list[int] = []
    colleague = make_user(Role.EDITOR, area)

    def decide(one: Challenge, outcome: str) -> Action:
        decision = Decision(outcome, "het college", WORDS, WORDS)
        return lambda: challenges.decide_challenge(challenge=one, decision=decision, by=editor)

    def make() -> tuple[Action, Action]:
        one = make_challenge(area, key=f"k{len(made)}")
        made.append(one.pk)
        receipt = one.receipt
        actions: dict[str, Action] = {
            "decide": decide(one, ChallengeState.GRANTED),
            "withdraw": lambda: private.withdraw_receipt(receipt=receipt),
            "erase": lambda: private.erase(receipt=receipt),
            "move": lambda: challenges.move_date(
                challenge=one, to=today(300), reason=WORDS, seen=one.decide_before, by=editor
            ),
            "hand over": lambda: reassign(
                Challenge.objects.filter(pk=one.pk), to=colleague, by=editor, least=Power.EDITOR
            ),
        }
        return decide(one, ChallengeState.REFUSED), actions[other]

    def check() -> None:
        one = Challenge.objects.filter(pk=made[-1]).first()
        answers = FollowUp.objects.filter(audience__source=f"challenge:{made[-1]}").count()
        if one is None:
            assert other == "erase"
            return
        assert answers <= 1 and (one.decided_on is not None) == (one.state in CHALLENGE_DECISIONS)
        owners = set(
            AnswerOwed.objects.waiting().filter(topic__source=one.source).values_list("owner", flat=True)
        )
        promise = Promise.objects.get(subject=one.source)
        assert owners <= {promise.owner_id} and one.owner_id == promise.owner_id

    let_meet(make, check, turned=turned)
