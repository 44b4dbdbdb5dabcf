"""Mail that a person has to look at: who sees it, what it becomes, and that its words go when it is settled."""

import pytest
from django.urls import reverse

from accounts.models import Event
from feedback.models import Contribution, Incoming
from feedback.states import IncomingState, Owed
from neighbourhoods.states import Role
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_incoming,
    make_promise,
    make_topic,
    today,
)
from tests.people import make_membership, make_user, signed_in


@pytest.fixture
def debt(area, editor):
    contact = make_contact(email="somebody@example.nl")
    return make_debt(make_topic(area=area, title="Een bankje"), receipt=contact.receipt, owner=editor)


@pytest.fixture
def item(debt, area, editor):
    follow_up = make_follow_up(areas=[area], owner=editor)
    follow_up.named.create(owed=debt, receipt=debt.receipt)
    return follow_up.items.create(receipt=debt.receipt)


@pytest.fixture
def mail(debt):
    return make_incoming(debt.receipt, text="Bel mij op 0612345678.")


def test_it_is_listed_masked_and_without_address(mail, coordinator):
    client = signed_in(coordinator)
    for url in (reverse("incoming"), reverse("incoming_one", args=[mail.pk])):
        page = client.get(url).content.decode()
        assert "Bel mij op" in page and "0612345678" not in page and "partner@example.nl" not in page
    assert reverse("incoming") in client.get(reverse("outbox")).content.decode()


def test_danger_comes_first(debt, coordinator):
    make_incoming(debt.receipt, text="Wanneer?")
    make_incoming(debt.receipt, text="Mijn man slaat mij.")
    page = signed_in(coordinator).get(reverse("incoming")).content.decode()
    assert page.index("slaat mij") < page.index("Wanneer?")


def test_mail_of_nobody_we_know_is_for_who_works_everywhere(area, coordinator, administrator):
    mail = make_incoming()
    url = reverse("incoming_one", args=[mail.pk])
    assert signed_in(coordinator).get(url).status_code == 404
    assert signed_in(administrator).get(url).status_code == 200


def test_who_coordinates_one_of_two_neighbourhoods_only_reads_of_neither(mail, debt, coordinator, next_area):
    """What it answers lies in two neighbourhoods; taking it in concerns both."""
    make_debt(make_topic(area=next_area), receipt=debt.receipt)
    assert signed_in(coordinator).get(reverse("incoming_one", args=[mail.pk])).status_code == 403


def test_sender_is_shown_when_asked_and_that_is_kept(mail, coordinator):
    page = signed_in(coordinator).post(reverse("incoming_sender", args=[mail.pk])).content.decode()
    assert "partner@example.nl" in page and Event.objects.about(mail).get().verb == "contact shown"


def test_it_becomes_something_said_to_an_answer(mail, item, coordinator, editor):
    response = signed_in(coordinator).post(
        reverse("incoming_link", args=[mail.pk]), {"to": f"item-{item.pk}"}, follow=True
    )
    assert "Opgenomen" in response.content.decode()
    said = Contribution.objects.get(slot=f"reply:{item.pk}:1")
    assert said.owed.get().owner == editor and said.owed.get().due_on == today(14)
    mail.refresh_from_db()
    assert (mail.state, mail.contribution, mail.text, mail.from_address) == (
        IncomingState.TAKEN,
        said,
        "",
        "",
    )


def test_it_becomes_something_said_about_what_still_waits(mail, debt, coordinator, editor):
    signed_in(coordinator).post(reverse("incoming_link", args=[mail.pk]), {"to": f"owed-{debt.topic_id}"})
    said = Contribution.objects.get(slot="mail:1")
    assert said.topic == debt.topic and said.owed.get().owner == editor


def test_what_was_mailed_survives_the_next_answer_to_the_survey(mail, debt, coordinator):
    """Booking lets go of what was unsaid; a mail was not said there."""
    from feedback.contributions.services.contributions import ContributionRecorder

    make_promise(debt.topic.source, owner=debt.owner)
    signed_in(coordinator).post(reverse("incoming_link", args=[mail.pk]), {"to": f"owed-{debt.topic_id}"})
    ContributionRecorder(
        receipt=debt.receipt_id, source=debt.topic.source, area=debt.topic.area_id, language="nl", day=today()
    ).record([], is_first=False)
    assert Contribution.objects.filter(slot="mail:1").exists()


@pytest.mark.parametrize("to", ["", "item-0", "owed-0", "nonsense"])
def test_where_it_does_not_belong_is_refused(to, mail, coordinator):
    response = signed_in(coordinator).post(reverse("incoming_link", args=[mail.pk]), {"to": to})
    assert response.status_code == 422 and Incoming.objects.get().state == IncomingState.WAITING


def test_nobody_else_gets_the_words(mail, coordinator, editor, area):
    """The item of another resident is no place for them."""
    other = make_debt(make_topic(area=area), owner=editor, state=Owed.PUBLISHED)
    follow_up = make_follow_up(areas=[area], owner=editor)
    theirs = follow_up.items.create(receipt=other.receipt)
    response = signed_in(coordinator).post(
        reverse("incoming_link", args=[mail.pk]), {"to": f"item-{theirs.pk}"}
    )
    assert response.status_code == 422


def test_thrown_away_its_words_are_gone(mail, coordinator):
    client, url = signed_in(coordinator), reverse("incoming_discard", args=[mail.pk])
    assert client.post(url, {"note": " "}).status_code == 422
    client.post(url, {"note": "Gebeld."})
    mail.refresh_from_db()
    assert (mail.state, mail.text, mail.masked_text, mail.subject, mail.from_address) == (
        IncomingState.DISCARDED, "", "", "", "",
    )  # fmt: skip
    assert client.get(reverse("incoming_one", args=[mail.pk])).status_code == 200


def test_two_colleagues_settle_it_once(mail, item, coordinator, editor):
    signed_in(coordinator).post(reverse("incoming_discard", args=[mail.pk]), {"note": "Gebeld."})
    response = signed_in(editor).post(reverse("incoming_link", args=[mail.pk]), {"to": f"item-{item.pk}"})
    assert response.status_code == 422
    assert not Contribution.objects.filter(slot__startswith="reply:").exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BACKER])
def test_who_looks_on_sees_none_of_it(role, mail, area):
    colleague = make_user(title="looks on")
    make_membership(colleague, role, area)
    assert signed_in(colleague).get(reverse("incoming_one", args=[mail.pk])).status_code == 403


def test_page_of_the_resident_says_what_was_not_kept(debt, item, client):
    from accounts.links import LinkPurpose, sign_link

    said = make_contribution(
        debt.topic, receipt=debt.receipt, text="Wanneer?", kind="reaction", slot=f"reply:{item.pk}:1"
    )
    Incoming.objects.create(
        key="a", state=IncomingState.TAKEN, contribution=said, receipt=debt.receipt, had_attachments=True,
        settled_at=item.created_at,
    )  # fmt: skip
    for url in (
        reverse("private_page", args=[sign_link(debt.receipt, LinkPurpose.PAGE)]),
        reverse("private_item", args=[sign_link(debt.receipt, LinkPurpose.ITEM, str(item.pk))]),
    ):
        page = client.get(url).content.decode()
        assert "Wanneer?" in page and "U mailde ons" in page and "Niemand heeft het gezien" in page
