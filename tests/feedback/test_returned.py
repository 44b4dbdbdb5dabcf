"""What came back: which kind it is, about which mail of ours, and that nothing in it breaks the reader."""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.delivery.returned import IncomingMailKind, parse_incoming_mail
from tests.feedback.returned_mails import INBOX, OURS, complaint, reply, report

# action, status -> what it means for the message and the address
STATUSES = [
    ("failed", "5.1.1", IncomingMailKind.BOUNCED),  # no such mailbox
    ("failed", "5.1.2", IncomingMailKind.BOUNCED),  # no such domain
    ("failed", "5.1.10", IncomingMailKind.BOUNCED),  # a domain that takes no mail
    ("failed", "5.2.1", IncomingMailKind.BOUNCED),  # closed
    ("failed", "5.0.0", IncomingMailKind.BOUNCED),  # an old server
    ("failed", "5.4.4", IncomingMailKind.BOUNCED),  # nowhere to go
    ("failed", "5.1.8", IncomingMailKind.RETURNED),  # it is our own address that is no good
    ("failed", "5.2.2", IncomingMailKind.RETURNED),  # full
    ("failed", "5.3.4", IncomingMailKind.RETURNED),  # too large
    ("failed", "5.7.1", IncomingMailKind.RETURNED),  # refused: DMARC, or somebody's rule
    ("failed", "4.4.7", IncomingMailKind.RETURNED),  # tried for too long
    ("failed", "", IncomingMailKind.RETURNED),
    ("failed", "nonsense", IncomingMailKind.RETURNED),
    ("delayed", "4.4.1", IncomingMailKind.DELAYED),
    ("delayed", "", IncomingMailKind.DELAYED),
    ("delivered", "2.0.0", IncomingMailKind.DELIVERED),
    ("relayed", "2.0.0", IncomingMailKind.AUTOMATIC),
    ("expanded", "2.0.0", IncomingMailKind.AUTOMATIC),
]


@pytest.mark.parametrize(("action", "status", "kind"), STATUSES)
@pytest.mark.parametrize("whole", [True, False])
def test_delivery_status(action, status, kind, whole):
    found = parse_incoming_mail(
        report(action, status, whole=whole, return_path="antwoord+b.abc@waterdam.example")
    )
    assert found.kind == kind
    assert OURS in found.about
    assert "antwoord+b.abc@waterdam.example" in found.to
    assert "somebody@example.nl" not in found.detail and found.detail.startswith("smtp; 550")


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("abuse", IncomingMailKind.COMPLAINT),
        ("fraud", IncomingMailKind.COMPLAINT),
        ("other", IncomingMailKind.COMPLAINT),
        ("not-spam", IncomingMailKind.AUTOMATIC),
    ],
)
def test_feedback_report(kind, found):
    assert parse_incoming_mail(complaint(kind)).kind == found
    assert OURS in parse_incoming_mail(complaint(kind)).about


AUTOMATIC = [
    {"Auto-Submitted": "auto-replied"},
    {"Auto-Submitted": "auto-generated; type=x"},
    {"Precedence": "bulk"},
    {"Precedence": "Auto_Reply"},
    {"X-Autoreply": "yes"},
    {"List-Id": "<a.b.nl>"},
    {"Return-Path": "<>"},
]


@pytest.mark.parametrize("headers", AUTOMATIC, ids=str)
def test_machines_are_no_residents(headers):
    assert parse_incoming_mail(reply(**headers)).kind == IncomingMailKind.AUTOMATIC


@pytest.mark.parametrize(
    "subject", ["Automatisch antwoord: x", "Automatic reply: x", "Out of Office: x", "Afwezig: x"]
)
def test_away_without_a_header_that_says_so(subject):
    content = reply().replace(b"Subject: Re: Uw antwoord over ontmoeten", f"Subject: {subject}".encode())
    assert parse_incoming_mail(content).kind == IncomingMailKind.AUTOMATIC


@pytest.mark.parametrize(
    "headers", [{}, {"Auto-Submitted": "no"}, {"Precedence": "normal"}, {"X-Auto-Response-Suppress": "All"}]
)
def test_people_are(headers):
    found = parse_incoming_mail(reply(**headers))
    assert (
        found.kind == IncomingMailKind.REPLY
        and found.sender == "somebody@example.nl"
        and found.text == "Wanneer dan?"
    )
    assert found.about[0] == OURS and INBOX in found.to


def test_what_is_not_kept_is_told():
    assert parse_incoming_mail(reply(photo=True)).had_attachments
    assert not parse_incoming_mail(reply(html="<p>Wanneer dan?</p>")).had_attachments


def test_html_alone_is_read():
    mail = email.message_from_bytes(reply(), policy=email.policy.default)
    mail.set_content("<p>Wanneer&nbsp;dan?</p><blockquote>Beste bewoner</blockquote>", subtype="html")
    assert parse_incoming_mail(mail.as_bytes()).text == "Wanneer dan?"


def test_same_mail_has_the_same_key_and_another_another():
    assert parse_incoming_mail(reply()).key == parse_incoming_mail(b"Received: from x\n" + reply()).key
    assert (
        parse_incoming_mail(reply()).key != parse_incoming_mail(reply(message_id="<reply-2@example.nl>")).key
    )
    assert (
        parse_incoming_mail(reply(message_id="")).key
        != parse_incoming_mail(reply("Anders", message_id="")).key
    )


@pytest.mark.parametrize("charset", ["utf-7", "x-unknown", "utf-16", "iso-8859-1", "\x00", "base64", "zip"])
def test_whatever_charset_it_claims(charset):
    content = (
        b"From: a@b.nl\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n+2AA- \xff\x00\xfe hoi"
    )
    text = parse_incoming_mail(content).text
    text.encode()
    assert "\x00" not in text


HOSTILE = [
    b"",
    b"\x00" * 100,
    b"From: " + b"(" * 50_000,
    b"From: " + b"<a@b" * 10_000 + b"\n\nhoi",
    b"Subject: =?utf-8?b?////?= =?x?q?a?=\nFrom: =?x?b?a?= <a@b.nl>\n\nhoi",
    b"References: " + b"<a@b> " * 20_000 + b"\n\nhoi",
    b"Content-Type: multipart/mixed; boundary=x\n\n"
    + b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 3_000,
    b"Content-Type: multipart/report; report-type=delivery-status\n\nnot multipart",
    b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n\n\n\n--x--",
    b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\n--x--",
    b"Content-Type: message/rfc822\n\n" * 5_000,
    b"Content-Type: text/html\n\n" + b"<div><blockquote>" * 20_000,
    b"Content-Type: text/plain\n\n" + b"op " * 100_000 + b"schreef",
    b"Content-Type: text/plain\n\n" + b"Op 1:1 " + b"schreef " * 50_000,
    b"Content-Type: text/plain\n\n" + b"groet a a a a a a a a a\n" * 20_000,
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_mail_stops_the_reader(content):
    parse_incoming_mail(content).text.encode()


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read(content, as_report):
    parse_incoming_mail(
        (b"Content-Type: multipart/report; boundary=a\n\n--a\n" if as_report else b"") + content
    )
