"""The private page: their words, our answers, what is still owed; and who may not see it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from accounts.codes import CODE_WORDS, code_prefix, new_code, normalise_private_code
from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core import limits
from core.keyed import code_hash
from feedback.private import services as private
from feedback.states import Owed
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_promise,
    make_receipt,
    today,
)
from tests.feedback.journey import answer, answered, item_url, page_of
from tests.people import make_municipality, make_user
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt():
    make_municipality(phone="14 099")
    return make_receipt()


def test_page_shows_words_answer_and_debt(client, receipt):
    answered(receipt, decided={"nl": "Dit gaat door. Vanaf 1 juni is het open."})
    make_debt(
        contribution=make_contribution(receipt=receipt, text="De bushalte is weg."),
        owner=make_user(title="de teamleider verkeer"),
    )

    response = client.get(page_of(receipt))

    said = response.content.decode()
    assert "De bushalte is weg." in said and '<b class="strong">Dit gaat door.</b> Vanaf 1 juni' in said
    assert "De teamleider verkeer zoekt het uit." in said and "Geeft dit antwoord op uw vraag?" in said
    assert response["Cache-Control"].startswith("max-age=0") and "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_page_reads_only(client, receipt):
    answered(receipt)
    with no_writes():
        client.get(page_of(receipt))


def test_page_asks_the_same_number_of_queries_whatever_was_said(
    client, receipt, django_assert_max_num_queries
):
    for _ in range(6):
        answered(receipt)
        make_debt(receipt=receipt)
    cache.clear()
    with django_assert_max_num_queries(25):
        assert client.get(page_of(receipt)).status_code == 200


def test_page_groups_what_has_one_answer(client, receipt):
    first, second = make_debt(receipt=receipt), make_debt(receipt=receipt)
    answer(first, second)
    assert client.get(page_of(receipt)).content.decode().count("Geeft dit antwoord op uw vraag?") == 1


def test_late_debt_is_brick_and_says_when_it_was_promised(client, receipt):
    make_debt(receipt=receipt, due=-3, owner=make_user(title="de projectleider"))
    said = client.get(page_of(receipt)).content.decode()
    assert "nabij-reply--late" in said and "De projectleider is aan zet." in said and "14\u00a0099" in said


def test_moved_promise_stays_late_and_gives_its_reason(client, receipt):
    debt = make_debt(receipt=receipt, due=10)
    make_promise(
        debt.topic.source, due=10, first_due_on=today(-5), moved_reason={"nl": "De aannemer ligt stil."}
    )
    said = client.get(page_of(receipt)).content.decode()
    assert "nabij-reply--late" in said and "De aannemer ligt stil." in said


def test_answer_by_phone_is_told_with_its_note(client, receipt):
    make_debt(receipt=receipt, state=Owed.PUBLISHED, reason="Besproken aan de telefoon.")
    assert "Besproken aan de telefoon." in client.get(page_of(receipt)).content.decode()


def test_page_is_in_the_language_of_the_receipt_unless_chosen(client):
    make_municipality()
    english = make_receipt(language="en")
    assert "Your words, our answer" in client.get(page_of(english)).content.decode()
    client.cookies["django_language"] = "nl"
    assert "Uw woorden, ons antwoord" in client.get(page_of(english)).content.decode()


def test_page_from_right_to_left(client):
    make_municipality()
    arabic = make_receipt(language="ar")
    answered(arabic, decided={"ar": "نعم. سيتم ذلك."})
    said = client.get(page_of(arabic)).content.decode()
    assert 'lang="ar" dir="rtl"' in said and "نعم." in said


def test_what_a_resident_wrote_is_escaped(client, receipt):
    make_contribution(receipt=receipt, text="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(page_of(receipt)).content.decode()


# --- who may not ------------------------------------------------------------------------------


def refused_tokens(receipt) -> dict[str, str]:
    revoked = sign_link(receipt, LinkPurpose.PAGE)
    Receipt.objects.filter(pk=receipt.pk).update(revocation=1)
    receipt.refresh_from_db()
    erased = make_receipt()
    gone = sign_link(erased, LinkPurpose.PAGE)
    erased.delete()
    return {
        "forged": "nonsense",
        "forged signature": sign_link(receipt, LinkPurpose.PAGE)[:-3] + "aaa",
        "revoked": revoked,
        "erased": gone,
    } | {link.name: sign_link(receipt, link, "1") for link in LinkPurpose if link != LinkPurpose.PAGE}


def test_every_other_token_gets_the_same_page(client, receipt):
    pages = {
        name: client.get(f"/v/{token}/{tail}")
        for name, token in refused_tokens(receipt).items()
        for tail in ("", "download/", "erase/", "withdraw/", "address/")
    }
    assert {page.status_code for page in pages.values()} == {404}
    assert len({_without_tokens(page) for page in pages.values()}) == 1
    assert "Deze link werkt niet meer" in next(iter(pages.values())).content.decode()


def _without_tokens(page) -> str:
    said = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode())
    return re.sub(r'name="next" value="[^"]*"', "", said)


@pytest.mark.parametrize("letter", ["i", "c", "u", "e"])
def test_link_of_the_page_opens_nothing_else(client, receipt, letter):
    assert client.get(f"/v/{letter}/{sign_link(receipt, LinkPurpose.PAGE)}/").status_code == 404


def test_stranger_can_not_react_to_an_item_of_somebody_else(client, receipt):
    item = answered(make_receipt())
    response = client.post(f"{page_of(receipt)}react/{item.pk}/", {"answer": "no"})
    assert response.status_code == 404
    item.refresh_from_db()
    assert not hasattr(item, "reaction")


def test_item_link_of_somebody_else_opens_nothing(client, receipt):
    item = answered(make_receipt())
    assert client.get(f"/v/i/{sign_link(receipt, LinkPurpose.ITEM, str(item.pk))}/").status_code == 404


# --- the code ---------------------------------------------------------------------------------


@pytest.fixture
def code():
    return new_code()


@pytest.fixture
def coded(code):
    make_municipality()
    return make_receipt_with(code)


def make_receipt_with(code: str) -> Receipt:
    receipt = make_receipt()
    Receipt.objects.filter(pk=receipt.pk).update(code_hash=code_hash(code))
    receipt.refresh_from_db()
    return receipt


def test_code_opens_the_page_however_it_is_typed(client, code, coded):
    for typed in (code, code.upper(), code.replace("-", " "), f"mijn code is {code}."):
        response = client.post("/v/", {"code": typed})
        assert response.status_code == 302 and client.get(response.url).status_code == 200


@pytest.mark.parametrize("typed", ["", "onzin", "linde-482-kade-mus", "x" * 5000])
def test_wrong_code_says_so_and_keeps_what_was_typed(client, coded, typed):
    response = client.post("/v/", {"code": typed})
    said = response.content.decode()
    assert response.status_code == 422 and "Deze code kennen wij niet. Let op de O en de 0." in said
    assert not typed or typed in said


def test_the_code_of_a_letter_is_sent_to_where_it_belongs(client, coded):
    said = client.post("/v/", {"code": "94d3 8yd5"}).content.decode()
    assert "Dit lijkt de code uit een brief." in said


def test_guessing_is_slowed_down_and_answers_nothing_more(client, code, coded):
    for _ in range(20):
        client.post("/v/", {"code": new_code()})
    assert client.post("/v/", {"code": code}).status_code == 429
    assert client.post("/v/", {"code": code}, REMOTE_ADDR="198.51.100.7").status_code == 302


# --- one answer, from a mail ------------------------------------------------------------------


def test_a_page_opened_by_code_does_not_stay_open_on_the_phone_of_somebody_else(client, code, coded):
    """The address stays in the history of that phone; after a day it opens nothing. Links in mail go on."""
    typed = client.post("/v/", {"code": code}).url
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        assert client.get(typed).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert client.get(typed).status_code == 404
        assert client.post(f"{typed}withdraw/").status_code == 404
        assert client.get(page_of(coded)).status_code == 200


def test_half_a_code_seen_over_a_shoulder_does_not_lead_to_the_rest(client, code, coded):
    """From however many networks: ten wrong guesses that begin alike are enough. Other codes go on opening."""
    half = code_prefix(code)
    guesses = [
        guess
        for guess in (f"{half}-vos-{word}" for word in CODE_WORDS)
        if normalise_private_code(guess) not in (None, code)
    ]
    for number, guess in enumerate(guesses[:10]):
        client.post("/v/", {"code": guess}, REMOTE_ADDR=f"192.0.2.{number}")
    assert client.post("/v/", {"code": code}, REMOTE_ADDR="198.51.100.1").status_code == 429
    other = new_code()
    Receipt.objects.update(code_hash=code_hash(other))
    assert client.post("/v/", {"code": other}, REMOTE_ADDR="198.51.100.1").status_code == 302


def test_strangers_from_fifty_networks_lock_nobody_out(client, code, coded):
    for number in range(1_000):
        request = RequestFactory().post("/v/", REMOTE_ADDR=f"192.0.2.{number % 50}")
        limits.record_attempt(request, limits.WRONG_CODE_LIMIT)
    assert client.post("/v/", {"code": code}, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.post("/v/", {"code": code}, REMOTE_ADDR="198.51.100.1").status_code == 302
    proof = {"code": code, "as": "page"}
    assert client.post(f"{page_of(coded)}download/", proof, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_a_forwarded_link_leaves_ten_guesses_at_its_code(client, coded):
    for number in range(10):
        wrong = client.post(f"{page_of(coded)}erase/", {"code": new_code()}, REMOTE_ADDR=f"192.0.2.{number}")
        assert "Deze code kennen wij niet" in wrong.content.decode()
    more = client.post(f"{page_of(coded)}erase/", {"code": new_code()}, REMOTE_ADDR="198.51.100.1")
    assert "te vaak gevraagd" in more.content.decode()


def test_item_shows_one_answer_and_no_other_words(client, receipt):
    item = answered(receipt)
    make_contribution(receipt=receipt, text="Iets heel anders.")
    with no_writes():
        said = client.get(item_url(item), {"answer": "no"}).content.decode()
    assert "Dit gaat door." in said and "Iets heel anders." not in said
    assert re.search(r'value="no"\s[^>]*checked', said) and "Wat mist u nog?" in said


def test_timeline_tells_what_comes(client, receipt):
    make_debt(receipt=receipt, due=20)
    said = client.get(page_of(receipt)).content.decode()
    assert "U gaf antwoord." in said and 'class="todo"' in said


def test_timeline_says_that_a_day_has_passed(client, receipt):
    make_debt(receipt=receipt, due=-1)
    assert "Toen hadden wij moeten antwoorden." in client.get(page_of(receipt)).content.decode()


def test_page_of_an_offer_speaks_of_no_answer(client):
    make_municipality()
    offer = make_receipt(purpose=ReceiptPurpose.OFFER)
    make_contact(offer, confirmed=False)
    said = client.get(page_of(offer)).content.decode()
    assert "nog niet bevestigd" not in said and "nog niets beantwoord" not in said


# --- after withdrawing ------------------------------------------------------------------------


@pytest.fixture
def withdrawn(receipt):
    make_debt(receipt=receipt)
    private.withdraw_receipt(receipt=receipt)
    return receipt


def test_who_withdrew_is_offered_no_mail(client, withdrawn):
    assert "/address/" not in client.get(page_of(withdrawn)).content.decode()
    page = client.get(f"{page_of(withdrawn)}address/").content.decode()
    assert "Zet het dan eerst terug." in page and 'name="email"' not in page
    left = {"email": "a@example.org", "consent": "on", "is_16_or_older": "on", "code": "x"}
    assert client.post(f"{page_of(withdrawn)}address/", left).status_code == 422
    assert not Contact.objects.exists()


def test_who_withdrew_can_still_take_their_address_away(client, withdrawn):
    make_contact(withdrawn, confirmed=False)
    page = client.get(page_of(withdrawn)).content.decode()
    assert "E‑mailadres weghalen" in page and "nog niet bevestigd" not in page
    client.post(f"{page_of(withdrawn)}address/", {"action": "remove"})
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("address", "before", "withdrawn"),
    [
        ({"email": "a@example.nl"}, "E‑mailadres veranderen of weghalen", "E‑mailadres weghalen"),
        (
            {"email": "", "mobile": "+31600000001"},
            "Adres of nummer veranderen of weghalen",
            "Nummer weghalen",
        ),
        (
            {"email": "", "postal": "\nKade 1\nWATERDAM"},
            "Adres of nummer veranderen of weghalen",
            "Adres weghalen",
        ),
    ],
)
def test_what_can_be_done_with_an_address(client, receipt, address, before, withdrawn):
    make_contact(receipt, **address)
    make_debt(receipt=receipt)
    assert f"<span>{before}</span>" in client.get(page_of(receipt)).content.decode()
    private.withdraw_receipt(receipt=receipt)
    assert f"<span>{withdrawn}</span>" in client.get(page_of(receipt)).content.decode()
