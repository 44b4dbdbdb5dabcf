"""Mail that needs a person: found, settled once, by who may, and never showing an address unasked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, Suppression
from feedback.delivery.services import delivery, guards
from feedback.models import Heartbeat, Message, OutboxEpoch
from feedback.states import DeliveryKind, MessageState, Owed
from neighbourhoods.states import Role
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_message, make_topic
from tests.people import make_membership, make_user, signed_in


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def debt(area, editor):
    contact = make_contact(email="somebody@example.nl", phone="0612345678")
    return make_debt(make_topic(area=area), receipt=contact.receipt, owner=editor, state=Owed.PUBLISHED)


@pytest.fixture
def mail(debt, area):
    """A function that makes a mail about the debt, in a state."""
    follow_up = make_follow_up(areas=[area])
    follow_up.named.create(owed=debt, receipt=debt.receipt)

    def make(state, hours=48):
        message = make_message(debt.receipt, state=state, settled_at=timezone.now() - timedelta(hours=hours))
        follow_up.items.all().delete()
        follow_up.items.create(receipt=debt.receipt, message=message)
        return message

    return make


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.UNCERTAIN, MessageState.BOUNCED])
def test_tasks_are_listed_and_lead_to_a_page_without_address(state, mail, coordinator):
    message = mail(state)
    client = signed_in(coordinator)
    assert f"Bericht {message.pk}" in client.get(reverse("outbox")).content.decode()
    page = client.get(reverse("message", args=[message.pk])).content.decode()
    assert "somebody@example.nl" not in page and "0612345678" not in page


def test_nothing_to_do_says_so(area, coordinator):
    assert (
        "Er is geen mail waar iemand naar moet kijken"
        in signed_in(coordinator).get(reverse("outbox")).content.decode()
    )


def test_how_to_reach_them_is_shown_when_asked_and_that_is_kept(mail, coordinator):
    message = mail(MessageState.FAILED)
    page = signed_in(coordinator).post(reverse("message_contact", args=[message.pk])).content.decode()
    assert "0612345678" in page and Event.objects.about(message).get().verb == "contact shown"


def test_contact_of_a_mail_that_went_well_is_not_shown(mail, coordinator):
    message = mail(MessageState.SENT)
    page = signed_in(coordinator).post(reverse("message_contact", args=[message.pk]), follow=True)
    assert "0612345678" not in page.content.decode()


# state of the message, the action -> state afterwards (None: refused)
ACTIONS = [
    (MessageState.UNCERTAIN, "message_resend", MessageState.PENDING),
    (MessageState.UNCERTAIN, "message_delivered", MessageState.DELIVERED),
    (MessageState.UNCERTAIN, "message_bounced", MessageState.BOUNCED),
    (MessageState.UNCERTAIN, "message_take_up", MessageState.UNCERTAIN),
    (MessageState.FAILED, "message_resend", MessageState.PENDING),
    (MessageState.FAILED, "message_delivered", None),
    (MessageState.FAILED, "message_take_up", MessageState.FAILED),
    (MessageState.BOUNCED, "message_resend", None),
    (MessageState.BOUNCED, "message_take_up", MessageState.BOUNCED),
    (MessageState.SENT, "message_resend", None),
    (MessageState.SENT, "message_bounced", MessageState.BOUNCED),
    (MessageState.SENT, "message_take_up", None),
]


@pytest.mark.parametrize(("state", "action", "after"), ACTIONS)
def test_what_a_person_may_decide(state, action, after, mail, editor):
    message = mail(state)
    response = signed_in(editor).post(reverse(action, args=[message.pk]), {"note": "Gebeld."})
    message.refresh_from_db()
    if after is None:
        assert response.status_code == 422 and message.state == state
        assert "nabij-error-summary" in response.content.decode()
    else:
        assert response.status_code == 302 and message.state == after


def test_the_same_mail_keeps_its_message_id(mail, editor):
    message = mail(MessageState.UNCERTAIN)
    signed_in(editor).post(reverse("message_resend", args=[message.pk]))
    assert Message.objects.get(pk=message.pk).message_id == message.message_id


def test_uncertain_waits_a_day_for_a_bounce(mail, editor):
    message = mail(MessageState.UNCERTAIN, hours=1)
    client = signed_in(editor)
    assert "message_resend" not in client.get(reverse("message", args=[message.pk])).content.decode()
    assert client.post(reverse("message_resend", args=[message.pk])).status_code == 422
    assert Message.objects.get().state == MessageState.UNCERTAIN


def test_a_bounce_by_hand_suppresses_nobody_and_owes_again_as_published(mail, debt, editor):
    message = mail(MessageState.SENT)
    debt.move(Owed.SENT)
    signed_in(editor).post(reverse("message_bounced", args=[message.pk]), {"note": "Bestaat niet."})
    debt.refresh_from_db()
    assert debt.state == Owed.PUBLISHED and not Suppression.objects.exists()


def test_who_noted_a_bounce_sees_no_address(mail, editor, coordinator):
    message = mail(MessageState.SENT)
    client = signed_in(editor)
    client.post(reverse("message_bounced", args=[message.pk]), {"note": "Bestaat niet."})
    assert "message_contact" not in client.get(reverse("message", args=[message.pk])).content.decode()
    refused = client.post(reverse("message_contact", args=[message.pk]))
    assert refused.status_code == 403 and "0612345678" not in refused.content.decode()
    other = signed_in(coordinator).post(reverse("message_contact", args=[message.pk]))
    assert "0612345678" in other.content.decode()
    assert Event.objects.about(message).filter(verb="contact shown").get().actor == coordinator


def test_a_bounce_that_is_on_no_record_any_more_shows_no_address(mail, editor):
    """What a mailbox or a colleague told is erased after its term; the message stays as it is."""
    message = mail(MessageState.BOUNCED)
    refused = signed_in(editor).post(reverse("message_contact", args=[message.pk]))
    assert refused.status_code == 403 and "0612345678" not in refused.content.decode()


def test_a_mail_that_did_come_back_shows_the_address_to_who_noted_it_too(mail, editor):
    message = mail(MessageState.SENT)
    delivery.record(message=message, kind=DeliveryKind.BOUNCED, provider_event="provider:1")
    delivery.record(message=message, kind=DeliveryKind.BOUNCED, provider_event="hand:1", by=editor)
    page = signed_in(editor).post(reverse("message_contact", args=[message.pk])).content.decode()
    assert "0612345678" in page and Suppression.objects.count() == 1


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.DELIVERED, MessageState.UNCERTAIN])
def test_a_bounce_by_hand_can_be_taken_back(state, mail, debt, editor):
    message, went = mail(state), state != MessageState.UNCERTAIN
    if went:
        debt.move(Owed.SENT)
    client, url = signed_in(editor), reverse("message_bounce_back", args=[message.pk])
    client.post(reverse("message_bounced", args=[message.pk]), {"note": "Bestaat niet."})
    assert url in client.get(reverse("message", args=[message.pk])).content.decode()
    client.post(url)
    message.refresh_from_db()
    debt.refresh_from_db()
    assert message.state == state and debt.state == (Owed.SENT if went else Owed.PUBLISHED)
    assert not message.events.exists()


def test_what_a_provider_told_or_somebody_took_up_is_not_taken_back(mail, editor):
    told, taken_up = mail(MessageState.SENT), mail(MessageState.SENT)
    delivery.record(message=told, kind=DeliveryKind.BOUNCED, provider_event="provider:1")
    client = signed_in(editor)
    client.post(reverse("message_bounced", args=[taken_up.pk]), {"note": "Bestaat niet."})
    client.post(reverse("message_take_up", args=[taken_up.pk]), {"note": "Gebeld."})
    for message in (told, taken_up):
        client.post(reverse("message_bounce_back", args=[message.pk]))
        message.refresh_from_db()
        assert message.state == MessageState.BOUNCED


@pytest.mark.parametrize("note", ["", " "])
def test_taking_up_needs_words(note, mail, coordinator):
    message = mail(MessageState.FAILED)
    url = reverse("message_take_up", args=[message.pk])
    assert signed_in(coordinator).post(url, {"note": note}).status_code == 422
    assert Message.objects.get().resolved_by is None


def test_taking_up_twice_is_told(mail, coordinator, editor):
    message = mail(MessageState.FAILED)
    url = reverse("message_take_up", args=[message.pk])
    signed_in(coordinator).post(url, {"note": "Gebeld."})
    assert "pakte dit al op" in signed_in(editor).post(url, {"note": "Ook gebeld."}).content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "message_resend",
        "message_delivered",
        "message_bounced",
        "message_bounce_back",
        "message_take_up",
        "message_contact",
    ],
)
def test_who_may(name, mail, stranger, viewer, other_area):
    message = mail(MessageState.UNCERTAIN)
    url = reverse(name, args=[message.pk])
    assert signed_in(viewer).get(url).status_code in (403, 405)
    assert signed_in(stranger).post(url, {"note": "x"}).status_code == 404
    assert signed_in(viewer).post(url, {"note": "x"}).status_code == 403
    elsewhere = make_user(Role.EDITOR, other_area)
    assert signed_in(elsewhere).post(url, {"note": "x"}).status_code == 404
    assert Message.objects.get().state == MessageState.UNCERTAIN


@pytest.mark.parametrize(
    "name",
    ["message_resend", "message_delivered", "message_bounced", "message_bounce_back", "message_take_up"],
)
def test_a_role_elsewhere_settles_nothing_here(name, mail, area, other_area):
    """Who reads along here and is an editor in another neighbourhood passes the mark, and sees no mail of here."""
    colleague = make_user(Role.EDITOR, other_area)
    make_membership(colleague, Role.VIEWER, area)
    message = mail(MessageState.FAILED)
    answer = signed_in(colleague).post(reverse(name, args=[message.pk]), {"note": "Gebeld."})
    assert answer.status_code == 404
    message.refresh_from_db()
    assert (message.state, message.resolved_by) == (MessageState.FAILED, None)


def test_mail_to_colleagues_is_for_administrators(administrator, editor):
    message = make_message(user=editor, state=MessageState.FAILED)
    assert signed_in(administrator).get(reverse("message", args=[message.pk])).status_code == 200
    assert signed_in(editor).get(reverse("message", args=[message.pk])).status_code == 404


# --- the whole outbox -------------------------------------------------------------------------


def test_holding_and_releasing_with_a_reason(administrator):
    client = signed_in(administrator)
    client.post(reverse("outbox_hold"), {"note": ""})
    assert not OutboxEpoch.objects.filter(quarantined_at__isnull=False).exists()
    client.post(reverse("outbox_hold"), {"note": "De mailserver verhuist."})
    page = client.get(reverse("outbox")).content.decode()
    assert "De verzendbak is stilgezet" in page and "De mailserver verhuist." in page
    client.post(reverse("outbox_release"), {"note": "Klaar."})
    assert guards.outbox_epoch().quarantined_at is None


@pytest.mark.parametrize("name", ["outbox_hold", "outbox_release"])
def test_only_who_administers_the_municipality_holds_it(name, district, editor):
    assert signed_in(editor).post(reverse(name), {"note": "x"}).status_code == 403
    local = make_user(Role.ADMINISTRATOR, district)
    assert signed_in(local).post(reverse(name), {"note": "x"}).status_code == 403


def test_every_page_of_the_desk_says_when_nobody_works(area, editor):
    client = signed_in(editor)
    assert "Er draait niets" in client.get(reverse("waiting")).content.decode()
    Heartbeat.objects.create(name="jobs")
    assert "Er draait niets" not in client.get(reverse("waiting")).content.decode()


def test_list_takes_few_queries(debt, coordinator, django_assert_max_num_queries):
    for _number in range(6):
        make_message(debt.receipt, state=MessageState.FAILED)
    client = signed_in(coordinator)
    client.get(reverse("outbox"))
    with django_assert_max_num_queries(18):
        assert client.get(reverse("outbox")).status_code == 200
