"""A need: made from what was named, taken further in the open, and never two colleagues over one another."""

import pytest
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.states import Owed, Reading
from initiatives.matching.services.owners import reassign
from initiatives.models import Need, NeedLink
from initiatives.movement.services.coordinator_dashboard import needs_to_look_after
from initiatives.needs.services import need_sources, needs
from initiatives.needs.services.need_people import Sources, people_after_removal, recount_needs
from initiatives.states import NEED_TRANSITIONS, NeedState
from neighbourhoods.states import Role
from tests.feedback.factories import make_contribution, make_debt, make_topic, today
from tests.initiatives.factories import make_need
from tests.neighbourhoods.factories import make_place
from tests.people import make_theme, make_user, signed_in

WHY = {"nl": "Daar is dit jaar geen geld voor.", "en": "There is no money for it this year."}


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area, title="a place to meet", theme=make_theme("meeting"))


@pytest.fixture
def need(topic, coordinator):
    return make_need(topic, owner=coordinator)


@pytest.fixture
def colleague(area):
    return make_user(Role.COORDINATOR, area, title="the colleague")


def named_by(topic, people: int) -> list:
    return [make_contribution(topic) for _n in range(people)]


def made(topic, by, **fields) -> Need:
    fields = {"title": {"nl": "Een plek"}, "theme": topic.theme, "area": topic.area, "urgency": 2} | fields
    return needs.make_need(topics=[topic], by=by, **fields)


# --- making -----------------------------------------------------------------------------------


def test_a_need_counts_everybody_once_who_did_not_withdraw(topic, area, coordinator):
    first, *_others = named_by(topic, 3)
    other = make_topic("option:32", area=area)
    make_contribution(other, receipt=first.receipt)  # the same person once more
    make_contribution(other, withdrawn_on=today())
    found = needs.make_need(
        title={"nl": "Een plek"},
        theme=topic.theme,
        area=area,
        urgency=2,
        topics=[topic, other],
        by=coordinator,
    )
    assert (found.people, found.state, found.owner) == (3, NeedState.HEARD, coordinator)
    assert [step.state for step in found.steps.all()] == [NeedState.HEARD]
    assert Event.objects.about(found).filter(verb="made").count() == 1


def test_what_was_read_under_a_theme_counts_by_its_debt(topic, area, coordinator):
    """The words stay where they were asked; the theme they were read under is a topic of its own."""
    themed = make_topic("theme:meeting", area=area, theme=topic.theme)
    asked = make_topic("question:9", area=area)
    for text, state in (("Koffie!", Owed.OPEN), ("Een bankje.", Owed.SENT), ("Laat maar.", Owed.WITHDRAWN)):
        make_debt(themed, contribution=make_contribution(asked, text=text), state=state)
    need = made(themed, coordinator)
    page = signed_in(coordinator).get(reverse("need", args=[need.pk]))
    assert need.people == page.context["sources"][0]["people"] == 2


def test_one_answer_feeds_several_needs(topic, coordinator):
    named_by(topic, 2)
    other = made(topic, coordinator, title={"nl": "Koffie op zondag"})
    assert [made(topic, coordinator).people, other.people] == [2, 2]


def test_two_taps_at_once_make_one_thing(topic, area, coordinator, colleague):
    """Of everything: making, taking a step, taking together and taking apart."""
    need = made(topic, coordinator)
    assert made(topic, coordinator) == need
    more = make_topic("option:32", area=area)
    with pytest.raises(DomainError):
        made(more, colleague)  # the same words, heard in something else
    step = {"need": need, "to": NeedState.TAKEN_UP, "seen": "heard", "words": WHY}
    assert needs.change_need_state(**step, by=coordinator) == needs.change_need_state(**step, by=coordinator)
    with pytest.raises(InvalidTransition):
        needs.change_need_state(**step, by=colleague)
    needs.add_sources(need=need, topics=[more], texts=[], by=coordinator)
    sources = [need.sources.get(topic=more).pk]
    parts = [
        need_sources.split(need=need, sources=sources, title={"nl": "Anders"}, by=coordinator)
        for _tap in range(2)
    ]
    assert parts[0] == parts[1] and need.parts.count() == 1
    for _tap in range(2):
        need_sources.merge(need=parts[0], into=need, by=coordinator)
    assert (Need.objects.count(), need.steps.count(), need.sources.count()) == (2, 2, 2)


def test_a_single_text_is_enough_and_nothing_is_not(topic, area, coordinator):
    text = make_contribution(topic, text="Een bankje.", reading=Reading.CLEAR)
    common = {
        "title": {"nl": "Een bankje"},
        "theme": topic.theme,
        "area": area,
        "urgency": 1,
        "by": coordinator,
    }
    assert needs.make_need(texts=[text], **common).people == 1
    with pytest.raises(DomainError):
        needs.make_need(**common)
    with pytest.raises(DomainError):
        needs.make_need(texts=[text], **(common | {"title": {"nl": " "}}))


def test_who_does_not_work_there_makes_no_need_there(topic, stranger, viewer):
    for by in (stranger, viewer):
        with pytest.raises(DomainError):
            made(topic, by)


# --- how many people, in time -----------------------------------------------------------------


def test_the_number_stays_when_answers_are_erased_and_grows_with_new_ones(need, topic):
    said = named_by(topic, 3)
    assert recount_needs() == "1 needs have more people behind them"
    said[0].receipt.delete()
    said[1].receipt.delete()
    assert recount_needs() == "0 needs have more people behind them"
    need.refresh_from_db()
    assert need.people == 3
    named_by(topic, 4)
    recount_needs()
    need.refresh_from_db()
    assert need.people == 5


@pytest.mark.parametrize(
    ("most", "before", "after", "stays"),
    [(20, 20, 12, 12), (20, 5, 3, 12), (20, 0, 0, 20), (3, 3, 0, 0), (4, 6, 5, 5)],
)
def test_a_part_that_leaves_takes_its_share_of_what_was_erased(most, before, after, stays):
    assert people_after_removal(most, before, after) == stays


def test_the_last_source_stays(need, topic, area, coordinator):
    other = make_topic("option:32", area=area)
    named_by(topic, 2)
    named_by(other, 1)
    needs.add_sources(need=need, topics=[other, topic], texts=[], by=coordinator)
    assert (need.people, need.sources.count()) == (3, 2), "the topic that was there is not added twice"
    need_sources.remove_source(need=need, source=need.sources.get(topic=topic), by=coordinator)
    assert need.people == 1
    with pytest.raises(DomainError):
        need_sources.remove_source(need=need, source=need.sources.get(), by=coordinator)


# --- its states -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", NeedState)
@pytest.mark.parametrize("to", NeedState)
def test_steps_follow_the_table(state, to, topic, coordinator):
    need = make_need(topic, state=state, reason=WHY if state == NeedState.NOT_TAKEN_UP else {})
    step = {"need": need, "to": to, "seen": state, "words": WHY, "by": coordinator}
    if to == state or to in NEED_TRANSITIONS[state]:
        needs.change_need_state(**step)
        assert (need.state, need.steps.last().words) == (to, WHY)
        assert (need.reason == WHY) == (to == NeedState.NOT_TAKEN_UP)
    else:
        with pytest.raises(InvalidTransition):
            needs.change_need_state(**step)


@pytest.mark.parametrize(("to", "words"), [(NeedState.NOT_TAKEN_UP, {}), (NeedState.HEARD, {"nl": " "})])
def test_a_no_says_why_and_the_same_state_says_something(to, words, need, coordinator):
    with pytest.raises(DomainError):
        needs.change_need_state(need=need, to=to, seen=need.state, words=words, by=coordinator)
    assert need.steps.count() == 1


def test_of_two_colleagues_the_second_is_told(need, coordinator, colleague):
    needs.change_need_state(need=need, to=NeedState.TAKEN_UP, seen="heard", words={}, by=coordinator)
    with pytest.raises(InvalidTransition):
        needs.change_need_state(need=need, to=NeedState.LOOKED_INTO, seen="heard", words={}, by=colleague)
    seen = needs.need_revision(need)
    needs.change_need(need=need, seen=seen, by=coordinator, urgency=3)
    with pytest.raises(InvalidTransition):
        needs.change_need(need=need, seen=seen, by=colleague, urgency=1)
    need.refresh_from_db()
    assert (need.state, need.urgency) == (NeedState.TAKEN_UP, 3)


# --- taken together, and apart ----------------------------------------------------------------


@pytest.fixture
def other(area, coordinator):
    topic = make_topic("option:40", area=area, title="coffee in the morning")
    named_by(topic, 2)
    return make_need(topic, title="Koffie", owner=coordinator)


def test_taken_together_and_back_again(need, other, topic, coordinator):
    named_by(topic, 3)
    place = make_place(area=need.area)
    NeedLink.objects.create(need=need, kind="place", place=place)
    need_sources.merge(need=need, into=other, by=coordinator)
    assert (other.people, other.sources.count(), need.merged_into) == (5, 2, other)
    assert other.links.get().place == place, "what was found for it is there for the other as well"
    assert set(Need.objects.standing()) == {other}
    need_sources.undo_merge(need=need, by=coordinator)
    other.refresh_from_db()
    assert (need.people, other.people, need.merged_into) == (3, 2, None)
    assert need.sources.get().topic == topic
    with pytest.raises(InvalidTransition):
        need_sources.undo_merge(need=need, by=coordinator)


def test_undoing_the_middle_of_three_brings_back_what_came_with_it(need, other, area, coordinator):
    third = make_need(make_topic("option:50", area=area), owner=coordinator)
    need_sources.merge(need=need, into=other, by=coordinator)
    need_sources.merge(need=other, into=third, by=coordinator)
    assert third.sources.count() == 3
    need_sources.undo_merge(need=other, by=coordinator)
    assert (third.sources.count(), other.sources.count(), need.sources.count()) == (1, 2, 0)
    need.refresh_from_db()
    need_sources.undo_merge(need=need, by=coordinator)
    assert (other.sources.count(), need.sources.count()) == (1, 1)


def test_a_need_is_taken_into_one_that_stands_and_is_not_itself(need, other, area, coordinator):
    with pytest.raises(DomainError):
        need_sources.merge(need=need, into=need, by=coordinator)
    need_sources.merge(need=need, into=other, by=coordinator)
    third = make_need(make_topic("option:50", area=area), owner=coordinator)
    with pytest.raises(InvalidTransition):
        need_sources.merge(need=third, into=need, by=coordinator)
    with pytest.raises(InvalidTransition):
        needs.change_need_state(need=need, to=NeedState.MET, seen=need.state, words={}, by=coordinator)


def test_taken_apart_the_parts_keep_what_they_stand_on(need, other, topic, coordinator):
    """What was taken apart is a need of its own: undoing what was before leaves it alone."""
    named_by(topic, 3)
    need_sources.merge(need=need, into=other, by=coordinator)
    moved = [other.sources.get(topic=topic).pk]
    part = need_sources.split(need=other, sources=moved, title={"nl": "Overdag open"}, by=coordinator)
    assert (part.people, part.split_from, part.state) == (3, other, other.state)
    assert other.people == 2
    need_sources.undo_merge(need=need, by=coordinator)
    assert (part.sources.count(), need.sources.count()) == (1, 0)


@pytest.mark.parametrize("chosen", ["nothing", "all"])
def test_taking_apart_leaves_something_on_both_sides(chosen, need, coordinator):
    sources = [] if chosen == "nothing" else [source.pk for source in need.sources.all()]
    with pytest.raises(DomainError):
        need_sources.split(need=need, sources=sources, title={"nl": "Iets anders"}, by=coordinator)
    assert Need.objects.count() == 1


# --- somebody leaves --------------------------------------------------------------------------


def test_needs_are_handed_over_before_somebody_leaves(need, coordinator, colleague, stranger):
    assert [duty.count for duty in needs_to_look_after(coordinator)] == [1]
    with pytest.raises(DomainError):
        reassign(Need.objects.open().filter(owner=coordinator), to=stranger, by=coordinator)
    assert reassign(Need.objects.open().filter(owner=coordinator), to=colleague, by=coordinator) == 1
    assert needs_to_look_after(coordinator) == []
    need.refresh_from_db()
    assert need.owner == colleague


# --- the pages --------------------------------------------------------------------------------


def test_from_what_was_named_most_to_a_need(topic, area, coordinator):
    named_by(topic, 3)
    named_by(make_topic("option:32", area=area, title="a bench"), 1)
    desk = signed_in(coordinator)
    page = desk.get(reverse("need_new"))
    assert [one.topic.title["en"] for one in page.context["named"]] == ["a place to meet", "a bench"]
    page = desk.get(reverse("need_new"), {"topic": topic.pk})
    form = page.context["form"]
    assert (form["title_nl"].value(), form["area"].value()) == ("a place to meet", area.pk)
    sent = {
        "topic": [topic.pk], "title_nl": "Een plek om binnen te lopen", "title_en": "A place to drop in",
        "theme": topic.theme_id, "area": area.pk, "urgency": 3, "missing_nl": "Jongeren",
    }  # fmt: skip
    response = desk.post(reverse("need_new"), sent)
    need = Need.objects.get()
    assert response.url == reverse("need", args=[need.pk])
    assert (need.people, need.urgency, need.missing) == (3, 3, {"nl": "Jongeren"})


def test_a_refused_need_keeps_what_was_typed_and_ticked(topic, coordinator):
    page = signed_in(coordinator).post(
        reverse("need_new"), {"topic": [topic.pk], "title_nl": "", "title_en": "A place", "urgency": 2}
    )
    assert page.status_code == 422
    assert 'value="A place"' in page.content.decode()
    assert topic.pk in page.context["ticked"]


def test_words_of_residents_are_for_who_works_there(need, topic, coordinator, viewer):
    make_contribution(topic, text="Bel mij op zolder", masked_text="Bel mij ▇▇▇", reading=Reading.CLEAR)
    make_contribution(topic, text="Niemand las dit nog")
    make_contribution(topic, text="Dit is gevoelig", reading=Reading.SENSITIVE)
    page = signed_in(coordinator).get(reverse("need", args=[need.pk])).content.decode()
    assert "Bel mij ▇▇▇" in page
    assert "zolder" not in page and "Niemand las" not in page and "gevoelig" not in page
    assert "Bel mij" not in signed_in(viewer).get(reverse("need", args=[need.pk])).content.decode()


def test_two_colleagues_at_once_on_the_page(need, coordinator, colleague):
    url = reverse("need_step", args=[need.pk])
    sent = {"to": "taken_up", "seen": "heard", "words_nl": "Op 1 juni open."}
    assert signed_in(coordinator).post(url, sent).status_code == 302
    page = signed_in(colleague).post(url, sent | {"to": "looked_into", "words_nl": "Wij kijken ernaar."})
    assert page.status_code == 409
    assert "Wij kijken ernaar." in page.content.decode(), "what was typed is kept"
    assert need.steps.count() == 2
    first = signed_in(coordinator).get(reverse("need_change", args=[need.pk])).context["form"]
    sent = {"title_nl": "Een huiskamer", "theme": need.theme_id, "area": need.area_id, "urgency": 2}
    sent["seen"] = first["seen"].value()
    assert signed_in(coordinator).post(reverse("need_change", args=[need.pk]), sent).status_code == 302
    page = signed_in(colleague).post(reverse("need_change", args=[need.pk]), sent | {"title_nl": "Een zaal"})
    assert page.status_code == 409
    assert "Een huiskamer" in page.content.decode() and 'value="Een zaal"' in page.content.decode()
    again = sent | {"title_nl": "Een zaal", "seen": page.context["form"]["seen"].value()}
    assert signed_in(colleague).post(reverse("need_change", args=[need.pk]), again).status_code == 302


def test_the_list_goes_urgent_first_by_key_and_can_be_narrowed(area, next_area, coordinator, monkeypatch):
    make_user(Role.COORDINATOR, next_area)
    expected = []
    for urgency, people, where in ((3, 1, area), (2, 9, area), (2, 9, area), (2, 4, area), (1, 50, area)):
        expected.append(make_need(make_topic(area=where), urgency=urgency, people=people, owner=coordinator))
    make_need(make_topic(area=next_area), urgency=3)
    make_need(make_topic(area=area), state=NeedState.MET)
    monkeypatch.setattr("initiatives.needs.views.needs.NEEDS_PAGE_SIZE", 2)
    desk, url, seen = signed_in(coordinator), reverse("needs"), []
    while url:
        page = desk.get(url)
        seen += [row["need"] for row in page.context["rows"]]
        url = page.context["next_url"] and reverse("needs") + page.context["next_url"]
    assert seen == expected
    one = expected[1]
    NeedLink.objects.create(need=one, kind="place", place=make_place(area=area))
    monkeypatch.setattr("initiatives.needs.views.needs.NEEDS_PAGE_SIZE", 25)
    without = desk.get(reverse("needs"), {"link": "none", "area": area.slug}).context["rows"]
    assert [row["need"] for row in without] == [need for need in expected if need != one]
    met = desk.get(reverse("needs"), {"state": "met"}).context["rows"]
    assert [row["need"].state for row in met] == [NeedState.MET]


def test_an_empty_list_says_what_to_do_first(coordinator, viewer):
    page = signed_in(coordinator).get(reverse("needs")).content.decode()
    assert reverse("need_new") in page
    assert reverse("need_new") not in signed_in(viewer).get(reverse("needs")).content.decode()


def test_merging_and_splitting_from_the_page(need, other, topic, coordinator):
    named_by(topic, 3)
    desk = signed_in(coordinator)
    assert desk.post(reverse("need_merge", args=[need.pk]), {"into": ""}).status_code == 422
    assert desk.post(reverse("need_merge", args=[need.pk]), {"into": other.pk}).url == reverse(
        "need", args=[other.pk]
    )
    assert "Koffie" in desk.get(reverse("need", args=[need.pk])).content.decode()
    source = other.sources.get(topic=topic)
    sent = {"source": [source.pk], "title_nl": "Overdag open"}
    assert desk.post(reverse("need_split", args=[other.pk]), sent | {"title_nl": ""}).status_code == 422
    assert desk.post(reverse("need_split", args=[other.pk]), sent).status_code == 302
    part = Need.objects.get(split_from=other)
    assert part.title == {"nl": "Overdag open"}
    assert desk.post(reverse("need_undo_merge", args=[need.pk])).status_code == 302
    need.refresh_from_db()
    assert need.merged_into is None


def test_an_answer_begins_with_who_waits_for_one(need, topic, editor, coordinator):
    make_debt(topic, owner=editor)
    make_debt(topic, owner=editor, state=Owed.SENT)
    page = signed_in(editor).get(reverse("need", args=[need.pk]))
    (answer,) = page.context["answers"]
    assert answer["people"] == 1
    asked = signed_in(editor).get(answer["url"])
    assert asked.context["counted"].audience["key"] == [topic.key] if asked.context["counted"] else True
    assert signed_in(coordinator).get(reverse("need", args=[need.pk])).context["answers"] == []


def test_sources_of_a_need_are_read_in_a_fixed_number_of_queries(
    need, area, coordinator, django_assert_max_num_queries
):
    for number in range(12):
        topic = make_topic(f"option:{number + 60}", area=area)
        named_by(topic, 1)
        need.sources.create(origin=need, topic=topic)
    desk = signed_in(coordinator)
    desk.get(reverse("need", args=[need.pk]))
    with django_assert_max_num_queries(70):
        desk.get(reverse("need", args=[need.pk]))
    assert Sources.of(need).people() == 12
