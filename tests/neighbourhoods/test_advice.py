"""The advice for an area: gathered from the whole house, shown with its reasons, taken or not, and remembered."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Event
from core.errors import DomainError
from initiatives.models import Initiative
from neighbourhoods.advice.advice import Degree
from neighbourhoods.advice.services import (
    advice_for,
    advices,
    decide_approach,
    effective_resources,
    set_resources,
)
from neighbourhoods.backing.services import sign
from neighbourhoods.management.commands.advice_table import END, START, tables
from neighbourhoods.models import (
    ApproachDecision,
    Area,
    AreaResources,
    Figure,
    KeyPerson,
    Municipality,
    ParticipationRules,
)
from neighbourhoods.states import AreaKind
from neighbourhoods.wording import advice_texts, plan_warning
from surveys.models import Survey
from tests.neighbourhoods.advised import make_figure, make_picture
from tests.people import make_area, make_backing, make_membership, make_theme, signed_in


@pytest.fixture
def place(area, editor):
    return make_picture(area, editor)


# --- what is known ----------------------------------------------------------------------------


def test_the_picture_from_the_tables(place):
    advice = advice_for(place)
    assert advice.approach == "build_up"
    assert advice.inputs.load > 0.5 and advice.load is Degree.HIGH
    assert round(advice.inputs.wanting) == 11 and advice.inputs.asked == 214
    assert advice.inputs.running == 3 and advice.inputs.left_behind == ()
    assert set(advice.missing) == {"urgency", "cohesion", "hours"}


def test_its_words_are_those_of_the_picture(place):
    with translation.override("nl"):
        told = advice_texts(advice_for(place))
        assert told.name == "opbouwen" and told.levels == "adviseren"
        assert told.roles == "stimuleren, met een opbouwwerker"
        assert {f"{chip.strong} {chip.text}" for chip in told.reasons} >= {
            "Draaglast hoog 31% komt moeilijk rond",
            "Energie midden 11% wil meedoen (van 214)",
            "Energie midden 3 initiatieven, 1,5 per 1.000",
        }
        assert "Bij 15% die wil meedoen wordt het advies: samen maken." in told.tips
        assert "hoe goed buren elkaar kennen" in told.missing
        too_much = plan_warning("decide", advice_for(place))
        assert too_much.title == "Let op: uw plan vraagt te veel." and "2 stappen meer" in too_much.text


def test_a_share_is_told_as_precisely_as_the_profile_shows_it(area, next_area, municipality):
    for place, share in ((area, 31.4), (next_area, 10)):
        make_figure(place, "hard_to_make_ends_meet", share)
    with translation.override("nl"):
        assert "31,4% komt moeilijk rond" in [chip.text for chip in advice_texts(advice_for(area)).reasons]


def test_what_is_not_known_leads_to_where_it_is_told_for_who_may_go_there(
    area, editor, viewer, administrator
):
    means, survey = reverse("area_advice", args=[area.slug]) + "#means", reverse("survey_new")
    figures, running = (
        reverse("import_new", args=["figures"]),
        reverse("initiative_new") + f"?area={area.slug}",
    )
    for user, leads in (
        (viewer, set()),
        (editor, {means, survey, running}),
        (administrator, {means, survey, running, figures}),
    ):
        page = signed_in(user).get(area.get_absolute_url())
        assert {url for _what, url in page.context["advice"]["missing"] if url} == leads


def test_load_is_the_mean_of_both_among_areas_of_the_same_kind(area, next_area, district, municipality):
    for place, struggling, lonely in ((area, 30, 20), (next_area, 10, 10)):
        make_figure(place, "hard_to_make_ends_meet", struggling)
        make_figure(place, "severely_lonely", lonely)
    make_figure(district, "severely_lonely", 99)  # another kind, and alone among its kind
    found = advices([area.pk, next_area.pk, district.pk])
    assert [found[one.pk].inputs.load for one in (area, next_area, district)] == [1, -1, None]


def test_a_secret_figure_is_unknown_and_an_old_year_is_not_compared(area, next_area, municipality):
    make_figure(area, "severely_lonely", None)
    make_figure(next_area, "severely_lonely", 10)
    make_figure(area, "severely_lonely", 40, year=2016)
    assert advice_for(area).inputs.load is None


def test_equal_areas_have_no_deviation(area, next_area, municipality):
    for place in (area, next_area):
        make_figure(place, "severely_lonely", 10)
    assert advice_for(area).inputs.load == 0


@pytest.mark.parametrize(
    ("where", "expected"), [("nowhere", None), ("here", 1), ("next door", 0), ("far away", None)]
)
def test_nothing_noted_is_unknown_until_an_inventory_was_begun(area, next_area, other_area, where, expected):
    places = {"here": area, "next door": next_area, "far away": other_area}
    if where in places:
        Initiative.objects.create(name={"nl": "Tuin"}, theme=make_theme(), area=places[where])
    assert advice_for(area).inputs.running == expected


def test_what_ended_does_not_run(area):
    Initiative.objects.create(name={"nl": "Tuin"}, theme=make_theme(), area=area, state="ended")
    assert advice_for(area).inputs.running == 0


def test_key_persons_count_for_what_lies_around_them_for_two_years(area, district):
    today = timezone.localdate()
    for days in (10, 700, 800):
        KeyPerson.objects.create(area=area, role="a hairdresser", spoken_on=today - timedelta(days=days))
    KeyPerson.objects.create(area=area, role="a caretaker")
    found = advices([area.pk, district.pk])
    assert [found[one.pk].inputs.spoken for one in (area, district)] == [2, 2]


def test_a_signed_backing_is_a_mandate_unless_somebody_said_there_is_none(area, backer, editor):
    assert advice_for(area).inputs.mandate is None
    backing = make_backing(area=area, backer=backer, by=editor)
    assert advice_for(area).inputs.mandate is None
    sign(backing=backing, by=backer, digest=backing.digest)
    assert advice_for(area).inputs.mandate is True
    set_resources(area=area, mandate=False, mandate_of="", budget=None, hours=None, by=editor)
    assert advice_for(area).approach == "not_yet"


def test_means_hold_for_everything_inside(area, district, editor):
    set_resources(area=district, mandate=True, mandate_of="alderman", budget=0, hours=4, by=editor)
    assert advice_for(area).inputs.budget == 0 and "no_money" in advice_for(area).modifiers
    assert effective_resources(area).area == district
    set_resources(area=area, mandate=None, mandate_of="", budget=900, hours=None, by=editor)
    assert effective_resources(area).area == area and advice_for(area).inputs.budget == 900


def test_thresholds_are_the_municipality_s_own(place):
    ParticipationRules.objects.create(pk=1, thresholds={"wanting_high": 11, "gone": 3})
    cache.delete(ParticipationRules.CACHE_KEY)
    assert advice_for(place).approach == "make_together"


def test_as_many_questions_for_one_area_as_for_many(place, django_assert_num_queries):
    ParticipationRules.current(), Municipality.current()  # kept for a minute
    many = [make_area(parent=place.parent).pk for _number in range(30)]
    with django_assert_num_queries(10):
        advice_for(place)
    with django_assert_num_queries(10):
        assert len(advices(many)) == 30


# --- the page ---------------------------------------------------------------------------------


def test_the_page_says_why_and_why_not_from_registers(place, viewer):
    page = signed_in(viewer).get(reverse("area_advice", args=[place.slug])).content.decode()
    assert "31% finds it hard to make ends meet" in page or "31% komt moeilijk rond" in page
    assert "0,92" in page or "0.92" in page
    assert reverse("area_decide", args=[place.slug]) not in page  # who looks on decides nothing


def test_the_profile_shows_it_with_what_fits(place, viewer):
    page = signed_in(viewer).get(place.get_absolute_url()).content.decode()
    assert reverse("area_advice", args=[place.slug]) in page
    assert "small-grant" in page


def test_a_poll_that_asks_too_much_is_warned_of_until_somebody_says_why(place, editor):
    survey = Survey.objects.get(areas=place)
    Survey.objects.filter(pk=survey.pk).update(influence="decide", state="paused")
    desk = signed_in(editor)
    url = reverse("area_advice", args=[place.slug])
    assert desk.get(url).context["warnings"][0][1].steps == 2
    Survey.objects.filter(pk=survey.pk).update(influence_why="The Sluishuis is theirs already.")
    page = desk.get(url)
    assert page.context["warnings"] == [] and "The Sluishuis is theirs already." in page.content.decode()


def test_all_areas_stand_under_what_is_advised_there(place, next_area, other_area, editor, viewer):
    decide_approach(area=place, chosen="connect", seen="build_up", reason="It began already.", by=editor)
    page = signed_in(viewer).get(reverse("advices"))
    groups = {group["approach"]: [one["area"] for one in group["rows"]] for group in page.context["groups"]}
    assert groups == {"build_up": [place]}  # the viewer works there alone
    assert page.context["groups"][0]["rows"][0]["chosen"] == "connect"


def test_areas_of_a_whole_town_in_as_many_questions(place, administrator, django_assert_num_queries):
    desk, url = signed_in(administrator), reverse("advices")
    desk.get(url)
    with CaptureQueriesContext(connection) as few:
        desk.get(url)
    for _number in range(20):
        make_area(parent=place.parent)
    with django_assert_num_queries(len(few)):
        desk.get(url)


def test_means_are_filled_in_on_the_page(area, editor):
    desk, url = signed_in(editor), reverse("area_means", args=[area.slug])
    assert desk.post(url, {"mandate": "no", "budget": "-5"}).status_code == 422
    assert not AreaResources.objects.exists()
    sent = {"mandate": "yes", "mandate_of": "alderman", "budget": "0", "hours": ""}
    for _twice in range(2):
        assert desk.post(url, sent).status_code in (302, 303)
    means = AreaResources.objects.get()
    assert (means.mandate, means.budget, means.hours) == (True, 0, None)


# --- taking it, or not ------------------------------------------------------------------------


def test_taking_the_advice_keeps_what_it_was(place, editor):
    desk, url = signed_in(editor), reverse("area_decide", args=[place.slug])
    for _twice in range(2):
        assert desk.post(url, {"chosen": "build_up", "seen": "build_up"}).status_code in (302, 303)
    decision = ApproachDecision.objects.get()
    assert decision.advised == decision.chosen == "build_up" and decision.decided_by == editor
    assert decision.advice["inputs"]["running"] == 3
    assert decision.advice["thresholds"]["wanting_high"] == 15
    assert Event.objects.filter(verb="decided approach").count() == 1


def test_a_mind_that_changed_back_is_kept_too(place, editor):
    """What holds is what was decided last, also when it was decided this morning already."""
    for chosen, reason in (("build_up", ""), ("keep_light", "Too busy."), ("build_up", "")):
        decide_approach(area=place, chosen=chosen, reason=reason, seen="build_up", by=editor)
    assert ApproachDecision.objects.filter(area=place).first().chosen == "build_up"
    assert ApproachDecision.objects.count() == 3


def test_what_the_advice_was_is_told_when_it_has_changed_since(place, editor):
    decide_approach(area=place, chosen="build_up", seen="build_up", by=editor)
    Initiative.objects.all().delete()
    page = signed_in(editor).get(reverse("area_advice", args=[place.slug]))
    then = page.context["decisions"][0]
    assert [chip.text for chip in then["reasons"] if "initiati" in chip.text]
    assert not [chip.text for chip in page.context["told"].reasons if "initiati" in chip.text]


def test_deviating_takes_a_reason_that_is_kept(place, editor):
    desk, url = signed_in(editor), reverse("area_decide", args=[place.slug])
    refused = desk.post(url, {"chosen": "make_together", "seen": "build_up", "reason": " "})
    assert refused.status_code == 422 and not ApproachDecision.objects.exists()
    desk.post(url, {"chosen": "make_together", "seen": "build_up", "reason": "A group stands ready."})
    page = desk.get(reverse("area_advice", args=[place.slug])).content.decode()
    assert "A group stands ready." in page


def test_an_advice_that_changed_meanwhile_is_looked_at_again(place, editor):
    with pytest.raises(DomainError):
        decide_approach(area=place, chosen="keep_light", seen="keep_light", by=editor)
    answer = signed_in(editor).post(
        reverse("area_decide", args=[place.slug]), {"chosen": "keep_light", "seen": "keep_light"}
    )
    assert answer.status_code == 422 and not ApproachDecision.objects.exists()


def test_no_approach_of_ones_own_making(place, editor):
    with pytest.raises(DomainError):
        decide_approach(area=place, chosen="charm", seen="build_up", reason="why not", by=editor)


def test_who_edits_elsewhere_decides_nothing_here(place, other_area, viewer):
    make_membership(viewer, "editor", other_area)
    desk = signed_in(viewer)
    for name in ("area_means", "area_decide"):
        assert desk.post(reverse(name, args=[place.slug]), {}).status_code == 403


def test_a_city_of_five_hundred_is_quick(municipality, django_assert_max_num_queries):
    district = make_area(kind=AreaKind.DISTRICT)
    areas = Area.objects.bulk_create(
        Area(kind=AreaKind.NEIGHBOURHOOD, name=f"Part {n}", slug=f"part-{n}", parent=district)
        for n in range(500)
    )
    first = make_figure(areas[0], "severely_lonely", 1)
    Figure.objects.bulk_create(
        Figure(area=area, indicator=first.indicator, source=first.source, year=2024, value=n % 40)
        for n, area in enumerate(areas[1:])
    )
    with django_assert_max_num_queries(10):
        found = advices([area.pk for area in areas])
    assert len(found) == 500 and {one.approach for one in found.values()} == {"reach"}


# --- the papers -------------------------------------------------------------------------------


def test_the_table_in_the_docs_is_that_of_the_code(settings):
    page = (settings.BASE_DIR / "docs" / "advice.md").read_text()
    assert page.partition(START)[2].partition(END)[0].strip() == tables().strip()
