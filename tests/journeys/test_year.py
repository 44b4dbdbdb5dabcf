"""A small year of asking and answering: on its last day everybody has an answer, and all mail adds up."""

from dataclasses import replace
from uuid import uuid4

import pytest

from feedback.models import AnswerOwed, FollowUp
from feedback.states import Owed
from scenarios.rehearsal.stage import year_simulation
from scenarios.rehearsal.year import YearScale

SMALL = YearScale(days=196, polls=1, residents=24, offers=6, initiatives=2, seed=2)


@pytest.mark.thorough
def test_a_small_year_leaves_nobody_without_an_answer(transactional_db):
    with year_simulation(SMALL) as (days, asking):
        account = days.run()

        assert account.troubles == []
        did = account.did
        # It was worth seeing: people answered, chose how often, said yes and no to what they heard, and wrote back.
        assert did["took part"] == 24 and did["answers"] > 10 and did["final reports"] == 1
        assert did["chose how often"] and did["said yes"] and did["addresses confirmed"]
        last = account.rows[-1]
        assert (
            last["people"] > 15 and last["waiting"] == 0 and last["owed"] == last["answered"] + last["other"]
        )
        assert last["mails"] == len(days.sink.letters) > 20
        finds_what_is_wrong(days, asking)


def finds_what_is_wrong(days, asking) -> None:
    """The same looks, after somebody broke it."""
    on = asking.scale.last_day
    assert [*asking.forgotten(on)] == []
    AnswerOwed.objects.filter(pk=AnswerOwed.objects.first().pk).update(state=Owed.OPEN, settled_at=None)
    assert any("are still owed about topic" in said for said in asking.forgotten(on))
    FollowUp.objects.filter(pk=FollowUp.objects.first().pk).update(addressed=1000)
    assert any("1000 people" in said for said in asking.forgotten(on))
    asking.polls[0].counted.append(uuid4())
    assert any("gone without having asked" in said for said in asking.forgotten(on))
    letter = days.sink.letters[-1]
    asking.left[letter.recipient], asking.letters_checked = letter.received_at - 1, 0
    assert any("who had left" in said for said in asking.forgotten(on))
    days.sink.letters.append(replace(letter))
    assert any("was sent 2 times" in said for said in days.mail())
