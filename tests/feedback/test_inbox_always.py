"""Whatever comes in, in whatever order and however often: each thing is taken once, and no word is lost."""

from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from feedback.delivery.services import inbox
from feedback.models import AnswerOwed, Contribution, DeliveryEvent, Incoming, Message
from feedback.states import FollowUpState, IncomingState, MessageState, Owed
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_message, make_topic
from tests.feedback.returned_mails import INBOX, complaint, reply, report
from tests.people import make_area, make_user

# What a mail is, by a letter; the number says which one of them.
KINDS = ("reply", "elsewhere", "nobody", "bounce", "full", "late", "spam", "away")
MAILS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2)), max_size=14)


@override_settings(INBOX_ADDRESS=INBOX)
class TestAlways(TestCase):
    def setUp(self):
        self.owner, area = make_user(), make_area()
        receipt = make_contact(email="somebody@example.nl").receipt
        debt = make_debt(make_topic(area=area), receipt=receipt, owner=self.owner, state=Owed.SENT)
        follow_up = make_follow_up(areas=[area], owner=self.owner, state=FollowUpState.FANNED_OUT)
        follow_up.named.create(owed=debt, receipt=receipt)
        self.message = make_message(receipt, state=MessageState.SENT)
        self.item = follow_up.items.create(receipt=receipt, message=self.message)

    def mail(self, kind: str, number: int) -> bytes:
        about, message_id = self.message.message_id, f"<{kind}-{number}@example.nl>"
        return {
            "reply": lambda: reply(f"Woord {number}", about=about, message_id=message_id),
            "elsewhere": lambda: reply(
                f"Elders {number}", about=about, message_id=message_id, sender="partner@example.nl"
            ),
            "nobody": lambda: reply(f"Niemand {number}", about="", message_id=message_id),
            "bounce": lambda: report(about=about, message_id=message_id),
            "full": lambda: report("failed", "5.2.2", about=about, message_id=message_id),
            "late": lambda: report("delayed", "4.4.1", about=about, message_id=message_id),
            "spam": lambda: complaint(about=about, message_id=message_id),
            "away": lambda: reply(about=about, message_id=message_id, Auto_Submitted="auto-replied"),
        }[kind]()

    @settings(suppress_health_check=list(HealthCheck))
    @given(mails=MAILS)
    def test_once_each_and_nothing_lost(self, mails):
        for kind, number in mails:
            inbox.process_mail(self.mail(kind, number))
        came = set(mails)
        said = Contribution.objects.filter(slot__startswith=f"reply:{self.item.pk}:")
        assert sorted(said.values_list("text", flat=True)) == sorted(
            f"Woord {number}" for kind, number in came if kind == "reply"
        )
        assert AnswerOwed.objects.filter(contribution__in=said, owner=self.owner).count() == said.count()
        waits = Incoming.objects.filter(state=IncomingState.WAITING)
        assert sorted(waits.values_list("text", flat=True)) == sorted(
            f"{'Elders' if kind == 'elsewhere' else 'Niemand'} {number}"
            for kind, number in came
            if kind in ("elsewhere", "nobody")
        )
        # A reply tells as well: that it was delivered.
        told = {one for one in came if one[0] not in ("elsewhere", "nobody")}
        assert DeliveryEvent.objects.count() == len(told)
        came_back = {"bounce", "full"} & {kind for kind, _number in came}
        state = MessageState(Message.objects.get().state)
        assert (state == MessageState.BOUNCED) == bool(came_back)
