"""The demo municipality: it loads through the real services and leaves something to see on every page."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from feedback.models import AnswerOwed, FollowUpItem
from feedback.states import Owed
from surveys.models import Question, Response, Survey
from surveys.question_types import TYPES
from surveys.services import paper_entry
from surveys.services.recount import recount_all
from surveys.states import SurveyState
from tests.people import signed_in

PAGES = ["desk", "surveys", "results", "waiting", "listening"]


@pytest.fixture(scope="module")
def waterdam(django_db_setup, django_db_blocker):
    """Loaded once for this module; the tests only read."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        call_command("demo", "--if-empty")
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture
def there(waterdam, db):
    return waterdam


def test_a_draft_an_open_and_a_closed_survey(there):
    states = set(Survey.objects.values_list("state", flat=True))
    assert states == {SurveyState.DRAFT, SurveyState.OPEN, SurveyState.CLOSED}
    assert Response.objects.count() > 150


def test_counters_equal_the_answers(there):
    assert recount_all() == []


def test_some_were_answered_and_some_wait_too_long(there):
    assert FollowUpItem.objects.exists()
    assert AnswerOwed.objects.filter(state=Owed.OPEN).exists()


def test_second_time_changes_nothing(there, capsys):
    people = User.objects.count()
    call_command("demo", "--if-empty")
    assert "editor@waterdam.example" in capsys.readouterr().out
    assert User.objects.count() == people
    with pytest.raises(CommandError):
        call_command("demo")


def test_every_type_of_question_can_be_tried(there):
    asked = Question.objects.filter(layer__survey__state=SurveyState.OPEN).values_list("type", flat=True)
    assert set(asked) == set(TYPES)


@pytest.mark.parametrize("name", PAGES)
def test_desk_pages_have_something_to_show(there, name):
    client = signed_in(User.objects.get(email="editor@waterdam.example"))
    assert client.get(reverse(name)).status_code == 200


def test_residents_see_the_survey_and_its_outcome(there):
    survey = Survey.objects.open().earliest("pk")
    code = survey.channels.first().code
    assert "Wat heeft Oosterhaven nodig?" in Client().get(reverse("start", args=[code])).content.decode()
    assert Client().get(reverse("outcome", args=[code])).context["outcome"].people > 0


def test_oosterhaven_has_an_advice_and_a_plan_that_asks_too_much(there):
    client = signed_in(User.objects.get(email="editor@waterdam.example"))
    page = client.get(reverse("area", args=["oosterhaven"]))
    assert page.context["advice"]["told"].name == "opbouwen"
    [(plan, warned)] = page.context["advice"]["warnings"]
    assert plan.title == "Wie beheert het Sluishuis?" and warned.steps == 2


def test_a_pile_of_paper_is_half_done(there):
    survey = Survey.objects.open().earliest("pk")
    client = signed_in(User.objects.get(email="editor@waterdam.example"))
    page = client.get(reverse("survey_paper", args=[survey.pk]))
    assert page.status_code == 200
    (pile,) = paper_entry.piles(survey)
    assert pile.out and pile.once and pile.differ == 1 and pile.done and pile.agreement
    (differs,) = paper_entry.to_settle(survey)
    assert client.get(reverse("paper_settle", args=[survey.pk, differs.pk])).status_code == 200
    assert 0 < len(paper_entry.to_check(survey, by=survey.owner)) < pile.once  # one is the editor's own
