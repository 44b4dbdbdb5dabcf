"""Writing a draft: order, what is taken out, texts and their translations."""

import pytest

from core.errors import DomainError, InvalidTransition
from surveys.builder.services import draft
from surveys.builder.services.draft import OptionWords, QuestionWords
from surveys.builder.services.publish import publish_survey
from surveys.builder.services.start import smallest_common_area, start_survey
from surveys.library import LIBRARY
from surveys.models import Layer, Option, Question, Survey
from surveys.opening.services.running import close_survey
from tests.surveys.drafts import make_draft, make_open, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


def words(survey: Survey) -> list[str]:
    """The questions in order, by the first word of each."""
    layers = survey.layers.filter(retired=False).order_by("-is_first", "order", "id")
    return [q.text.get("nl", "")[:8] for layer in layers for q in layer.questions.filter(retired=False)]


def change(question: Question, editor, language="nl", texts=None, **more) -> bool:
    kept = {
        name: getattr(question, name).get(language, "")
        for name in ("text", "hint", "purpose", "use", "owner_role")
    }
    filled_in = QuestionWords(texts=kept | (texts or {}), fields=more.pop("fields", {}), **more)
    return draft.change_question(question=question, language=language, filled_in=filled_in, by=editor)


def test_around_is_the_smallest_common_area(area, next_area, other_area, district):
    assert smallest_common_area([area]) == area
    assert smallest_common_area([area, next_area]) == district
    assert smallest_common_area([area, other_area]).parent is None


def test_start_from_scratch_has_an_empty_first_layer(area, editor):
    survey = start_survey(areas=[area], languages=["nl"], by=editor, title="Wat nu?")
    assert (survey.title, survey.owner) == ({"nl": "Wat nu?"}, editor)
    assert survey.layers.get().is_first


def test_start_leaves_out_other_languages(area, editor):
    survey = make_draft(areas=[area], by=editor)
    one = start_survey(areas=[area], languages=["nl"], by=editor)
    assert set(survey.title) == {"nl", "en"}
    assert not one.title


def test_move_question_within_and_between_layers(survey, editor):
    before = words(survey)
    last = question_of(survey, "Kent u")
    draft.move_question(question=last, steps=-1, by=editor)
    assert words(survey)[:4] == [before[0], before[1], before[3], before[2]]
    helping = question_of(survey, "Wilt u")
    draft.move_question(question=helping, steps=1, by=editor)
    assert question_of(survey, "Wilt u").layer.title["nl"] == "Uw eigen onderwerp"
    draft.move_question(question=question_of(survey, "Wilt u"), steps=-1, by=editor)
    assert question_of(survey, "Wilt u").layer.is_first
    assert len(words(survey)) == len(before)


def test_move_at_the_ends_changes_nothing(survey, editor):
    before = words(survey)
    draft.move_question(question=question_of(survey, before[0]), steps=-1, by=editor)
    draft.move_question(question=question_of(survey, before[-1]), steps=1, by=editor)
    assert words(survey) == before


def questions(layer: Layer) -> list[int]:
    return [question.pk for question in layer.questions.filter(retired=False)]


def test_question_is_dropped_in_its_layer_and_in_another(survey, editor):
    first, second = survey.layers.order_by("-is_first", "order")[:2]
    a, b, *rest = seen = questions(first)
    draft.place_question(question=Question.objects.get(pk=a), layer=first, place=1, seen=seen, by=editor)
    assert questions(first) == [b, a, *rest]
    there = questions(second)
    draft.place_question(question=Question.objects.get(pk=a), layer=second, place=1, seen=there, by=editor)
    assert questions(first) == [b, *rest]
    assert questions(second) == [there[0], a, *there[1:]]


def test_layer_is_dropped_among_the_deeper_ones(survey, editor):
    deeper = list(survey.layers.filter(is_first=False))
    seen = [layer.pk for layer in deeper]
    draft.place_layer(layer=deeper[0], place=99, seen=seen, by=editor)
    assert [layer.pk for layer in survey.layers.filter(is_first=False)] == [*seen[1:], seen[0]]


def test_drop_in_an_order_a_colleague_changed_moves_nothing(survey, editor):
    layer = survey.layers.get(is_first=True)
    seen = questions(layer)
    draft.move_question(question=Question.objects.get(pk=seen[0]), steps=1, by=editor)
    now = questions(layer)
    with pytest.raises(InvalidTransition, match="intussen veranderd"):
        draft.place_question(
            question=Question.objects.get(pk=seen[2]), layer=layer, place=0, seen=seen, by=editor
        )
    assert questions(layer) == now


def test_first_layer_stays_first(survey, editor):
    first, second = survey.layers.order_by("-is_first", "order")[:2]
    draft.move_layer(layer=first, steps=1, by=editor)
    draft.move_layer(layer=second, steps=-1, by=editor)
    assert survey.layers.order_by("-is_first", "order").first() == first
    with pytest.raises(DomainError):
        draft.retire_layer(layer=first, by=editor)


def test_options_of_equal_order_move_too(survey, editor):
    question = question_of(survey, "Wat moet er")
    Option.objects.filter(question=question).update(order=0)
    options = list(question.options.all())
    change(question, editor, move=(options[2].pk, -1))
    assert [o.pk for o in question.options.all()][:3] == [options[0].pk, options[2].pk, options[1].pk]


def test_a_title_of_our_own_leaves_the_one_of_the_example_to_be_translated(area, editor):
    plan = LIBRARY["green"]
    survey = start_survey(
        areas=[area], languages=["nl", "en"], by=editor, plan=plan, title="Wat groeit hier?"
    )
    survey.refresh_from_db()
    assert survey.title["nl"] == "Wat groeit hier?" and survey.stale == ["title.en"]


def test_taken_out_and_put_back_is_the_same_question(survey, editor):
    question, before = question_of(survey, "Wilt u"), words(survey)
    draft.retire_question(question=question, by=editor)
    assert "Wilt u e" not in words(survey)
    draft.put_back_question(question=question, by=editor)
    assert words(survey) == before, "where it stood"


def test_change_keeps_other_language(survey, editor):
    question = question_of(survey, "Wat moet er")
    change(question, editor, texts={"text": " Wat eerst? "})
    question.refresh_from_db()
    assert question.text == {"nl": "Wat eerst?", "en": "What should come first in Harbour?"}
    assert question.stale == ["text.en"]


def test_same_words_make_nothing_stale(survey, editor):
    question = question_of(survey, "Wat moet er")
    change(question, editor)
    question.refresh_from_db()
    assert question.stale == []


def test_emptied_text_is_gone_and_not_stale(survey, editor):
    question = question_of(survey, "Wat moet er")
    change(question, editor, language="en", texts={"text": ""})
    question.refresh_from_db()
    assert set(question.text) == {"nl"}


def test_options_are_changed_and_several_added(survey, editor):
    question = question_of(survey, "Wilt u")
    first = question.options.first()
    change(
        question,
        editor,
        options={first.pk: OptionWords(label="Ja", hint="zeker", dont_know=False)},
        new_options=["Straks", "Later"],
    )
    labels = [option.label.get("nl") for option in question.options.all()]
    assert labels == ["Ja", "Misschien, als ik meer weet", "Nee, nu niet", "Straks", "Later"]
    assert question.options.first().hint == {"nl": "zeker"}


def test_options_of_another_question_are_left_alone(survey, editor):
    other = question_of(survey, "Wat moet er").options.first()
    change(question_of(survey, "Wilt u"), editor, options={other.pk: OptionWords(label="Gestolen")})
    other.refresh_from_db()
    assert other.label["nl"] == "Een plek om elkaar te ontmoeten"


def test_type_is_locked_after_publication(survey, editor):
    publish_survey(survey=survey, by=editor)
    Survey.objects.filter(pk=survey.pk).update(state="draft")
    question = question_of(survey, "Wilt u")
    change(question, editor, fields={"type": "long_text"})
    question.refresh_from_db()
    assert question.type == "one_choice"


def test_closed_survey_cannot_be_written(area, editor, backer):
    survey = make_open(areas=[area], by=editor, backer=backer)
    close_survey(survey=survey, by=editor)
    layer = Layer.objects.select_related("survey").filter(survey=survey).first()
    question = question_of(survey, "Wilt u")
    for action in (
        lambda: draft.add_layer(survey=survey, by=editor),
        lambda: draft.add_question(layer=layer, type="yes_no", by=editor),
        lambda: draft.retire_question(question=question, by=editor),
        lambda: draft.move_question(question=question, steps=1, by=editor),
        lambda: change(question, editor),
    ):
        with pytest.raises(InvalidTransition):
            action()


def test_new_scale_begins_with_its_points(survey, editor):
    layer = survey.layers.filter(is_first=False).select_related("survey").first()
    question = draft.add_question(layer=layer, type="scale", by=editor)
    assert question.options.count() == 5
    assert question.theme == layer.theme
