"""Words of residents for others: read, clear, chosen, and only while they agree."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.links import LinkPurpose, sign_link
from core.errors import InvalidTransition
from feedback.contributions.services.contributions import allow_quoting, choose_quote, quotes
from feedback.contributions.services.listening import save_reading
from feedback.models import Contribution
from feedback.private import services as private
from feedback.states import Reading
from tests.feedback.factories import make_contribution, make_topic
from tests.people import signed_in


@pytest.fixture
def text(area):
    topic = make_topic("question:9", area=area)
    return make_contribution(
        topic, text="Meer licht, bel Jan", masked_text="Meer licht, bel ▇▇▇", reading="clear"
    )


@pytest.fixture
def quoted(text, coordinator):
    allow_quoting(contribution=text, allowed=True)
    choose_quote(contribution=text, seen=0, chosen=True, by=coordinator)
    return text


def shown(client, area):
    return "Meer licht" in client.get(reverse("neighbourhood", args=[area.slug])).content.decode()


def test_others_read_the_masked_words(quoted, area, client):
    page = client.get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert "Meer licht" in page and "Jan" not in page
    assert quotes("survey:1") == [quoted] and quotes("survey:2") == []


def sensitive(text, by):
    text.refresh_from_db()
    save_reading(contribution=text, seen=text.revision, reading=Reading.SENSITIVE, themes=[], by=by)


@pytest.mark.parametrize(
    "what",
    [
        lambda text, by: allow_quoting(contribution=text, allowed=False),
        lambda text, by: private.withdraw_receipt(receipt=text.receipt),
        lambda text, by: private.erase(receipt=text.receipt),
        lambda text, by: Contribution.objects.filter(pk=text.pk).rewrite("Iets anders"),
        lambda text, by: choose_quote(contribution=text, seen=0, chosen=False, by=by),
        sensitive,
    ],
    ids=["taken back", "withdrawn", "erased", "other words", "no longer chosen", "sensitive after all"],
)
def test_it_is_gone_at_once(what, quoted, area, client, coordinator):
    assert shown(client, area)
    what(quoted, coordinator)
    assert not shown(client, area) and quotes() == []


@pytest.mark.parametrize("reading", [Reading.UNREAD, Reading.SENSITIVE])
def test_what_is_not_clear_is_no_quote(reading, text, coordinator):
    allow_quoting(contribution=text, allowed=True)
    Contribution.objects.filter(pk=text.pk).update(reading=reading)
    with pytest.raises(InvalidTransition):
        choose_quote(contribution=text, seen=0, chosen=True, by=coordinator)


def test_without_consent_there_is_no_quote_not_even_in_the_database(text, coordinator):
    with pytest.raises(InvalidTransition):
        choose_quote(contribution=text, seen=0, chosen=True, by=coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.filter(pk=text.pk).update(quoted_on=text.said_on)


def test_residents_switch_it_on_and_off_for_each_text(text, coordinator, client):
    token = sign_link(text.receipt, LinkPurpose.PAGE)
    page, url = reverse("private_page", args=[token]), reverse("private_quote", args=[token])
    assert "Ja, dit mag u laten lezen" in client.get(page).content.decode()
    client.post(url, {"slot": text.slot, "action": "allow"})
    text.refresh_from_db()
    assert text.may_quote_since
    assert "mogen wij dit laten lezen" in client.get(page).content.decode()
    client.post(url, {"slot": text.slot, "action": "take_back"})
    text.refresh_from_db()
    assert not text.may_quote_since
    assert client.post(url, {"slot": "other", "action": "allow"}).status_code == 302


def test_nobody_agrees_for_somebody_else(text, area, client):
    other = make_contribution(text.topic, text="Van een buur", slot="else")
    url = reverse("private_quote", args=[sign_link(other.receipt, LinkPurpose.PAGE)])
    client.post(url, {"slot": text.slot, "action": "allow"})
    text.refresh_from_db()
    assert not text.may_quote_since


def test_choosing_on_the_desk(text, coordinator):
    client, url = signed_in(coordinator), reverse("listening_quote", args=[text.pk])
    page = client.get(reverse("listen_to", args=[text.pk])).content.decode()
    assert "heeft daar geen ja op gezegd" in page
    allow_quoting(contribution=text, allowed=True)
    client.post(url, {"seen": 0, "action": "choose"})
    text.refresh_from_db()
    assert text.quoted_by == coordinator
    client.post(url, {"seen": 0, "action": "drop"})
    text.refresh_from_db()
    assert text.quoted_on is None and text.may_quote_since


def test_where_people_under_16_take_part_nobody_is_asked(text, client):
    type(text.receipt).objects.filter(pk=text.receipt_id).update(without_contact=True)
    token = sign_link(text.receipt, LinkPurpose.PAGE)
    assert "laten lezen" not in client.get(reverse("private_page", args=[token])).content.decode()
    client.post(reverse("private_quote", args=[token]), {"slot": text.slot, "action": "allow"})
    allow_quoting(contribution=text, allowed=True)
    text.refresh_from_db()
    assert not text.may_quote_since
