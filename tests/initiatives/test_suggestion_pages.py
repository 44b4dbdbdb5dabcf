"""What a coordinator sees of who fits what: on the page of an offer, and of a round."""

import pytest
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError
from initiatives.matching.services import matches
from initiatives.matching.views import suggestions
from initiatives.models import Match
from initiatives.states import Decline, Involvement, MatchState, OfferKind, OfferState
from tests.feedback.factories import today
from tests.initiatives.factories import make_initiative, make_match, make_offer, make_role
from tests.markup import squeezed
from tests.people import signed_in


@pytest.fixture
def kitchen(area):
    return make_role(
        make_initiative(area, name="Huiskamer"), name="Kok", skills=["cook"], moments=["4a"], people=2
    )


@pytest.fixture
def offer(area, coordinator):
    return make_offer(area, owner=coordinator, skills=["cook"], moments=["4a"], offered_on=today(-6))


def page(user, name, *args) -> str:
    return squeezed(signed_in(user).get(reverse(name, args=args)).content.decode())


def test_an_offer_says_what_fits_and_how_that_adds_up(kitchen, offer, coordinator):
    html = page(coordinator, "hand", offer.pk)
    for words in ("Huiskamer", "Kok · 2 mensen gezocht · do middag", "kan koken", "donderdagmiddag vrij",
                  "zelfde buurt", "wacht al 6 dagen", "nog niemand bij deze klus", "past voor <b>", "35"):  # fmt: skip
        assert words in html, words


def test_and_what_is_not_suggested_and_why(kitchen, offer, coordinator):
    make_match(offer, kitchen, state=MatchState.DECLINED, declined_because=Decline.TIME)
    html = page(coordinator, "hand", offer.pk)
    assert "Niet voorgesteld, want (1)" in html and "zei hier eerder nee tegen: de tijden passen niet" in html


@pytest.mark.parametrize(
    "fields", [{"state": OfferState.CLOSED}, {"kind": OfferKind.SPACE, "way": ""}], ids=["closed", "no hands"]
)
def test_what_is_closed_or_no_hands_has_no_such_part(fields, kitchen, area, coordinator):
    assert 'id="fits"' not in page(coordinator, "hand", make_offer(area, owner=coordinator, **fields).pk)


def test_nothing_fits_is_said(offer, coordinator):
    assert "Geen enkele open klus past hier nu bij." in page(coordinator, "hand", offer.pk)


def test_a_role_says_who_fits_without_a_name_or_address(kitchen, offer, coordinator):
    found = suggestions.offer_suggestions(kitchen, by=coordinator)
    [line] = found.lines
    assert line.url == reverse("hand", args=[offer.pk]) and line.offer == offer.pk
    assert str(offer.pk) in line.name and "example" not in f"{line}"


def test_the_page_of_an_offer_asks_little_however_much_there_is(
    area, coordinator, offer, django_assert_max_num_queries
):
    for _one in range(15):
        make_role(area=area)
    client = signed_in(coordinator)
    client.get(reverse("hand", args=[offer.pk]))
    with django_assert_max_num_queries(25):
        client.get(reverse("hand", args=[offer.pk]))


# --- a round ----------------------------------------------------------------------------------


def test_a_round_shows_each_proposal_with_a_tick_and_its_reasons(kitchen, offer, coordinator):
    html = page(coordinator, "hands_round")
    assert f'name="pair" value="{offer.pk}-{kitchen.pk}" checked' in html
    assert "kan koken" in html and "donderdagmiddag vrij" in html
    assert "Steeds het beste paar eerst geeft hetzelfde." in html


def test_a_round_says_who_gains(area, coordinator):
    """Who can cook and garden steps aside for who can only cook."""
    both = make_offer(
        area, owner=coordinator, skills=["cook", "green"], moments=["4a", "6m"], way=Involvement.OFTEN
    )
    cook = make_offer(area, owner=coordinator, skills=["cook"], moments=["4a"], way=Involvement.OFTEN)
    kitchen = make_role(make_initiative(area, name="Huiskamer"), moments=["4a"], people=1)
    garden = make_role(
        make_initiative(area, name="Moestuin"), skills=["green", "cook"], moments=["6m", "6a"], people=1
    )
    type(both).objects.filter(pk=both.pk).update(theme=kitchen.initiative.theme)
    html = page(coordinator, "hands_round")
    assert f'value="{both.pk}-{garden.pk}" checked' in html
    assert f'value="{cook.pk}-{kitchen.pk}" checked' in html
    assert "kreeg niets als het beste paar steeds eerst ging" in html
    assert "1 vrijwilliger wordt gevraagd en kreeg anders niets." in html
    assert "1 vrijwilliger wordt voor iets anders gevraagd." in html
    assert "wacht nu nog" not in html, "what nobody loses is not told"


def test_nothing_to_propose_is_said(coordinator, offer):
    html = page(coordinator, "hands_round")
    assert "Er is nu niets voor te stellen." in html and "<form" not in html.split("<main")[1]


def test_fifty_at_a_time(area, coordinator, monkeypatch):
    from initiatives.matching.views import suggestions

    monkeypatch.setattr(suggestions, "ROUND_PAIRS_SHOWN", 2)
    make_role(area=area, people=5)
    for _one in range(3):
        make_offer(area, owner=coordinator)
    html = page(coordinator, "hands_round")
    assert html.count('name="pair"') == 2 and "Hierna komt er nog 1 voorstel." in html


def test_a_round_is_for_coordinators(viewer, coordinator):
    assert signed_in(viewer).get(reverse("hands_round")).status_code == 403


def test_a_round_asks_little_however_many(area, coordinator, django_assert_max_num_queries):
    for number in range(6):
        make_role(area=area, people=3)
        make_offer(area, owner=coordinator, offered_on=today(-number))
    client = signed_in(coordinator)
    client.get(reverse("hands_round"))
    with django_assert_max_num_queries(25):
        client.get(reverse("hands_round"))


def propose(user, *pairs):
    return signed_in(user).post(reverse("hands_round_propose"), {"pair": pairs})


def test_what_is_ticked_goes_out_and_nothing_else(area, coordinator):
    role = make_role(area=area, people=2)
    first, second = make_offer(area, owner=coordinator), make_offer(area, owner=coordinator)
    response = propose(coordinator, f"{second.pk}-{role.pk}")
    assert response.status_code == 302 and response.url == reverse("hands_round")
    match = Match.objects.get()
    assert (match.offer, match.role, match.state) == (second, role, MatchState.PROPOSED)
    assert match.proposed_by == coordinator and match.score > 0 and match.reasons
    assert f'value="{first.pk}-{role.pk}"' in page(coordinator, "hands_round")


def test_pressed_twice_it_goes_out_once(kitchen, offer, coordinator):
    for _tap in range(2):
        assert propose(coordinator, f"{offer.pk}-{kitchen.pk}").status_code == 302
    assert Match.objects.get().round == 1
    assert Event.objects.filter(verb="proposed").count() == 1


def test_nothing_ticked_is_said(kitchen, offer, coordinator):
    response = propose(coordinator)
    html = response.content.decode()
    assert response.status_code == 422 and "Vink minstens één voorstel aan." in html
    assert 'name="pair"' in html and "checked" not in html.split('name="pair"')[1][:60]


def test_when_the_world_changed_nothing_goes_out(area, coordinator):
    """Between looking and pressing somebody paused."""
    role = make_role(area=area, people=2)
    first, second = make_offer(area, owner=coordinator), make_offer(area, owner=coordinator)
    type(first).objects.filter(pk=first.pk).update(state=OfferState.PAUSED, paused_until=today(9))
    response = propose(coordinator, f"{first.pk}-{role.pk}", f"{second.pk}-{role.pk}")
    html = squeezed(response.content.decode())
    assert response.status_code == 409 and "Er veranderde iets sinds u keek" in html
    assert f'value="{second.pk}-{role.pk}" checked' in html and f'value="{first.pk}-' not in html
    assert not Match.objects.exists()


@pytest.mark.parametrize("pair", ["", "x", "1", "1-2-3", "99999999999999999999-1", "-", "1-1'"])
def test_what_is_no_pair_is_refused(pair, kitchen, offer, coordinator):
    assert propose(coordinator, pair).status_code in (409, 422)
    assert not Match.objects.exists()


def test_a_pair_of_another_neighbourhood_is_refused(other_area, area, coordinator):
    role, offer = make_role(area=other_area), make_offer(other_area)
    assert propose(coordinator, f"{offer.pk}-{role.pk}").status_code == 409
    assert not Match.objects.exists()


def test_one_that_somebody_was_first_with_does_not_keep_back_the_others(area, coordinator, monkeypatch):
    role = make_role(area=area, people=2)
    first, second = make_offer(area, owner=coordinator), make_offer(area, owner=coordinator)
    sent = matches.propose

    def refused(*, offer, **rest):
        if offer == first:
            raise DomainError("Niet voorgesteld, want: geen plek meer.")
        return sent(offer=offer, **rest)

    monkeypatch.setattr(matches, "propose", refused)
    client = signed_in(coordinator)
    pairs = [f"{first.pk}-{role.pk}", f"{second.pk}-{role.pk}"]
    html = client.post(reverse("hands_round_propose"), {"pair": pairs}, follow=True).content.decode()
    assert Match.objects.get().offer == second
    assert "1 mens is gevraagd." in html and "geen plek meer" in html


def test_the_button_on_the_page_of_an_offer_proposes(kitchen, offer, coordinator):
    html = page(coordinator, "hand", offer.pk)
    assert f'action="{reverse("match_propose_role", args=[kitchen.pk])}"' in html
    client = signed_in(coordinator)
    client.post(reverse("match_propose_role", args=[kitchen.pk]), {"offer": offer.pk})
    assert Match.objects.get().state == MatchState.PROPOSED


def test_the_page_of_a_role_says_who_fits_and_comes_back_to_itself(kitchen, offer, coordinator, viewer):
    html = page(coordinator, "role", kitchen.pk)
    assert "Wie past erbij" in html and "kan koken" in html
    back = reverse("role", args=[kitchen.pk])
    assert f'name="back" value="{back}"' in html
    client = signed_in(coordinator)
    response = client.post(
        reverse("match_propose_role", args=[kitchen.pk]), {"offer": offer.pk, "back": back}, follow=True
    )
    assert response.redirect_chain[-1][0] == back and Match.objects.get().offer == offer
    assert 'id="fits"' not in page(viewer, "role", kitchen.pk)
