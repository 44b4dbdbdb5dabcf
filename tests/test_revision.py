from datetime import date

from core.revision import FULL_DIGEST_DIGITS, revision, revision_of_rows


def test_a_revision_goes_by_content_and_not_by_the_order_of_keys():
    assert revision({"nl": "Groen", "en": "Green"}) == revision({"en": "Green", "nl": "Groen"})
    assert revision({"nl": "Groen"}) != revision({"nl": "groen"})
    assert revision([1, 2]) != revision([2, 1])
    assert revision(date(2027, 3, 1)) == revision("2027-03-01")


def test_a_long_one_begins_as_the_short_one():
    assert revision("é", digits=FULL_DIGEST_DIGITS).startswith(revision("é"))
    assert (len(revision("é", digits=FULL_DIGEST_DIGITS)), len(revision("é"))) == (64, 16)


def test_words_that_no_encoding_knows_have_one_too():
    assert revision("\ud800") != revision("\ud801")


def test_rows_are_told_apart_by_where_they_stand():
    assert revision_of_rows([(1, "a")], [(2, "b")]) == revision_of_rows([[1, "a"]], [[2, "b"]])
    assert revision_of_rows([(1,), (2,)], []) != revision_of_rows([(1,)], [(2,)])
