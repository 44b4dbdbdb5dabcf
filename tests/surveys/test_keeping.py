"""What a survey keeps, on what ground, and what goes when."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, Receipt
from core.errors import DomainError
from feedback.models import Contribution, Promise
from feedback.states import ContributionKind, Owed, Reading
from neighbourhoods.settings.retention import run_retention_jobs
from surveys.builder.services.keeping import save_processing_record
from surveys.builder.services.publish import PublicationRefused, publish_survey
from surveys.models import DataProcessingRecord, Response, StopCount, Survey, Tally
from surveys.results.services.recount import count_stops, recount_all
from tests.feedback.factories import make_contact, make_contribution, make_debt, make_receipt, make_topic
from tests.surveys.drafts import NOTES, make_draft, make_published
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def survey(area, editor) -> Survey:
    """Open, and people were told that all goes in 240 days."""
    survey = make_survey(areas=[area], owner=editor)
    save_processing_record(survey=survey, fields=NOTES, by=editor)
    return survey


def response(survey: Survey, *, done: int, days_ago: int = 0) -> Response:
    """Somebody who finished so many layers."""
    layers = [str(layer.pk) for layer in survey.layers.all()]
    return Response.objects.create(
        survey=survey, version=survey.current, receipt=make_receipt(), channel=survey.channels.get(),
        area=survey.area, language="nl", submit_key=str(Response.objects.count()), layers_shown=layers[:1],
        layers_done=layers[:done], day=TODAY - timedelta(days=days_ago),
    )  # fmt: skip


def close(survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(state="closed", closed_at=timezone.now())


def left() -> set:
    return set(Response.objects.values_list("pk", flat=True))


# --- said before it is published --------------------------------------------------------------


@pytest.mark.parametrize("name", ["basis_in", "impact_note", "processors"])
def test_not_published_without_its_notes(area, editor, name):
    survey = make_draft(areas=[area], by=editor)
    save_processing_record(survey=survey, fields={name: " "}, by=editor)
    with pytest.raises(PublicationRefused) as refused:
        publish_survey(survey=survey, by=editor)
    assert [lack.anchor for lack in refused.value.lacks] == [f"id_{name}"]


@pytest.mark.parametrize("days", [60, 201], ids=["before the answer", "after all went"])
@pytest.mark.parametrize("name", ["first_layer_on", "words_on"])
def test_not_published_with_a_term_that_makes_no_sense(area, editor, name, days):
    survey = make_draft(areas=[area], by=editor)
    save_processing_record(survey=survey, fields={name: TODAY + timedelta(days=days)}, by=editor)
    with pytest.raises(PublicationRefused):
        publish_survey(survey=survey, by=editor)


def test_what_people_were_told_only_becomes_shorter(area, editor):
    survey = make_published(areas=[area], by=editor)
    save_processing_record(survey=survey, fields={"abandoned_days": 20, "address_days": 10}, by=editor)
    for longer in ({"abandoned_days": 21}, {"address_days": None}):
        with pytest.raises(DomainError):
            save_processing_record(survey=survey, fields=longer, by=editor)
    assert Promise.objects.get(subject=survey.subject).address_days == 10


def test_page_begins_with_the_notes_of_the_last_survey(area, editor, client):
    make_draft(areas=[area], by=editor)
    survey = make_draft(areas=[area], by=editor)
    DataProcessingRecord.objects.filter(survey=survey).delete()
    client.force_login(editor)
    page = client.get(reverse("survey_keeping", args=[survey.pk]))
    assert NOTES["basis_in"] in page.content.decode() and len(page.context["stops"]) == 1
    assert not DataProcessingRecord.objects.filter(survey=survey).exists()
    client.post(
        reverse("survey_keeping", args=[survey.pk]), NOTES | {"basis": "public_task", "abandoned_days": 9}
    )
    assert DataProcessingRecord.objects.get(survey=survey).abandoned_days == 9


# --- carried out ------------------------------------------------------------------------------


def test_who_finished_nothing_goes_after_a_month_and_where_they_stopped_stays(survey):
    old, young, finished = (
        response(survey, done=0, days_ago=31),
        response(survey, done=0),
        response(survey, done=1),
    )
    count_stops(survey, today=TODAY + timedelta(days=1))
    before = StopCount.objects.get().n
    assert run_retention_jobs()["answers that were never finished"] == 1
    assert left() == {young.pk, finished.pk} and not Receipt.objects.filter(pk=old.receipt_id).exists()
    count_stops(survey, today=TODAY + timedelta(days=1))
    assert StopCount.objects.get().n == before == 2


def test_layer_1_alone_goes_on_its_day_but_for_who_still_waits(survey, editor):
    answered, waits, deeper = (response(survey, done=done) for done in (1, 1, 2))
    make_debt(receipt=answered.receipt, state=Owed.PUBLISHED)
    make_debt(receipt=waits.receipt)
    save_processing_record(survey=survey, fields={"first_layer_on": TODAY}, by=editor)
    assert not run_retention_jobs(), "It is open: they may still go on."
    close(survey)
    assert run_retention_jobs() == {"answers to layer 1 alone": 1}
    assert left() == {waits.pk, deeper.pk}


def test_counters_stay_and_the_recount_leaves_them(survey, editor, area):
    response(survey, done=1)
    Tally.objects.create(
        survey=survey, epoch=1, question="1", option="2", area=area, channel=survey.channels.get(),
        respondent="resident", n=1,
    )  # fmt: skip
    close(survey)
    save_processing_record(survey=survey, fields={"first_layer_on": TODAY}, by=editor)
    run_retention_jobs()
    assert Tally.objects.get().n == 1 and not recount_all()


@pytest.mark.parametrize(
    ("state", "reading", "goes"),
    [
        (Owed.PUBLISHED, Reading.CLEAR, True),
        (Owed.OPEN, Reading.CLEAR, False),
        (Owed.PUBLISHED, Reading.UNREAD, False),
    ],
)
def test_words_go_when_they_were_read_and_answered(survey, editor, state, reading, goes):
    said = make_contribution(
        topic=make_topic(source=survey.subject),
        kind=ContributionKind.TEXT,
        text="Meer bankjes.",
        reading=reading,
    )
    make_debt(contribution=said, state=state)
    save_processing_record(survey=survey, fields={"words_on": TODAY}, by=editor)
    run_retention_jobs()
    found = Contribution.objects.get()
    assert (found.text == "" and found.masked_text == "") == goes


def test_address_goes_sooner_where_that_was_chosen(survey, editor):
    soon, later = make_contact(confirmed_at=ago(11)), make_contact(confirmed_at=ago(11))
    make_contribution(receipt=soon.receipt, topic=make_topic(source=survey.subject))
    save_processing_record(survey=survey, fields={"address_days": 10}, by=editor)
    run_retention_jobs()
    assert type(soon).objects.get() == later
    [line] = Event.objects.filter(verb="erased_by_retention", kind="feedback.promise")
    assert line.facts["number"] == 1


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def test_page_tells_what_went(survey, editor):
    response(survey, done=0, days_ago=31)
    run_retention_jobs()
    client = Client()
    client.force_login(editor)
    page = client.get(reverse("survey_keeping", args=[survey.pk])).content.decode()
    assert "nooit afgemaakt" in page
