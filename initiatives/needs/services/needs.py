"""Needs, from what was named to what became of it: made, changed, taken further, handed over."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from core.revision import revision
from feedback.models import Contribution, Topic
from initiatives.models import Need, NeedStep
from initiatives.needs.services.need_looks import look_after_step, next_look
from initiatives.needs.services.need_people import Sources
from initiatives.needs.services.need_sources import add_sources, lock_needs
from initiatives.states import NeedState
from neighbourhoods.models import Area, Theme, has_in_each
from neighbourhoods.profile.services.inventory import lock_areas as hold_areas
from neighbourhoods.states import Power


@transaction.atomic
def make_need(
    *,
    title: Texts,
    theme: Theme,
    area: Area,
    urgency: int,
    by: User,
    missing: Texts | None = None,
    topics: Iterable[Topic] = (),
    texts: Iterable[Contribution] = (),
    on: date | None = None,
) -> Need:
    """Make a need from what residents chose and wrote, in their words. Its maker owns it.

    Idempotent for a repeated submit. Raises DomainError without sources, if an open need with this title
    exists here, or if `by` is no coordinator here.
    """
    topics, texts = list(topics), list(texts)
    _refuse(title, area, by)
    if not topics and not texts:
        raise DomainError(_("Choose what it is made of: at least one thing that people named."))
    hold_areas([area])
    if there := Need.objects.open().filter(area=area, title=dict(title)).first():
        of = Sources.of(there)
        if {*of.topics} == {one.pk for one in topics} and {*of.texts} == {one.pk for one in texts}:
            return there
        raise DomainError(_("This need is noted here already. Add to that one what else it was heard in."))
    need = Need.objects.create(
        title=dict(title), theme=theme, area=area, urgency=urgency, owner=by, missing=dict(missing or {}),
        heard_on=on or timezone.localdate(), state_on=on or timezone.localdate(), next_action_on=next_look(),
    )  # fmt: skip
    NeedStep.objects.create(need=need, state=NeedState.HEARD, on=need.heard_on, by=by)
    Event.log("made", need, by=by)
    add_sources(need=need, topics=topics, texts=texts, by=by, is_new=True)
    return need


def _refuse(title: Texts, area: Area, by: User) -> None:
    if not any(words.strip() for words in title.values()):
        raise DomainError(_("Write in the words of residents what is needed."))
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))


def need_revision(need: Need) -> str:
    """The revision of the fields that can be changed."""
    return revision([need.title, need.missing, need.urgency, need.theme_id, need.area_id])


@transaction.atomic
def change_need(*, need: Need, seen: str, by: User, **fields: Any) -> Need:
    """Change words, theme, area or urgency. `seen` is the revision of what the form showed; raises
    InvalidTransition if it changed since."""
    (current,) = lock_needs([need])
    if current.merged_into_id:
        raise InvalidTransition(_("This need was taken into another one. Have another look."))
    if need_revision(current) != seen:
        raise InvalidTransition(_("A colleague changed this need in the meantime. Look at both and choose."))
    _refuse(fields.get("title", current.title), fields.get("area", current.area), by)
    for name, value in fields.items():
        setattr(current, name, value)
    current.save(update_fields=list(fields))
    Event.log("changed", current, by=by)
    return current


@transaction.atomic
def take_step(*, need: Need, to: str, seen: str, words: Texts, by: User, on: date | None = None) -> NeedStep:
    """Move the need to a state, or tell something new in the same state. Residents who named it read the words later.

    `seen` is the state the form showed; raises InvalidTransition if it changed since. Raises DomainError
    without words if the need is not taken up or the state stays the same.
    """
    day, told = on or timezone.localdate(), {code: text for code, text in words.items() if text.strip()}
    (current,) = lock_needs([need])
    look = look_after_step(current, to)
    last = current.steps.last()
    if (
        last
        and (last.state, last.words, last.by_id, last.on) == (to, told, by.pk, day)
        and (told or seen != to)
    ):
        return last  # the second of two taps
    if current.state != seen or current.merged_into_id:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    if to == NeedState.NOT_TAKEN_UP and not told:
        raise DomainError(_("Write why it is not taken up: whoever named it reads it."))
    if to == current.state:
        if not told:
            raise DomainError(_("Nothing changes. Choose another state, or write what there is to tell."))
        if to == NeedState.NOT_TAKEN_UP:
            Need.objects.filter(pk=current.pk).update(reason=told)
        Need.objects.filter(pk=current.pk).update(**look)
    else:
        current.move(to, on=day, reason=told if to == NeedState.NOT_TAKEN_UP else {}, **look)
    step = NeedStep.objects.create(need=current, state=to, on=day, words=told, by=by)
    Event.log("took a step", current, by=by, state=NeedState(to))
    need.refresh_from_db()
    return step
