"""From rows to who fits what: what counts, what is seen by whom, and in how many queries."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from initiatives.matching import Location, ReasonCode
from initiatives.matching.services import suggesting
from initiatives.models import Clearance, Match
from initiatives.states import (
    BOUND_MATCHES,
    Decline,
    InitiativeState,
    Involvement,
    MatchState,
    OfferKind,
    OfferState,
    RoleState,
    Side,
)
from tests.feedback.factories import today
from tests.initiatives.factories import make_initiative, make_match, make_offer, make_role
from tests.people import make_theme


@pytest.fixture
def role(area):
    return make_role(area=area)


@pytest.fixture
def offer(area, coordinator):
    return make_offer(area, owner=coordinator)


def offers(found: suggesting.RankedSuggestions) -> list:
    return [offer for offer, _suggestion in found.best]


def why_not(role, by, offer) -> list[tuple]:
    found = suggesting.rank_offers_for_role(role, by=by)
    assert offer not in offers(found)
    return [
        (one.mark, *one.detail)
        for other, refused in found.refused
        if other == offer
        for one in refused.barriers
    ]


def marks(role, by, offer) -> dict[str, tuple]:
    found = next(one for other, one in suggesting.rank_offers_for_role(role, by=by).best if other == offer)
    return {one.mark: one.detail for one in (*found.reasons, *found.adjustments)}


# --- who, and what ----------------------------------------------------------------------------


def test_a_role_gets_who_waits_and_offers_hands(role, offer, area, coordinator):
    make_offer(area, state=OfferState.CLOSED)
    make_offer(area, kind=OfferKind.SPACE, way="")
    make_offer(area, until=today(-1))
    assert offers(suggesting.rank_offers_for_role(role, by=coordinator)) == [offer]


def test_only_whom_a_colleague_may_see(role, offer, next_area, other_area, coordinator, stranger):
    make_offer(next_area), make_offer(other_area)
    assert offers(suggesting.rank_offers_for_role(role, by=coordinator)) == [offer]
    there = suggesting.rank_offers_for_role(role, by=stranger)
    assert offer not in offers(there) and len(there.best) == 1


@pytest.mark.parametrize(
    "fields",
    [{"state": RoleState.DRAFT}, {"state": RoleState.CLOSED}, {"ends_on": today(-1), "starts_on": today(-9)}],
)
def test_a_role_that_is_not_open_gets_nobody(fields, offer, area, coordinator):
    role = make_role(area=area, **fields)
    assert suggesting.rank_offers_for_role(role, by=coordinator).best == []
    assert suggesting.rank_roles_for_offer(offer, by=coordinator).best == []
    assert suggesting.suggest_pair(offer, role) == (None, ())


@pytest.mark.parametrize("state", [InitiativeState.IDEA, InitiativeState.ENDED])
def test_nor_one_of_an_initiative_that_is_no_ones_to_join(state, offer, area, coordinator):
    role = make_role(make_initiative(area, state=state))
    assert suggesting.rank_offers_for_role(role, by=coordinator).best == []


def test_an_offer_gets_the_roles_a_colleague_may_see(offer, role, other_area, coordinator, administrator):
    elsewhere = make_role(area=other_area)
    assert [one for one, _why in suggesting.rank_roles_for_offer(offer, by=coordinator).best] == [role]
    assert {one for one, _why in suggesting.rank_roles_for_offer(offer, by=administrator).best} == {
        role,
        elsewhere,
    }


def test_what_is_closed_gets_no_roles(role, area, coordinator):
    offer = make_offer(area, state=OfferState.CLOSED)
    assert suggesting.rank_roles_for_offer(offer, by=coordinator).best == []


# --- what counts ------------------------------------------------------------------------------


def test_the_reasons_come_from_the_rows(area, coordinator):
    theme = make_theme("meeting")
    role = make_role(
        make_initiative(area, theme=theme), skills=["cook"], languages=["tr"], moments=["4a"], people=2
    )
    offer = make_offer(
        area, skills=["cook", "green"], languages=["nl", "tr"], moments=["4a", "6m"], way=Involvement.OFTEN,
        rather_together=True, wishes=["meeting"], theme=theme, offered_on=today(-6),
    )  # fmt: skip
    found = marks(role, coordinator, offer)
    assert found == {
        ReasonCode.SKILLS: ("cook",),
        ReasonCode.INTEREST: (),
        ReasonCode.FREE: ("4a",),
        ReasonCode.OFTEN: (),
        ReasonCode.SAME_AREA: (),
        ReasonCode.SPEAKS: ("tr",),
        ReasonCode.TOGETHER: (),
        ReasonCode.WISHED_THEME: (),
        ReasonCode.WAITS: (6,),
        ReasonCode.NOBODY_YET: (),
    }
    [(_offer, suggestion)] = suggesting.rank_offers_for_role(role, by=coordinator).best
    assert suggestion.score == 100 and suggestion.adjusted == 113


def test_places(area, next_area, other_area, district, municipality, administrator):
    role = make_role(area=area)
    root = district.parent
    found = {
        place: next(iter(set(marks(role, administrator, make_offer(place))) & DISTANCES))
        for place in (area, next_area, district, other_area, root)
    }
    assert found == {
        area: ReasonCode.SAME_AREA,
        next_area: ReasonCode.NEAR,
        district: ReasonCode.NEAR,
        other_area: ReasonCode.SAME_TOWN,
        root: ReasonCode.PLACE_UNKNOWN,
    }


DISTANCES = {ReasonCode.SAME_AREA, ReasonCode.NEAR, ReasonCode.SAME_TOWN, ReasonCode.PLACE_UNKNOWN}


def test_skills_in_own_words_count_where_none_were_ticked(role, area, coordinator):
    offer = make_offer(area, skills=[], words="Ik kook graag soep voor de buurt.")
    assert marks(role, coordinator, offer)[ReasonCode.SKILLS] == ("cook",)


def test_the_wished_role(role, area, coordinator):
    assert ReasonCode.WISHED_ROLE in marks(role, coordinator, make_offer(area, wished_role=role))


def test_no_contact_or_unsubscribed_is_no_consent(role, offer, area, coordinator):
    offer.receipt.contact.delete()
    assert why_not(role, coordinator, offer) == [(ReasonCode.NO_CONSENT,)]
    other = make_offer(area)
    type(other.receipt.contact).objects.filter(receipt=other.receipt).update(unsubscribed_at=timezone.now())
    assert why_not(role, coordinator, other) == [(ReasonCode.NO_CONSENT,)]


def test_an_address_alone_has_to_be_theirs(role, offer, coordinator):
    contact = offer.receipt.contact
    contact.phone = ""
    contact.save()
    assert why_not(role, coordinator, offer) == [(ReasonCode.UNREACHABLE,)]
    contact.confirmed_at = timezone.now()
    contact.save()
    assert offers(suggesting.rank_offers_for_role(role, by=coordinator)) == [offer]


def test_a_clearance_has_to_be_valid_when_it_begins(area, offer, coordinator):
    role = make_role(area=area, needs_clearance=True, starts_on=today(28))
    needed = (ReasonCode.NO_CLEARANCE, "vog", today(28).isoformat())
    assert why_not(role, coordinator, offer) == [needed]
    Clearance.objects.create(offer=offer, seen_on=today(-700), renew_before=today(27))
    assert why_not(role, coordinator, offer) == [needed]
    Clearance.objects.create(offer=offer, seen_on=today(-1), renew_before=today(700))
    assert offers(suggesting.rank_offers_for_role(role, by=coordinator)) == [offer]


def test_adults_and_pauses(area, coordinator):
    role = make_role(area=area, adults_only=True)
    young = make_offer(area)
    paused = make_offer(area, is_adult=True, state=OfferState.PAUSED, paused_until=today(30))
    assert why_not(role, coordinator, young) == [(ReasonCode.TOO_YOUNG,)]
    assert why_not(role, coordinator, paused) == [(ReasonCode.PAUSED, today(30).isoformat())]


@pytest.mark.parametrize("state", sorted(BOUND_MATCHES))
def test_bound_matches_take_a_place_on_both_sides(state, role, offer, area, coordinator):
    other, elsewhere = make_offer(area), make_role(area=area)
    make_match(other, role, state=state)
    assert why_not(role, coordinator, offer) == [(ReasonCode.NO_ROOM,)]
    assert why_not(elsewhere, coordinator, other) == [(ReasonCode.BUSY, 1, 0)]
    assert offer in offers(suggesting.rank_offers_for_role(elsewhere, by=coordinator))


@pytest.mark.parametrize(
    ("way", "matches", "free"),
    [(Involvement.ONCE, 0, True), (Involvement.ONCE, 1, False), (Involvement.OFTEN, 1, True),
     (Involvement.OFTEN, 2, False), (Involvement.PULL, 2, False)],
)  # fmt: skip
def test_how_much_somebody_is_asked_at_once(way, matches, free, role, area, coordinator):
    offer = make_offer(area, way=way)
    for _match in range(matches):
        make_match(offer, make_role(area=area))
    assert (offer in offers(suggesting.rank_offers_for_role(role, by=coordinator))) is free


def test_a_place_on_a_waiting_list_keeps_nobody_from_other_things(role, offer, area, coordinator):
    make_match(offer, make_role(area=area), state=MatchState.WAITLISTED)
    assert offers(suggesting.rank_offers_for_role(role, by=coordinator)) == [offer]


@pytest.mark.parametrize("state", [MatchState.PROPOSED, MatchState.WAITLISTED, MatchState.ACTIVE])
def test_who_was_asked_for_it_stands_in_neither_list(state, role, offer, coordinator):
    make_match(offer, role, state=state)
    found = suggesting.rank_offers_for_role(role, by=coordinator)
    assert offer not in offers(found) and found.all_refused == 0
    suggestion, barriers = suggesting.suggest_pair(offer, role)
    assert suggestion and ReasonCode.ALREADY in {one.mark for one in barriers}


@pytest.mark.parametrize(
    ("because", "side", "told"),
    [
        (Decline.TOO_FAR, Side.VOLUNTEER, [(ReasonCode.SAID_NO, "too_far")]),
        (Decline.TIME, Side.INITIATIVE, [(ReasonCode.SAID_NO, "time")]),
        (Decline.NO_CLICK, Side.INITIATIVE, [(ReasonCode.SAID_NO, "no_click")]),
    ],
)
def test_a_no_is_remembered(because, side, told, role, offer, coordinator):
    make_match(offer, role, state=MatchState.DECLINED, declined_by=side, declined_because=because)
    assert why_not(role, coordinator, offer) == told


def test_somebody_was_found_is_no_reason_later(role, offer, coordinator):
    make_match(offer, role, state=MatchState.DECLINED, declined_because=Decline.FOUND_SOMEBODY)
    assert offers(suggesting.rank_offers_for_role(role, by=coordinator)) == [offer]


def test_what_a_no_teaches_of_other_roles_until_they_say_their_offer_stands(
    area, next_area, other_area, offer, administrator
):
    make_match(
        offer,
        make_role(area=next_area),
        state=MatchState.DECLINED,
        declined_because=Decline.TOO_FAR,
        days_ago=3,
    )
    type(offer).objects.update(confirmed_on=today(-9))
    far, here = make_role(area=other_area), make_role(area=area)
    assert why_not(far, administrator, offer) == [(ReasonCode.TOO_FAR,)]
    assert offers(suggesting.rank_offers_for_role(here, by=administrator)) == [offer]
    type(offer).objects.update(confirmed_on=today())
    assert offers(suggesting.rank_offers_for_role(far, by=administrator)) == [offer]


def test_waiting_begins_anew_when_something_ended(role, offer, area, coordinator):
    type(offer).objects.update(offered_on=today(-40))
    assert marks(role, coordinator, offer)[ReasonCode.WAITS] == (40,)
    make_match(offer, make_role(area=area), state=MatchState.ENDED, days_ago=8)
    assert marks(role, coordinator, offer)[ReasonCode.WAITS] == (8,)


def test_who_does_something_already_does_not_wait(role, area, coordinator):
    offer = make_offer(area, way=Involvement.OFTEN, offered_on=today(-40))
    make_match(offer, make_role(area=area), state=MatchState.ACTIVE)
    found = marks(role, coordinator, offer)
    assert ReasonCode.WAITS not in found and found[ReasonCode.LOAD] == (1,)


def test_an_initiative_that_has_somebody_and_one_that_was_much_asked_for(area, offer, coordinator):
    initiative = make_initiative(area)
    role, other = make_role(initiative, people=3), make_role(initiative)
    assert ReasonCode.NOBODY_YET in marks(role, coordinator, offer)
    make_match(make_offer(area), other, state=MatchState.ACTIVE, days_ago=30)
    make_match(make_offer(area), role, days_ago=2)
    make_match(make_offer(area), role, state=MatchState.DECLINED, days_ago=6)
    make_match(make_offer(area), role, state=MatchState.EXPIRED, days_ago=9)
    found = marks(role, coordinator, offer)
    assert ReasonCode.NOBODY_YET not in found and found[ReasonCode.PROPOSED_THIS_WEEK] == (2,)


def test_the_best_five_and_how_many_more(role, area, coordinator):
    for _one in range(7):
        make_offer(area, owner=coordinator)
    for _one in range(9):
        make_offer(area, owner=coordinator, state=OfferState.PAUSED)
    found = suggesting.rank_offers_for_role(role, by=coordinator)
    assert (len(found.best), found.more) == (5, 2)
    assert (len(found.refused), found.more_refused, found.all_refused) == (8, 1, 9)


# --- a round ----------------------------------------------------------------------------------


def test_a_round_is_for_where_one_is_coordinator(area, other_area, coordinator, stranger):
    here = make_role(area=area, moments=["4a"])
    for place in (area, other_area):
        make_offer(place, moments=["4a"], way=Involvement.OFTEN)
    make_role(area=other_area)
    found = suggesting.plan_rounds(by=coordinator)
    assert (found.volunteers, found.vacancies) == (1, 1)
    [pair] = found.planned.pairs
    assert found.roles[pair.vacancy] == here and found.offers[pair.volunteer].area == area


def test_a_round_asks_no_more_people_than_there_is_room_for(area, coordinator):
    role = make_role(area=area, people=3)
    for _one in range(5):
        make_offer(area, owner=coordinator)
    make_match(make_offer(area), role, state=MatchState.ACTIVE)
    make_match(make_offer(area), role)
    assert len(suggesting.plan_rounds(by=coordinator).planned.pairs) == 1


def test_between_says_what_the_page_says(role, offer, coordinator):
    suggestion, barriers = suggesting.suggest_pair(offer, role)
    assert barriers == ()
    assert suggesting.rank_offers_for_role(role, by=coordinator).best == [(offer, suggestion)]


# --- how much it asks -------------------------------------------------------------------------


def test_few_queries_however_many(area, coordinator, django_assert_max_num_queries):
    role = make_role(area=area, needs_clearance=True)
    for number in range(12):
        offer = make_offer(area, owner=coordinator, is_adult=True)
        Clearance.objects.create(offer=offer, renew_before=today(300))
        make_match(offer, make_role(area=area), state=MatchState.EXPIRED, days_ago=number)
    with django_assert_max_num_queries(10):
        found = suggesting.rank_offers_for_role(role, by=coordinator)
        assert [one.area.name for one, _why in found.best]
    with django_assert_max_num_queries(10):
        found = suggesting.rank_roles_for_offer(offer, by=coordinator)
        assert [one.initiative.area.name for one, _why in found.best]
    with django_assert_max_num_queries(12):
        assert suggesting.plan_rounds(by=coordinator).planned.pairs


def test_a_district_is_around_its_neighbourhoods_alone(area, district):
    places = suggesting._places()
    assert places[area.pk] == Location(area.pk, district.pk)
    assert places[district.pk] == Location(district.pk, None)
    assert places[district.parent_id] == Location()


def test_the_day_of_a_no_is_a_day_here(area, offer, role, coordinator):
    """Half past midnight here is still yesterday in UTC."""
    make_match(offer, role, state=MatchState.DECLINED, declined_because=Decline.TOO_MUCH)
    Match.objects.update(state_at=timezone.make_aware(timezone.datetime(2026, 7, 2, 0, 30)))
    type(offer).objects.update(confirmed_on=date(2026, 7, 2))
    other = make_role(area=area)
    _suggestion, barriers = suggesting.suggest_pair(offer, other, on=date(2026, 7, 3))
    assert [(one.mark, *one.detail) for one in barriers] == [
        (ReasonCode.TOO_MUCH, (date(2026, 7, 2) + timedelta(days=90)).isoformat())
    ]
