"""Masking: measured on lines it was not tuned on, and never failing on anything."""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.personal_data import passes_eleven_proof, passes_mod_97
from feedback.screening import MARKS, MaskSpan, PersonalDataKind, find_personal_data, mask, mask_label
from tests.growth import grows_in_step

DATA = Path(__file__).parent.parent / "data"


CONTACT = {PersonalDataKind.EMAIL, PersonalDataKind.PHONE}


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
    """Of e-mail addresses and phone numbers, which are all that these lines tell of.

    A span is recalled when every letter and digit of it is masked; right when it masks little else.

    "Little else" is at most ten characters more than the span itself ("nul zes" before a number).
    """
    to_find = recalled = found = right = 0
    for line in lines:
        masked = [(one.start, one.end) for one in find_personal_data(line.text) if one.kind in CONTACT]
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


@dataclass(frozen=True)
class KindScore:
    to_find: Counter
    recalled: Counter
    found: Counter
    right: Counter

    @property
    def recall(self):
        return self.recalled.total() / self.to_find.total()

    @property
    def precision(self):
        return self.right.total() / self.found.total()

    def __str__(self):
        return "\n".join(
            [
                f"recall {self.recall:.3f}, precision {self.precision:.3f}",
                *(
                    f"  {kind}: {self.recalled[kind]} of {self.to_find[kind]} found, "
                    f"{self.right[kind]} of {self.found[kind]} right"
                    for kind in PersonalDataKind
                ),
            ]
        )


def parts_of(row):
    """(start, end, kind) of what is to be found in a row."""
    place_of: dict[str, int] = {}
    for kind, part in json.loads(row.get("parts") or "[]"):
        start = row["text"].index(part, place_of.get(part, 0))
        place_of[part] = start + len(part)
        yield start, start + len(part), PersonalDataKind(kind)


def score_by_kind(*names):
    """As `score`, but by kind: a span counts only as its own kind."""
    result = KindScore(Counter(), Counter(), Counter(), Counter())
    for name in names:
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        assert len(rows) == 100
        for row in rows:
            masked, parts = find_personal_data(row["text"]), list(parts_of(row))
            for start, end, kind in parts:
                covered = {i for one in masked if one.kind == kind for i in range(one.start, one.end)}
                result.to_find[kind] += 1
                result.recalled[kind] += all(
                    i in covered for i in range(start, end) if row["text"][i].isalnum()
                )
            for one in masked:
                result.found[one.kind] += 1
                result.right[one.kind] += any(
                    one.kind == kind
                    and one.start < end
                    and one.end > start
                    and one.end - one.start <= end - start + 10
                    for start, end, kind in parts
                )
    return result


def test_each_kind_is_found_on_lines_nobody_looked_at():
    result = score_by_kind("masking_held.tsv", "masking_harmless_held.tsv")
    print("held", result)
    assert result.recall >= 0.88
    assert result.precision >= 0.95


def test_each_kind_is_found_on_the_lines_it_was_tuned_on():
    result = score_by_kind("masking_dev.tsv", "masking_harmless_dev.tsv")
    print("dev", result)
    assert result.recall >= 0.97
    assert result.precision >= 0.97


@pytest.mark.parametrize(
    ("digits", "passes"),
    [
        ("123456782", True),
        ("111222333", True),
        ("010101006", False),
        ("123456789", False),
        ("123456728", False),  # two digits have changed places
        ("000000000", False),
        ("12345678", False),
        ("1234567820", False),
        ("12345678a", False),
        ("", False),
    ],
)
def test_eleven_proof(digits, passes):
    assert passes_eleven_proof(digits) is passes


@pytest.mark.parametrize(
    ("iban", "passes"),
    [
        ("NL91ABNA0417164300", True),
        ("nl91abna0417164300", True),
        ("BE68539007547034", True),
        ("DE89370400440532013000", True),
        ("GB29NWBK60161331926819", True),
        ("LT121000011101001000", True),
        ("NL91ABNA0417164301", False),
        ("NL19ABNA0417164300", False),  # two digits have changed places
        ("NL91ABNA041716430", False),
        ("NL91ABNA04171643000", False),
        ("XX91ABNA0417164300", False),
        ("NL00BANK0123456789", False),
        ("", False),
    ],
)
def test_modulo_97(iban, passes):
    assert passes_mod_97(iban) is passes


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mijn bsn is 123456782, help", "Mijn bsn is [bsn], help"),
        ("BSN 1234.56.782 van mijn zoon", "BSN [bsn] van mijn zoon"),
        ("123 456 782 is mijn burgerservicenummer", "[bsn] is mijn burgerservicenummer"),
        ("storten op NL91 ABNA 0417 1643 00 graag", "storten op [iban] graag"),
        ("nl91abna0417164300", "[iban]"),
        ("geboren op 3 mei 1950 in Ede", "geboren op [datum] in Ede"),
        ("geb. 3-5-'50", "geb. [datum]"),
        ("date of birth: 1950-05-03", "date of birth: [datum]"),
        ("my son was born on the 3rd of May 2019", "my son was born on [datum]"),
        ("mijn paspoort NW8HK21L4 is weg", "mijn paspoort [document] is weg"),
        ("my passport is AB12345C6", "my passport is [document]"),
        ("de auto GB-06-HK staat fout", "de auto [kenteken] staat fout"),
        ("kenteken 12abc3", "kenteken [kenteken]"),
        ("XT 903 R rijdt te hard", "[kenteken] rijdt te hard"),
        ("wij wonen Prins Hendrikkade 45-2, 1012 AB Amsterdam", "wij wonen [adres]"),
        ("op de kerkstraat 12a is lawaai", "op de [adres] is lawaai"),
        ("1012 AB 45", "[adres]"),
        ("at 12 Church Lane", "at [adres]"),
        ("Laan van Meerdervoort 921", "[adres]"),
        ("mijn buurman Ahmed helpt", "mijn buurman [naam] helpt"),
        ("mevrouw A. van den Berg-Visser zegt", "mevrouw [naam] zegt"),
        ("mijn naam is pieter", "mijn naam is [naam]"),
        ("my neighbour Okonkwo", "my neighbour [naam]"),
        ("Groetjes, Ellen en Kees", "Groetjes, [naam] en [naam]"),
    ],
)
def test_each_kind_gets_its_mark(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "zaaknummer 123456782",
        "het kenmerk van uw brief is 123456782",
        "bsn 123456789",
        "rekening NL91 ABNA 0417 1643 01",
        "NL00BANK0123456789 staat als voorbeeld op het formulier",
        "het monument is onthuld op 10 april 1955",
        "op 12 mei is het buurtfeest",
        "model KD-4000 of HPL-2210-77",
        "zaal B-12-ABC",
        "op de Kerkstraat en het Mauritsplein",
        "aan de Kerkweg 3 lantaarns kapot",
        "snelweg 12 en fietspad 3",
        "de Kerkstraat is in 2023 vernieuwd",
        "postcode 1012 of 1012 AB",
        "Mevrouw van de bibliotheek was zo behulpzaam.",
        "Mevrouw de burgemeester, kom eens langs",
        "ik ben Nederlander",
        "mijn man is ziek",
        "kip Truus en onze kat Minoes",
        "bij Albert Heijn in de Willem de Zwijgerlaan",
        "Jan Modaal kan hier geen huis meer kopen",
    ],
)
def test_what_only_looks_personal_is_left_alone(text):
    assert find_personal_data(text) == []


def test_a_label_keeps_its_address_and_name():
    text = "Buurthuis van mevrouw Jansen, Kerkstraat 12, bel 06-12345678"
    assert mask_label(text) == "Buurthuis van mevrouw Jansen, Kerkstraat 12, bel [06]"


def test_every_kind_has_a_mark_of_its_own():
    assert set(MARKS) == set(PersonalDataKind)
    assert len(set(MARKS.values())) == len(MARKS)


def test_marks_are_not_masked_again():
    text = f"mijn naam is {' en '.join(MARKS.values())}, geboren op {MARKS[PersonalDataKind.BIRTH_DATE]}"
    assert find_personal_data(text) == []


def test_mask_leaves_the_sentence():
    text = "Bel 06-12345678 of mail tuin@voorbeeld.nl, voor 12-06-2025."
    assert mask(text) == "Bel [06] of mail [e-mail], voor 12-06-2025."
    assert (
        mask(text, marks={PersonalDataKind.PHONE: "…", PersonalDataKind.EMAIL: "…"})
        == "Bel … of mail …, voor 12-06-2025."
    )


@pytest.mark.parametrize(
    "text",
    [
        "open van 06-10-2023 12 uur tot 07-10-2023",
        "zaaknummer 0612345678",
        "melding 0612345678 en dossier 2024/0612345678",
        "case number 0612345678",
        "rekening NL91 ABNA 0417 1643 01",
        "lijn 06 12 18 27 33 41 rijden niet",
        "de begroting is 3.612.345.678 euro, of 12 345 678 90 euro",
        "https://www.noord.nl/plan/0612345678",
        "op 52.3912345, 4.9231234 is het donker",
        "bel 0900 1234567, 0800-0432 of 14 020",
        "ik zit at home.nl te lezen",
    ],
)
def test_numbers_of_other_things_are_left_alone(text):
    assert find_personal_data(text) == []


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
    assert [text[one.start : one.end] for one in find_personal_data(text)] == expected


def test_mask_takes_what_a_person_points_at():
    assert mask("de gele deur", [MaskSpan(3, 12, PersonalDataKind.EMAIL)]) == "de [e-mail]"


@given(
    st.text(alphabet=st.sampled_from("06 12-.@()+/at punt nl com€ab\n"), max_size=120) | st.text(max_size=200)
)
def test_anything_can_be_masked_and_masked_again(text):
    found = find_personal_data(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert len(mask(text)) <= len(text) + 8 * len(found)


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "0 ", "a.", "a at ", "06-", "nul ", "a@a.", "(", "a punt ", "1 2 ", "bel ", "zaak 1"),
        *("Aa ", "Aa-", "A. ", "Jan van de ", "Kerkstraat ", "NL91 ", "12-", "geb. 1-2-50 ", "1234 AB "),
    ],
)
def test_masking_a_huge_answer_takes_no_time(piece):
    assert grows_in_step(find_personal_data, lambda size: piece * (size // len(piece)), 20_000)
