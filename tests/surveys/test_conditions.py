"""Conditions: read, evaluated, and refused where they can't work."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire import conditions, soundness
from surveys.questionnaire.conditions import ConditionError, parse, references, to_json
from surveys.questionnaire.counting import bounds
from surveys.questionnaire.document import Shape
from surveys.questionnaire.soundness import ProblemCode, SearchLimitReached, soundness_problems, witness
from surveys.questionnaire.walk import Context, Walk, evaluate
from tests.surveys.documents import (
    at_least,
    conditions_over,
    contexts,
    documents,
    examples,
    includes,
    is_,
    layer,
    more_than,
    poll,
    question,
)

ONE = question("9", options=["31", "32", "33"])
MANY = question("10", "several_choices", ["41", "42"])
SCALE = question("12", "scale", ["51", "52", "53"])
TEXT = question("13", "long_text")
NUMBER = question("17", "number", settings={"least": 0, "most": 5})
POINTS = {"12": ["51", "52", "53"]}
NOBODY = Context()
UNREACHABLE = {ProblemCode.UNREACHABLE_LAYER, ProblemCode.UNREACHABLE_QUESTION}


def holds(raw, answers, context=NOBODY):
    return evaluate(parse(raw, POINTS), answers, context)


# --- evaluating ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "answers", "expected"),
    [
        (None, {}, True),
        ({"answered": "9"}, {"9": "31"}, True),
        ({"answered": "9"}, {"9": None}, False),
        ({"answered": "10"}, {"10": {}}, False),
        ({"answered": "13"}, {"13": {"text": "an id"}}, True),
        (is_("9", "31"), {"9": "31"}, True),
        (is_("9", "31"), {"9": "32"}, False),
        (is_("9", "31"), {}, False),
        (includes("10", "41"), {"10": {"41": True, "42": True}}, True),
        (includes("10", "41"), {"10": {"42": True}}, False),
        (includes("10", "41"), {"10": None}, False),
        (more_than("12", "51"), {"12": "53"}, True),
        (more_than("12", "52"), {"12": "52"}, False),
        (more_than("12", "52"), {"12": "51"}, False),
        (at_least("14", 3), {"14": {"n": 3}}, True),
        (at_least("14", 0), {"14": {"n": 0}}, True),
        (at_least("14", 3), {"14": {"n": 2}}, False),
        (at_least("14", 0), {"14": None}, False),
        (at_least("14", 0), {}, False),
        ({"answered": "14"}, {"14": {"n": 0}}, True),
        ({"answered": "15"}, {"15": {"day": "2026-05-01"}}, True),
        ({"answered": "16"}, {"16": {"7": "pass"}}, True),
        ({"not": is_("9", "31")}, {}, True),
        ({"any": [is_("9", "31"), is_("9", "32")]}, {"9": "32"}, True),
        ({"all": [is_("9", "31"), {"answered": "12"}]}, {"9": "31"}, False),
    ],
)
def test_evaluate_asks_the_answers(raw, answers, expected):
    assert holds(raw, answers) is expected


def test_evaluate_asks_who_is_answering():
    shopkeeper = Context(area="3", respondent="entrepreneur", around=frozenset({"1"}))

    assert holds({"in_area": ["3", "4"]}, {}, shopkeeper)
    assert holds({"in_area": ["1"]}, {}, shopkeeper)
    assert not holds({"in_area": ["4"]}, {}, shopkeeper)
    assert not holds({"in_area": ["3"]}, {}, NOBODY)
    assert holds({"respondent": ["organisation", "entrepreneur"]}, {}, shopkeeper)
    assert not holds({"respondent": ["organisation"]}, {}, NOBODY)


def test_dont_know_is_no_point_on_the_scale():
    scale = question("12", "scale", ["51", "52"])
    scale["options"].append({"id": "59", "label": {}, "dont_know": True})
    doc = poll(layer("1", scale, question("14", "long_text", condition=more_than("12", "51"))))

    condition = doc.question("14").condition

    assert evaluate(condition, {"12": "52"}, NOBODY)
    assert not evaluate(condition, {"12": "59"}, NOBODY)


def test_references_are_listed_once_in_order():
    condition = parse({"all": [is_("12", "51"), {"not": {"answered": "9"}}, is_("12", "52")]})

    assert references(condition) == ("12", "9")


@examples
@given(conditions_over([ONE, MANY, SCALE, TEXT, NUMBER]), contexts)
def test_not_turns_any_condition_around(raw, context):
    answers = {"9": "31", "10": {"42": True}, "12": "52"}
    assert holds({"not": raw}, answers, context) is not holds(raw, answers, context)


# --- reading ------------------------------------------------------------------------------------


@examples
@given(conditions_over([ONE, MANY, SCALE, TEXT, NUMBER]))
def test_parse_and_to_json_are_each_others_inverse(raw):
    condition = parse(raw, POINTS)
    assert parse(to_json(condition), POINTS) == condition


KEYS = [
    "any",
    "all",
    "not",
    "answered",
    "is",
    "includes",
    "more_than",
    "at_least",
    "in_area",
    "question",
    "option",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(ANYTHING)
def test_anything_is_read_or_refused_with_a_sentence(raw):
    try:
        condition = parse(raw)
    except ConditionError as error:
        assert str(error).endswith(".")
        assert len(str(error)) < 300
    else:
        assert parse(to_json(condition)) == condition


@pytest.mark.parametrize(
    "raw",
    [
        "9",
        [],
        {},
        {"answered": "9", "not": {"answered": "9"}},
        {"any": []},
        {"all": {"answered": "9"}},
        {"not": None},
        {"answered": 9},
        {"is": {"question": "9"}},
        {"is": {"question": "9", "option": 31}},
        {"at_least": {"question": "14", "n": "3"}},
        {"at_least": {"question": "14", "n": True}},
        {"at_least": {"question": "14"}},
        {"in_area": "3"},
        {"in_area": [3]},
        {"respondent": []},
        {1: "9"},
        {"eval": "import os"},
    ],
)
def test_malformed_conditions_are_refused(raw):
    with pytest.raises(ConditionError):
        parse(raw)


def test_bottomless_and_endless_conditions_are_refused():
    deep = {"answered": "9"}
    for _ in range(100_000):
        deep = {"not": deep}
    with pytest.raises(ConditionError, match="deep"):
        parse(deep)
    with pytest.raises(ConditionError, match="parts"):
        parse({"any": [{"answered": "9"}] * (conditions.MAX_PARTS + 1)})


# --- what publication refuses -------------------------------------------------------------------


def codes(doc, **more):
    return [(problem.code, problem.layer, problem.question) for problem in soundness_problems(doc, **more)]


def test_a_sound_document_has_no_problems():
    doc = poll(
        layer("1", ONE, MANY, SCALE, first=True),
        layer("2", question("20", "long_text", condition=more_than("12", "51")), condition=is_("9", "31")),
        layer("3", question("30", "long_text", condition={"answered": "20"}), condition={"in_area": ["3"]}),
    )
    assert soundness_problems(doc) == []


def test_unknown_question_option_and_respondent_are_named():
    doc = poll(
        layer("1", ONE, question("11", "long_text", condition=is_("999", "31")), first=True),
        layer("2", question("20", "long_text", condition=is_("9", "41"))),
        layer("3", question("30", "long_text"), condition={"respondent": ["martian"]}),
    )
    assert codes(doc) == [
        (ProblemCode.UNKNOWN_QUESTION, "1", "11"),
        (ProblemCode.UNKNOWN_OPTION, "2", "20"),
        (ProblemCode.UNKNOWN_RESPONDENT, "3", None),
    ]
    assert soundness_problems(doc)[1].params == {"refers_to": "9", "option": "41"}


@pytest.mark.parametrize(
    "raw", [includes("9", "31"), more_than("9", "31"), is_("10", "41"), is_("13", "1"), at_least("9", 3)]
)
def test_a_test_that_does_not_suit_the_type_is_refused(raw):
    doc = poll(layer("1", ONE, MANY, TEXT, question("15", "long_text", condition=raw)))
    assert codes(doc) == [(ProblemCode.WRONG_TEST, "1", "15")]


def test_references_to_what_is_retired_are_refused():
    old = question("8", options=["21"], retired=True)
    changed = question("7", options=["11", "12"])
    changed["options"][0]["retired"] = True
    doc = poll(
        layer("1", old, changed, question("15", "long_text", condition={"answered": "8"})),
        layer("2", question("20", "long_text", condition=is_("7", "11"))),
    )
    assert codes(doc) == [(ProblemCode.RETIRED, "1", "15"), (ProblemCode.RETIRED, "2", "20")]


def test_forward_references_are_refused_in_questions_and_layers():
    doc = poll(
        layer("1", question("8", "long_text", condition=is_("9", "31")), ONE, first=True),
        layer("2", question("20", "long_text"), condition={"answered": "30"}),
        layer("3", question("30", "long_text")),
    )
    assert codes(doc) == [(ProblemCode.FORWARD, "1", "8"), (ProblemCode.FORWARD, "2", None)]


def test_circles_are_refused_also_through_a_layer():
    doc = poll(
        layer("1", question("8", "long_text", condition={"answered": "8"}), first=True),
        layer("2", question("20", "long_text", condition={"answered": "30"})),
        layer("3", question("30", "long_text"), condition={"answered": "20"}),
        layer("4", question("40", "long_text"), condition={"answered": "40"}),
    )
    assert codes(doc) == [
        (ProblemCode.CIRCULAR, "1", "8"),
        (ProblemCode.CIRCULAR, "2", "20"),
        (ProblemCode.CIRCULAR, "4", None),
    ]


def test_ids_that_occur_twice_are_refused():
    doc = poll(layer("1", ONE, ONE), layer("1", question("11", options=["41", "41"])))
    assert codes(doc) == [
        (ProblemCode.DUPLICATE_ID, "1", "9"),
        (ProblemCode.DUPLICATE_ID, "1", None),
        (ProblemCode.DUPLICATE_ID, "1", "11"),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        {"all": [is_("9", "31"), is_("9", "32")]},
        {"all": [is_("9", "31"), {"not": {"answered": "9"}}]},
        {"all": [includes("10", "41"), {"not": {"answered": "10"}}]},
        more_than("12", "53"),
        at_least("17", 6),
        {"all": [at_least("17", 3), {"not": at_least("17", 2)}]},
        {"all": [more_than("12", "52"), is_("12", "51")]},
        {"not": {"any": [{"answered": "9"}, {"not": {"answered": "9"}}]}},
        {"all": [{"respondent": ["resident"]}, {"respondent": ["organisation"]}]},
        {"all": [{"in_area": ["3"]}, {"not": {"in_area": ["3", "4"]}}]},
        {"all": [is_("9", "32"), {"answered": "14"}]},
        {"not": {"any": [is_("9", "31"), is_("9", "32"), is_("9", "33"), {"not": {"answered": "9"}}]}},
    ],
)
def test_what_can_never_be_true_is_refused(raw):
    follow_up = question("14", "short_text", condition=is_("9", "31"))
    doc = poll(
        layer("1", ONE, MANY, SCALE, NUMBER, follow_up, first=True),
        layer("2", question("20", "long_text", condition=raw), question("21", "long_text")),
        layer("3", question("30", "long_text"), condition=raw),
    )
    assert codes(doc) == [
        (ProblemCode.UNREACHABLE_QUESTION, "2", "20"),
        (ProblemCode.UNREACHABLE_LAYER, "3", None),
    ]


def test_question_whose_layer_contradicts_it_is_unreachable():
    doc = poll(
        layer("1", ONE, first=True),
        layer(
            "2",
            question("20", "long_text", condition=is_("9", "32")),
            question("21", "long_text"),
            condition=is_("9", "31"),
        ),
        layer("3", question("30", "long_text", condition={"all": [{"answered": "21"}, is_("9", "33")]})),
    )
    assert codes(doc) == [
        (ProblemCode.UNREACHABLE_QUESTION, "2", "20"),
        (ProblemCode.UNREACHABLE_QUESTION, "3", "30"),
    ]


def test_areas_exclude_one_another_only_when_it_is_known():
    both = {"all": [{"in_area": ["3"]}, {"in_area": ["4"]}]}
    doc = poll(layer("1", ONE, first=True), layer("2", question("20", "long_text"), condition=both))

    assert soundness_problems(doc) == []
    assert soundness_problems(doc, around={"3": frozenset({"4"})}) == []
    assert codes(doc, around={"3": frozenset(), "4": frozenset()}) == [
        (ProblemCode.UNREACHABLE_LAYER, "2", None)
    ]


def test_layer_without_questions_is_refused():
    doc = poll(layer("1", ONE), layer("2"), layer("3", question("30", "long_text", retired=True)))
    assert codes(doc) == [(ProblemCode.EMPTY_LAYER, "2", None), (ProblemCode.EMPTY_LAYER, "3", None)]


def test_search_that_is_too_long_calls_nothing_unreachable(monkeypatch):
    raw = {"all": [{"answered": "12"}, is_("9", "31"), {"not": {"answered": "9"}}]}
    doc = poll(layer("1", ONE, SCALE), layer("2", question("20", "long_text", condition=raw)))
    assert codes(doc) == [(ProblemCode.UNREACHABLE_QUESTION, "2", "20")]

    monkeypatch.setattr(soundness, "MAX_STEPS", 3)

    with pytest.raises(SearchLimitReached):
        witness(doc, doc.layer("2"), doc.question("20"))
    assert soundness_problems(doc) == []


def stored_values(each):
    """Every value a question can have, not answered included."""
    ids = each.option_ids
    if each.shape in (Shape.TEXT, Shape.VIEWS):
        return [None, {"text": "an id"}]
    if each.shape is Shape.DAY:
        return [None, {"day": "2026-05-01"}]
    if each.shape is Shape.NUMBER:
        least, most = bounds(each.settings)
        return [None, *({"n": n} for n in range(least, min(most, least + 20) + 1))]
    if each.shape is Shape.ONE:
        return [None, *ids]
    return [
        dict.fromkeys((id for id, flag in zip(ids, flags, strict=True) if flag), True)
        for flags in product((True, False), repeat=len(ids))
    ]


@examples
@given(documents)
def test_reachable_is_proved_and_unreachable_is_never_reached(doc):
    """Whatever is called reachable has a witness the walk agrees with; the rest no person ever reaches."""
    dead = {
        (problem.layer, problem.question)
        for problem in soundness_problems(doc)
        if problem.code in UNREACHABLE
    }
    for each in doc.layers:
        for one in each.asked:
            asked = [other for other in doc.questions if other.id in all_references(doc, each, one)]
            if (each.id, None) in dead or (each.id, one.id) in dead:
                assert not reached_by_trying(doc, each, one, asked)
            else:
                found = witness_or_nothing(doc, each, one)
                assert found is None or reaches(doc, each, one, found.answers, found.context)


def all_references(doc, each, one):
    found, to_do = set(), [*references(each.condition), *references(one.condition)]
    while to_do:
        id = to_do.pop()
        if id not in found:
            found.add(id)
            to_do += references(doc.question(id).condition) + references(doc.layer_of(id).condition)
    return found


def witness_or_nothing(doc, each, one):
    closure = [doc.question(id) for id in all_references(doc, each, one)]
    try:
        found = witness(doc, each, one)
    except SearchLimitReached:
        return None
    assert found is not None or any(other.retired for other in closure)
    return found


def reaches(doc, each, one, answers, context):
    """Whether the walk leads this person to the question, finishing the layers on the way in order."""
    done = set()
    for before in doc.layers[: doc.layers.index(each)]:
        walk = Walk(doc, answers, context, done)
        if before is doc.first_layer or before in walk.offered:
            done.add(before.id)
    walk = Walk(doc, answers, context, done)
    return (each is doc.first_layer or each in walk.offered) and one in walk.path(each)


def reached_by_trying(doc, each, one, asked, bound=300):
    people = [
        Context(area, kind, around)
        for kind in ("resident", "organisation", "entrepreneur")
        for area, around in ((None, frozenset()), ("3", frozenset({"1"})), ("4", frozenset()))
    ]
    ways = product(people, *(stored_values(other) for other in asked))
    for _, (person, *values) in zip(range(bound), ways, strict=False):
        answers = {other.id: value for other, value in zip(asked, values, strict=True)}
        if reaches(doc, each, one, answers, person):
            return True
    return False
