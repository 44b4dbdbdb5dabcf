"""Removes areas that a file created when that file is undone, unless anything else refers to them."""

from django.db import router
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from core.errors import DomainError
from neighbourhoods.models import Area, AreaVersion
from neighbourhoods.states import AreaKind


def remove_areas(made: list[int]) -> None:
    """Raises DomainError if anybody works there, anything was said there, or a border was set."""
    if AreaVersion.objects.filter(area__in=made, boundary__isnull=False).exists():
        raise DomainError(_still_used())
    # Smallest first: neighbourhoods protect the district they lie in.
    for kind in (AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT):
        areas = list(Area.objects.filter(pk__in=made, kind=kind))
        collector = Collector(using=router.db_for_write(Area))
        try:
            collector.collect(areas)
        except (ProtectedError, RestrictedError) as error:
            raise DomainError(_still_used()) from error
        others = {model for model, rows in collector.data.items() if rows} - {Area, AreaVersion}
        others |= {
            query.model
            for query in collector.fast_deletes
            if query.model is not AreaVersion and query.exists()
        }
        if others:
            raise DomainError(_still_used())
        collector.delete()


def _still_used() -> str:
    return _(
        "Something hangs on areas that this file made: a border, figures, a survey or a role. Undo that first."
    )
