"""On the desk: an offer from a talk, what was shown, which party it is, and the card above the invitation."""

import secrets

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Event, Receipt
from core.errors import DomainError
from feedback.models import Message
from feedback.private import services as private
from feedback.states import MessagePurpose
from initiatives.initiatives.services.beginning import set_invitation_card
from initiatives.models import Clearance, ExpectationCard, Offer
from initiatives.offers.services import offer_care, offer_mail
from initiatives.offers.services.offers import Gift, Hands, make_offer
from initiatives.states import OfferState
from neighbourhoods.models import Party
from tests.feedback.factories import today
from tests.initiatives import factories
from tests.initiatives.factories import make_card, make_gift
from tests.neighbourhoods.factories import make_party
from tests.people import signed_in
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


def noting(area, card=None, **more) -> dict:
    return {
        "area": area.pk,
        "kind": "hands",
        "card": card.pk if card else "",
        "way": "often",
        "skills": ["cook"],
        "phone": "0612345678",
        "language": "nl",
        "said_yes": "on",
        "submit_key": secrets.token_urlsafe(24),
    } | more


# --- after a talk -----------------------------------------------------------------------------


def test_an_offer_from_a_talk_has_a_code_to_give_and_a_yes_that_was_said_out_loud(area, coordinator):
    client, card = signed_in(coordinator), make_card()
    page = client.post(reverse("offer_note"), noting(area, card), follow=True)
    offer = Offer.objects.get()
    assert "nabij-code" in page.content.decode()
    assert (offer.owner, offer.card, offer.way) == (coordinator, card, "often")
    assert Contact.objects.get().consent.startswith(("Said out loud", "Hardop gezegd"))
    assert [event.verb for event in Event.objects.about(offer)] == ["noted offer"]
    client.cookies.pop("code")
    assert "nabij-code" not in client.get(reverse("offer_code", args=[offer.pk])).content.decode()


def test_two_taps_make_one(area, coordinator):
    client, told = signed_in(coordinator), noting(area, make_card())
    assert client.post(reverse("offer_note"), told).url == client.post(reverse("offer_note"), told).url
    assert Offer.objects.count() == 1


def test_of_a_party_as_well_without_a_card(area, coordinator):
    told = noting(
        area,
        kind="space",
        way="",
        address="Sluisweg 12",
        words="De kelder.",
        party_kind="entrepreneur",
        party_name="De fietsenmaker",
    )
    signed_in(coordinator).post(reverse("offer_note"), told)
    offer = Offer.objects.get()
    assert (offer.kind, offer.party_name, offer.card, offer.skills) == ("space", "De fietsenmaker", None, [])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"said_yes": ""}, "said_yes"),
        ({"card": ""}, "card"),
        ({"way": ""}, "way"),
        ({"phone": ""}, "email"),
        ({"area": ""}, "area"),
        ({"kind": "money", "words": ""}, "words"),
        ({"language": "xx"}, "language"),
        ({"until": today(-1).isoformat()}, "until"),
    ],
)
def test_what_lacks_is_said(wrong, field, area, coordinator):
    page = signed_in(coordinator).post(reverse("offer_note"), noting(area, make_card()) | wrong)
    assert page.status_code == 422 and field in page.context["form"].errors
    assert not Offer.objects.exists()


def test_only_where_one_works(area, other_area, coordinator, viewer):
    page = signed_in(coordinator).post(reverse("offer_note"), noting(other_area, make_card()))
    assert page.status_code == 422 and "area" in page.context["form"].errors
    assert signed_in(viewer).get(reverse("offer_note")).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"hands": Hands(way="once", skills=["fly"])},
        {"hands": Hands(way="once", motives=["meet", "others", "learn"])},
        {"hands": Hands(way="once", until=today(-1))},
        {"hands": Hands(way="once"), "card": None},
        {"hands": Gift(kind="hands", words="x")},
        {"hands": Gift(kind="space", words=" ")},
        {"hands": Gift(kind="space", words="x", party_kind="bank")},
        {"hands": Hands(way="once"), "consent": " "},
        {"hands": Hands(way="once"), "phone": " "},
    ],
)
def test_what_no_form_lets_through_is_refused_below_it_too(wrong, area, coordinator):
    made = {
        "card": make_card(), "area": area, "theme": None, "owner": coordinator, "language": "nl",
        "email": "", "phone": "0612345678", "consent": "Ja.", "submit_key": "k" * 32,
    } | wrong  # fmt: skip
    with pytest.raises(DomainError):
        make_offer(**made)
    assert not Offer.objects.exists() and not Contact.objects.exists()


# --- looking after it -------------------------------------------------------------------------


@pytest.fixture
def offer(area, coordinator):
    return factories.make_offer(area, owner=coordinator)


def test_one_tap_says_that_they_were_spoken_to_and_plans_what_comes_next(offer, coordinator):
    told = {"to": "contacted", "address_is_right": "on"}
    assert signed_in(coordinator).post(reverse("hand_step", args=[offer.pk]), told).status_code == 302
    offer.refresh_from_db()
    assert (offer.state, offer.contacted_on, offer.next_action_on) == ("contacted", today(), today(7))
    assert Contact.objects.get().confirmed_at, "whoever spoke to them read the address to them"
    assert "took the address for right" in Event.objects.about(offer).values_list("verb", flat=True)


def test_an_address_is_not_right_because_somebody_was_spoken_to(offer, coordinator):
    signed_in(coordinator).post(reverse("hand_step", args=[offer.pk]), {"to": "contacted"})
    assert Contact.objects.get().confirmed_at is None


def test_an_honest_not_now_is_a_pause_until_a_day(offer, coordinator):
    url, client = reverse("hand_step", args=[offer.pk]), signed_in(coordinator)
    assert client.post(url, {"to": "paused"}).status_code == 422
    assert client.post(url, {"to": "paused", "on": today(0).isoformat()}).status_code == 422
    client.post(url, {"to": "paused", "on": today(40).isoformat()})
    offer.refresh_from_db()
    assert (offer.state, offer.paused_until, offer.next_action_on) == ("paused", today(40), today(40))
    assert offer.next_action


@pytest.fixture
def reached(offer):
    """Its holder said that the mailbox is theirs."""
    Contact.objects.update(confirmed_at=timezone.now())
    Receipt.objects.update(language="en")
    return Offer.objects.select_related("receipt", "owner", "area").get(pk=offer.pk)


def leaves(message: Message):
    """The letter as it would leave now, or why it does not."""
    writer = offer_mail.render_offer_messages([message])[message.pk]
    return writer if isinstance(writer, str) else writer("https://x.example/stop")


def test_an_honest_not_now_is_mailed_and_says_when_we_look_again(reached, coordinator):
    offer_care.record_offer_step(offer=reached, to=OfferState.PAUSED, on=today(40), by=coordinator)
    message = Message.objects.get(purpose=MessagePurpose.OFFER)
    letter = leaves(message)
    assert "not now" in letter.subject and "https://x.example/stop" in letter.text
    assert f"{today(40).day} " in letter.text and "The coordinator" in letter.text
    offer_care.record_offer_step(offer=reached, to=OfferState.CONTACTED, by=coordinator)
    assert leaves(message) == "this is no longer how it stands"


def test_a_not_now_of_a_pause_that_was_withdrawn_and_put_back_does_not_leave(reached, coordinator):
    offer_care.record_offer_step(offer=reached, to=OfferState.PAUSED, on=today(40), by=coordinator)
    private.withdraw_receipt(receipt=reached.receipt)
    private.undo_withdrawal(receipt=reached.receipt)
    message = Message.objects.get(purpose=MessagePurpose.OFFER)
    assert leaves(message) == "this is no longer how it stands"


def test_why_it_ends_is_mailed_once_and_not_when_they_withdrew_it(reached, coordinator):
    offer_care.close(offer=reached, reason="Het buurthuis gaat dicht.", by=coordinator)
    message = Message.objects.get(purpose=MessagePurpose.OFFER)
    letter = leaves(message)
    assert "Het buurthuis gaat dicht." in letter.text and "/v/" in letter.text
    assert reached.receipt.code_hash not in letter.text
    Offer.objects.update(withdrawn_from=OfferState.NEW)
    assert leaves(message) == "this is no longer how it stands"


def test_who_never_confirmed_an_address_gets_no_mail(offer, coordinator):
    offer_care.close(offer=offer, reason="Klaar.", by=coordinator)
    assert not Message.objects.filter(purpose=MessagePurpose.OFFER).exists()


def test_the_page_shows_what_they_told(offer, coordinator):
    Offer.objects.filter(pk=offer.pk).update(
        words="Ik kook graag.", languages=["tr"], moments=["2m", "2a"], rather_together=True
    )
    client = signed_in(coordinator)
    with no_writes():
        page = client.get(reverse("hand", args=[offer.pk])).content.decode()
    for said in ("Ik kook graag.", "Turks", "di "):
        assert said in page


def test_a_clearance_is_seen_and_no_document_kept(offer, coordinator):
    client, url = signed_in(coordinator), reverse("hand_clearance", args=[offer.pk])
    for _tap in range(2):
        assert client.post(url, {"seen_on": today(-1).isoformat()}).status_code == 302
    clearance = Clearance.objects.get()
    assert (clearance.seen_by, clearance.renew_before) == (coordinator, today(1094))
    assert {field.get_internal_type() for field in Clearance._meta.fields} <= {
        "BigAutoField", "ForeignKey", "CharField", "DateField",
    }  # fmt: skip
    assert Event.objects.about(offer).count() == 1


@pytest.mark.parametrize("seen", ["", "gisteren", 1, -1095, "9999-12-31", "0001-01-01"])
def test_a_day_to_come_or_too_long_ago_is_no_clearance(seen, offer, coordinator):
    seen = today(seen).isoformat() if isinstance(seen, int) else seen
    page = signed_in(coordinator).post(reverse("hand_clearance", args=[offer.pk]), {"seen_on": seen})
    assert page.status_code == 422 and not Clearance.objects.exists()


def test_a_party_is_linked_or_put_on_the_list(area, coordinator):
    gift, known = make_gift(area, owner=coordinator), make_party(areas=[area])
    client, url = signed_in(coordinator), reverse("hand_party", args=[gift.pk])
    client.post(url, {"party": known.pk})
    gift.refresh_from_db()
    assert gift.party == known
    client.post(url, {"party": ""})
    gift.refresh_from_db()
    assert gift.party == known, "it has one"
    for another in (make_gift(area, owner=coordinator), make_gift(area, owner=coordinator)):
        for _tap in range(2):
            client.post(reverse("hand_party", args=[another.pk]), {"party": ""})
        another.refresh_from_db()
        assert (another.party.name, another.party.kind) == ("Stichting De Brug", "organisation")
        assert list(another.party.areas.all()) == [area]
    assert Party.objects.count() == 2, "one that was known, and one more for what was told"
    Party.objects.filter(pk=another.party.pk).update(ended_on=today())
    anew = make_gift(area, owner=coordinator)
    assert offer_care.link_party(offer=anew, party=None, by=coordinator).party not in (known, another.party)


def test_hands_have_no_party(offer, coordinator):
    assert signed_in(coordinator).post(reverse("hand_party", args=[offer.pk]), {}).status_code == 404
    with pytest.raises(DomainError):
        offer_care.link_party(offer=offer, party=None, by=coordinator)


# --- the card above the invitation ------------------------------------------------------------


def test_a_card_invites_in_one_area_and_an_area_has_one_card(area, next_area, editor):
    first, second = make_card("first"), make_card("second")
    set_invitation_card(area=area, card=first, by=editor)
    set_invitation_card(area=area, card=second, by=editor)
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.invites_in, second.invites_in) == (None, area)
    assert ExpectationCard.objects.invitation_card_for(area) == second
    assert ExpectationCard.objects.invitation_card_for(next_area) is None
    set_invitation_card(area=area, card=None, by=editor)
    assert ExpectationCard.objects.invitation_card_for(area) is None


def test_a_card_that_lacks_a_row_invites_nobody(area, editor):
    card = make_card(money={"nl": "Geen."}, shown_on=None)
    url = reverse("hands_invitation")
    page = signed_in(editor).post(url, {"area": area.pk, "card": card.pk})
    assert page.status_code == 422 and ExpectationCard.objects.invitation_card_for(area) is None


def test_an_editor_chooses_the_card_where_they_work(area, other_area, editor, coordinator):
    url, card = reverse("hands_invitation"), make_card()
    assert signed_in(editor).post(url, {"area": area.pk, "card": card.pk}).status_code == 302
    assert ExpectationCard.objects.invitation_card_for(area) == card
    assert signed_in(editor).post(url, {"area": other_area.pk, "card": card.pk}).status_code == 422
    assert signed_in(coordinator).get(url).status_code == 403
