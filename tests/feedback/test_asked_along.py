"""Talking back reaches people the way they chose: by mail, by a text, by a letter, or on their own page."""

import json
import re
from dataclasses import astuple
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact
from accounts.states import DeliveryChannel, HowOften
from core.errors import DomainError
from core.paper import compile_pdf
from core.templatetags.nabij import daymonth
from feedback.answers.services import letters_by_post, talking_back
from feedback.contacts.services import hearing_back
from feedback.delivery import paper
from feedback.delivery.services import guards, pump
from feedback.models import Message
from feedback.private import services as private
from feedback.states import BatchState, MessageState
from neighbourhoods.models import Municipality, TalkBack, Trajectory
from tests.at_once import BOTH_WAYS, let_meet
from tests.feedback.factories import today
from tests.feedback.test_talking_back import (
    ASKS,
    area,
    call_off,
    decide_by_report,
    editor,
    invite,
    leave,
    mails,
    plan,
    survey,
    took_part,
)
from tests.people import make_municipality, signed_in

__all__ = ["area", "editor", "survey"]

pytestmark = pytest.mark.django_db
MAIL, TEXT, LETTER = (
    {},
    {"email": "", "mobile": "+31612345678"},
    {"email": "", "postal": "\nKade 1\n1234 AB  WATERDAM"},
)


@pytest.fixture(autouse=True)
def released(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    guards.outbox_may_send()


@pytest.fixture
def friday_noon():
    """A weekly letter leaves on Thursday at ten: from then on the next one comes too late."""
    with time_machine.travel(datetime(2026, 12, 4, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))):
        yield


@pytest.mark.parametrize(
    ("left", "days", "carrier"),
    [
        (MAIL, 2, DeliveryChannel.MAIL),
        (TEXT, 2, DeliveryChannel.TEXT),
        (TEXT | {"how_often": HowOften.AT_THE_END}, 20, None),
        (LETTER, 14, DeliveryChannel.LETTER),
        (LETTER, 8, DeliveryChannel.LETTER),
        (LETTER, 7, None),
        (LETTER | {"how_often": HowOften.WEEKLY}, 8, None),
    ],
)
def test_by_what_somebody_is_asked_along(friday_noon, survey, notify, left, days, carrier):
    took_part(survey, **left)
    talk_back = plan(survey, days)
    by = [
        1 if carrier == one else 0
        for one in (DeliveryChannel.MAIL, DeliveryChannel.TEXT, DeliveryChannel.LETTER)
    ]
    assert astuple(talking_back.count_invited(talk_back)) == (1, *by)
    invite(talk_back)
    assert [message.carrier for message in mails()] == ([carrier] if carrier else [])


def test_a_text_leads_to_what_is_asked_and_says_nothing_itself(survey, notify, client):
    took_part(survey, **TEXT)
    talk_back = invite(plan(survey))
    pump.send_sms()
    (text,) = notify.texts
    assert (text["template_id"], text["phone_number"]) == ("t-asked", TEXT["mobile"])
    assert set(text["personalisation"]) == {"link", "municipality"}
    html = client.get(re.sub("https?://[^/]*", "", text["personalisation"]["link"])).content.decode()
    assert ASKS["nl"] in html and "De Molen" in html and talk_back.get_absolute_url() in html
    assert "Geen sms meer" in html
    (message,) = mails()
    assert message.state == MessageState.SENT


def test_without_a_template_for_it_who_left_a_number_reads_it_on_their_page(survey, notify, settings):
    settings.SMS_TEMPLATES = {name: key for name, key in settings.SMS_TEMPLATES.items() if name != "asked.nl"}
    took_part(survey, **TEXT)
    talk_back = plan(survey)
    assert talking_back.count_invited(talk_back).page_only == 1
    assert not mails() and invite(talk_back) and not mails()


def test_who_leaves_a_number_instead_meanwhile_is_texted_or_left_alone_and_no_text_of_others_waits(
    survey, notify, settings
):
    settings.SMS_TEMPLATES = {name: key for name, key in settings.SMS_TEMPLATES.items() if name != "asked.nl"}
    contact = took_part(survey)
    invite(plan(survey))
    Contact.objects.filter(pk=contact.pk).update(email="", mobile=TEXT["mobile"])
    contact.refresh_from_db()
    hearing_back.reroute_pending_messages(contact, timezone.now())
    pump.send_sms()
    (message,) = mails()
    assert (message.carrier, message.state) == (DeliveryChannel.TEXT, MessageState.CANCELLED)
    assert not notify.texts


def test_a_letter_says_what_is_asked_and_its_code_leads_there(survey, editor, client, monkeypatch):
    printed = []

    def keep(template, inputs):
        printed.extend(json.loads(inputs["letters"]))
        return compile_pdf(template, inputs)

    monkeypatch.setattr(paper, "compile_pdf", keep)
    took_part(survey, **LETTER)
    talk_back = invite(plan(survey))
    batch = letters_by_post.start_letter_batch(by=editor)
    letters_by_post.run_letter_batch_jobs()
    (sheet,) = printed
    said = "\n".join(sheet["opening"])
    assert ASKS["nl"] in said and "De Molen" in said and sheet["opening"][0].startswith("Beste")
    assert sheet["closing"].splitlines() == ["Met groet,", "de wijkmanager"]
    assert "http" not in said and sheet["sender"] == Municipality.current().name
    html = client.get(re.sub("https?://[^/]*", "", sheet["url"])).content.decode()
    assert ASKS["nl"] in html and talk_back.get_absolute_url() in html and "Geen brieven meer" in html
    batch.refresh_from_db()
    assert letters_by_post.take_letters_file(batch=batch, by=editor).read_bytes().startswith(b"%PDF")
    batch.refresh_from_db()
    letters_by_post.note_posted(batch=batch, on=today(), by=editor)
    assert [message.state for message in mails()] == [MessageState.SENT]


def test_that_it_is_off_comes_the_way_they_are_reached_by_then(survey, notify, client):
    contact = took_part(survey, **TEXT)
    gone = took_part(survey, **TEXT)
    talk_back = invite(plan(survey))
    pump.send_sms()
    Contact.objects.filter(pk=contact.pk).update(mobile="", postal=LETTER["postal"])
    gone.delete()
    call_off(talk_back)
    (off,) = mails("-off")
    assert (off.receipt_id, off.carrier) == (contact.receipt_id, DeliveryChannel.LETTER)
    assert Message.objects.due(timezone.now(), DeliveryChannel.LETTER).count() == 1
    html = client.get(
        re.sub("https?://[^/]*", "", notify.texts[0]["personalisation"]["link"])
    ).content.decode()
    assert "De zaal is gesloten." in html and ASKS["nl"] not in html


def test_what_it_costs_stands_before_the_button(survey, editor, notify):
    make_municipality(text_price=10, letter_price=120)
    for left in (MAIL, TEXT, TEXT | {"mobile": "+31612345679"}, LETTER):
        took_part(survey, **left)
    talk_back = plan(survey)
    html = (
        signed_in(editor)
        .get(reverse("talk_back_invite", args=[talk_back.trajectory_id, talk_back.pk]))
        .content.decode()
    )
    found = re.findall(r"€\s[0-9,]+", html)
    assert found == ["€ 0,20", "€ 1,20"]


# --- what must not go wrong with paper -----------------------------------------------------------


def in_a_batch(survey, editor, *, taken: bool = False):
    """An invitation by letter, put together, and perhaps taken to be printed."""
    contact = took_part(survey, **LETTER)
    talk_back = invite(plan(survey))
    batch = letters_by_post.start_letter_batch(by=editor)
    letters_by_post.run_letter_batch_jobs()
    batch.refresh_from_db()
    if taken:
        letters_by_post.take_letters_file(batch=batch, by=editor)
        batch.refresh_from_db()
    return contact, talk_back, batch


def test_who_has_a_printed_invitation_hears_that_it_is_off(survey, editor):
    contact, talk_back, batch = in_a_batch(survey, editor, taken=True)
    call_off(talk_back)
    (off,) = mails("-off")
    letters_by_post.note_posted(batch=batch, on=today(), by=editor)
    second = letters_by_post.start_letter_batch(by=editor)
    off.refresh_from_db()
    assert (off.state, off.batch) == (MessageState.PENDING, second)
    assert off.receipt_id == contact.receipt_id


def test_called_off_before_it_was_taken_nothing_is_printed_and_nothing_waits(survey, editor):
    _contact, talk_back, batch = in_a_batch(survey, editor)
    call_off(talk_back)
    with pytest.raises(DomainError):
        letters_by_post.take_letters_file(batch=batch, by=editor)
    letters_by_post.run_letter_batch_jobs()
    with pytest.raises(DomainError):
        letters_by_post.start_letter_batch(by=editor)
    assert letters_by_post.count_waiting_letters() == 0
    assert {message.state for message in [*mails(), *mails("-off")]} == {MessageState.CANCELLED}


def test_a_letter_that_would_come_too_late_is_not_printed(survey, editor):
    took_part(survey, **LETTER)
    talk_back = invite(plan(survey))
    TalkBack.objects.filter(pk=talk_back.pk).update(on=today(3))
    with pytest.raises(DomainError):
        letters_by_post.start_letter_batch(by=editor)
    (message,) = mails()
    assert (message.state, message.resolution) == (MessageState.CANCELLED, "a letter would come too late")


def test_who_prints_reads_until_when_it_is_worth_it(survey, administrator):
    page = signed_in(administrator).get
    assert "Er zijn uitnodigingen bij" not in page("/desk/outbox/letters/").content.decode()
    took_part(survey, **LETTER)
    talk_back = invite(plan(survey))
    last = talking_back.last_print_day()
    html = page("/desk/outbox/letters/").content.decode()
    assert f"post ze uiterlijk op {daymonth(last)}" in html
    for day, leaves in ((last, True), (last + timedelta(days=1), False)):
        TalkBack.objects.filter(pk=talk_back.pk).update(on=talk_back.on - (day - today()))
        assert (
            isinstance(next(iter(talking_back.render_talk_back_messages(mails()).values())), str)
            is not leaves
        )


def test_a_letter_that_no_font_can_set_keeps_no_other_waiting(survey, editor):
    """Whose name no font has is for a person, and everybody else's letter is made."""
    odd = took_part(survey, email="", postal="𓀀𓀁\nKade 2\n1234 AB  WATERDAM")
    in_a_batch(survey, editor)
    one, other = sorted(mails(), key=lambda message: message.receipt_id != odd.receipt_id)
    assert (one.state, one.batch) == (MessageState.FAILED, None)
    assert (other.state, other.batch.letters, other.batch.state) == (MessageState.PENDING, 1, BatchState.MADE)
    assert Message.objects.needing_person().get() == one


@pytest.mark.parametrize("language", ["ar", "pl"])
def test_what_we_have_no_catalogue_for_is_written_in_one_language(survey, editor, language, monkeypatch):
    printed = []
    monkeypatch.setattr(
        paper,
        "compile_pdf",
        lambda template, inputs: printed.extend(json.loads(inputs["letters"])) or b"%PDF",
    )
    contact = took_part(survey, **LETTER)
    contact.receipt.language = language
    contact.receipt.save()
    invite(plan(survey))
    letters_by_post.start_letter_batch(by=editor)
    letters_by_post.run_letter_batch_jobs()
    (sheet,) = printed
    assert (sheet["language"], sheet["rtl"]) == ("nl", False)


# --- and with the clock, and people at once ------------------------------------------------------


@pytest.mark.parametrize("over", ["closed", "decided"])
def test_nobody_is_asked_any_more_what_is_over(survey, over):
    took_part(survey, how_often=HowOften.WEEKLY)
    invite(plan(survey))
    if over == "closed":
        Trajectory.objects.update(closed_on=today())
    else:
        decide_by_report(survey.trajectory)
    leave()
    assert [message.state for message in mails()] == [MessageState.CANCELLED]


def test_who_moved_and_did_not_confirm_hears_that_it_is_off_once_they_did(survey, notify):
    contact = took_part(survey)
    talk_back = invite(plan(survey))
    Message.objects.update(state=MessageState.SENT, settled_at=timezone.now())
    moved = hearing_back.leave_address(
        receipt=contact.receipt, mobile=TEXT["mobile"], is_16_or_older=True, consent_sentence="Ja."
    )
    call_off(talk_back)
    (off,) = mails("-off")
    assert off.next_attempt_at > timezone.now()
    hearing_back.confirm_address(receipt=contact.receipt, key=hearing_back.confirm_key(moved))
    pump.send_sms()
    off.refresh_from_db()
    assert off.state == MessageState.SENT


def test_a_link_that_is_followed_late_asks_nothing(survey, notify, client):
    took_part(survey, **TEXT)
    talk_back = invite(plan(survey))
    pump.send_sms()
    TalkBack.objects.filter(pk=talk_back.pk).update(on=today(-1))
    html = client.get(
        re.sub("https?://[^/]*", "", notify.texts[0]["personalisation"]["link"])
    ).content.decode()
    assert "Dit is geweest" in html and "Staat u hierachter" not in html


@pytest.mark.server_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["invite", "call_off"])
@BOTH_WAYS
def test_who_erases_while_people_are_asked_along_is_erased_and_nobody_meets_an_error(survey, action, turned):
    seen = []

    def make():
        TalkBack.objects.all().delete()
        contact, talk_back = took_part(survey), plan(survey)
        if action == "call_off":
            invite(talk_back)
        seen.append(contact.receipt_id)
        other = (lambda: invite(talk_back)) if action == "invite" else (lambda: call_off(talk_back))
        return other, lambda: private.erase(receipt=contact.receipt)

    def check():
        assert not Message.objects.filter(receipt=seen[-1]).exists()

    let_meet(make, check, turned=turned)
