"""Mail that invites, with the worker killed again and again: nobody twice, nobody lost, nobody against their wish."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Contact
from core.errors import DomainError
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards
from feedback.models import Message
from feedback.states import UNSETTLED_STATES, MessagePurpose, MessageState
from surveys.invitations.services import invitations
from surveys.models import AddressList, Invitation, Mailing
from surveys.states import MailingState
from tests.crash.house import House, address, dropped, held_table, misbehave, wait_until, waits_for_lock
from tests.people import make_area, make_municipality, make_root, make_user
from tests.surveys.invited import answer
from tests.surveys.polls import make_survey

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

INVITED = 300
KILLS = 2  # in each round
AT_A_TIME = 3  # who answer, and who unsubscribe, between two kills


@pytest.fixture
def addresses(house) -> AddressList:
    make_root()
    make_municipality()
    guards.outbox_may_send()
    editor = make_user(title="wijkmanager")
    survey = make_survey(areas=[make_area("Oosterhaven")], owner=editor)
    found = invitations.create_address_list(
        survey=survey,
        name="Panel",
        content=b"",
        pasted="\n".join(address(number) for number in range(INVITED)),
        origin="uw aanmelding",
        basis="consent",
        area=None,
        by=editor,
    )
    invitations.create_invitations(addresses=found, by=editor)
    return found


def leave_now(addresses: AddressList) -> Mailing:
    """The next round is due this moment, whatever time of the day it is; what went before is days ago."""
    addresses.mailings.update(leaves_at=timezone.now() - timedelta(days=invitations.DAYS_BETWEEN + 1))
    addresses = AddressList.objects.get(pk=addresses.pk)
    mailing = invitations.plan_mailing(addresses=addresses, on=timezone.localdate(), by=addresses.created_by)
    Mailing.objects.filter(pk=mailing.pk).update(leaves_at=timezone.now())
    return mailing


def is_settled(mailing: Mailing) -> bool:
    mailing.refresh_from_db()
    return (
        mailing.state == MailingState.RELEASED
        and not Message.objects.filter(state__in=UNSETTLED_STATES, purpose=MessagePurpose.SURVEY).exists()
    )


def test_killed_again_and_again(house, addresses):
    misbehave(house.sink)
    ended: dict[str, datetime] = {}
    people = iter(reversed(range(INVITED)))
    for round in range(Mailing.LAST_ROUND + 1):
        mailing, before = leave_now(addresses), len(house.sink.mails)
        for turn in range(KILLS):
            jobs = house.jobs()
            goal = before + (turn + 1) * INVITED // (KILLS + 2)
            wait_until(lambda goal=goal: len(house.sink.mails) >= goal, what=f"{goal} mails")
            for _one in range(AT_A_TIME):
                ended |= {end(address(next(people)), by_answering=by): timezone.now() for by in (True, False)}
            house.kill(*jobs)
        jobs = house.jobs()
        wait_until(lambda mailing=mailing: is_settled(mailing), seconds=90, what=f"round {round} is out")
        house.kill(*jobs)
        assert mailing.round == round
        account_for(mailing, house, ended)
    with pytest.raises(DomainError):
        leave_now(addresses)
    assert max(Counter(house.sink.recipients).values()) == Mailing.LAST_ROUND + 1
    most = (Mailing.LAST_ROUND + 1) * KILLS * 2 * settings.OUTBOX_GROUP + len(dropped(house.sink))
    assert 1 <= Message.objects.filter(state=MessageState.UNCERTAIN).count() <= most
    assert Message.objects.filter(state__in=[MessageState.CANCELLED, MessageState.SUPPRESSED]).exists()


def end(mail_address: str, *, by_answering: bool) -> str:
    """From here on they are mailed no more."""
    if by_answering:
        *_how, begun = answer(mail_address)
        assert "/q/" in begun.url
    else:
        hearing_back.unsubscribe(receipt=Contact.objects.get(email=mail_address).receipt)
    return mail_address


def account_for(mailing: Mailing, house: House, ended: dict[str, datetime]) -> None:
    """Everybody who was invited, after one round."""
    arrived = house.sink.ids
    assert set(arrived.values()) == {1}, "somebody was mailed twice"
    messages = {
        message.receipt.contact.email: message
        for message in Message.objects.filter(
            dedupe_key__startswith=f"survey:{mailing.list_id}:{mailing.round}:"
        ).select_related("receipt__contact")
    }
    assert len(messages) == mailing.addressed
    left_out = {address(number) for number in range(INVITED)} - set(messages)
    assert left_out <= set(ended), "somebody was forgotten"
    for name, message in messages.items():
        came = arrived[message.message_id]
        if name in ended:
            assert not came or message.handed_over_at <= ended[name], "mailed after all"
        else:
            assert message.state in (MessageState.SENT, MessageState.UNCERTAIN), f"{message} was lost"
        if message.state != MessageState.UNCERTAIN:
            assert came == (message.state == MessageState.SENT), message.state
    assert Invitation.objects.filter(spent=True).count() == len(ended) // 2


@pytest.mark.server_databases
def test_killed_while_it_writes_the_mails(house, addresses):
    """All of a round are with the outbox, or none."""
    mailing = leave_now(addresses)
    with held_table("feedback_message"):
        jobs = house.jobs()
        wait_until(lambda: waits_for_lock("feedback_message"), what="the mails stand before they are written")
        house.kill(*jobs)
    mailing.refresh_from_db()
    assert mailing.state == MailingState.HOLD and not Message.objects.exists()
    house.jobs()
    wait_until(lambda: is_settled(mailing), seconds=90, what="they are out")
    account_for(mailing, house, {})
    assert mailing.addressed == INVITED == len(house.sink.mails)
