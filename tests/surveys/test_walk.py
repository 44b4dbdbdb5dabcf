"""The walk through a poll: what is asked, what is next, what may be visited, what has fallen off."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.walk import Context, Walk, length
from tests.surveys.documents import (
    answers_to,
    contexts,
    documents,
    examples,
    includes,
    is_,
    layer,
    more_than,
    poll,
    question,
    values_for,
)

RESIDENT = Context(area="3")


def small_poll():
    return poll(
        layer(
            "1",
            question("9", options=["31", "32"]),
            question("10", options=["41", "42"], condition=is_("9", "31")),
            question("11", "scale", ["51", "52", "53"]),
            question("12", "short_text", condition=more_than("11", "51")),
            first=True,
        ),
        layer("2", question("20", "several_choices", ["61", "62"]), condition=is_("9", "31")),
        layer("3", question("30", condition={"in_area": ["4"]}, options=["71", "72"])),
        layer("4", question("40", "long_text", condition=is_("10", "41")), question("41", "long_text")),
    )


def ids(questions):
    return [each.id for each in questions]


def test_path_follows_the_answers():
    doc = small_poll()
    first = doc.first_layer

    assert ids(Walk(doc, {}, RESIDENT).path(first)) == ["9", "11"]
    assert ids(Walk(doc, {"9": "31"}, RESIDENT).path(first)) == ["9", "10", "11"]
    assert ids(Walk(doc, {"9": "32", "11": "52"}, RESIDENT).path(first)) == ["9", "11", "12"]
    assert ids(Walk(doc, {"9": None, "11": "51"}, RESIDENT).path(first)) == ["9", "11"]


def test_place_counts_within_the_layer_over_the_path_known_now():
    walk = Walk(small_poll(), {"9": "31"}, RESIDENT)

    place = walk.place("11")

    assert (place.number, place.total) == (3, 3)
    assert (place.previous.id, place.next) == ("10", None)


def test_place_of_a_question_off_the_path_or_unknown_is_none():
    walk = Walk(small_poll(), {}, RESIDENT)

    assert walk.place("10") is None
    assert walk.place("12345") is None


def test_resume_is_the_first_question_not_passed_and_a_skip_counts_as_passed():
    doc = small_poll()

    assert Walk(doc, {}, RESIDENT).resume(doc.first_layer).id == "9"
    assert Walk(doc, {"9": None}, RESIDENT).resume(doc.first_layer).id == "11"
    assert Walk(doc, {"9": None, "11": None}, RESIDENT).resume(doc.first_layer) is None


def test_may_visit_what_is_passed_and_the_next_but_no_further():
    walk = Walk(small_poll(), {"9": "31"}, RESIDENT)

    assert walk.may_visit("9")
    assert walk.may_visit("10")
    assert not walk.may_visit("11")


def test_may_visit_refuses_a_deeper_layer_before_the_first_is_done():
    doc = small_poll()
    answers = {"9": "31", "10": None, "11": None}

    assert not Walk(doc, answers, RESIDENT).may_visit("20")
    assert Walk(doc, answers, RESIDENT, done={"1"}).may_visit("20")


def test_offered_are_deeper_layers_with_a_true_condition_that_ask_something():
    doc = small_poll()
    answers = {"9": "31", "10": "42", "11": None}

    assert Walk(doc, answers, RESIDENT).offered == ()
    assert ids(Walk(doc, answers, RESIDENT, done={"1"}).offered) == ["2", "4"]
    assert ids(Walk(doc, answers, Context(area="4"), done={"1", "2"}).offered) == ["3", "4"]
    assert ids(Walk(doc, answers, Context(around=frozenset("4")), done={"1"}).offered) == ["2", "3", "4"]


def test_answer_of_an_unfinished_layer_opens_nothing_elsewhere():
    doc = poll(
        layer("1", question("9", options=["31", "32"]), first=True),
        layer("2", question("20", "several_choices", ["61", "62"])),
        layer("3", question("30", "long_text", condition=includes("20", "61"))),
    )
    answers = {"9": "31", "20": {"61": True}}

    assert ids(Walk(doc, answers, RESIDENT, done={"1"}).offered) == ["2"]
    assert ids(Walk(doc, answers, RESIDENT, done={"1", "2"}).offered) == ["3"]


def test_off_path_lists_what_goes_and_spares_retired_questions():
    doc = poll(
        layer(
            "1",
            question("9", options=["31", "32"]),
            question("10", options=["41", "42"], condition=is_("9", "31")),
            question("11", options=["51", "52"], condition=is_("10", "41")),
            question("12", "long_text", retired=True),
            first=True,
        )
    )
    answers = {"9": "32", "10": "41", "11": "51", "12": {"text": "an id"}}

    assert Walk(doc, answers, RESIDENT).answers_off_path(doc.first_layer) == {"10", "11"}


def test_layer_in_which_nothing_is_asked_is_ready_at_once():
    doc = poll(layer("1", question("9", options=["31", "32"], condition={"in_area": ["4"]}), first=True))
    walk = Walk(doc, {}, RESIDENT)

    assert walk.resume(doc.first_layer) is None
    assert walk.pages(doc.first_layer) == ()


def test_one_page_is_cut_where_a_condition_asks_about_the_same_page():
    doc = poll(
        layer(
            "1",
            question("9", options=["31", "32"]),
            question("10", "short_text"),
            question("11", "short_text", condition=is_("9", "31")),
            question("12", "short_text"),
            first=True,
            one_page=True,
        )
    )

    assert [ids(page) for page in Walk(doc, {}, RESIDENT).pages(doc.first_layer)] == [["9", "10"], ["12"]]
    pages = Walk(doc, {"9": "31"}, RESIDENT).pages(doc.first_layer)
    assert [ids(page) for page in pages] == [["9", "10"], ["11", "12"]]


def test_length_is_counted_in_seconds_on_a_phone():
    doc = small_poll()
    first = doc.first_layer

    assert length(first.asked[:3]).seconds == 42
    assert length(()).minutes == 0
    assert length(first.asked).minutes == 2
    assert Walk(doc, {"9": "32"}, RESIDENT).left(first).questions == 1


@examples
@given(st.data())
def test_walking_on_from_anywhere_ends_with_every_page_real(data):
    """From any stored answers: answer what is asked until nothing is left, page by page."""
    doc = data.draw(documents)
    answers = data.draw(answers_to(doc))
    context = data.draw(contexts)
    done = set(data.draw(st.sets(st.sampled_from([each.id for each in doc.layers]))))
    current = doc.first_layer
    for _ in range(len(doc.questions) + 2 * len(doc.layers) + 1):
        walk = Walk(doc, answers, context, done)
        if question := walk.resume(current):
            place = walk.place(question.id)
            assert walk.may_visit(question.id)
            assert 1 <= place.number <= place.total == len(walk.path(current))
            assert any(question in page for page in walk.pages(current))
            answers = {**answers, question.id: data.draw(values_for(question))}
            continue
        for gone in walk.answers_off_path(current):
            answers.pop(gone, None)
        done.add(current.id)
        offered = Walk(doc, answers, context, done).offered
        if not offered:
            break
        current = offered[0]
        assert Walk(doc, answers, context, done).path(current)
    else:
        raise AssertionError("the walk goes round in circles")


@examples
@given(st.data())
def test_answers_off_the_path_change_nothing(data):
    doc = data.draw(documents)
    answers = data.draw(answers_to(doc))
    context = data.draw(contexts)
    done = frozenset(each.id for each in doc.layers)
    walk = Walk(doc, answers, context, done)
    gone = {id for each in doc.layers for id in walk.answers_off_path(each)}

    tidy = Walk(doc, {id: value for id, value in answers.items() if id not in gone}, context, done)

    for each in doc.layers:
        assert tidy.path(each) == walk.path(each)
        assert ids(q for page in walk.pages(each) for q in page) == ids(walk.path(each))


@examples
@given(st.data())
def test_next_and_previous_lead_along_the_path_and_back(data):
    doc = data.draw(documents)
    walk = Walk(doc, data.draw(answers_to(doc)), data.draw(contexts))
    for each in doc.layers:
        places = [walk.place(question.id) for question in walk.path(each)]
        for place, following in pairwise(places):
            assert place.next == following.question
            assert following.previous == place.question
            assert following.number == place.number + 1
