"""Plain factory functions: figures, and what there is in a neighbourhood."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from neighbourhoods.models import Area, Figure, Indicator, KeyPerson, Party, Place, Source
from neighbourhoods.states import Gap, KeyPersonKind, Nature, PartyKind, PlaceKind
from tests.people import make_area

_number = count(1)


def make_source(name: str = "CBS") -> Source:
    return Source.objects.get_or_create(name=name)[0]


def make_indicator(slug: str = "", *, nature: str = Nature.PERCENTAGE, **fields) -> Indicator:
    """One that shown on the profile."""
    number = next(_number)
    slug = slug or f"indicator_{number}"
    unit = "%" if nature in (Nature.PERCENTAGE, Nature.ESTIMATE) else ""
    fields = {
        "name": {"nl": slug.capitalize(), "en": slug.capitalize()}, "unit": unit, "order": number, "is_key": True,
    } | fields  # fmt: skip
    return Indicator.objects.create(slug=slug, nature=nature, **fields)


def make_people() -> Indicator:
    """How many people live somewhere: what shares are weighted by."""
    return make_indicator("residents", nature=Nature.COUNT)


def make_figure(
    area: Area, indicator: Indicator, value: float | None = None, *, year: int = 2024, **fields
) -> Figure:
    """Without a value: kept secret."""
    fields = {"gap": "" if value is not None else Gap.SECRET} | fields
    fields.setdefault("source", make_source())
    return Figure.objects.create(area=area, indicator=indicator, value=value, year=year, **fields)


def make_party(*, areas: list[Area] | None = None, **fields) -> Party:
    fields = {"name": f"Party {next(_number)}", "kind": PartyKind.ORGANISATION} | fields
    party = Party.objects.create(**fields)
    party.areas.set(areas or [make_area()])
    return party


def make_place(*, area: Area | None = None, **fields) -> Place:
    fields = {"name": f"Place {next(_number)}", "kind": PlaceKind.MEETING} | fields
    return Place.objects.create(area=area or make_area(), **fields)


def make_key_person(*, area: Area | None = None, name: str = "", review: int = 100, **fields) -> KeyPerson:
    """Spoken to today. With a name also the permission, the notice, and a review in `review` days."""
    today = timezone.localdate()
    fields = {"role": "a hairdresser", "kind": KeyPersonKind.SHOP, "spoken_on": today} | fields
    if name:
        fields = {
            "name": name, "permission_on": today, "notified_on": today,
            "review_on": today + timedelta(days=review),
        } | fields  # fmt: skip
    return KeyPerson.objects.create(area=area or make_area(), **fields)
