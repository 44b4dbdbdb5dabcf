"""Changing a survey that runs: what residents meet, whose name stands under it, and which numbers stay together."""

import pytest
from django.urls import reverse

from core.errors import DomainError, InvalidTransition
from feedback.models import Promise
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState
from surveys.builder.changes import ChangeKind, document_changes
from surveys.builder.services import draft
from surveys.builder.services.draft import ChangedMeanwhile
from surveys.builder.services.publish import publish_again, unpublished_changes, withdraw_pending_version
from surveys.models import Option, Question, Response, Survey, Tally
from surveys.opening.services import running
from surveys.questionnaire.conditions import references
from surveys.questionnaire.document import parse
from surveys.results.services.recount import recount_survey
from surveys.states import VersionKind
from tests.people import signed_in
from tests.surveys.drafts import back, fresh, make_open, make_published, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor, backer) -> Survey:
    return make_open(areas=[area], by=editor, backer=backer)


def reword(survey: Survey, editor, words: str = "Wat moet er", **texts: str) -> Question:
    question = question_of(survey, words)
    filled_in = draft.QuestionWords(texts=texts or {"text": "Wat komt eerst?"}, fields={})
    draft.change_question(question=question, language="nl", filled_in=filled_in, by=editor)
    question.refresh_from_db()
    return question


def again(survey: Survey, editor, kind: str = VersionKind.MEANING):
    survey.refresh_from_db()
    return publish_again(survey=survey, kind=kind, seen=survey.revision, by=editor)


def test_residents_read_what_was_published(survey, editor, client):
    reword(survey, editor)
    survey.refresh_from_db()
    assert survey.has_changes
    code = survey.channels.get().code
    client.post(reverse("begin", args=[code]), {"submit_key": "a" * 20})
    response = Response.objects.get()
    first = str(question_of(survey, "Hoe is").pk)
    answered = client.post(reverse("question", args=[code, first]), {"go": "skip"}, follow=True)
    assert "als eerste komen" in answered.content.decode()
    assert response.version.number == 1


def test_spelling_goes_live_under_the_same_signature(survey, editor):
    question = reword(survey, editor)
    version = again(survey, editor, VersionKind.COSMETIC)
    survey.refresh_from_db()
    assert (survey.current, version.number, version.epoch, survey.coming) == (version, 2, 1, None)
    assert running.backing_of(version) == version.backing == Backing.objects.get()
    assert not survey.has_changes
    assert parse(version.document).question(str(question.pk)).text["nl"] == "Wat komt eerst?"
    running.pause_survey(survey=survey, by=editor)
    running.resume_survey(survey=survey, by=editor)


def test_meaning_waits_for_a_signature_of_its_own(survey, editor, backer):
    old = reword(survey, editor)
    first = survey.current
    version = again(survey, editor)
    survey.refresh_from_db()
    assert (survey.current, survey.coming, version.epoch) == (first, version, 2)
    assert running.backing_of(version) is None
    with pytest.raises(running.OpeningRefused):
        running.make_version_current(survey=survey, by=editor)
    back(survey, backer=backer, by=editor)
    running.make_version_current(survey=survey, by=editor)
    survey.refresh_from_db()
    assert (survey.current, survey.coming) == (version, None)
    old.refresh_from_db()
    assert (old.retired, old.text["nl"]) == (True, "Wat moet er in Harbour als eerste komen?")
    new = question_of(survey, "Wat komt eerst")
    assert new.pk != old.pk
    frozen = parse(version.document)
    assert frozen.question(str(old.pk)).retired
    assert not frozen.question(str(new.pk)).retired
    assert not set(frozen.question(str(old.pk)).option_ids) & set(frozen.question(str(new.pk)).option_ids)


def test_conditions_ways_and_texts_follow_to_the_new_question(survey, editor):
    asks, old = question_of(survey, "Wilt u ergens"), question_of(survey, "Wat moet er")
    first = question_of(survey, "Hoe is")
    Option.objects.filter(pk=first.options.first().pk).update(then=str(old.pk))
    token = "Wilt u helpen bij {{answer:%s|iets}}?"
    Question.objects.filter(pk=asks.pk).update(text={"nl": token % old.pk, "en": "Help?"})
    reword(survey, editor)
    version = again(survey, editor)
    new = question_of(survey, "Wat komt eerst")
    asked = parse(version.document).first_layer.asked
    assert (
        f"answer:{new.pk}|"
        in next(q for q in asked if q.tokens[0]["nl"].startswith("Wilt u helpen")).tokens[0]["nl"]
    )
    assert Option.objects.get(pk=first.options.first().pk).then == str(new.pk)
    looked_at = {id for layer in parse(version.document).layers for id in references(layer.condition)}
    assert str(new.pk) in looked_at
    assert str(old.pk) not in looked_at


def test_an_answer_reworded_is_another_answer(survey, editor):
    option = question_of(survey, "Wilt u ergens").options.first()
    Option.objects.filter(pk=option.pk).update(label={"nl": "Nee, nooit", "en": "Never"})
    Survey.objects.filter(pk=survey.pk).update(revision=99)
    version = again(survey, editor)
    option.refresh_from_db()
    assert option.retired
    question = parse(version.document).question(str(option.question_id))
    assert question.option(str(option.pk)).retired
    assert question.offered[0].label["nl"] == "Nee, nooit"
    assert question.offered[0].id != str(option.pk)


def test_who_began_stays_on_the_version_begun_with(survey, editor, backer, client):
    code = survey.channels.get().code
    client.post(reverse("begin", args=[code]), {"submit_key": "a" * 20})
    old = reword(survey, editor)
    again(survey, editor)
    back(survey, backer=backer, by=editor)
    running.make_version_current(survey=survey, by=editor)
    response = Response.objects.get()
    for question in parse(response.version.document).first_layer.asked:
        client.post(
            reverse("question", args=[code, question.id]), {f"q{question.id}": question.offered[0].id}
        )
    other = signed_in(editor).__class__()
    other.post(reverse("begin", args=[code]), {"submit_key": "b" * 20})
    assert sorted(Response.objects.values_list("version__number", flat=True)) == [1, 2]
    assert set(Tally.objects.values_list("epoch", flat=True)) == {1}
    assert Tally.objects.filter(question=str(old.pk), option="answered").get().n == 1
    assert recount_survey(survey) == []


def add_option(survey, editor):
    question = question_of(survey, "Wat moet er")
    draft.change_question(
        question=question,
        language="nl",
        filled_in=draft.QuestionWords(texts={}, fields={}, new_options=["Iets anders"]),
        by=editor,
    )
    Option.objects.filter(label={"nl": "Iets anders"}).update(label={"nl": "Iets anders", "en": "Else"})


def take_out(survey, editor):
    draft.retire_question(question=question_of(survey, "Wilt u ergens"), by=editor)


def ask_fewer(survey, editor):
    condition = {"answered": str(question_of(survey, "Hoe is").pk)}
    question = question_of(survey, "Wilt u ergens")
    filled_in = draft.QuestionWords(texts={}, fields={"condition": condition})
    draft.change_question(question=question, language="nl", filled_in=filled_in, by=editor)


@pytest.mark.parametrize("change", [add_option, take_out, ask_fewer])
def test_more_than_spelling_can_not_be_spelling(survey, editor, change):
    change(survey, editor)
    with pytest.raises(DomainError):
        again(survey, editor, VersionKind.COSMETIC)
    assert again(survey, editor).kind == VersionKind.MEANING


def test_nothing_changed_is_nothing_to_publish(survey, editor):
    with pytest.raises(InvalidTransition):
        again(survey, editor)
    question = question_of(survey, "Wat moet er")
    reword(survey, editor)
    reword(survey, editor, "Wat komt eerst", text=question.text["nl"])
    with pytest.raises(InvalidTransition):
        again(survey, editor)


def test_what_a_colleague_wrote_meanwhile_is_not_published_unread(survey, editor):
    reword(survey, editor)
    with pytest.raises(ChangedMeanwhile):
        publish_again(survey=survey, kind=VersionKind.COSMETIC, seen=0, by=editor)


def test_one_version_waits_at_a_time_and_can_be_taken_back(survey, editor, backer):
    reword(survey, editor)
    again(survey, editor)
    back(survey, backer=backer, by=editor)
    with pytest.raises(InvalidTransition):
        again(survey, editor)
    withdraw_pending_version(survey=survey, by=editor)
    assert Backing.objects.filter(state=BackingState.WITHDRAWN).count() == 1
    survey.refresh_from_db()
    assert survey.has_changes
    assert again(survey, editor).number == 3


def test_before_opening_another_meaning_takes_its_place(area, editor, backer):
    survey = make_published(areas=[area], by=editor)
    back(survey, backer=backer, by=editor)
    question = reword(survey, editor)
    version = again(survey, editor)
    survey.refresh_from_db()
    assert (survey.current, version.epoch, survey.coming) == (version, 1, None)
    assert running.backing_of(version) is None
    assert parse(version.document).question(str(question.pk)).text["nl"] == "Wat komt eerst?"


def test_closing_takes_back_what_waited(survey, editor, backer):
    reword(survey, editor)
    again(survey, editor)
    back(survey, backer=backer, by=editor)
    running.close_survey(survey=survey, by=editor)
    survey.refresh_from_db()
    assert survey.coming is None
    assert set(Backing.objects.values_list("state", flat=True)) == {
        BackingState.SIGNED,
        BackingState.WITHDRAWN,
    }


def test_days_and_neighbourhoods_are_promises_once_it_opened(survey, editor, other_area):
    fields = {name: getattr(survey, name) for name in ("languages", "owner", "influence", "influence_why")}
    days = {"promise_before": survey.promise_before, "erase_on": survey.erase_on}
    kept = {"survey": survey, "language": "nl", "texts": {}, "by": editor, **fields, **days}
    draft.change_survey(areas=list(survey.areas.all()), **kept)
    for broken in ({"areas": [other_area]}, {"areas": list(survey.areas.all()), "promise_before": None}):
        with pytest.raises(DomainError):
            draft.change_survey(**kept | broken)


def test_who_joined_in_keeps_the_card_they_read(survey, editor):
    card = survey.card
    draft.change_card(survey=survey, language="nl", rows={"money": "Er is geen geld."}, by=editor)
    survey.refresh_from_db()
    assert survey.card != card
    card.refresh_from_db()
    assert card.money["nl"] != "Er is geen geld."


def test_changes_are_told_one_by_one(survey, editor):
    take_out(survey, editor)
    reword(survey, editor)
    found = unpublished_changes(fresh(survey))
    assert [(change.what, change.field) for change in found] == [
        (ChangeKind.REWORDED, "text"),
        (ChangeKind.OUT, ""),
    ]
    assert document_changes(parse(survey.current.document), parse(survey.current.document)) == []


def test_the_promise_reads_as_what_runs(survey, editor):
    draft.change_survey(
        survey=survey,
        language="nl",
        texts={"promise": "Wij antwoorden iedereen."},
        areas=list(survey.areas.all()),
        by=editor,
        **{
            name: getattr(survey, name)
            for name in ("languages", "owner", "influence", "influence_why", "promise_before", "erase_on")
        },
    )
    before = Promise.objects.get()
    assert before.text["nl"] != "Wij antwoorden iedereen."
    again(survey, editor, VersionKind.COSMETIC)
    after = Promise.objects.get()
    assert (after.text["nl"], after.due_on) == ("Wij antwoorden iedereen.", before.due_on)
