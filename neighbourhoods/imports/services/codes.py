"""Codes of areas in a year from a file with figures or postcodes: stored as versions without a border."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.errors import DomainError
from neighbourhoods.imports.services.matching import NamedArea, OurAreas
from neighbourhoods.models import AreaVersion


def save_area_codes(told: Iterable[tuple[int, NamedArea]], *, ours: OurAreas, source: str) -> list[int]:
    """Store code and name of each area (by id) for years without a version. Returns the new ids."""
    wanted = {(area, named.year): named for area, named in told if not ours.has_version(area, named.year)}
    made = AreaVersion.objects.bulk_create(
        AreaVersion(
            area_id=area,
            year=year,
            code=named.code,
            name=named.name or ours.areas[area].name,
            source=source,
        )
        for (area, year), named in wanted.items()
    )
    return [version.pk for version in made]


def remove_area_codes(versions: Iterable[int]) -> None:
    """Undo `save_area_codes`. Raises DomainError if one of the versions got a border since."""
    made = AreaVersion.objects.filter(pk__in=versions)
    if made.filter(boundary__isnull=False).exists():
        raise DomainError(_("Some of these areas got a border since. Undo that file first."))
    made.delete()
