"""Two readers and chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.contributions.labelling import agreement_per_label, count_agreement

decisions = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60)


def test_the_example_of_the_books():
    """Cohen's kappa of 20, 5, 10 and 15 of 50 decisions is 0.4."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert count_agreement(pairs).kappa == pytest.approx(0.4)


@pytest.mark.parametrize("pairs", [[], [(True, True)] * 5, [(False, False)] * 5])
def test_nothing_can_be_said_of_one_and_the_same_answer(pairs):
    assert count_agreement(pairs).kappa is None


@given(decisions)
def test_kappa_stays_in_bounds_and_forgets_who_was_first(pairs):
    kappa = count_agreement(pairs).kappa
    assert kappa == count_agreement((second, first) for first, second in pairs).kappa
    assert kappa is None or -1 - 1e-9 <= kappa <= 1 + 1e-9


def test_each_label_that_somebody_used_is_a_decision_about_each_text():
    whole, found = agreement_per_label(
        [(frozenset("a"), frozenset("a")), (frozenset("ab"), frozenset("a")), (frozenset(), frozenset("b"))]
    )
    assert whole.n == 6 and set(found) == {"a", "b"}
    assert (found["a"].kappa, found["b"].both) == (1, 0)
