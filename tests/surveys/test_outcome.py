"""What came out, for everybody: a page, files and open data, once somebody decided so."""

import io
import json
import re
from html import unescape

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event
from surveys.models import Publication, Snapshot, Survey
from surveys.results.openapi import SCHEMAS
from surveys.results.services import outcome
from surveys.results.services.outcome import NothingToPublish, publish_page, read_outcome
from tests.people import signed_in
from tests.schema import fits
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


def make_told(
    area, editor, *, areas=None, numbers=(95, 60, None), several=(40, 25, None), final=True
) -> Survey:
    """A survey with a snapshot: what came out of its first question, and of one where more could be chosen."""
    survey = make_survey(areas=areas or [area], owner=editor)
    layers = survey.current.document["layers"]
    first, deeper = layers[0]["questions"][0], layers[2]["questions"][0]
    questions = {
        question["id"]: {
            "on": "2027-03-01",
            "shown": max(sum(n or 0 for n in told), 30),
            "answered": sum(n or 0 for n in told),
            "options": dict(zip((o["id"] for o in question["options"]), told, strict=True)),
        }
        for question, told in ((first, numbers), (deeper, several))
    }
    rows = {str(a.pk): dict(questions[first["id"]]["options"]) for a in areas or []}
    parts = {"open": {first["id"]: {"area": rows}}} if areas else {}
    way = {"responses": 160, "on": "2027-03-01", "layers": {layers[2]["id"]: 65}, "questions": questions}
    tables = {"responses": 160, "options": {}, "ways": {"open": way}}
    Snapshot.objects.create(
        survey=survey,
        responses=163,
        tables=tables,
        parts=parts,
        exact={"open": {"responses": 163}},
        is_final=final,
    )
    return survey


@pytest.fixture
def told(area, editor) -> Survey:
    return make_told(area, editor)


def page_of(survey: Survey, language: str = "nl") -> str:
    url = reverse("outcome", args=[survey.channels.first().code])
    return unescape(Client().get(url, headers={"accept-language": language}).content.decode())


# --- the page -----------------------------------------------------------------------------------


def test_tables_stay_away_until_somebody_publishes_them(told, editor):
    assert "Keuze 0.0" not in page_of(told)
    assert 'Zo\'n <b class="strong">160</b> mensen' in page_of(told)
    assert Client().get(reverse("outcome_file", args=[told.channels.first().code, "csv"])).status_code == 404

    publish_page(survey=told, words={"nl": "Bomen, en gauw."}, by=editor)

    assert "Bomen, en gauw." in page_of(told)
    assert "Het meest gevraagd: “Keuze 0.0”. Zo'n 95 van de 155 die antwoordden." in page_of(told)
    assert "Most asked for: “Choice 0.0”. About 95 of the 155 who answered." in page_of(told, "en")


def test_publishing_on_the_desk(told, editor, viewer, stranger):
    url = reverse("survey_outcome", args=[told.pk])
    assert "Keuze 0.0" in signed_in(editor).get(url).content.decode()
    assert signed_in(viewer).post(url).status_code == 403
    assert signed_in(stranger).post(url).status_code == 404
    client = signed_in(editor)
    for _press in range(2):
        assert client.post(url, {"words_nl": "Bomen."}).status_code == 302
    assert Publication.objects.get().words == {"nl": "Bomen."}
    assert Event.objects.filter(verb="publish outcome").count() == 1
    assert client.post(reverse("survey_outcome_back", args=[told.pk])).status_code == 302
    assert "Keuze 0.0" not in page_of(told)


def test_nothing_to_publish_yet(area, editor):
    survey = make_survey(areas=[area], owner=editor)
    with pytest.raises(NothingToPublish):
        publish_page(survey=survey, words={}, by=editor)
    answer = signed_in(editor).post(reverse("survey_outcome", args=[survey.pk]))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((95, 60, None), "Most asked for: “Choice 0.0”. About 95 of the 155 who answered."),
        ((60, 60, 20), "“Choice 0.0” and “Choice 0.1” were said equally often: by about 60 people each."),
        ((20, 20, 20), "No answer stands out."),
    ],
)
def test_one_sentence_per_question(area, editor, numbers, sentence):
    survey = make_told(area, editor, numbers=numbers)
    publish_page(survey=survey, words={}, by=editor)
    assert sentence in page_of(survey, "en")


def test_few_people_get_numbers_and_a_warning(area, editor):
    survey = make_told(area, editor, numbers=(15, 10, None), several=(15, 10, None))
    found = [told for _way, _layer, told in read_outcome(survey).question_outcomes()]
    assert all(told.is_few for told in found)
    assert {answer.percent for told in found for answer in told.answers} == {None}
    publish_page(survey=survey, words={}, by=editor)
    assert "kijk naar aantallen, niet naar procenten" in page_of(survey)


def test_neighbourhoods_are_told_of_the_last_snapshot_alone(area, next_area, editor):
    survey = make_told(area, editor, areas=[area, next_area], final=False)
    publish_page(survey=survey, words={}, by=editor)
    assert "Per buurt" not in page_of(survey)
    Snapshot.objects.update(is_final=True)
    assert "Per buurt" in page_of(survey)


def test_outcome_never_says_representative(told, editor):
    publish_page(survey=told, words={}, by=editor)
    assert "representatief" not in page_of(told)
    assert "wie niet meedeed" in page_of(told)


def test_files_hold_the_published_tables(told, editor):
    publish_page(survey=told, words={}, by=editor)
    code = told.channels.first().code
    made = Client().get(reverse("outcome_file", args=[code, "csv"]))
    lines = b"".join(made.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].split(";")[1:6] == ["Vraag 1?", "Keuze 0.0", "iedereen", "95", "155"]
    assert lines[3].split(";")[4] == ""
    book = openpyxl.load_workbook(
        io.BytesIO(Client().get(reverse("outcome_file", args=[code, "xlsx"])).content)
    )
    assert book.active["E2"].value == 95
    assert Client().get(reverse("outcome_file", args=[code, "pdf"])).status_code == 404


def test_files_speak_the_language_of_who_asks(told, editor):
    publish_page(survey=told, words={}, by=editor)
    url = reverse("outcome_file", args=[told.channels.first().code, "csv"])
    made = Client().get(url, headers={"Accept-Language": "en"})
    head, first, *_rest = b"".join(made.streaming_content).decode("utf-8-sig").splitlines()
    assert head.split(";")[:4] == ["Who", "Question", "Answer", "Among"]
    assert first.split(";")[:4] == ["came by themselves", "Question 1?", "Choice 0.0", "everybody"]
    assert "outcome" in made["Content-Disposition"]


# --- open data ----------------------------------------------------------------------------------


def get(name: str, *args, **query):
    return Client().get(reverse(name, args=args), query)


def test_open_data_are_as_described(area, next_area, editor):
    survey = make_told(area, editor, areas=[area, next_area])
    publish_page(survey=survey, words={"nl": "Bomen."}, by=editor)
    snapshot = survey.snapshots.get()
    for name, args, schema in (
        ("api_surveys", (), "Surveys"),
        ("api_survey", (survey.pk,), "Survey"),
        ("api_snapshot", (survey.pk, snapshot.pk), "Snapshot"),
    ):
        assert fits(get(name, *args).json(), SCHEMAS[schema], SCHEMAS), name
    described = get("openapi").json()
    assert described["info"]["license"]["name"] == "CC0"
    for path in described["paths"]:
        real = path.replace("{id}", str(survey.pk)).replace("{snapshot}", str(snapshot.pk))
        assert Client().get(real).status_code == 200


def test_open_data_hold_nothing_but_what_was_published(told, editor):
    assert get("api_surveys").json()["surveys"] == []
    assert get("api_survey", told.pk).status_code == 404
    publish_page(survey=told, words={}, by=editor)
    for name, args in (("api_survey", (told.pk,)), ("api_snapshot", (told.pk, told.snapshots.get().pk))):
        text = get(name, *args).content.decode()
        numbers = [int(n) for n in re.findall(r'"\d+": (\d+)', text)]
        assert numbers and all(n % 5 == 0 for n in numbers)
        # An id may hold these figures by chance.
        assert "exact" not in text and not re.search(r'"(?!id")\w+": 163\b', text)


def test_a_title_that_is_being_written_is_not_in_open_data(told, editor):
    publish_page(survey=told, words={}, by=editor)
    Survey.objects.update(title={"nl": "Nog niet af"})
    assert get("api_surveys").json()["surveys"][0]["title"]["nl"] != "Nog niet af"
    assert "Nog niet af" not in get("open_data").content.decode()


def test_open_data_are_paged_by_id(area, editor):
    surveys = [make_told(area, editor) for _n in range(3)]
    for survey in surveys:
        publish_page(survey=survey, words={}, by=editor)
    found = get("api_surveys", limit=2).json()
    assert [one["id"] for one in found["surveys"]] == [surveys[0].pk, surveys[1].pk]
    rest = Client().get(found["next"].partition("8000")[2] or found["next"]).json()
    assert [one["id"] for one in rest["surveys"]] == [surveys[2].pk]
    assert rest["next"] is None
    for odd in ("x", "-1", "9" * 30):
        assert get("api_surveys", after=odd, limit=odd).status_code == 200


def test_open_data_are_not_sent_twice(told, editor):
    publish_page(survey=told, words={}, by=editor)
    url = reverse("api_survey", args=[told.pk])
    first = Client().get(url)
    for held in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        again = Client().get(url, headers=held)
        assert (again.status_code, again.content) == (304, b"")
        assert again["Access-Control-Allow-Origin"] == "*"
    publish_page(survey=told, words={"nl": "Bomen."}, by=editor)
    assert Client().get(url, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_open_data_can_be_read_from_any_site_and_changed_from_none(told):
    url = reverse("api_surveys")
    asked = Client().options(url)
    assert (asked.status_code, asked["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert Client(enforce_csrf_checks=True).post(url)["Allow"] == "GET, HEAD, OPTIONS"
    assert not Client().get(url).cookies
    gone = Client().get(reverse("api_survey", args=[told.pk]))
    assert (gone.status_code, gone["Access-Control-Allow-Origin"], dict(gone.cookies)) == (404, "*", {})
    assert gone.json() == {"detail": "Not there, or not published."}
    assert "public" not in gone.get("Cache-Control", "")


def test_open_data_page_explains_itself(told, editor):
    publish_page(survey=told, words={}, by=editor)
    page = get("open_data").content.decode()
    assert "publicdomain/zero" in page and reverse("api_survey", args=[told.pk]) in page


def test_pages_take_the_same_queries_for_more_surveys_and_snapshots(area, editor):
    def queries(url):
        Client().get(url)
        with CaptureQueriesContext(connection) as counted:
            assert Client().get(url).status_code == 200
        return len(counted)

    survey = make_told(area, editor)
    publish_page(survey=survey, words={}, by=editor)
    urls = [
        reverse("outcome", args=[survey.channels.first().code]),
        reverse("api_surveys"),
        reverse("api_survey", args=[survey.pk]),
        reverse("open_data"),
    ]
    before = [queries(url) for url in urls]
    for _n in range(3):
        publish_page(survey=make_told(area, editor), words={}, by=editor)
        last = survey.snapshots.first()
        Snapshot.objects.update(is_final=False)
        Snapshot.objects.create(survey=survey, responses=200, tables=last.tables)
    assert [queries(url) for url in urls] == before
    assert max(before) <= 12
    assert json.loads(get("api_survey", survey.pk).content)["snapshots"][3]


# --- bars -------------------------------------------------------------------------------------


def widths(page: str) -> list[str]:
    return re.findall(r'class="nabij-bar" [^>]*><rect width="([\d.]+)%', page)


def test_bar_is_a_part_of_who_answered_and_a_hidden_answer_has_none(area, editor):
    survey = make_told(area, editor, numbers=(40, 20, None), several=(45, 15, None))
    publish_page(survey=survey, words={}, by=editor)
    page = page_of(survey)
    assert widths(page) == ["66.67", "33.33", "75.0", "25.0"]
    assert page.count("nabij-bar-few") == 2 and "Een volle balk is iedereen die de vraag beantwoordde" in page


def test_bar_is_a_part_of_who_saw_it_where_who_answered_is_not_told(area, editor):
    survey = make_told(area, editor, numbers=(40, 20, None))
    snapshot = Snapshot.objects.get()
    table = next(iter(snapshot.tables["ways"]["open"]["questions"].values()))
    table.update(answered=None, shown=80)
    snapshot.save()
    told = next(read_outcome(survey).question_outcomes())[2]
    assert [answer.of for answer in told.answers] == [80, 80, 80] and told.is_of_seen
    publish_page(survey=survey, words={}, by=editor)
    assert "Hier is een volle balk iedereen die de vraag zag" in page_of(survey)
    assert widths(page_of(survey))[:2] == ["50.0", "25.0"]


def test_bars_of_statements_are_parts_of_who_answered_that_statement():
    tables = {
        "9:12": {"on": "2027-03-01", "shown": 60, "answered": 50, "options": {"12:agree": 30}},
        "9:13": {"on": "2027-03-01", "shown": 40, "answered": 20, "options": {"13:agree": 20}},
    }
    assert outcome._by_question(tables)["9"]["answered_by"] == {"12:agree": 50, "13:agree": 20}
