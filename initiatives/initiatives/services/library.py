"""The library of proven approaches of this municipality: its changes over approaches.toml.

Only differences are stored, so later releases reach the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import get_or_gone, refresh_or_gone
from initiatives.initiatives.approach_wording import APPROACH_REASON_TEXTS
from initiatives.initiatives.approaches import (
    APPROACHES,
    APPROACHES_BY_SLUG,
    ApproachQuery,
    ProvenApproach,
    differences,
    rank_approaches,
    stems,
)
from initiatives.initiatives.approaches import apply_changes as in_own_words
from initiatives.initiatives.approaches import own_approach as own_approach
from initiatives.models import Approach as Row
from initiatives.models import Initiative, Need
from initiatives.states import PUBLIC_INITIATIVES, InitiativeState
from neighbourhoods.advice.services import advice_for
from neighbourhoods.models import Area, Theme, has_in_each
from neighbourhoods.profile.services.inventory import lock_areas
from neighbourhoods.states import Power

CACHE_KEY = "approaches"
RESERVED_SLUGS = {"new"}  # the URL of another page


@dataclass(frozen=True)
class Entry:
    """An approach as it holds here, its library version, and the changes."""

    approach: ProvenApproach
    base: ProvenApproach | None = None
    changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    hidden_on: date | None = None

    @property
    def slug(self) -> str:
        return self.approach.slug

    @property
    def is_own(self) -> bool:
        return self.base is None


def entries() -> list[Entry]:
    """Library approaches in their order, then the municipality's own by name; includes hidden ones."""
    rows = _rows()
    found = []
    for base in APPROACHES:
        changes, _is_own, hidden_on = rows.get(base.slug, ({}, False, None))
        found.append(Entry(in_own_words(base, changes), base, changes, hidden_on))
    added = [
        Entry(own_approach(slug, changes), None, {}, hidden_on)
        for slug, (changes, is_own, hidden_on) in rows.items()
        if is_own and slug not in APPROACHES_BY_SLUG
    ]
    return found + sorted(added, key=lambda entry: pick(entry.approach.name, get_language() or "").casefold())


def approaches() -> tuple[ProvenApproach, ...]:
    """Approaches that are not hidden."""
    return tuple(entry.approach for entry in entries() if entry.hidden_on is None)


def find_approach(slug: str) -> Entry | None:
    return next((entry for entry in entries() if entry.slug == slug), None)


def _rows() -> dict[str, tuple[dict[str, Any], bool, date | None]]:
    """Cached for a minute; saving clears the cache."""
    found: Any = cache.get(CACHE_KEY)
    if found is None:
        rows = Row.objects.values_list("slug", "changes", "is_own", "hidden_on")
        found = {slug: (changes, is_own, hidden_on) for slug, changes, is_own, hidden_on in rows}
        cache.set(CACHE_KEY, found, 60)
    return found


def forget_cached() -> None:
    cache.delete(CACHE_KEY)


# --- approaches that fit ------------------------------------------------------------------------


@dataclass(frozen=True)
class ApproachSuggestion:
    """An approach for an initiative or a need, with the reasons for and against."""

    approach: ProvenApproach
    reasons: list[str]
    against: list[str]
    here: list[Initiative]


def approaches_for(
    area: Area,
    theme: Theme | None,
    need: Need | None = None,
    *,
    words: str = "",
    budget: int | None = None,
    hours: float | None = None,
    most: int | None = None,
) -> list[ApproachSuggestion]:
    """Every approach, best first, for something on `theme` in `area`.

    Depends on the advice for the area, the theme, the words, and the means: `budget` in euros and `hours` a
    week, which default to those known of the area. Rendered by initiatives/parts/approaches_that_fit.html.
    """
    advice = advice_for(area)
    known = advice.inputs
    inputs = changed(
        known,
        budget=known.budget if budget is None else budget,
        hours=known.hours if hours is None else hours,
    )
    advice = changed(advice, inputs=inputs)
    theme = theme or (need.theme if need else None)
    sought = ApproachQuery(theme.slug if theme else "", stems(words, *(need.title.values() if need else ())))
    fits = rank_approaches(advice, approaches(), sought)[:most]
    running = initiatives_by_approach(area, [one.approach.slug for one in fits])
    return [
        ApproachSuggestion(
            one.approach,
            [str(APPROACH_REASON_TEXTS[mark]) for mark in one.reasons],
            [str(APPROACH_REASON_TEXTS[mark]) for mark in one.against],
            running.get(one.approach.slug, []),
        )
        for one in fits
    ]


def initiatives_by_approach(area: Area, slugs: list[str]) -> dict[str, list[Initiative]]:
    """Public initiatives in the area per approach, which neighbours can join."""
    found: dict[str, list[Initiative]] = {}
    there = Initiative.objects.inside(area).filter(approach__in=slugs, state__in=PUBLIC_INITIATIVES)
    for initiative in there.select_related("area"):
        found.setdefault(initiative.approach, []).append(initiative)
    return found


@transaction.atomic
def choose_approach(*, initiative: Initiative, slug: str, by: User) -> None:
    """Set the approach of an initiative; "" for none. Idempotent."""
    if slug and slug not in {one.slug for one in approaches()}:
        raise DomainError(_("This approach is not there any more."))
    if Initiative.objects.filter(pk=initiative.pk).exclude(approach=slug).update(approach=slug):
        Event.log("chose an approach", initiative, by=by, note=slug)
    refresh_or_gone(initiative)


# --- changing the library -----------------------------------------------------------------------


def lock_approach(slug: str) -> Row:
    """Lock the row of this approach, creating it if needed, so that concurrent saves wait."""
    defaults = {"is_own": slug not in APPROACHES_BY_SLUG}
    return Row.objects.select_for_update().get_or_create(slug=slug, defaults=defaults)[0]


@transaction.atomic
def change(
    *, slug: str, values: Mapping[str, Any], by: User, held: Row | None = None, now: date | None = None
) -> Row:
    """Change texts or conditions. `held` is the row if the caller locked it. Raises DomainError if there is
    no such approach."""
    entry = find_approach(slug)
    if entry is None:
        raise DomainError(_("This approach is not there any more."))
    row = held or lock_approach(slug)
    kept = dict(values) if entry.base is None else differences(entry.base, values)
    if kept != row.changes:
        _write(row, by=by, now=now, changes=kept)
        Event.log("changed", row, by=by)
    return row


@transaction.atomic
def add_approach(*, values: Mapping[str, Any], by: User, now: date | None = None) -> Row:
    """Add an approach of the municipality. Its slug follows from its first name, and stays when the name changes."""
    name = next((words for words in values["name"].values() if words), "")
    start = slugify(name)[:50] or "approach"
    taken = RESERVED_SLUGS | set(APPROACHES_BY_SLUG)
    numbers = (f"{start}-{number}" for number in range(2, 1000))
    for slug in (start, *numbers):
        if slug in taken:
            continue
        row, made = Row.objects.get_or_create(slug=slug, defaults={"changes": dict(values), "is_own": True})
        if made:
            break
        if row.changes == dict(values):  # the second of two taps
            return row
    _write(row, by=by, now=now)
    Event.log("added", row, by=by, note=name[:200])
    return row


@transaction.atomic
def hide(*, slug: str, by: User, now: date | None = None) -> None:
    """Remove it from lists and suggestions. Initiatives that use it keep it."""
    row = lock_approach(slug)
    if row.hidden_on is not None:
        raise InvalidTransition(_("This approach is hidden already."))
    _write(row, by=by, now=now, hidden_on=now or timezone.localdate())
    Event.log("hid", row, by=by)


@transaction.atomic
def show(*, slug: str, by: User, now: date | None = None) -> None:
    row = lock_approach(slug)
    if row.hidden_on is None:
        raise InvalidTransition(_("This approach is shown already."))
    _write(row, by=by, now=now, hidden_on=None)
    Event.log("showed again", row, by=by)


@transaction.atomic
def reset_to_library(*, slug: str, by: User, now: date | None = None) -> None:
    """Drop all changes, so that it follows the library again."""
    if slug not in APPROACHES_BY_SLUG:
        raise DomainError(_("This approach is your own: the library has no words for it."))
    row = lock_approach(slug)
    if row.changes:
        _write(row, by=by, now=now, changes={})
        Event.log("went back to the library", row, by=by)


def _write(row: Row, *, by: User, now: date | None, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.changed_on, row.changed_by = now or timezone.localdate(), by
    row.save()
    transaction.on_commit(forget_cached)


# The inventory of initiatives: added, changed, confirmed, stopped.


@transaction.atomic
def save_initiative(
    *, by: User, area: Area, initiative: Initiative | None = None, **fields: Any
) -> Initiative:
    """Add or change an initiative, and mark it as checked today. Raises DomainError if a running one has this
    name here, or if `by` is no coordinator here."""
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))
    lock_areas([area])
    there = Initiative.objects.running().filter(area=area, name=fields["name"])
    if (there.exclude(pk=initiative.pk) if initiative else there).exists():
        raise DomainError(_("This initiative is noted here already. Change that one."))
    verb = "changed" if initiative else "added"
    fields |= {"area": area, "checked_on": timezone.localdate()}
    if initiative:
        # Save only the form's fields: a colleague may have changed the next step meanwhile.
        initiative = get_or_gone(Initiative.objects.select_for_update(no_key=True), pk=initiative.pk)
        for name, value in fields.items():
            setattr(initiative, name, value)
        initiative.save(update_fields=fields)
    else:
        # An initiative in the inventory runs, so it is public from today.
        initiative = Initiative.objects.create(public_on=timezone.localdate(), **fields)
    Event.log(verb, initiative, by=by, note=pick(initiative.name, "nl"))
    return initiative


@transaction.atomic
def confirm_initiative(*, initiative: Initiative, by: User) -> None:
    """Confirm that it still runs. Raises InvalidTransition if it does not."""
    running = Initiative.objects.running().filter(pk=initiative.pk)
    if not running.update(checked_on=timezone.localdate()):
        raise InvalidTransition(_("This has stopped. Take it up again first."))
    Event.log("checked", initiative, by=by)


@transaction.atomic
def stop_initiative(*, initiative: Initiative, by: User) -> None:
    """End it; it stays in the list. One with an owner is ended on its own page, with thanks: raises DomainError."""
    if initiative.owner_id is not None:
        raise DomainError(_("Somebody looks after this. End it on its own page, with thanks."))
    running = Initiative.objects.running().filter(pk=initiative.pk, owner=None)
    if not running.move(InitiativeState.ENDED, checked_on=timezone.localdate()):
        raise InvalidTransition(_("This has stopped already."))
    Event.log("stopped", initiative, by=by)


@transaction.atomic
def reopen_initiative(*, initiative: Initiative, by: User) -> None:
    if initiative.owner_id is not None:
        raise DomainError(_("Somebody looks after this. Take it up again on its own page, with a next step."))
    stopped = Initiative.objects.filter(pk=initiative.pk, state=InitiativeState.ENDED, owner=None)
    if not stopped.move(InitiativeState.RUNNING, checked_on=timezone.localdate()):
        raise InvalidTransition(_("This is running."))
    Event.log("took up again", initiative, by=by)
