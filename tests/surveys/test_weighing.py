"""A remark let go with a reason: no longer counted, seen by colleagues, back as soon as the words change."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from core.errors import DomainError
from surveys.builder.services.readiness import (
    dismiss_remark,
    open_remarks,
    remarks_with_dismissals,
    restore_remark,
)
from surveys.models import DismissedLint
from tests.people import signed_in
from tests.surveys.drafts import fresh, make_draft, make_open, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor):
    survey = make_draft(areas=[area], by=editor)
    say(survey, "Bent u het eens met het plan?")
    return survey


def say(survey, words: str) -> None:
    question = survey.layers.get(is_first=True).questions.first()
    question.text = {"nl": words, "en": "What do you think?"}
    question.save()


def sentences(survey) -> list[str]:
    return [remark.sentence for remark in open_remarks(fresh(survey))]


def let_go(survey, editor) -> DismissedLint:
    (remark,) = open_remarks(fresh(survey))
    return dismiss_remark(survey=survey, key=remark.key, reason="De wet vraagt het zo.", by=editor)


def test_let_go_with_a_reason(survey, editor):
    let_go(survey, editor)
    assert sentences(survey) == []
    ((remark, aside),) = [
        (remark, aside) for remark, aside in remarks_with_dismissals(fresh(survey)) if aside
    ]
    assert "eens" in remark.sentence
    assert (aside.reason, aside.by) == ("De wet vraagt het zo.", editor)
    assert Event.objects.about(survey).filter(verb="set_aside", note="De wet vraagt het zo.").exists()


def test_other_words_bring_it_back(survey, editor):
    let_go(survey, editor)
    say(survey, "Bent u het oneens met het plan?")
    assert len(sentences(survey)) == 1
    let_go(survey, editor)
    assert sentences(survey) == []


def test_taken_up_again(survey, editor):
    aside = let_go(survey, editor)
    restore_remark(survey=survey, key=aside.remark, by=editor)
    assert len(sentences(survey)) == 1


def test_what_stops_publication_can_not_be_let_go(survey, editor):
    survey.languages = []
    survey.save()
    stop = next(remark for remark in open_remarks(fresh(survey)) if remark.is_stop)
    with pytest.raises(DomainError):
        dismiss_remark(survey=survey, key=stop.key, reason="Toch.", by=editor)


def on_first(**fields):
    def change(survey):
        question = question_of(survey, "Bent u")
        for name, value in fields.items():
            setattr(question, name, value)
        question.text = {"nl": "Hoe is het hier?", "en": "How is it here?"}
        question.save()

    return change


def late_promise(survey):
    survey.promise_before = timezone.localdate() + timedelta(days=190)
    on_first()(survey)
    survey.save()


def slow_layer(survey):
    on_first()(survey)
    question = survey.layers.get(is_first=True).questions.last()
    question.type = "long_text"
    question.save()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (late_promise, "Deze belofte ligt ver weg"),
        (slow_layer, "mensen stoppen na een minuut"),
        (
            on_first(use={"nl": "Wij nemen uw antwoord mee.", "en": "We build where this is named."}),
            "zegt niet wat er",
        ),
        (on_first(purpose={"nl": "De sociale cohesie telt.", "en": "It counts."}), "sociale cohesie"),
        (on_first(stale=["text.en"]), "wie die taal leest"),
    ],
    ids=["promise", "slow", "no use", "jargon", "stale"],
)
def test_remarks_on_more_than_the_question(survey, change, said):
    change(survey)
    assert any(said in sentence for sentence in sentences(survey)), sentences(survey)


def test_page_lets_go_takes_up_and_asks_for_a_reason(survey, editor):
    client, url = signed_in(editor), reverse("survey_remarks", args=[survey.pk])
    (remark,) = open_remarks(fresh(survey))
    refused = client.post(url, {"mark": remark.key, "reason": " "})
    assert refused.status_code == 422
    assert "Zeg waarom" in refused.content.decode()
    client.post(url, {"mark": remark.key, "reason": "Vraag van de raad"})
    assert "Vraag van de raad" in client.get(url).content.decode()
    client.post(url, {"mark": remark.key, "up": "1"})
    assert len(sentences(survey)) == 1


def test_page_shows_what_is_to_weigh_in_a_survey_that_runs(area, editor, backer):
    survey = make_open(areas=[area], by=editor, backer=backer)
    say(survey, "Bent u het eens met het plan?")
    (said,) = sentences(survey)
    page = signed_in(editor).get(reverse("survey_remarks", args=[survey.pk])).content.decode()
    assert said in unescape(page)
