"""What stands in the way of publication, and what publishing does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Event
from core.errors import InvalidTransition
from feedback.models import Promise
from surveys.builder.services.draft import add_question
from surveys.builder.services.freeze import document_digest, freeze
from surveys.builder.services.publish import PublicationRefused, publish_survey, return_to_draft
from surveys.builder.services.readiness import open_remarks, publish_blockers
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire.document import parse
from surveys.states import SurveyState
from tests.surveys.drafts import fresh, make_draft, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


def without(field: str, value):
    def change(survey: Survey) -> None:
        Survey.objects.filter(pk=survey.pk).update(**{field: value})

    return change


def on_first_question(**values):
    def change(survey: Survey) -> None:
        question = question_of(survey, "Wat moet er")
        Question.objects.filter(pk=question.pk).update(**values)

    return change


def no_areas(survey: Survey) -> None:
    survey.areas.clear()


def card_row_empty(survey: Survey) -> None:
    survey.card.money = {"nl": "Er is geen geld."}
    survey.card.save()


def no_first_layer(survey: Survey) -> None:
    Layer.objects.filter(survey=survey, is_first=True).update(retired=True)


def fifth_question(survey: Survey) -> None:
    layer = Layer.objects.select_related("survey").get(survey=survey, is_first=True)
    add_question(layer=layer, type="yes_no", by=survey.owner)


def empty_layer(survey: Survey) -> None:
    layer = Layer.objects.filter(survey=survey, is_first=False).first()
    layer.questions.update(retired=True)


def layer_without_title(survey: Survey) -> None:
    Layer.objects.filter(survey=survey, is_first=False).update(title={})


def one_option(survey: Survey) -> None:
    kept = question_of(survey, "Wat moet er").options.first()
    Option.objects.filter(question=kept.question).exclude(pk=kept.pk).update(retired=True)


def untranslated_option(survey: Survey) -> None:
    Option.objects.filter(question=question_of(survey, "Wat moet er")).update(label={"nl": "Groen"})


def owner_left(survey: Survey) -> None:
    survey.owner.is_active = False
    survey.owner.save()


def owner_elsewhere(survey: Survey) -> None:
    survey.owner.memberships.all().delete()


def forward_condition(survey: Survey) -> None:
    later = question_of(survey, "Kent u de mensen")
    Question.objects.filter(pk=question_of(survey, "Wat moet er").pk).update(
        condition={"answered": str(later.pk)}
    )


def impossible_condition(survey: Survey) -> None:
    question = question_of(survey, "Kent u de mensen")
    first = question_of(survey, "Wilt u ergens")
    yes, no = [str(option.pk) for option in first.options.all()][:2]
    both = [{"is": {"question": str(first.pk), "option": option}} for option in (yes, no)]
    Question.objects.filter(pk=question.pk).update(condition={"all": both})


def unreadable_condition(survey: Survey) -> None:
    on_first_question(condition={"perhaps": "9"})(survey)


def text_in_first_layer(survey: Survey) -> None:
    on_first_question(type="long_text")(survey)


TODAY = timezone.localdate

REFUSALS = [
    (without("title", {}), "Titel"),
    (without("title", {"nl": "Wat?"}), "Engels"),
    (without("lead", {}), "eerste zin"),
    (without("who_asks", {}), "Wie vraagt het"),
    (without("why", {}), "Waarom"),
    (without("promise", {}), "belooft"),
    (without("promise_before", None), "Beloof een dag"),
    (without("influence", ""), "invloed"),
    (without("influence_text", {}), "Invloed"),
    (without("owner_role", {}), "eigenaar"),
    (without("languages", []), "taal"),
    (without("erase_on", None), "gewist"),
    (without("card", None), "verwachtingskaart"),
    (no_areas, "buurten"),
    (card_row_empty, "Geld"),
    (owner_left, "werkt hier niet meer"),
    (owner_elsewhere, "niet in al deze buurten"),
    (no_first_layer, "geen eerste laag"),
    (fifth_question, "Vier is het meeste"),
    (empty_layer, "geen vraag"),
    (layer_without_title, "titel"),
    (on_first_question(purpose={}), "Waarom"),
    (on_first_question(use={}), "Wat doen wij ermee"),
    (on_first_question(owner_role={}), "Wie doet dat"),
    (on_first_question(text={"nl": "Wat moet er komen?"}), "ontbreekt in het Engels"),
    (on_first_question(hint={"nl": "Kies."}), "toelichting"),
    (on_first_question(type="juggling"), "kennen wij niet"),
    (text_in_first_layer, "één tik per vraag"),
    (one_option, "ten minste twee antwoorden"),
    (untranslated_option, "Antwoord 1 ontbreekt in het Engels"),
    (untranslated_option, "zeggen hetzelfde"),
    (forward_condition, "komt later"),
    (impossible_condition, "kan niet uitkomen"),
    (unreadable_condition, "perhaps"),
]


@pytest.mark.parametrize(("break_it", "said"), REFUSALS, ids=lambda value: getattr(value, "__name__", value))
def test_publish_refuses(survey, editor, break_it, said):
    break_it(survey)
    with pytest.raises(PublicationRefused) as refused:
        publish_survey(survey=survey, by=editor)
    sentences = [lack.sentence for lack in refused.value.lacks]
    assert any(said.lower() in sentence.lower() for sentence in sentences), sentences
    assert all(lack.url.startswith("/desk/surveys/") for lack in refused.value.lacks)
    survey.refresh_from_db()
    assert survey.state == SurveyState.DRAFT
    assert not survey.versions.exists()


@pytest.mark.parametrize("days", [0, -1])
def test_promise_of_a_day_that_is_past(survey, days):
    survey.promise_before = timezone.localdate() + timedelta(days=days)
    survey.save()
    assert any("voorbij" in lack.sentence for lack in publish_blockers(fresh(survey)))


def test_answers_erased_before_they_are_answered(survey):
    survey.erase_on = survey.promise_before
    survey.save()
    assert any("gewist zijn vóór" in lack.sentence for lack in publish_blockers(fresh(survey)))


def test_answers_kept_for_ever(survey):
    """The date field of a browser takes the year 20277 as well."""
    for year, said in ((9999, True), (timezone.localdate().year + 5, False)):
        survey.erase_on = survey.erase_on.replace(day=1, year=year)
        survey.save()
        assert any("tien jaar" in lack.sentence for lack in publish_blockers(fresh(survey))) == said


def test_complete_draft_lacks_nothing(survey):
    assert publish_blockers(fresh(survey)) == []


@pytest.mark.parametrize("plan", ["first-sounding", "meeting"])
def test_examples_lack_only_their_days(area, editor, plan):
    survey = make_draft(areas=[area], by=editor, plan=plan)
    assert open_remarks(fresh(survey)) == []


def test_stale_translation_warns_and_does_not_refuse(survey):
    question = question_of(survey, "Wat moet er")
    question.say("text", "nl", "Wat moet er hier als eerste komen?", main="nl")
    question.save()
    (warning,) = open_remarks(fresh(survey))
    assert not warning.is_stop
    assert warning.language == "en"
    question.say("text", "en", "What should come first here?", main="nl")
    question.save()
    assert open_remarks(fresh(survey)) == []


def test_publish_freezes_a_version(survey, editor):
    version = publish_survey(survey=survey, by=editor)
    survey.refresh_from_db()
    assert (survey.state, survey.current, version.number) == (SurveyState.PUBLISHED, version, 1)
    assert version.digest == document_digest(version.document) == document_digest(freeze(fresh(survey)))
    document = parse(version.document)
    assert [len(layer.asked) for layer in document.layers] == [4, 1, 3, 2, 4, 1]
    assert document.first_layer.seconds == 56
    assert Event.objects.about(survey).filter(verb="publish").exists()


def test_publish_locks_types_promises_and_opens_a_way_in(survey, editor):
    publish_survey(survey=survey, by=editor)
    assert not Question.objects.filter(layer__survey=survey, type_locked=False).exists()
    promise = Promise.objects.get(subject=survey.subject)
    assert (promise.due_on, promise.owner) == (survey.promise_before, editor)
    assert survey.channels.get().code == "harbour"


def test_publish_twice_is_refused(survey, editor):
    publish_survey(survey=survey, by=editor)
    with pytest.raises(InvalidTransition):
        publish_survey(survey=survey, by=editor)
    assert survey.versions.count() == 1


def test_take_back_and_publish_anew_is_version_two(survey, editor):
    first = publish_survey(survey=survey, by=editor)
    survey.refresh_from_db()
    return_to_draft(survey=survey, by=editor)
    survey.say("lead", "nl", "Vijf korte vragen.", main="nl")
    survey.say("lead", "en", "Five short questions.", main="nl")
    survey.save()
    second = publish_survey(survey=survey, by=editor)
    assert second.number == 2
    assert second.digest != first.digest
    assert survey.channels.count() == 1


def test_conditions_of_an_example_have_ids(survey):
    layer = Layer.objects.get(survey=survey, title__nl="Groen en schaduw")
    question = question_of(survey, "Wat moet er")
    green = question.options.get(label__nl="Meer groen en schaduw")
    assert {"is": {"question": str(question.pk), "option": str(green.pk)}} in layer.condition["any"]
