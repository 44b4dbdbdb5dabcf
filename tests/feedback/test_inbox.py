"""Mail that comes back is read once, from a real Maildir and over IMAP: messages, addresses and debts after it."""

import email
import email.policy
import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Contact, Suppression
from accounts.states import SuppressionReason
from feedback.contacts.services import hearing_back as _following  # noqa: F401  (registers what erasing needs)
from feedback.delivery.services import guards, inbox, outbox, pump
from feedback.models import AnswerOwed, Contribution, DeliveryEvent, Incoming, Message
from feedback.private import services as private
from feedback.states import DeliveryKind, IncomingState, MessageState, Owed, Reading, WhyByHand
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_message, make_topic, today
from tests.feedback.imap import FakeImap
from tests.feedback.returned_mails import INBOX, complaint, reply, report
from tests.people import make_municipality, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def maildir(settings, tmp_path) -> Path:
    folder = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    settings.DATA_DIR = tmp_path
    settings.INBOX_URL, settings.INBOX_ADDRESS = f"maildir://{folder}", INBOX
    return folder


@pytest.fixture
def put(maildir):
    def put(content: bytes, name: str = "") -> Path:
        path = maildir / "new" / (name or f"{len(list(maildir.rglob('*')))}.host")
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def answer(area, editor):
    """Somebody was mailed our answer: the item on their page, with its message and debt."""
    contact = make_contact(email="somebody@example.nl")
    debt = make_debt(make_topic(area=area), receipt=contact.receipt, owner=editor, state=Owed.SENT)
    follow_up = make_follow_up(areas=[area], owner=editor)
    follow_up.named.create(owed=debt, receipt=debt.receipt)
    message = make_message(
        debt.receipt, state=MessageState.SENT, handed_over_at=timezone.now() + timedelta(seconds=1)
    )
    return follow_up.items.create(receipt=debt.receipt, message=message)


def debt_of(item) -> AnswerOwed:
    return AnswerOwed.objects.get(receipt=item.receipt, contribution__kind="choice")


# --- reports -----------------------------------------------------------------------------------------

# what comes in -> state of the message, of the debt, is the address left alone from now on, a task for a person
REPORTS = [
    (("failed", "5.1.1"), MessageState.BOUNCED, Owed.PUBLISHED, True, True),
    (("failed", "5.2.2"), MessageState.BOUNCED, Owed.PUBLISHED, False, True),
    (("failed", "5.7.1"), MessageState.BOUNCED, Owed.PUBLISHED, False, True),
    (("failed", "4.4.7"), MessageState.BOUNCED, Owed.PUBLISHED, False, True),
    (("delayed", "4.4.1"), MessageState.SENT, Owed.SENT, False, False),
    (("delivered", "2.0.0"), MessageState.DELIVERED, Owed.SENT, False, False),
    (("relayed", "2.0.0"), MessageState.SENT, Owed.SENT, False, False),
]


@pytest.mark.parametrize("known_by", ["Message-ID", "address", "address in other case", "returned path"])
@pytest.mark.parametrize(("said", "state", "owed", "suppressed", "task"), REPORTS)
def test_report_of_a_mail_server(said, state, owed, suppressed, task, known_by, answer, put):
    own = outbox.return_path(answer.message)
    put(
        {
            "Message-ID": lambda: report(*said, about=answer.message.message_id),
            "address": lambda: report(*said, to=own, about="<lost@example.nl>"),
            "address in other case": lambda: report(*said, to=own.upper(), about=""),
            "returned path": lambda: report(*said, about="", return_path=own),
        }[known_by]()
    )
    assert inbox.read_mailbox() == 1
    answer.message.refresh_from_db()
    assert answer.message.state == state and debt_of(answer).state == owed
    assert Suppression.objects.filter(reason=SuppressionReason.BOUNCED).exists() == suppressed
    assert Message.objects.needing_person().filter(pk=answer.message_id).exists() == task
    assert "example.nl" not in DeliveryEvent.objects.get().detail
    assert not Incoming.objects.exists()


def test_complaint_ends_all_mail_to_the_address(answer, put):
    put(complaint(about=answer.message.message_id))
    inbox.read_mailbox()
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT
    assert Message.objects.get().state == MessageState.SENT


def test_bounce_of_an_address_that_was_replaced_since_leaves_the_new_one_alone(answer, put):
    Contact.objects.update(email="new@example.nl", created_at=timezone.now() + timedelta(hours=1))
    put(report(about=answer.message.message_id))
    inbox.read_mailbox()
    assert Message.objects.get().state == MessageState.BOUNCED and not Suppression.objects.exists()


@pytest.mark.parametrize("state", [MessageState.UNCERTAIN, MessageState.DELIVERED])
def test_bounce_settles_what_nobody_knew(state, answer, put):
    Message.objects.update(state=state)
    put(report(about=answer.message.message_id))
    inbox.read_mailbox()
    assert Message.objects.get().state == MessageState.BOUNCED


def test_bounce_that_is_faster_than_we_are_waits_in_the_mailbox(answer, put):
    """The relay took the mail and it came back before we wrote down that it left."""
    path = put(report(about=answer.message.message_id))
    leased = {"lease_token": "00000000-0000-0000-0000-000000000001", "lease_until": timezone.now()}
    Message.objects.update(state=MessageState.HANDING_OVER, settled_at=None, **leased)
    assert inbox.read_mailbox() == 0 and path.exists() and not DeliveryEvent.objects.exists()
    Message.objects.move(MessageState.SENT, settled_at=timezone.now())
    assert inbox.read_mailbox() == 1 and not path.exists()
    assert Message.objects.get().state == MessageState.BOUNCED


@pytest.mark.parametrize("content", [report(), complaint(), reply(Auto_Submitted="auto-replied")])
def test_what_strangers_sent_in_our_name_is_thrown_away(content, put):
    path = put(content)
    assert inbox.read_mailbox() == 1 and not path.exists()
    assert not DeliveryEvent.objects.exists() and not Incoming.objects.exists()


def test_out_of_office_is_no_answer(answer, put):
    put(reply(about=answer.message.message_id, Auto_Submitted="auto-replied"))
    inbox.read_mailbox()
    assert DeliveryEvent.objects.get().kind == DeliveryKind.AUTOMATIC
    assert not Incoming.objects.exists() and Message.objects.get().state == MessageState.SENT


# --- replies -----------------------------------------------------------------------------------------


def test_reply_is_something_said_and_owed_an_answer(answer, put, editor):
    put(reply("Wanneer dan? Bel 0612345678.", to=outbox.reply_to(answer.message), about="", photo=True))
    assert inbox.read_mailbox() == 1
    said = Contribution.objects.get(slot=f"reply:{answer.pk}:1")
    assert said.text == "Wanneer dan? Bel 0612345678." and "0612345678" not in said.masked_text
    assert said.reading == Reading.UNREAD and said in Contribution.objects.unread()
    debt = said.owed.get()
    assert (debt.owner, debt.state, debt.due_on) == (editor, Owed.OPEN, today(14))
    assert said.topic.key == f"reaction:{answer.follow_up_id}"
    kept = Incoming.objects.get()
    assert (kept.state, kept.contribution, kept.had_attachments, kept.text) == (
        IncomingState.TAKEN,
        said,
        True,
        "",
    )
    assert debt_of(answer).state == Owed.SENT, "a reply is no “no”"
    assert Message.objects.get().state == MessageState.DELIVERED, "who answers it, got it"


def test_words_about_danger_are_read_first(answer, put):
    put(reply("Mijn man slaat mij en ik ben bang.", about=answer.message.message_id))
    inbox.read_mailbox()
    assert Contribution.objects.get(text__contains="bang").may_be_danger


def test_reply_to_several_answers_of_one_colleague_is_theirs(answer, put, area, editor):
    debt = make_debt(make_topic(area=area), receipt=answer.receipt, owner=editor, state=Owed.SENT)
    newer = make_follow_up(areas=[area], owner=editor)
    newer.named.create(owed=debt, receipt=debt.receipt)
    item = newer.items.create(receipt=answer.receipt, message=answer.message)
    put(reply(about=answer.message.message_id))
    inbox.read_mailbox()
    assert Contribution.objects.get(slot=f"reply:{item.pk}:1").owed.get().owner == editor


def test_two_replies_are_two_things_said(answer, put):
    for number in (1, 2):
        put(reply(f"Nummer {number}", about=answer.message.message_id, message_id=f"<{number}@example.nl>"))
    assert inbox.read_mailbox() == 2
    assert Contribution.objects.filter(slot__startswith="reply:").count() == 2


@pytest.mark.parametrize("before", ["read", "read twice", "left in the mailbox"])
def test_same_mail_again_is_nothing_new(before, answer, put):
    content = reply(about=answer.message.message_id)
    put(content)
    inbox.read_mailbox()
    put(b"Received: again\n" + content)
    if before == "read twice":
        put(content)
    inbox.read_mailbox()
    assert Contribution.objects.filter(slot__startswith="reply:").count() == 1 == Incoming.objects.count()


def _other_address(answer):
    return reply(sender="partner@example.nl", about=answer.message.message_id)


def _unconfirmed(answer):
    Contact.objects.update(confirmed_at=None)
    return reply(about=answer.message.message_id)


def _withdrawn(answer):
    private.withdraw_receipt(receipt=answer.receipt)
    return reply(about=answer.message.message_id)


def _several(answer):
    make_follow_up(owner=make_user()).items.create(receipt=answer.receipt, message=answer.message)
    return reply(about=answer.message.message_id)


def _not_an_answer(answer):
    answer.delete()
    return reply(about=answer.message.message_id)


def _no_words(answer):
    return reply("> Beste bewoner", about=answer.message.message_id, photo=True)


def _colleague(answer):
    return reply(about=make_message(user=make_user(), state=MessageState.SENT).message_id)


def _unknown(answer):
    return reply(about="<who@knows.nl>")


def _forged(answer):
    own = outbox.reply_to(answer.message)
    return reply(to=own.replace("@", "a@"), about="")


def _token_of_another(answer):
    first = outbox.reply_to(answer.message)
    number = outbox.short_name(make_message(state=MessageState.SENT).pk)
    return reply(to=first.replace(first.split(".")[1], number, 1), about="")


BY_HAND = [
    (_other_address, WhyByHand.OTHER_ADDRESS),
    (_unconfirmed, WhyByHand.OTHER_ADDRESS),
    (_withdrawn, WhyByHand.WITHDRAWN),
    (_several, WhyByHand.SEVERAL),
    (_not_an_answer, WhyByHand.NO_ANSWER),
    (_no_words, WhyByHand.NO_WORDS),
    (_colleague, WhyByHand.COLLEAGUE),
    (_unknown, WhyByHand.UNKNOWN),
    (_forged, WhyByHand.UNKNOWN),
    (_token_of_another, WhyByHand.UNKNOWN),
]


@pytest.mark.parametrize(("made", "why"), BY_HAND)
def test_what_is_not_certain_waits_for_a_person(made, why, answer, put):
    put(made(answer))
    assert inbox.read_mailbox() == 1
    kept = Incoming.objects.get()
    assert (kept.state, kept.why) == (IncomingState.WAITING, why)
    assert not Contribution.objects.filter(slot__startswith="reply:").exists()


def test_subject_is_masked_as_words_are(put):
    put(reply(about="").replace(b"Subject: Re: Uw antwoord over ontmoeten", b"Subject: Bel 0612345678"))
    inbox.read_mailbox()
    assert Incoming.objects.get().subject.startswith("Bel [")


def test_twenty_replies_are_enough_without_a_person(answer, put):
    for number in range(21):
        put(reply(str(number), about=answer.message.message_id, message_id=f"<{number}@example.nl>"))
    inbox.read_mailbox()
    assert Incoming.objects.waiting().get().why == WhyByHand.TOO_MANY


def test_erasing_takes_their_mail_along(answer, put):
    put(_other_address(answer))
    put(reply(about=answer.message.message_id, message_id="<2@example.nl>"))
    put(reply(about="<who@knows.nl>", message_id="<3@example.nl>"))
    assert inbox.read_mailbox() == 3
    private.erase(receipt=answer.receipt)
    assert not Incoming.objects.exists()


def test_our_own_mail_does_not_come_in(put):
    put(reply(sender="nabij@localhost"))
    put(reply(sender="antwoord+r.1.abc@waterdam.example"))
    assert inbox.read_mailbox() == 2 and not Incoming.objects.exists()


# --- the mailbox -------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["maildir", "imap"])
def test_database_that_gives_up_in_the_middle_leaves_the_mail_where_it_is(
    where, request, answer, put, monkeypatch
):
    """Removed before it is committed, it would be lost here."""
    content = reply("Nog eens.", about=answer.message.message_id)
    imap = request.getfixturevalue("imap") if where == "imap" else None
    put(content) if imap is None else imap.put(content)

    def gives_up(**_facts):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(AnswerOwed.objects, "create", gives_up)
        with pytest.raises(OperationalError):
            inbox.read_mailbox()
    assert not Incoming.objects.exists() and not Contribution.objects.filter(text="Nog eens.").exists()
    assert inbox.read_mailbox() == 1 and Contribution.objects.filter(text="Nog eens.").count() == 1


def test_mail_that_makes_us_fail_is_flagged_and_keeps_no_other(answer, put, monkeypatch, maildir):
    take = inbox.process_mail

    def fails_once(content, *, now=None):
        if b"poison" in content:
            raise ValueError
        take(content, now=now)

    monkeypatch.setattr(inbox, "process_mail", fails_once)
    put(b"poison", "1.host")
    put(reply(about=answer.message.message_id), "2.host")
    assert inbox.read_mailbox() == 1 == Incoming.objects.count()
    assert [path.name for path in (maildir / "cur").iterdir()] == ["1.host:2,FS"]
    assert inbox.read_mailbox() == 0


def test_one_reads_at_a_time(put):
    put(reply())
    guards.acquire_lease(inbox.INBOX, "somebody else", seconds=60)
    assert inbox.read_mailbox() == 0


def test_nothing_is_read_in_quarantine(put):
    from feedback.delivery.services import guards

    guards.hold_outbox(reason="restored", by=None)
    put(reply())
    assert inbox.read_mailbox() == 0


def test_without_a_mailbox_nothing_is_read(settings):
    settings.INBOX_URL = ""
    assert inbox.read_mailbox() == 0


@pytest.mark.parametrize("url", ["maildir:///nowhere", "imap://a:b@127.0.0.1:1/x"])
def test_mailbox_that_does_not_answer_is_left_alone_for_a_while(settings, url):
    settings.INBOX_URL = url
    assert inbox.read_mailbox() == 0 and guards.lease_is_taken(inbox.INBOX_CIRCUIT)


@pytest.fixture
def imap(settings):
    with FakeImap() as server:
        settings.INBOX_URL, settings.SMTP_TIMEOUT = server.url, 5
        yield server


def test_imap_is_read_and_emptied(answer, imap):
    imap.put(reply("Over IMAP.", about=answer.message.message_id))
    imap.put(report(about=answer.message.message_id))
    assert inbox.read_mailbox() == 2
    assert not imap.mails and Contribution.objects.filter(text="Over IMAP.").exists()
    assert Message.objects.get().state == MessageState.BOUNCED
    assert "UID" in imap.commands and imap.commands[-1] == "LOGOUT"


@pytest.mark.parametrize(
    "command", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "EXPUNGE", "CLOSE", "LOGOUT"]
)
def test_line_that_breaks_neither_loses_nor_doubles(command, answer, imap):
    broken = []

    def once(said: str) -> bool:
        if said.upper().startswith(command) and not broken:
            broken.append(said)
            return False
        return True

    for number in (1, 2):
        imap.put(reply(f"{number}", about=answer.message.message_id, message_id=f"<{number}@example.nl>"))
    imap.at_command = once
    inbox.read_mailbox()
    guards.release_lease(inbox.INBOX_CIRCUIT, "resting")
    inbox.read_mailbox()
    assert broken and not imap.mails
    assert sorted(Contribution.objects.filter(slot__startswith="reply:").values_list("text", flat=True)) == [
        "1",
        "2",
    ]


def test_what_makes_us_fail_is_flagged_over_imap(imap, monkeypatch):
    monkeypatch.setattr(inbox, "process_mail", lambda content, now=None: 1 / 0)
    uid = imap.put(b"poison")
    assert inbox.read_mailbox() == 0 and imap.flags[uid] == {r"\Flagged", r"\Seen"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "other"}, "[AUTHENTICATIONFAILED] … is not known here"),
        ({"folder": "Elsewhere"}, "there is no such folder"),
    ],
    ids=["wrong password", "no such folder"],
)
def test_refusal_is_told_without_an_address(change, said, imap, settings):
    for name, value in change.items():
        setattr(imap, name, value)
    with pytest.raises(inbox.MailboxUnreachable) as told, inbox.open_mailbox(settings.INBOX_URL):
        pass
    assert str(told.value) == said


@pytest.fixture
def impostor(tmp_path):
    """The port of a mailbox whose certificate is signed by nobody but itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = timezone.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    file = tmp_path / "own.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(Encoding.PEM)
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)

    def welcome(server: socket.socket) -> None:
        with suppress(OSError), tls.wrap_socket(server.accept()[0], server_side=True) as line:
            line.sendall(b"* OK ready\r\n")

    with socket.create_server(("localhost", 0)) as server:
        thread = threading.Thread(target=welcome, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_mailbox_with_a_certificate_of_its_own_gets_no_password(impostor, settings):
    settings.SMTP_TIMEOUT = 5
    with (
        pytest.raises(inbox.MailboxUnreachable, match="certificate verify failed"),
        inbox.open_mailbox(f"imaps://a:b@localhost:{impostor}/x"),
    ):
        pass


def test_address_that_can_not_be_is_told():
    with (
        pytest.raises(inbox.MailboxUnreachable, match="993"),
        inbox.open_mailbox("imap+tls://a:b@localhost:993/x"),
    ):
        pass


@pytest.fixture
def tokens(settings):
    """Where tokens are given; `answers` by what it says, `asked` what it was asked."""
    asked: list[dict] = []
    answer = [200, b'{"access_token": "a-token", "expires_in": 3599}']

    class Tokens(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(answer[0])
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_said):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Tokens) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.INBOX_TOKEN_URL = f"http://127.0.0.1:{server.server_port}/token"
        settings.INBOX_CLIENT_ID, settings.INBOX_CLIENT_SECRET = "nabij", "geheim"
        yield answer, asked
        server.shutdown()


def test_mailbox_without_passwords_is_read_with_a_token(tokens, imap, answer):
    imap.put(reply("Met een token.", about=answer.message.message_id))
    assert inbox.read_mailbox() == 1 and not imap.mails
    assert "LOGIN" not in imap.commands and "AUTHENTICATE" in imap.commands
    (asked,) = tokens[1]
    assert asked["grant_type"] == ["client_credentials"] and asked["client_secret"] == ["geheim"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"error": "invalid_client", "error_description": "geheim"}', "401"),
        (200, b"<html>", "holds none"),
        (200, b"[]", "holds none"),
        (200, b'{"access_token": "another"}', "AUTHENTICATE failed"),
    ],
)
def test_no_token_no_mail_and_it_is_said(status, body, said, tokens, imap, settings):
    tokens[0][:] = [status, body]
    with pytest.raises(inbox.MailboxUnreachable) as told, inbox.open_mailbox(settings.INBOX_URL):
        pass
    assert said in str(told.value) and "geheim" not in str(told.value)


def test_attachments_are_not_even_fetched(imap, answer, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_MAIL_BYTES", 2_000)
    imap.put(reply("Kort.", about=answer.message.message_id, photo=True) + b"x" * 100_000)
    inbox.read_mailbox()
    assert Contribution.objects.filter(text="Kort.").exists()


# --- the whole way round -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_mail_that_left_comes_back_to_an_address_of_its_own(answer, sink, put):
    make_municipality(email="wijkteam@waterdam.example")
    Message.objects.update(state=MessageState.PENDING, settled_at=None, handed_over_at=None)
    AnswerOwed.objects.update(state=Owed.PUBLISHED)
    pump.send_due()
    (mail,) = sink.mails
    answer.message.refresh_from_db()
    assert mail["Reply-To"] == outbox.reply_to(answer.message)
    assert sink.senders == [outbox.return_path(answer.message)]
    assert mail["From"].endswith("<nabij@localhost>")
    for secret in ("somebody", answer.receipt.pk.hex, str(answer.receipt.pk)):
        assert secret not in mail["Reply-To"] + sink.senders[0]
    put(reply("Dank u.", to=mail["Reply-To"], about=""))
    inbox.read_mailbox()
    assert Contribution.objects.get(text="Dank u.").receipt == answer.receipt


@pytest.mark.parametrize(
    ("inbox_address", "separator", "reply_to"),
    [("", "+", ""), (INBOX, "", INBOX), (INBOX, "-", "antwoord-r.")],
)
def test_addresses_as_the_mail_server_knows_them(inbox_address, separator, reply_to, settings):
    settings.INBOX_ADDRESS, settings.INBOX_SEPARATOR = inbox_address, separator
    message = make_message()
    assert outbox.reply_to(message).startswith(reply_to)
    assert bool(outbox.reply_to(message)) == bool(reply_to)
    found = outbox.find_original_message([outbox.return_path(message)], [])
    assert (found == message) == (separator == "-")


def test_address_fits_whatever_the_number(settings):
    settings.INBOX_ADDRESS = f"{'a' * 30}@waterdam.example"
    message = make_message()
    message.pk = 36**5
    assert len(outbox.reply_to(message).partition("@")[0]) <= 64


def test_colleagues_answer_the_municipality():
    message = make_message(user=make_user())
    assert outbox.reply_to(message) == "" and outbox.return_path(message)


def test_mail_without_a_mailbox_is_as_it_was(settings):
    settings.INBOX_ADDRESS = settings.INBOX_URL = ""
    municipality = make_municipality(email="wijkteam@waterdam.example")
    message = make_message()
    parcel = pump.PreparedMessage(message, municipality, write=lambda: hand_over_letter())
    sender, content = pump.render_mail(parcel, "r@example.nl")
    assert sender == "nabij@localhost"
    assert email.message_from_bytes(content, policy=email.policy.default)["Reply-To"] == municipality.email


def hand_over_letter():
    from feedback.delivery.emails import RenderedMail

    return RenderedMail("Hoi", "Tekst")
