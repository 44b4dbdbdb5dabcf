"""Inviting by mail: once, at most two reminders, nobody who answered or unsubscribed, and then the addresses go."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Receipt, Suppression
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards, pump
from feedback.models import Message
from feedback.private.services import mail_links_to
from feedback.states import MessagePurpose, MessageState
from neighbourhoods.settings.retention import run_retention_jobs
from surveys.invitations.services import invitations
from surveys.models import AddressList, Invitation, Mailing, Response, Survey
from surveys.printing import services as files
from surveys.states import MailingState
from tests.feedback.sinks import Sink
from tests.house import our_models
from tests.people import make_municipality, signed_in
from tests.surveys.invited import answer, link_of
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
PASTED = "a@example.nl\nb@example.nl\nc@example.nl"


@pytest.fixture
def survey(area, editor) -> Survey:
    cache.clear()
    make_municipality()
    guards.outbox_may_send()
    return make_survey(areas=[area], owner=editor)


def bring(survey: Survey, *, content: bytes = b"", pasted: str = PASTED, **fields) -> AddressList:
    fields = {"name": "Panel", "origin": "uw aanmelding", "basis": "consent", "area": None} | fields
    return invitations.create_address_list(
        survey=survey, content=content, pasted=pasted, by=survey.owner, **fields
    )


def taken(survey: Survey, **fields) -> AddressList:
    found = bring(survey, **fields)
    invitations.create_invitations(addresses=found, by=survey.owner)
    return found


def send(addresses: AddressList, *, days: int = 0) -> Mailing:
    """Plan the next round, `days` from now, and let it leave."""
    now = timezone.now() + timedelta(days=days)
    on = timezone.localdate(now)
    mailing = invitations.plan_mailing(addresses=addresses, on=on, by=addresses.created_by, now=now)
    invitations.release_due(now=max(mailing.leaves_at, now))
    mailing.refresh_from_db()
    return mailing


@pytest.fixture
def relay(settings):
    with Sink() as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def deliver(days: float = 0) -> None:
    pump.send_due(now=timezone.now() + timedelta(days=days, hours=23))


def to(relay: Sink) -> list[str]:
    return sorted(relay.recipients)


# --- the list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "pasted", "good", "bad"),
    [
        (b"", "a@b.nl, c@d.nl; e@f.nl\n", 3, 0),
        (b"", "Buur Een <a@b.nl>\nA@B.nl\nniets\n", 1, 2),
        (b"e-mail;taal\na@b.nl;en\nb@b..nl;nl\n;nl\n", "", 1, 2),
        (b"email\na@b.nl\nc@d.nl\n", "", 2, 0),
        (b"a@b.nl\r\nc@d.nl\r\n", "", 2, 0),
        (b'naam,mailadres\n"Jansen, J",a@b.nl\nX,a@B.NL\n', "", 1, 1),
    ],
)
def test_addresses_are_recognised(survey, content, pasted, good, bad):
    found = bring(survey, content=content, pasted=pasted)
    assert (found.invited, found.left_out) == (good, bad)


@pytest.mark.parametrize(
    "content", [b"naam;straat\nx;y\n", b"\0\0", b"PK\x03\x04x", b"geen adressen\nhier\n"]
)
def test_a_list_without_addresses_leaves_nothing(survey, content):
    with pytest.raises(DomainError):
        bring(survey, content=content)
    assert not AddressList.objects.exists() and not Receipt.objects.exists()


def test_before_it_is_taken_the_addresses_are_a_file_and_nobody_is_mailed(survey):
    found = bring(survey)
    assert not Contact.objects.exists() and files.load(found.folder, files.LIST_FILE_NAME)
    invitations.create_invitations(addresses=found, by=survey.owner)
    invitations.create_invitations(addresses=found, by=survey.owner)
    assert Contact.objects.count() == Invitation.objects.count() == 3 and not Message.objects.exists()


def test_the_file_goes_when_the_list_is_taken(survey, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        found = taken(survey)
    assert not files.folder_of(found.folder).exists()


def test_who_was_invited_before_is_left_out(survey):
    taken(survey, pasted="a@example.nl")
    again = taken(survey, pasted="A@example.nl\nnew@example.nl")
    assert (again.invited, again.left_out) == (1, 1)


def test_language_of_the_list_or_of_the_survey(survey):
    taken(survey, content=b"email;taal\na@b.nl;en\nb@b.nl;xx\nc@b.nl;\n", pasted="")
    languages = Contact.objects.order_by("email").values_list("receipt__language", flat=True)
    assert list(languages) == ["en", "nl", "nl"]


def test_a_survey_for_children_invites_nobody_by_mail(survey):
    survey.without_contact = True
    with pytest.raises(DomainError):
        bring(survey)


# --- mail -------------------------------------------------------------------------------------


def test_invitation_and_two_reminders_and_then_no_more(survey, relay):
    found = taken(survey)
    for round, day in enumerate((0, 4, 8)):
        assert send(found, days=day).round == round
        deliver(day)
        assert len(relay.mails) == 3 * (round + 1)
    with pytest.raises(DomainError):
        send(found, days=12)
    assert invitations.mail_counts_per_round(found) == {round: {MessageState.SENT: 3} for round in range(3)}


def test_reminder_on_the_next_day_is_refused(survey):
    found = taken(survey)
    send(found)
    with pytest.raises(DomainError):
        send(found, days=1)


def test_planned_can_be_stopped_and_planned_again(survey, relay):
    found = taken(survey)
    day = timezone.localdate()
    mailing = invitations.plan_mailing(addresses=found, on=day, by=survey.owner)
    assert mailing.leaves_at >= timezone.now() + timedelta(seconds=settings.HOLD_SECONDS - 5)
    assert invitations.release_due() == 0
    with pytest.raises(DomainError):
        invitations.plan_mailing(addresses=found, on=day, by=survey.owner)
    invitations.stop_mailing(mailing=mailing, by=survey.owner)
    with pytest.raises(InvalidTransition):
        invitations.stop_mailing(mailing=mailing, by=survey.owner)
    assert send(found).round == 0


def test_released_twice_is_one_mail_each(survey, relay):
    found = taken(survey)
    mailing = send(found)
    Mailing.objects.filter(pk=mailing.pk).update(state=MailingState.HOLD)
    invitations.release_due(now=mailing.leaves_at)
    deliver()
    assert to(relay) == ["a@example.nl", "b@example.nl", "c@example.nl"]


def test_no_reminder_after_an_answer_an_unsubscribe_or_no_mail_at_all(survey, relay):
    found = taken(survey, pasted=PASTED + "\nd@example.nl")
    send(found)
    deliver()
    answer("a@example.nl")
    hearing_back.unsubscribe(receipt=Contact.objects.get(email="b@example.nl").receipt)
    hearing_back.suppress_everything(receipt=Contact.objects.get(email="c@example.nl").receipt)
    relay.mails.clear()
    relay.recipients.clear()
    assert send(found, days=5).addressed == 1
    deliver(5)
    assert to(relay) == ["d@example.nl"]


def test_who_answers_while_the_reminder_waits_gets_none(survey, relay):
    """Looked at once more the moment before it leaves."""
    found = taken(survey)
    send(found)
    answer("a@example.nl")
    deliver()
    assert to(relay) == ["b@example.nl", "c@example.nl"]
    assert invitations.mail_counts_per_round(found)[0] == {MessageState.SENT: 2, MessageState.CANCELLED: 1}


def test_who_wants_no_mail_of_the_municipality_gets_none(survey, relay):
    taken(survey, pasted="a@example.nl")
    hearing_back.suppress_everything(receipt=Receipt.objects.get())
    other = bring(survey, pasted="A@example.nl\nb@example.nl")
    assert invitations.address_list_preview(other) == invitations.AddressListPreview(no_mail=1, already=1)


def test_an_address_that_was_suppressed_before_is_never_mailed(survey, relay):
    from core.keyed import address_hash

    Suppression.objects.create(address_hash=address_hash("a@example.nl"), reason="asked")
    found = taken(survey)
    send(found)
    deliver()
    assert to(relay) == ["b@example.nl", "c@example.nl"]


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_nothing_leaves_while_nobody_can_answer(survey, relay, state):
    found = taken(survey)
    send(found)
    Survey.objects.filter(pk=survey.pk).update(
        state=state, closed_at=timezone.now() if state == "closed" else None
    )
    deliver()
    assert not relay.mails
    survey.refresh_from_db()
    found = AddressList.objects.select_related("channel__survey").get()
    with pytest.raises(DomainError):
        send(found, days=5)


def test_the_mail_has_a_link_an_origin_and_one_click_unsubscribe(survey, relay):
    taken_list = taken(survey, content=b"email;taal\na@b.nl;en\n", pasted="")
    send(taken_list)
    deliver()
    (mail,) = relay.mails
    text = mail.content.decode() if hasattr(mail, "content") else str(mail)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in text
    assert "/p/" in text and "/m/" in text and "uw aanmelding" in text and "neighbourhood need" in text


def test_a_bounce_is_no_task_and_ends_mail_to_that_address(survey, relay):
    from feedback.delivery.services import delivery

    found = taken(survey)
    send(found)
    deliver()
    message = Message.objects.get(receipt__contact__email="a@example.nl")
    delivery.record(message=message, kind="bounced", provider_event="1")
    assert not Message.objects.needing_person().exists()
    relay.mails.clear()
    relay.recipients.clear()
    send(found, days=5)
    deliver(5)
    assert to(relay) == ["b@example.nl", "c@example.nl"]


# --- the link ---------------------------------------------------------------------------------


def test_looking_spends_nothing_and_pressing_begins_one_participation(survey):
    taken(survey)
    Client().get(link_of("a@example.nl"))
    assert not Invitation.objects.filter(spent=True).exists()
    phone, fields, first = answer("a@example.nl")
    second = phone.post(first.request["PATH_INFO"], fields)
    assert "/q/" in first.url and first.url == second.url and Response.objects.count() == 1
    assert list(Invitation.objects.filter(spent=True).values_list("tap", flat=True)) == [""]


def test_a_forwarded_link_opens_no_answers(survey):
    taken(survey)
    answer("a@example.nl")
    Response.objects.update(answers={"1": "2"})
    _phone, _fields, again = answer("a@example.nl")
    assert again.status_code == 409 and Response.objects.count() == 1


@pytest.mark.parametrize("how", ["forged", "other way in", "destroyed"])
def test_links_that_no_longer_open(survey, how):
    found = taken(survey)
    url = link_of("a@example.nl")
    if how == "forged":
        url = url[:-6] + "AAAAA/"
    elif how == "other way in":
        url = url.replace(found.channel.code, taken(survey, pasted="z@example.nl").channel.code)
    else:
        invitations.destroy_address_list(addresses=found, by=survey.owner)
        Receipt.objects.all().delete()
    page = Client().get(url)
    assert (
        page.status_code == 410
        and reverse("start", args=[survey.channels.first().code]) in page.content.decode()
    )


def test_without_the_link_nobody_begins(survey):
    code = taken(survey).channel.code
    assert Client().get(f"/p/{code}/").status_code == 200
    assert Client().post(f"/p/{code}/begin/", {"submit_key": "k" * 24}).status_code == 410
    assert not Response.objects.exists()


def test_an_invited_address_opens_no_private_page(survey):
    taken(survey)
    mail_links_to(address="a@example.nl")
    assert not Message.objects.exists()


def test_only_yes_or_no_is_known_and_nothing_leads_to_the_answer(survey):
    taken(survey)
    answer("a@example.nl")
    fields = {field.name for field in Invitation._meta.fields}
    assert fields == {"id", "list", "receipt", "spent", "tap"}
    invitation = Invitation.objects.get(spent=True)
    response = Response.objects.get()
    assert response.receipt_id != invitation.receipt_id
    with connection.cursor() as cursor:
        for model in our_models():
            if model in (Invitation, Receipt, Contact, Message):
                continue
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            assert invitation.receipt_id.hex not in str(cursor.fetchall()).replace("-", ""), model


# --- the end ----------------------------------------------------------------------------------


def test_destroying_leaves_two_numbers(survey):
    found = taken(survey)
    send(found)
    answer("a@example.nl")
    assert invitations.destroy_address_list(addresses=found, by=survey.owner) == 3
    assert invitations.destroy_address_list(addresses=found, by=survey.owner) == 0
    found.refresh_from_db()
    assert (found.invited, found.answered) == (3, 1) and not Contact.objects.exists()
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.CANCELLED}
    for model in our_models():
        for row in model._base_manager.values():
            assert "@example.nl" not in str(row), model


def test_addresses_go_two_weeks_after_closing(survey):
    found = taken(survey)
    send(found)
    answer("a@example.nl")
    closed = timezone.now() - timedelta(days=15)
    Survey.objects.filter(pk=survey.pk).update(state="closed", closed_at=closed)
    assert run_retention_jobs()["addresses that were invited"] == 3
    assert not Receipt.objects.filter(purpose=ReceiptPurpose.INVITATION).exists()
    assert not Message.objects.filter(purpose=MessagePurpose.SURVEY).exists()
    found.refresh_from_db()
    assert (found.invited, found.answered) == (3, 1) and Response.objects.count() == 1


def test_a_list_that_nobody_took_goes_with_its_way_in(survey):
    found = bring(survey)
    AddressList.objects.update(created_on=timezone.localdate() - timedelta(days=15))
    run_retention_jobs()
    assert not AddressList.objects.exists() and not files.folder_of(found.folder).exists()


# --- the pages --------------------------------------------------------------------------------


def test_from_list_to_mail_on_the_pages(survey, editor):
    desk = signed_in(editor)
    data = {"name": "Panel", "pasted": PASTED + "\nfout", "origin": "het panel", "basis": "consent"}
    new = reverse("mail_new", args=[survey.pk])
    assert desk.post(new, data).status_code == 422  # 16 or older was not ticked
    url = desk.post(new, data | {"is_16_or_older": "on"}).url
    assert "fout" in desk.get(url).content.decode()
    found = AddressList.objects.get()
    do = lambda verb, **more: desk.post(reverse("mail_do", args=[survey.pk, found.pk, verb]), more)  # noqa: E731
    do("take")
    assert desk.post(reverse("mail_do", args=[survey.pk, found.pk, "plan"]), {"on": "x"}).status_code == 422
    do("plan", on=timezone.localdate().isoformat())
    page = desk.get(url).content.decode()
    assert (
        Mailing.objects.get().state == MailingState.HOLD
        and reverse("mail_do", args=[survey.pk, found.pk, "stop"]) in page
    )
    do("stop")
    do("destroy")
    assert desk.get(url).status_code == 200 and not Contact.objects.exists()


def test_page_with_a_thousand_addresses_asks_little(survey, editor, django_assert_max_num_queries):
    found = taken(survey, pasted="\n".join(f"n{n}@example.nl" for n in range(1_000)))
    send(found)
    desk = signed_in(editor)
    url = reverse("mail_list", args=[survey.pk, found.pk])
    desk.get(url)
    with django_assert_max_num_queries(15):
        assert "1000" in desk.get(url).content.decode()
