"""Beginners of initiatives: their actions on the private page, and their personal data."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accounts.models import Receipt
from core.errors import DomainError
from core.i18n import pick
from feedback.answers.services.promises import forget_moved
from feedback.models import AnswerOwed, Promise
from feedback.registries import personal_data
from feedback.states import Owed
from feedback.words import may_be_danger
from initiatives.initiatives.services.beginning import STOP, first_step, owe
from initiatives.initiatives.services.running import bring_forward
from initiatives.matching.services.owners import still_or_next
from initiatives.matching.services.roles import lock_as_beginner, lock_initiative
from initiatives.models import Initiative, Meeting, Picture, Update
from initiatives.states import InitiativeState, Motive
from neighbourhoods.models import ParticipationRules

THEY_STOP = N_("They stop: read what they learned, and thank them")
THEY_WITHDREW = N_("Who began it took their words back: see how it goes on")


def begun_by(receipt: Receipt) -> Initiative | None:
    """The initiative that the holder began and did not withdraw."""
    found = Initiative.objects.filter(receipt=receipt, withdrawn_from="")
    return found.select_related("area", "theme", "owner", "party", "receipt", "picture").first()


@transaction.atomic
def tell_to_stop(*, initiative: Initiative, words: str, now: datetime | None = None) -> None:
    """The beginner stops, and says what others can learn. A colleague answers, and ends it with thanks.

    Said again, the later words replace the earlier. Raises DomainError without words or when it has ended.
    """
    initiative = lock_as_beginner(initiative)
    if not words.strip():
        raise DomainError(
            _("Write a few words, so that we can answer you.")
            if initiative.never_began
            else _("Write a few words: who begins something like it learns from them.")
        )
    if initiative.state == InitiativeState.ENDED:
        raise DomainError(_("This has ended already."))
    day = timezone.localdate(now)
    due = day + timedelta(days=ParticipationRules.current().days("light_route"))
    owe(initiative, {STOP: words.strip()}, due=due, day=day)
    bring_forward(initiative, THEY_STOP, now=now, today=may_be_danger(words))


def says_stop(initiative: Initiative) -> bool:
    """Whether the beginner said that they stop."""
    if initiative.receipt is None:
        return False
    return initiative.receipt.contributions.filter(slot=STOP, withdrawn_on=None).exists()


class InitiativePersonalData:
    """Implements feedback.registries.PersonalData. Public texts stay, without the beginner; what was never
    public is deleted."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """End an idea; a public initiative goes on, and its owner gets a step to look at it."""
        for initiative in Initiative.objects.filter(receipt=receipt, withdrawn_from=""):
            if initiative.state == InitiativeState.IDEA:
                Initiative.objects.filter(pk=initiative.pk, state=InitiativeState.IDEA).update(
                    withdrawn_from=F("state"),
                    state=InitiativeState.ENDED,
                    state_on=timezone.localdate(now),
                    next_action="",
                    next_action_on=None,
                )
            else:
                bring_forward(lock_initiative(initiative), THEY_WITHDREW, now=now)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Restore the idea, due today. If its owner left, the current one of the area becomes owner."""
        withdrawn = Initiative.objects.filter(receipt=receipt).exclude(withdrawn_from="")
        for initiative in withdrawn.select_related("owner", "area__parent__parent"):
            assert initiative.owner, "Who began it is looked after."
            owner = still_or_next(initiative.owner, initiative.area)
            if owner != initiative.owner:
                Promise.objects.filter(subject=initiative.source).update(owner=owner)
                # The words may be put back before or after this, by the app that keeps them.
                owed = AnswerOwed.objects.filter(topic__source=initiative.source)
                owed.filter(state__in=[Owed.OPEN, Owed.WITHDRAWN]).update(owner=owner)
            withdrawn.filter(pk=initiative.pk).update(
                state=F("withdrawn_from"),
                state_on=timezone.localdate(now),
                withdrawn_from="",
                owner=owner,
                next_action=first_step(owner),
                next_action_on=timezone.localdate(now),
            )

    def download(self, receipt: Receipt) -> dict[str, Any]:
        begun = Initiative.objects.filter(receipt=receipt).select_related("area", "theme")
        begun = begun.prefetch_related("updates", "meetings")
        return {_("What you began"): [_told(initiative) for initiative in begun]}

    def erase(self, receipt: Receipt) -> None:
        for initiative in Initiative.objects.select_for_update(of=("self",)).filter(receipt=receipt):
            source = initiative.source
            if initiative.has_a_page:
                # What no colleague has read yet is the beginner's alone.
                Update.objects.unread().filter(initiative=initiative).delete()
                Meeting.objects.filter(initiative=initiative, is_read=False).delete()
                Picture.objects.filter(initiative=initiative, is_read=False).delete()
                Initiative.objects.filter(pk=initiative.pk).update(receipt=None, motives=[])
            else:
                initiative.delete()
            forget_moved([source])
            Promise.objects.filter(subject=source).delete()


def _told(initiative: Initiative) -> dict[str, Any]:
    language = get_language() or ""
    return {
        _("name"): initiative.label,
        _("about"): pick(initiative.theme.name, language),
        _("where"): initiative.area.name,
        _("how far it is"): initiative.get_state_display(),
        _("reasons"): [str(Motive(motive).label) for motive in initiative.motives if motive in Motive.values],
        _("updates"): [
            {_("on"): one.on.isoformat(), _("text"): pick(one.text, language)}
            for one in initiative.updates.all()
            if one.by_id is None
        ],
        _("meetings"): [
            {
                _("on"): date_format(timezone.localtime(one.starts_at), "j F Y, H:i"),
                _("where"): one.where,
                _("about"): pick(one.about, language),
            }
            for one in initiative.meetings.all()
        ],
        _("picture"): _("yes") if Picture.objects.filter(initiative=initiative).exists() else _("no"),
    }


personal_data.register("initiatives.begun")(InitiativePersonalData())
