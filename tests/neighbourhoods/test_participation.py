"""The municipality's own rules of participation: defaults to begin with, changed by section, and back again."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Event
from neighbourhoods import rules
from neighbourhoods.backing.services import sign
from neighbourhoods.models import ParticipationRules
from neighbourhoods.trajectories.forms.participation import SECTION_FORMS
from surveys.models import Survey
from tests.people import make_backing, signed_in
from tests.surveys.polls import make_survey


@pytest.fixture
def desk(administrator):
    return signed_in(administrator)


def own() -> ParticipationRules:
    cache.delete(ParticipationRules.CACHE_KEY)
    return ParticipationRules.current()


def filled_in(desk: Client, section: str, **changes: str) -> dict[str, str]:
    form = desk.get(reverse("participation_section", args=[section])).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def save(desk: Client, section: str, **changes: str):
    return desk.post(reverse("participation_section", args=[section]), filled_in(desk, section, **changes))


@pytest.mark.parametrize("section", SECTION_FORMS)
def test_what_is_saved_unchanged_stays_the_default(desk, section):
    assert save(desk, section).status_code in (302, 303)
    assert not SECTION_FORMS[section].is_own(own())
    assert not Event.objects.filter(verb="changed rules of participation").exists()


@pytest.mark.parametrize("section", SECTION_FORMS)
def test_the_page_shows_every_section(desk, section):
    page = desk.get(reverse("participation")).content.decode()
    assert reverse("participation_section", args=[section]) in page


def test_unknown_sections_are_not_there(desk):
    assert desk.get(reverse("participation_section", args=["law"])).status_code == 404
    assert desk.post(reverse("participation_default", args=["law"])).status_code == 404


def test_a_name_of_the_ladder_in_one_language(desk):
    save(desk, "ladder", **{"name-consult_nl": "meedenken"})
    assert own().ladder == {"consult": {"nl": "meedenken"}}
    with translation.override("nl"):
        assert own().level("consult") == "meedenken" and own().level("advise") == "adviseren"
    with translation.override("en"):
        assert own().level("consult") == "consult"
    desk.post(reverse("participation_default", args=["ladder"]))
    assert own().ladder == {}


def test_a_ground_is_added_and_another_taken_out(desk):
    first = next(iter(rules.GROUNDS))
    save(desk, "grounds", **{f"{first}_nl": "", f"{first}_en": "", "new-1_nl": "Het is geheim."})
    grounds = own().waiver_grounds()
    assert first not in grounds and grounds["het-is-geheim"] == {"nl": "Het is geheim."}
    assert "vulnerable" in grounds
    save(desk, "grounds", **{"new-1_nl": "Het is geheim!"})
    assert own().waiver_grounds()["het-is-geheim-2"] == {"nl": "Het is geheim!"}


def test_a_list_is_never_emptied(desk):
    sent = dict.fromkeys(filled_in(desk, "report"), "")
    assert desk.post(reverse("participation_section", args=["report"]), sent).status_code == 422
    assert own().sections() == {slug: dict(texts) for slug, texts in rules.REPORT_SECTIONS.items()}


def test_terms_and_thresholds_keep_what_differs(desk):
    save(desk, "terms", evaluation="365")
    save(desk, "advice", wanting_high="12.5")
    assert own().terms == {"evaluation": 365} and own().days("evaluation") == 365
    assert own().days("answer") == rules.DEFAULT_TERM_DAYS["answer"]
    assert own().thresholds == {"wanting_high": 12.5} and own().limits().wanting_high == 12.5


@pytest.mark.parametrize(
    ("section", "changes"),
    [
        ("advice", {"wanting_low": "20"}),
        ("advice", {"load_low": "3"}),
        ("advice", {"urgent": "much"}),
        ("terms", {"answer": "0"}),
        ("ladder", {"name-inform_nl": ""}),
        ("elections", {"silent_from": "2026-02-01"}),
        ("elections", {"silent_from": "2026-03-20", "silent_until": "2026-02-01"}),
    ],
)
def test_what_can_not_be_is_refused_and_kept_in_the_form(desk, section, changes):
    answer = save(desk, section, **changes)
    assert answer.status_code == 422
    for name, value in changes.items():
        assert answer.context["form"][name].value() == value
    assert not SECTION_FORMS[section].is_own(own())


def test_only_who_runs_the_municipality(editor, stranger):
    for user in (editor, stranger):
        assert signed_in(user).get(reverse("participation")).status_code == 403


@pytest.mark.parametrize("day", ["silent_from", "silent_until"])
def test_the_database_takes_no_silence_with_one_day(day, db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ParticipationRules.objects.create(pk=1, **{day: "2026-02-01"})


# --- what residents see of it -----------------------------------------------------------------


@pytest.fixture
def start(area, editor, backer):
    """The start page of a survey that the alderman stands behind."""
    survey = make_survey(areas=[area], owner=editor)
    backing = make_backing(area=area, backer=backer, by=editor)
    sign(backing=backing, by=backer, digest=backing.digest)
    survey.current.backing = backing
    survey.current.save(update_fields=["backing"])
    return lambda: Client().get(reverse("start", args=[survey.channels.get().code])).content.decode()


@pytest.mark.parametrize(
    ("begins", "ends", "is_silent"),
    [(-3, 3, True), (0, 0, True), (1, 9, False), (-9, -1, False)],
)
def test_before_elections_no_politician_is_named(start, begins, ends, is_silent):
    today = timezone.localdate()
    first, last = today + timedelta(days=begins), today + timedelta(days=ends)
    ParticipationRules.objects.create(pk=1, silent_from=first, silent_until=last)
    own()
    page = start()
    assert ("The alderman" not in page) is is_silent
    assert ("Gemeente Waterdam is verantwoordelijk" in page) is is_silent
    assert "Uw wijkmanager" in page


def test_without_a_period_the_backer_stands_there(start):
    assert "The alderman" in start()


def test_the_start_page_says_the_step_of_the_ladder_in_the_municipality_s_words(start):
    assert "Wij vragen wat u vindt. U denkt mee." in start()
    ParticipationRules.objects.create(pk=1, plain_ladder={"consult": {"nl": "Zeg het maar."}})
    own()
    assert "Zeg het maar. U denkt mee." in start()


def test_the_desk_names_the_ladder_by_the_municipality_s_words(area, editor):
    ParticipationRules.objects.create(pk=1, ladder={"consult": {"nl": "meedenken"}})
    own()
    survey = make_survey(areas=[area], owner=editor)
    assert Survey.objects.get(pk=survey.pk).influence == "consult"
    page = signed_in(editor).get(reverse("survey_version", args=[survey.pk, 1])).content.decode()
    assert "meedenken" in page


def test_a_second_reader_and_hours_are_the_municipality_s_own(administrator):
    client, url = signed_in(administrator), reverse("participation_section", args=["answers"])
    assert client.get(url).status_code == 200
    data = {"was": "", "second_reader": "on"}
    client.post(url, data | {"desk_hours_nl": "maandag tot en met donderdag"})
    rules = ParticipationRules.uncached()
    assert rules.second_reader and rules.desk_hours == {"nl": "maandag tot en met donderdag"}
    assert "Een tweede collega leest elk antwoord" in client.get(reverse("participation")).content.decode()
    client.post(reverse("participation_default", args=["answers"]))
    assert not ParticipationRules.uncached().second_reader
