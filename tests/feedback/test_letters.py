"""How the mails read: order, words, language, direction, and what they must never do."""

import re

import pytest
from django.utils import translation

from accounts.states import ReceiptPurpose
from feedback.answers import emails
from feedback.answers.services import drafting
from feedback.contacts.services import hearing_back
from feedback.delivery.services import pump
from feedback.models import Contribution, FollowUp, Message
from feedback.states import MessagePurpose, Outcome, Reading
from tests.feedback.audiences import make_owner, released
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_promise,
    make_receipt,
    make_topic,
)
from tests.people import make_area


@pytest.fixture
def owner(db):
    return make_owner()


@pytest.fixture
def area(municipality):
    return make_area("Oosterhaven")


def mail_to_reader(sink, settings, owner, *said: Contribution, language: str = "nl", **texts):
    for thing in said:
        make_debt(thing.topic, contribution=thing, owner=owner)
    with translation.override("en"):  # whatever the worker speaks
        released(said[0].topic, owner, settings, **texts)
        pump.dispatch_due()
    (mail,) = sink.mails
    return mail


def said_by(receipt, area, **fields):
    topic = make_topic("option:31", area=area, title="Een plek om elkaar te ontmoeten")
    return make_contribution(topic, receipt=receipt, **fields)


def plain(mail) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html(mail) -> str:
    return mail.get_body(("html",)).get_content()


def test_order_of_the_follow_up(sink, settings, owner, area):
    make_promise(owner=owner)
    mail = mail_to_reader(sink, settings, owner, said_by(make_contact().receipt, area))
    parts = [
        "Beste bewoner van Oosterhaven,",
        "deed u mee aan “Wat heeft Oosterhaven nodig?”. Nu antwoorden wij.",
        "U koos",
        "Een plek om elkaar te ontmoeten",
        "Wat wij besloten",
        "Dit gaat door.",
        "Waarom",
        "Hoe het verdergaat",
        "Geeft dit antwoord op uw vraag?",
        "Met groet,",
        "U kunt deze mail beantwoorden. Iemand van het wijkteam leest het.",
        "U krijgt deze mail omdat u dat op",
        "Afmelden",
    ]
    for body in (plain(mail), html(mail)):
        places = [body.find(part) for part in parts]
        assert -1 not in places and places == sorted(places)
    assert mail["Subject"] == "Antwoord van de gemeente over ontmoeten: dit gaat door"
    assert "> Een plek om elkaar te ontmoeten" in plain(mail)
    assert 'lang="nl" dir="ltr"' in html(mail)


def test_whoever_came_to_us_is_not_told_that_we_asked(sink, settings, owner, area):
    receipt = make_contact(make_receipt(purpose=ReceiptPurpose.NOTE)).receipt
    mail = mail_to_reader(sink, settings, owner, said_by(receipt, area))
    for body in (plain(mail), html(mail)):
        assert "vertelde u ons iets over Oosterhaven" in body and "vroegen wij" not in body


def test_headers_of_the_follow_up(sink, settings, owner, area):
    mail = mail_to_reader(sink, settings, owner, said_by(make_contact().receipt, area))
    assert re.fullmatch(r"<http\S+/v/u/\S+/>", mail["List-Unsubscribe"].strip())
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Reply-To"] == "nabij@waterdam.example"
    assert "Gemeente Waterdam" in mail["From"]


def test_yes_and_no_weigh_the_same(sink, settings, owner, area):
    body = html(mail_to_reader(sink, settings, owner, said_by(make_contact().receipt, area)))
    buttons = re.findall(r"<a class=\"button\"[^>]*style=\"([^\"]*)\"[^>]*>(Ja|Nee)</a>", body)
    styles = {style for style, _word in buttons}
    assert [word for _style, word in buttons] == ["Ja", "Nee"] and len(styles) == 1
    assert "?answer=yes" in body and "?answer=no" in body


def test_mail_runs_nothing_and_fetches_nothing(sink, settings, owner, area):
    body = html(mail_to_reader(sink, settings, owner, said_by(make_contact().receipt, area)))
    assert not re.search(r"<script|<img|<link|url\(|@import|<form", body)


@pytest.mark.parametrize("reading", [Reading.UNREAD, Reading.SENSITIVE])
def test_words_nobody_cleared_stay_on_the_page(sink, settings, owner, area, reading):
    thing = said_by(make_contact().receipt, area, text="Mijn buurman drinkt.", reading=reading)
    mail = mail_to_reader(sink, settings, owner, thing)
    assert "buurman" not in plain(mail) + html(mail)
    assert "U schreef over" in plain(mail)


def test_cleared_words_are_quoted_line_by_line(sink, settings, owner, area):
    words = "De bushalte is weg.\nMet een rollator is het te ver <b>."
    thing = said_by(make_contact().receipt, area, text=words, reading=Reading.CLEAR)
    mail = mail_to_reader(sink, settings, owner, thing)
    assert "> De bushalte is weg.\n> Met een rollator is het te ver <b>." in plain(mail)
    assert "te ver &lt;b&gt;." in html(mail)


def test_reader_of_english_gets_english(sink, settings, owner, area):
    receipt = make_contact(make_receipt(language="en")).receipt
    mail = mail_to_reader(sink, settings, owner, said_by(receipt, area))
    assert mail["Subject"] == "The municipality's answer about meeting: this goes ahead"
    assert "This goes ahead." in plain(mail) and 'lang="en"' in html(mail)


def test_arabic_runs_from_right_to_left(sink, settings, owner, area):
    receipt = make_contact(make_receipt(language="ar")).receipt
    texts = {name: {"nl": "x", "ar": "نعم"} for name in ("title", "decided", "why", "next_step", "signed_as")}
    mail = mail_to_reader(sink, settings, owner, said_by(receipt, area), **texts)
    assert 'lang="ar" dir="rtl"' in html(mail) and "نعم" in plain(mail)


def test_missing_language_is_said(db, owner, area):
    topic = make_topic(area=area)
    make_debt(topic, owner=owner)
    follow_up = FollowUp(
        audience={"source": topic.source}, owner=owner, outcome=Outcome.NO, title={"nl": "parkeren"},
        decided={"nl": "Dit doen wij niet. Parkeren blijft betaald."}, signed_as={"nl": "uw wijkmanager"},
    )  # fmt: skip
    follow_up.save()
    letter = emails.follow_up([drafting.example(follow_up, "en").facts], "en")
    assert "has not been translated into your language" in letter.text
    assert 'lang="nl"' in letter.html


def test_outcome_is_not_said_twice(sink, settings, owner, area):
    mail = mail_to_reader(
        sink, settings, owner, said_by(make_contact().receipt, area),
        decided={"nl": "Dit gaat door. Vanaf 1 juni.", "en": "This goes ahead. From 1 June."},
    )  # fmt: skip
    assert plain(mail).count("Dit gaat door.") == 1


# --- other mails --------------------------------------------------------------------------------


def test_confirmation_asks_and_leads_to_a_button(sink, area, client):
    receipt = said_by(make_receipt(), area).receipt
    hearing_back.leave_address(
        receipt=receipt, email="resident@example.nl", is_16_or_older=True, consent_sentence="Ja."
    )
    pump.dispatch_due()
    (mail,) = sink.mails
    assert mail["Subject"] == "Klopt uw adres?" and mail["List-Unsubscribe"] is None
    assert "U wilt horen wat er met uw antwoord over Oosterhaven gebeurt." in plain(mail)
    address = re.search(r"http\S+(/v/c/\S+)", plain(mail)).group(1)
    assert client.get(address).status_code == 200
    assert not receipt.contact.confirmed_at, "Scanners follow links: reading confirms nothing."


def test_send_to_me_goes_to_me(sink, owner, area, db):
    topic = make_topic(area=area)
    make_debt(topic, owner=owner)
    from tests.feedback.factories import make_follow_up

    follow_up = make_follow_up(source=topic.source, owner=owner)
    drafting.send_preview_to(follow_up=follow_up, by=owner, language="en")
    assert Message.objects.get().purpose == MessagePurpose.TRIAL
    pump.dispatch_due()
    (mail,) = sink.mails
    assert mail["To"] == owner.email and "The municipality's answer about meeting" in mail["Subject"]
