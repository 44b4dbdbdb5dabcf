"""Lists that would grow with the years: what they read is bounded, and everything stays within reach."""

import pytest
from django.urls import reverse

from feedback.models import AnswerOwed
from initiatives.challenges.services import requests_to_answer
from initiatives.initiatives.services.beginning import ideas_to_answer, owe
from initiatives.matching.services import owners
from initiatives.needs.forms import MAX_LISTED as NEEDS_LISTED
from initiatives.needs.services import need_suggestions
from initiatives.needs.services.need_suggestions import LISTED_PER_KIND, Suggestions
from initiatives.needs.services.notes import talks_to_answer
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_topic, today
from tests.initiatives.factories import make_challenge, make_idea, make_initiative, make_need
from tests.neighbourhoods.factories import make_place
from tests.people import make_area, make_root, make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def everywhere(municipality):
    return make_user(Role.COORDINATOR, make_root())


# --- what could be linked to a need -----------------------------------------------------------


def of(kind: str, there: Suggestions) -> set[str]:
    return {thing.key for thing in there.shelf.targets if thing.kind == kind}


@pytest.mark.parametrize("kind", ["place", "initiative"])
def test_what_is_near_is_looked_at_before_what_is_far(kind, area, other_area, everywhere, monkeypatch):
    monkeypatch.setattr(need_suggestions, "MAX_PLACES", 3)
    monkeypatch.setattr(need_suggestions, "MAX_INITIATIVES", 3)
    make = make_place if kind == "place" else make_initiative
    near = [make(area=area, checked_on=today(-400)) for _two in range(2)]
    far = [make(area=other_area, checked_on=today(-days)) for days in range(4)]
    need = make_need(area=area, theme=make_theme())
    found = of(kind, Suggestions(everywhere, [need]))
    assert found == {str(one.pk) for one in (*near, far[0])}, "of what is far the newest"


def test_as_many_queries_and_no_more_things_however_much_there_is(
    area, coordinator, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(need_suggestions, "MAX_PLACES", 5)
    monkeypatch.setattr(need_suggestions, "MAX_INITIATIVES", 5)
    for number in range(9):
        make_place(area=area)
        make_initiative(area, name=f"Soep {number}")
    needs = [make_need(area=area, theme=make_theme()) for _three in range(3)]
    with django_assert_max_num_queries(17):
        there = Suggestions(coordinator, needs)
    assert len(of("place", there)) == len(of("initiative", there)) == 5


def test_the_rest_is_found_by_words_and_can_be_linked(area, coordinator):
    need = make_need(make_topic(area=area, theme=make_theme()), owner=coordinator)
    for number in range(LISTED_PER_KIND + 5):
        make_place(area=area, name=f"Aula {number:02}")
    hidden = make_place(area=area, name="Zolder van Fatma", checked_on=today(-900))
    client, url = signed_in(coordinator), reverse("need", args=[need.pk])

    def listed(**asked: str) -> list[str]:
        more = dict(client.get(url, asked).context["more"])
        return [one.value for some in more.values() for one in some if one.value.startswith("place:")]

    assert len(listed()) == LISTED_PER_KIND and f"place:{hidden.pk}" not in listed()
    assert listed(q="zolder") == [f"place:{hidden.pk}"]
    assert listed(q="bestaat niet") == []
    assert (
        client.post(reverse("need_link", args=[need.pk]), {"what": f"place:{hidden.pk}"}).status_code == 302
    )
    assert need.links.get().place == hidden


def test_a_need_that_is_not_listed_can_still_be_the_same(area, other_area, coordinator):
    theme = make_theme()
    need = make_need(make_topic(area=area, theme=theme), owner=coordinator)
    same = make_need(make_topic(area=area, theme=theme), title="Precies hetzelfde")
    for _more in range(NEEDS_LISTED):
        make_need(make_topic(area=area, theme=theme), people=9)
    client, url = signed_in(coordinator), reverse("need", args=[need.pk])

    def shown(**asked: str) -> list[int]:
        form = client.get(url, asked).context["into_form"]
        return [pk for pk, _name in form.fields["into"].widget.choices if pk]

    assert len(shown()) == NEEDS_LISTED and same.pk not in shown()
    assert shown(q="hetzelfde") == [same.pk]
    client.post(reverse("need_merge", args=[need.pk]), {"into": same.pk})
    need.refresh_from_db()
    assert need.merged_into == same


# --- whom to answer ---------------------------------------------------------------------------


def an_idea(area, editor):
    begun = make_idea(area, owner=editor)
    owe(begun, {"why": "Zomaar.", "what": "Soep."}, due=today(9), day=today())
    return ideas_to_answer, begun.source


def a_challenge(area, editor):
    return requests_to_answer, make_challenge(area).source


def a_talk(area, editor):
    topic = make_topic(area=area, source=f"talks:{area.pk}:{editor.pk}:2611", key="talk")
    make_debt(topic)
    return talks_to_answer, topic.source


@pytest.mark.parametrize("make", [an_idea, a_challenge, a_talk])
def test_whom_to_answer_is_who_waits(make, area, editor, stranger):
    listed, source = make(area, editor)
    assert [one.source for one in listed(editor)] == [source]
    assert listed(stranger) == []
    AnswerOwed.objects.all().delete()
    assert listed(editor) == [], "nobody waits"


# --- who looks after what comes in ------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "order", "who"),
    [
        ([(Role.COORDINATOR, 0), (Role.EDITOR, 0)], owners.OWNER_ROLES, 0),
        ([(Role.COORDINATOR, 0), (Role.EDITOR, 0)], owners.DECIDING_ROLES, 1),
        ([(Role.EDITOR, 2), (Role.EDITOR, 0)], owners.DECIDING_ROLES, 1),  # nearest by
        ([(Role.EDITOR, 2), (Role.ADMINISTRATOR, 0)], owners.DECIDING_ROLES, 0),  # the role comes first
        ([(Role.ADMINISTRATOR, 2)], owners.OWNER_ROLES, 0),
        ([(Role.VIEWER, 0), (Role.BACKER, 0)], owners.OWNER_ROLES, None),
        ([(Role.COORDINATOR, 0)], owners.DECIDING_ROLES, None),
        ([], owners.OWNER_ROLES, None),
    ],
)
def test_one_rule_says_who_looks_after_something(there, order, who, area):
    around = [area, area.parent, area.parent.parent]
    people = [make_user(role, around[steps]) for role, steps in there]
    assert owners.owner_for_area(area, order=order) == (None if who is None else people[who])


def test_of_two_alike_the_one_with_least_in_hand(area):
    busy, free = (make_user(Role.COORDINATOR, area) for _two in range(2))
    make_need(make_topic(area=area, theme=make_theme()), owner=busy)
    assert owners.owner_for_area(area) == free
    assert owners.current_or_new_owner(busy, area) == busy
    busy.memberships.all().delete()
    assert owners.current_or_new_owner(type(busy).objects.get(pk=busy.pk), area) == free
    assert owners.current_or_new_owner(busy, make_area("Meadow", slug="meadow")) == busy, "nobody works there"
