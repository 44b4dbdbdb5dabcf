"""A poll whose people wait: some reached by mail, some by their page alone."""

from accounts.models import Receipt, User
from feedback.answers.services import release
from feedback.answers.services.release import fan_out_released
from feedback.models import FollowUp, Topic
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_receipt
from tests.people import make_user


def make_readers(topic: Topic, owner: User, *, mailed: int = 2, page_only: int = 1) -> list[Receipt]:
    """Readers who wait for an answer about `topic`; the first `mailed` of them left an address."""
    readers = []
    for number in range(mailed + page_only):
        receipt = make_contact().receipt if number < mailed else make_receipt()
        make_debt(topic, receipt=receipt, owner=owner)
        readers.append(receipt)
    return readers


def released(topic: Topic, owner: User, settings, **fields) -> FollowUp:
    """A follow-up to everybody who waits about `topic`, fanned out; its mail waits in the outbox."""
    settings.HOLD_SECONDS = 0
    follow_up = make_follow_up(source=topic.source, key=topic.key, owner=owner, **fields)
    release.schedule_release(follow_up=follow_up, by=owner)
    release.end_holds()
    fan_out_released()
    follow_up.refresh_from_db()
    return follow_up


def make_owner() -> User:
    return make_user(title="neighbourhood manager")
