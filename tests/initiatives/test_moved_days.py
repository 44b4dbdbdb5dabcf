"""The same step later than was told: asked why, and read by who waits, for an offer, an initiative and a need."""

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import DomainError
from feedback.models import MovedDay
from feedback.private import services as private
from initiatives.initiatives.services import running
from initiatives.needs.services import need_people
from initiatives.offers.services import offer_care, offers
from initiatives.states import InitiativeState, NeedState, OfferState
from tests.feedback.factories import make_topic, today
from tests.initiatives.factories import make_begun, make_need, make_offer
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def test_an_offer(area, coordinator):
    offer = make_offer(area, owner=coordinator, due=2, state=OfferState.CONTACTED, contacted_on=today())

    def later(why: str = "", action: str = "Bellen") -> None:
        offer_care.record_offer_step(
            offer=offer, to=OfferState.CONTACTED, next_action=action, on=today(9), why=why, by=coordinator
        )

    with pytest.raises(DomainError):
        later()
    later("Wij waren ziek.")
    assert "Wij waren ziek." in offers.steps(offer)[-1].text
    later(action="Iets voorstellen")  # another step
    private.erase(receipt=offer.receipt)
    assert not MovedDay.objects.exists()


def test_an_initiative_on_its_page_for_everybody(area, coordinator):
    begun = make_begun(area, owner=coordinator, next_action="Bellen", next_action_on=today(-1))
    page = reverse("initiative_public", args=[area.slug, begun.pk])
    assert "1 dag te laat" in Client().get(page).content.decode()

    def later(why: str = "") -> None:
        running.move(
            initiative=begun, to=InitiativeState.RUNNING, next_action="Bellen", on=today(5), why=why,
            by=coordinator,
        )  # fmt: skip

    with pytest.raises(DomainError):
        later()
    later("De sleutel kwam niet.")
    shown = Client().get(page).content.decode()
    assert "De sleutel kwam niet." in shown and "te laat" not in shown


def test_a_need_on_the_page_of_its_neighbourhood(area, coordinator):
    need = make_need(
        make_topic(area=area), owner=coordinator, state=NeedState.LOOKED_INTO, next_action_on=today(1)
    )
    page = reverse("neighbourhood", args=[area.slug])
    assert "Wij kijken er vóór" in Client().get(page).content.decode()
    need_people.plan_look(need=need, on=today(20), why="Na het overleg.", by=coordinator)
    shown = Client().get(page).content.decode()
    assert "Na het overleg." in shown


def test_the_form_asks_why(area, coordinator):
    offer = make_offer(area, owner=coordinator, due=2, state=OfferState.CONTACTED, contacted_on=today())
    client, step = signed_in(coordinator), reverse("hand_step", args=[offer.pk])
    sent = {"to": "contacted", "next_action": "Bellen", "on": today(9).isoformat()}
    refused = client.post(step, sent)
    assert refused.status_code in (200, 422) and "later dan u zei" in refused.content.decode()
    assert client.post(step, sent | {"why": "Wij waren ziek."}).status_code == 302
