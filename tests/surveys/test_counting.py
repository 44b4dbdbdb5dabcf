"""Counters: whatever happens to the answers, adding up differences equals counting anew."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY, SKIPPED, difference, tally
from tests.surveys.documents import answers_to, documents, examples, layer, poll, question


def small_poll():
    return poll(
        layer(
            "1", question("9", options=["31", "32"]), question("10", "several_choices", ["41", "42", "43"])
        ),
        layer("2", question("20", "long_text")),
    )


def test_tally_counts_what_was_chosen():
    answers = {"9": "31", "10": {"41": True, "43": True}, "20": {"text": "an id"}}

    assert tally(small_poll(), answers, shown={"9", "10", "20"}) == {
        ("9", SHOWN_KEY): 1,
        ("9", ANSWERED): 1,
        ("9", "31"): 1,
        ("10", SHOWN_KEY): 1,
        ("10", ANSWERED): 1,
        ("10", "41"): 1,
        ("10", "43"): 1,
        ("20", SHOWN_KEY): 1,
        ("20", ANSWERED): 1,
    }


def test_tally_tells_skipped_from_left_there():
    counts = tally(small_poll(), {"9": None}, shown=["9", "10"])

    assert counts == {("9", SHOWN_KEY): 1, ("9", SKIPPED): 1, ("10", SHOWN_KEY): 1}


def test_tally_takes_an_answer_as_shown():
    assert tally(small_poll(), {"9": "32"}, shown=())["9", SHOWN_KEY] == 1


def test_tally_counts_only_the_layers_asked_for():
    counts = tally(small_poll(), {"9": "31", "20": None}, shown=(), layers={"2"})

    assert counts == {("20", SHOWN_KEY): 1, ("20", SKIPPED): 1}


def test_tally_of_nothing_chosen_is_a_skip_and_of_a_stranger_nothing():
    assert tally(small_poll(), {"10": {"41": False}}, shown=())["10", SKIPPED] == 1
    assert tally(small_poll(), {"999": "31"}, shown={"999"}) == {}


def test_difference_moves_a_changed_answer():
    before = tally(small_poll(), {"9": "31"}, shown={"9"})
    now = tally(small_poll(), {"9": "32"}, shown={"9"})

    assert difference(before, now) == [(("9", "31"), -1), (("9", "32"), 1)]
    assert difference(now, now) == []


@examples
@given(st.data())
def test_sum_of_differences_equals_a_recount(data):
    """Several responses, each changed any number of times, in any order, layers done growing or not."""
    doc = data.draw(documents)
    layer_ids = st.sets(st.sampled_from([each.id for each in doc.layers]))
    question_ids = [each.id for each in doc.questions]
    counters, stored = Counter(), {}
    for response in data.draw(st.lists(st.integers(0, 3), max_size=8)):
        shown = data.draw(st.sets(st.sampled_from(question_ids))) if question_ids else set()
        now = tally(doc, data.draw(answers_to(doc)), shown, data.draw(st.none() | layer_ids))
        changes = difference(stored.get(response, Counter()), now)
        assert changes == sorted(changes)
        assert all(n for _, n in changes)
        for key, n in changes:
            counters[key] += n
        stored[response] = now

    recount = Counter()
    for counts in stored.values():
        recount.update(counts)
    assert +counters == recount
    assert not -counters


@examples
@given(st.data())
def test_shown_covers_answered_and_skipped(data):
    doc = data.draw(documents)
    shown = data.draw(st.sets(st.sampled_from([each.id for each in doc.questions] or ["0"])))
    counts = tally(doc, data.draw(answers_to(doc)), shown)
    for each in doc.questions:
        options = [counts[each.id, id] for id in each.option_ids]
        assert counts[each.id, ANSWERED] + counts[each.id, SKIPPED] <= counts[each.id, SHOWN_KEY] <= 1
        assert max(options, default=0) <= counts[each.id, ANSWERED]
