"""Changes to the rules of participation, section by section."""

from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from accounts.models import Event, User
from neighbourhoods.models import ParticipationRules
from neighbourhoods.wording import in_english


def lock_rules() -> ParticipationRules:
    """Lock the rules for this transaction; a concurrent save waits and then sees the new values."""
    return ParticipationRules.objects.select_for_update().get_or_create(pk=1)[0]


@transaction.atomic
def change_rules(
    *, section: str | Promise, changes: dict[str, Any], by: User, held: ParticipationRules | None = None
) -> ParticipationRules:
    """Write one section. The event names the section, not the old values. Pass `held` if the rules are already
    locked.
    """
    rules = held or lock_rules()
    changed = [field for field, value in changes.items() if getattr(rules, field) != value]
    if changed:
        for field in changed:
            setattr(rules, field, changes[field])
        rules.save(update_fields=changed)
        Event.log("changed rules of participation", rules, by=by, part=in_english(section))
        transaction.on_commit(rules.forget_cached)
    return rules


def back_to_default(*, section: str | Promise, fields: tuple[str, ...], by: User) -> ParticipationRules:
    """Clear these fields, so that the defaults of neighbourhoods.rules apply."""
    untouched = ParticipationRules()
    empty = {field: getattr(untouched, field) for field in fields}
    return change_rules(section=section, changes=empty, by=by)
