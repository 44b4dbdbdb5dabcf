"""Texts: to a real HTTP server, whatever it answers; by day alone; once each; nothing in them but a link."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Contact, Event, Suppression
from accounts.states import DeliveryChannel, HowOften
from core.errors import DomainError
from core.phone_numbers import NotAMobileNumber, parse_mobile_number
from feedback.answers.services import release
from feedback.answers.services.reckoning import actual_costs, count_delivery, items_per_carrier
from feedback.contacts.forms import MobileNumberForm
from feedback.contacts.services import hearing_back
from feedback.delivery.emails import Verdict
from feedback.delivery.services import delivery, guards, pump
from feedback.delivery.services.delivery import look_up_texts
from feedback.delivery.services.guards import recover
from feedback.delivery.services.outbox import reference_of
from feedback.delivery.services.pump import short_url
from feedback.delivery.services.sms import NotifySmsSession, Text, is_night, morning_after, open_sms_session
from feedback.models import AnswerOwed, DeliveryAttempt, FollowUp, Message
from feedback.private import services as private
from feedback.states import DeliveryKind, MessagePurpose, MessageState, Owed
from tests.feedback.audiences import make_owner, released
from tests.feedback.factories import make_contact, make_debt, make_message, make_receipt, make_topic
from tests.feedback.notify import API_KEY, DROP_AFTER, DROP_BEFORE, TEMPLATES, Notify
from tests.people import make_municipality

SENTENCE = "Ja, de gemeente mag mij sms’en."


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area, title="Een plek om elkaar te ontmoeten")


def number(place: int) -> str:
    return f"+316{place:08d}"


def texted(topic, owner, people: int) -> list[Contact]:
    found = []
    for place in range(people):
        contact = make_contact(email="", mobile=number(place))
        make_debt(topic, receipt=contact.receipt, owner=owner)
        found.append(contact)
    return found


@pytest.fixture
def follow_up(topic, settings) -> FollowUp:
    """Three people who left a number wait; one who left an address, and one who left nothing."""
    guards.outbox_may_send()
    owner = make_owner()
    texted(topic, owner, 3)
    make_debt(topic, receipt=make_contact().receipt, owner=owner)
    make_debt(topic, receipt=make_receipt(), owner=owner)
    return released(topic, owner, settings)


def texts(*states: str) -> int:
    return Message.objects.filter(carrier=DeliveryChannel.TEXT, state__in=states).count()


# --- leaving a number -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12345678", "+31612345678"),
        ("06-12 34 56 78", "+31612345678"),
        ("+31 6 12345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
        ("+49 1512 3456789", "+4915123456789"),
        ("020 123 4567", None),  # rings on a table
        ("0612345", None),
        ("112", None),
        ("", None),
    ],
)
def test_a_number_as_people_type_it(typed, kept):
    if kept is None:
        with pytest.raises(NotAMobileNumber):
            parse_mobile_number(typed)
    else:
        assert parse_mobile_number(typed) == kept


@pytest.mark.parametrize(
    ("countries", "typed", "is_taken"),
    [
        (["NL"], "06 12345678", True),
        (["NL"], "+49 1512 3456789", False),
        (["NL"], "+373 621 12 345", False),
        (["NL", "DE"], "+49 1512 3456789", True),
    ],
)
def test_only_numbers_of_some_countries_are_taken(settings, countries, typed, is_taken):
    settings.SMS_COUNTRIES = countries
    form = MobileNumberForm({"mobile": typed, "consent": "on", "is_16_or_older": "on"})
    form.is_valid()
    assert ("mobile" in form.errors) is not is_taken
    assert is_taken or "e‑mailadres" in str(form.errors["mobile"])


def leave(receipt, typed="06 12345678", **fields) -> Contact:
    fields = {
        "mobile": parse_mobile_number(typed),
        "is_16_or_older": True,
        "consent_sentence": SENTENCE,
    } | fields
    return hearing_back.leave_address(receipt=receipt, **fields)


def path_in(text: dict) -> str:
    return urlsplit(text["personalisation"]["link"]).path


def test_who_leaves_a_number_confirms_it_by_the_link_in_a_text(municipality, notify):
    receipt = make_receipt()
    contact = leave(receipt)
    leave(receipt)  # a double tap
    guards.outbox_may_send()
    assert pump.send_sms() == 1
    (text,) = notify.texts
    assert text["phone_number"] == "+31612345678" and text["template_id"] == "t-confirm"
    assert set(text["personalisation"]) == {"link", "municipality"}
    page = Client().get(path_in(text), follow=True)
    assert "06 12345678" in page.content.decode() and not Contact.objects.reachable().exists()
    asked = page.redirect_chain[-1][0]
    Client().post(asked)
    Client().post(asked)
    contact.refresh_from_db()
    assert contact.confirmed_at and Event.objects.filter(verb="confirmed_address").count() == 1


def test_another_number_makes_the_first_link_void(municipality, notify):
    receipt = make_receipt()
    leave(receipt)
    guards.outbox_may_send()
    pump.send_sms()
    leave(receipt, "06 87654321")
    assert Client().get(path_in(notify.texts[0])).status_code == 404


def test_under_16_leaves_no_number(municipality):
    with pytest.raises(DomainError):
        leave(make_receipt(), is_16_or_older=False)
    assert not Contact.objects.exists() and not Message.objects.exists()


def test_one_number_is_not_flooded(municipality):
    cache.clear()
    for _time in range(4):
        leave(make_receipt())
    with pytest.raises(DomainError):
        leave(make_receipt())


def test_who_goes_from_mail_to_texts_gets_what_waited_by_text(topic, notify, sink, settings):
    guards.outbox_may_send()
    owner = make_owner()
    contact = make_contact(how_often=HowOften.WEEKLY)
    make_debt(topic, receipt=contact.receipt, owner=owner)
    follow_up = released(topic, owner, settings)
    leave(contact.receipt)
    hearing_back.confirm_address(
        receipt=contact.receipt, key=hearing_back.confirm_key(Contact.objects.get(receipt=contact.receipt))
    )
    release.choose_how_often(receipt=contact.receipt, chosen=HowOften.AT_ONCE)
    pump.send_due()
    pump.send_sms()
    assert "t-answer" in [text["template_id"] for text in notify.texts] and not sink.mails
    assert count_delivery(follow_up).sent == 1 and items_per_carrier(follow_up) == {"text": 1}


def again(contact: Contact, **address) -> Contact:
    return hearing_back.leave_address(
        receipt=contact.receipt, is_16_or_older=True, consent_sentence=SENTENCE, **address
    )


@pytest.fixture
def one_waits(topic, settings):
    """One reader, reached by mail and as often as they chose; their answer waits in the outbox."""

    def make(**fields) -> tuple[Contact, FollowUp]:
        guards.outbox_may_send()
        owner = make_owner()
        contact = make_contact(**fields)
        make_debt(topic, receipt=contact.receipt, owner=owner)
        return contact, released(topic, owner, settings)

    return make


def confirmed(contact: Contact) -> None:
    contact = Contact.objects.get(pk=contact.pk)
    hearing_back.confirm_address(receipt=contact.receipt, key=hearing_back.confirm_key(contact))


ANOTHER = [{"mobile": number(7)}, {"email": "nieuw@example.nl"}]


@pytest.mark.parametrize("another", ANOTHER, ids=["text", "mail"])
@pytest.mark.parametrize("in_hand", [False, True])
def test_what_waits_waits_for_the_new_way_to_be_confirmed(one_waits, notify, sink, another, in_hand):
    contact, follow_up = one_waits()
    token, ids = guards.claim(most=1, now=timezone.now()) if in_hand else (None, [])
    again(contact, **another)
    assert not ids or not pump.begin_handing_over(ids, token, now=timezone.now())
    for _time in range(2):
        pump.dispatch_due()
        pump.send_sms()
    message = Message.objects.get(purpose=MessagePurpose.FOLLOW_UP)
    assert message.state == MessageState.PENDING and count_delivery(follow_up).is_equal
    confirmed(contact)
    pump.dispatch_due()
    pump.send_sms()
    assert count_delivery(follow_up).sent == 1 and len(sink.mails) + len(notify.texts) == 2  # asked, and told


def test_and_then_leaves_as_they_chose(one_waits):
    contact, _follow_up = one_waits(how_often=HowOften.AT_THE_END)
    again(contact, **ANOTHER[1])
    assert Message.objects.get(purpose=MessagePurpose.FOLLOW_UP).next_attempt_at is not None
    assert release.release_waiting_digests() == 0
    confirmed(contact)
    assert Message.objects.get(purpose=MessagePurpose.FOLLOW_UP).next_attempt_at is None
    assert release.release_waiting_digests() == 1


def test_what_asked_for_a_look_back_waits_as_well(one_waits):
    contact, _follow_up = one_waits(how_often=HowOften.AT_THE_END)
    asked = make_message(receipt=contact.receipt, purpose=MessagePurpose.LOOK_BACK)
    again(contact, **ANOTHER[1])
    assert not Message.objects.due(timezone.now()).exclude(purpose=MessagePurpose.CONFIRM).exists()
    confirmed(contact)
    asked.refresh_from_db()
    assert asked.state == MessageState.PENDING and asked.next_attempt_at <= timezone.now()


def test_from_a_number_that_nobody_confirmed_to_a_house(one_waits):
    contact, _follow_up = one_waits()
    again(contact, **ANOTHER[0])
    again(contact, postal="\nKade 1\n1234 AB  WATERDAM")
    assert Message.objects.due(timezone.now(), DeliveryChannel.LETTER).count() == 1


def test_never_confirmed_ends_with_the_address(one_waits, notify):
    contact, follow_up = one_waits()
    again(contact, **ANOTHER[0])
    pump.send_sms(now=timezone.now() + timedelta(days=hearing_back.CONFIRM_DAYS, seconds=5))
    assert [text["template_id"] for text in notify.texts] == ["t-confirm"]
    assert texts("cancelled") == 1 and count_delivery(follow_up).is_equal


# --- what it is told, and what it answers ---------------------------------------------------------


def test_a_text_holds_a_link_and_nothing_that_anybody_said(follow_up, notify):
    pump.send_sms()
    for text in notify.texts:
        assert set(text) == {"phone_number", "template_id", "personalisation", "reference"}
        assert text["personalisation"]["municipality"] == "Gemeente Waterdam"
        link = urlsplit(text["personalisation"]["link"])
        assert link.path.startswith("/v/s/") and len(link.path) < 32 and not link.query
        assert "ontmoeten" not in str(text).lower()


def test_sent_settles_debts_and_the_sum_stays_equal(follow_up, notify, sink):
    assert pump.send_sms() == 3 and pump.send_due() == 1
    total = count_delivery(follow_up)
    assert total.is_equal and total.sent == 4 and total.page_only == 1
    assert items_per_carrier(follow_up) == {"mail": 1, "text": 3}
    assert AnswerOwed.objects.filter(state=Owed.SENT).count() == 4
    assert set(notify.references.values()) == {1}


def test_mail_is_for_mail_and_texts_are_for_texts(follow_up, notify, sink):
    pump.dispatch_due()
    assert not notify.texts and len(sink.mails) == 1 and texts("pending") == 3


AFTER = {
    # what the service does -> where the text is, tries used up, whether the service is left alone
    201: ("sent", 1, False),
    400: ("failed", 1, False),
    403: ("pending", 0, True),
    429: ("pending", 0, True),
    500: ("pending", 1, False),
    502: ("uncertain", 1, False),
    DROP_BEFORE: ("uncertain", 1, False),  # from here it looks the same as the next
    DROP_AFTER: ("uncertain", 1, False),
}


@pytest.mark.parametrize("answer", AFTER)
def test_what_the_service_may_answer(follow_up, notify, answer):
    state, tries, rests = AFTER[answer]
    odd = number(1)
    notify.answers = lambda to: answer if to == odd else 201
    pump.send_sms()
    message = Message.objects.get(receipt__contact__mobile=odd)
    assert (message.state, message.attempts) == (state, tries)
    assert pump.circuit_is_open(pump.TEXTS) == rests
    assert count_delivery(follow_up).is_equal
    assert all(times == 1 for times in notify.references.values())
    assert not [tried for tried in DeliveryAttempt.objects.all() if odd[3:] in tried.said]


def test_a_refused_number_is_a_task_for_a_person_and_still_owed(follow_up, notify):
    notify.answers, notify.message = (lambda to: 400), "phone_number +31600000001 is not valid"
    pump.send_sms()
    assert Message.objects.needing_person().count() == 3
    assert not AnswerOwed.objects.filter(state=Owed.SENT).exists()
    assert "31600000001" not in DeliveryAttempt.objects.first().said


def test_a_template_that_is_gone_spoils_no_text(follow_up, notify):
    notify.answers, notify.message = (lambda to: 400), "Template not found"
    pump.send_sms()
    assert texts("pending") == 3 and pump.circuit_is_open(pump.TEXTS)


def test_nobody_listens(follow_up, notify, settings):
    settings.SMS_URL = "http://127.0.0.1:9"
    assert pump.send_sms() == 0
    assert texts("pending") == 3 and not Message.objects.filter(carrier="text", attempts__gt=0).exists()
    assert pump.circuit_is_open(pump.TEXTS) and not pump.circuit_is_open()  # mail goes on


def test_later_is_tried_again_and_looked_up_first(follow_up, notify):
    """The service said 500, and had taken it all the same: it is not sent twice."""
    odd = number(1)
    notify.answers = lambda to: 500 if to == odd else 201
    pump.send_sms()
    message = Message.objects.get(receipt__contact__mobile=odd)
    notify.statuses[reference_of(message)] = "sending"
    notify.answers = lambda to: 201
    assert pump.send_sms(now=timezone.now() + timedelta(minutes=2)) == 1
    assert odd not in notify.numbers and texts("sent") == 3


@given(st.lists(st.sampled_from([201, 400, 429, 500, 502, DROP_BEFORE, DROP_AFTER]), max_size=12))
def test_whatever_it_answers_nobody_gets_two(answers):
    """Any answers in any order: a text is tried as long as a machine may, and arrives at most once."""
    given, tried = list(answers), False
    with Notify() as notify, override_settings(SMS_TEMPLATES=TEMPLATES):
        notify.answers = lambda to: given.pop(0) if given else 201
        while True:
            line = NotifySmsSession(notify.url, API_KEY, timeout=2)
            said = line.send(
                Text("r" * 32, number(1), MessagePurpose.FOLLOW_UP, "nl", "https://x/", "W", tried)
            )
            tried = True
            if said.verdict in (Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.REFUSED):
                break
        arrived = len(notify.texts)
    assert arrived <= 1
    assert arrived == {Verdict.ACCEPTED: 1, Verdict.REFUSED: 0}.get(said.verdict, arrived)


def test_a_turn_of_texts_is_short(follow_up, notify, monkeypatch):
    """Where one process does everything it has two hands: one of them is soon free again."""
    seconds = count(step=3)
    monkeypatch.setattr(pump, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    assert pump.send_sms() == 1 and texts("pending") == 2


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_a_rate_that_sends_nothing_is_refused(rate):
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"], capture_output=True, text=True, check=False,
        env=os.environ | {"SMS_PER_MINUTE": rate},
    )  # fmt: skip
    assert done.returncode and "SMS_PER_MINUTE must be more than 0" in done.stderr


# --- nobody knows ---------------------------------------------------------------------------------


def test_an_uncertain_text_is_looked_up(follow_up, notify):
    lost, never = number(0), number(1)
    notify.answers = lambda to: {lost: DROP_AFTER, never: DROP_BEFORE}.get(to, 201)
    pump.send_sms()
    assert texts("uncertain") == 2
    assert look_up_texts() == 1
    assert Message.objects.get(receipt__contact__mobile=lost).state == MessageState.SENT
    # The service may still be taking it in: a person decides, a machine never sends it again.
    assert Message.objects.get(receipt__contact__mobile=never).state == MessageState.UNCERTAIN
    assert look_up_texts() == 0 and set(notify.references.values()) == {1}
    assert AnswerOwed.objects.filter(state=Owed.SENT).count() == 2
    assert count_delivery(follow_up).is_equal


def test_a_dead_process_leaves_one_that_is_looked_up(follow_up, notify, settings):
    """What tests/crash kills for real: the text left, and its sender died before writing that down."""
    commit_and_send()
    settings.LEASE_SECONDS = 1
    recover(now=timezone.now() + timedelta(seconds=400))
    assert texts("uncertain") == 1 and look_up_texts() == 1
    assert pump.send_sms() == 2 and set(notify.references.values()) == {1}


def commit_and_send():
    token, ids = guards.claim(most=1, now=timezone.now(), carrier=DeliveryChannel.TEXT)
    (parcel,) = pump.begin_handing_over(ids, token, now=timezone.now())
    with open_sms_session() as line:
        pump.send(line, parcel)


def test_looked_up_and_found_to_have_failed(follow_up, notify):
    notify.answers = lambda to: DROP_AFTER
    pump.send_sms()
    notify.statuses = dict.fromkeys(notify.statuses, "permanent-failure")
    look_up_texts()
    assert texts("bounced") == 3 and Suppression.objects.count() == 3
    assert not AnswerOwed.objects.filter(state=Owed.SENT).exists()


def test_the_service_that_does_not_say_changes_nothing(follow_up, notify):
    notify.answers = lambda to: DROP_AFTER
    pump.send_sms()
    notify.down = True
    assert look_up_texts() == 0 and texts("uncertain") == 3 and len(notify.asked) == 1


# --- by day ---------------------------------------------------------------------------------------

HOURS = [
    # (what the clock on the wall shows, whether it is night, when it is day again)
    ("2026-11-26 08:59", True, "2026-11-26 09:00"),
    ("2026-11-26 09:00", False, None),
    ("2026-11-26 20:59", False, None),
    ("2026-11-26 21:00", True, "2026-11-27 09:00"),
    ("2026-11-26 23:59", True, "2026-11-27 09:00"),
    ("2026-11-27 00:00", True, "2026-11-27 09:00"),
    ("2026-03-28 22:00", True, "2026-03-29 09:00"),  # that night the clock goes forward
    ("2026-03-29 01:30", True, "2026-03-29 09:00"),
    ("2026-03-29 03:30", True, "2026-03-29 09:00"),
    ("2026-10-24 22:00", True, "2026-10-25 09:00"),  # and that night back
    ("2026-10-25 02:30", True, "2026-10-25 09:00"),
    ("2026-12-31 21:00", True, "2027-01-01 09:00"),
]


def clock(shown: str) -> datetime:
    return timezone.make_aware(datetime.strptime(shown, "%Y-%m-%d %H:%M"))  # noqa: DTZ007


@pytest.mark.parametrize(("shown", "night", "again"), HOURS)
def test_hours(shown, night, again):
    here = timezone.localtime(clock(shown))
    assert is_night(here, since=9, until=21) == night
    if again:
        assert morning_after(here, since=9) == clock(again)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)))
def test_every_night_ends_in_the_next_morning(naive):
    here = timezone.localtime(timezone.make_aware(naive))
    morning = timezone.localtime(morning_after(here, since=9))
    assert (morning.hour, morning.minute) == (9, 0)
    if is_night(here, since=9, until=21):
        assert timedelta(0) < morning - here < timedelta(hours=14)


def test_at_night_nothing_leaves_and_in_the_morning_it_does(follow_up, notify, settings):
    settings.SMS_FROM, settings.SMS_UNTIL = 9, 21
    late = timezone.localtime().replace(hour=22, minute=0) + timedelta(days=1)
    for minutes in (0, 180, 600):
        assert pump.send_sms(now=late + timedelta(minutes=minutes)) == 0
    assert not notify.texts
    morning = timezone.localtime(late + timedelta(hours=12)).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    assert set(Message.objects.filter(carrier="text").values_list("next_attempt_at", flat=True)) == {morning}
    assert pump.send_sms(now=morning) == 3


def test_at_night_no_fresh_link_is_texted(municipality, settings):
    settings.SMS_FROM, settings.SMS_UNTIL = 9, 21
    contact = make_contact(email="", mobile=number(1))
    night, day = clock("2026-11-26 23:00"), clock("2026-11-26 12:00")
    assert private.mail_link(receipt=contact.receipt, now=night) is None
    assert private.mail_link(receipt=contact.receipt, now=day).carrier == DeliveryChannel.TEXT


# --- stopping ------------------------------------------------------------------------------------


def test_no_more_texts_after_unsubscribing(follow_up, notify):
    hearing_back.unsubscribe(receipt=Contact.objects.get(mobile=number(1)).receipt)
    pump.send_sms()
    assert set(notify.numbers) == {number(0), number(2)} and count_delivery(follow_up).suppressed == 1


def test_nothing_at_all_holds_for_the_number_whatever_it_is_about(follow_up, notify, topic, settings):
    first = Contact.objects.get(mobile=number(1))
    second = make_contact(email="", mobile=number(1))
    hearing_back.suppress_everything(receipt=first.receipt)
    make_debt(topic, receipt=second.receipt, owner=follow_up.owner)
    released(topic, follow_up.owner, settings)
    pump.send_sms()
    assert number(1) not in notify.numbers


def test_the_stop_link_is_two_steps_from_the_text(follow_up, notify):
    pump.send_sms()
    text = next(text for text in notify.texts if text["phone_number"] == number(1))
    client = Client()
    page = client.get(path_in(text), follow=True)
    assert page.status_code == 200
    stop = page.context["stop_url"]
    assert "sms" in client.get(stop).content.decode()
    assert Contact.objects.get(mobile=number(1)).unsubscribed_at is None
    client.post(stop, {"action": "answer"})
    assert Contact.objects.get(mobile=number(1)).unsubscribed_at


def test_who_erases_themselves_is_nowhere(follow_up, notify):
    contact = Contact.objects.get(mobile=number(1))
    assert "06 00000001" in str(private.download(contact.receipt))
    private.erase(receipt=contact.receipt)
    pump.send_sms()
    assert number(1) not in notify.numbers and count_delivery(follow_up).is_equal
    assert count_delivery(follow_up).erased == 1


def test_a_number_that_does_not_exist_gets_no_more(follow_up, notify):
    pump.send_sms()
    message = Message.objects.get(receipt__contact__mobile=number(1))
    delivery.record(message=message, kind=DeliveryKind.BOUNCED, provider_event="x")
    assert Suppression.objects.of(number(1)).exists() and count_delivery(follow_up).bounced == 1


# --- the link ------------------------------------------------------------------------------------


def test_the_link_opens_one_answer_and_writes_nothing(follow_up, notify):
    pump.send_sms()
    before = list(Message.objects.order_by("pk").values()), Event.objects.count()
    page = Client().get(path_in(notify.texts[0]), follow=True)
    assert "Dit gaat door." in page.content.decode()
    assert page.redirect_chain[0][0].startswith("/v/i/")
    assert (list(Message.objects.order_by("pk").values()), Event.objects.count()) == before


@pytest.mark.parametrize(
    "token", ["", "1", "1-", "1-AAAAAAAAAAAA", "zzzzzzzzzzzzz-AAAAAAAAAAAA", "é-AAAAAAAAAAAA", "-A", "1" * 70]
)
def test_a_link_that_nobody_signed_opens_nothing(follow_up, token):
    assert Client().get(f"/v/s/{token}/").status_code == 404


def test_the_link_ends_with_the_other_links_of_its_reader(follow_up, notify):
    pump.send_sms()
    text = next(text for text in notify.texts if text["phone_number"] == number(1))
    private.renew_code(receipt=Contact.objects.get(mobile=number(1)).receipt)
    assert Client().get(path_in(text)).status_code == 404


def test_several_answers_in_one_text_are_a_list(topic, notify, settings):
    guards.outbox_may_send()
    owner = make_owner()
    contact = make_contact(email="", mobile=number(5), how_often=HowOften.WEEKLY)
    other = make_topic("option:32", area=topic.area)
    made = []
    for one in (topic, other):
        make_debt(one, receipt=contact.receipt, owner=owner)
        made.append(released(one, owner, settings))
    assert Message.objects.count() == 1
    pump.send_sms(now=timezone.now() + timedelta(days=8))
    (text,) = notify.texts
    page = Client().get(path_in(text))
    assert page.status_code == 200 and page.content.decode().count("/v/i/") == 2
    assert [count_delivery(one).sent for one in made] == [1, 1]


def test_a_link_to_prove_it_opens_for_an_hour_in_all(municipality, client):
    """However late it is followed, and however often: what it leads to ends with it."""
    contact = make_contact(email="", mobile=number(1))
    asked = clock("2026-11-26 12:00")
    with time_machine.travel(asked, tick=False):
        message = private.mail_link(receipt=contact.receipt)
    link = urlsplit(short_url(message, contact.receipt)).path
    with time_machine.travel(asked + timedelta(minutes=59), tick=False):
        fresh = client.get(link).url
        assert client.get(fresh).status_code == 200
    with time_machine.travel(asked + timedelta(minutes=61), tick=False):
        assert client.get(link).status_code == 404
        assert client.get(fresh).status_code == 404
        assert client.post(fresh, {"action": "erase"}).status_code == 404
    assert Contact.objects.exists()


# --- told afterwards ------------------------------------------------------------------------------

HOOK = "a secret that only the service knows"


def post(client, body, secret=HOOK):
    return client.post(
        "/hooks/texts/", body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("delivered", "delivered"),
        ("permanent-failure", "bounced"),
        ("temporary-failure", "bounced"),
        ("technical-failure", "bounced"),
        ("sending", "sent"),
        ("nonsense", "sent"),
    ],
)
def test_what_the_service_posts_afterwards(follow_up, notify, settings, client, status, state):
    settings.SMS_HOOK_SECRET = HOOK
    pump.send_sms()
    message = Message.objects.filter(carrier="text").first()
    body = {"id": "x", "reference": reference_of(message), "to": "+31600000000", "status": status}
    for _time in range(2):
        assert post(client, body).status_code == 200
    message.refresh_from_db()
    assert message.state == state and count_delivery(follow_up).is_equal
    assert Suppression.objects.exists() == (status == "permanent-failure")


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [("{}", "wrong", 401), ("no json", HOOK, 400), ("[1]", HOOK, 400), ('{"reference": "x"}', HOOK, 200)],
)
def test_what_a_stranger_posts(db, settings, client, body, secret, status):
    settings.SMS_HOOK_SECRET = HOOK
    assert post(client, body, secret).status_code == status


def test_without_a_secret_there_is_no_such_page(db, client):
    assert post(client, "{}").status_code == 404


# --- what it costs --------------------------------------------------------------------------------


def test_costs_are_shown_before_and_after(follow_up, notify):
    make_municipality(text_price=8)
    pump.send_sms()
    (cost,) = actual_costs(follow_up)
    assert (cost.number, cost.cents) == (3, 24)


def test_console_shows_it_in_the_mailbox(follow_up, settings):
    settings.SMS_URL, settings.SMS_FROM, settings.SMS_UNTIL = "console://", 0, 24
    settings.SMS_PER_MINUTE = 1_000_000
    assert pump.send_sms() == 3
    assert len(list((settings.DATA_DIR / "mailbox").glob("*.eml"))) >= 3
