"""A mail from a form is the mail that would have been built for this reader alone."""

import email
import email.policy
from dataclasses import replace
from datetime import date

import pytest

from feedback.answers import emails
from feedback.delivery import emails as envelope
from feedback.delivery.emails import MailHeaders, RenderedMail, Sender

SENDER = Sender("Gemeente Waterdam, wijkteam Oosterhaven", "nabij@waterdam.example", "wijk@waterdam.example")
HEAD = MailHeaders("resident@example.nl", "<abc@waterdam.example>", "https://waterdam.example/v/u/T-o_k:en/")


def letter(number: int = 1, why: str = "95 buren noemden dit. Überall."):
    facts = emails.AnswerForReader(
        municipality="Gemeente Waterdam", area="Oosterhaven", asked_on=date(2026, 3, 3),
        address_given_on=date(2026, 3, 3), contributions=[emails.QuotedContribution("choice", {"nl": "Een plek"})],
        title={"nl": "ontmoeten"}, outcome="adopted", decided={"nl": "Vanaf 1 juni."}, why={"nl": why},
        next_step={"nl": "U bent welkom."}, signed_as={"nl": "uw wijkmanager"},
        item_url=f"https://waterdam.example/v/i/item-{number}/",
        unsubscribe_url="https://waterdam.example/v/u/T-o_k:en/",
    )  # fmt: skip
    return emails.follow_up([facts], "nl")


def parsed(content: bytes):
    mail = email.message_from_bytes(content, policy=email.policy.default)
    headers = {
        name: str(value).strip() for name, value in mail.items() if name not in ("Date", "Content-Type")
    }
    return headers, mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


@pytest.mark.parametrize("why", ["95 buren noemden dit. Überall.", "Een lange zin. " * 100, "Kort."])
def test_form_and_single_mail_are_the_same(why):
    one = letter(why=why)
    alone = replace(one, pattern=None)
    assert parsed(envelope.encode_mail(one, SENDER, HEAD)) == parsed(
        envelope.encode_mail(alone, SENDER, HEAD)
    )


def test_form_is_used_and_leaves_no_place_open():
    assert envelope._shared_mime(letter().pattern, SENDER, True) is not None
    for head in (HEAD, replace(HEAD, reply_to="antwoord+r.1.a@waterdam.example")):
        content = envelope.encode_mail(letter(), SENDER, head)
        assert b".invalid" not in content and b"1970" not in content
    assert b"Reply-To: antwoord+r.1.a@waterdam.example" in content


def test_each_reader_has_their_own_links():
    first, second = (envelope.encode_mail(letter(number), SENDER, HEAD) for number in (1, 2))
    assert b"item-1/" in first and b"item-2/" not in first
    assert b"item-2/" in second and b"item-1/" not in second


def test_letter_of_its_own_has_no_form():
    content = envelope.encode_mail(
        RenderedMail("Klopt uw adres?", "Ja."), SENDER, replace(HEAD, unsubscribe_url="")
    )
    assert b"List-Unsubscribe" not in content and b"Klopt uw adres?" in content
