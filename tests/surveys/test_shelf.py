"""The library: kept as it was, found again, put in a draft; and a survey that is asked again."""

import pytest
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from surveys.builder.services import library_items
from surveys.builder.services.publish import publish_survey
from surveys.builder.services.start import plan_of, start_survey
from surveys.models import Layer, LibraryItem, Question
from surveys.states import ItemKind
from tests.people import signed_in
from tests.surveys.drafts import fresh, make_draft, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor):
    return make_draft(areas=[area], by=editor)


def words(survey) -> list[tuple[str, str, list[str]]]:
    """Every question with its type and answers, in order."""
    return [
        (question.text["nl"], question.type, [option.label["nl"] for option in question.options.all()])
        for layer in survey.layers.all()
        for question in layer.questions.all()
    ]


def test_whole_survey_comes_back_as_it_was(survey, area, editor):
    row = library_items.keep_in_library(source=survey, name="Oosterhaven 2027", by=editor)
    plan = library_items.find_library_item(f"own-{row.pk}").plan
    again = start_survey(areas=[area], languages=["nl", "en"], plan=plan, by=editor)
    assert words(fresh(again)) == words(fresh(survey))
    assert again.title == survey.title
    assert again.card.money == survey.card.money
    conditions = [layer.condition for layer in fresh(again).layers.all() if layer.condition]
    assert len(conditions) == sum(1 for layer in survey.layers.all() if layer.condition)


def test_what_is_kept_does_not_change_with_the_draft(survey, editor):
    row = library_items.keep_in_library(source=question_of(survey, "Kent u"), name="Buren", by=editor)
    Question.objects.update(text={"nl": "Anders"})
    assert (
        library_items.find_library_item(f"own-{row.pk}").plan.text["nl"] == "Kent u de mensen in uw straat?"
    )


def test_question_and_block_go_into_another_draft(survey, area, editor):
    block = library_items.keep_in_library(
        source=Layer.objects.get(survey=survey, title__nl="Bus en verkeer"), name="Verkeer", by=editor
    )
    question = library_items.keep_in_library(source=question_of(survey, "Kent u"), name="Buren", by=editor)
    other = start_survey(areas=[area], languages=["nl"], title="Verkeer", by=editor)
    layer = library_items.add_entry_to_survey(
        survey=other, item=library_items.find_library_item(f"own-{block.pk}"), layer=None, by=editor
    )
    library_items.add_entry_to_survey(
        survey=other, item=library_items.find_library_item(f"own-{question.pk}"), layer=layer, by=editor
    )
    asked = [question.text for question in layer.questions.all()]
    assert len(asked) == 5
    assert asked[-1] == {"nl": "Kent u de mensen in uw straat?"}
    halt = question_of(other, "Hoe ver is de bushalte")
    way = question_of(other, "Hoe gaat u door")
    assert halt.condition["includes"]["question"] == str(way.pk)
    assert Event.objects.about(other).filter(verb="used_from_library").count() == 2


def test_block_leaves_conditions_on_other_blocks_behind(survey, editor):
    green = Layer.objects.get(survey=survey, title__nl="Groen en schaduw")
    assert green.condition
    assert (
        library_items.find_library_item(
            f"own-{library_items.keep_in_library(source=green, name='Groen', by=editor).pk}"
        ).plan.condition
        is None
    )


def test_examples_of_the_house_go_in_as_well(survey, editor):
    for item in library_items.library_entries(kinds=[ItemKind.LAYER, ItemKind.QUESTION])[:40]:
        library_items.add_entry_to_survey(
            survey=survey, item=item, layer=survey.layers.get(is_first=True), by=editor
        )


def test_nothing_goes_into_a_published_survey(survey, editor):
    publish_survey(survey=survey, by=editor)
    item = library_items.library_entries(kinds=[ItemKind.LAYER])[0]
    with pytest.raises(InvalidTransition):
        library_items.add_entry_to_survey(survey=survey, item=item, layer=None, by=editor)


def test_whole_survey_is_no_block(survey, editor):
    with pytest.raises(DomainError):
        library_items.add_entry_to_survey(
            survey=survey,
            item=library_items.library_entries(kinds=[ItemKind.SURVEY])[0],
            layer=None,
            by=editor,
        )


@pytest.mark.parametrize(
    ("search", "found"), [("STRAAT kent", True), ("buren", True), ("straat fiets", False)]
)
def test_search_looks_at_every_word(survey, editor, search, found):
    row = library_items.keep_in_library(source=question_of(survey, "Kent u"), name="Buren", by=editor)
    own = [
        item.row
        for item in library_items.library_entries(kinds=[ItemKind.QUESTION], search=search)
        if item.row
    ]
    assert own == ([row] if found else [])


def test_what_no_database_can_look_for_is_looked_for_without_it(survey, editor):
    """PostgreSQL takes no NUL."""
    desk = signed_in(editor)
    for url in (reverse("library"), reverse("survey_library", args=[survey.pk])):
        assert desk.get(url, {"q": "a\x00b"}).status_code == 200


def test_taken_out_is_offered_no_more_and_comes_back(survey, editor):
    row = library_items.keep_in_library(source=survey, name="Voorbeeld", by=editor)
    library_items.set_retired(item=row, retired=True, by=editor)
    assert row not in [item.row for item in library_items.library_entries()]
    assert [item.row for item in library_items.library_entries(retired=True)] == [row]
    library_items.set_retired(item=row, retired=False, by=editor)
    assert row in [item.row for item in library_items.library_entries()]


def test_round_knows_which_question_is_which(survey, editor):
    publish_survey(survey=survey, by=editor)
    again = library_items.repeat_survey(survey=survey, by=editor)
    assert again.round_of == survey
    pairs = [(question, question.same_as) for question in Question.objects.filter(layer__survey=again)]
    assert len(pairs) == Question.objects.filter(layer__survey=survey).count()
    assert all(new.text == old.text and new.pk != old.pk for new, old in pairs)
    options = [option for new, _old in pairs for option in new.options.all()]
    assert all(option.same_as.label == option.label for option in options)
    assert not any(new.type_locked for new, _old in pairs)


def test_question_that_means_something_else_is_parted(survey, editor):
    again = library_items.repeat_survey(survey=survey, by=editor)
    question = question_of(again, "Kent u")
    library_items.part_from_round(question=question, by=editor)
    question.refresh_from_db()
    assert question.same_as is None
    assert not question.options.exclude(same_as=None).exists()


def test_stale_translation_stays_stale_in_a_copy(survey, editor):
    question = question_of(survey, "Kent u")
    question.say("text", "nl", "Kent u uw buren?", main="nl")
    question.save()
    assert question_of(library_items.repeat_survey(survey=survey, by=editor), "Kent u").stale == ["text.en"]


def test_reading_a_draft_takes_few_queries(survey, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        plan_of(fresh(survey))


def test_library_list_takes_few_queries(survey, editor, django_assert_max_num_queries):
    for number in range(5):
        library_items.keep_in_library(source=survey, name=f"Voorbeeld {number}", by=editor)
    with django_assert_max_num_queries(1):
        library_items.library_entries()
    assert LibraryItem.objects.count() == 5
