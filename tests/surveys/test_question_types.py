"""What each type makes of what came in."""

import pytest
from django.http import QueryDict

from surveys.questionnaire.document import QUESTION_KINDS
from surveys.questionnaire.question_types import QUESTION_TYPES, AnswerError, WrittenAnswer, type_of
from tests.surveys.documents import layer, poll, question

CHOSEN = ("one_choice", "scale", "yes_no", "several_choices", "about_you")


def ask(type: str, sent: str, **more):
    options = ("31", "32", "33") if QUESTION_TYPES[type].has_options else ()
    asked = poll(layer("1", question("9", type, options, **more))).question("9")
    return type_of(asked).clean(asked, QueryDict(sent)), asked


def test_every_type_is_known_to_the_document():
    assert QUESTION_TYPES.keys() == QUESTION_KINDS.keys()


@pytest.mark.parametrize("type", ["one_choice", "scale", "yes_no", "about_you"])
def test_one_is_chosen_or_nothing(type):
    assert ask(type, "q9=31")[0] == "31"
    assert ask(type, "")[0] is None
    assert ask(type, "q9=")[0] is None


@pytest.mark.parametrize("type", CHOSEN)
def test_unknown_option_is_refused(type):
    with pytest.raises(AnswerError):
        ask(type, "q9=99")


def test_several_are_a_set():
    assert ask("several_choices", "q9=31&q9=33&q9=31")[0] == {"31": True, "33": True}
    assert ask("several_choices", "")[0] is None


def test_several_at_most():
    assert ask("several_choices", "q9=31&q9=32", settings={"most": 2})[0]
    with pytest.raises(AnswerError):
        ask("several_choices", "q9=31&q9=32&q9=33", settings={"most": 2})


def test_dont_know_stands_alone():
    asked = poll(
        layer("1", question("9", "several_choices", ("31",)) | {"options": [
            {"id": "31", "label": {"nl": "a"}}, {"id": "32", "label": {"nl": "weet niet"}, "dont_know": True},
        ]})
    ).question("9")  # fmt: skip
    assert type_of(asked).clean(asked, QueryDict("q9=32")) == {"32": True}
    with pytest.raises(AnswerError):
        type_of(asked).clean(asked, QueryDict("q9=31&q9=32"))


@pytest.mark.parametrize(("type", "most"), [("short_text", 200), ("long_text", 2_000), ("own_topic", 2_000)])
def test_text_up_to_its_length(type, most):
    assert ask(type, f"q9={'a' * most}")[0] == WrittenAnswer("a" * most)
    with pytest.raises(AnswerError, match="3"):
        ask(type, f"q9={'a' * (most + 3)}")


def test_line_ends_count_once_and_nul_never():
    assert ask("short_text", "q9=" + "a%0D%0A" * 99 + "b")[0] == WrittenAnswer("a\n" * 99 + "b")
    assert ask("short_text", "q9=a%00b")[0] == WrittenAnswer("ab")


@pytest.mark.parametrize("sent", ["", "q9=", "q9=+++", "q9=%0D%0A"])
def test_blank_text_is_no_answer(sent):
    assert ask("long_text", sent)[0] is None


def test_own_topic_with_a_theme():
    assert ask("own_topic", "q9=bus&q9-theme=traffic")[0] == WrittenAnswer("bus", "traffic")


@pytest.mark.django_db
@pytest.mark.parametrize("type", sorted(QUESTION_TYPES))
def test_export_has_a_cell_for_every_column(type):
    value, asked = ask(type, "q9=31" if type in CHOSEN else "")
    kind = type_of(asked)
    for stored in (value, None):
        stored = {"text": "an id"} if isinstance(stored, WrittenAnswer) else stored
        assert len(kind.cells(asked, stored, "nl", "woorden")) == len(kind.columns(asked, "nl"))
