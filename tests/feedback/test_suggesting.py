"""What a text may be about, and why."""

import pytest

from feedback import suggesting
from feedback.suggesting import Example, learn, learn_quickly, stem
from feedback.vocabulary import fields, widen

GREEN = ["Meer bomen in de straat", "Een boom voor ons plein", "Plant bomen langs het water",
         "Wij willen groene tuinen", "De tuinen mogen groener", "Boomplantdag voor iedereen"]  # fmt: skip
LIGHT = ["Het is donker in het park", "Lantaarns bij het fietspad", "Een lantaarn is kapot",
         "Te donker langs de dijk", "De verlichting is uit", "Meer verlichting bij de bushalte"]  # fmt: skip


def examples():
    return [Example(text, "nl", frozenset(["green"])) for text in GREEN] + [
        Example(text, "nl", frozenset(["light"])) for text in LIGHT
    ]


@pytest.fixture(params=[True, False], ids=["scikit-learn", "own"])
def either(request, monkeypatch):
    if request.param:
        pytest.importorskip("sklearn")
    monkeypatch.setattr(suggesting, "HAS_SCIKIT", request.param)


@pytest.mark.parametrize(
    ("one", "other", "language", "alike"),
    [
        ("tuinen", "tuin", "nl", True),
        ("lantaarns", "lantaarn", "nl", True),
        ("trees", "tree", "en", True),
        ("trees", "tree", "xx", False),
    ],
)
def test_words_share_a_stem_in_languages_we_know(one, other, language, alike):
    assert (stem(one, language) == stem(other, language)) == alike


def test_a_suggestion_says_why(either):
    found = learn(examples()).suggest("Kunnen er bomen komen bij de school?", "nl")
    assert found[0].label == "green" and "bomen" in found[0].words


def test_a_compound_word_is_known_by_its_parts(either):
    found = learn(examples()).suggest("Straatverlichting graag", "nl")
    assert [one.label for one in found] == ["light"] and "straatverlichting" in found[0].words


def test_words_that_go_with_a_theme_are_where_it_begins(either):
    hints = {"youth": [("jongeren", "nl"), ("speeltuin", "nl")], "green": [], "light": []}
    assert "youth" in {one.label for one in learn(examples(), hints).suggest("Speeltuin voor jongeren", "nl")}


@pytest.mark.parametrize("text", ["", "!!!", "٣ 12", "de het een", "x" * 5_000, "\u200f\u0301"])
def test_whatever_stands_there_breaks_nothing(text, either):
    learn(examples()).suggest(text, "zz")


def test_too_few_examples_suggest_nothing():
    assert learn(examples()[:5]) is None


def test_a_theme_is_known_by_words_that_nobody_wrote_with_it(either):
    hints = {"sport": [(word, "nl") for word in widen(["Sporten"], "nl")], "green": [], "light": []}
    assert [one.label for one in learn(examples(), hints).suggest("Samen zwemmen", "nl")] == ["sport"]


@pytest.mark.parametrize(
    ("word", "language", "brings", "not_"),
    [
        ("sport", "nl", "zwemmen", "koken"),
        ("Schools", "en", "teachers", "zwemmen"),
        ("sport", "tr", "sport", "x"),
    ],
)
def test_a_head_brings_its_field_and_no_other(word, language, brings, not_):
    found = widen([word], language)
    assert found[0] == word.lower() and brings in found and not_ not in found


def test_a_word_that_heads_no_field_stays_alone():
    assert widen(["zwemmen", "Kattenburg"], "nl") == ["zwemmen", "kattenburg"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_fields_have_heads_and_more(language):
    assert all(heads and len(members) > len(heads) for heads, members in fields(language))


def test_the_quick_model_serves_until_the_better_one_is_there(monkeypatch):
    monkeypatch.setattr(suggesting, "HAS_SCIKIT", True)
    assert isinstance(learn_quickly(examples()), suggesting.NaiveBayes)
