"""What colleagues note of a match for who called: who may, and what comes of it."""

import pytest
from django.urls import reverse

from accounts.models import Event
from initiatives.matching.services import matches
from initiatives.models import Match
from initiatives.states import MatchState, OfferState
from neighbourhoods.states import Role
from tests.initiatives.factories import make_begun, make_offer, make_role
from tests.people import make_area, make_membership, make_municipality, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(db):
    make_municipality()
    return make_area("Harbour", slug="harbour")


@pytest.fixture
def coordinator(here):
    return make_user(Role.COORDINATOR, here)


@pytest.fixture
def match(here, coordinator) -> Match:
    """Nobody left an address, so everything goes by phone."""
    role = make_role(make_begun(here, owner=make_user(Role.COORDINATOR, here), by_resident=False))
    offer = make_offer(here, owner=coordinator, state=OfferState.CONTACTED)
    return matches.propose(offer=offer, role=role, by=coordinator)


def do(user, match: Match, verb: str, **data: str) -> int:
    return signed_in(user).post(reverse("match_do", args=[match.pk, verb]), data).status_code


def test_both_say_yes_by_phone_and_a_colleague_introduces_them(match, coordinator):
    assert do(coordinator, match, "yes", side="volunteer") == 302
    assert do(coordinator, match, "yes", side="initiative") == 302
    match.refresh_from_db()
    assert match.state == MatchState.ACCEPTED
    assert do(coordinator, match, "introduce") == do(coordinator, match, "begin") == 302
    match.refresh_from_db()
    assert match.state == MatchState.ACTIVE
    assert do(coordinator, match, "end") == 302
    match.refresh_from_db()
    assert match.state == MatchState.ENDED
    said = list(Event.objects.about(match).order_by("pk").values_list("verb", "actor"))
    assert said[1:3] == [("said yes", coordinator.pk)] * 2


def test_a_no_needs_its_reason(match, coordinator):
    assert do(coordinator, match, "no", side="volunteer", because="") == 302
    match.refresh_from_db()
    assert match.state == MatchState.PROPOSED
    do(coordinator, match, "no", side="volunteer", because="too_far")
    match.refresh_from_db()
    assert (match.state, match.declined_by, match.declined_because) == ("declined", "volunteer", "too_far")


@pytest.mark.parametrize(
    ("verb", "data"), [("erase", {}), ("yes", {}), ("yes", {"side": "nobody"}), ("no", {"because": "time"})]
)
def test_what_is_no_action_is_not_found(match, coordinator, verb, data):
    assert do(coordinator, match, verb, **data) == 404


def test_who_works_elsewhere_finds_nothing(match):
    assert do(make_user(Role.COORDINATOR, make_area("Meadow", slug="meadow")), match, "end") == 404


def test_between_two_neighbourhoods_each_speaks_for_their_own_side(match, coordinator):
    """Also who looks after the volunteer and called the initiative: its yes is noted by who works there."""
    elsewhere = make_area("Meadow", slug="meadow")
    there = make_user(Role.COORDINATOR, elsewhere)
    make_membership(coordinator, Role.VIEWER, elsewhere)
    role = make_role(make_begun(elsewhere, owner=make_user(Role.COORDINATOR, elsewhere), by_resident=False))
    offer = make_offer(match.offer.area, owner=coordinator, state=OfferState.CONTACTED)
    asked = matches.propose(offer=offer, role=role, by=coordinator)
    assert do(there, asked, "yes", side="volunteer") == 403
    assert do(coordinator, asked, "yes", side="initiative") == 403
    assert do(coordinator, asked, "no", side="initiative", because="found") == 403
    assert (
        do(there, asked, "yes", side="initiative") == do(coordinator, asked, "yes", side="volunteer") == 302
    )
    asked.refresh_from_db()
    assert asked.state == MatchState.ACCEPTED


def test_proposing_twice_is_one_question_and_it_leads_back(match, coordinator):
    url = reverse("match_propose_role", args=[match.role_id])
    data = {"offer": str(match.offer_id), "back": "/desk/hands/"}
    answer = signed_in(coordinator).post(url, data)
    assert (answer.status_code, answer.url, Match.objects.count()) == (302, "/desk/hands/", 1)
    for back in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "hands", "a b"):
        answer = signed_in(coordinator).post(url, data | {"back": back})
        assert answer.url == reverse("hand", args=[match.offer_id])
    assert signed_in(coordinator).post(url, {"offer": "²"}).status_code == 404
