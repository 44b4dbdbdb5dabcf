"""“Did what was promised happen?” Who is asked, when and how often; what they say, and where a no comes back."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Event
from accounts.states import HowOften
from core.errors import DomainError
from feedback import retention
from feedback.answers.services import board, reckoning
from feedback.answers.services.looking_back import save_fulfilment_reply, send_fulfilment_checks
from feedback.delivery.services import pump
from feedback.models import (
    AnswerOwed,
    Contribution,
    FollowUp,
    FollowUpItem,
    FulfilmentCheck,
    Message,
    NamedDebt,
    Reaction,
)
from feedback.private import services as private
from feedback.states import (
    FollowUpState,
    Happened,
    MessagePurpose,
    MessageState,
    Outcome,
    Owed,
    Reading,
)
from neighbourhoods.models import ParticipationRules
from tests.feedback.factories import (
    make_contact,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.feedback.journey import answer, page_of
from tests.people import signed_in

pytestmark = pytest.mark.django_db
PAST = -42  # the days that the setting begins with


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area, title="Zebrapad")


def promised(topic, *, receipt=None, days: int = PAST, owner=None, **fields) -> FollowUpItem:
    """One reader who was promised something by a day that many days from now."""
    fields = {"title": {"nl": "zebrapad", "en": "crossing"}, "happens_on": today(days)} | fields
    return answer(make_debt(topic, receipt=receipt, owner=owner), owner=owner, **fields)


def asked(topic, **fields) -> FollowUpItem:
    item = promised(topic, **fields)
    send_fulfilment_checks()
    return item


def happened_url(item: FollowUpItem) -> str:
    return f"/v/i/{sign_link(item.receipt, LinkPurpose.ITEM, str(item.pk))}/happened/"


def mails() -> list[Message]:
    return list(Message.objects.filter(purpose=MessagePurpose.LOOK_BACK).order_by("pk"))


# --- who is asked, and when -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "fields", "is_asked"),
    [
        (PAST, {}, True),
        (PAST - 300, {}, True),
        (PAST + 1, {}, False),
        (PAST, {"outcome": Outcome.PARTLY}, True),
        (PAST, {"outcome": Outcome.NOT_YET}, True),
        (0, {}, False),
    ],
)
def test_asked_when_the_promised_day_is_long_enough_past(days, fields, is_asked, topic):
    item = promised(topic, days=days, **fields)
    send_fulfilment_checks()
    assert FulfilmentCheck.objects.filter(item=item).exists() is is_asked


def test_the_weeks_are_a_setting_of_the_municipality(topic):
    ParticipationRules.objects.create(pk=1, terms={"look_back": 10}).forget_cached()
    promised(topic, days=-10)
    assert send_fulfilment_checks() == "1 people asked whether it happened"


def test_nothing_is_asked_of_an_answer_without_a_day(topic):
    promised(topic, happens_on=None)
    send_fulfilment_checks()
    assert not FulfilmentCheck.objects.exists()


def test_once_whatever_runs_how_often(topic):
    item = promised(topic, receipt=make_contact().receipt)
    for days in (0, 0, 1, 60):
        send_fulfilment_checks(timezone.now() + timedelta(days=days))
    assert len(mails()) == 1 and FulfilmentCheck.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        FulfilmentCheck.objects.create(item=item)


def test_what_goes_on_with_an_answer_asks_nothing_that_was_asked(topic):
    first = asked(topic, receipt=make_contact().receipt)
    was = first.follow_up
    later = make_follow_up(
        source=was.audience["source"], state=FollowUpState.FANNED_OUT, owner=was.owner, corrects=was, goes_on=True,
        happens_on=was.happens_on,
    )  # fmt: skip
    again = FollowUpItem.objects.create(follow_up=later, receipt=first.receipt)
    NamedDebt.objects.create(follow_up=later, receipt=first.receipt, owed=first.receipt.owed.first())
    send_fulfilment_checks()
    assert [one.item for one in FulfilmentCheck.objects.all()] == [first] and len(mails()) == 1
    FollowUp.objects.filter(pk=later.pk).update(happens_on=was.happens_on - timedelta(days=1))
    send_fulfilment_checks()
    assert FulfilmentCheck.objects.filter(item=again).exists(), "another day is another question"


def test_a_second_answer_whose_mail_comes_after_the_first_left_is_asked_by_mail_too(topic):
    first = asked(topic, receipt=make_contact().receipt)
    Message.objects.update(state=MessageState.SENT, settled_at=timezone.now())
    second = promised(make_topic("option:32", area=topic.area), receipt=first.receipt)
    send_fulfilment_checks()
    assert len(mails()) == 2 and FulfilmentCheck.objects.get(item=second).message == mails()[1]


def test_many_are_asked_in_chunks(topic, monkeypatch):
    monkeypatch.setattr("feedback.answers.services.looking_back.LOOK_BACK_CHUNK_SIZE", 2)
    first = promised(topic)
    for _number in range(4):
        FollowUpItem.objects.create(
            follow_up=first.follow_up, receipt=make_debt(topic, receipt=make_receipt()).receipt
        )
    for debt in AnswerOwed.objects.waiting():
        first.follow_up.named.create(owed=debt, receipt=debt.receipt)
    assert send_fulfilment_checks() == "5 people asked whether it happened"


@pytest.mark.parametrize("gone", ["withdrew", "erased", "cancelled", "corrected"])
def test_who_has_gone_is_not_asked(gone, topic):
    item = promised(topic, receipt=make_contact().receipt)
    if gone == "withdrew":
        private.withdraw_receipt(receipt=item.receipt)
    elif gone == "erased":
        private.erase(receipt=item.receipt)
    elif gone == "cancelled":
        FollowUpItem.objects.update(cancelled=True)
    else:
        make_follow_up(corrects=item.follow_up, state=FollowUpState.FANNED_OUT)
    send_fulfilment_checks()
    assert not FulfilmentCheck.objects.exists() and not mails()


@pytest.mark.parametrize(
    ("how_often", "when"),
    [(HowOften.AT_ONCE, "now"), (HowOften.WEEKLY, "thursday"), (HowOften.AT_THE_END, "never")],
)
def test_as_often_as_they_chose_and_always_on_their_page(how_often, when, topic, client):
    item = asked(topic, receipt=make_contact(how_often=how_often).receipt)
    found = mails()
    assert len(found) == (when != "never")
    if when == "thursday":
        leaves = timezone.localtime(found[0].next_attempt_at)
        assert (leaves.weekday(), leaves.hour) == (3, 10)
    page = client.get(page_of(item.receipt)).content.decode()
    assert "Is het er?" in page


def test_two_promises_to_one_reader_are_one_mail(topic):
    receipt = make_contact(how_often=HowOften.WEEKLY).receipt
    promised(topic, receipt=receipt)
    promised(make_topic("option:32", area=topic.area), receipt=receipt)
    send_fulfilment_checks()
    assert len(mails()) == 1 and mails()[0].look_backs.count() == 2


@pytest.mark.parametrize("contact", [{"unsubscribed_at": timezone.now()}, {"confirmed": False}, None])
def test_who_can_not_be_reached_finds_it_on_their_page(contact, topic, client):
    receipt = make_receipt() if contact is None else make_contact(**contact).receipt
    item = asked(topic, receipt=receipt)
    assert not mails() and "Is het er?" in client.get(page_of(item.receipt)).content.decode()


def test_the_mail_says_what_was_promised_and_leads_to_a_page(topic, sink):
    item = asked(topic, receipt=make_contact().receipt)
    pump.send_due()
    (mail,) = sink.mails
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Zebrapad: deden wij wat wij beloofden?"
    assert (
        "Dit gaat door." in text and happened_url(item).rpartition("/v/")[0] in text and "/happened/" in text
    )
    assert "List-Unsubscribe" in mail and mails()[0].state == MessageState.SENT


@pytest.mark.parametrize("meanwhile", ["unsubscribed", "withdrew", "said so"])
def test_what_is_no_longer_true_when_it_leaves_is_not_mailed(meanwhile, topic, sink):
    item = asked(topic, receipt=make_contact().receipt)
    if meanwhile == "unsubscribed":
        Contact.objects.update(unsubscribed_at=timezone.now())
    elif meanwhile == "withdrew":
        private.withdraw_receipt(receipt=item.receipt)
    else:
        save_fulfilment_reply(item=item, happened=Happened.YES)
    pump.send_due()
    assert not sink.mails and mails()[0].state in (MessageState.SUPPRESSED, MessageState.CANCELLED)


# --- what they say ----------------------------------------------------------------------------


def test_a_get_changes_nothing(client, topic):
    item = asked(topic)
    for answer_of in ("", "?happened=no", "?happened=yes"):
        assert client.get(happened_url(item) + answer_of).status_code == 200
    assert FulfilmentCheck.objects.get().happened == ""


@pytest.mark.parametrize("happened", Happened.values)
def test_one_tap_is_enough_and_twice_is_once(happened, client, topic):
    item = asked(topic)
    for url in (happened_url(item), f"{page_of(item.receipt)}happened/{item.pk}/"):
        assert client.post(url, {"happened": happened}).status_code == 302
    assert FulfilmentCheck.objects.get().happened == happened
    assert AnswerOwed.objects.waiting().count() == (happened == Happened.NO)
    assert Event.objects.filter(verb="looked back").count() == 1
    assert "Dank u." in client.get(happened_url(item)).content.decode()


def test_a_no_comes_back_to_who_answered(topic, editor):
    item = asked(topic, owner=editor)
    save_fulfilment_reply(item=item, happened=Happened.NO)
    debt = AnswerOwed.objects.waiting().get()
    assert (debt.owner, debt.due_on) == (editor, today(14))
    assert board.counts(AnswerOwed.objects.filter(owner=editor))[board.REOPENED_PART] == 1
    page = signed_in(editor).get(reverse("owner", args=[editor.pk])).content.decode()
    assert "Opnieuw antwoorden" in page and f'name="owed" value="{debt.pk}"' in page
    assert not Contribution.objects.unread().exists(), "A tap is nothing to read."


def test_words_are_read_and_answered_also_with_a_yes(topic):
    item = asked(topic)
    save_fulfilment_reply(item=item, happened=Happened.YES, words="Maar het licht doet het niet.")
    said = Contribution.objects.get(slot=f"happened:{item.pk}")
    assert said.reading == Reading.UNREAD and said.owed.get().state == Owed.OPEN


def test_a_yes_after_a_bare_no_takes_the_debt_off_and_a_no_puts_it_back(topic):
    item = asked(topic)
    for happened, state in ((Happened.NO, Owed.OPEN), (Happened.YES, Owed.WAIVED), (Happened.NO, Owed.OPEN)):
        save_fulfilment_reply(item=item, happened=happened)
        assert AnswerOwed.objects.get(contribution__slot=f"happened:{item.pk}").state == state
    save_fulfilment_reply(item=item, happened=Happened.NO, words="Nog steeds niet.")
    save_fulfilment_reply(item=item, happened=Happened.YES)
    waiting = AnswerOwed.objects.waiting().get()
    assert waiting.contribution.text == "Nog steeds niet.", "What was said stays owed an answer."


def test_the_page_shows_what_was_said_and_what_is_owed_for_it(client, topic, editor):
    item = asked(topic, owner=editor)
    client.post(f"{page_of(item.receipt)}happened/{item.pk}/", {"happened": "no"})
    page = client.get(page_of(item.receipt)).content.decode()
    assert "Wat u beloofde, is er niet." in page and "Hier komt ons antwoord" in page
    assert "Uw woorden zijn gewist" not in page
    assert "nee, het is er niet" in str(private.download(item.receipt))


def test_who_withdrew_first_puts_it_back(client, topic):
    item = asked(topic)
    private.withdraw_receipt(receipt=item.receipt)
    with pytest.raises(DomainError):
        save_fulfilment_reply(item=item, happened=Happened.NO)
    for url in (happened_url(item), f"{page_of(item.receipt)}happened/{item.pk}/"):
        assert client.post(url, {"happened": "no", "words": "Toch niet"}).status_code == 422
    assert FulfilmentCheck.objects.get().happened == ""


@pytest.mark.parametrize("posted", [{}, {"happened": "maybe"}, {"happened": "no", "words": "x" * 2001}])
def test_what_is_not_clear_is_refused_and_kept_on_screen(posted, client, topic):
    item = asked(topic)
    for url in (happened_url(item), f"{page_of(item.receipt)}happened/{item.pk}/"):
        response = client.post(url, posted)
        assert response.status_code == 422 and posted.get("words", "") in response.content.decode()
    assert FulfilmentCheck.objects.get().happened == ""


def test_what_was_not_asked_can_not_be_said(client, topic):
    item = promised(topic, days=30)
    assert client.get(happened_url(item)).status_code == 404
    assert client.post(happened_url(item), {"happened": "no"}).status_code == 404
    assert client.post(f"{page_of(item.receipt)}happened/{item.pk}/", {"happened": "no"}).status_code == 404


def test_erasing_takes_it_along(topic):
    item = asked(topic, receipt=make_contact().receipt)
    save_fulfilment_reply(item=item, happened=Happened.NO, words="Niets te zien.")
    private.erase(receipt=item.receipt)
    assert not FulfilmentCheck.objects.exists() and not Contribution.objects.exists() and not mails()


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "stays"), [(30, True), (PAST, True), (PAST - 8, False), (None, False)])
def test_an_address_stays_until_we_asked_and_no_longer(days, stays, topic):
    contact = make_contact(confirmed_at=timezone.now() - timedelta(days=400))
    item = promised(topic, receipt=contact.receipt, happens_on=None if days is None else today(days))
    FollowUpItem.objects.filter(pk=item.pk).update(created_at=timezone.now() - timedelta(days=300))
    retention.erase_addresses(timezone.now(), 60)
    assert Contact.objects.filter(pk=contact.pk).exists() is stays


def test_an_address_goes_so_many_days_after_we_asked(topic):
    contact = make_contact(confirmed_at=timezone.now() - timedelta(days=400))
    item = promised(topic, receipt=contact.receipt)
    FollowUpItem.objects.filter(pk=item.pk).update(created_at=timezone.now() - timedelta(days=300))
    FulfilmentCheck.objects.create(item=item, asked_on=today(-59))
    retention.erase_addresses(timezone.now(), 60)
    assert Contact.objects.exists()
    FulfilmentCheck.objects.update(asked_on=today(-61))
    retention.erase_addresses(timezone.now(), 60)
    assert not Contact.objects.exists()


# --- rates ------------------------------------------------------------------------------------


def said(topic, editor, *, yes: int, no: int) -> FollowUp:
    item = None
    for number in range(yes + no):
        item = answer(make_debt(topic, receipt=make_receipt(), owner=editor), owner=editor)
        item.follow_up.areas.set([topic.area])
        Reaction.objects.create(item=item, answers_me=number < yes)
        FulfilmentCheck.objects.create(item=item, happened=Happened.YES, said_on=today())
    assert item is not None
    return item.follow_up


@pytest.mark.parametrize(("yes", "no", "shown"), [(9, 0, False), (8, 2, True), (0, 10, True)])
def test_a_rate_is_never_of_so_few_that_one_shows(yes, no, shown, topic, editor, municipality):
    follow_up = said(topic, editor, yes=yes, no=no)
    found = reckoning.rates_of_survey(follow_up.audience["source"]).answered
    assert (found.shown, found.replied, found.yes) == (shown, yes + no, yes if shown else 0)
    assert reckoning.rates_of_owner(editor.pk, FollowUp.objects.all()).happened.shown is shown


def test_the_owner_and_who_leads_see_the_rate_of_an_owner(topic, editor, viewer, administrator):
    make_debt(topic, owner=editor)
    said(topic, editor, yes=9, no=3)
    url = reverse("owner", args=[editor.pk])
    for colleague, sees in ((editor, True), (administrator, True), (viewer, False)):
        page = signed_in(colleague).get(url).content.decode()
        assert ("9 van de 12" in page) is sees
        board = signed_in(colleague).get(reverse("waiting"), {"by": "owner"}).content.decode()
        assert ("gaf volgens 9 van de 12" in board) is (colleague == administrator)


def test_the_answer_shows_whether_it_happened(topic, editor):
    item = asked(topic, owner=editor)
    item.follow_up.areas.set([topic.area])
    url = reverse("followup_progress", args=[item.follow_up_id])
    assert (
        "Wij vroegen 1 persoon of wij deden wat wij beloofden" in signed_in(editor).get(url).content.decode()
    )


def test_days_are_those_of_the_clock_on_the_wall(topic):
    """Just after midnight here it is yesterday in Greenwich."""
    promised(topic, happens_on=date(2026, 1, 1))
    here = timezone.get_current_timezone()
    before = timezone.datetime(2026, 2, 11, 23, 59, tzinfo=here)
    send_fulfilment_checks(before)
    assert not FulfilmentCheck.objects.exists()
    send_fulfilment_checks(before + timedelta(minutes=2))
    assert FulfilmentCheck.objects.get().asked_on == date(2026, 2, 12)


def test_a_no_takes_up_again_what_was_rounded_off(topic, editor):
    promise = make_promise(owner=editor, rounded_off_on=today(-3))
    save_fulfilment_reply(item=asked(topic, owner=editor), happened=Happened.NO)
    promise.refresh_from_db()
    assert promise.rounded_off_on is None and len(promise.taken_up_again) == 1
