"""Published documents for tests: small ones by hand, and Hypothesis strategies for any."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from surveys.questionnaire import counting as numbers
from surveys.questionnaire import document
from surveys.questionnaire.counting import STATEMENT_VIEWS
from surveys.questionnaire.document import Document, Shape
from surveys.questionnaire.walk import Context

examples = settings(suppress_health_check=[HealthCheck.too_slow])
"""Drawing a document takes some 20 ms, and a loaded machine must not make a test fail."""

SHAPES = {type: kind.shape for type, kind in document.QUESTION_KINDS.items()}


def option(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "label": {"nl": f"optie {id}", "en": f"option {id}"}, **more}


def question(id: str, type: str = "one_choice", options: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": type,
        "text": {"nl": f"vraag {id}", "en": f"question {id}"},
        "options": [option(each) for each in options],
        **more,
    }


def layer(id: str, *questions: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": id, "title": {"nl": f"laag {id}"}, "questions": list(questions), **more}


def raw_poll(*layers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": 1,
        "survey": "1",
        "languages": ["nl", "en"],
        "areas": ["3", "4"],
        "layers": list(layers),
    }


def poll(*layers: Mapping[str, Any]) -> Document:
    return document.parse(raw_poll(*layers))


def is_(question: str, option: str) -> dict[str, Any]:
    return {"is": {"question": question, "option": option}}


def includes(question: str, option: str) -> dict[str, Any]:
    return {"includes": {"question": question, "option": option}}


def more_than(question: str, option: str) -> dict[str, Any]:
    return {"more_than": {"question": question, "option": option}}


def at_least(question: str, n: int) -> dict[str, Any]:
    return {"at_least": {"question": question, "n": n}}


contexts = st.builds(
    Context,
    area=st.sampled_from([None, "3", "4", "9"]),
    respondent=st.sampled_from(["resident", "organisation", "entrepreneur"]),
    around=st.sampled_from([frozenset(), frozenset({"1"}), frozenset({"1", "3"})]),
)


def conditions_over(questions: Sequence[Mapping[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions that ask only about these (earlier) questions, the area and the kind of respondent."""
    tests = [
        st.lists(st.sampled_from(["1", "3", "4"]), min_size=1, max_size=2).map(lambda ids: {"in_area": ids}),
        st.sampled_from(["resident", "organisation"]).map(lambda kind: {"respondent": [kind]}),
    ]
    if questions:
        tests.append(st.sampled_from([each["id"] for each in questions]).map(lambda id: {"answered": id}))
    for each in questions:
        ids = [one["id"] for one in each["options"]]
        make = {Shape.ONE: is_, Shape.MANY: includes}.get(SHAPES[each["type"]])
        if ids and make:
            tests.append(st.builds(make, st.just(each["id"]), st.sampled_from(ids)))
        if SHAPES[each["type"]] is Shape.NUMBER:
            tests.append(st.builds(at_least, st.just(each["id"]), st.integers(-5, 15)))
        if ids and each["type"] == "scale":
            tests.append(st.builds(more_than, st.just(each["id"]), st.sampled_from(ids)))
    return st.recursive(
        st.one_of(tests),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=4,
    )


bounds = st.fixed_dictionaries({"least": st.integers(-3, 3), "most": st.integers(0, 400)})
"""Of a number; now and then crossed, as no published document would have them."""


@st.composite
def raw_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any document whose conditions look back, of up to four layers and four questions each."""
    earlier: list[dict[str, Any]] = []
    layers: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        condition = draw(st.none() | conditions_over(earlier)) if number else None
        questions = []
        for _ in range(draw(st.integers(0, 4))):
            id = str(10 + len(earlier))
            type = draw(st.sampled_from(sorted(document.QUESTION_KINDS)))
            count = draw(st.integers(2, 4)) if SHAPES[type] in (Shape.ONE, Shape.MANY) else 0
            one = question(
                id,
                type,
                [f"{id}{i}" for i in range(count)],
                condition=draw(st.none() | conditions_over(earlier)),
                retired=draw(st.integers(0, 9)) == 0,
                settings=draw(bounds) if SHAPES[type] is Shape.NUMBER else {},
            )
            earlier.append(one)
            questions.append(one)
        layers.append(
            layer(
                str(number + 1),
                *questions,
                first=not number,
                condition=condition,
                one_page=draw(st.booleans()),
            )
        )
    return raw_poll(*layers)


documents = raw_documents().map(document.parse)


def values_for(one: document.Question) -> st.SearchStrategy[Any]:
    """Values that may be stored for a question: skipped, or an answer of its shape."""
    ids = list(one.option_ids)
    texts = st.uuids().map(lambda uuid: {"text": str(uuid)})
    match one.shape:
        case Shape.TEXT:
            return st.none() | texts
        case Shape.NUMBER:
            return st.none() | st.integers(*numbers.bounds(one.settings)).map(lambda n: {"n": n})
        case Shape.DAY:
            return st.none() | st.dates().map(lambda day: {"day": day.isoformat()})
        case Shape.VIEWS:
            views = st.dictionaries(st.sampled_from("1234567"), st.sampled_from(STATEMENT_VIEWS), min_size=1)
            more = st.booleans().map(lambda more: {"more": True} if more else {})
            return st.none() | texts | st.tuples(views, more).map(lambda parts: parts[0] | parts[1])
    if one.shape is Shape.MANY:
        return st.none() | st.lists(st.sampled_from(ids), min_size=1, unique=True).map(
            lambda x: dict.fromkeys(x, True)
        )
    return st.none() | st.sampled_from(ids)


@st.composite
def answers_to(draw: st.DrawFn, doc: Document) -> dict[str, Any]:
    """Answers to some of the questions, on the path or not."""
    return {each.id: draw(values_for(each)) for each in doc.questions if draw(st.booleans())}
