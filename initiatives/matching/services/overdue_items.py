"""Everything with a day and an owner: offers, needs, and initiatives with their answers owed and tasks.

Read in one way, for the mail about late items and for the coordinator's day.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from core.deadlines import past_due
from core.i18n import pick
from initiatives.models import Initiative, Need, Offer, Task
from initiatives.wording import offer_name
from neighbourhoods.models import Area, Membership, Theme
from neighbourhoods.states import Power, Role, power

LEAD_DELAY_DAYS = 3
"""Days after which a late step is reported to the lead too."""
WORKING_ROLES = [role for role in Role if power(role) >= Power.COORDINATOR]


@dataclass(frozen=True)
class DueItemKind:
    """One kind of row: its open rows, where its day and owner are, and how it is described."""

    name: str
    open: Callable[[], QuerySet[Any]]
    say: Callable[[Any], tuple[str, str]]
    """(name, what has to be done)."""
    url: Callable[[Any], str]
    day: str = "next_action_on"
    at: str = ""
    """Lookup prefix of owner and area, when a related row has them."""
    related: tuple[str, ...] = ("owner", "area")
    always: bool = True
    """Whether an item without a working owner is reported at once; otherwise only once it is late."""
    titled: str = "name"
    """Fields of its name (per language) and of what has to be done."""
    to_do: str = "next_action"
    about: str = ""
    """Field of the theme, which names rows without a name."""
    of: Callable[["_DueRow"], Any] = lambda line: line
    """Makes an unsaved row, to describe it, from a row of the union."""


class _DueRow(NamedTuple):
    """The columns the coordinator's day shows of a row."""

    kind: str
    key: int
    day: date
    title: str
    to_do: str
    theme: str
    area: str

    @property
    def initiative(self) -> Initiative:
        return Initiative(
            pk=self.key,
            name=_texts(self.title),
            theme=Theme(name=_texts(self.theme)),
            next_action=self.to_do,
        )


def _texts(json_text: str) -> dict[str, str]:
    return json.loads(json_text) if json_text else {}


@dataclass(frozen=True)
class DueToday:
    """An item whose day has come, in the reader's language."""

    name: str
    action: str
    url: str
    day: date
    area: str


@dataclass(frozen=True)
class OverdueItem:
    """An item past its day, or without a working owner."""

    key: str
    day: date
    owner: User | None
    area: Area
    is_looked_after: bool
    row: Any
    kind: DueItemKind

    lead_after = LEAD_DELAY_DAYS

    @property
    def areas(self) -> tuple[Area, ...]:
        return (self.area,)

    @property
    def name(self) -> str:
        return self.kind.say(self.row)[0]

    @property
    def action(self) -> str:
        return self.kind.say(self.row)[1]

    @property
    def url(self) -> str:
        return self.kind.url(self.row)


def _offer(offer: Offer) -> tuple[str, str]:
    return offer_name(offer.pk, offer.what), offer.next_action


def _initiative(initiative: Initiative) -> tuple[str, str]:
    return initiative.label, initiative.next_action


def _answer(initiative: Initiative) -> tuple[str, str]:
    return initiative.label, _("answer who began it")


def _task(task: Task) -> tuple[str, str]:
    what = {"what": pick(task.what, get_language() or "")}
    return task.initiative.label, _("in the plan: %(what)s") % what


def _need(need: Need) -> tuple[str, str]:
    return pick(need.title, get_language() or ""), need.next_action or _("look at it again")


def _page_of(initiative: Initiative) -> str:
    return reverse("initiative", args=[initiative.pk])


RELATED_FIELDS = ("owner", "area", "theme")
_DUE_ITEM_KINDS = (
    DueItemKind("offer", lambda: Offer.objects.waiting(), _offer, lambda one: reverse("hand", args=[one.pk])),
    DueItemKind(
        "initiative", lambda: Initiative.objects.with_owner(), _initiative, _page_of,
        related=RELATED_FIELDS, about="theme__name", of=lambda line: line.initiative,
    ),
    DueItemKind(
        "answer", lambda: Initiative.objects.owing(), _answer, _page_of,
        day="owed_on", related=RELATED_FIELDS, always=False, about="theme__name", of=lambda line: line.initiative,
    ),
    DueItemKind(
        "task", lambda: Task.objects.to_do(), _task,
        lambda one: _page_of(one.initiative),
        day="before", at="initiative__", always=False,
        related=("initiative__owner", "initiative__area", "initiative__theme"),
        titled="initiative__name", to_do="what", about="initiative__theme__name",
        of=lambda line: Task(initiative=line.initiative, what=_texts(line.to_do)),
    ),
    DueItemKind(
        "need", lambda: Need.objects.open(), _need, lambda one: reverse("need", args=[one.pk]), titled="title",
        of=lambda line: Need(pk=line.key, title=_texts(line.title), next_action=line.to_do),
    ),
)  # fmt: skip


def overdue_items(today: date, *, until: date | None = None) -> Iterator[OverdueItem]:
    """Items past their day or without a working owner; with `until` also items due by then."""
    for kind in _DUE_ITEM_KINDS:
        due = Q(the_day__range=(today, until)) if until else Q(pk=None)
        rows = _with_owner_annotations(kind).filter(_past(kind, today) | due)
        yield from (_late(kind, row) for row in rows.iterator(chunk_size=500))


def items_due(user: User, today: date, *, most: int) -> list[DueToday]:
    """Items other than offers due by today in areas where `user` is coordinator or that they own, longest
    late first. One query, of the few columns a list shows; offers have a list of their own."""
    first, *others = [_lines(kind, user, today) for kind in _DUE_ITEM_KINDS[1:]]
    lines = first.union(*others, all=True).order_by("line_day", "line_kind", "line_key")[:most]
    return [_due(_DueRow(*line)) for line in lines]


def _lines(kind: DueItemKind, user: User, today: date) -> QuerySet[Any, Any]:
    mine = Area.objects.where(user, least=Power.COORDINATOR).values("pk")
    here = Q(**{f"{kind.at}area__in": mine}) | Q(**{f"{kind.at}owner": user})
    return (
        kind.open()
        .filter(here)
        .order_by()
        .annotate(
            line_kind=Value(kind.name, output_field=TextField()),
            line_key=F("initiative_id" if kind.at else "pk"),
            line_day=F(kind.day),
            line_title=Cast(kind.titled, TextField()),
            line_to_do=Cast(kind.to_do, TextField()),
            line_theme=Cast(kind.about, TextField()) if kind.about else Value("", output_field=TextField()),
            line_area=F(f"{kind.at}area__name"),
        )
        .filter(line_day__lte=today)
        .values_list(*(f"line_{field}" for field in _DueRow._fields))
    )


def _due(line: _DueRow) -> DueToday:
    kind = next(kind for kind in _DUE_ITEM_KINDS if kind.name == line.kind)
    row = kind.of(line)
    return DueToday(*kind.say(row), kind.url(row), line.day, line.area)


def _with_owner_annotations(kind: DueItemKind) -> QuerySet[Any]:
    area, owner = OuterRef(f"{kind.at}area"), OuterRef(f"{kind.at}owner")
    around = Q(area=area) | Q(area__children=area) | Q(area__children__children=area)
    works = Membership.objects.current().filter(around, user=owner, role__in=WORKING_ROLES)
    rows = kind.open().annotate(looked_after=Exists(works.order_by()), the_day=F(kind.day))
    return rows.select_related(*kind.related).order_by("pk")


def _past(kind: DueItemKind, today: date) -> Q:
    past = past_due("the_day", today)
    return past | Q(looked_after=False, the_day__isnull=False) if kind.always else past


def _late(kind: DueItemKind, row: Any) -> OverdueItem:
    whose = row.initiative if kind.at else row
    return OverdueItem(
        f"{kind.name}:{row.pk}", row.the_day, whose.owner, whose.area, row.looked_after, row, kind
    )
