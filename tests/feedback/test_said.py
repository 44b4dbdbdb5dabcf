"""“You said, we did” of a neighbourhood, a theme and everybody: pages, feed, table, open data, poster; never a few."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.errors import DomainError
from feedback.answers.services import looking_back
from feedback.models import FollowUp, Progress
from feedback.record.services import said_data
from feedback.record.services.public_record import public_answer, public_record
from feedback.registries import SourceHooks, source_hooks
from feedback.states import FollowUpState, Outcome, ProgressKind
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_follow_up, make_promise, make_topic, today
from tests.pdfs import is_in_our_fonts
from tests.people import make_area, make_membership, make_municipality, make_theme, make_user, signed_in
from tests.schema import fits

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def published(monkeypatch):
    """What the public snapshot says, for these tests: (source, key, area) -> number."""
    make_municipality()
    numbers: dict[tuple[str, str, int], int] = {}
    hooks = SourceHooks(published_count=lambda *asked: numbers.get(asked))
    monkeypatch.setattr(source_hooks, "_entries", {"tests": hooks})
    return numbers


@pytest.fixture
def told():
    """An answer about benches, in one neighbourhood, that everybody has."""
    area, theme = make_area("Oosterhaven", slug="oosterhaven"), make_theme("groen")
    topic = make_topic("option:1", area=area, title="Bankjes", theme=theme)
    return make_follow_up(
        state=FollowUpState.FANNED_OUT, key=topic.key, areas=[area], now=timezone.now() - timedelta(days=30)
    )


def correct(told: FollowUp, **fields) -> FollowUp:
    return make_follow_up(
        state=FollowUpState.FANNED_OUT, key="option:1", areas=list(told.areas.all()), corrects=told, **fields
    )


def note(told: FollowUp, kind: str = ProgressKind.UPDATE, days: int = 0, **fields) -> Progress:
    fields = {"text": {"nl": "De bankjes zijn besteld."}, "by": told.owner} | fields
    return looking_back.note_progress(follow_up=told, kind=kind, on=today(days), **fields)


# --- parts of the record ------------------------------------------------------------------------


def test_page_of_a_neighbourhood_a_theme_and_both(client, told):
    make_area("Westpolder", slug="westpolder")
    make_theme("verkeer")
    for url, there in (
        ("/said/", True), ("/said/in/oosterhaven/", True), ("/said/about/groen/", True),
        ("/said/in/oosterhaven/about/groen/", True), ("/said/in/westpolder/", False),
        ("/said/about/verkeer/", False), ("/said/in/oosterhaven/about/verkeer/", False),
    ):  # fmt: skip
        page = client.get(url)
        assert page.status_code == 200
        assert ("Bankjes" in page.content.decode()) is there, url
    assert client.get("/said/in/nergens/").status_code == 404


def test_answer_to_a_theme_stands_under_it(client):
    theme = make_theme("groen")
    make_follow_up(state=FollowUpState.FANNED_OUT, theme=theme.pk, areas=[make_area()], decided={"nl": "Ja."})
    assert "Ja." in client.get("/said/about/groen/").content.decode()


def test_pages_follow_each_other_by_key(client, told):
    area = told.areas.get()
    for number in range(24):
        make_follow_up(state=FollowUpState.FANNED_OUT, areas=[area], decided={"nl": f"Besluit {number}."})
    seen, url = [], "/said/"
    while url:
        html = client.get(url).content.decode()
        seen += re.findall(r"Besluit (\d+)\.", html)
        found = re.search(r'href="(\?before=\d+)" rel="next"', html)
        url = f"/said/{found[1]}" if found else ""
    assert sorted(map(int, seen)) == list(range(24))
    assert client.get("/said/?before=99999999").status_code == 200


def test_number_of_a_neighbourhood_is_its_own(client, told, published):
    published["survey:1", "option:1", 0] = 95
    assert "95 mensen" in client.get("/said/").content.decode()
    assert "95 mensen zeiden" not in client.get("/said/in/oosterhaven/").content.decode()
    published["survey:1", "option:1", told.areas.get().pk] = 40
    assert "40 mensen" in client.get("/said/in/oosterhaven/").content.decode()


def test_figures_count_a_no_and_what_is_late(told):
    make_follow_up(state=FollowUpState.FANNED_OUT, outcome=Outcome.NO)
    make_debt(make_topic("option:9"), due=-12)
    figures = public_record().figures
    assert (figures.answered, figures.not_done, figures.owed, figures.late, figures.longest) == (
        2,
        1,
        1,
        1,
        12,
    )


# --- what came of it ----------------------------------------------------------------------------


def test_correction_stands_in_place_of_what_it_corrects(client, told):
    last = correct(told, decided={"nl": "Toch niet."}, outcome=Outcome.NO)
    (found,) = public_record().answers
    assert found.follow_up == last and found.first == told.pk
    assert [one.kind for one in found.moments] == ["answered", "corrected"]
    html = client.get(f"/said/answer/{told.pk}/").content.decode()
    assert "Toch niet." in html and "Dit gaat door." not in html
    assert client.get(f"/said/answer/{last.pk}/").status_code == 404


def test_progress_stands_under_the_answer_in_the_order_of_its_days(client, told):
    note(told, ProgressKind.DONE, 0, text={"nl": "Ze staan er."})
    note(told, ProgressKind.BEGUN, -20, text={"nl": "Besteld."})
    (found,) = public_record().answers
    assert [one.kind for one in found.since] == ["begun", "done"]
    assert found.done_on == today() and found.pill == "done"
    html = client.get("/said/").content.decode()
    assert html.index("Besteld.") < html.index("Ze staan er.")


def test_what_goes_ahead_is_not_called_done(told):
    (found,) = public_record().answers
    assert found.pill == "done:Goes ahead" or found.pill == "done:Gaat door"
    note(told, ProgressKind.STOPPED)
    assert public_record().answers[0].pill.startswith("no:")


def test_note_survives_a_correction_and_is_done_once(told):
    note(told, ProgressKind.DONE)
    last = correct(told)
    with pytest.raises(DomainError):
        note(last, ProgressKind.DONE, -1)
    assert public_record().answers[0].done_on == today()


def test_done_counts_however_often_the_answer_was_corrected(told):
    note(told, ProgressKind.DONE)
    last = told
    for _correction in range(4):
        last = correct(last)
        assert public_record().figures.done == 1
    assert public_record().answers[0].done_on == today()


def test_same_note_twice_is_one_and_taken_back_it_is_gone(told):
    one = note(told)
    assert note(told) == one
    for _twice in range(2):
        looking_back.take_back_progress(progress=one, by=told.owner)
    assert not public_record().answers[0].since
    assert note(told) != one


@pytest.mark.parametrize(("fields", "days"), [({"text": {"nl": " "}}, 0), ({"kind": ProgressKind.DONE}, 1)])
def test_note_without_words_or_of_tomorrow_is_refused(told, fields, days):
    with pytest.raises(DomainError):
        note(told, days=days, **fields)


@pytest.mark.parametrize("state", [FollowUpState.DRAFT, FollowUpState.HOLD, FollowUpState.RELEASED])
def test_note_about_what_nobody_has_is_refused(state):
    with pytest.raises(DomainError):
        note(make_follow_up(state=state))


def test_note_goes_to_everybody_concerned_as_an_answer_that_goes_on(told):
    one = note(told)
    draft = looking_back.draft_progress_follow_up(progress=one, by=told.owner)
    assert looking_back.draft_progress_follow_up(progress=one, by=told.owner) == draft
    assert draft.goes_on and draft.corrects == told and draft.next_step == one.text
    FollowUp.objects.filter(pk=draft.pk).update(
        state=FollowUpState.FANNED_OUT, hold_until=timezone.now(), released_at=timezone.now()
    )
    (found,) = public_record().answers
    assert [one.kind for one in found.moments] == ["answered", "update"]


def test_a_note_on_what_was_corrected_goes_on_from_the_correction(told):
    """Nobody is told the old words again, and the answer stands once."""
    one = note(told)
    last = correct(told)
    assert looking_back.draft_progress_follow_up(progress=one, by=told.owner).corrects == last
    editor = make_user()
    make_membership(editor, Role.EDITOR, told.areas.get())
    made = signed_in(editor).post(reverse("followup_correct", args=[told.pk]))
    assert FollowUp.objects.get(pk=int(made.url.split("/")[-2])).corrects == last


def test_no_note_on_an_answer_to_one_person(told):
    FollowUp.objects.filter(pk=told.pk).update(audience=told.audience | {"owed": [1]})
    with pytest.raises(DomainError):
        note(told)


def test_a_draft_that_a_correction_overtook_is_begun_anew(told):
    one = note(told)
    overtaken = looking_back.draft_progress_follow_up(progress=one, by=told.owner)
    correction = correct(told)
    draft = looking_back.draft_progress_follow_up(progress=one, by=told.owner)
    assert draft != overtaken and draft.corrects == correction
    assert looking_back.draft_progress_follow_up(progress=one, by=told.owner) == draft


def test_moved_promise_shows_both_days_beside_its_answer(client, told):
    make_promise(due=10, first_due_on=today(-21), moved_reason={"nl": "De aannemer ligt stil."})
    assert "De aannemer ligt stil." in client.get("/said/").content.decode()


def test_desk_notes_takes_back_and_tells(told):
    editor = make_user()
    make_membership(editor, Role.EDITOR, told.areas.get())
    client, page = signed_in(editor), reverse("followup_progress", args=[told.pk])
    url = reverse("followup_note", args=[told.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"kind": "done", "on": today(3), "text_nl": "Klaar."}).status_code == 422
    data = {"kind": "done", "on": today(), "text_nl": "Ze staan er."}
    for _twice in range(2):
        client.post(url, data)
    one = Progress.objects.get()
    assert "Ze staan er." in client.get(page).content.decode()
    made = client.post(reverse("followup_note_do", args=[told.pk, one.pk, "tell"]))
    assert made.url == reverse("followup", args=[FollowUp.objects.latest("pk").pk])
    client.post(reverse("followup_note_do", args=[told.pk, one.pk, "back"]))
    assert "Ze staan er." not in client.get("/said/").content.decode()


# --- feed, table and open data -------------------------------------------------------------------


def entries(url: str = "/said/feed/?language=nl") -> dict[str, dict[str, str]]:
    root = ElementTree.fromstring(Client().get(url).content)
    return {
        one.findtext(f"{ATOM}id"): {
            part: one.findtext(f"{ATOM}{part}") for part in ("title", "updated", "summary")
        }
        for one in root.iter(f"{ATOM}entry")
    }


def test_feed_is_atom_with_ids_that_stay(told):
    response = Client().get("/said/feed/?language=nl&area=oosterhaven")
    assert response["Content-Type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(response.content)
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "nl"
    for needed in ("id", "title", "updated", "author", "rights"):
        assert root.find(f"{ATOM}{needed}") is not None, needed
    assert root.find(f"{ATOM}link[@rel='self']").attrib["href"].endswith("area=oosterhaven&language=nl")
    ((key, before),) = entries().items()
    correct(told, decided={"nl": "Toch niet."}, outcome=Outcome.NO)
    ((same, after),) = entries().items()
    assert same == key and after["updated"] > before["updated"] and "Toch niet." in after["summary"]
    assert (
        Client()
        .get("/said/feed/", headers={"If-None-Match": Client().get("/said/feed/")["ETag"]})
        .status_code
        == 304
    )


def test_feed_in_each_language_and_linked_from_the_page(told):
    ((dutch, _entry),) = entries().items()
    ((english, entry),) = entries("/said/feed/?language=en").items()
    assert dutch != english and "This goes ahead." in entry["summary"]
    assert entries("/said/feed/?language=xx")
    assert 'rel="alternate" type="application/atom+xml"' in Client().get("/said/").content.decode()


def test_open_data_are_as_described(told, published):
    published["survey:1", "option:1", 0] = 95
    note(told)
    make_debt(make_topic("option:2"), due=-2)
    make_promise()
    for query in ("", "?area=oosterhaven", "?theme=groen"):
        response = Client().get(f"/api/said/{query}")
        assert fits(response.json(), Client().get("/api/said/schema.json").json())
        assert response["Access-Control-Allow-Origin"] == "*"
        assert (
            Client().get(f"/api/said/{query}", headers={"If-None-Match": response["ETag"]}).status_code == 304
        )
    assert Client().get("/api/said/?area=nergens").status_code == 404
    assert Client().post("/api/said/").status_code == 405


def test_table_holds_what_the_page_holds(told, published):
    published["survey:1", "option:1", 0] = 95
    note(told)
    make_debt(make_topic("option:2"), due=-2)
    text = b"".join(Client().get("/said/list.csv").streaming_content).decode()
    assert text.count("\n") == 3 and "Bankjes;95;Oosterhaven" in text and "De bankjes zijn besteld." in text


def outputs(query: str, path: str) -> str:
    """Everything that can be had about a part of the record."""
    cache.clear()
    client = Client()
    pages = [path, f"/said/feed/?language=nl&{query}", f"/api/said/?{query}"]
    texts = [client.get(url).content.decode() for url in pages]
    return "\n".join([*texts, b"".join(client.get(f"/said/list.csv?{query}").streaming_content).decode()])


SUBJECTS, AREAS = range(4), range(2)
WAITING = st.lists(st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(AREAS)), max_size=8)
NUMBERS = st.dictionaries(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from([None, *AREAS])),
    st.sampled_from([10, 25]),
    max_size=6,
)


class TestNoFewAnywhere(TestCase):
    """Whatever waits and whatever was published: no page, feed, table or data names what the snapshot keeps back."""

    @settings(suppress_health_check=list(HealthCheck), max_examples=25, deadline=None)
    @given(waiting=WAITING, numbers=NUMBERS)
    def test_over_any_record(self, waiting, numbers):
        areas, theme = [make_area(f"Buurt {n}") for n in AREAS], make_theme("groen")
        known = {
            ("survey:1", f"option:{subject}", 0 if area is None else areas[area].pk): n
            for (subject, area), n in numbers.items()
        }
        asked = source_hooks._entries
        source_hooks._entries = {"tests": SourceHooks(published_count=lambda *what: known.get(what))}
        try:
            topics = {
                (s, a): make_topic(f"option:{s}", area=areas[a], theme=theme, title=f"Onderwerp-{s}.")
                for s in SUBJECTS
                for a in AREAS
            }
            for subject, area in waiting:
                make_debt(topics[subject, area])
            parts = {
                ("", "/said/", None), ("theme=groen", "/said/about/groen/", None),
                *((f"area={area.slug}", f"/said/in/{area.slug}/", n) for n, area in enumerate(areas)),
            }  # fmt: skip
            for query, path, area in parts:
                found = outputs(query, path)
                for subject in SUBJECTS:
                    waits = any(s == subject and area in (None, a) for s, a in waiting)
                    may = waits and (subject, area) in numbers
                    assert (f"Onderwerp-{subject}." in found) is may, (query, subject)
                if "theme" in query:
                    assert "llerlei dingen" not in found
        finally:
            source_hooks._entries = asked


# --- the poster -----------------------------------------------------------------------------------


def test_poster_in_each_language_and_size_for_who_works_there(told):
    viewer = make_user()
    make_membership(viewer, Role.VIEWER, told.areas.get())
    client = signed_in(viewer)
    for language, size in (("nl", "a4"), ("en", "a3")):
        made = client.get(reverse("said_poster", args=["oosterhaven", language, size]))
        assert made.content.startswith(b"%PDF") and b"StructTreeRoot" in made.content
        assert is_in_our_fonts(made.content)
    assert client.get(reverse("said_poster", args=["oosterhaven", "nl", "a5"])).status_code == 404
    assert (
        reverse("said_poster", args=["oosterhaven", "nl", "a4"])
        in client.get(reverse("area", args=["oosterhaven"])).content.decode()
    )


def test_poster_never_leaves_out_every_no(told):
    area = told.areas.get()
    long_ago = timezone.now() - timedelta(days=90)
    refused = make_follow_up(state=FollowUpState.FANNED_OUT, areas=[area], outcome=Outcome.NO, now=long_ago)
    for _n in range(6):
        make_follow_up(state=FollowUpState.FANNED_OUT, areas=[area])
    chosen = said_data._for_poster(public_record(area=area).answers)
    assert len(chosen) == 5 and chosen[-1].follow_up == refused


def test_poster_with_long_texts_tells_less(told):
    area = told.areas.get()
    for _n in range(5):
        make_follow_up(state=FollowUpState.FANNED_OUT, areas=[area], decided={"nl": "Lange zinnen. " * 90})
    assert said_data.said_poster_pdf(area, language="nl", size="a4").startswith(b"%PDF")


def test_poster_of_nothing_says_so(told):
    editor = make_user()
    empty = make_area("Leeg")
    make_membership(editor, Role.EDITOR, empty)
    page = signed_in(editor).get(reverse("said_poster", args=[empty.slug, "nl", "a4"]), follow=True)
    assert page.redirect_chain and "minstens één antwoord" in page.content.decode()


def test_one_answer_that_is_not_public_is_not_there(client):
    draft = make_follow_up()
    assert public_answer(draft.pk) is None and client.get(f"/said/answer/{draft.pk}/").status_code == 404
