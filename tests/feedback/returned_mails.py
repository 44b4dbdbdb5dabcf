"""Mails that come back, as mail servers and programs make them."""

from email.message import EmailMessage

OURS = "<0123456789abcdef@waterdam.example>"
INBOX = "antwoord@waterdam.example"


def reply(
    text: str = "Wanneer dan?",
    *,
    sender: str = "somebody@example.nl",
    to: str = INBOX,
    about: str = OURS,
    message_id: str = "<reply-1@example.nl>",
    html: str = "",
    photo: bool = False,
    **headers: str,
) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Somebody <{sender}>", to, "Re: Uw antwoord over ontmoeten"
    if message_id:
        mail["Message-ID"] = message_id
    if about:
        mail["In-Reply-To"] = about
        mail["References"] = f"<older@example.nl> {about}"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    if photo:
        mail.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="kade.jpg")
    return mail.as_bytes()


def _parts(report_type: str, headers: dict[str, str], *parts: tuple[str, str]) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={report_type}; boundary="=_b"',
        "",
    ]
    for kind, content in parts:
        lines += ["--=_b", f"Content-Type: {kind}", "", content]
    return "\n".join([*lines, "--=_b--", ""]).encode()


def report(
    action: str = "failed",
    status: str = "5.1.1",
    *,
    about: str = OURS,
    to: str = INBOX,
    recipient: str = "somebody@example.nl",
    message_id: str = "<dsn-1@mx.example.nl>",
    whole: bool = False,
    return_path: str = "",
) -> bytes:
    """A delivery status notification (RFC 3464)."""
    sent_back = f"Return-Path: <{return_path}>\nMessage-ID: {about}\nSubject: Uw antwoord\n"
    return _parts(
        "delivery-status",
        {
            "From": "MAILER-DAEMON@mx.example.nl",
            "To": to,
            "Subject": "Undelivered Mail Returned to Sender",
            "Message-ID": message_id,
            "Auto-Submitted": "auto-replied",
        },
        ("text/plain", "This is the mail system. I'm sorry."),
        (
            "message/delivery-status",
            f"Reporting-MTA: dns; mx.example.nl\n\nFinal-Recipient: rfc822; {recipient}\nAction: {action}\n"
            f"Status: {status}\nDiagnostic-Code: smtp; 550 <{recipient}> said no\n",
        ),
        ("message/rfc822", f"{sent_back}\nBeste bewoner") if whole else ("text/rfc822-headers", sent_back),
    )


def complaint(kind: str = "abuse", *, about: str = OURS, message_id: str = "<arf-1@mx.example.nl>") -> bytes:
    """A feedback report (RFC 5965)."""
    return _parts(
        "feedback-report",
        {"From": "fbl@mx.example.nl", "To": INBOX, "Message-ID": message_id},
        ("text/plain", "This is an email abuse report."),
        ("message/feedback-report", f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"),
        ("message/rfc822", f"Message-ID: {about}\nFrom: nabij@waterdam.example\n\nBeste bewoner"),
    )
