"""What the first page of the desk puts before somebody: the answers they owe soon, or owe too late."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from feedback.models import AnswerOwed, Topic
from feedback.services import board

MOST = 5


@dataclass(frozen=True)
class Due:
    title: dict[str, str]
    people: int
    due_on: date
    days_left: int
    url: str

    @property
    def is_late(self) -> bool:
        return self.days_left < 0


def due_from(user: User) -> list[Due]:
    """What this person owns and what is late or due within a week, late first; at most five."""
    rows, _more = board.rows(AnswerOwed.objects.filter(owner=user))
    pressing = [row for row in rows if row.days_left <= board.SOON.days][:MOST]
    topics = Topic.objects.in_bulk([row.key for row in pressing])
    return [
        Due(
            title=topics[row.key].title,
            people=row.late or row.people,
            due_on=row.due_on,
            days_left=row.days_left,
            url=reverse("topic", args=[row.key]),
        )
        for row in pressing
    ]
