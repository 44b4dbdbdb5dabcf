"""Forms on paper: put in once or twice, counted once, and then nothing leads back."""

import json
import random
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Event, Receipt, User
from core.errors import DomainError
from feedback.models import AnswerOwed, Contribution
from feedback.private import services as private
from neighbourhoods.settings.retention import run_retention_jobs
from surveys.models import DayCount, PaperEntry, PaperForm, PaperRun, Response, Survey
from surveys.opening.services import running
from surveys.paper.services import paper_entry, paper_forms
from surveys.paper.services.paper_sheet import document_of_run
from surveys.questionnaire.question_types import WrittenAnswer
from surveys.results.services.recount import recount_survey
from surveys.states import ChannelKind, PaperState
from tests.people import make_user
from tests.surveys.paper import enter, first_answers, make, survey_on_paper
from tests.surveys.polls import make_question, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, next_area, editor) -> Survey:
    return survey_on_paper(area, next_area, owner=editor)


@pytest.fixture
def colleagues(administrator) -> tuple[User, User]:
    return administrator, make_user("administrator")


# --- putting in -------------------------------------------------------------------------------


def test_counts_for_its_own_receipt_and_then_leads_nowhere(survey, area, colleagues):
    run = make(survey)
    receipt = PaperForm.objects.get(pk=102).receipt
    own_topic = document_of_run(run).layers[1].asked[0]
    answers = first_answers(run) | {own_topic.id: WrittenAnswer("Een bankje bij de brug.", "")}
    assert enter(102, colleagues[0], answers, area.pk).state == PaperState.DONE
    response = Response.objects.get()
    assert response.receipt == receipt and response.channel.kind == ChannelKind.PAPER
    assert (response.language, response.area, response.helped_by) == ("nl", area, colleagues[0])
    assert response.counts and not response.durations and not response.is_suspect
    assert Contribution.objects.get(slot=own_topic.id).text == "Een bankje bij de brug."
    assert AnswerOwed.objects.filter(receipt=receipt).exists()
    assert DayCount.objects.get().n == 1 and not recount_survey(survey)
    form = PaperForm.objects.get(pk=102)
    assert form.receipt is None and not form.entries.exists()
    assert not PaperForm.objects.filter(receipt=receipt).exists()


def test_same_tap_twice_is_one_and_a_form_twice_is_refused(survey, colleagues):
    run = make(survey)
    for _time in range(2):
        assert enter(101, colleagues[0], first_answers(run), tap="t" * 20).state == PaperState.DONE
    with pytest.raises(DomainError, match="is al ingevoerd"):
        enter(101, colleagues[0], first_answers(run, 1))
    assert Response.objects.count() == DayCount.objects.get().n == 1


def test_twice_alike_counts_and_says_so(survey, colleagues):
    run = make(survey, checked=100)
    one, two = colleagues
    words = document_of_run(run).layers[1].asked[0].id
    first = first_answers(run) | {words: WrittenAnswer("Een  bankje bij\nde brug", "")}
    second = first_answers(run) | {words: WrittenAnswer("een bankje bij de brug", "")}
    assert enter(101, one, first).state == PaperState.ONCE
    assert not Response.objects.exists() and not DayCount.objects.exists()
    with pytest.raises(DomainError):
        enter(101, one, first)
    assert enter(101, two, second).state == PaperState.DONE
    run.refresh_from_db()
    assert run.compared == run.agreed == 6 and Response.objects.count() == 1
    assert not PaperEntry.objects.exists() and not recount_survey(survey)


def test_differences_are_settled_with_the_form_in_hand(survey, area, next_area, colleagues):
    run = make(survey, checked=100)
    one, two = colleagues
    asked = document_of_run(run).first_layer.asked
    first, second = first_answers(run), first_answers(run)
    second[asked[1].id] = asked[1].options[2].id
    del second[asked[2].id]
    enter(101, one, first, area.pk)
    assert enter(101, two, second, next_area.pk).differing == 3
    form = PaperForm.objects.get(pk=101)
    assert [key for key, *_both in paper_entry.differences(form)] == ["area", asked[1].id, asked[2].id]
    with pytest.raises(DomainError):
        paper_entry.settle_differences(number=101, chosen={"area": 1}, by=two)
    with pytest.raises(DomainError):
        paper_entry.settle_differences(number=101, chosen={"area": 1, asked[1].id: 2, asked[2].id: 1}, by=one)
    paper_entry.settle_differences(number=101, chosen={"area": 1, asked[1].id: 2, asked[2].id: 1}, by=two)
    response = Response.objects.get()
    assert response.area == area
    assert response.answers == first | {asked[1].id: second[asked[1].id]}
    assert not PaperEntry.objects.exists() and not recount_survey(survey)
    run.refresh_from_db()
    assert (run.compared, run.agreed) == (6, 3)
    assert Event.objects.get(verb="settle_form").facts == {"number": 101}


def test_neither_right_or_a_slip_begins_anew(survey, colleagues):
    run = make(survey, checked=100)
    one, two = colleagues
    enter(101, one, first_answers(run))
    with pytest.raises(DomainError):
        paper_entry.reset_entries(number=101, by=two)
    paper_entry.reset_entries(number=101, by=one)
    enter(101, one, first_answers(run, 1))
    enter(101, two, first_answers(run, 2))
    paper_entry.reset_entries(number=101, by=one)
    assert not PaperEntry.objects.exists() and PaperForm.objects.get(pk=101).state == PaperState.OUT


def test_a_share_is_drawn_by_chance(survey):
    run = PaperRun(checked=10)
    drawn = [n for n in range(2000) if paper_entry.is_checked(PaperForm(number=n, run=run))]
    assert 130 < len(drawn) < 280


def test_counted_is_entered_whatever_happens(survey, colleagues):
    """A pile in any order, with slips, second entries and settling: never more or less counted than is done."""
    chance = random.Random(7)
    run = make(survey, forms=8, checked=100)
    people = [*colleagues, make_user("administrator")]
    for _turn in range(60):
        number, by = chance.randrange(101, 109), chance.choice(people)
        try:
            if chance.random() < 0.15:
                paper_entry.reset_entries(number=number, by=by)
            elif PaperForm.objects.get(pk=number).state == PaperState.DIFFERS:
                form = PaperForm.objects.get(pk=number)
                chosen = {key: chance.choice((1, 2)) for key, *_both in paper_entry.differences(form)}
                paper_entry.settle_differences(number=number, chosen=chosen, by=by)
            else:
                enter(number, by, first_answers(run, chance.choice((0, 0, 1))))
        except DomainError:
            pass
    done = PaperForm.objects.filter(state=PaperState.DONE).count()
    assert done and Response.objects.count() == done == sum(DayCount.objects.values_list("n", flat=True))
    assert not recount_survey(survey)
    assert not PaperEntry.objects.filter(form__state=PaperState.DONE).exists()


def test_an_older_form_is_put_in_as_it_was_printed(survey, colleagues):
    run = make(survey)
    make_question(survey.layers.get(is_first=True))
    publish(survey)
    survey.refresh_from_db()
    assert survey.current_id != run.version_id
    enter(101, colleagues[0], first_answers(run))
    assert Response.objects.get().version_id == run.version_id and not recount_survey(survey)


@pytest.mark.parametrize(("state", "said"), [("closed", "gesloten"), ("paused", "nu niet open")])
def test_nothing_is_put_in_when_the_survey_does_not_take_answers(survey, colleagues, state, said):
    run = make(survey)
    now = timezone.now()
    Survey.objects.filter(pk=survey.pk).update(
        state=state, opened_at=now, closed_at=now if state == "closed" else None
    )
    with pytest.raises(DomainError, match=said):
        enter(101, colleagues[0], first_answers(run))


def test_closing_waits_for_what_was_entered(survey, colleagues):
    run = make(survey, checked=100)
    enter(101, colleagues[0], first_answers(run))
    with pytest.raises(DomainError, match="op papier"):
        running.close_survey(survey=survey, by=survey.owner)
    survey.refresh_from_db()
    assert survey.state == "open"
    assert paper_entry.count_single_entries(survey=survey, by=colleagues[1]) == 1
    assert Response.objects.count() == 1 and not recount_survey(survey)
    running.close_survey(survey=survey, by=survey.owner)


# --- the end ----------------------------------------------------------------------------------


def test_who_erases_takes_the_entries_along(survey, colleagues):
    run = make(survey, checked=100)
    words = document_of_run(run).layers[1].asked[0].id
    enter(101, colleagues[0], {words: WrittenAnswer("Zeer persoonlijk", "")})
    receipt = PaperForm.objects.get(pk=101).receipt
    assert "Zeer persoonlijk" in json.dumps(private.download(receipt))
    private.erase(receipt=receipt)
    assert not PaperForm.objects.filter(pk=101).exists() and not PaperEntry.objects.exists()
    with pytest.raises(DomainError):
        enter(101, colleagues[1], first_answers(run))


def test_terms_clear_what_nobody_handed_in(survey, colleagues):
    run = make(survey)
    enter(101, colleagues[0], first_answers(run))
    running.close_survey(survey=survey, by=survey.owner)
    run_retention_jobs()
    assert Receipt.objects.count() == 3
    old = timezone.now() - timedelta(days=paper_forms.PAPER_FORMS_KEPT_DAYS + 1)
    Survey.objects.update(opened_at=old, closed_at=old)
    PaperRun.objects.update(created_on=timezone.localdate(old))
    gone = run_retention_jobs()
    assert gone["printed forms with their codes"] == 3 and gone["forms that nobody handed in"] == 2
    assert Receipt.objects.get().response and PaperForm.objects.get().state == PaperState.DONE
    assert not list((settings.DATA_DIR / "addresses").iterdir())
