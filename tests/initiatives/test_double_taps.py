"""Two taps make one offer, also at once; and a key of somebody else opens nothing of theirs."""

import threading

import pytest
from django.db import connection

from initiatives.matching.services import owners
from initiatives.models import Offer
from initiatives.offers.services.offers import Gift, Hands, make_offer
from initiatives.states import OfferState
from tests.initiatives.factories import make_role
from tests.surveys.polls import make_card


@pytest.fixture
def form(area, coordinator):
    return {
        "hands": Hands(way="once"), "card": make_card(), "area": area, "theme": None, "owner": coordinator,
        "language": "nl", "email": "resident@example.org", "phone": "", "consent": "Ja.", "submit_key": "k" * 32,
    }  # fmt: skip


@pytest.mark.django_db
def test_twice_is_once_and_a_mended_address_is_kept(form):
    first, code = make_offer(**form)
    assert make_offer(**form) == (first, code)
    mended, other = make_offer(**(form | {"email": "mended@example.org"}))
    assert mended != first and other != code


@pytest.mark.django_db
def test_who_goes_back_and_mends_loses_nothing(form):
    """The key of a page outlives the back button."""
    first, code = make_offer(**form)
    mended = make_offer(**(form | {"hands": Hands(way="often", words="Toch elke week", is_adult=True)}))
    first.refresh_from_db()
    assert mended == (first, code) and Offer.objects.count() == 1
    assert (first.way, first.words, first.is_adult) == ("often", "Toch elke week", True)
    Offer.objects.update(state=OfferState.CONTACTED)
    make_offer(**form)
    assert Offer.objects.get().words == "Toch elke week"  # what was talked about stands


@pytest.mark.django_db
def test_something_else_from_the_same_page_is_another_offer(form, next_area):
    role = make_role(area=form["area"])
    others = [
        {"hands": Gift("space", "De zaal", address="Kade 1")},
        {"area": next_area},
        {"wished_role": role},
    ]
    assert len({make_offer(**(form | other))[1] for other in [{}, *others, *others]}) == 4


@pytest.mark.django_db
def test_a_code_that_somebody_has_opens_nothing(form, monkeypatch):
    """Whoever tries keys until one makes somebody's code gets an offer of their own, with another code."""
    codes = iter(["linde-482-kade-mus"] * 2 + ["linde-483-kade-mus"])
    monkeypatch.setattr(owners, "new_code", lambda choice: next(codes))
    theirs, code = make_offer(**form)
    mine, mine_code = make_offer(**(form | {"email": "other@example.org", "submit_key": "l" * 32}))
    assert mine != theirs and mine_code != code


@pytest.mark.django_db(transaction=True)
def test_four_taps_at_once_make_one_offer(form):
    made, gate = [], threading.Barrier(4)

    def tap() -> None:
        gate.wait()
        try:
            made.append(make_offer(**form))
        finally:
            connection.close()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert len(made) == 4 and len({code for _offer, code in made}) == 1
    assert Offer.objects.count() == 1
