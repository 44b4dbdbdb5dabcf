"""Whom a follow-up is for. Colleagues see counts and channels here, never addresses."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.models import Contact, Receipt
from feedback.models import AnswerOwed, FollowUp
from feedback.states import ANSWERED, Owed
from neighbourhoods.models import Area


def debts(follow_up: FollowUp) -> "QuerySet[AnswerOwed]":
    """The answers owed that this follow-up would name if release were pressed now.

    A correction goes to whoever got what it corrects, answered already or asking again.
    """
    if follow_up.corrects_id:
        return AnswerOwed.objects.filter(
            named_by__follow_up=follow_up.corrects_id, state__in=[Owed.OPEN, *ANSWERED]
        )
    wanted = follow_up.audience
    found = AnswerOwed.objects.waiting().filter(topic__source=wanted.get("source", ""))
    if key := wanted.get("key"):
        found = found.filter(topic__key__in=[key] if isinstance(key, str) else key)
    if theme := wanted.get("theme"):
        found = found.filter(topic__theme=theme)
    if areas := wanted.get("areas"):
        found = found.filter(topic__area__in=Area.objects.inside(areas))
    return found


@dataclass(frozen=True)
class Reach:
    """How many readers, and how they are reached. `by_mail` may turn out lower when mail leaves."""

    readers: int
    by_mail: int
    languages: dict[str, int]

    @property
    def page_only(self) -> int:
        return self.readers - self.by_mail


def reach(follow_up: FollowUp) -> Reach:
    """Counted over people, in two queries: languages, and who can be mailed."""
    readers = Receipt.objects.filter(pk__in=debts(follow_up).values("receipt"))
    languages = dict(readers.values_list("language").annotate(n=Count("pk")).order_by("-n", "language"))
    by_mail = Contact.objects.reachable().filter(~Q(email=""), receipt__in=readers.values("pk")).count()
    return Reach(sum(languages.values()), by_mail, languages)
