"""Who was heard and who was not, beside who lives there; and one click that plans what helps."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event
from core.errors import DomainError
from neighbourhoods.models import Area, Figure, Indicator, ParticipationRules, Source
from surveys.models import Channel, DayCount, Snapshot, Survey, Tally
from surveys.opening.paths import ReachStatus, groups, groups_behind, hidden_counts, reach_status
from surveys.opening.services.reach import add_suggested_channel, read_reach
from surveys.report import _reach
from surveys.results.services.outcome import read_outcome
from surveys.states import CountsAs, Respondent, SurveyState
from tests.surveys.counted import make_counted

AGES = {CountsAs.AGE_15: 20, CountsAs.AGE_25: 40, CountsAs.AGE_45: 40, CountsAs.AGE_65: 12}


# --- thinking ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("took", "living", "found"),
    [
        ({"a": 50, "b": 10}, {"a": 100, "b": 100}, ["b"]),
        ({"a": 40, "b": 20}, {"a": 100, "b": 100}, []),
        ({"a": 40, "b": 0}, {"a": 100, "b": 100}, ["b"]),
        ({"a": 40, "b": 0}, {"a": 100, "b": 0}, []),  # nobody lives there
        ({"a": 20, "b": 2}, {"a": 100, "b": 100}, []),  # too few to say so
        ({"a": 50, "b": 10}, {"a": 100}, []),  # not known who lives there
        ({}, {}, []),
    ],
)
def test_behind(took, living, found):
    assert [group.key for group in groups_behind(groups(took, living, threshold=10))] == found


@pytest.mark.parametrize(
    ("took", "living", "found"),
    [
        ({"a": 40, "b": 20}, {"a": 100, "b": 100}, ReachStatus.HEARD),
        ({"a": 50, "b": 10}, {"a": 100, "b": 100}, ReachStatus.BEHIND),
        ({"a": 50, "b": 10}, {}, ReachStatus.NO_FIGURES),
        ({"a": 50, "b": 10}, {"a": 0, "b": 0}, ReachStatus.NO_FIGURES),
        ({"a": 50, "b": 10}, {"a": 100}, ReachStatus.SOME_FIGURES),
        ({"a": 20, "b": 2}, {"a": 100, "b": 100}, ReachStatus.FEW),
        ({}, {}, ReachStatus.NO_FIGURES),
    ],
)
def test_only_groups_with_figures_and_people_are_called_heard(took, living, found):
    assert reach_status(groups(took, living, threshold=10), sum(took.values())) == found


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40), max_size=6))
def test_no_hidden_number_follows_from_the_total(counts):
    hidden = hidden_counts(counts, 10)
    assert {key for key, n in counts.items() if 0 < n < 10} <= hidden
    shown = sum(n for n in counts.values() if n >= 10)
    assert len(hidden) != 1 or not shown
    assert (
        not hidden
        or sum(counts[key] for key in hidden) >= 10
        or not any(n >= 10 for key, n in counts.items() if key not in hidden)
    )


def test_few_people_get_no_percentages():
    assert {group.took_percent for group in groups({"a": 20, "b": 9}, {}, threshold=10)} == {None}


# --- over counters ----------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    survey = make_counted(area=area, owner=editor, ages=AGES)
    came(survey, sum(AGES.values()), area)
    lives(area, residents=1940, age_15_24=300, age_25_44=600, age_45_64=500, age_65_up=540)
    return survey


def came(survey: Survey, n: int, area: Area, channel: Channel | None = None) -> None:
    channel = channel or survey.channels.first()
    assert channel
    DayCount.objects.create(survey=survey, day=timezone.localdate(), channel=channel, area=area, n=n)


def lives(area: Area, **figures: float) -> None:
    source, _made = Source.objects.get_or_create(name="CBS")
    for slug, value in figures.items():
        indicator, _made = Indicator.objects.get_or_create(slug=slug, defaults={"nature": "count"})
        Figure.objects.create(area=area, indicator=indicator, year=2024, value=value, source=source)


def look(survey: Survey, *, invited: bool | None = None):
    areas = list(survey.areas.select_related("parent"))
    return read_reach(survey, areas, list(survey.channels.all()), invited=invited)


def test_an_age_of_whom_little_was_heard(survey):
    reach = look(survey)
    assert (reach.residents, reach.living, reach.age_known) == (112, 1940, 112)
    (one,) = reach.not_heard
    assert (one.key, one.group.took, one.group.living) == ("age:65+", 12, 540)


EVEN = {"age_15_24": 300, "age_25_44": 600, "age_45_64": 500, "age_65_up": 180}


@pytest.mark.parametrize(
    ("figures", "said", "unsaid"),
    [
        (EVEN, "elke groep haalde ten minste 50% van haar aandeel", "inwonercijfers"),
        (EVEN | {"age_65_up": 540}, "de groepen hierboven blijven achter", "van haar aandeel"),
        ({}, "er zijn geen inwonercijfers per leeftijd", "van haar aandeel"),
        ({"age_15_24": 300}, "Inwonercijfers ontbreken van: 25 tot 45 jaar", "van haar aandeel"),
    ],
)
def test_page_reassures_about_no_group_without_figures(survey, administrator, client, figures, said, unsaid):
    Figure.objects.exclude(indicator__slug="residents").delete()
    lives(survey.areas.get(), **figures)
    client.force_login(administrator)
    page = " ".join(client.get(reverse("survey_reach", args=[survey.pk])).content.decode().split())
    assert said in page and unsaid not in page
    assert (reverse("import_new", args=["figures"]) in page) == (len(figures) < 4)


def test_ages_may_be_unknown_while_areas_are_known(survey, area, next_area):
    Figure.objects.exclude(indicator__slug="residents").delete()
    survey.areas.add(next_area)
    came(survey, 100, next_area)
    lives(next_area, residents=1900)
    reach = look(survey)
    assert (reach.age_status, reach.area_status) == (ReachStatus.NO_FIGURES, ReachStatus.HEARD)
    assert reach.lacks_figures


def test_part_that_a_municipality_chose_is_the_part_that_is_told(survey, editor, client):
    ParticipationRules.objects.update_or_create(pk=1, defaults={"thresholds": {"band_share": 20}})
    client.force_login(editor)
    page = client.get(reverse("survey_reach", args=[survey.pk])).content.decode()
    assert "ten minste 20% van haar aandeel" in page and "nog niet 20% van het aandeel" in page


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (EVEN, "No age group stayed far behind. Whom we don't count, we don't see."),
        ({}, "Whether an age group stayed behind, we don't know."),
    ],
)
def test_final_report_reassures_about_no_age_without_figures(survey, figures, said):
    Figure.objects.exclude(indicator__slug="residents").delete()
    lives(survey.areas.get(), **figures)
    tables = {"responses": 110, "options": {}, "ways": {"open": {"responses": 110}}}
    Snapshot.objects.create(survey=survey, responses=112, tables=tables, parts={}, exact={}, is_final=True)
    with override("en"):
        blocks = list(_reach(survey, read_outcome(survey)))
    assert said in [block.get("text") for block in blocks]
    assert any(row[-1] == "38%" for block in blocks for row in block.get("rows", [])) == bool(figures)


def test_organisations_are_no_residents(survey):
    Tally.objects.update(respondent=Respondent.ORGANISATION)
    reach = look(survey)
    assert (reach.residents, reach.age_known, reach.not_heard) == (0, 0, ())


def test_ages_are_made_of_shares_where_there_are_no_numbers(survey, area):
    Figure.objects.exclude(indicator__slug="residents").delete()
    lives(area, share_15_24=10, share_25_44=30, share_45_64=30, share_65_up=30)
    assert [row.group.living for row in look(survey).ages] == [194, 582, 582, 582]


def test_who_was_invited_is_looked_at_apart(survey, area):
    letters = Channel.objects.create(survey=survey, kind="letter", name="Brief", code="brief", invited=True)
    came(survey, 30, area, letters)
    assert (look(survey, invited=True).total, look(survey, invited=False).total) == (30, 112)


def test_a_way_with_few_hides_no_other(survey, area):
    came(survey, 3, area, Channel.objects.create(survey=survey, kind="door", name="Ronde", code="ronde"))
    assert [way.people for way in look(survey).ways] == [112, None]


def test_an_open_survey_is_never_called_representative(survey, editor, client):
    client.force_login(editor)
    page = client.get(reverse("survey_reach", args=[survey.pk])).content.decode().lower()
    assert "representa" not in page
    assert "12" in page


def test_reach_asks_few_queries(survey, editor, client, django_assert_max_num_queries):
    client.force_login(editor)
    url = reverse("survey_reach", args=[survey.pk])
    client.get(url)
    with django_assert_max_num_queries(15):
        assert client.get(url).status_code == 200


def test_one_click_plans_a_way_in_and_a_second_plans_no_other(survey, editor, client):
    client.force_login(editor)
    url = reverse("survey_reach_plan", args=[survey.pk])
    for _twice in range(2):
        assert client.post(url, {"group": "age:65+"}).status_code == 302
    way = survey.channels.get(kind="paper")
    assert Event.objects.filter(verb="add_channel", facts__code=way.code).count() == 1
    assert look(survey).not_heard[0].planned == way


@pytest.mark.parametrize("group", ["", "age:", "age:12", "area:", "area:999999", "odd"])
def test_an_odd_group_plans_nothing(survey, editor, client, group):
    client.force_login(editor)
    client.post(reverse("survey_reach_plan", args=[survey.pk]), {"group": group})
    assert survey.channels.count() == 1


def test_a_closed_survey_gets_no_way_in(survey, editor):
    Survey.objects.update(state=SurveyState.CLOSED, closed_at=timezone.now())
    survey.refresh_from_db()
    with pytest.raises(DomainError):
        add_suggested_channel(survey=survey, key="age:65+", by=editor)
