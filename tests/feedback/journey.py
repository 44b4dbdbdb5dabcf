"""A resident who said something, and the municipality that answered: shared by the tests of private pages."""

from accounts.links import LinkPurpose, sign_link
from accounts.models import Receipt
from feedback.models import FollowUp, FollowUpItem, NamedDebt
from feedback.states import FollowUpState, Owed
from tests.feedback.factories import make_debt, make_follow_up


def answer(*debts, message=None, **fields) -> FollowUpItem:
    """One follow-up, handed out, that names these debts of one reader and answered them."""
    receipt = debts[0].receipt
    follow_up: FollowUp = make_follow_up(state=FollowUpState.FANNED_OUT, addressed=1, **fields)
    for debt in debts:
        NamedDebt.objects.create(follow_up=follow_up, owed=debt, receipt=receipt)
        debt.move(Owed.PUBLISHED)
    return FollowUpItem.objects.create(follow_up=follow_up, receipt=receipt, message=message)


def answered(receipt: Receipt, **fields) -> FollowUpItem:
    return answer(make_debt(receipt=receipt), **fields)


def page_of(receipt: Receipt) -> str:
    return f"/v/{sign_link(receipt, LinkPurpose.PAGE)}/"


def item_url(item: FollowUpItem) -> str:
    return f"/v/i/{sign_link(item.receipt, LinkPurpose.ITEM, str(item.pk))}/"
