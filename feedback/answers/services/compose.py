"""Drafting a follow-up: audience, texts and languages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, User
from core.errors import InvalidTransition
from core.i18n import Texts
from core.languages import offered
from core.rows import get_or_gone
from feedback.contributions.services import audience
from feedback.models import FollowUp, Topic
from feedback.states import PROMISING, FollowUpState
from neighbourhoods.models import Area, Municipality

FOLLOW_UP_TEXT_FIELDS = FollowUp.WRITTEN


@transaction.atomic
def start_follow_up(*, chosen: dict[str, Any], by: User, corrects: FollowUp | None = None) -> FollowUp:
    """Start a draft for an audience, owned by `by`. A correction starts with the text it corrects.

    Idempotent: an own draft for the same audience is returned again.
    """
    # Serialise double clicks: the second waits for the first.
    get_or_gone(User.objects.select_for_update(no_key=True), pk=by.pk)
    if corrects is None:
        begun = FollowUp.objects.filter(owner=by, state=FollowUpState.DRAFT, corrects=None)
        for draft in begun.filter(audience__source=chosen["source"]):
            if draft.audience == chosen:
                return draft
    follow_up = FollowUp(audience=chosen, owner=by, corrects=corrects)
    if corrects:
        for part in (*FOLLOW_UP_TEXT_FIELDS, "outcome", "happens_on"):
            setattr(follow_up, part, getattr(corrects, part))
    else:
        follow_up.title = _title_of(chosen)
        follow_up.signed_as = _signature(by)
    follow_up.save()
    _set_areas(follow_up)
    Event.log("began", follow_up, by=by)
    return follow_up


def _signature(by: User) -> Texts:
    """The last signature used; by default their title, in the first language."""
    last = FollowUp.objects.filter(owner=by).order_by("-pk").values_list("signed_as", flat=True).first()
    return ({own_languages()[0]: by.title} if by.title else {}) | (last or {})


@transaction.atomic
def change_audience(*, follow_up: FollowUp, chosen: dict[str, Any], by: User) -> FollowUp:
    """Change the audience of a draft. Raises InvalidTransition if it is on its way already."""
    if not FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.DRAFT).update(audience=chosen):
        raise InvalidTransition(_("This answer is on its way already. Stop it first, or write a correction."))
    follow_up.refresh_from_db()
    _set_areas(follow_up)
    Event.log("addressed", follow_up, by=by)
    return follow_up


def _set_areas(follow_up: FollowUp) -> None:
    """Set the areas of its readers: those named, or all where the survey was answered."""
    chosen = follow_up.audience
    topics = Topic.objects.filter(source=chosen["source"])
    if follow_up.is_personal:
        topics = topics.filter(owed__in=chosen["owed"])
    spoken = topics.values("area")
    named = chosen.get("areas")
    follow_up.areas.set(Area.objects.filter(pk__in=named) if named else Area.objects.filter(pk__in=spoken))


@transaction.atomic
def save_follow_up_draft(*, follow_up: FollowUp, seen: str, by: User, **fields: Any) -> FollowUp:
    """Save the text of a draft. `seen` is the digest that was on screen.

    Raises InvalidTransition if it changed since, or is no draft."""
    current = get_or_gone(FollowUp.objects.select_for_update(), pk=follow_up.pk)
    if current.state != FollowUpState.DRAFT:
        raise InvalidTransition(_("This answer is on its way already. Stop it first, or write a correction."))
    if current.digest != seen:
        raise InvalidTransition(
            _("A colleague changed this answer in the meantime. Look at both and choose.")
        )
    before = current.digest
    for name, value in fields.items():
        setattr(current, name, value)
    if current.outcome not in PROMISING:
        current.happens_on = None
    if current.digest != before:
        current.written_by = by
    current.save(update_fields=[*fields, "happens_on", "written_by"])
    Event.log("wrote", current, by=by)
    return current


def own_languages() -> list[str]:
    return offered(Municipality.current().languages) or ["nl"]


def follow_up_languages(follow_up: FollowUp, readers: Mapping[str, int]) -> list[str]:
    """The languages to write it in: those of the municipality, then others that readers use or that have text."""
    own = own_languages()
    written = {
        code for part in FOLLOW_UP_TEXT_FIELDS for code, words in getattr(follow_up, part).items() if words
    }
    return [*own, *sorted((set(readers) | written) - set(own))]


@dataclass(frozen=True)
class Spoken:
    """A language of the survey or its readers, how many of them wait, and in which language they get this
    answer: their own, another chosen for them, or "" if not decided yet."""

    code: str
    readers: int
    told_in: str

    @property
    def lacks(self) -> bool:
        return bool(self.readers) and not self.told_in


def reader_languages(
    follow_up: FollowUp, readers: Mapping[str, int], asked_in: Iterable[str] = ()
) -> list[Spoken]:
    """All languages it was asked or answered in, so that none is left out unnoticed."""
    codes = dict.fromkeys([*asked_in, *readers])
    return [Spoken(code, readers.get(code, 0), follow_up.told_to(code)) for code in codes]


_GAP = re.compile(r"\[[^\]\n]{0,200}\]")


def gap_in(follow_up: FollowUp) -> str:
    """The first gap in square brackets that the writer did not fill in, or ""."""
    texts = [words for part in FOLLOW_UP_TEXT_FIELDS for words in getattr(follow_up, part).values()]
    return next((found.group() for words in texts if (found := _GAP.search(words))), "")


def unsubscribed(follow_up: FollowUp) -> int:
    """The number of readers who left an address and unsubscribed; they read it on their page."""
    readers = audience.debts(follow_up).values("receipt")
    return Contact.objects.filter(receipt__in=readers, unsubscribed_at__isnull=False).count()


def main_language(follow_up: FollowUp, codes: list[str]) -> str:
    """The first of `codes` in which the answer is complete, else the first."""
    return next((code for code in codes if not follow_up.lacking(code)), codes[0])


def _title_of(chosen: dict[str, Any]) -> Texts:
    """A first title: that of the first chosen topic."""
    keys = chosen.get("key") or []
    keys = [keys] if isinstance(keys, str) else keys
    topic = Topic.objects.filter(source=chosen["source"], key__in=keys[:1]).first()
    return dict(topic.title) if topic else {}
