"""Areas that administrators make and change by hand."""

from datetime import date

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from neighbourhoods.areas.borders import Border
from neighbourhoods.areas.services import outlines
from neighbourhoods.colleagues.services.memberships import administers
from neighbourhoods.models import Area, AreaVersion
from neighbourhoods.states import AreaKind


class FreeSlugs:
    """Generates unused slugs; reads the taken ones once, so that thousands of names cost one query."""

    # Paths under desk/areas/ that are not areas.
    RESERVED = frozenset({"new", "compare"})

    def __init__(self) -> None:
        self._taken = set(self.RESERVED) | set(Area.objects.values_list("slug", flat=True))

    def take(self, name: str) -> str:
        start = slugify(name)[:130] or "area"
        slug, number = start, 1
        while slug in self._taken:
            number += 1
            slug = f"{start}-{number}"
        self._taken.add(slug)
        return slug


@transaction.atomic
def make_area(
    *, name: str, kind: str, parent: Area, by: User, year: int | None = None, border: Border | None = None
) -> Area:
    """Make a district in the municipality, or a neighbourhood in either, with its border if given.

    Raises DomainError if the user is no administrator there or the place or name is not possible.
    """
    if not administers(by, parent):
        raise DomainError(_("You can only make areas inside an area of which you are an administrator."))
    _check_place(kind, parent)
    _check_name(name, parent)
    area = Area.objects.create(name=name, kind=kind, parent=parent, slug=FreeSlugs().take(name))
    if border and year:
        set_border(area=area, year=year, border=border)
    Event.log("made area", area, by=by, note=name)
    return area


@transaction.atomic
def change_area(
    *,
    area: Area,
    name: str,
    parent: Area | None,
    ended_on: date | None,
    by: User,
    year: int | None = None,
    border: Border | None = None,
) -> Area:
    """Change the name, parent, end or border. The slug stays, because printed addresses use it."""
    if not administers(by, area, *([parent] if parent else [])):
        raise DomainError(_("You can only change areas of which you are an administrator."))
    if area.kind == AreaKind.MUNICIPALITY:
        parent, ended_on = None, None
    elif parent is None:
        raise DomainError(_("Choose in which area it lies."))
    else:
        if parent.pk != area.parent_id:
            _check_place(area.kind, parent)
        _check_name(name, parent, besides=area)
    area.name, area.parent, area.ended_on = name, parent, ended_on
    area.save(update_fields=["name", "parent", "ended_on"])
    if border and year:
        set_border(area=area, year=year, border=border)
    Event.log("changed area", area, by=by, note=name)
    return area


def set_border(*, area: Area, year: int, border: Border) -> AreaVersion:
    """Set the border of one year; the code of that year stays."""
    geometry, (west, south, east, north) = border
    fields = {"boundary": geometry, "west": west, "south": south, "east": east, "north": north}
    version, _created = AreaVersion.objects.update_or_create(
        area=area, year=year, defaults=fields | {"name": area.name}
    )
    outlines.redraw(area.kind, year)
    return version


def _check_place(kind: str, parent: Area) -> None:
    allowed = {
        AreaKind.DISTRICT: {AreaKind.MUNICIPALITY},
        AreaKind.NEIGHBOURHOOD: {AreaKind.MUNICIPALITY, AreaKind.DISTRICT},
    }
    if parent.kind not in allowed.get(AreaKind(kind), set()):
        raise DomainError(
            _("A district lies in the municipality, a neighbourhood in a district or in the municipality.")
        )


def _check_name(name: str, parent: Area, besides: Area | None = None) -> None:
    there = Area.objects.filter(parent=parent, name__iexact=name)
    if besides:
        there = there.exclude(pk=besides.pk)
    if there.exists():
        raise DomainError(_("There is an area with this name here already."))
