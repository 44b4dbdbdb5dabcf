"""When somebody can: 28 parts of a week, ticked in a table and told in a sentence."""

import re

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from initiatives.matching import moments
from initiatives.matching.forms import MomentsField
from initiatives.states import MOMENTS


class When(forms.Form):
    moments = MomentsField(label="When?")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], ""),
        (["4a"], "Thu afternoon"),
        (["6m", "2a", "2m"], "Tue morning and afternoon, Sat morning"),
        (["1m", "1a", "1e"], "Mon morning, afternoon and mealtime"),
        (["1n", "2n", "3n", "4n", "5n"], "Mon to Fri evening"),
        (["1n", "2n"], "Mon evening, Tue evening"),
        (["1n", "2n", "3n", "5n"], "Mon to Wed evening, Fri evening"),
        (["7m", "7a", "7e", "7n"], "Sun all day"),
        (list(MOMENTS), "always"),
        (["9x", "", "4a"], "Thu afternoon"),
    ],
)
def test_a_sentence(told, said):
    with translation.override("en"):
        assert moments.label(told) == said


@given(st.lists(st.sampled_from(MOMENTS)))
def test_the_table_shows_what_was_told_and_nothing_else(told):
    week = moments.week(told)
    shown = {
        f"{number}{'maen'[row]}"
        for row, cells in enumerate(each.cells for each in week.rows)
        for number, (_day, can) in enumerate(cells, 1)
        if can
    }
    assert shown == set(told) and bool(week.words) == bool(told)


@given(st.lists(st.sampled_from(MOMENTS)))
def test_what_is_ticked_comes_back_in_the_order_of_the_week(ticked):
    form = When({"moments": ticked})
    assert form.is_valid()
    assert form.cleaned_data["moments"] == [moment for moment in MOMENTS if moment in ticked]


def test_what_is_no_part_of_a_week_is_refused():
    assert "moments" in When({"moments": ["8m"]}).errors


def test_every_box_has_a_name_that_can_be_heard():
    with translation.override("en"):
        page = str(When(initial={"moments": ["4a"]})["moments"])
    assert page.count('type="checkbox"') == 28 and page.count("checked") == 1
    assert re.search(r'value="4a"[^>]*checked', page)
    assert "Thursday, afternoon, 12 to 17" in page
    assert page.count('scope="row"') == 7 and page.count('scope="col"') == 4
