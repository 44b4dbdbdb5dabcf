"""Results from the counters: equal to a recount, small cells hidden, and dated tables for everybody."""

from collections import Counter
from datetime import timedelta
from itertools import count as numbers

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback.registries import daily_jobs, source_hooks
from surveys.answering.services.answer import published_version_of, save_page
from surveys.answering.services.beginning import begin_participation
from surveys.models import Channel, DayCount, Response, Snapshot, Survey, Tally
from surveys.opening.services.running import close_survey
from surveys.publication.services import published_count, take_snapshot, take_snapshots
from surveys.questionnaire.published import published_version
from surveys.results.services.recount import count_stops, recount_survey
from surveys.results.services.results import ResponseFilter, read_results, sum_counters
from tests.people import make_area, signed_in
from tests.surveys.drafts import make_open

pytestmark = pytest.mark.django_db
_number = numbers(1)


@pytest.fixture
def survey(area, editor, backer) -> Survey:
    return make_open(areas=[area], by=editor, backer=backer, plan="meeting")


def answer(survey: Survey, *options: int | None, channel: Channel | None = None) -> Response:
    """One resident taps these options (by place) of layer 1; None skips."""
    channel = channel or survey.channels.first()
    begun = begin_participation(
        channel=channel, submit_key=f"a resident's key {next(_number)}", language="nl", respondent="resident"
    )
    response = begun.response
    page = published_version_of(response).document.first_layer.asked[:1]
    for option in options:
        (question,) = page
        value = None if option is None else question.option_ids[option]
        page = save_page(
            under_way={response.pk: 0.5},
            code=channel.code,
            question_id=question.id,
            read=lambda page, value=value: {page[0].id: value},
        ).next_page
    response.refresh_from_db()
    return response


def answers(survey: Survey, counts: dict[int, int], **more) -> None:
    """So many residents choose each option of the second question; they all tap the first of the others."""
    for option, people in counts.items():
        for _person in range(people):
            answer(survey, 0, option, 0, 0, **more)


def document_of(survey: Survey):
    return published_version(survey.current.pk, survey.current.digest).document


def second(survey: Survey, selection: ResponseFilter | None = None):
    found = read_results(survey, document_of(survey), selection or ResponseFilter())
    return found.layers[0].questions[1]


# --- the desk ---------------------------------------------------------------------------------


def test_counts_what_was_tapped(survey):
    answers(survey, {0: 20, 1: 12})
    answer(survey, 0, None, 0, 0)
    result = second(survey)
    assert (result.shown, result.answered, result.skipped) == (33, 32, 1)
    assert (result.rows[0].n, result.rows[0].percent) == (20, 62)


def test_unfinished_layer_counts_for_nothing(survey):
    answer(survey, 0, 0)
    assert read_results(survey, document_of(survey), ResponseFilter()).total == 0
    assert second(survey).shown == 0


def test_small_cells_are_hidden_together(survey):
    answers(survey, {0: 20, 1: 12, 2: 3})
    result = second(survey)
    # The three alone would follow from the total, so the twelve are hidden with them.
    assert [row.n for row in result.rows] == [20, None, None, None, None, None]
    assert result.hidden_people == 15


def test_bars_are_parts_of_who_answered(survey, editor):
    answers(survey, {0: 20, 1: 12, 2: 3})
    page = signed_in(editor).get(reverse("survey_results", args=[survey.pk])).content.decode()
    assert {row.of for row in second(survey).rows} == {35}
    assert '<rect width="57.14%"' in page and "nabij-bar-few" in page
    assert "Een volle balk is iedereen die de vraag beantwoordde" in page


def test_few_people_get_no_percentages(survey):
    answers(survey, {0: 12, 1: 11})
    assert second(survey).is_few
    assert second(survey).rows[0].percent is None


def test_nobody_yet(survey, editor):
    page = signed_in(editor).get(reverse("survey_results", args=[survey.pk]))
    assert "Nog niemand deed mee" in page.content.decode()


def test_results_equal_a_recount(survey):
    for options in ([0, 1, 2, 0], [1, None, 0, 1], [2, 2, None, None], [0, 0]):
        answer(survey, *options)
    found: Counter = Counter()
    for response in Response.objects.exclude(layers_done=[]):
        for question, value in response.answers.items():
            found[question, "shown"] += 1
            found[question, "skipped" if value is None else "answered"] += 1
            if value:
                found[question, value] += 1
    assert sum_counters(survey, ResponseFilter()) == found
    assert recount_survey(survey) == []


def test_invited_and_open_are_apart(survey, editor):
    invited = Channel.objects.create(survey=survey, name="Brief", code="brief", invited=True)
    answers(survey, {0: 12})
    answers(survey, {1: 15}, channel=invited)
    assert second(survey, ResponseFilter(invited=False)).answered == 12
    assert second(survey, ResponseFilter(invited=True)).answered == 15
    page = signed_in(editor).get(reverse("survey_results", args=[survey.pk])).content.decode()
    assert "Kwamen vanzelf" in page
    assert "12 mensen zagen deze vraag. 12 gaven antwoord.<" in page


def test_by_way_in(survey, editor):
    poster = Channel.objects.create(survey=survey, name="Poster", code="poster")
    answers(survey, {0: 12})
    answers(survey, {1: 15}, channel=poster)
    client, url = signed_in(editor), reverse("survey_results", args=[survey.pk])
    assert client.get(url, {"channel": poster.pk}).context["results"].total == 15
    assert client.get(url, {"channel": 999}).status_code == 404
    assert client.get(url, {"area": "x"}).status_code == 404


def test_results_are_for_colleagues_here(survey, viewer, stranger):
    url = reverse("survey_results", args=[survey.pk])
    assert signed_in(viewer).get(url).status_code == 200
    assert signed_in(stranger).get(url).status_code == 404
    assert signed_in(viewer).get(reverse("results")).status_code == 200
    assert "huiskamer" not in signed_in(stranger).get(reverse("results")).content.decode()


def test_results_page_takes_the_same_queries_for_more_answers(survey, editor):
    client, url = signed_in(editor), reverse("survey_results", args=[survey.pk])
    counts = []
    for people in (3, 12):
        answers(survey, {0: people})
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


# --- for everybody ----------------------------------------------------------------------------


def test_snapshot_waits_for_ten(survey):
    answers(survey, {0: 9})
    assert take_snapshot(survey=survey) is None
    answers(survey, {0: 1})
    assert take_snapshot(survey=survey).rounded_responses == 10


def test_next_snapshot_waits_for_ten_more(survey):
    answers(survey, {0: 12})
    take_snapshot(survey=survey)
    answers(survey, {0: 9})
    assert take_snapshot(survey=survey) is None
    answers(survey, {0: 1})
    assert take_snapshot(survey=survey).responses == 22


def table_of(snapshot: Snapshot, way: str = "open"):
    return snapshot.tables["ways"][way]["questions"][document_of(snapshot.survey).first_layer.asked[1].id]


def test_small_cell_is_hidden_and_the_rest_is_told(survey):
    answers(survey, dict.fromkeys(range(5), 14) | {5: 4})
    assert list(table_of(take_snapshot(survey=survey))["options"].values()) == [15] * 5 + [None]


def test_numbers_are_rounded(survey):
    answers(survey, {0: 12, 1: 13, 2: 11, 3: 10, 4: 14, 5: 17})
    table = table_of(take_snapshot(survey=survey))
    assert list(table["options"].values()) == [10, 15, 10, 10, 15, 15]
    assert table["answered"] == 75


def test_who_was_invited_is_in_tables_of_their_own(survey):
    invited = Channel.objects.create(survey=survey, name="Brief", code="brief", invited=True)
    answers(survey, {0: 30})
    answers(survey, {0: 14, 1: 16}, channel=invited)
    snapshot = take_snapshot(survey=survey)
    told = [list(table_of(snapshot, way)["options"].values())[:2] for way in ("open", "invited")]
    assert told == [[30, None], [15, 15]]
    assert published_count(survey.subject, f"option:{option_of(survey)}", 0) == 45


def option_of(survey: Survey, place: int = 0) -> str:
    return document_of(survey).first_layer.asked[1].option_ids[place]


def test_who_lives_where_is_told_at_the_end(survey, editor):
    answers(survey, {0: 30, 1: 20})
    assert take_snapshot(survey=survey).public_parts == {}
    close_survey(survey=survey, by=editor)
    parts = survey.snapshots.get().public_parts["open"]
    told = parts[document_of(survey).first_layer.asked[1].id].get("kind")
    # Nobody came on behalf of an organisation, and nobody may know that for sure.
    assert told is None or None in told["organisation"].values()


def test_daily_round_is_once_a_day_and_for_open_surveys(survey, editor):
    answers(survey, {0: 12})
    assert take_snapshots() == 1
    answers(survey, {0: 12})
    assert take_snapshots() == 0
    assert take_snapshots(now=timezone.now() + timedelta(days=1)) == 1


def test_closing_with_few_new_makes_the_last_one_final(survey, editor):
    answers(survey, {0: 12})
    first = take_snapshot(survey=survey)
    answers(survey, {0: 3})
    close_survey(survey=survey, by=editor)
    final = Snapshot.objects.get()
    assert (final.pk, final.is_final, final.responses) == (first.pk, True, 12)
    assert take_snapshot(survey=survey) is None


def test_closing_with_ten_new_takes_a_new_one(survey, editor):
    answers(survey, {0: 12})
    take_snapshot(survey=survey)
    answers(survey, {0: 10})
    close_survey(survey=survey, by=editor)
    assert [s.is_final for s in survey.snapshots.all()] == [True, False]


def test_closing_with_a_handful_tells_nothing(survey, editor):
    answers(survey, {0: 4})
    close_survey(survey=survey, by=editor)
    page = Client().get(reverse("outcome", args=[survey.channels.get().code])).content.decode()
    assert survey.snapshots.get().tables["responses"] == 0
    assert "Minder dan 10 mensen deden mee." in page


def test_published_count_comes_from_the_snapshot_alone(survey):
    option = document_of(survey).first_layer.asked[1].option_ids[0]
    key = f"option:{option}"
    answers(survey, dict.fromkeys(range(6), 12))
    assert published_count(survey.subject, key, survey.area_id) is None
    take_snapshot(survey=survey)
    answers(survey, {0: 5})
    assert published_count(survey.subject, key, survey.area_id) == 10
    assert source_hooks["surveys"].published_count is published_count


def test_published_count_of_a_neighbourhood_is_its_own_once_that_is_told(survey, editor):
    """While a survey of two neighbourhoods is open nobody reads where who lives; of one, everybody lives there."""
    option, here = option_of(survey), survey.area_id
    answers(survey, {0: 30})
    take_snapshot(survey=survey)
    elsewhere = make_area()
    assert published_count(survey.subject, f"option:{option}", here) == 30
    assert published_count(survey.subject, f"option:{option}", elsewhere.pk) is None
    Snapshot.objects.update(
        is_final=True, parts={"open": {"9": {"area": {str(elsewhere.pk): {option: 15, "x": None}}}}}
    )
    cache.clear()
    assert published_count(survey.subject, f"option:{option}", elsewhere.pk) == 15
    assert published_count(survey.subject, "option:x", elsewhere.pk) is None


@pytest.mark.parametrize(
    ("source", "key"), [("survey:x", "option:1"), ("other:1", "option:1"), ("survey:1", "rest"), ("", "")]
)
def test_published_count_of_something_else(db, source, key):
    assert published_count(source, key, 1) is None


def test_public_page_shows_the_snapshot_and_nothing_live(survey):
    answers(survey, dict.fromkeys(range(6), 12))
    take_snapshot(survey=survey)
    answers(survey, {0: 7})
    page = Client().get(reverse("outcome", args=[survey.channels.get().code]))
    assert page.status_code == 200
    assert page.context["outcome"].people == 70
    assert '<b class="strong">70</b> mensen' in page.content.decode()


def test_public_page_of_a_draft_is_not_found(area, editor):
    from tests.surveys.drafts import make_published

    survey = make_published(areas=[area], by=editor)
    answer = Client().get(reverse("outcome", args=[survey.channels.get().code]))
    assert answer.status_code == 302


# --- recount ----------------------------------------------------------------------------------


def test_recount_reports_drift(survey, capsys):
    answers(survey, {0: 2})
    call_command("recount")
    Tally.objects.filter(option="shown").update(n=5)
    DayCount.objects.update(n=1)
    with pytest.raises(CommandError) as failed:
        call_command("recount", survey.pk)
    assert failed.value.returncode == 1
    assert "the counter says 5, the answers say 2" in capsys.readouterr().out
    assert len(recount_survey(survey)) == 5


def test_daily_jobs_say_what_they_did(survey):
    answers(survey, {0: 10})
    jobs = dict(daily_jobs.items())
    assert jobs["surveys.snapshots"]() == "1 surveys got new public tables"
    assert jobs["surveys.recount"]() == "0 counters off"


# --- where people stopped ---------------------------------------------------------------------


def test_who_went_no_further_is_counted_the_next_night(survey, editor):
    asked = document_of(survey).first_layer.asked
    answers(survey, {0: 2})
    for _person in range(11):
        answer(survey, 0)
    answer(survey)
    assert count_stops(survey) == {}
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert count_stops(survey, today=tomorrow) == {asked[0].id: 1, asked[1].id: 11}
    assert count_stops(survey, today=tomorrow) == {asked[0].id: 1, asked[1].id: 11}
    found = read_results(survey, document_of(survey), ResponseFilter()).drop_offs
    assert [(question.id, n) for question, n in found] == [(asked[0].id, None), (asked[1].id, 11)]
    page = signed_in(editor).get(reverse("survey_results", args=[survey.pk])).content.decode()
    assert "Waar mensen stopten" in page
