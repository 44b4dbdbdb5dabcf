"""The contents of the desk's first page: answers due soon or late, key persons to review, matching work."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.deadlines import is_late
from feedback.answers.services import board
from feedback.answers.views.board import topic_name, topic_url
from feedback.models import AnswerOwed, Topic
from initiatives.matching.services import overdue_items
from initiatives.models import Need, Offer
from initiatives.needs.services.named import Named, named_lately
from neighbourhoods.models import Area
from neighbourhoods.profile.services.inventory import reviews_soon
from neighbourhoods.states import Power

_MAX_ROWS = 5


@dataclass(frozen=True)
class Due:
    title: str
    area: str
    people: int
    due_on: date
    days_left: int
    url: str

    @property
    def is_late(self) -> bool:
        return is_late(self.due_on)


def due_from(user: User) -> list[Due]:
    """Answers this colleague owns that are late or due within a week, late ones first; at most five topics."""
    rows, _more = AnswerOwed.objects.filter(owner=user).lately(user, board.board_rows, "topic")
    pressing = [row for row in rows if row.days_left <= board.SOON.days][:_MAX_ROWS]
    topics = Topic.objects.select_related("area").in_bulk([row.key for row in pressing])
    return [
        Due(
            title=topic_name(topics[row.key]),
            area=topics[row.key].area.name,
            people=row.late or row.people,
            due_on=row.due_on,
            days_left=row.days_left,
            url=topic_url(row.key, owner=str(user.pk)),
        )
        for row in pressing
    ]


@dataclass(frozen=True)
class Review:
    """Key persons in one area whose permission is due for review; contains no names."""

    area: Area
    people: int
    due_on: date
    is_past: bool
    url: str


def reviews_due(user: User) -> list[Review]:
    """Per area where this colleague works, earliest review first; at most five."""
    today = timezone.localdate()
    per_area: dict[Area, list[date]] = {}
    for person in reviews_soon(user):
        per_area.setdefault(person.area, []).append(person.review_on or today)
    return [
        Review(area, len(days), days[0], days[0] <= today, reverse("key_persons", args=[area.slug]))
        for area, days in list(per_area.items())[:_MAX_ROWS]
    ]


@dataclass(frozen=True)
class Hands:
    """Offers, initiatives and needs that wait for this colleague."""

    late_offers: int
    due: list[overdue_items.DueToday]


def hands_due(user: User) -> Hands:
    """In areas where this colleague is coordinator: late offers, and at most five other items due by today."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).values("pk")
    today = timezone.localdate()
    offers = Offer.objects.late(today).filter(area__in=mine)
    return Hands(offers.count(), overdue_items.items_due(user, today, most=_MAX_ROWS))


def needs_without_link(user: User) -> int:
    """Needs without a link in the areas where this colleague is coordinator."""
    mine = Area.objects.where(user, least=Power.COORDINATOR)
    return Need.objects.without_link().filter(area__in=mine).count()


def topics_left(user: User) -> Named:
    """What people named in the areas where this colleague is coordinator, and how much of it has nothing yet."""
    return named_lately(Area.objects.where(user, least=Power.COORDINATOR).values_list("pk", flat=True), user)
