"""The day of the coordinator: who waits, which role has nobody, what was answered; and whether it is fair."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Offer
from initiatives.movement.services import coordinator_dashboard
from initiatives.panels import hands_here
from initiatives.states import MatchState, OfferState, RoleState
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.factories import make_gift, make_initiative, make_match, make_offer, make_role
from tests.people import make_user, signed_in
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


def figures(user) -> list[str]:
    return [str(one["value"]) for one in signed_in(user).get(reverse("hands")).context["figures"]]


def test_four_figures_that_somebody_acts_on(area, coordinator):
    make_offer(area, owner=coordinator, due=-1, offered_on=today(-9))
    make_offer(
        area, owner=coordinator, due=0, offered_on=today(-9), contacted_on=today(-8), state="contacted"
    )
    make_role(make_initiative(area))
    assert figures(coordinator) == ["1", "1", "1", "50%"]


def test_nothing_yet_is_no_rate(area, coordinator):
    assert figures(coordinator) == ["0", "0", "0", "–"]


@pytest.mark.parametrize(
    ("offered", "spoken", "counts", "in_time"),
    [
        (-9, -7, 1, 1),
        (-9, -6, 1, 0),
        (-9, None, 1, 0),
        (-2, None, 0, 0),  # there is still time
        (-1, 0, 1, 1),
        (-91, -90, 0, 0),  # too long ago to act on
    ],
)
def test_who_was_spoken_to_in_time(offered, spoken, counts, in_time, area):
    make_offer(area, offered_on=today(offered), contacted_on=None if spoken is None else today(spoken))
    rate = coordinator_dashboard.first_contact_rate(Offer.objects.all(), today=today())
    assert (rate.of, rate.in_time) == (counts, in_time)


def test_whoever_withdrew_waited_for_nobody(area):
    make_offer(area, offered_on=today(-9), state=OfferState.CLOSED, withdrawn_from=OfferState.NEW)
    assert coordinator_dashboard.first_contact_rate(Offer.objects.all(), today=today()).of == 0


@pytest.mark.parametrize("state", MatchState)
def test_a_role_has_somebody_when_both_said_yes(state, area, coordinator):
    role = make_role(make_initiative(area))
    make_match(make_offer(area), role, state=state)
    nobody = coordinator_dashboard.open_roles(coordinator).filter(bound=0)
    assert (role in nobody) == (state not in ("accepted", "introduced", "active"))
    if role in nobody:
        assert nobody.get().asked == (state in ("proposed", "waitlisted"))


def test_only_open_roles_of_what_everybody_may_join_where_one_works(area, other_area, coordinator):
    make_role(make_initiative(area), state=RoleState.DRAFT)
    make_role(make_initiative(area, state="idea"))
    make_role(make_initiative(other_area))
    assert not coordinator_dashboard.open_roles(coordinator).exists()


def test_what_was_answered_since_yesterday(area, coordinator):
    role = make_role(make_initiative(area))
    now = timezone.now()
    make_match(make_offer(area), role, state="proposed", volunteer_yes_at=now)
    make_match(make_offer(area), role, state="declined")
    make_match(make_offer(area), role, state="introduced", days_ago=3)
    make_match(make_offer(area), role, state="proposed")
    found = coordinator_dashboard.recent_match_answers(coordinator, today=today())
    assert sorted((one.side, one.is_no) for one in found) == [("volunteer", False), ("volunteer", True)]
    page = signed_in(coordinator).get(reverse("hands")).content.decode()
    answered = page.partition('id="answered"')[2].partition("</section>")[0]
    assert answered.count("<li>") == 2 and f'href="/desk/hands/{found[0].match.offer_id}/"' in answered


def test_what_happened_elsewhere_is_not_theirs(other_area, coordinator):
    make_match(make_offer(other_area), make_role(make_initiative(other_area)), state="declined")
    assert coordinator_dashboard.recent_match_answers(coordinator, today=today()) == []


def test_who_waits_longest_stands_first_and_pages_by_key(area, coordinator, monkeypatch):
    from initiatives.movement.views import hands as views

    monkeypatch.setattr(views, "OFFERS_PAGE_SIZE", 2)
    for days, state in ((-3, "new"), (-20, "contacted"), (-9, "new"), (-40, "active")):
        make_offer(area, owner=coordinator, offered_on=today(days), state=state)
    asked = make_offer(area, owner=coordinator, offered_on=today(-50))
    make_match(asked, make_role(make_initiative(area)), state="proposed")
    client, url = signed_in(coordinator), reverse("hands")
    first = client.get(url, {"look": "waiting"})
    assert [row["waits"] for row in first.context["offers"]] == [20, 9]
    second = client.get(url + first.context["next_url"])
    assert [row["waits"] for row in second.context["offers"]] == [3]


def test_mine_are_mine(area, coordinator):
    make_offer(area, owner=make_user(Role.COORDINATOR, area))
    mine = make_offer(area, owner=coordinator)
    page = signed_in(coordinator).get(reverse("hands"), {"look": "mine"})
    assert [row["offer"] for row in page.context["offers"]] == [mine]


@pytest.mark.parametrize(
    "query", [{"after": "x~1"}, {"after": "2026-02-31~1"}, {"look": "x"}, {"owner": "x"}, {"after": "\0"}]
)
def test_an_address_typed_wrong_is_the_first_page(query, area, coordinator):
    make_offer(area, owner=coordinator)
    assert len(signed_in(coordinator).get(reverse("hands"), query).context["offers"]) == 1


def test_without_a_card_the_desk_says_that_nobody_is_invited(area, coordinator):
    assert signed_in(coordinator).get(reverse("hands")).context["no_card"]


# --- is it fair? ------------------------------------------------------------------------------


def test_months_with_half_of_them_and_the_rate(area):
    on = date(2026, 5, 20)
    for offered, spoken in (
        ("2026-05-01", "2026-05-02"),
        ("2026-05-02", "2026-05-09"),
        ("2026-05-19", None),
        ("2026-04-30", "2026-05-01"),
    ):
        make_offer(area, offered_on=offered, contacted_on=spoken)
    make_offer(area, offered_on="2024-05-01")
    found = [
        (one.first.month, one.offers, one.half, one.rate.percent)
        for one in coordinator_dashboard.months(Offer.objects.all(), today=on)
    ]
    assert found == [(5, 3, 4, 50), (4, 1, 1, 100)]


def test_where_introductions_went(area, next_area, coordinator):
    administrator = make_user(Role.ADMINISTRATOR)
    soup, repair = make_initiative(area, name="Soep"), make_initiative(next_area, name="Repair")
    role = make_role(soup)
    for _one in range(3):
        make_match(make_offer(area), role, state="introduced")
    make_match(make_offer(area), role, state="introduced", days_ago=400)
    make_role(repair)
    initiatives, areas = coordinator_dashboard.introductions(administrator, today=today())
    assert (initiatives.rows, initiatives.none, initiatives.largest_share) == ([("Soep", 3)], ["Repair"], 100)
    assert (areas.rows, areas.none) == ([(area.name, 3)], [next_area.name])
    client = signed_in(administrator)
    with no_writes():
        page = client.get(reverse("hands_fairness")).content.decode()
    assert "Soep" in page and "Repair" in page


def test_gifts_stand_beside_hands_on_the_page_of_the_area(area):
    make_gift(area)
    make_offer(area)
    context = hands_here(area).context
    assert (context["people"], [n for _label, n in context["gifts"]]) == (1, [1])
