"""From the page of a neighbourhood: joining in under a card, and something that a party gives, in a minute."""

import secrets

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact
from accounts.states import ReceiptPurpose
from core import limits
from feedback.answers import emails
from feedback.contacts.services import hearing_back
from feedback.models import Message
from feedback.states import MessagePurpose
from initiatives.matching.services.owners import owner_for_area
from initiatives.models import ExpectationCard, Offer
from initiatives.states import OfferKind, RoleState
from neighbourhoods.models import Area
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.factories import make_card, make_initiative, make_offer, make_role
from tests.people import make_area, make_theme, make_user
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(area):
    return make_card(invites_in=Area.root())


def key() -> str:
    return secrets.token_urlsafe(24)


def joining(card: ExpectationCard | None = None, **more) -> dict:
    """Under the card that invites everybody, unless another is named."""
    card = card or ExpectationCard.objects.filter(invites_in__isnull=False).first()
    return {
        "card": card.pk if card else "",
        "way": "once",
        "email": "buur@example.nl",
        "consent": "on",
        "is_16_or_older": "on",
        "submit_key": key(),
    } | more


def giving(**more) -> dict:
    return {
        "kind": "space",
        "address": "Sluisweg 12",
        "words": "De zaal van het buurthuis, voor dertig mensen.",
        "party_name": "Stichting De Brug",
        "party_kind": "organisation",
        "phone": "0612345678",
        "consent": "on",
        "submit_key": key(),
    } | more


def url_of(area, **query) -> str:
    return reverse("offer_new", args=[area.slug], query=query or None)


# --- the invitation ---------------------------------------------------------------------------


def test_without_a_card_nobody_is_asked_to_join_in_and_parties_can_still_offer(client, area, coordinator):
    with no_writes():
        page = client.get(url_of(area)).content.decode()
    assert "give=gift" in page and "give=hands" not in page
    assert 'name="way"' not in client.get(url_of(area, give="hands")).content.decode()
    assert client.post(url_of(area, give="hands"), joining()).status_code == 404
    assert not Offer.objects.exists()


def test_without_anybody_who_takes_it_up_it_says_so(client, card, other_area):
    page = client.get(url_of(other_area)).content.decode()
    assert "give=" not in page and "nabij-notice" in page
    assert client.post(url_of(other_area, give="gift"), giving()).status_code == 404


@pytest.mark.parametrize("give", ["hands", "gift"])
def test_the_page_of_the_neighbourhood_leads_there(give, client, card, area, coordinator):
    page = client.get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert f"{url_of(area)}?give={give}" in page


def test_the_nearest_card_stands_above_the_choice(client, card, area, coordinator):
    make_card("of the neighbourhood", money={"nl": "€ 750 voor spullen."}, invites_in=area)
    page = client.get(url_of(area, give="hands"), headers={"accept-language": "nl"}).content.decode()
    assert page.index("€ 750 voor spullen.") < page.index('name="way"')
    assert "money in woorden" not in page


def test_the_card_of_the_role_goes_before_that_of_the_area(client, card, area, coordinator):
    theirs = make_card("of the role", money={"nl": "Er is geen geld."})
    role = make_role(make_initiative(area, owner=coordinator, next_action_on=today(9)))
    role.card = theirs
    role.save()
    page = client.get(url_of(area, role=role.pk), headers={"accept-language": "nl"}).content.decode()
    assert "Er is geen geld." in page and "Kok" in page and 'name="way"' in page
    made = client.post(url_of(area, role=role.pk), joining(theirs))
    offer = Offer.objects.get()
    assert made.status_code == 302
    assert (offer.wished_role, offer.card, offer.owner) == (role, theirs, coordinator)
    assert offer.theme == role.initiative.theme


@pytest.mark.parametrize("role", ["0", "99", "x", "1\0"])
def test_a_role_that_is_not_there_is_as_if_none_was_asked_for(role, client, card, area, coordinator):
    assert client.get(url_of(area, role=role, theme="\0", initiative="x")).status_code == 200


def test_a_closed_role_is_not_joined(client, card, area, coordinator):
    role = make_role(make_initiative(area), state=RoleState.CLOSED)
    client.post(url_of(area, role=role.pk, give="hands"), joining())
    assert Offer.objects.get().wished_role is None


def test_a_theme_travels_along(client, card, area, coordinator):
    theme = make_theme("groen")
    client.post(url_of(area, give="hands", theme="groen"), joining())
    assert Offer.objects.get().theme == theme


def test_where_a_neighbourhood_ended_there_is_nothing_to_join(client, card, area, coordinator):
    area.ended_on = today(-1)
    area.save()
    assert client.get(url_of(area)).status_code == 404


# --- joining in -------------------------------------------------------------------------------


def test_everything_they_tell_is_kept_and_nothing_else(client, card, area, coordinator):
    told = joining(
        moments=["4a", "2m"], languages=["tr", "nl"], rather_together="yes", is_adult="on", words=" Graag! ",
        skills=["cook"], motives=["meet"], time="monthly", wishes=["groen"],
    )  # fmt: skip
    make_theme("groen")
    client.post(url_of(area, give="hands"), told)
    offer = Offer.objects.select_related("receipt").get()
    assert (offer.moments, offer.languages, offer.rather_together) == (["2m", "4a"], ["nl", "tr"], True)
    assert (offer.is_adult, offer.words, offer.time, offer.kind) == (True, "Graag!", "monthly", "hands")
    assert offer.wishes == [], "there is no box to tick here, so nothing travels along"
    assert (offer.owner, offer.next_action_on) == (coordinator, today(2))
    assert offer.receipt.purpose == ReceiptPurpose.OFFER


def test_the_code_is_shown_once_more_when_the_page_is_loaded_again(client, card, area, coordinator):
    page = client.post(url_of(area, give="hands"), joining(), follow=True)
    assert page.redirect_chain and "nabij-code" in page.content.decode()
    again = page.redirect_chain[-1][0]
    assert "nabij-code" in client.get(again).content.decode()
    client.cookies.clear()
    assert "nabij-code" not in client.get(again).content.decode()


def test_two_taps_make_one(client, card, area, coordinator):
    told = joining()
    with time_machine.travel(timezone.now(), tick=False):  # a link is signed with its second
        first, second = (client.post(url_of(area, give="hands"), told) for _tap in range(2))
    assert Offer.objects.count() == 1 and first.url == second.url
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"way": ""}, "way"),
        ({"way": "fly"}, "way"),
        ({"email": ""}, "email"),
        ({"email": "buur@"}, "email"),
        ({"consent": ""}, "consent"),
        ({"is_16_or_older": ""}, "is_16_or_older"),
        ({"motives": ["meet", "others", "learn"]}, "motives"),
        ({"moments": ["9z"]}, "moments"),
        ({"languages": ["klingon"]}, "languages"),
        ({"words": "x" * 601}, "words"),
        ({"words": "\0"}, "words"),
    ],
)
def test_what_lacks_is_said_and_what_was_typed_is_kept(wrong, field, client, card, area, coordinator):
    page = client.post(url_of(area, give="hands"), joining(phone="") | {"time": "weekly"} | wrong)
    assert page.status_code == 422 and field in page.context["form"].errors
    assert 'value="weekly"' in page.content.decode() and not Offer.objects.exists()
    if field in page.context["form"].MORE:
        assert '<details class="nabij-fold" open>' in page.content.decode()


def test_in_the_language_of_the_visitor(client, card, area, coordinator):
    client.post(url_of(area, give="hands"), joining(), headers={"accept-language": "en"})
    assert Offer.objects.get().receipt.language == "en"


def test_too_often_from_one_place(client, card, area, coordinator, monkeypatch):
    monkeypatch.setattr(limits, "is_limit_reached", lambda *_args, **_more: True)
    page = client.post(url_of(area, give="hands"), joining())
    assert page.status_code == 422 and not Offer.objects.exists()
    assert "buur@example.nl" in page.content.decode()


# --- is the address theirs? ----------------------------------------------------------------------


def test_an_address_is_confirmed_by_mail_in_words_fit_for_an_offer(client, card, area, coordinator):
    client.post(url_of(area, give="hands"), joining(), headers={"accept-language": "en"})
    contact = Contact.objects.select_related("receipt").get()
    message = Message.objects.get()
    assert (message.purpose, message.receipt) == (MessagePurpose.CONFIRM, contact.receipt)
    token = sign_link(contact.receipt, LinkPurpose.CONFIRM, hearing_back.confirm_key(contact))
    page = client.get(reverse("private_confirm", args=[token]), headers={"accept-language": "en"})
    assert "You want to join in, or offered something." in page.content.decode()
    assert "your answer" not in page.content.decode()
    client.post(reverse("private_confirm", args=[token]))
    contact.refresh_from_db()
    assert contact.confirmed_at


def test_the_mail_that_asks_speaks_of_an_offer_and_erases_nothing():
    letter = emails.render_confirmation_mail(
        emails.ButtonMailFacts("Waterdam", "Waterdam", "https://x.example/c", offers=True), "en"
    )
    for text in (letter.text, letter.html):
        assert "You want to join in, or offered something." in text and "https://x.example/c" in text
        assert "answer about" not in text and "7 days" not in text


def test_a_phone_number_gets_no_mail(client, card, area, coordinator):
    client.post(url_of(area, give="hands"), joining(email="", phone="0612345678"))
    assert Offer.objects.exists() and not Message.objects.exists()


def test_a_mailbox_that_had_enough_stops_nobody(client, card, area, coordinator):
    for _one in range(limits.MAILS_TO_ONE_MAILBOX + 2):
        client.post(url_of(area, give="hands"), joining())
    assert Offer.objects.count() == limits.MAILS_TO_ONE_MAILBOX + 2
    assert Message.objects.count() == limits.MAILS_TO_ONE_MAILBOX


# --- parties ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(set(OfferKind) - {OfferKind.HANDS}))
def test_a_party_offers_something_without_a_card(kind, client, area, coordinator):
    until = today(60)
    told = giving(kind=kind, moments=["1n"], conditions="Zelf opruimen.", until=until.isoformat())
    page = client.post(url_of(area, give="gift"), told, follow=True)
    offer = Offer.objects.get()
    assert "nabij-code" in page.content.decode()
    assert (offer.kind, offer.card, offer.way, offer.until) == (kind, None, "", until)
    assert (offer.party_name, offer.party_kind, offer.conditions) == (
        "Stichting De Brug", "organisation", "Zelf opruimen.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "hands"}, "kind"),
        ({"words": " "}, "words"),
        ({"party_name": ""}, "party_name"),
        ({"party_kind": "bank"}, "party_kind"),
        ({"phone": ""}, "email"),
        ({"consent": ""}, "consent"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "morgen"}, "until"),
    ],
)
def test_what_a_party_lacks_is_said(wrong, field, client, area, coordinator):
    page = client.post(url_of(area, give="gift"), giving() | wrong)
    assert page.status_code == 422 and field in page.context["form"].errors
    assert not Offer.objects.exists()


# --- who looks after it -----------------------------------------------------------------------


def test_a_coordinator_nearby_with_least_to_do(area, district, editor, administrator):
    assert owner_for_area(area) == editor, "an editor before an administrator"
    far = make_user(Role.COORDINATOR, district)
    assert owner_for_area(area) == far, "a coordinator before an editor"
    busy, free = make_user(Role.COORDINATOR, area), make_user(Role.COORDINATOR, area)
    make_offer(area, owner=busy)
    assert owner_for_area(area) == free
    free.lock_out()
    assert owner_for_area(area) == busy
    assert owner_for_area(make_area()) == administrator
