"""Proven approaches: complete in both languages, and each fit says what speaks for it and what against."""

import re
from dataclasses import fields, replace

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from initiatives.initiatives.approach_wording import APPROACH_REASON_TEXTS
from initiatives.initiatives.approaches import (
    APPROACHES,
    APPROACHES_BY_SLUG,
    APPROACHES_PATH,
    ApproachReason,
    Evidence,
    fit,
    rank_approaches,
    read_approaches,
)
from initiatives.panels import fitting_approaches as shown
from neighbourhoods.advice.advice import advise
from tests.neighbourhoods.test_advice_table import INPUTS, KNOWN
from tests.people import signed_in

MIDDLING_AND_HARD = replace(KNOWN, load=1.0)
TEXTS = ("name", "answers", "fits", "needs", "watch_out")


def test_sixteen_each_with_its_own_name():
    assert len(APPROACHES) == len(APPROACHES_BY_SLUG) == 16


@pytest.mark.parametrize("approach", APPROACHES, ids=lambda one: one.slug)
def test_complete_in_dutch_and_english(approach):
    for name in TEXTS:
        texts = getattr(approach, name)
        assert set(texts) == {"nl", "en"} and all(words.strip() for words in texts.values()), name
    assert approach.energy and approach.load
    assert {field.name for field in fields(approach)} >= set(TEXTS)


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ("[street-action]", "[street-action", "approaches.toml can't be read"),
        ('watch_out = {nl = "Het blijft', 'watch = {nl = "Het blijft', "in [street-action]"),
        ('answers = {nl = "Contact', 'costs = {nl = "Contact', "can't be read"),
        ('evidence = "c"\nenergy = ["low"', 'energy = ["low"', "in [street-action]: '' is not a valid"),
        ('energy = ["low", "mid"]', 'energy = ["little"]', "in [street-action]: 'little' is not a valid"),
    ],
)
def test_says_where_the_file_is_broken(there, instead, said, tmp_path):
    whole = APPROACHES_PATH.read_text("utf-8")
    assert there in whole
    path = tmp_path / APPROACHES_PATH.name
    path.write_text(whole.replace(there, instead, 1), "utf-8")
    with pytest.raises(ValueError, match=re.escape(said)):
        read_approaches(path)


@pytest.mark.parametrize(
    ("slug", "change", "against"),
    [
        ("small-grant", {}, set()),
        ("street-action", {}, set()),
        ("right-to-challenge", {}, {ApproachReason.TOO_LITTLE_ENERGY, ApproachReason.NOT_THIS_LOAD}),
        ("street-action", {"wanting": 20}, {ApproachReason.MORE_IS_POSSIBLE}),
        ("neighbourhood-budget", {}, {ApproachReason.TOO_DEAR}),
        ("neighbourhood-budget", {"budget": 20_000}, set()),
        ("community-building", {"budget": 50_000, "hours": 0}, {ApproachReason.NO_HOURS}),
        ("street-action", {"budget": 0}, {ApproachReason.TOO_DEAR}),
        ("repair-cafe", {"budget": 0}, set()),
        ("repair-cafe", {"knowing": 20}, {ApproachReason.ASSUMES_TIES}),
        ("street-action", {"knowing": 20}, set()),
        ("repair-cafe", {"left_behind": ("65+",)}, {ApproachReason.REACH_FIRST}),
        ("key-persons-and-meals", {"left_behind": ("65+",)}, set()),
        ("playground", {}, {ApproachReason.ASK_FIRST}),
        ("community-garden", {"theme": "green"}, set()),
    ],
)
def test_what_speaks_against(slug, change, against):
    found = fit(APPROACHES_BY_SLUG[slug], advise(replace(MIDDLING_AND_HARD, **change)))
    assert set(found.against) == against and found.fits == (not against)


def test_what_is_named_most_comes_first():
    best = rank_approaches(advise(replace(MIDDLING_AND_HARD, theme="green")))[0]
    assert ApproachReason.THEME in best.reasons


@given(INPUTS)
def test_every_place_has_something_that_helps(inputs):
    fits = rank_approaches(advise(inputs))
    assert len(fits) == 16
    assert [len(one.against) for one in fits] == sorted(len(one.against) for one in fits)
    for one in fits:
        assert set(one.reasons) | set(one.against) <= set(APPROACH_REASON_TEXTS)
        assert not set(one.reasons) & set(one.against)


@given(INPUTS, st.sampled_from(APPROACHES))
def test_without_money_nothing_that_costs_fits(inputs, approach):
    found = fit(approach, advise(replace(inputs, budget=0)))
    assert (ApproachReason.TOO_DEAR in found.against) == (approach.costs > 0)


def test_beside_an_advice_at_most_one_thing_speaks_against(db):
    assert all(len(one.against) < 2 and one.url for one in shown(advise(MIDDLING_AND_HARD)))


def test_all_can_be_read(viewer):
    page = signed_in(viewer).get(reverse("approaches")).content.decode()
    assert all(f'id="{approach.slug}"' in page for approach in APPROACHES)
    assert {one.evidence for one in APPROACHES} == set(Evidence)
