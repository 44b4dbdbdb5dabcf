"""An offer of hands: made once, withdrawn and put back where it stood."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone, translation

from feedback.private import services as private
from initiatives import retention
from initiatives.models import Offer
from initiatives.offers.services import offer_care
from initiatives.states import OfferState
from neighbourhoods.settings.retention import retention_policy
from tests.feedback.factories import today
from tests.feedback.journey import page_of
from tests.initiatives import factories
from tests.people import make_municipality

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [OfferState.NEW, OfferState.CONTACTED])
def test_put_back_stands_where_it_stood_in_any_language(state):
    offer = factories.make_offer(state=state)
    with translation.override("nl"):
        private.withdraw_receipt(receipt=offer.receipt)
    offer.refresh_from_db()
    assert (offer.state, offer.next_action_on) == (OfferState.CLOSED, None)
    # Half past midnight here is still the day before in UTC.
    with translation.override("en"):
        private.undo_withdrawal(receipt=offer.receipt, now=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    offer.refresh_from_db()
    assert (offer.state, offer.closed_reason) == (state, "")
    assert offer.next_action_on.isoformat() == "2026-07-02"
    assert offer.next_action == "Contact opnemen", "in the language of the coordinator, not of the resident"


def test_closed_by_a_colleague_stays_closed():
    offer = factories.make_offer(state=OfferState.CLOSED, closed_reason="withdrawn by the resident")
    private.withdraw_receipt(receipt=offer.receipt)
    private.undo_withdrawal(receipt=offer.receipt)
    offer.refresh_from_db()
    assert offer.state == OfferState.CLOSED


def test_who_is_closed_after_years_can_read_why_for_a_year(coordinator):
    days = retention_policy().rules["offer"].days
    long_ago = today(-3 * days)
    closed, withdrawn, back = (factories.make_offer(offered_on=long_ago) for _ in range(3))
    offer_care.close(offer=closed, reason="Verhuisd.", by=coordinator)
    for one in (withdrawn, back):
        private.withdraw_receipt(receipt=one.receipt)
    private.undo_withdrawal(receipt=back.receipt)
    now = timezone.now()
    assert retention.erase_closed_offers(now, days) == {"closed offers": 0}
    assert retention.erase_closed_offers(now + timedelta(days=days), days) == {"closed offers": 0}
    assert retention.erase_closed_offers(now + timedelta(days=days + 1), days) == {"closed offers": 2}
    assert Offer.objects.get() == back


def test_withdrawn_and_open_can_not_be():
    offer = factories.make_offer()
    with pytest.raises(IntegrityError):
        Offer.objects.filter(pk=offer.pk).update(withdrawn_from=OfferState.ACTIVE)


def test_own_page_withdraws_the_offer_and_puts_it_back(client):
    make_municipality()
    offer = factories.make_offer()
    url = page_of(offer.receipt)
    assert "Aanbod intrekken" in client.get(url).content.decode()
    assert "Uw aanbod intrekken?" in client.get(f"{url}withdraw/").content.decode()
    for _ in range(2):
        page = client.post(f"{url}withdraw/", {"action": "withdraw"}, follow=True).content.decode()
    assert "U trok dit aanbod in." in page and "Aanbod intrekken" not in page
    offer.refresh_from_db()
    assert offer.state == OfferState.CLOSED
    page = client.post(f"{url}withdraw/", {"action": "put_back"}, follow=True).content.decode()
    assert "Uw aanbod staat er weer." in page
    offer.refresh_from_db()
    assert offer.state == OfferState.NEW


def test_own_page_of_an_offer_a_colleague_closed_says_so(client):
    make_municipality()
    offer = factories.make_offer(state=OfferState.CLOSED)
    page = client.get(page_of(offer.receipt)).content.decode()
    assert "Dit is afgesloten." in page and "Aanbod intrekken" not in page
