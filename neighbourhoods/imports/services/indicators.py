"""Indicators: the built-in dictionary, and what the municipality made of it.

An indicator of the dictionary is stored with its first figures. From then on it belongs to the municipality: its
name, explanation, unit, order and whether it is shown on the profile are never overwritten.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.i18n import pick
from neighbourhoods.imports import columns
from neighbourhoods.imports.columns import DictionaryIndicator, column_key, indicator_dictionary
from neighbourhoods.models import ColumnMapping, Indicator, Source
from neighbourhoods.states import Nature


def indicators_by_slug() -> dict[str, Indicator]:
    """Every indicator by slug; those of the dictionary without figures are unsaved instances."""
    found = {slug: _unsaved_indicator(one) for slug, one in indicator_dictionary().items()}
    found |= {one.slug: one for one in Indicator.objects.all()}
    return dict(sorted(found.items(), key=lambda one: (one[1].order, one[0])))


def _unsaved_indicator(one: DictionaryIndicator) -> Indicator:
    return Indicator(
        slug=one.slug,
        name=dict(one.name),
        explanation=dict(one.explanation),
        sentence=dict(one.sentence),
        unit=one.unit,
        nature=one.nature,
        decimals=one.decimals,
        columns=list(one.columns),
        order=one.order,
        is_key=one.is_key,
    )


def indicator_name(one: Indicator) -> str:
    return pick(one.name, get_language() or "nl") or one.slug


def slugs_by_column(indicators: dict[str, Indicator]) -> dict[str, str]:
    """Maps column names, normalised by `columns.key`, to the slug of an indicator, or "" to leave the column out.

    Remembered column mappings take precedence, then the municipality's own names, then the dictionary.
    """
    found = {column_key(name): slug for slug, one in indicator_dictionary().items() for name in one.columns}
    found |= {column_key(name): slug for slug, one in indicators.items() if one.pk for name in one.columns}
    for mapping in ColumnMapping.objects.order_by("pk"):
        found |= {name: slug for name, slug in mapping.columns.items() if not slug or slug in indicators}
    return found


def never_zero(slug: str) -> bool:
    return slug in indicator_dictionary() and indicator_dictionary()[slug].never_zero


def source_of(slug: str) -> dict[str, str] | None:
    """The publisher of an indicator of the dictionary; None if it differs per file."""
    one = indicator_dictionary().get(slug)
    return columns.sources()[one.source] if one and one.source else None


def save_indicators(wanted: Iterable[Indicator]) -> list[int]:
    """Save the new ones; existing ones stay unchanged. Returns the ids of the new ones."""
    made = Indicator.objects.bulk_create(one for one in wanted if one.pk is None)
    return [one.pk for one in made]


def save_sources(wanted: Iterable[dict[str, str]]) -> tuple[dict[str, Source], list[int]]:
    """The sources by name, and the ids of new ones; existing ones stay unchanged."""
    fields = {one["name"]: one for one in wanted}
    there = {one.name: one for one in Source.objects.filter(name__in=fields)}
    made = Source.objects.bulk_create(Source(**fields[name]) for name in fields if name not in there)
    return there | {one.name: one for one in made}, [one.pk for one in made]


def new_indicator(*, name: str, unit: str, nature: str, column: str, taken: Iterable[str]) -> Indicator:
    """An unsaved indicator that only this municipality measures, named in its own words."""
    start = slugify(name)[:50].replace("-", "_") or "figure"
    slug, number, used = start, 1, set(taken)
    while slug in used:
        number += 1
        slug = f"{start}_{number}"
    return Indicator(
        slug=slug,
        name={"nl": name},
        unit=unit[:20],
        nature=nature if nature in Nature.values else Nature.COUNT,
        decimals=0 if nature == Nature.COUNT else 1,
        columns=[column],
    )


def save_column_mapping(*, name: str, meanings: dict[str, str]) -> ColumnMapping:
    """Remember what the columns of a file mean, for the next similar file."""
    mapping, created = ColumnMapping.objects.get_or_create(name=name, defaults={"columns": meanings})
    if not created:
        mapping.columns = mapping.columns | meanings
        mapping.save(update_fields=["columns"])
    return mapping


# --- desk -------------------------------------------------------------------------------------


@transaction.atomic
def change_indicator(*, indicator: Indicator, by: User, **fields: Any) -> Indicator:
    for name, value in fields.items():
        setattr(indicator, name, value)
    indicator.save(update_fields=list(fields))
    Event.log("changed indicator", indicator, by=by, note=pick(indicator.name, "nl"))
    return indicator


@transaction.atomic
def move_indicator(*, indicator: Indicator, down: bool, by: User) -> None:
    """One place up or down in the list; a no-op at the end."""
    listed = list(Indicator.objects.select_for_update().all())
    here = listed.index(indicator)
    there = here + (1 if down else -1)
    if not 0 <= there < len(listed):
        return
    listed[here], listed[there] = listed[there], listed[here]
    for order, one in enumerate(listed, start=1):
        one.order = 10 * order
    Indicator.objects.bulk_update(listed, ["order"])
    Event.log("moved indicator", indicator, by=by)


@transaction.atomic
def change_source(*, source: Source, by: User, **fields: Any) -> Source:
    if Source.objects.exclude(pk=source.pk).filter(name=fields["name"]).exists():
        raise DomainError(_("There is a source with this name already."))
    for name, value in fields.items():
        setattr(source, name, value)
    source.save(update_fields=list(fields))
    Event.log("changed source", source, by=by, note=source.name)
    return source
