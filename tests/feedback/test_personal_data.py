"""Withdraw, put back, download, erase: over every app at once, and proven by searching everything."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts.codes import new_code
from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Event, Receipt
from core.keyed import code_hash
from feedback.answers.services.replies import react
from feedback.delivery.services.guards import read_journal
from feedback.models import AnswerOwed, Contribution, FollowUp, Message
from feedback.private import services as private
from feedback.states import MessageState, Owed
from tests.feedback.factories import make_contact, make_contribution, make_debt, make_message, make_receipt
from tests.feedback.journey import answer, page_of
from tests.people import make_municipality

pytestmark = pytest.mark.django_db
ADDRESS = "onvindbaar@example.nl"
WORDS = "Mijn moeder komt de deur niet meer uit."
REASON = "En de avondbus dan?"


@pytest.fixture
def data_dir(settings):
    return settings.DATA_DIR


@pytest.fixture
def code():
    return new_code()


@pytest.fixture
def receipt(code):
    """Somebody of whom everything there is is kept."""
    make_municipality(backup_days=30)
    receipt = make_receipt()
    Receipt.objects.filter(pk=receipt.pk).update(code_hash=code_hash(code))
    receipt.refresh_from_db()
    make_contact(receipt, email=ADDRESS)
    written = make_debt(contribution=make_contribution(receipt=receipt, text=WORDS))
    message = make_message(receipt, state=MessageState.SENT)
    item = answer(written, message=message)
    react(item=item, answers_me=False, reason=REASON)
    make_debt(receipt=receipt)
    make_message(receipt, text=f"Dag {ADDRESS}: {WORDS}", to_address=ADDRESS)
    return receipt


# --- withdraw and put back --------------------------------------------------------------------


def states(receipt) -> list[str]:
    return sorted(AnswerOwed.objects.filter(receipt=receipt).values_list("state", flat=True))


def test_withdraw_and_put_back_return_to_where_it_was(client, receipt):
    answer(make_debt(receipt=receipt))
    before, settled = states(receipt), AnswerOwed.objects.filter(state=Owed.PUBLISHED).get().settled_at

    for _ in range(2):
        client.post(f"{page_of(receipt)}withdraw/", {"action": "withdraw"})
    assert set(states(receipt)) == {Owed.WITHDRAWN}
    said = client.get(page_of(receipt)).content.decode()
    assert "Uw antwoord telt niet meer mee." in said and "Zet het terug" in said

    for _ in range(2):
        client.post(f"{page_of(receipt)}withdraw/", {"action": "put_back"})
    assert states(receipt) == before
    assert AnswerOwed.objects.get(state=Owed.PUBLISHED).settled_at == settled


def test_withdrawn_debts_wait_for_nobody(receipt):
    private.withdraw_receipt(receipt=receipt)
    assert not AnswerOwed.objects.waiting().exists()


# --- download ---------------------------------------------------------------------------------


def test_download_needs_the_code(client, receipt):
    for typed in ("", "linde", new_code()):
        response = client.post(f"{page_of(receipt)}download/", {"code": typed, "as": "file"})
        assert response.status_code == 422 and WORDS not in response.content.decode()


def test_download_as_a_file_and_to_read(client, receipt, code):
    file = client.post(f"{page_of(receipt)}download/", {"code": code, "as": "file"})
    everything = json.dumps(json.loads(file.content), ensure_ascii=False)
    read = client.post(f"{page_of(receipt)}download/", {"code": code.upper(), "as": "page"}).content.decode()
    assert "attachment" in file["Content-Disposition"] and "no-store" in file["Cache-Control"]
    for thing in (ADDRESS, WORDS, REASON):
        assert thing in everything and thing in read


def test_download_of_somebody_else_is_not_opened_by_my_code(client, receipt, code):
    other = make_receipt()
    assert client.post(f"{page_of(other)}download/", {"code": code}).status_code == 422


# --- erase ------------------------------------------------------------------------------------


def everything_kept(folder) -> str:
    """Every text in every column of the whole database, and every file beside it."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said += [str(value) for row in cursor.fetchall() for value in row]
    said += [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join(said)


def put_mail_in_mailbox(folder, message: Message) -> None:
    mailbox = folder / "mailbox"
    mailbox.mkdir(exist_ok=True)
    text = f"Message-ID: {message.message_id}\r\nTo: {ADDRESS}\r\n\r\n{WORDS}\r\n"
    (mailbox / f"{message.pk}.eml").write_text(text)


def test_erase_leaves_nothing_anywhere(client, receipt, code, data_dir, django_capture_on_commit_callbacks):
    for message in receipt.messages.all():
        put_mail_in_mailbox(data_dir, message)
    other = make_contribution(text="Van iemand anders.")
    (data_dir / "mailbox" / "other.eml").write_text("Message-ID: <other@nabij.example>\r\n\r\nDag\r\n")
    kept = everything_kept(data_dir)
    assert all(thing in kept for thing in (ADDRESS, WORDS, REASON))
    assert receipt.pk.hex in kept or str(receipt.pk) in kept

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"{page_of(receipt)}erase/", {"code": code})

    kept = everything_kept(data_dir)
    assert not [t for t in (ADDRESS, WORDS, REASON, receipt.pk.hex, str(receipt.pk)) if t in kept]
    assert Contribution.objects.get() == other and (data_dir / "mailbox" / "other.eml").exists()
    said = response.content.decode()
    assert f"W-{Event.objects.get(verb='erased').pk}" in said and "Alles is gewist" in said


def test_erase_tells_when_backups_are_gone_and_is_journaled(receipt):
    now = timezone.now()
    erasure = private.erase(receipt=receipt, now=now)
    assert erasure.backups_until == timezone.localdate(now) + timedelta(days=30)
    assert len(read_journal()["erased"]) == 1


def test_erase_keeps_the_sum_of_the_follow_up(receipt):
    private.erase(receipt=receipt)
    assert FollowUp.objects.get().erased == 1 and not Message.objects.exists()


def test_erase_needs_the_code(client, receipt):
    url = f"{page_of(receipt)}erase/"
    assert client.get(url).status_code == 200
    for typed in ("", "linde", new_code()):
        assert client.post(url, {"code": typed}).status_code == 422
    assert Receipt.objects.filter(pk=receipt.pk).exists()


def test_second_tap_on_erase_shows_the_same_proof(client, receipt, code):
    url = f"{page_of(receipt)}erase/"
    pages = [client.post(url, {"code": code}).content.decode() for _ in range(2)]
    numbers = [re.findall(r"W-\d+", page) for page in pages]
    assert numbers[0] and numbers[0] == numbers[1]
    assert client.get(url).status_code == 404
    cache.clear()  # ten minutes later
    assert client.post(url, {"code": code}).status_code == 404


def test_erase_as_a_whole_or_not_at_all(receipt, monkeypatch):
    def broken(*args: object) -> None:
        raise OSError("no room on the disk for the journal")

    monkeypatch.setattr(private, "journal_erasure", broken)
    before = Contribution.objects.count()
    with pytest.raises(OSError, match="no room"):
        private.erase(receipt=receipt)
    assert Contribution.objects.count() == before and Contact.objects.exists()


# Stand on a page for everybody and outlive who began, asked or took them: their handlers take away what is personal
# (tests/initiatives/test_began.py, test_challenges.py, test_plan.py).
FOR_EVERYBODY = {
    "initiatives.Initiative.receipt",
    "initiatives.Challenge.receipt",
    "initiatives.Task.taken_by",
}


def test_every_key_to_a_receipt_is_erased_with_it():
    """A new table that hangs on a receipt goes along by itself, or its handler has to take it."""
    kept = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Receipt and field.remote_field.on_delete.__name__ != "CASCADE"
    }
    assert kept == FOR_EVERYBODY


# --- a fresh link by mail instead of the code ---------------------------------------------------


def fresh_url(receipt) -> str:
    return f"/v/e/{sign_link(receipt, LinkPurpose.ERASE)}/"


def test_link_by_mail_is_asked_for_once(client, receipt):
    for _ in range(2):
        client.post(f"{page_of(receipt)}link/")
    assert Message.objects.filter(purpose="code", receipt=receipt).count() == 1


def test_fresh_link_downloads_and_erases(client, receipt):
    url = fresh_url(receipt)
    assert WORDS in client.post(url, {"action": "download", "as": "page"}).content.decode()
    assert "Alles is gewist" in client.post(url, {"action": "erase"}).content.decode()
    assert "Alles is gewist" in client.post(url, {"action": "erase"}).content.decode()  # a second tap
    assert client.get(url).status_code == 404


def test_fresh_link_ends_after_an_hour(client, receipt):
    url = fresh_url(receipt)
    with time_machine.travel(timezone.now() + timedelta(seconds=private.FRESH_LINK_SECONDS + 5)):
        assert client.get(url).status_code == client.post(url, {"action": "erase"}).status_code == 404


def test_new_code_ends_the_old_one_and_every_link(client, receipt, code):
    page, fresh = page_of(receipt), fresh_url(receipt)
    said = client.post(fresh, {"action": "code"}).content.decode()
    receipt.refresh_from_db()
    assert not private.is_code_of(receipt, code) and client.get(page).status_code == 404
    assert client.get(page_of(receipt)).status_code == 200 and client.post(fresh).status_code == 404
    assert private.receipt_of(said[said.index("nabij-code") :]) == receipt


def test_lost_code_answers_the_same_whether_the_address_is_known(client, receipt):
    pages = [client.post("/v/lost/", {"email": email}) for email in (ADDRESS.upper(), "niemand@example.nl")]
    bare = {re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages}
    assert len(bare) == 1 and {page.status_code for page in pages} == {200}
    assert Message.objects.filter(purpose="code").count() == 1


def test_lost_code_with_half_an_address_keeps_what_was_typed(client, receipt):
    said = client.post("/v/lost/", {"email": "buurvrouw@voorbeeld"}).content.decode()
    assert "Er ontbreekt iets in het e‑mailadres" in said and "buurvrouw@voorbeeld" in said


def test_a_link_alone_puts_in_no_address(client, receipt):
    """An address can ask for the link that erases, so who was only forwarded a link must not choose it."""
    url = f"{page_of(receipt)}address/"
    fields = {"email": "vreemd@example.nl", "consent": "on", "is_16_or_older": "on"}
    for typed in ({}, {"code": new_code()}):
        response = client.post(url, fields | typed)
        assert response.status_code == 422 and "vreemd@example.nl" in response.content.decode()
    assert Contact.objects.get(receipt=receipt).email == ADDRESS


def test_leave_change_and_remove_the_address_later(client, receipt, code):
    url = f"{page_of(receipt)}address/"
    fields = {"email": "nieuw@example.nl", "consent": "on", "is_16_or_older": "on", "code": code}
    assert client.post(url, fields | {"consent": ""}).status_code == 422
    said = client.post(url, fields, follow=True).content.decode()
    assert "nieuw@example.nl" in said and Contact.objects.get(receipt=receipt).confirmed_at is None
    client.post(url, {"action": "remove"})
    assert not Contact.objects.filter(receipt=receipt).exists()
