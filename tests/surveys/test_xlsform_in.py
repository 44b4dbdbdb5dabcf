"""Forms of other tools, as people really make them: what is taken, what is said of the rest, and what is refused."""

import io
import sys
import zipfile

import pytest

from surveys.exchange.xlsform.book import MAX_FORM_BYTES, MAX_ROWS, open_book
from surveys.exchange.xlsform.report import UnusableForm, UnusableFormReason
from surveys.exchange.xlsform.taking import plan_from_form
from tests.surveys.forms import codes, taken, workbook

HEAD = ["type", "name", "label", "relevant"]
CHOICES = [
    ["list_name", "name", "label"],
    ["often", 1, "Elke dag"],
    ["often", 2.0, "Elke week"],
    ["often", 3, "Nooit"],
    ["yn", "yes", "Ja"],
    ["yn", "no", "Nee"],
]


def questions(result):
    return [question for layer in result.plan.layers for question in layer.questions]


@pytest.mark.parametrize(
    ("type", "becomes", "said"),
    [
        ("select_one often", "one_choice", []),
        ("select one often", "one_choice", []),
        ("select one from often", "one_choice", []),
        ("select1 often", "one_choice", []),
        ("Select_One often", "one_choice", []),
        ("select_one yn", "yes_no", []),
        ("select_multiple often", "several_choices", []),
        ("select all that apply from often", "several_choices", []),
        ("select_one often or_other", "one_choice", ["or_other"]),
        ("select_one often or specify other", "one_choice", ["or_other"]),
        ("rank often", "several_choices", ["as_several"]),
        ("text", "short_text", []),
        ("integer", "number", []),
        ("date", "date", []),
        ("geopoint", "place", []),
        ("string", "short_text", []),
        ("time", "short_text", ["as_text"]),
        ("email", "short_text", ["personal"]),
    ],
)
def test_types(type, becomes, said):
    result = taken([HEAD, [type, "a", "Hoe?"]], CHOICES)
    (question,) = questions(result)
    assert question.type == becomes
    assert [code for code, *_where in codes(result) if code != "unused_list"] == said


@pytest.mark.parametrize(
    ("type", "code"),
    [
        ("start", "meta"),
        ("calculate", "calculated"),
        ("image", "file"),
        ("barcode", "scan"),
        ("acknowledge", "acknowledge"),
        ("select_one_from_file places.csv", "elsewhere"),
        ("select_one nowhere", "no_choices"),
        ("select_one", "no_choices"),
        ("juggle", "unknown_type"),
        ("", "no_type"),
    ],
)
def test_left_out_with_a_line(type, code):
    result = taken([HEAD, ["text", "a", "Wat?"], [type, "b", "Hoe?"]], CHOICES)
    assert [question.key for question in questions(result)] == ["a"]
    assert (code, 3, "type") in codes(result)


@pytest.mark.parametrize(
    "head",
    [
        ["type", "name", "label::English (en)", "label::Nederlands (nl)"],
        ["Type", "Name", "Label::English(en)", "Label::Nederlands(nl)"],
        ["type", "name", "label:English", "label:Dutch"],
        ["type", "name", "label::en", "label::nl"],
        [" type ", "name", "label :: English (en-GB)", "label :: Nederlands (nl)"],
        ["command", "tag", "caption::english", "caption::nederlands"],
    ],
)
def test_headings_of_languages(head):
    result = taken([head, ["text", "a", "How?", "Hoe?"]])
    assert questions(result)[0].text == {"en": "How?", "nl": "Hoe?"}
    assert result.remarks == ()


@pytest.mark.parametrize("heading", ["list_name", "list name", "List Name", "listname"])
def test_headings_of_lists(heading):
    result = taken(
        [HEAD, ["select_one a", "q", "Hoe?"]], [[heading, "name", "label"], ["a", "x", "X"], ["a", "y", "Y"]]
    )
    assert [option.key for option in questions(result)[0].options] == ["x", "y"]


def test_other_language_is_said_and_stands_in_when_alone():
    both = taken(
        [["type", "name", "label::Nederlands (nl)", "label::中文 (zh)"], ["text", "a", "Hoe?", "怎么"]]
    )
    assert questions(both)[0].text == {"nl": "Hoe?"}
    assert [code for code, *_where in codes(both)] == ["language"]
    alone = taken([["type", "name", "label::中文 (zh)"], ["text", "a", "怎么"]])
    assert questions(alone)[0].text == {"nl": "怎么"}
    assert [code for code, *_where in codes(alone)] == ["language_taken"]


def test_default_language_of_the_form():
    settings = [["form_title", "default_language"], ["Survey", "English (en)"]]
    result = taken([HEAD, ["text", "a", "How?"]], settings=settings)
    assert (result.plan.title, result.languages) == ({"en": "Survey"}, ("en",))


def test_head_may_stand_lower_and_rows_may_be_empty():
    rows = [["Our form"], [], HEAD, [], ["text", "a", "Wat?"], [None, None], ["text", "b", "Hoe?"]]
    assert [question.key for question in questions(taken(rows))] == ["a", "b"]


def test_groups_become_layers():
    rows = [
        [*HEAD, "appearance"],
        ["select_one often", "a", "Hoe vaak?"],
        ["begin group", "deep", "Dieper", "${a} = '3'", "field-list"],
        ["text", "b", "Waarom?"],
        ["begin_group", "in", "Binnenin", "${b} != ''"],
        ["text", "c", "Wat dan?"],
        ["end_group"],
        ["end group"],
        ["text", "d", "Nog iets?"],
    ]
    result = taken(rows, CHOICES)
    first, deep, rest = result.plan.layers
    assert (deep.title, deep.one_page) == ({"nl": "Dieper"}, True)
    assert deep.condition == {"is": {"question": "a", "option": "3"}}
    assert [question.key for question in deep.questions] == ["b", "c"]
    assert deep.questions[1].condition == {"answered": "b"}
    assert [question.key for layer in (first, rest) for question in layer.questions] == ["a", "d"]
    assert ("inner_group", 5, "label") in codes(result)


@pytest.mark.parametrize(
    ("said", "tree"),
    [
        ("${a} = '1'", {"is": {"question": "a", "option": "1"}}),
        ("${a}=1", {"is": {"question": "a", "option": "1"}}),
        ("selected(${a}, '1')", {"is": {"question": "a", "option": "1"}}),
        ('selected( ${m},"yes" )', {"includes": {"question": "m", "option": "yes"}}),
        ("${a} != '1'", {"not": {"is": {"question": "a", "option": "1"}}}),
        ("not(${a} = '1')", {"not": {"is": {"question": "a", "option": "1"}}}),
        ("${t} != ''", {"answered": "t"}),
        ("string-length(${t}) > 0", {"answered": "t"}),
        ("count-selected(${m}) >= 1", {"answered": "m"}),
        (
            "${a} = 1 and (${t} != '' or selected(${m}, 'no'))",
            {
                "all": [
                    {"is": {"question": "a", "option": "1"}},
                    {"any": [{"answered": "t"}, {"includes": {"question": "m", "option": "no"}}]},
                ]
            },
        ),
        ("true()", None),
    ],
)
def test_conditions(said, tree):
    result = taken([*CONDITIONED[:4], ["text", "q", "Waarom?", said]], CHOICES)
    assert questions(result)[-1].condition == tree
    assert result.remarks == ()


CONDITIONED = [
    HEAD,
    ["select_one often", "a", "Hoe vaak?"],
    ["select_multiple yn", "m", "Welke?"],
    ["text", "t", "Wat?"],
    ["text", "q", "Waarom?", ""],
]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("${a} > ${t}", "condition"),
        ("regex(${t}, '[a-z]+')", "condition"),
        ("${a} = '9'", "condition"),
        ("${a} = ", "condition"),
        ("(" * 40 + "${a} = '1'" + ")" * 40, "condition"),
        ("${gone} = '1'", "condition_on"),
        ("${later} = '1'", "condition_on"),
        ("pulldata('a', 'b', 'c', ${later})", "condition_on"),
    ],
)
def test_condition_that_can_not_be_said(said, code):
    rows = [*CONDITIONED[:4], ["text", "q", "Waarom?", said], ["select_one often", "later", "Later?"]]
    result = taken(rows, CHOICES)
    assert questions(result)[3].condition is None
    assert codes(result) == [(code, 5, "relevant")]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("required", "yes", "required"),
        ("required", "no", None),
        ("bind::required", "true()", "required"),
        ("constraint", ". > 3", "constraint"),
        ("default", "x", "default"),
        ("read_only", "yes", "read_only"),
        ("choice_filter", "a=${b}", "filter"),
        ("media::image", "a.jpg", "media"),
        ("image::English (en)", "a.jpg", "media"),
        ("calculation", "1+1", "calculated"),
        ("guidance_hint", "Lees voor", "column"),
        ("appearance", "map", "appearance"),
        ("appearance", "minimal", None),
    ],
)
def test_cells_that_say_something_else(column, value, code):
    result = taken([["type", "name", "label", column], ["text", "a", "Wat?", value]])
    assert codes(result) == ([(code, 2, column)] if code else [])


@pytest.mark.parametrize(
    ("text", "read", "code"),
    [
        ("Hoe gaat het met ${name}?", "Hoe gaat het met …?", "piped"),
        ("Hoe <b>vaak</b>?", "Hoe vaak?", "markup"),
        ("Lang " * 60, ("Lang " * 60).strip(), "long"),
        ("Twee\nregels\xa0", "Twee regels", None),
    ],
)
def test_words(text, read, code):
    result = taken([HEAD, ["text", "a", text]])
    assert questions(result)[0].text == {"nl": read}
    assert [said for said, *_where in codes(result)] == ([code] if code else [])


def test_note_becomes_the_hint_below_it_or_a_line():
    rows = [HEAD, ["note", "n", "Denk aan uw straat."], ["text", "a", "Wat?"], ["note", "m", "Dank u."]]
    result = taken(rows)
    assert questions(result)[0].hint == {"nl": "Denk aan uw straat."}
    assert codes(result) == [("note_as_hint", 2, "label"), ("note", 4, "label")]


def test_most_that_may_be_chosen():
    head = ["type", "name", "label", "constraint"]
    result = taken([head, ["select_multiple often", "a", "Wat?", "count-selected(.) <= 2"]], CHOICES)
    assert questions(result)[0].settings == {"most": 2}


def test_names_twice_and_groups_left_open():
    rows = [
        HEAD,
        ["begin group", "g", "Groep"],
        ["text", "a", "Een?"],
        ["text", "a", "Twee?"],
        ["begin repeat", "r"],
    ]
    result = taken(rows)
    assert len({question.key for question in questions(result)}) == 2
    assert {("same_name", 4, "name"), ("repeat", 5, "type"), ("not_closed", 2, "type")} <= set(codes(result))


def test_more_choices_than_a_phone_can_show():
    many = [["list_name", "name", "label"], *(["towns", f"t{n}", f"Stad {n}"] for n in range(5000))]
    result = taken([HEAD, ["select_one towns", "a", "Waar?"]], many)
    assert questions(result)[0].type == "short_text"
    assert ("too_many_choices", 2, "type") in codes(result)


def test_formula_without_a_value_is_said():
    result = taken([HEAD, ["text", "a", "Wat?"], ["text", "b", "=1+1"]])
    assert ("formula", 3, "3") in codes(result)


def steps_for(choices: int) -> int:
    """How many functions are called to read a list with so many answers."""
    counted = 0

    def count(_frame, event, _arg):
        nonlocal counted
        counted += event in ("call", "c_call")

    book = open_book(
        workbook(
            survey=[HEAD, ["select_one long", "a", "Welke?"]],
            choices=[CHOICES[0], *(["long", f"c{n}", f"Nummer {n}"] for n in range(choices))],
        )
    )
    sys.setprofile(count)
    try:
        plan_from_form(book, languages=["nl", "en"], unnamed="nl")
    finally:
        sys.setprofile(None)
    return counted


def test_a_list_twice_as_long_takes_twice_as_long():
    """Lists of all streets of a town are in real forms: thousands of rows, read while somebody waits."""
    assert steps_for(800) < 2.5 * steps_for(400)


def refused(content: bytes) -> UnusableFormReason:
    with pytest.raises(UnusableForm) as refusal:
        plan_from_form(open_book(content), languages=["nl", "en"], unnamed="nl")
    return refusal.value.why


def zipped(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(name.replace("__", "/"), value)
    return content.getvalue()


GOOD = workbook(survey=[HEAD, ["text", "a", "Wat?"]])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", UnusableFormReason.NOT_A_WORKBOOK),
        (b"type,name,label\ntext,a,Wat?\n", UnusableFormReason.NOT_A_WORKBOOK),
        (b"%PDF-1.7", UnusableFormReason.NOT_A_WORKBOOK),
        (b"PK\x03\x04 and no more", UnusableFormReason.BROKEN),
        (GOOD[: len(GOOD) // 2], UnusableFormReason.BROKEN),
        (zipped(word__document=b"<xml/>"), UnusableFormReason.NOT_A_WORKBOOK),
        (zipped(**{"xl/workbook.xml": b"<xml", "xl/styles.xml": b"0"}), UnusableFormReason.BROKEN),
        (
            zipped(**{"xl/workbook.xml": b"", "xl/sharedStrings.xml": b" " * 45_000_000}),
            UnusableFormReason.BOMB,
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, UnusableFormReason.BROKEN),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            UnusableFormReason.LOCKED,
        ),
        (b"P" * (MAX_FORM_BYTES + 1), UnusableFormReason.TOO_BIG),
        (workbook(Sheet1=[["a", "b"]]), UnusableFormReason.NO_SURVEY),
        (workbook(survey=[["naam", "vraag"], ["a", "b"]]), UnusableFormReason.NO_HEAD),
        (workbook(survey=[]), UnusableFormReason.NO_HEAD),
        (workbook(survey=[HEAD, ["calculate", "a", ""]]), UnusableFormReason.NOTHING),
        (
            workbook(survey=[HEAD, *(["text", f"q{n}", "Wat?"] for n in range(5000))]),
            UnusableFormReason.TOO_MANY_QUESTIONS,
        ),
        (
            workbook(survey=[HEAD, *(["note", f"q{n}", "Wat?"] for n in range(MAX_ROWS + 1))]),
            UnusableFormReason.TOO_MANY_ROWS,
        ),
    ],
    ids=range(17),
)
def test_refused_with_a_reason(content, why):
    assert refused(content) is why
