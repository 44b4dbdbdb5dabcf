"""Changes to the settings and themes of the municipality."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from neighbourhoods.models import Municipality, Theme


def lock_settings() -> Municipality:
    """Lock the municipality for this transaction."""
    return Municipality.objects.select_for_update().get_or_create(pk=1)[0]


@transaction.atomic
def save_settings(*, changes: dict[str, Any], by: User, held: Municipality | None = None) -> Municipality:
    """Save changed settings. The event names the fields, not the old values. Pass `held` if it is locked already."""
    municipality = held or lock_settings()
    changed = [field for field, value in changes.items() if getattr(municipality, field) != value]
    if changed:
        for field in changed:
            setattr(municipality, field, changes[field])
        municipality.save(update_fields=changed)
        Event.log("changed settings", municipality, by=by, fields=", ".join(changed))
        transaction.on_commit(municipality.forget_cached)
    return municipality


def set_code(code: str, *, instead_of: str | None = None) -> str | None:
    """Set the code of the municipality from a file; with `instead_of` only if that is the current code.

    Runs in the caller's transaction. Returns the old code, for undoing; None if nothing changed.
    """
    municipality = Municipality.objects.select_for_update().filter(pk=1).first()
    if municipality is None or municipality.code == code or instead_of not in (None, municipality.code):
        return None
    before, municipality.code = municipality.code, code
    municipality.save(update_fields=["code"])
    transaction.on_commit(municipality.forget_cached)
    return before


# --- themes -----------------------------------------------------------------------------------

# Common themes; the municipality adapts the list.
FIRST_THEMES = [
    {"nl": "Ontmoeten", "en": "Meeting each other"},
    {"nl": "Groen en spelen", "en": "Green and play"},
    {"nl": "Verkeer en parkeren", "en": "Traffic and parking"},
    {"nl": "Veiligheid", "en": "Safety"},
    {"nl": "Schoon en heel", "en": "Clean and whole"},
    {"nl": "Wonen", "en": "Housing"},
    {"nl": "Jeugd", "en": "Young people"},
    {"nl": "Zorg en rondkomen", "en": "Care and making ends meet"},
]


@transaction.atomic
def add_theme(*, name: dict[str, str], by: User | None) -> Theme:
    """Add a theme at the end of the list. Its slug never changes, because topics refer to it."""
    said = pick(name, "nl")
    if any(theme.retired_on is None and _same(theme.name, name) for theme in Theme.objects.all()):
        raise DomainError(_("There is a theme with this name already."))
    last = Theme.objects.order_by("-order").first()
    theme = Theme.objects.create(slug=_free_slug(said), name=name, order=last.order + 1 if last else 1)
    Event.log("added theme", theme, by=by, note=said)
    return theme


def _same(one: dict[str, str], other: dict[str, str]) -> bool:
    return any(one.get(code, "").casefold() == words.casefold() for code, words in other.items())


def _free_slug(words: str) -> str:
    start = slugify(words)[:44] or "theme"
    taken = set(Theme.objects.filter(slug__startswith=start).values_list("slug", flat=True))
    numbers = (f"{start}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (start, *numbers) if slug not in taken)


@transaction.atomic
def change_theme(
    *, theme: Theme, name: dict[str, str], words: dict[str, str] | None = None, by: User
) -> Theme:
    """Change the name, and the words that suggestions start with (None leaves those)."""
    others = Theme.objects.in_use().exclude(pk=theme.pk)
    if any(_same(other.name, name) for other in others):
        raise DomainError(_("There is a theme with this name already."))
    theme.name = name
    if words is not None:
        theme.words = words
    theme.save(update_fields=["name", "words"])
    Event.log("renamed theme", theme, by=by, note=pick(name, "nl"))
    return theme


@transaction.atomic
def move_theme(*, theme: Theme, down: bool, by: User) -> None:
    """One place up or down among the themes in use; a no-op at the end."""
    themes = list(Theme.objects.select_for_update().in_use())
    here = themes.index(theme) if theme in themes else -1
    there = here + (1 if down else -1)
    if here < 0 or not 0 <= there < len(themes):
        return
    themes[here], themes[there] = themes[there], themes[here]
    for order, one in enumerate(themes, start=1):
        one.order = order
    Theme.objects.bulk_update(themes, ["order"])
    Event.log("moved theme", theme, by=by)


@transaction.atomic
def retire_theme(*, theme: Theme, by: User, on: date | None = None) -> None:
    """Retire a theme: it is not offered any more, but existing records keep it."""
    if not Theme.objects.in_use().filter(pk=theme.pk).update(retired_on=on or timezone.localdate()):
        raise InvalidTransition(_("This theme is out of use already."))
    Event.log("retired theme", theme, by=by)


@transaction.atomic
def restore_theme(*, theme: Theme, by: User) -> None:
    if not Theme.objects.filter(pk=theme.pk, retired_on__isnull=False).update(retired_on=None):
        raise InvalidTransition(_("This theme is in use."))
    Event.log("brought theme back", theme, by=by)
