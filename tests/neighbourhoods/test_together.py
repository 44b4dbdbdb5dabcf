"""Two colleagues in the same settings or the same plan: the second is told, and nothing is written over."""

from html import unescape
from itertools import count

import pytest
from django.test import Client
from django.urls import reverse

from neighbourhoods.models import (
    Indicator,
    Municipality,
    ParticipationPlan,
    ParticipationRules,
    Source,
    Theme,
)
from neighbourhoods.states import Phase
from neighbourhoods.trajectories.services import start_trajectory
from tests.at_once import Action, every_meeting
from tests.neighbourhoods.factories import make_indicator
from tests.people import make_municipality, make_theme, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(administrator) -> Client:
    make_municipality(phone="14 010")
    return signed_in(administrator)


def rules() -> ParticipationRules:
    return ParticipationRules.uncached()


def read(desk: Client, url: str) -> dict:
    """What a browser holds after reading a page, with what it was read as."""
    form = desk.get(url).context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None and value is not False} | {
        "was": was(form)
    }


def was(form) -> str:
    return unescape(form.was().split('value="')[1].rsplit('"', 1)[0])


def _settings(area, by):
    return reverse("settings"), "phone", lambda: Municipality.objects.get().phone


def _ladder(area, by):
    def kept() -> str:
        return rules().ladder.get("consult", {}).get("nl", "raadplegen")

    return reverse("participation_section", args=["ladder"]), "name-consult_nl", kept


def _ground(area, by):
    def kept() -> str:
        return rules().waiver_grounds()["urgent"]["nl"]

    return reverse("participation_section", args=["grounds"]), "urgent_nl", kept


def _term(area, by):
    return (
        reverse("participation_section", args=["terms"]),
        "answer",
        lambda: str(rules().days("answer")),
    )


def _threshold(area, by):
    return (
        reverse("participation_section", args=["advice"]),
        "wanting_high",
        lambda: f"{rules().limits().wanting_high:g}",
    )


def _theme(area, by):
    theme = make_theme("green")
    return reverse("theme", args=[theme.slug]), "name_nl", lambda: Theme.objects.get(pk=theme.pk).name["nl"]


def _indicator(area, by):
    one = make_indicator()

    def kept() -> str:
        return Indicator.objects.get(pk=one.pk).unit

    return reverse("indicator", args=[one.slug]), "unit", kept


def _source(area, by):
    one = Source.objects.create(name="CBS")
    return reverse("source", args=[one.pk]), "licence", lambda: Source.objects.get(pk=one.pk).licence


def _plan(area, by):
    begun = start_trajectory(title="Plein", areas=[area], phase=Phase.PREPARATION, owner=by, by=by)

    def kept() -> str:
        return ParticipationPlan.objects.get(trajectory=begun).goal.get("nl", "")

    return reverse("plan_edit", args=[begun.pk]), "goal_nl", kept


@pytest.mark.parametrize(
    "place", [_settings, _ladder, _ground, _term, _threshold, _theme, _indicator, _source, _plan]
)
def test_the_second_is_told_and_reads_both(place, desk, area, administrator):
    url, field, kept = place(area, administrator)
    mine = read(desk, url) | {field: "21"}
    assert desk.post(url, read(desk, url) | {field: "22"}).status_code == 302
    told = desk.post(url, mine)
    assert (told.status_code, kept()) == (409, "22")
    said = told.content.decode()
    assert "Een collega veranderde dit" in said and "„22”" in said.replace("“", "„")
    assert told.context["form"][field].value() == "21"
    assert desk.post(url, mine | {"was": was(told.context["form"])}).status_code == 302
    assert kept() == "21"


@pytest.mark.server_databases  # SQLite lets one writer in at a time
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [_settings, _term, _plan])
def test_of_two_in_the_same_second_one_is_told(place, desk, area, administrator):
    """In every order of their statements."""
    url, field, kept = place(area, administrator)
    number = count(20)

    def save(client: Client, value: int) -> Action:
        mine = read(client, url) | {field: str(value)}
        return lambda: (client.post(url, mine).status_code, str(value))

    def two_saves() -> tuple[Action, Action]:
        return save(desk, next(number)), save(signed_in(administrator), next(number))

    for met in every_meeting(two_saves):
        assert not met.errors
        (saved, stands), (told, _theirs) = sorted(met.results.values())
        assert (saved, told, kept()) == (302, 409, stands)


def test_two_fields_are_both_kept(desk):
    """Theirs comes into the form where nothing of one's own was filled in, and is saved once that was seen."""
    url = reverse("participation_section", args=["terms"])
    mine = read(desk, url) | {"answer": "40"}
    desk.post(url, read(desk, url) | {"report": "41"})
    told = desk.post(url, mine)
    assert told.status_code == 409 and told.context["form"]["report"].value() == "41"
    desk.post(url, mine | {"report": "41", "was": was(told.context["form"])})
    assert (rules().days("answer"), rules().days("report")) == (40, 41)


def test_two_sections_are_saved_at_once(desk):
    one, other = (reverse("participation_section", args=[name]) for name in ("terms", "elections"))
    mine = read(desk, one) | {"answer": "40"}
    days = {"silent_from": "2026-02-01", "silent_until": "2026-03-18"}
    assert desk.post(other, read(desk, other) | days).status_code == 302
    assert desk.post(one, mine).status_code == 302


def test_a_line_taken_out_gives_its_words_back(desk):
    """And only then: a line that one did not touch simply goes."""
    url = reverse("participation_section", args=["grounds"])
    mine, untouched = read(desk, url) | {"budget_nl": "Het gaat over geld."}, read(desk, url)
    desk.post(url, read(desk, url) | {"budget_nl": "", "budget_en": ""})
    assert desk.post(url, untouched).status_code == 302
    told = desk.post(url, mine)
    assert told.status_code == 409 and "Het gaat over geld." in told.content.decode()
    assert "budget" not in rules().waiver_grounds()


def test_a_line_of_each_is_kept(desk):
    url = reverse("participation_section", args=["grounds"])
    mine = read(desk, url) | {"new-1_nl": "Van mij."}
    desk.post(url, read(desk, url) | {"new-1_nl": "Van hen."})
    told = desk.post(url, mine)
    form = told.context["form"]
    assert told.status_code == 409 and form["van-hen_nl"].value() == "Van hen."
    values = {field.html_name: field.value() or "" for field in form}
    desk.post(url, values | {"was": was(form)})
    assert {"van-mij", "van-hen"} <= rules().waiver_grounds().keys()
