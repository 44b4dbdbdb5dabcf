"""Masking: measured on lines it was not tuned on, and never failing on anything."""

import csv
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.screening import ContactDetailKind, MaskSpan, find_contact_details, mask
from tests.growth import grows_in_step

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Line:
    language: str
    text: str
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class Score:
    recall: float
    precision: float
    to_find: int
    found: int
    lines: int

    def __str__(self):
        return (
            f"recall {self.recall:.3f} of {self.to_find} to find, precision {self.precision:.3f} "
            f"of {self.found} found, in {self.lines} lines"
        )


def read(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Line(
            row["language"],
            row["text"],
            [tuple(map(int, span.split("-"))) for span in row["spans"].split(",") if span],
        )
        for row in rows
    ]


def score(lines):
    """A span is recalled when every letter and digit of it is masked; right when it masks little else.

    "Little else" is at most ten characters more than the span itself ("nul zes" before a number).
    """
    to_find = recalled = found = right = 0
    for line in lines:
        masked = [(one.start, one.end) for one in find_contact_details(line.text)]
        covered = {i for start, end in masked for i in range(start, end)}
        to_find += len(line.spans)
        found += len(masked)
        recalled += sum(
            all(i in covered for i in range(start, end) if line.text[i].isalnum())
            for start, end in line.spans
        )
        right += sum(
            any(
                start < right_end and end > right_start and end - start <= right_end - right_start + 10
                for right_start, right_end in line.spans
            )
            for start, end in masked
        )
    return Score(recalled / to_find, right / found, to_find, found, len(lines))


def test_masking_holds_what_it_promises_on_lines_it_was_not_tuned_on():
    lines = read("masking_test.tsv")
    assert len(lines) >= 300
    for language in ("nl", "en"):
        part = [line for line in lines if line.language == language]
        assert len(part) == len(lines) / 2
        print(language, score(part))
    total = score(lines)
    print("all", total)
    assert total.recall >= 0.95
    assert total.precision >= 0.9


def test_lines_to_tune_on_are_others_than_those_to_test_on():
    assert not {line.text for line in read("masking_tune.tsv")} & {
        line.text for line in read("masking_test.tsv")
    }


def test_masking_still_does_what_it_was_tuned_for():
    result = score(read("masking_tune.tsv"))
    print("tune", result)
    assert result.recall >= 0.97
    assert result.precision >= 0.97


def test_mask_leaves_the_sentence():
    text = "Bel 06-12345678 of mail tuin@voorbeeld.nl, voor 12-06-2025."
    assert mask(text) == "Bel [06] of mail [e-mail], voor 12-06-2025."
    assert (
        mask(text, marks={ContactDetailKind.PHONE: "…", ContactDetailKind.EMAIL: "…"})
        == "Bel … of mail …, voor 12-06-2025."
    )


@pytest.mark.parametrize(
    "text",
    [
        "open van 06-10-2023 12 uur tot 07-10-2023",
        "zaaknummer 0612345678",
        "melding 0612345678 en dossier 2024/0612345678",
        "case number 0612345678",
        "rekening NL91 ABNA 0417 1643 00",
        "lijn 06 12 18 27 33 41 rijden niet",
        "de begroting is 3.612.345.678 euro, of 12 345 678 90 euro",
        "https://www.noord.nl/plan/0612345678",
        "op 52.3912345, 4.9231234 is het donker",
        "bel 0900 1234567, 0800-0432 of 14 020",
        "ik zit at home.nl te lezen",
    ],
)
def test_numbers_of_other_things_are_left_alone(text):
    assert find_contact_details(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("06-12345678/0612345679", ["06-12345678", "0612345679"]),
        ("06-12345678,06-12345679", ["06-12345678", "06-12345679"]),
        ("(06-12345678)", ["06-12345678"]),
        ("op 06-12345678 24 uur per dag", ["06-12345678"]),
        ("huisnr 12 06-12345678", ["06-12345678"]),
        ("12-06-2024 06-12345678", ["06-12345678"]),
        ("klacht: 06-12345678 bellen", ["06-12345678"]),
        ("06.123.456.78", ["06.123.456.78"]),
        ("o6-12345678", ["o6-12345678"]),
        ("٠٦١٢٣٤٥٦٧٨", ["٠٦١٢٣٤٥٦٧٨"]),
        ("'bewoner@voorbeeld.nl';buur@voorbeeld.nl", ["bewoner@voorbeeld.nl", "buur@voorbeeld.nl"]),
        ("bewoner -at- voorbeeld -punt- nl", ["bewoner -at- voorbeeld -punt- nl"]),
        ("bewoner@gmail", ["bewoner@gmail"]),
    ],
)
def test_numbers_and_addresses_are_found_to_the_letter(text, expected):
    assert [text[one.start : one.end] for one in find_contact_details(text)] == expected


def test_mask_takes_what_a_person_points_at():
    assert mask("de gele deur", [MaskSpan(3, 12, ContactDetailKind.EMAIL)]) == "de [e-mail]"


@given(
    st.text(alphabet=st.sampled_from("06 12-.@()+/at punt nl com€ab\n"), max_size=120) | st.text(max_size=200)
)
def test_anything_can_be_masked_and_masked_again(text):
    found = find_contact_details(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert len(mask(text)) <= len(text) + 8 * len(found)


@pytest.mark.parametrize(
    "piece", ["a", "0 ", "a.", "a at ", "06-", "nul ", "a@a.", "(", "a punt ", "1 2 ", "bel ", "zaak 1"]
)
def test_masking_a_huge_answer_takes_no_time(piece):
    assert grows_in_step(find_contact_details, lambda size: piece * (size // len(piece)), 20_000)
