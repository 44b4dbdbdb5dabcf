"""Every example of the house is complete: two languages, four taps, no lack and no remark, and no page is empty."""

import re
import tomllib

import pytest

from initiatives.models import ExpectationCard
from surveys.builder.services.freeze import parse_draft
from surveys.builder.services.publish import publish_survey
from surveys.builder.services.readiness import open_remarks
from surveys.library import EXAMPLES_PATH, LIBRARY, SHARED_PIECES_PATH, read_example
from surveys.library.plan import plan_from, to_json
from surveys.questionnaire.document import Shape
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.questionnaire.walk import Context, Walk
from tests.surveys.drafts import fresh, make_draft

PLANS = list(LIBRARY.values())
each_plan = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.slug)


def texts(value):
    """Every text per language in a plan."""
    match value:
        case {"nl": str()}:
            yield value
        case dict():
            for each in value.values():
                yield from texts(each)
        case list() | tuple():
            for each in value:
                yield from texts(each)


def test_what_the_field_asks_for_is_there():
    wanted = "first-sounding play youth green safety meeting traffic village-hall street-idea"
    assert set(wanted.split()) <= set(LIBRARY)


@each_plan
def test_speaks_both_languages(plan):
    assert all(set(text) == {"nl", "en"} and all(text.values()) for text in texts(to_json(plan)))


@each_plan
def test_says_u_and_no_officialese(plan):
    said = " ".join(text["nl"] for text in texts(to_json(plan)))
    wrong = r"\b(burgers?|participatie|inspraak|input|traject|binnenkort|helaas|terugkoppeling)\b|!"
    assert not re.search(wrong, said, re.IGNORECASE)
    if plan.slug != "youth":
        assert not re.search(r"\b(je|jij|jouw)\b", said)


@each_plan
def test_is_whole(plan):
    first, *deeper = plan.layers
    assert 1 <= len(first.questions) <= 4
    assert all(QUESTION_TYPES[question.type].is_one_tap(question.settings) for question in first.questions)
    assert deeper
    assert all(plan.card[row] for row in ExpectationCard.ROWS)
    for question in (question for layer in plan.layers for question in layer.questions):
        assert question.purpose and question.use and question.owner_role


@each_plan
def test_is_the_same_out_of_the_library_of_a_municipality(plan):
    assert plan_from(to_json(plan)) == plan


@each_plan
@pytest.mark.django_db
def test_publishes_without_a_lack_or_a_remark(plan, area, editor):
    survey = make_draft(areas=[area], by=editor, plan=plan.slug)
    assert [remark.sentence for remark in open_remarks(fresh(survey))] == []
    publish_survey(survey=survey, by=editor)


@each_plan
@pytest.mark.django_db
@pytest.mark.parametrize("pick", [0, 1, -1])
def test_walks_without_an_empty_page(plan, area, editor, pick):
    """Somebody who always takes the first, the second or the last answer, through every layer that is offered."""
    document = parse_draft(fresh(make_draft(areas=[area], by=editor, plan=plan.slug)))
    answers, done = {}, set()
    to_do = [document.first_layer]
    while to_do:
        layer = to_do[0]
        walk = Walk(document, answers, Context(area=str(area.pk)), frozenset(done))
        assert walk.pages(layer)
        while question := Walk(document, answers, Context(area=str(area.pk)), frozenset(done)).resume(layer):
            options = question.offered
            one = options[min(pick, len(options) - 1)].id if options else None
            answers[question.id] = {one: True} if question.shape is Shape.MANY else one
        done.add(layer.id)
        to_do = [*Walk(document, answers, Context(area=str(area.pk)), frozenset(done)).offered]
    assert len(done) >= 2


def test_youth_form_keeps_nobody_reachable():
    assert LIBRARY["youth"].without_contact
    assert not any(plan.without_contact for plan in PLANS if plan.slug != "youth")


# --- files --------------------------------------------------------------------------------------


def test_every_file_is_offered():
    assert {path.stem for path in EXAMPLES_PATH.iterdir()} == set(LIBRARY)


def test_every_shared_piece_is_used_twice():
    said = "".join(path.read_text("utf-8") for path in EXAMPLES_PATH.iterdir())
    names = tomllib.loads(SHARED_PIECES_PATH.read_text("utf-8"))
    assert all(len(re.findall(rf'shared = "{name}"', said)) > 1 for name in names)


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ("[card]", "[card", "line"),
        ('influence = "advise"\n', "", "the survey has no influence"),
        ("who_asks =", "who_ask =", "the survey has unknown fields: who_ask"),
        (
            'lead = {nl = "Eén vraag. Meer zeggen mag.", en =',
            "lead = {en =",
            "lead of the survey is not a text",
        ),
        ('type = "one_choice"\n', "", "questions[1] of layers[1] of the survey has no type"),
        ('{key = "yes",', "{", "options[1] of questions[1] of layers[1] of the survey has no key"),
        ('shared = "own_topic"', 'shared = "own_topics"', "own_topics"),
        ('shared = "own_topic"', 'shared = "own_topic"\ntheme = "green"', "more than its name"),
    ],
)
def test_says_where_a_file_is_broken(there, instead, said, tmp_path):
    whole = (EXAMPLES_PATH / "reaction.toml").read_text("utf-8")
    assert there in whole
    path = tmp_path / "broken.toml"
    path.write_text(whole.replace(there, instead), "utf-8")
    with pytest.raises(ValueError, match=r"^broken\.toml is not an example survey: ") as raised:
        read_example(path)
    assert said in str(raised.value)
