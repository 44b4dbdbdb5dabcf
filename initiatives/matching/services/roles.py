"""Volunteer roles, and the expectation card of each."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from core.errors import DomainError
from core.i18n import Texts
from core.languages import offered_languages
from core.rows import get_or_gone, gone_class
from initiatives.matching.services import endings, matches
from initiatives.models import ExpectationCard, Initiative, VolunteerRole
from initiatives.states import BOUND_MATCHES, MOMENTS, InitiativeState, Language, Rhythm, RoleState, Skill
from neighbourhoods.models import Area, Municipality, has_in_each
from neighbourhoods.states import Power


def lock_initiative(initiative: Initiative) -> Initiative:
    """Lock the initiative and return the fresh row. Lock order: the beginner's receipt first, as erasing does.

    No joins: after waiting for the lock, PostgreSQL would return the joined rows as they were before.
    """
    if initiative.receipt_id:
        held = Receipt.objects.select_for_update(no_key=True).filter(pk=initiative.receipt_id)
        held.values_list("pk").first()
    return get_or_gone(Initiative.objects.select_for_update(), pk=initiative.pk)


def lock_as_beginner(initiative: Initiative) -> Initiative:
    """The same on behalf of its beginner. Raises Receipt.DoesNotExist if they erased everything meanwhile."""
    held = lock_initiative(initiative)
    if held.receipt_id is None:
        raise gone_class(Receipt)
    return held


@transaction.atomic
def save_role(
    *, initiative: Initiative, by: User, role: VolunteerRole | None = None, **fields: Any
) -> VolunteerRole:
    """Create a role as a draft, or change one. Raises DomainError with what to correct."""
    _check(fields)
    if role is None:
        if initiative.state == InitiativeState.ENDED:
            raise DomainError(_("This has ended. Nobody is looked for any more."))
        role = VolunteerRole.objects.create(initiative=initiative, **fields)
        Event.log("added", role, by=by)
        return role
    locked = matches.lock_role(role)
    if locked.state == RoleState.OPEN:
        fields["card"] = _freeze_card(fields["card"])
    bound = locked.matches.filter(state__in=BOUND_MATCHES).count()
    if fields["people"] < bound:
        raise DomainError(
            _("%(count)d people do this already. Look for at least as many, or end what they do first.")
            % {"count": bound}
        )
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.save()
    matches.fill(role=locked)
    Event.log("changed", locked, by=by)
    return locked


def _check(fields: Mapping[str, Any]) -> None:
    known = (
        set(fields["skills"]) <= set(Skill.values)
        and set(fields["languages"]) <= set(Language.values)
        and set(fields["moments"]) <= set(MOMENTS)
        and fields["rhythm"] in Rhythm.values
    )
    if not known:
        raise DomainError(_("Choose from the list."))
    if fields["people"] < 1:
        raise DomainError(_("Look for at least one person."))
    starts, ends = fields["starts_on"], fields["ends_on"]
    if starts and ends and ends < starts:
        raise DomainError(_("It ends before it starts."))


@transaction.atomic
def open_role(*, role: VolunteerRole, by: User) -> VolunteerRole:
    """Publish the role. Raises DomainError without a complete card or if the initiative is not public."""
    initiative = lock_initiative(role.initiative)  # ending an initiative locks it too, and then its roles
    role = get_or_gone(VolunteerRole.objects.select_for_update(), pk=role.pk)
    role.card = _freeze_card(role.card)
    if not initiative.is_public:
        raise DomainError(
            _("Neighbours can't read of this initiative yet. Let it be prepared or run first.")
            if initiative.state == InitiativeState.IDEA
            else _("This has ended. Nobody is looked for any more.")
        )
    role.move(RoleState.OPEN, card=role.card)
    Event.log("opened", role, by=by)
    return role


def _freeze_card(card: ExpectationCard | None) -> ExpectationCard:
    """The newest version of the card, complete and frozen from now on. Raises DomainError if there is none or
    a text is missing."""
    if card is None:
        raise DomainError(
            _(
                "Choose an expectation card first. Nobody is asked for hands without being told what to expect."
            )
        )
    card = _lock_newest_card(card)
    if missing := card.missing(offered_languages(Municipality.current().languages)):
        names = {field.name: str(field.verbose_name) for field in card._meta.fields}
        rows = ", ".join(dict.fromkeys(names[row] for row, _code in missing))
        raise DomainError(
            _("The card “%(card)s” is not complete: %(rows)s. Fill it in first.")
            % {"card": card.name, "rows": rows}
        )
    ExpectationCard.objects.show(card)
    return card


def _lock_newest_card(card: ExpectationCard) -> ExpectationCard:
    """Lock and return the newest version, so that its words don't change meanwhile."""
    while True:
        card = get_or_gone(ExpectationCard.objects.select_for_update(no_key=True), pk=card.pk)
        if card.replaced_by is None:
            return card
        card = card.replaced_by


@transaction.atomic
def close_role(*, role: VolunteerRole, by: User) -> VolunteerRole:
    """Stop looking for volunteers. Running matches go on."""
    role = matches.lock_role(role)
    role.move(RoleState.CLOSED)
    endings.call_off_role(role=role)
    Event.log("closed", role, by=by)
    return role


# --- expectation cards ------------------------------------------------------------------------


@transaction.atomic
def save_card(
    *, by: User, card: ExpectationCard | None = None, name: str, rows: Mapping[str, Texts]
) -> ExpectationCard:
    """Save the five rows in each language of the municipality: “none” is an answer, an empty text is not.

    A card that was shown keeps its words: other words make a new version, which replaces it in the same roles
    and invitation. Returns the card in use afterwards. Raises DomainError with what to correct.
    """
    roles = (
        list(VolunteerRole.objects.select_for_update(no_key=True).filter(card=card).order_by("pk"))
        if card
        else []
    )
    if card:
        card = get_or_gone(ExpectationCard.objects.select_for_update(no_key=True), pk=card.pk)
        if card.replaced_by_id:
            raise DomainError(_("There is a newer version of this card. Have a look at that one."))
    is_renamed = card is None or card.name != name
    if is_renamed and ExpectationCard.objects.newest().filter(name=name).exists():
        raise DomainError(
            _("There is a card with this name already. Change that one, or choose another name.")
        )
    if card and (why := card_change_refusal(card, by)):
        raise DomainError(why)
    verb = "changed" if card else "added"
    words = {row: dict(rows[row]) for row in ExpectationCard.ROWS}
    saved = card or ExpectationCard()
    if card and card.shown_on and any(getattr(card, row) != words[row] for row in words):
        saved = ExpectationCard()
    saved.name = name
    for row, texts in words.items():
        setattr(saved, row, texts)
    if saved.missing(offered_languages(Municipality.current().languages)):
        raise DomainError(
            _("Fill in every row in every language. Is there nothing? Then write that: “There is no money.”")
        )
    saved.save()
    if card and saved.pk != card.pk:
        _replace(card, saved, [role.pk for role in roles])
    Event.log(verb, saved, by=by, note=saved.name)
    return saved


def _replace(card: ExpectationCard, newer: ExpectationCard, roles: list[int]) -> None:
    """Put the newer card in its place. The caller locks the roles first, then the card."""
    area = card.invites_in
    card.invites_in, card.replaced_by = None, newer
    card.save(update_fields=["invites_in", "replaced_by"])
    newer.invites_in = area
    newer.shown_on = timezone.localdate() if area else None
    newer.save(update_fields=["invites_in", "shown_on"])
    if VolunteerRole.objects.filter(pk__in=roles, state=RoleState.OPEN).exists():
        ExpectationCard.objects.show(newer)
    VolunteerRole.objects.filter(pk__in=roles).update(card=newer)


def card_change_refusal(card: ExpectationCard, by: User) -> str:
    """Why `by` may not change the card, as a sentence; "" if they may."""
    if card.replaced_by_id:
        return _("This is an earlier version. It stays as it is, for who said yes to it.")
    for relation in card._meta.related_objects:
        model = relation.related_model
        is_above = model._meta.app_label != card._meta.app_label
        if is_above and model._default_manager.filter(**{relation.field.name: card}).exists():
            return _("This card stands on a survey. Change it there, or make a copy.")
    areas = Area.objects.filter(initiatives__roles__card=card).distinct()
    if areas and not has_in_each(by, areas, least=Power.COORDINATOR):
        return _("Somebody in a neighbourhood where you don't work uses this card. Make a copy.")
    if card.invites_in and not has_in_each(by, [card.invites_in], least=Power.EDITOR):
        return _(
            "Everybody in %(area)s is invited with this card. An editor there can change it; or make a copy."
        ) % {"area": card.invites_in.name}
    return ""
