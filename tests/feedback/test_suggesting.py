"""What a text may be about, and why."""

import pytest

from feedback.contributions.labelling import TrainingExample, features, fields, learn, stem, widen

GREEN = ["Meer bomen in de straat", "Een boom voor ons plein", "Plant bomen langs het water",
         "Wij willen groene tuinen", "De tuinen mogen groener", "Boomplantdag voor iedereen"]  # fmt: skip
LIGHT = ["Het is donker in het park", "Lantaarns bij het fietspad", "Een lantaarn is kapot",
         "Te donker langs de dijk", "De verlichting is uit", "Meer verlichting bij de bushalte"]  # fmt: skip


def examples():
    return [TrainingExample(text, "nl", frozenset(["green"])) for text in GREEN] + [
        TrainingExample(text, "nl", frozenset(["light"])) for text in LIGHT
    ]


def hints(**words):
    return {label: [(word, "nl", 1.0) for word in said.split()] for label, said in words.items()}


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


def test_a_suggestion_says_why():
    found = learn(examples()).suggest("Kunnen er bomen komen bij de school?", "nl")
    assert found[0].label == "green" and "bomen" in found[0].words


def test_a_compound_word_is_known_by_its_parts():
    found = learn(examples()).suggest("Straatverlichting graag", "nl")
    assert [one.label for one in found] == ["light"] and "straatverlichting" in found[0].words


def test_words_that_go_with_a_theme_are_where_it_begins():
    model = learn(examples(), hints(youth="jongeren speeltuin"))
    assert [one.label for one in model.suggest("Speeltuin voor jongeren", "nl")] == ["youth"]


def test_what_colleagues_coded_outweighs_the_words_that_go_with_a_theme():
    model = learn(examples(), hints(youth="bomen"))
    assert model.suggest("Meer bomen", "nl")[0].label == "green"


def test_a_word_that_may_mean_something_else_says_less():
    def score(weight):
        return learn(examples(), {"youth": [("club", "nl", weight)]}).suggest("Een club", "nl")[0].score

    assert score(0.5) < score(1.0)


@pytest.mark.parametrize("text", ["We need new parking", "A place to park cars"])
def test_where_words_are_written_apart_they_tell_by_stem_and_as_they_are(text):
    parts, _origin = features(text, "en")
    assert "=park" in parts and not any(part.startswith("~") for part in parts)


def test_every_text_was_about_it_or_none():
    everywhere = [TrainingExample(text, "nl", frozenset(["green"])) for text in GREEN * 2]
    assert learn(everywhere, hints(light="lantaarn")).suggest("Meer bomen", "nl")[0].label == "green"


@pytest.mark.parametrize("text", ["", "!!!", "٣ 12", "de het een", "x" * 5_000, "\u200f\u0301"])
def test_whatever_stands_there_breaks_nothing(text):
    learn(examples()).suggest(text, "zz")


def test_too_few_examples_suggest_nothing():
    assert learn(examples()[:5]) is None


def test_a_theme_is_known_by_words_that_nobody_wrote_with_it():
    model = learn(examples(), hints(sport=" ".join(widen(["Sporten"], "nl"))))
    assert [one.label for one in model.suggest("Samen zwemmen", "nl")] == ["sport"]


@pytest.mark.parametrize(
    ("word", "language", "brings", "not_"),
    [
        ("sport", "nl", "zwemmen", "koken"),
        ("Schools", "en", "teachers", "zwemmen"),
        ("sport", "tr", "sport", "x"),
        ("parking", "en", "garage", "flower"),
    ],
)
def test_a_head_brings_its_field_and_no_other(word, language, brings, not_):
    found = widen([word], language)
    assert next(iter(found)) == word.lower() and brings in found and not_ not in found


def test_a_word_that_heads_no_field_stays_alone():
    assert widen(["zwemmen", "Kattenburg"], "nl") == {"zwemmen": 1, "kattenburg": 1}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_fields_have_heads_and_more(language):
    assert all(heads and len(members) > len(heads) for heads, members in fields(language))


def test_a_word_that_often_means_something_else_weighs_less_unless_another_field_is_sure_of_it():
    assert widen(["housing"], "en")["building"] < widen(["housing"], "en")["tenant"] == 1
    assert widen(["safety"], "en")["drugs"] < widen(["safety", "health"], "en")["drugs"] == 1
