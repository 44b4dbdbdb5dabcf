"""Which languages are offered to write in: those in which a resident can read."""

import pytest

from core.languages import language_label, languages_to_write, offered_languages


@pytest.mark.parametrize(
    ("codes", "found"), [(["ar", "nl", "tr", "en"], ["nl", "en"]), (["ar"], ["ar"]), ([], [])]
)
def test_offered_are_those_that_residents_can_choose(codes, found):
    assert offered_languages(codes) == found


def test_a_language_is_offered_once_the_house_speaks_it(settings):
    assert language_label("ar", "Arabisch") == "Arabisch (nu niet aangeboden)"
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    assert language_label("ar", "Arabisch") == "Arabisch" and offered_languages(["nl", "ar"]) == ["nl", "ar"]


def test_words_in_other_languages_are_kept_where_texts_are_written():
    assert languages_to_write(["nl", "ar", "en"]) == ["nl", "en"]
    assert languages_to_write(["nl", "ar", "en"], {"nl": "Ja", "ar": "نعم", "tr": "Evet"}) == [
        "nl",
        "ar",
        "en",
        "tr",
    ]
    assert languages_to_write(["ar", "nl"]) == ["ar", "nl"], "The first is the one that must be there."
