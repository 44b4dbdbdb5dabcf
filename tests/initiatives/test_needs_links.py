"""What a need leads to: linked with one press, once, and a decision links itself when it is released."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from config.views import needs_without_link
from core.errors import DomainError
from feedback.answers.services.release import end_holds
from feedback.states import FollowUpState
from initiatives.models import Need, NeedLink
from initiatives.needs.need_panels import needs_here, needs_per_area
from initiatives.needs.services import need_sources
from initiatives.needs.services.need_suggestions import Suggestions
from initiatives.states import InitiativeState, LinkKind, NeedState, OfferKind, OfferState
from tests.feedback.factories import make_follow_up, make_topic
from tests.initiatives.factories import make_initiative, make_need, make_offer
from tests.neighbourhoods.factories import make_party, make_place
from tests.people import make_theme, signed_in


@pytest.fixture
def theme(db):
    return make_theme("meeting")


@pytest.fixture
def need(area, theme, coordinator):
    topic = make_topic("option:31", area=area, theme=theme, title="een plek voor koffie")
    return make_need(topic, title="Een plek voor koffie", owner=coordinator)


def ends(area, theme) -> dict[str, str]:
    """One of each kind that a need can lead to."""
    told = make_follow_up(areas=[area], state=FollowUpState.FANNED_OUT)
    return {
        LinkKind.OFFER: f"offer:{make_offer(area).pk}",
        LinkKind.PLACE: f"place:{make_place(area=area).pk}",
        LinkKind.INITIATIVE: f"initiative:{make_initiative(area, theme=theme).pk}",
        LinkKind.APPROACH: "approach:street-action",
        LinkKind.DECISION: f"decision:{told.pk}",
    }


@pytest.mark.parametrize("kind", LinkKind)
def test_each_kind_can_be_linked_once_and_taken_off(kind, need, area, theme, coordinator):
    what = ends(area, theme)[kind]
    desk, url = signed_in(coordinator), reverse("need_link", args=[need.pk])
    for _press in range(2):
        assert desk.post(url, {"what": what}).status_code == 302
    link = need.links.get()
    assert link.kind == kind and link.made_by == coordinator
    assert Event.objects.about(need).filter(verb="linked").count() == 1
    assert desk.get(reverse("need", args=[need.pk])).status_code == 200
    for _press in range(2):
        assert desk.post(reverse("need_unlink", args=[need.pk]), {"link": link.pk}).status_code == 302
    assert not need.links.exists()


@pytest.mark.parametrize(
    "what", ["", "place:", "place:999999", "approach:nothing", "neither:1", "offer:²", "initiative:1:2"]
)
def test_what_is_not_there_is_said(what, need, coordinator):
    with pytest.raises(DomainError):
        need_sources.link_need(need=need, what=what, by=coordinator)


def test_what_is_over_or_not_theirs_to_see_can_not_be_linked(need, area, other_area, theme, coordinator):
    gone = [
        f"offer:{make_offer(area, state=OfferState.CLOSED).pk}",
        f"offer:{make_offer(other_area).pk}",
        f"place:{make_place(area=area, ended_on=timezone.localdate()).pk}",
        f"place:{make_place(area=other_area).pk}",
        f"initiative:{make_initiative(area, theme=theme, state=InitiativeState.ENDED).pk}",
        f"decision:{make_follow_up(areas=[area]).pk}",  # a draft is no decision
    ]
    for what in gone:
        with pytest.raises(DomainError):
            need_sources.link_need(need=need, what=what, by=coordinator)


# --- suggestions ------------------------------------------------------------------------------


def test_suggestions_say_why_and_are_pressed_from_the_list(need, area, other_area, theme, coordinator):
    coffee = make_initiative(area, theme=theme, name="Koffie op dinsdag")
    far = make_initiative(other_area, theme=theme, name="Koffie ver weg")
    page = signed_in(coordinator).get(reverse("needs"), {"link": "none"})
    (row,) = page.context["rows"]
    first = row["suggestions"][0]
    assert first.value == f"initiative:{coffee.pk}" and first.reasons[0] == "over “koffie”"
    assert len(row["suggestions"]) <= 3
    assert f"initiative:{far.pk}" not in [one.value for one in row["suggestions"]], "not theirs to see"
    sent = {"what": first.value, "back": "list"}
    response = signed_in(coordinator).post(reverse("need_link", args=[need.pk]), sent)
    assert response.url == reverse("needs") + "?link=none"
    assert not Need.objects.without_link().exists()


def test_an_offer_of_a_room_and_hands_that_cook(need, area, coordinator):
    room = make_offer(
        area, kind=OfferKind.SPACE, way="", party=make_party(areas=[area]), words="Zaal met koffie", skills=[]
    )
    make_offer(area, skills=["drive"])
    old = make_offer(area, kind=OfferKind.SPACE, way="", words="Zaal met koffie", skills=[], state="paused",
                     until=timezone.localdate())  # fmt: skip
    values = [one.value for one in Suggestions(coordinator, [need]).for_need(need, (), top=None)]
    assert f"offer:{room.pk}" in values and f"offer:{old.pk}" not in values


def test_who_looks_on_gets_no_suggestions_and_no_offers(need, area, coordinator, viewer):
    offer = make_offer(area, words="Ik bak taarten", skills=["cook"])
    NeedLink.objects.create(need=need, kind="offer", offer=offer)
    page = signed_in(viewer).get(reverse("need", args=[need.pk]))
    assert not page.context.get("suggestions") and "taarten" not in page.content.decode()
    assert "taarten" in signed_in(coordinator).get(reverse("need", args=[need.pk])).content.decode()


def test_suggestions_for_many_needs_cost_as_many_queries_as_for_one(
    area, theme, coordinator, django_assert_max_num_queries
):
    for number in range(9):
        make_need(make_topic(f"option:{number + 1}", area=area, theme=theme), owner=coordinator)
        make_place(area=area)
        make_initiative(area, theme=theme, name=f"Koffie {number}")
    desk = signed_in(coordinator)
    desk.get(reverse("needs"), {"link": "none"})
    with django_assert_max_num_queries(60):
        page = desk.get(reverse("needs"), {"link": "none"})
    assert len(page.context["rows"]) == 9


# --- a decision -------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "links"), [("option:31", 1), ("option:99", 0), ("", 0)])
def test_an_answer_that_names_it_is_a_decision_once_it_is_released(key, links, need, area):
    now = timezone.now()
    make_follow_up(key=key, areas=[area], state=FollowUpState.HOLD, now=now)
    assert not need.links.exists()
    end_holds(now=now + timedelta(minutes=20))
    end_holds(now=now + timedelta(minutes=21))
    assert need.links.filter(kind=LinkKind.DECISION).count() == links


def test_an_answer_told_elsewhere_decides_nothing_here(need, other_area):
    now = timezone.now()
    make_follow_up(key="option:31", areas=[other_area], state=FollowUpState.HOLD, now=now)
    end_holds(now=now + timedelta(minutes=20))
    assert not need.links.exists()


# --- the number on the desk -------------------------------------------------------------------


def test_needs_without_a_link_are_a_number_with_a_list_behind_it(need, area, other_area, coordinator, viewer):
    linked = make_need(make_topic("option:32", area=area), owner=coordinator)
    NeedLink.objects.create(need=linked, kind="place", place=make_place(area=area))
    make_need(make_topic("option:33", area=area), state=NeedState.MET)
    make_need(make_topic("option:34", area=other_area))
    taken = make_need(make_topic("option:35", area=area), owner=coordinator)
    need_sources.merge(need=taken, into=linked, by=coordinator)
    assert (needs_without_link(coordinator), needs_without_link(viewer)) == (1, 0)
    assert f"{reverse('needs')}?link=none" in signed_in(coordinator).get(reverse("desk")).content.decode()
    columns = {column.slug: column.read() for column in needs_per_area([area.pk])}
    assert columns == {"needs": {area.pk: (2, 0)}, "needs-without": {area.pk: (1, 0)}}
    assert needs_here(area).context["without"] == 1


def test_an_area_without_needs_says_what_to_do(area, coordinator):
    assert needs_here(area).action
    assert reverse("need_new") in signed_in(coordinator).get(area.get_absolute_url()).content.decode()


def test_what_is_hidden_of_the_library_is_not_suggested(need, coordinator, administrator):
    from initiatives.initiatives.services import library

    library.hide(slug="street-action", by=administrator)
    library.forget_cached()
    with pytest.raises(DomainError):
        need_sources.link_need(need=need, what="approach:street-action", by=coordinator)


@pytest.mark.parametrize(
    ("state", "known"), [(InitiativeState.RUNNING, ["Koffieclub"]), (InitiativeState.IDEA, [])]
)
def test_who_answers_is_told_what_neighbours_do_already(state, known, need, area, theme, coordinator):
    """Only what residents may read of: it is filled in where an answer to them says how it goes on."""
    begun = make_initiative(area, theme=theme, name="Koffieclub", state=state)
    NeedLink.objects.create(need=need, kind=LinkKind.INITIATIVE, initiative=begun)
    topic = need.sources.get().topic
    found = need_sources.linked_initiatives(coordinator, topic.source, [topic.key], [area.pk])
    assert [one.name["nl"] for one in found] == known
    assert need_sources.linked_initiatives(coordinator, topic.source, ["option:99"], [area.pk]) == []


def test_what_was_answered_to_one_person_alone_is_no_decision_to_link(need, area, coordinator):
    told = make_follow_up(areas=[area], state=FollowUpState.FANNED_OUT)
    told.audience |= {"owed": [1]}
    told.save()
    with pytest.raises(DomainError):
        need_sources.link_need(need=need, what=f"decision:{told.pk}", by=coordinator)
