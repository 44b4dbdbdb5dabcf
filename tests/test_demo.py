"""The demo municipality: it loads through the real services and leaves something to see on every page."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import JSONField, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from feedback.models import AnswerOwed, EnvironmentNotice, FollowUpItem, Message
from feedback.states import Owed
from neighbourhoods.advice.advice import AreaApproach
from neighbourhoods.advice.plain_language import find_plain_language_issues
from neighbourhoods.models import ApproachDecision, Trajectory
from neighbourhoods.states import Step
from scenarios.demo.people import replace_texts
from surveys.builder.services.readiness import open_remarks
from surveys.models import Option, Question, Response, Survey, Tally
from surveys.paper.services import paper_entry
from surveys.questionnaire.published import published_version
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.results.services.recount import recount_all
from surveys.results.services.results import ResponseFilter, read_results
from surveys.states import SurveyState
from tests.people import signed_in
from tests.test_papers import key_patterns

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


def test_messages_have_the_keys_that_the_papers_name(there):
    patterns = key_patterns()
    queued = Message.objects.values_list("purpose", "dedupe_key")
    unnamed = [
        (purpose, key)
        for purpose, key in queued
        if not any(named == purpose and pattern.fullmatch(key) for named, pattern in patterns)
    ]
    assert len(queued) > 50 and not unnamed


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
    assert set(asked) == set(QUESTION_TYPES)


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
    (pile,) = paper_entry.paper_run_progress(survey)
    assert pile.out and pile.once and pile.differing == 1 and pile.done and pile.agreement
    (differs,) = paper_entry.forms_to_settle(survey)
    assert client.get(reverse("paper_settle", args=[survey.pk, differs.pk])).status_code == 200
    assert 0 < len(paper_entry.forms_to_check(survey, by=survey.owner)) < pile.once  # one is the editor's own


# --- it keeps the rules of the house, and says one thing everywhere ------------------------------

MONTHS = {
    "januari": "January", "februari": "February", "maart": "March", "april": "April", "mei": "May", "juni": "June",
    "juli": "July", "augustus": "August", "september": "September", "oktober": "October", "november": "November",
    "december": "December",
}  # fmt: skip


def texts():
    """Everything that is kept in Dutch and English beside each other: where it stands, and both."""
    for model in apps.get_models():
        if model._meta.app_label not in ("surveys", "initiatives", "feedback", "neighbourhoods"):
            continue
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, JSONField)]
        for row in model.objects.values_list("pk", *names) if names else ():
            for name, value in zip(names, row[1:], strict=True):
                if isinstance(value, dict) and isinstance(value.get("nl"), str) and value.get("en"):
                    yield f"{model.__name__} {row[0]} {name}", value["nl"], value["en"]


def test_no_remark_on_a_poll_when_it_opened(there):
    for survey in Survey.objects.with_draft():
        day = timezone.localdate(survey.opened_at) if survey.opened_at else timezone.localdate()
        found = [one.sentence for one in open_remarks(survey, on=day) if survey.opened_at or not one.is_stop]
        assert found == [], survey


def test_no_remark_on_any_text(there):
    found = [
        (where, remark)
        for where, nl, en in texts()
        for language, text in (("nl", nl), ("en", en))
        for remark in find_plain_language_issues(text, language)
    ]
    assert found == []


def test_both_languages_name_the_same_days_and_numbers(there):
    def named(text, months):
        words = re.findall(r"[^\W\d_]+", text.removeprefix("May a "))
        return Counter(re.findall(r"\d+", text)), Counter(months[word] for word in words if word in months)

    english = {month: month for month in MONTHS.values()}
    differ = [(where, nl, en) for where, nl, en in texts() if named(nl, MONTHS) != named(en, english)]
    assert differ == []


def test_days_of_a_poll_follow_each_other(there):
    for survey in Survey.objects.filter(opened_at__isnull=False):
        assert timezone.localdate(survey.opened_at) < survey.promise_before < survey.erase_on
    notice = EnvironmentNotice.objects.get()
    assert timezone.localdate(notice.published_at) == notice.trajectory.started_on
    trajectory = Trajectory.objects.get(title="Oosterhaven kiest")
    survey = trajectory.surveys.get()
    due = list(
        trajectory.steps.filter(number__in=[Step.POLL, Step.TALK_BACK, Step.FEEDBACK])
        .order_by("number")
        .values_list("due_on", flat=True)
    )
    assert timezone.localdate() < min(due) and due == sorted(due) and max(due) < survey.promise_before
    assert trajectory.talk_backs.get().on in due


def test_expectation_card_names_days_that_are_still_to_come(there):
    survey = Survey.objects.open().earliest("pk")
    day = survey.promise_before
    assert f"vóór {day.day} " in survey.card.too_few["nl"] and day > timezone.localdate()
    assert str(day.day) in survey.promise["nl"]


def test_other_approach_than_was_advised_has_a_reason(there):
    decision = ApproachDecision.objects.get(trajectory__title="Groen in Molenhoek")
    assert decision.chosen != AreaApproach.REACH, "It went on to decide."
    assert decision.chosen == decision.advised or decision.reason


def test_what_was_named_most_was_named_most(there):
    """Two answers say so."""
    for labels in (
        ("Koffie, zomaar binnenlopen", "Samen eten"),
        ("Bomen langs de straat", "Schaduw waar kinderen spelen"),
    ):
        closed = Option.objects.filter(question__layer__survey__state=SurveyState.CLOSED)
        asked = closed.filter(label__nl=labels[0]).get().question
        options = [str(option.pk) for option in asked.options.all()]
        found = Tally.objects.filter(question=str(asked.pk), option__in=options)
        counted = dict(found.values_list("option").annotate(n=Sum("n")))
        most = sorted(asked.options.all(), key=lambda option: -counted.get(str(option.pk), 0))[:2]
        assert {option.label["nl"] for option in most} == set(labels)


def test_public_number_of_people_is_the_one_of_the_desk(there):
    for survey in Survey.objects.filter(snapshots__isnull=False).distinct():
        way = survey.channels.filter(invited=False).earliest("pk")
        said = Client().get(reverse("outcome", args=[way.code])).context["outcome"].people
        document = published_version(survey.current.pk, survey.current.digest).document
        assert abs(said - read_results(survey, document, ResponseFilter()).total) <= 5, survey


@pytest.mark.parametrize("url", ["/", "/said/", "/b/molenhoek/", "/b/westpolder/", "/b/oosterhaven/"])
def test_no_subject_stands_twice_on_a_public_page(there, url):
    page = Client().get(url).content.decode()
    said = re.findall(r'class="nabij-words".*?<blockquote[^>]*>(.*?)</blockquote>', page, re.DOTALL)
    assert said and [words for words, n in Counter(said).items() if n > 1] == []


def test_other_words_replace_whole_words_once():
    said = replace_texts(
        ("In maart, niet in aprilmaart.", {"nl": "januari"}), {"maart": "januari", "januari": "juni"}
    )
    assert said == ("In januari, niet in aprilmaart.", {"nl": "juni"})
