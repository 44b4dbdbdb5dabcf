"""A space that a party offers is somewhere: which place, when it is free, who reads that, and from when on."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.errors import DomainError
from initiatives.models import Offer
from initiatives.needs.services import need_sources
from initiatives.needs.services.need_suggestions import Room, existing_resources
from initiatives.offers.services import offer_care
from initiatives.states import OfferKind, OfferState
from neighbourhoods.models import Place
from neighbourhoods.states import Role
from tests.feedback.factories import make_topic, today
from tests.initiatives.factories import make_gift, make_need, make_offer
from tests.initiatives.test_offering import giving, url_of
from tests.neighbourhoods.factories import make_place
from tests.people import make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(area):
    return make_place(area=area, name="Het buurthuis", free="")


# what is chosen, what is written -> (place, address) that are kept; None: refused
@pytest.mark.parametrize(
    ("kind", "chosen", "written", "kept"),
    [
        ("space", "hall", "", ("hall", "")),
        ("space", "hall", "Sluisweg 12", ("hall", "")),
        ("space", "", " Sluisweg 12 ", (None, "Sluisweg 12")),
        ("space", "", " ", None),
        ("space", "ended", "", None),
        ("space", "elsewhere", "Sluisweg 12", None),
        ("money", "hall", "Sluisweg 12", (None, "")),
        ("materials", "", "", (None, "")),
    ],
)
def test_a_space_says_where_it_is(kind, chosen, written, kept, client, area, other_area, hall, coordinator):
    places = {
        "hall": hall,
        "ended": make_place(area=area, ended_on=today()),
        "elsewhere": make_place(area=other_area),
    }
    told = giving(kind=kind, place=places[chosen].pk if chosen else "", address=written)
    sent = client.post(url_of(area, give="gift"), told)
    if kept is None:
        assert sent.status_code == 422 and {"place", "address"} & set(sent.context["form"].errors)
        assert not Offer.objects.exists()
        return
    offer = Offer.objects.get()
    assert (offer.place, offer.address) == (places.get(kept[0]), kept[1])


def test_the_places_to_choose_from_are_those_of_here_and_around(
    client, area, district, other_area, hall, coordinator
):
    around, far = make_place(area=district, name="De sporthal"), make_place(area=other_area, name="Ver weg")
    page = client.get(url_of(area, give="gift")).content.decode()
    assert hall.name in page and around.name in page and far.name not in page


@pytest.mark.parametrize("kind", sorted(set(OfferKind) - {OfferKind.SPACE}))
@pytest.mark.parametrize("field", ["place", "address"])
def test_nothing_else_is_somewhere(kind, field, area, hall):
    offer = make_offer(area) if kind == OfferKind.HANDS else make_gift(area, kind=kind)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**{field: hall if field == "place" else "Sluisweg 12"})


def test_from_a_phone_to_whoever_looks_for_a_room(area, coordinator, client):
    """The story: a café offers its back room at an address, a coordinator calls them and puts it on the list, and a
    neighbour who names meeting reads when it is free."""
    theme = make_theme()
    topic = make_topic("option:31", area=area, theme=theme, title="a place to meet")
    client.post(
        url_of(area, give="gift", theme=theme.slug),
        giving(address="Café De Sluis, Kade 3", moments=["4n"], party_name="Café De Sluis"),
    )
    offer = Offer.objects.get()
    desk = signed_in(coordinator)
    places = reverse("places", args=[area.slug])
    listed = desk.get(places).content.decode()
    assert "Café De Sluis, Kade 3" in listed and reverse("hand", args=[offer.pk]) in listed
    assert not existing_resources(area=area, topics=[topic])[topic.pk].rooms, (
        "nobody of ours looked at it yet"
    )

    offer_care.record_offer_step(offer=offer, to=OfferState.CONTACTED, by=coordinator, address_is_right=True)
    assert not existing_resources(area=area, topics=[topic])[topic.pk].rooms, (
        "an address that anybody can write is not shown"
    )
    assert desk.post(reverse("hand_place", args=[offer.pk]), {"place": ""}).status_code == 302
    place = Place.objects.get(name="Café De Sluis, Kade 3")
    offer.refresh_from_db()
    assert (offer.place, offer.address, place.area) == (place, "", area)

    (room,) = existing_resources(area=area, topics=[topic])[topic.pk].rooms
    assert room.place == place and room.when
    assert room.when in desk.get(places).content.decode()


@pytest.mark.parametrize(
    ("fields", "is_shown"),
    [
        ({}, True),
        ({"state": OfferState.ACTIVE}, True),
        ({"state": OfferState.NEW}, False),
        ({"state": OfferState.PAUSED, "paused_until": 9}, False),
        ({"state": OfferState.CLOSED}, False),
        ({"until": 0}, True),
        ({"until": -1}, False),
        ({"kind": OfferKind.MATERIALS, "place": None}, False),
        ({"theme": None}, False),
        ({"moments": []}, False),
    ],
)
def test_which_spaces_stand_beside_what_was_named(fields, is_shown, area, hall):
    fields = fields | {name: today(fields[name]) for name in ("until", "paused_until") if name in fields}
    theme = make_theme()
    topic = make_topic("option:31", area=area, theme=theme)
    make_gift(
        area, **{"state": OfferState.CONTACTED, "place": hall, "theme": theme, "moments": ["4n"]} | fields
    )
    assert bool(existing_resources(area=area, topics=[topic])[topic.pk].rooms) is is_shown


def test_who_offers_it_knows_best_when_it_is_free(area, coordinator):
    """A place that was linked itself as well stands once, with the hours of the offer."""
    topic = make_topic("option:31", area=area, theme=make_theme())
    need = make_need(topic, owner=coordinator)
    place = make_place(area=area, free="vrij op dinsdag")
    offer = make_gift(area, place=place, moments=["4n"])
    need_sources.link_need(need=need, what=f"place:{place.pk}", by=coordinator)
    assert existing_resources(area=area, topics=[topic])[topic.pk].rooms == [Room(place, "vrij op dinsdag")]
    need_sources.link_need(need=need, what=f"offer:{offer.pk}", by=coordinator)
    (room,) = existing_resources(area=area, topics=[topic])[topic.pk].rooms
    assert room.place == place and room.when != "vrij op dinsdag"


def test_who_only_looks_on_reads_of_no_offers(area, coordinator):
    make_gift(area)
    page = signed_in(make_user(Role.VIEWER, area)).get(reverse("places", args=[area.slug])).content.decode()
    assert "Sluisweg 12" not in page


def test_pressed_twice_it_is_one_place(area, coordinator):
    offer = make_gift(area)
    for _press in range(2):
        offer_care.link_place(offer=offer, place=None, by=coordinator)
        offer.refresh_from_db()
        Offer.objects.filter(pk=offer.pk).update(place=None, address="Sluisweg 12")
    assert Place.objects.count() == 1


def test_hands_have_no_place(area, coordinator, hall):
    with pytest.raises(DomainError):
        offer_care.link_place(offer=make_offer(area), place=hall, by=coordinator)


def test_it_moves_with_who_keeps_it_up_to_date(area, hall):
    from tests.initiatives.test_own_offer import url

    gift = make_gift(area)
    own = Client()
    told = {"words": "De zaal.", "moments": ["4n"], "place": "", "address": ""}
    assert own.post(url("own_offer_change", gift), told).status_code == 422
    assert own.post(url("own_offer_change", gift), told | {"place": hall.pk}).status_code == 302
    gift.refresh_from_db()
    assert (gift.place, gift.address) == (hall, "")
