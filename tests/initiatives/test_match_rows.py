"""Matches on the page of an offer and of a role: a button stands where it may be pressed, and nothing is hidden."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from feedback.models import Message
from initiatives.matching.match_panels import MATCHES_SHOWN, your_matches
from initiatives.matching.services.match_days import run_match_jobs
from initiatives.matching.views.matches import MATCHES_PAGE_SIZE
from initiatives.models import Match
from initiatives.states import MatchState, Side
from neighbourhoods.states import Role
from tests.feedback.factories import make_receipt
from tests.initiatives.factories import make_begun, make_match, make_offer, make_role
from tests.people import make_membership, make_user, signed_in

pytestmark = pytest.mark.django_db

VOLUNTEER, INITIATIVE, BOTH, NOBODY = {Side.VOLUNTEER}, {Side.INITIATIVE}, set(Side), None


@pytest.fixture
def match(area, other_area) -> Match:
    """Somebody from here for something elsewhere."""
    offer = make_offer(area, owner=make_user(Role.COORDINATOR, area))
    initiative = make_begun(other_area, owner=make_user(Role.COORDINATOR, other_area), by_resident=False)
    return make_match(offer, make_role(initiative))


def who(name: str, match: Match, area, other_area):
    return {
        "who looks after the volunteer": lambda: match.offer.owner,
        "who works where the volunteer lives": lambda: make_user(Role.EDITOR, area),
        "who looks after the volunteer and looks on there": lambda: _may_also(
            match.offer.owner, Role.VIEWER, other_area
        ),
        "who looks after both": lambda: _may_also(match.offer.owner, Role.COORDINATOR, other_area),
        "who looks after the initiative": lambda: match.role.initiative.owner,
        "who works where the initiative is": lambda: make_user(Role.COORDINATOR, other_area),
        "who reads along there": lambda: make_user(Role.VIEWER, other_area),
        "who works for the whole municipality": lambda: make_user(Role.COORDINATOR, area.parent.parent),
    }[name]()


def _may_also(user, role, area):
    make_membership(user, role, area)
    return user


@pytest.mark.parametrize(
    ("name", "at", "sides"),
    [
        ("who looks after the volunteer", "hand", VOLUNTEER),
        ("who works where the volunteer lives", "hand", VOLUNTEER),
        ("who looks after the volunteer and looks on there", "hand", VOLUNTEER),
        ("who looks after both", "hand", BOTH),
        ("who looks after the initiative", "role", INITIATIVE),
        ("who works where the initiative is", "role", INITIATIVE),
        ("who reads along there", "role", NOBODY),
        ("who works for the whole municipality", "hand", BOTH),
        ("who works for the whole municipality", "role", BOTH),
    ],
)
def test_every_button_that_stands_there_works(name, at, sides, match, area, other_area):
    user = who(name, match, area, other_area)
    client = signed_in(user)
    shown = client.get(reverse(at, args=[match.offer_id if at == "hand" else match.role_id]))
    html = shown.content.decode()
    for side in Side:
        may = side in (sides or ())
        assert (f'name="side" value="{side}"' in html) == may, "the button of a yes"
        assert (f'<option value="{side}"' in html) == may, "whose no it is"
    if sides is NOBODY:
        assert shown.context["matches"] is None
        return
    (row,) = shown.context["matches"].rows
    assert row.sides == sides
    for side in Side:
        answer = client.post(reverse("match_do", args=[match.pk, "yes"]), {"side": side.value})
        assert (answer.status_code == 302) == (side in sides), side


def test_who_is_asked_for_an_initiative_without_a_resident_is_asked_again(match):
    run_match_jobs(timezone.now() + timedelta(days=5))
    run_match_jobs(timezone.now() + timedelta(days=6))
    asked = Message.objects.filter(user=match.role.initiative.owner)
    assert [one.dedupe_key.split(":")[3:] for one in asked] == [["again", "i"]]


def many(area, *, of: str, number: int) -> list[Match]:
    """Of one offer or of one role, the newest first."""
    offer, role = make_offer(area, owner=make_user(Role.COORDINATOR, area)), make_role(make_begun(area))
    made = [
        make_match(
            offer if of == "hand" else make_offer(area),
            role if of == "role" else make_role(role.initiative),
            state=MatchState.EXPIRED,
            days_ago=days // 2,
        )
        for days in range(number)
    ]
    return sorted(made, key=lambda one: (one.proposed_at, one.pk), reverse=True)


@pytest.mark.parametrize("of", ["hand", "role"])
@pytest.mark.parametrize("number", [1, MATCHES_PAGE_SIZE, MATCHES_PAGE_SIZE + 1, 2 * MATCHES_PAGE_SIZE + 3])
def test_older_ones_stand_behind_a_link_and_none_is_left_out(of, number, area, coordinator):
    made = many(area, of=of, number=number)
    client, url = (
        signed_in(coordinator),
        reverse(of, args=[getattr(made[0], f"{'offer' if of == 'hand' else of}_id")]),
    )
    seen, query = [], url
    while query:
        page = client.get(query.partition("#")[0]).context["matches"]
        assert len(page.rows) <= MATCHES_PAGE_SIZE
        seen += [row.match for row in page.rows]
        query = url + page.older_url if page.older_url else ""
    assert seen == made


@pytest.mark.parametrize("of", ["hand", "role"])
def test_a_page_takes_as_many_queries_for_one_as_for_twenty(of, area, coordinator):
    client, took = signed_in(coordinator), []
    for number in (1, MATCHES_PAGE_SIZE + 5):
        first = many(area, of=of, number=number)[0]
        url = reverse(of, args=[first.offer_id if of == "hand" else first.role_id])
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        took.append(len(queries))
    assert took[1] <= took[0] + 1


# --- on one's own page ------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, MATCHES_SHOWN, MATCHES_SHOWN + 1, 3 * MATCHES_SHOWN])
def test_somebody_finds_everything_that_was_ever_proposed_to_them(number, area, client: Client):
    made = many(area, of="hand", number=number)
    receipt = made[0].offer.receipt if made else make_receipt()
    panel = your_matches(receipt)
    if not number:
        assert panel is None
        return
    assert panel
    seen = [row["match"] for row in panel.context["rows"]]
    url = reverse("own_matches", args=[sign_link(receipt, LinkPurpose.PAGE)])
    query = panel.context["older_url"]
    while query:
        page = client.get(f"{url}?{query.rpartition('?')[2]}")
        assert page.status_code == 200
        seen += [row["match"] for row in page.context["rows"]]
        query = page.context["older_url"]
    assert seen == made
    assert all(row["match"].pk in [one.pk for one in made] for row in client.get(url).context["rows"])
