"""Forms on paper, on the pages: ordered, put in by number, and what a form lacks is asked."""

import io
import random
import zipfile

import pytest
from django.urls import reverse

from accounts.models import Event, User
from core.errors import DomainError
from surveys.models import Channel, PaperForm, PaperRun, Response, Survey
from surveys.paper.services import paper_forms
from surveys.printing import sheets
from surveys.results.services.recount import recount_survey
from surveys.states import ChannelKind, LetterState, PaperState
from tests.at_once import every_meeting
from tests.pdfs import is_in_our_fonts
from tests.people import make_area, make_municipality, make_user, signed_in
from tests.surveys.paper import enter, first_answers, make, survey_on_paper
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, next_area, editor) -> Survey:
    return survey_on_paper(area, next_area, owner=editor)


@pytest.fixture
def colleagues(administrator) -> tuple[User, User]:
    return administrator, make_user("administrator")


def test_by_number_from_page_to_page(survey, colleagues):
    one, two = (signed_in(user) for user in colleagues)
    run = make(survey, checked=100)
    pile = reverse("survey_paper", args=[survey.pk])
    found = one.get(pile, {"form": sheets.format_form_number(101)})
    assert found.url == reverse("paper_form", args=[survey.pk, 101])
    sent = {f"q{id}": value for id, value in first_answers(run).items()} | {"submit_key": "k" * 20}
    assert one.post(found.url, sent).url == pile
    assert "zelf ingevoerd" in one.get(found.url).content.decode()
    asked = next(iter(first_answers(run)))
    settle = two.post(found.url, sent | {f"q{asked}": first_answers(run, 2)[asked]})
    assert settle.url == reverse("paper_settle", args=[survey.pk, 101])
    assert two.get(found.url).url == settle.url
    page = two.get(settle.url).content.decode()
    assert "Keuze 0.0" in page and "Keuze 0.2" in page
    assert two.post(settle.url).status_code == 422
    assert two.post(settle.url, {f"d-{asked}": "2"}).url == pile
    assert Response.objects.get().answers[asked] == first_answers(run, 2)[asked]
    assert "80%" in two.get(pile).content.decode()


@pytest.mark.parametrize("typed", ["1", "999", "101-5", "x", "\0", "9" * 60])
def test_a_number_that_is_none_is_said(survey, colleagues, typed):
    make(survey)
    page = signed_in(colleagues[0]).get(reverse("survey_paper", args=[survey.pk]), {"form": typed})
    assert page.status_code == 422 and page.context["trouble"]


def test_a_form_of_another_survey_says_so(survey, colleagues, editor):
    other = make_survey(areas=[make_area("Ander")], owner=editor)
    run = make(other)
    page = signed_in(colleagues[0]).get(
        reverse("survey_paper", args=[survey.pk]), {"form": sheets.format_form_number(run.first_number)}
    )
    assert page.status_code == 422 and "andere peiling" in page.content.decode()


def test_empty_is_asked_and_then_believed(survey, colleagues):
    make(survey)
    client, url = signed_in(colleagues[0]), reverse("paper_form", args=[survey.pk, 101])
    assert client.post(url, {"as": "wizard", "area": "²"}).status_code == 422
    assert not Response.objects.exists()
    assert client.post(url, {"empty": "1"}).status_code == 302
    assert Response.objects.get().counts and not recount_survey(survey)


def test_pages_ask_little_however_many_forms(survey, colleagues, django_assert_max_num_queries):
    make(survey, forms=60, checked=100)
    PaperForm.objects.filter(pk__lt=140).update(state=PaperState.ONCE)
    client = signed_in(colleagues[0])
    client.get(reverse("survey_paper", args=[survey.pk]))
    with django_assert_max_num_queries(15):
        client.get(reverse("survey_paper", args=[survey.pk]))


def test_the_private_page_says_where_the_form_is(survey, colleagues, client):
    from accounts.links import LinkPurpose, sign_link

    run = make(survey, checked=100)
    url = reverse("private_page", args=[sign_link(PaperForm.objects.get(pk=101).receipt, LinkPurpose.PAGE)])
    assert "nog niet ingevoerd" in client.get(url).content.decode()
    enter(101, colleagues[0], first_answers(run))
    assert "kijkt na" in client.get(url).content.decode()


def test_order_on_the_pages(survey, administrator):
    desk = signed_in(administrator)
    new = reverse("paper_new", args=[survey.pk])
    assert "<button" not in desk.get(new).content.decode().split("<main")[1]
    way = Channel.objects.create(survey=survey, kind=ChannelKind.PAPER, name="Papier", code="papier")
    assert desk.post(new, {"count": "0", "channel": way.pk}).status_code == 422
    sent = {"count": "2", "channel": way.pk, "language": "en", "hand_in": "At the library", "checked": "10"}
    page = desk.post(new, sent).url
    run = PaperRun.objects.get()
    assert "<progress" in desk.get(page).content.decode()
    paper_forms.run_paper_jobs()
    args = [survey.pk, run.pk]
    assert is_in_our_fonts(desk.get(reverse("paper_sample", args=args)).content)
    download = desk.post(reverse("paper_do", args=[*args, "download"]))
    assert zipfile.is_zipfile(io.BytesIO(b"".join(download.streaming_content)))
    desk.post(reverse("paper_do", args=[*args, "destroy"]))
    assert PaperRun.objects.get().state == LetterState.DESTROYED
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["print_forms", "download_forms", "destroy_forms"]


@pytest.mark.server_databases
@pytest.mark.django_db(transaction=True)
def test_two_enter_one_form_at_the_same_moment(area, editor):
    make_municipality()

    def world():
        survey = make_survey(areas=[area], owner=editor)
        run = make(survey, forms=1, checked=random.choice((0, 100)))
        people = make_user("administrator"), make_user("administrator")
        return [lambda by=by: enter(run.first_number, by, first_answers(run)) for by in people]

    for met in every_meeting(world):
        form = PaperForm.objects.latest("pk")
        assert form.state == PaperState.DONE and form.run.channel.survey.responses.count() == 1
        assert all(isinstance(error, DomainError) for error in met.errors.values())
        assert not recount_survey(form.run.channel.survey)
