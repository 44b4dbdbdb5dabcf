"""How often somebody hears from us: at once, or several answers in one mail. No answer twice, none left behind."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact
from accounts.states import HowOften
from feedback.answers.services import release
from feedback.answers.services.explain import LEFT_OUT_EXPLANATION, reason_not_mailed
from feedback.answers.services.reckoning import DeliveryCounts, count_delivery
from feedback.delivery.emails import DeliveryResult, Verdict
from feedback.delivery.services import guards, pump
from feedback.delivery.services.outbox import next_delivery_at
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message
from feedback.private import services as private
from feedback.states import MessageState, Owed
from neighbourhoods.states import Role
from tests.feedback.audiences import make_owner
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_topic
from tests.people import make_area, make_municipality, make_user, signed_in

HERE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("chosen", "now", "leaves"),
    [
        ("at_once", "2026-11-25 09:00", "2026-11-25 09:00"),
        ("weekly", "2026-11-25 09:00", "2026-11-26 10:00"),  # a Wednesday
        ("weekly", "2026-11-26 09:59", "2026-11-26 10:00"),
        ("weekly", "2026-11-26 10:00", "2026-12-03 10:00"),
        ("weekly", "2026-10-24 12:00", "2026-10-29 10:00"),  # the clock goes back in between
        ("monthly", "2026-11-25 09:00", "2026-12-03 10:00"),
        ("monthly", "2026-12-03 10:00", "2027-01-07 10:00"),
        ("monthly", "2026-12-31 23:59", "2027-01-07 10:00"),
        ("end", "2026-11-25 09:00", None),
    ],
)
def test_when_a_mail_leaves(chosen, now, leaves):
    def clock(said):
        return said and datetime.fromisoformat(said).replace(tzinfo=HERE)

    assert next_delivery_at(chosen, clock(now)) == clock(leaves)


# --- as a story -----------------------------------------------------------------------------------


@pytest.fixture
def reader(db, settings):
    """Named a bench, a tree and a lamp."""
    make_municipality()
    guards.outbox_may_send()
    settings.HOLD_SECONDS = 0
    area = make_area()
    owner = make_user(Role.EDITOR, area)
    contact = make_contact()
    for what in ("bank", "boom", "lamp"):
        make_debt(make_topic(f"option:{what}", area=area, title=what), receipt=contact.receipt, owner=owner)
    return contact.receipt


def tell(what: str, *, now: datetime | None = None) -> FollowUp:
    owner = AnswerOwed.objects.first().owner
    follow_up = make_follow_up(
        key=f"option:{what}", owner=owner, decided={"nl": f"Er komt een {what}."}, title={"nl": what}
    )
    release.schedule_release(follow_up=follow_up, by=owner, now=now)
    release.end_holds(now=now)
    release.fan_out_released(now=now)
    return follow_up


def leave(now: datetime) -> list[str]:
    """Hand over what is due to a server that takes everything. Returns the mails, as text."""
    release.release_waiting_digests(now=now)
    token, ids = guards.claim(most=100, now=now)
    parcels = pump.begin_handing_over(ids, token, now=now)
    mails = [parcel.write().text for parcel in parcels]
    pump._settle([(parcel, DeliveryResult(Verdict.ACCEPTED, 250)) for parcel in parcels], token, now=now)
    return mails


def choose(receipt, chosen: str, **when) -> None:
    release.choose_how_often(receipt=receipt, chosen=chosen, **when)


def test_two_answers_in_one_week_are_one_mail_on_thursday(reader):
    choose(reader, HowOften.WEEKLY)
    first, second = tell("bank"), tell("boom")
    assert leave(timezone.now()) == []
    assert reader.items.count() == 2, "on their own page both stand at once"
    (mail,) = leave(timezone.now() + timedelta(days=7))
    assert "Er komt een bank." in mail and "Er komt een boom." in mail
    assert mail.count("Geeft dit antwoord op uw vraag?") == 2
    assert count_delivery(first) == count_delivery(second) == DeliveryCounts(audience=1, sent=1)
    assert list(reader.owed.values_list("state", flat=True).order_by("state")) == ["open", "sent", "sent"]


def test_who_waits_for_the_end_hears_once_when_everything_is_answered(reader):
    choose(reader, HowOften.AT_THE_END)
    later = timezone.now() + timedelta(days=400)
    tell("bank")
    tell("boom")
    assert leave(later) == []
    tell("lamp")
    (mail,) = leave(later)
    assert all(f"Er komt een {what}." in mail for what in ("bank", "boom", "lamp"))


def test_what_is_waived_is_waited_for_no_longer(reader):
    choose(reader, HowOften.AT_THE_END)
    tell("bank")
    reader.owed.filter(state=Owed.OPEN).update(state=Owed.WAIVED, settled_at=timezone.now(), reason="Dubbel.")
    assert len(leave(timezone.now())) == 1


def test_who_wants_to_hear_at_once_gets_what_waited_in_one_mail(reader):
    choose(reader, HowOften.MONTHLY)
    first, second = tell("bank"), tell("boom")
    choose(reader, HowOften.AT_ONCE)
    (mail,) = leave(timezone.now())
    assert "bank" in mail and "boom" in mail
    third = tell("lamp")
    assert len(leave(timezone.now())) == 1
    assert {count_delivery(one) for one in (first, second, third)} == {DeliveryCounts(audience=1, sent=1)}


def test_mails_that_were_apart_go_together_from_the_day_that_is_chosen(reader):
    first, second = tell("bank"), tell("boom")
    assert Message.objects.open_digests().count() == 2
    choose(reader, HowOften.WEEKLY)
    assert Message.objects.open_digests().count() == 1
    assert set(FollowUpItem.objects.values_list("message__state", flat=True)) == {MessageState.PENDING}
    assert count_delivery(first) == count_delivery(second) == DeliveryCounts(audience=1, pending=1)


@pytest.mark.parametrize(("stays_out", "goes"), [("bank", "boom"), ("boom", "bank")])
def test_what_is_withdrawn_meanwhile_stays_out_of_the_mail(stays_out, goes, reader):
    choose(reader, HowOften.WEEKLY)
    answers = {"bank": tell("bank"), "boom": tell("boom")}
    taken_back = reader.owed.get(topic__key=f"option:{stays_out}")
    taken_back.move(Owed.WITHDRAWN)
    (mail,) = leave(timezone.now() + timedelta(days=7))
    assert stays_out not in mail and goes in mail
    assert count_delivery(answers[stays_out]) == DeliveryCounts(audience=1, page_only=1)
    assert count_delivery(answers[goes]) == DeliveryCounts(audience=1, sent=1)
    item = FollowUpItem.objects.get(follow_up=answers[stays_out])
    assert reason_not_mailed(item, Contact.objects.get(receipt=reader)) == LEFT_OUT_EXPLANATION


def test_a_mail_in_hand_takes_nothing_in(reader):
    """Claimed by a process that writes it now: the next answer begins another one."""
    choose(reader, HowOften.WEEKLY)
    tell("bank")
    guards.claim(most=1, now=timezone.now() + timedelta(days=8))
    tell("boom")
    assert len(set(FollowUpItem.objects.values_list("message", flat=True))) == 2


def test_erasing_takes_what_was_gathered(reader):
    choose(reader, HowOften.WEEKLY)
    first, second = tell("bank"), tell("boom")
    private.erase(receipt=reader)
    assert not Message.objects.filter(purpose="follow_up").exists()
    assert count_delivery(first) == count_delivery(second) == DeliveryCounts(audience=1, erased=1)


# --- the pages where somebody chooses ----------------------------------------------------------------


def test_choosing_on_ones_own_page(reader, client):
    token = sign_link(reader, LinkPurpose.PAGE)
    page = client.get(reverse("private_page", args=[token])).content.decode()
    assert reverse("private_how_often", args=[token]) in page
    url = reverse("private_how_often", args=[token])
    assert client.get(url).context["form"]["how_often"].value() == HowOften.AT_ONCE
    said = client.post(url, {"action": "how_often", "how_often": "weekly"}, follow=True).content.decode()
    assert "Eén keer per week, op donderdag" in said
    assert Contact.objects.get(receipt=reader).how_often == HowOften.WEEKLY
    for odd in ({}, {"how_often": ""}, {"how_often": "never\0"}):
        assert client.post(url, {"action": "how_often"} | odd).status_code == 422


def test_less_often_is_offered_where_somebody_leaves(reader, client):
    url = reverse("private_unsubscribe", args=[sign_link(reader, LinkPurpose.UNSUBSCRIBE)])
    assert "Of minder vaak?" in client.get(url).content.decode()
    said = client.post(url, {"action": "how_often", "how_often": "end"}, follow=True).content.decode()
    assert "als alles wat u zei beantwoord is" in said
    assert client.post(url, {"action": "how_often", "how_often": "x"}).status_code == 422
    contact = Contact.objects.get(receipt=reader)
    assert (contact.how_often, contact.unsubscribed_at) == (HowOften.AT_THE_END, None)


@pytest.mark.parametrize("purpose", ["offer", "following", "invitation"])
def test_who_gets_no_answers_chooses_nothing(reader, client, purpose):
    type(reader).objects.filter(pk=reader.pk).update(purpose=purpose)
    token = sign_link(reader, LinkPurpose.PAGE)
    assert client.get(reverse("private_how_often", args=[token])).status_code == 302


def test_the_desk_reads_how_many_wait_for_their_day(reader):
    choose(reader, HowOften.WEEKLY)
    follow_up = tell("bank")
    html = signed_in(follow_up.owner).get(reverse("followup_progress", args=[follow_up.pk])).content.decode()
    assert "1 persoon wil later horen" in html


# --- whatever happens in whichever order ------------------------------------------------------------

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.integers(0, 3)),
        st.tuples(st.just("choose"), st.sampled_from(HowOften.values)),
        st.tuples(st.just("clock"), st.integers(-400, 1500)),  # hours; clocks are set back as well
        st.tuples(st.just("leave"), st.none()),
        st.tuples(st.just("later"), st.none()),  # the server says "later"
    ),
    max_size=16,
)


class TestNoAnswerTwiceAndNoneLeftBehind(TestCase):
    @settings(suppress_health_check=list(HealthCheck), max_examples=25, deadline=None)
    @given(actions=ACTIONS)
    def test_over_any_walk(self, actions):
        Walk().through(actions)


class Walk:
    def __init__(self) -> None:
        make_municipality()
        guards.outbox_may_send()
        self.now = timezone.now()
        self.owner, area = make_owner(), make_area()
        self.receipt = make_contact(confirmed_at=self.now - timedelta(days=900)).receipt
        self.topics = [make_topic(area=area) for _number in range(4)]
        for topic in self.topics:
            make_debt(topic, receipt=self.receipt, owner=self.owner)
        self.follow_ups: dict[int, FollowUp] = {}
        self.told: Counter[str] = Counter()
        self.numbers = count()

    def through(self, actions) -> None:
        for action, value in actions:
            getattr(self, action)(value)
            assert all(count_delivery(one).is_equal for one in self.follow_ups.values())
        for number in range(4):
            self.tell(number)
        self.clock(24 * 365)
        self.leave(None)
        assert self.told == {f"Besluit {number}.": 1 for number in range(4)}
        assert {count_delivery(one) for one in self.follow_ups.values()} == {
            DeliveryCounts(audience=1, sent=1)
        }

    def tell(self, number: int) -> None:
        if number in self.follow_ups:
            return
        topic = self.topics[number]
        decided = {"nl": f"Besluit {number}.", "en": "-"}
        follow_up = make_follow_up(source=topic.source, key=topic.key, owner=self.owner, decided=decided)
        release.schedule_release(follow_up=follow_up, by=self.owner, now=self.now)
        release.end_holds(now=self.now + timedelta(days=1))
        release.fan_out_released(now=self.now)
        self.follow_ups[number] = FollowUp.objects.get(pk=follow_up.pk)

    def choose(self, chosen: str) -> None:
        release.choose_how_often(receipt=self.receipt, chosen=chosen, now=self.now)

    def clock(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def leave(self, _value: None) -> None:
        for mail in leave(self.now):
            self.told.update(f"Besluit {number}." for number in range(4) if f"Besluit {number}." in mail)

    def later(self, _value: None) -> None:
        token, ids = guards.claim(most=100, now=self.now)
        parcels = pump.begin_handing_over(ids, token, now=self.now)
        later = DeliveryResult(Verdict.LATER, 451)
        pump._settle([(parcel, later) for parcel in parcels], token, now=self.now)


def test_a_choice_that_is_none_is_kept_by_no_database(db):
    contact = make_contact()
    with pytest.raises(Exception, match="contact_knows_how_often"), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(how_often="never")
