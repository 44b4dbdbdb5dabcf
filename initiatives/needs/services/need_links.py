"""Links of a need to what can be done about it."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.ids import is_id
from feedback.models import FollowUp
from feedback.record.services.public_record import HANDED_OUT
from feedback.registries import RelatedItem
from feedback.states import FollowUpState
from initiatives.initiatives.services.library import find_approach
from initiatives.models import Initiative, Need, NeedLink, NeedSource, Offer
from initiatives.needs.services.need_sources import lock_standing_needs
from initiatives.states import InitiativeState, LinkKind, OfferState
from neighbourhoods.models import Place

TOLD = [FollowUpState.RELEASED, *HANDED_OUT]
"""States in which residents know a decision: from its release on."""


@transaction.atomic
def link_need(*, need: Need, what: str, by: User) -> NeedLink:
    """Link the need to `what`: “place:12” or “approach:street-action”. Idempotent.

    Raises DomainError if the target is gone or `by` may not see it.
    """
    kind, _colon, key = what.partition(":")
    end = _end(kind, key, by)
    (current,) = lock_standing_needs([need])
    made, is_new = NeedLink.objects.get_or_create(need=current, kind=kind, **end, defaults={"made_by": by})
    if is_new:
        Event.log("linked", current, by=by, what=LinkKind(kind))
    return made


def _end(kind: str, key: str, by: User) -> dict[str, Any]:
    if kind == LinkKind.APPROACH:
        if (entry := find_approach(key)) and entry.hidden_on is None:
            return {"approach": key}
    elif kind in LinkKind.values and is_id(key):
        there = {
            LinkKind.OFFER: Offer.objects.visible_to(by).exclude(state=OfferState.CLOSED),
            LinkKind.PLACE: Place.objects.visible_to(by).active(),
            LinkKind.INITIATIVE: Initiative.objects.visible_to(by).exclude(state=InitiativeState.ENDED),
            LinkKind.DECISION: FollowUp.objects.visible_to(by).for_everybody().filter(state__in=TOLD),
        }[LinkKind(kind)]
        if found := there.filter(pk=key).first():
            return {str(kind): found}
    raise DomainError(_("This is no longer there. Choose something else."))


@transaction.atomic
def unlink(*, link: NeedLink, by: User) -> None:
    (current,) = lock_standing_needs([link.need])
    gone, _kinds = NeedLink.objects.filter(pk=link.pk).delete()
    if gone:
        Event.log("unlinked", current, by=by, what=LinkKind(link.kind))


def linked_already(user: User, source: str, keys: list[str], areas: list[int]) -> list[RelatedItem]:
    """Public initiatives linked to needs that were made from these topics."""
    heard_in = NeedSource.objects.filter(topic__source=source, topic__key__in=keys, topic__area__in=areas)
    linked = NeedLink.objects.filter(need__in=heard_in.values("need"), kind=LinkKind.INITIATIVE)
    found = Initiative.objects.public().visible_to(user).filter(pk__in=linked.values("initiative"))
    return [
        RelatedItem(one.name, str(LinkKind.INITIATIVE.label), reverse("initiative", args=[one.pk]))
        for one in found.order_by("pk")
    ]


def link_what_was_decided(follow_up: FollowUp) -> None:
    """Link a released answer as a decision to the needs made from its topics. An answer to a whole survey
    names no topic, and is linked to none."""
    asked = follow_up.audience
    keys = asked.get("key") or []
    keys = [keys] if isinstance(keys, str) else keys
    if not keys:
        return
    heard_in = NeedSource.objects.filter(
        topic__source=asked.get("source", ""), topic__key__in=keys, topic__area__in=follow_up.areas.all()
    )
    NeedLink.objects.bulk_create(
        (
            NeedLink(need_id=need, kind=LinkKind.DECISION, decision=follow_up, made_by=follow_up.released_by)
            for need in sorted(set(heard_in.values_list("need", flat=True)))
        ),
        ignore_conflicts=True,
    )
