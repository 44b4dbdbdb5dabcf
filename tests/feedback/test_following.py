"""Following a neighbourhood without having answered: beginning, news, stopping."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, open_link, sign_link
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from feedback.contacts.services import hearing_back
from feedback.delivery.services import pump
from feedback.models import Following, Message
from feedback.private import services as private
from feedback.states import MessagePurpose, MessageState
from neighbourhoods.settings.retention import run_retention_jobs
from tests.feedback.audiences import make_owner, make_readers, released
from tests.feedback.factories import make_follow_up, make_topic
from tests.surveys.drafts import make_open

pytestmark = pytest.mark.django_db
ADDRESS = "neighbour@example.nl"


def follow(area, email: str = ADDRESS, language: str = "nl", **fields) -> Contact:
    wanted = {"is_16_or_older": True, "consent_sentence": "Ja, mail mij."} | fields
    return hearing_back.follow_area(area=area, email=email, language=language, **wanted)


def follower(area, email: str = ADDRESS, language: str = "nl") -> Following:
    contact = follow(area, email, language)
    hearing_back.confirm_address(receipt=contact.receipt, key=hearing_back.confirm_key(contact))
    return Following.objects.get(receipt=contact.receipt)


def news() -> list[Message]:
    return list(Message.objects.filter(purpose=MessagePurpose.NEWS).order_by("pk"))


# --- beginning --------------------------------------------------------------------------------


def test_following_asks_first_whether_the_address_is_theirs(area):
    contact = follow(area)
    assert contact.receipt.purpose == ReceiptPurpose.FOLLOWING
    assert not Following.objects.reachable().exists()
    assert [m.purpose for m in Message.objects.all()] == [MessagePurpose.CONFIRM]


def test_following_twice_is_following_once(area, next_area):
    follower(area)
    follow(area, ADDRESS.upper())
    assert Following.objects.count() == 1
    follow(next_area)
    assert Following.objects.count() == 2


def test_nobody_younger_than_16(area):
    with pytest.raises(DomainError):
        follow(area, is_16_or_older=False)
    assert not Receipt.objects.exists()


def test_the_page_says_the_same_to_who_follows_already(area):
    follower(area)
    address, form = reverse("follow", args=[area.slug]), {"consent": "on", "is_16_or_older": "on"}
    told = []
    for email in (ADDRESS, "other@example.nl"):
        page = Client().post(address, form | {"email": email}).content.decode()
        told.append(re.sub(r'value="[^"]*"', "", page.replace(email, "")))
    assert told[0] == told[1]


def test_nobody_puts_somebody_back_on_who_stopped(area):
    stopped = follower(area)
    hearing_back.unsubscribe(receipt=stopped.receipt)
    follow(area)  # a stranger who knows the address, or its holder who wants it again
    hearing_back.notify_followers(make_follow_up(areas=[area]), now=timezone.now())
    assert not news(), "Only the holder of the mailbox lifts that, with the button in the mail."
    again = Contact.objects.get(unsubscribed_at=None)
    hearing_back.confirm_address(receipt=again.receipt, key=hearing_back.confirm_key(again))
    hearing_back.notify_followers(make_follow_up(areas=[area]), now=timezone.now())
    assert [message.receipt_id for message in news()] == [again.receipt_id]


@pytest.mark.parametrize(
    "wrong", [{"email": "nobody"}, {"email": ""}, {"consent": ""}, {"is_16_or_older": ""}]
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(wrong, area):
    form = {"email": ADDRESS, "consent": "on", "is_16_or_older": "on"} | wrong
    page = Client().post(reverse("follow", args=[area.slug]), form)
    assert page.status_code == 422 and not Following.objects.exists()
    assert form["email"] in page.content.decode()


# --- news -------------------------------------------------------------------------------------


def test_an_answer_is_news_for_who_follows_there(area, next_area, district, settings):
    here, around, elsewhere = (follower(one, f"{one.slug}@example.nl") for one in (area, district, next_area))
    topic, owner = make_topic("option:31", area=area), make_owner()
    make_readers(topic, owner, mailed=2)
    released(topic, owner, settings, areas=[area])
    assert {m.receipt_id for m in news()} == {here.receipt_id, around.receipt_id}
    assert elsewhere.receipt_id not in {m.receipt_id for m in news()}
    assert "Dit gaat door." in news()[0].text


def test_nobody_gets_news_twice(area):
    follower(area)
    follow_up = make_follow_up(areas=[area])
    hearing_back.notify_followers(follow_up, now=timezone.now())
    hearing_back.notify_followers(follow_up, now=timezone.now())
    assert len(news()) == 1


def test_a_survey_that_opens_is_news(area, editor, backer):
    follower(area, language="en")
    survey = make_open(areas=[area], by=editor, backer=backer)
    (told,) = news()
    assert told.language == "en" and reverse("start", args=[survey.channels.first().code]) in told.text


def test_news_arrives_with_a_way_to_stop(area, sink):
    one = follower(area)
    Message.objects.all().delete()
    hearing_back.notify_followers(make_follow_up(areas=[area]), now=timezone.now())
    pump.dispatch_due()
    (told,), (mail,) = news(), sink.mails
    assert (told.state, told.text) == (MessageState.SENT, "")
    for place in (mail.get_body(("plain",)).get_content(), mail["List-Unsubscribe"]):
        (token,) = re.findall(r"/v/u/([^/]+)/", place)
        assert open_link(token, LinkPurpose.UNSUBSCRIBE)[0] == one.receipt
    assert "nabij.invalid" not in mail.as_string()


def test_who_stopped_gets_no_news(area):
    one = follower(area)
    hearing_back.unsubscribe(receipt=one.receipt)
    hearing_back.notify_followers(make_follow_up(areas=[area]), now=timezone.now())
    assert not news()
    page = Client().get(
        reverse("private_unsubscribe", args=[sign_link(one.receipt, LinkPurpose.UNSUBSCRIBE)])
    )
    assert area.name in page.content.decode()


# --- ending -----------------------------------------------------------------------------------


def test_erasing_leaves_nothing(area):
    one = follower(area)
    hearing_back.notify_followers(make_follow_up(areas=[area]), now=timezone.now())
    private.erase(receipt=one.receipt)
    assert not Following.objects.exists() and not Contact.objects.exists() and not news()


def test_who_stopped_or_never_confirmed_is_forgotten(area, next_area):
    stopped, staying = follower(area), follower(area, "stays@example.nl")
    follow(next_area, "never@example.nl")
    long_ago = timezone.now() - timedelta(days=40)
    Contact.objects.filter(receipt=stopped.receipt).update(unsubscribed_at=long_ago)
    Contact.objects.filter(email="never@example.nl").update(created_at=long_ago)
    run_retention_jobs()
    run_retention_jobs()
    assert list(Following.objects.all()) == [staying]


def test_the_own_page_says_what_is_followed(area):
    one = follower(area)
    page = (
        Client()
        .get(reverse("private_page", args=[sign_link(one.receipt, LinkPurpose.PAGE)]))
        .content.decode()
    )
    assert area.name in page and reverse("neighbourhood", args=[area.slug]) in page
