"""Private codes: words that can't be mistaken, codes that survive the way from paper to phone."""

import random
import re
from collections import Counter
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.codes import (
    CODE_WORDS,
    DIGITS,
    SHORT_ALPHABET,
    new_code,
    new_short_code,
    normalise_private_code,
)
from tests.growth import grows_in_step

CODE = "linde-482-kade-mus"
codes = st.builds(lambda seed: new_code(random.Random(seed)), st.integers())


def slips(word):
    """What one slip of the finger makes of a word: a letter left out, swapped, or any letter there."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + "*" + word[i + 1 :]
        yield word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :]


def sound(word):
    """Dutch spellings that sound alike, made the same."""
    for letters, heard in (("ch", "g"), ("c", "k"), ("z", "s"), ("v", "f"), ("ie", "i"), ("rn", "m")):
        word = word.replace(letters, heard)
    word = re.sub("d$", "t", re.sub("b$", "p", word))
    return re.sub(r"(.)\1+", r"\1", word)


def test_words_are_512_short_and_easy():
    assert len(set(CODE_WORDS)) == 512
    assert all(re.fullmatch("[a-z]{3,7}", word) for word in CODE_WORDS)
    assert not [word for word in CODE_WORDS if re.search("ij|ei|ou|au|[xyq]", word)]


def test_no_slip_makes_one_word_of_another():
    words = set(CODE_WORDS)
    made = Counter(slip for word in CODE_WORDS for slip in set(slips(word)) if "*" in slip)
    assert not [slip for slip, n in made.items() if n > 1]
    assert not [(word, slip) for word in CODE_WORDS for slip in slips(word) if slip != word and slip in words]


def test_no_two_words_sound_the_same():
    assert not [key for key, n in Counter(map(sound, CODE_WORDS)).items() if n > 1]


def test_no_two_words_run_together_read_as_two_others():
    together = Counter(one + two for one in CODE_WORDS for two in CODE_WORDS)
    assert together.most_common(1)[0][1] == 1


def test_a_code_carries_36_bits():
    assert 3 * log2(len(CODE_WORDS)) + 3 * log2(len(DIGITS)) == 36
    assert re.fullmatch(r"[a-z]{3,7}-[2-9]{3}-[a-z]{3,7}-[a-z]{3,7}", new_code())
    assert len({new_code() for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "typed",
    [
        "linde-482-kade-mus",
        " Linde 482 Kade Mus ",
        "LINDE.482.KADE.MUS",
        "linde482kademus",
        "linde 4 8 2 kade mus",
        "l1nde-482-kade-mus",
        "lindé–482—kade_mus",
        "linde - 482 - kade - mus.",
        "Uw code is linde-482-kade-mus. Bewaar hem goed.",
        "https://voorbeeld.nl/v/linde-482-kade-mus/",
        "Op 23 maart kreeg ik “linde-482-kade-mus”",
        "linde-482-\nkade-mus",
    ],
)
def test_normalise_forgives(typed):
    assert normalise_private_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", "linde", "linde-482-kade", "linde-401-kade-mus", "482", "fiets-4825-kade-mus", "a" * 9999]
)
def test_normalise_finds_nothing_where_there_is_no_code(typed):
    assert normalise_private_code(typed) is None


def test_normalise_reads_o_for_0_in_words():
    assert normalise_private_code("b00m 333 k0ek r00s") is None
    assert normalise_private_code("k0ffie-333-b0g-t0ren") is None
    assert normalise_private_code("K0FFIE-333-B00G-T0REN") == "koffie-333-boog-toren"


@given(codes, st.sampled_from(["-", " ", "", ".", " - ", "_", ", "]), st.booleans(), st.text(max_size=20))
def test_any_code_survives_retyping(code, between, capitals, around):
    typed = code.replace("-", between)
    typed = typed.upper() if capitals else typed
    assert normalise_private_code(typed) == code
    assert normalise_private_code(f"{re.sub('[^ ]', '', around)} {typed} !") == code
    assert normalise_private_code(normalise_private_code(code)) == code


@given(st.text(max_size=300))
def test_normalise_never_fails_and_gives_only_real_codes(text):
    code = normalise_private_code(text)
    assert code is None or normalise_private_code(code) == code


def test_short_codes_leave_out_what_is_mistaken():
    assert len(SHORT_ALPHABET) == len(set(SHORT_ALPHABET)) == 30
    assert not set("ilou01") & set(SHORT_ALPHABET)
    assert re.fullmatch("[a-z2-9]{6}", new_short_code())


@pytest.mark.parametrize(
    ("before", "digits"), [("a", "222 "), ("a1", "222 "), ("1", "!!!!!!222")],
    ids=["letters", "letters and digits", "ones"],
)  # fmt: skip
def test_a_text_made_to_keep_us_busy_is_read_in_step_with_its_length(before, digits):
    """Anybody may paste two thousand characters here; these took twelve seconds."""

    def pasted(size):
        return before * (size // 2 // len(before)) + digits * (size // 2 // len(digits))

    assert normalise_private_code(pasted(2_000)) is None
    assert grows_in_step(normalise_private_code, pasted, 2_000)


def test_a_word_is_only_a_word_by_itself():
    assert normalise_private_code("linde-482-kade-mus") == "linde-482-kade-mus"
    assert normalise_private_code("uwcode linde 482 kade mus") == "linde-482-kade-mus"
    assert normalise_private_code("uwcodelinde-482-kade-mus") is None
