"""Releasing a follow-up: freeze the debts it names, hold it so that it can be stopped, and end the hold."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone
from feedback.answers.services import approving, compose
from feedback.contributions.services import audience
from feedback.delivery.services import doorbell
from feedback.models import FollowUp, NamedDebt
from feedback.registries import source_hooks
from feedback.states import FollowUpState


@transaction.atomic
def schedule_release(
    *, follow_up: FollowUp, by: User, seen: str | None = None, now: datetime | None = None
) -> FollowUp:
    """Freeze the debts it names and start the hold. Nothing is visible or sent before the hold ends.

    `seen` is the digest that was on screen (optimistic lock against a colleague's edit). Idempotent.
    Raises InvalidTransition if the text changed, and DomainError with what is missing, in which language
    and for how many readers, so that nobody gets another language unnoticed.
    """
    moment = now or timezone.now()
    until = moment + timedelta(seconds=settings.HOLD_SECONDS)
    lock_debts(follow_up)
    locked = get_or_gone(FollowUp.objects.select_for_update(no_key=True), pk=follow_up.pk)
    if locked.state != FollowUpState.DRAFT:
        return locked
    if locked.audience != follow_up.audience or (seen is not None and seen != locked.digest):
        raise InvalidTransition(_("A colleague changed this answer in the meantime. Read it once more."))
    refuse_unfinished(locked)
    approving.refuse_unread(locked)
    locked.move(
        FollowUpState.HOLD,
        hold_until=until,
        released_by=by,
        cursor=None,
        addressed=name_debts(locked),
    )
    Event.log("pressed release", locked, by=by, readers=locked.addressed, until=until)
    return locked


def refuse_unfinished(follow_up: FollowUp) -> None:
    if _is_overtaken(follow_up):
        raise DomainError(
            _("Another correction of this answer went first. Correct that one, once everybody has it.")
        )
    if not follow_up.outcome:
        raise DomainError(_("Choose what came of it: adopted, partly, no, not ours, or not yet."))
    languages = audience.count_reach(audience.debts(follow_up)).languages
    if not languages:
        raise DomainError(_("Nobody waits for this answer (any more)."))
    if gap := compose.gap_in(follow_up):
        raise DomainError(_("“%(gap)s” still has to be filled in. Write it, or take it out.") % {"gap": gap})
    for language, readers in languages.items():
        if not follow_up.told_to(language):
            raise DomainError(
                ngettext(
                    "%(language)s is missing or not complete. %(readers)s person answered in that language. "
                    "Translate it, or choose in which language they get it.",
                    "%(language)s is missing or not complete. %(readers)s people answered in that language. "
                    "Translate it, or choose in which language they get it.",
                    readers,
                )
                % {"language": language_name(language), "readers": readers}
            )


def _is_overtaken(follow_up: FollowUp) -> bool:
    """A released answer has one correction; the next one corrects that. Concurrent releases of two
    corrections serialise on their debts, which are the same."""
    others = FollowUp.objects.filter(corrects=follow_up.corrects_id).exclude(state=FollowUpState.DRAFT)
    return follow_up.corrects_id is not None and others.exists()


def language_name(code: str) -> str:
    try:
        return capfirst(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def lock_debts(follow_up: FollowUp) -> None:
    """Lock the debts while they are named. Lock order: debts before follow-ups.

    Without it two answers to the same people could name the same debt, and a reader erased at this moment
    would be in no sum.
    """
    owed = audience.debts(follow_up).select_for_update(of=("self",), no_key=True)
    list(owed.order_by("pk").values_list("pk", flat=True))


def name_debts(follow_up: FollowUp) -> int:
    """Freeze the debts with one INSERT ... SELECT, whatever their number. Returns how many readers they have."""
    chosen, params = audience.debts(follow_up).order_by().values("pk", "receipt_id").query.sql_with_params()
    table = connection.ops.quote_name(NamedDebt._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (follow_up_id, owed_id, receipt_id) "  # noqa: S608 - no value is put in
            f"SELECT DISTINCT CAST(%s AS bigint), chosen.* FROM ({chosen}) AS chosen",
            [follow_up.pk, *params],
        )
    return NamedDebt.objects.filter(follow_up=follow_up).values("receipt").distinct().count()


@transaction.atomic
def stop_release(*, follow_up: FollowUp, by: User, now: datetime | None = None) -> FollowUp:
    """Turn it back into a draft. Raises InvalidTransition once the hold ended: then only a correction helps."""
    stopped = FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.HOLD).update(
        state=FollowUpState.DRAFT, hold_until=None, released_by=None, addressed=0, erased=0
    )
    if not stopped:
        raise InvalidTransition(_("It is too late to stop: the answer is on its way. Write a correction."))
    NamedDebt.objects.filter(follow_up=follow_up.pk).delete()
    follow_up.refresh_from_db()
    Event.log("stopped", follow_up, by=by)
    return follow_up


def end_holds(*, now: datetime | None = None) -> int:
    """T1. One conditional UPDATE each, so that concurrent sweeps release once. Returns how many were released."""
    moment = now or timezone.now()
    released = 0
    for follow_up in FollowUp.objects.hold_ended(moment):
        with transaction.atomic():
            if (
                FollowUp.objects.hold_ended(moment)
                .filter(pk=follow_up.pk)
                .update(state=FollowUpState.RELEASED, released_at=moment)
            ):
                Event.log("released", follow_up, by=follow_up.released_by)
                for hooks in source_hooks:
                    hooks.when_released(follow_up)
                transaction.on_commit(doorbell.notify_workers, robust=True)
                released += 1
    return released
