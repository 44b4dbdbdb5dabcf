"""The library in words of a municipality: only what differs is kept, hidden ones are not suggested, two are not one."""

from dataclasses import replace

from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event
from initiatives.initiatives.approaches import (
    APPROACHES,
    APPROACHES_BY_SLUG,
    BOOLEAN_FIELDS,
    SET_FIELDS,
    ApproachQuery,
    ApproachReason,
    apply_changes,
    differences,
    own_approach,
    rank_approaches,
    serialise_approach,
    stems,
)
from initiatives.initiatives.services import library
from initiatives.models import Approach, Initiative
from initiatives.panels import fitting_approaches as shown
from initiatives.states import InitiativeState
from neighbourhoods.advice.advice import advise
from neighbourhoods.advice.services import set_resources
from tests.initiatives.factories import make_initiative
from tests.initiatives.test_approaches import MIDDLING_AND_HARD
from tests.initiatives.test_begin import at_desk
from tests.people import make_theme, signed_in

STREET = APPROACHES_BY_SLUG["street-action"]
NEW = {
    "name": {"nl": "Koffiekar", "en": "Coffee cart"}, "answers": {"nl": "Elkaar spreken.", "en": "Talking."},
    "fits": {"nl": "Overal."}, "needs": {"nl": "Een kar."}, "watch_out": {"nl": "Regen."}, "local": {},
    "energy": ["low"], "load": ["high", "low", "mid"], "themes": ["meeting"], "evidence": "b", "costs": 300,
    "hours": False, "reaches": True, "street": True,
}  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.dictionaries(st.sampled_from(["nl", "en", "fr"]), WORDS),
        "local": st.dictionaries(st.sampled_from(["nl", "en"]), WORDS),
        "energy": st.lists(st.sampled_from(["high", "low", "mid"]), unique=True).map(sorted),
        "themes": st.lists(st.sampled_from(["green", "meeting"]), unique=True).map(sorted),
        "costs": st.integers(0, 10_000),
        "street": st.booleans(),
        "evidence": st.sampled_from(["a", "b", "c"]),
    },
)


# --- pure -------------------------------------------------------------------------------------


@given(st.sampled_from(APPROACHES), VALUES)
def test_what_is_kept_gives_back_what_was_written(base, values):
    wanted = serialise_approach(base) | values
    found = serialise_approach(apply_changes(base, differences(base, wanted)))
    for name in wanted:
        if isinstance(wanted[name], dict):
            wanted[name] = {code: words for code, words in wanted[name].items() if words}
        assert found[name] == wanted[name], name


@given(st.sampled_from(APPROACHES))
def test_what_is_the_same_is_not_kept(base):
    assert differences(base, serialise_approach(base)) == {}
    assert (
        apply_changes(base, {"energy": ["nonsense"], "colour": 1, "evidence": "z"}).evidence == base.evidence
    )


def test_a_later_release_reaches_what_was_not_changed():
    kept = differences(STREET, serialise_approach(STREET) | {"name": {**STREET.name, "nl": "Straatfeest"}})
    assert kept == {"name": {"nl": "Straatfeest"}}
    later = replace(STREET, name={"nl": "Straat", "en": "Street party"}, costs=250)
    here = apply_changes(later, kept)
    assert here.name == {"nl": "Straatfeest", "en": "Street party"} and here.costs == 250


def test_words_bring_what_answers_them_first():
    said = ApproachQuery("", stems("Wie helpt mij mijn fiets te repareren?"))
    best = rank_approaches(advise(MIDDLING_AND_HARD), sought=said)[0]
    assert best.approach.slug == "repair-cafe" and ApproachReason.WORDS in best.reasons


def test_words_that_everybody_uses_bring_nothing_first():
    said = ApproachQuery("", stems("De buurt en de gemeente willen iets met elkaar voor de mensen."))
    assert not any(
        ApproachReason.WORDS in one.reasons for one in rank_approaches(advise(MIDDLING_AND_HARD), sought=said)
    )


def test_another_theme_speaks_against():
    marks = {
        one.approach.slug: one
        for one in rank_approaches(advise(MIDDLING_AND_HARD), sought=ApproachQuery("safety"))
    }
    assert ApproachReason.THIS_THEME in marks["neighbourhood-watch"].reasons
    assert ApproachReason.OTHER_THEME in marks["community-garden"].against
    assert not {ApproachReason.THIS_THEME, ApproachReason.OTHER_THEME} & {
        *marks["small-grant"].reasons,
        *marks["small-grant"].against,
    }


# --- kept -------------------------------------------------------------------------------------


def test_change_hide_show_and_back(municipality, administrator, django_capture_on_commit_callbacks):
    def done(action, **more):
        with django_capture_on_commit_callbacks(execute=True):
            action(slug="street-action", by=administrator, **more)
        return library.find_approach("street-action")

    entry = done(library.change, values=serialise_approach(STREET) | {"costs": 250})
    assert entry.approach.costs == 250 and entry.changes == {"costs": 250}
    assert any(each.costs == 250 for each in library.approaches())
    assert done(library.hide).hidden_on
    assert "street-action" not in {each.slug for each in library.approaches()}
    assert "street-action" not in {each.slug for each in shown(advise(MIDDLING_AND_HARD))}
    assert not done(library.show).hidden_on
    assert done(library.reset_to_library).approach == STREET
    verbs = Event.objects.about(Approach.objects.get()).values_list("verb", flat=True)
    assert list(verbs) == ["went back to the library", "showed again", "hid", "changed"]


def test_saving_the_same_leaves_no_line(municipality, administrator):
    library.change(slug="street-action", values=serialise_approach(STREET), by=administrator)
    assert not Event.objects.exists()


def test_own_approach_is_suggested_where_it_fits(
    municipality, administrator, area, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = library.add_approach(values=NEW, by=administrator)
    assert row.slug == "koffiekar" and library.add_approach(values=NEW, by=administrator) == row, (
        "two taps make one"
    )
    other = library.add_approach(values=NEW | {"costs": 900}, by=administrator)
    assert other.slug == "koffiekar-2"
    assert own_approach("koffiekar", NEW) in library.approaches()
    found = library.approaches_for(area, make_theme("meeting"))
    assert "koffiekar" in {each.approach.slug for each in found[:4]}


def test_library_costs_one_query_a_minute(municipality, django_assert_num_queries):
    with django_assert_num_queries(1):
        library.entries()
        library.approaches()
        library.find_approach("street-action")


def test_suggestions_know_means_and_what_runs_here(municipality, area, other_area, coordinator):
    green = make_theme("green")
    make_initiative(area, name="Tuin", theme=green, approach="community-garden")
    make_initiative(other_area, name="Elders", theme=green, approach="community-garden")
    make_initiative(
        area, name="Gestopt", theme=green, approach="community-garden", state=InitiativeState.ENDED
    )
    set_resources(area=area, mandate=True, mandate_of="x", budget=5_000, hours=None, by=coordinator)

    def garden(**more):
        found = library.approaches_for(area, green, **more)
        return next(each for each in found if each.approach.slug == "community-garden")

    with translation.override("en"):
        assert [each.name["nl"] for each in garden().here] == ["Tuin"]
        assert "affordable" in garden().reasons and "about this theme" in garden().reasons
        assert "costs more than there is" in garden(budget=0).against


def test_no_hours_in_the_plan_are_no_hours(municipality, area, coordinator):
    set_resources(area=area, mandate=True, mandate_of="x", budget=None, hours=4, by=coordinator)
    with translation.override("en"):
        found = {each.approach.slug: each for each in library.approaches_for(area, None, hours=0)}
        assert "nobody has hours for it" in found["neighbour-help"].against


def test_suggestions_take_few_queries(municipality, area, django_assert_max_num_queries):
    theme = make_theme("green")
    with django_assert_max_num_queries(22):
        library.approaches_for(area, theme)


# --- pages ------------------------------------------------------------------------------------


def fields_of(page, name: str = "form") -> dict:
    """What a browser would send back."""
    form = page.context[name]
    data = {"was": _was(form)}
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            data[bound.html_name] = value
        elif value not in (None, False, ""):
            data[bound.html_name] = "on" if value is True else value
    return data


def _was(form) -> str:
    from html import unescape

    return unescape(str(form.was()).split('value="')[1].rsplit('">')[0])


def test_list_looks_for_theme_energy_load_and_means(viewer, area):
    make_theme("green")
    make_theme("safety")
    page = signed_in(viewer)

    def found(**chosen):
        response = page.get(reverse("approaches"), chosen)
        return [each["entry"].slug for each in response.context["found"]]

    assert len(found()) == 16
    assert "neighbourhood-watch" in found(theme="safety") and "community-garden" not in found(theme="safety")
    assert set(found(energy="high")) == {one.slug for one in APPROACHES if "high" in one.energy}
    assert set(found(money="0")) == {one.slug for one in APPROACHES if not one.costs}
    assert "neighbour-help" not in found(hours="no")
    assert len(found(area="nowhere", theme="x\0", energy="zz", money="1e9")) == 16, "nonsense is left out"
    best = page.get(reverse("approaches"), {"area": area.slug})
    assert best.context["found"][0]["entry"].slug == "key-persons-and-meals", "reach people first"


def test_page_shows_differences_and_where_it_is_done(administrator, viewer, area):
    make_initiative(area, name="Stoepdag", approach="street-action")
    library.change(
        slug="street-action", values=serialise_approach(STREET) | {"name": {**STREET.name, "nl": "Stoepdag samen"}},
        by=administrator,
    )  # fmt: skip
    library.forget_cached()
    page = signed_in(viewer).get(reverse("approach", args=["street-action"])).content.decode()
    assert "Stoepdag samen" in page and STREET.name["nl"] in page and "Stoepdag<" in page
    assert reverse("approach_change", args=["street-action"]) not in page


def test_form_keeps_only_what_was_changed(administrator, municipality):
    browser, url = signed_in(administrator), reverse("approach_change", args=["street-action"])
    data = fields_of(browser.get(url))
    assert browser.post(url, data | {"costs": "250"}).status_code == 302
    assert Approach.objects.get().changes == {"costs": 250}
    wrong = browser.post(url, data | {"costs": "-1", "name_nl": ""})
    assert wrong.status_code == 422 and 'value="-1"' in wrong.content.decode()


def test_two_colleagues_at_once_see_each_other(administrator, municipality):
    browser, url = signed_in(administrator), reverse("approach_change", args=["street-action"])
    mine = fields_of(browser.get(url))
    theirs = dict(mine)
    browser.post(url, theirs | {"watch_out_nl": "Ruim op."})
    met = browser.post(url, mine | {"watch_out_nl": "Vraag een vergunning."})
    assert met.status_code == 409 and "Ruim op." in met.content.decode()
    assert Approach.objects.get().changes == {"watch_out": {"nl": "Ruim op."}}
    again = fields_of(met) | {"watch_out_nl": "Ruim op, met een vergunning."}
    assert browser.post(url, again).status_code == 302
    assert Approach.objects.get().changes == {"watch_out": {"nl": "Ruim op, met een vergunning."}}


def test_add_one_on_the_page(administrator, municipality):
    browser = signed_in(administrator)
    data = {
        **{f"{name}_nl": "Woorden" for name in ("answers", "fits", "needs", "watch_out")},
        "name_nl": "New", "energy": ["low"], "load": ["low"], "costs": "0", "evidence": "c",
    }  # fmt: skip
    made = browser.post(reverse("approach_new"), data)
    assert made.status_code == 302 and made.url == reverse("approach", args=["new-2"]), "“new” is a page"
    assert browser.get(made.url).status_code == 200
    assert browser.post(reverse("approach_do", args=["new-2", "back"]), follow=True).status_code == 200
    assert Approach.objects.get().changes["name"] == {"nl": "New"}


def test_administrator_of_one_area_changes_nothing(stranger, administrator):
    assert signed_in(stranger).get(reverse("approach_new")).status_code == 403
    assert signed_in(administrator).get(reverse("approach", args=["nothing"])).status_code == 404


def test_every_field_of_an_approach_can_be_filled_in(administrator, municipality):
    names = set(signed_in(administrator).get(reverse("approach_new")).context["form"].fields)
    assert {*SET_FIELDS, *BOOLEAN_FIELDS, "evidence", "costs"} <= names


# --- where it is used -------------------------------------------------------------------------


def test_an_initiative_chooses_its_approach_with_reasons(coordinator, viewer, area):
    initiative = make_initiative(area, name="Fietsen repareren", theme=make_theme("meeting"))
    url = reverse("initiative_approach", args=[initiative.pk])
    browser = signed_in(coordinator)
    first = browser.get(url).context["approaches"][0]
    assert first.approach.slug == "repair-cafe" and first.reasons and first.against
    for _press in range(2):
        browser.post(url, {"approach": "repair-cafe"})
    initiative.refresh_from_db()
    assert initiative.approach == "repair-cafe"
    assert Event.objects.about(initiative).filter(verb="chose an approach").count() == 1
    assert (
        APPROACHES_BY_SLUG["repair-cafe"].name["nl"]
        in browser.get(reverse("initiative", args=[initiative.pk])).content.decode()
    )
    assert "Fietsen" in browser.get(reverse("approach", args=["repair-cafe"])).content.decode()
    browser.post(url, {"approach": "perpetual-motion"})
    initiative.refresh_from_db()
    assert initiative.approach == "repair-cafe"
    browser.post(url, {"approach": ""})
    initiative.refresh_from_db()
    assert not initiative.approach
    assert signed_in(viewer).get(url).status_code == 403


def test_an_initiative_is_begun_with_an_approach(coordinator, area):
    browser, url = signed_in(coordinator), reverse("initiative_begin") + "?approach=repair-cafe"
    assert APPROACHES_BY_SLUG["repair-cafe"].name["nl"] in browser.get(url).content.decode()
    assert browser.post(url, at_desk(area, make_theme("meeting"))).status_code == 302
    assert Initiative.objects.get().approach == "repair-cafe"
    assert browser.get(reverse("initiative_begin") + "?approach=nothing").status_code == 200
