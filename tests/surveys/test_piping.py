"""Earlier answers in later texts: filled in, with words for who gave none, and refused where they could be missed."""

import pytest

from surveys.answering.views.answering import with_piped_answers
from surveys.builder.services.freeze import parse_draft
from surveys.builder.services.readiness import publish_blockers
from surveys.models import Question, Survey
from surveys.questionnaire.piping import rename_token_questions, without_tokens
from surveys.questionnaire.walk import Context, Walk
from tests.surveys.drafts import fresh, make_draft, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


def repeat(survey: Survey, of: Question, words: str = "Wilt u ergens", fallback: str = "iets") -> Question:
    """Put the answer to `of` in the text of another question, in both languages."""
    question = question_of(survey, words)
    token = f" {{{{answer:{of.pk}|{fallback}}}}}?"
    texts = {language: text + token for language, text in question.text.items()}
    Question.objects.filter(pk=question.pk).update(text=texts)
    return question


def test_what_was_chosen_comes_back(survey):
    first = question_of(survey, "Wat moet er")
    later = repeat(survey, first)
    green = first.options.get(label__nl="Meer groen en schaduw")
    document = parse_draft(fresh(survey))
    question = document.question(str(later.pk))
    for answer, words in [(str(green.pk), "Meer groen en schaduw"), (None, "iets"), ("404", "iets")]:
        walk = Walk(document, {str(first.pk): answer}, Context())
        assert with_piped_answers(document, question, walk.before(question)).text["nl"].endswith(f" {words}?")
    assert question.text["nl"].endswith(" iets?"), "everywhere else it reads without anybody's answer"
    assert publish_blockers(fresh(survey)) == []


@pytest.mark.parametrize(("language", "written"), [("nl", "1.500"), ("en", "1,500")])
def test_a_number_comes_back_as_the_reader_writes_it(survey, language, written):
    first = question_of(survey, "Wat moet er")
    Question.objects.filter(pk=first.pk).update(type="number", settings={"least": 0, "most": 2000})
    first.options.all().delete()
    later = repeat(survey, first)
    document = parse_draft(fresh(survey))
    walk = Walk(document, {str(first.pk): {"n": 1500}}, Context())
    question = document.question(str(later.pk))
    assert (
        with_piped_answers(document, question, walk.before(question)).text[language].endswith(f" {written}?")
    )
    assert not [lack for lack in publish_blockers(fresh(survey)) if "komt terug" in lack.sentence]


def test_an_answer_off_the_path_does_not_come_back(survey):
    first, between = question_of(survey, "Hoe is"), question_of(survey, "Wat moet er")
    later = repeat(survey, between)
    Question.objects.filter(pk=between.pk).update(condition={"answered": str(first.pk)})
    document = parse_draft(fresh(survey))
    answers = {str(first.pk): None, str(between.pk): str(between.options.first().pk)}
    question = document.question(str(later.pk))
    assert (
        with_piped_answers(document, question, Walk(document, answers, Context()).before(question))
        .text["nl"]
        .endswith("iets?")
    )


def words_of_people(survey):
    text = question_of(survey, "Wat moet er")
    Question.objects.filter(pk=text.pk).update(type="long_text")
    repeat(survey, text)


def later_question(survey):
    repeat(survey, question_of(survey, "Kent u de mensen"))


def not_always_asked(survey):
    between = question_of(survey, "Wat moet er")
    repeat(survey, between)
    Question.objects.filter(pk=between.pk).update(
        condition={"answered": str(question_of(survey, "Hoe is").pk)}
    )


def chosen_layer(survey):
    inside = next(q for q in parse_draft(fresh(survey)).layers[2].asked if q.offered)
    after = parse_draft(fresh(survey)).layers[3].asked[0]
    repeat(survey, Question.objects.get(pk=inside.id), after.text["nl"])


def no_words_for_the_others(survey):
    repeat(survey, question_of(survey, "Hoe is"), fallback="")


def gone(survey):
    first = question_of(survey, "Hoe is")
    repeat(survey, first)
    Question.objects.filter(pk=first.pk).update(retired=True)


def damaged(survey):
    question = question_of(survey, "Wilt u ergens")
    Question.objects.filter(pk=question.pk).update(text={"nl": "Wilt u {{answer:9}}?", "en": "Do you?"})


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (words_of_people, "wat mensen schrijven"),
        (later_question, "komt later"),
        (not_always_asked, "niet iedereen"),
        (chosen_layer, "niet iedereen"),
        (no_words_for_the_others, "geen antwoord gaf"),
        (gone, "niet meer is"),
        (damaged, "beschadigd"),
    ],
)
def test_what_can_not_come_back_is_refused(survey, break_it, words):
    break_it(survey)
    sentences = [lack.sentence for lack in publish_blockers(fresh(survey))]
    assert any(words in sentence for sentence in sentences), sentences


def test_asked_of_the_same_people_is_earlier_on_every_path(survey):
    first, between = question_of(survey, "Hoe is"), question_of(survey, "Wat moet er")
    later = repeat(survey, between)
    same = {"answered": str(first.pk)}
    Question.objects.filter(pk__in=[between.pk, later.pk]).update(condition=same)
    assert publish_blockers(fresh(survey)) == []


def test_tokens_are_plain_and_follow_their_question():
    texts = {"nl": "Meer {{answer:9|groen}}?", "en": "More?"}
    assert without_tokens(texts) == {"nl": "Meer groen?", "en": "More?"}
    assert rename_token_questions(texts, {"9": "12"}.get)["nl"] == "Meer {{answer:12|groen}}?"
    assert rename_token_questions(texts, {}.get) == without_tokens(texts), (
        "of a question that is not there its other words stay"
    )
