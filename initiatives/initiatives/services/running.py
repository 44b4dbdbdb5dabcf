"""Care for an initiative, from idea to thanks. One with an owner always has a next step."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts, pick
from core.rows import get_or_gone, refresh_or_gone
from feedback.answers.services.promises import record_postponement
from feedback.registries import Moment
from initiatives.matching.services import endings, matches
from initiatives.matching.services.owners import lock_successor, receipt_with_code
from initiatives.matching.services.roles import lock_initiative
from initiatives.models import Initiative, Task, VolunteerRole
from initiatives.states import PUBLIC_INITIATIVES, InitiativeState, Motive, RoleState
from neighbourhoods.models import Municipality, ParticipationRules
from neighbourhoods.states import GovernmentRole

MOST_MOTIVES = 2

_TEXT_FIELDS = (
    "name",
    "motive",
    "goal",
    "for_whom",
    "description",
    "agreements",
    "support",
    "learned",
    "thanks",
)
"""Public texts, per language."""


@transaction.atomic
def save_words(
    *, initiative: Initiative, by: User, motives: list[str], municipal_role: str, **fields: Any
) -> Initiative:
    """Save the public texts and the municipality's role. Raises DomainError for a public initiative without a name."""
    if municipal_role and municipal_role not in GovernmentRole.values:
        raise DomainError(_("Choose from the list."))
    locked = lock_initiative(initiative)
    if (locked.has_a_page or not locked.owner_id) and not fields.get("name"):
        raise DomainError(_("Everybody can read of this. It keeps a name."))
    for name, value in fields.items():
        setattr(locked, name, dict(value) if name in _TEXT_FIELDS else value)
    locked.motives, locked.municipal_role = check_motives(motives), municipal_role
    locked.checked_on = timezone.localdate()
    locked.save()
    Event.log("changed", locked, by=by)
    return locked


@transaction.atomic
def move(
    *,
    initiative: Initiative,
    to: str,
    next_action: str,
    on: date | None,
    by: User,
    why: str = "",
    today: date | None = None,
) -> Initiative:
    """Move to a state, or plan another next step in the same one. Ending is `end_initiative`, because it takes words.

    Moving the same step to a later day takes `why`, which people who wait read. Raises DomainError with what
    to correct.
    """
    day = today or timezone.localdate()
    if to == InitiativeState.ENDED:
        raise DomainError(_("Ending takes a word of thanks, and what was learned."))
    if not next_action.strip() or on is None or on < day:
        raise DomainError(_("Write the next step, with a day that is still to come."))
    locked = lock_initiative(initiative)
    if locked.owner_id is None:
        raise DomainError(_("Nobody looks after this yet. Take it up first."))
    step: dict[str, Any] = {"next_action": next_action.strip(), "next_action_on": on}
    if to == locked.state:
        if next_action.strip() == locked.next_action:
            record_postponement(key=f"initiative:{locked.pk}", was=locked.next_action_on, day=on, why=why)
        Initiative.objects.filter(pk=locked.pk).update(**step)
        Event.log("planned", locked, by=by, next_on=on)
    else:
        if to in PUBLIC_INITIATIVES:
            _can_be_read(locked)
        if to == InitiativeState.RUNNING and locked.since is None:
            step |= {"since": day}
        locked.move(to, on=day, withdrawn_from="", checked_on=day, **step)
        Event.log("took a step", locked, by=by, state=InitiativeState(to), next_on=on)
    refresh_or_gone(locked)
    return locked


def _can_be_read(initiative: Initiative) -> None:
    """Raises DomainError without a name and a goal or description in the main language: neighbours will read it."""
    main = (Municipality.current().languages or ["nl"])[0]
    has_words = (initiative.goal or initiative.description).get(main, "").strip()
    if not initiative.name.get(main, "").strip() or not has_words:
        raise DomainError(
            _("Neighbours will read of it from now on. Write its name and what it wants first.")
        )


@transaction.atomic
def end_initiative(
    *, initiative: Initiative, learned: Texts, thanks: Texts, by: User, today: date | None = None
) -> Initiative:
    """End it, with what was learned and with thanks, as residents read them. Stopping early is a result too.

    Closes its roles, ends its matches and proposals, and cancels its meetings. Raises DomainError without words.
    """
    day = today or timezone.localdate()
    locked = lock_initiative(initiative)
    if not any(words.strip() for words in learned.values()):
        raise DomainError(
            _("Write why it does not go on: who had the idea reads it.")
            if locked.never_began
            else _("Write what was learned: who begins something like it reads it first.")
        )
    if not any(words.strip() for words in thanks.values()):
        raise DomainError(
            _("Thank them for the idea: they read it on their own page.")
            if locked.never_began
            else _("Thank them: they read it on the page of the initiative.")
        )
    locked.move(
        InitiativeState.ENDED,
        on=day,
        learned=dict(learned),
        thanks=dict(thanks),
        next_action="",
        next_action_on=None,
        checked_on=day,
    )
    roles = VolunteerRole.objects.filter(initiative=locked)
    matches.lock_roles(roles)
    roles.filter(state=RoleState.OPEN).move(RoleState.CLOSED)
    endings.end_matches_of_initiative(initiative=locked)
    locked.meetings.to_come().order_by().update(cancelled_on=day, changed=F("changed") + 1)
    Event.log("ended", locked, by=by)
    return locked


# --- owners -----------------------------------------------------------------------------------


@transaction.atomic
def take_up_initiative(
    *, initiative: Initiative, next_action: str, on: date, by: User, today: date | None = None
) -> Initiative:
    """Give an initiative from the inventory an owner and a next step."""
    if not next_action.strip() or on < (today or timezone.localdate()):
        raise DomainError(_("Write the next step, with a day that is still to come."))
    lock_successor(by, [initiative.area_id])
    nobodys = Initiative.objects.not_ended().filter(pk=initiative.pk, owner=None)
    if not nobodys.update(owner=by, next_action=next_action.strip(), next_action_on=on):
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Event.log("took up", initiative, by=by, next_on=on)
    refresh_or_gone(initiative)
    return initiative


def check_motives(motives: list[str]) -> list[str]:
    """Sorted, without duplicates. Raises DomainError for an unknown motive or more than MOST_MOTIVES."""
    if not set(motives) <= set(Motive.values):
        raise DomainError(_("Choose from the list."))
    if len(set(motives)) > MOST_MOTIVES:
        raise DomainError(_("Choose at most two reasons."))
    return sorted(set(motives))


def bring_forward(held: Initiative, action: str, *, now: datetime | None = None, today: bool = False) -> None:
    """Make a step due within the term of a first contact, or `today`, because something came in to look at.
    An earlier step stays.

    `held` is locked by the caller; `action` is a msgid, translated into the owner's language.
    """
    days = 0 if today else ParticipationRules.current().days("first_contact")
    before = timezone.localdate(now) + timedelta(days=days)
    if held.owner is None or held.state == InitiativeState.ENDED:
        return
    if held.next_action_on and held.next_action_on <= before:
        return
    with override(held.owner.language):
        step = _(action)
    Initiative.objects.filter(pk=held.pk).update(next_action=step, next_action_on=before)


# --- the plan -------------------------------------------------------------------------------------
# The plan of an initiative: who does what before when; and open tasks that anybody takes on without an account.
#
# Taking a task gives a code and a private page. The task is linked to that page only; when it is given back, or
# the holder is erased, it is open again.


MAX_TASKS_PER_PLAN = 100


def tasks_in_order(initiative: Initiative) -> list[Task]:
    """Late ones first, then by day, then those without a day; done ones last, newest first."""
    found = list(Task.objects.filter(initiative=initiative).select_related("initiative"))
    todo = [task for task in found if task.done_on is None]
    todo.sort(key=lambda task: (not task.is_late, task.before or date.max, task.pk))
    done = [task for task in found if task.done_on is not None]
    done.sort(key=lambda task: (task.done_on or date.min, task.pk), reverse=True)
    return todo + done


def open_tasks(initiative: Initiative) -> list[Task]:
    """Tasks anybody can take on now, earliest day first."""
    found = Task.objects.open_to_take().filter(initiative=initiative).select_related("initiative")
    return sorted(found, key=lambda task: (task.before or date.max, task.pk))


# --- actions of colleagues ----------------------------------------------------------------------


@transaction.atomic
def add_task(*, initiative: Initiative, by: User, **fields: Any) -> Task:
    """Add a line. Idempotent for an identical open line. Raises DomainError if the initiative has ended or
    the plan is full."""
    now = get_or_gone(Initiative.objects.select_for_update(no_key=True), pk=initiative.pk)
    if now.state == InitiativeState.ENDED:
        raise DomainError(_("This has ended. Nothing is added to it any more."))
    there = Task.objects.filter(initiative=initiative)
    if same := there.undone().filter(taken_by=None, **fields).first():
        return same
    if there.count() >= MAX_TASKS_PER_PLAN:
        raise DomainError(_("A plan of this length helps nobody. Take out what is done first."))
    task = Task.objects.create(initiative=initiative, **fields)
    Event.log("added", task, by=by, note=_task_label(task))
    return task


@transaction.atomic
def change(*, task: Task, by: User, **fields: Any) -> Task:
    """Change a line. A task that was taken stays taken: its holder reads the new words on their page."""
    changed = [name for name, value in fields.items() if getattr(task, name) != value]
    if changed:
        Task.objects.filter(pk=task.pk).update(**{name: fields[name] for name in changed})
        refresh_or_gone(task)
        Event.log("changed", task, by=by, note=_task_label(task))
    return task


@transaction.atomic
def finish_task(*, task: Task, by: User, now: datetime | None = None) -> None:
    _require_one_row(Task.objects.filter(pk=task.pk, done_on=None), done_on=timezone.localdate(now))
    Event.log("finished", task, by=by, note=_task_label(task))


@transaction.atomic
def undo(*, task: Task, by: User) -> None:
    """Undo `finish_task`."""
    _require_one_row(Task.objects.filter(pk=task.pk, done_on__isnull=False), done_on=None)
    Event.log("took up again", task, by=by, note=_task_label(task))


@transaction.atomic
def free(*, task: Task, by: User) -> None:
    """Release a task whose holder does not come, so that others can take it. It leaves their page."""
    taken = Task.objects.filter(pk=task.pk, done_on=None, taken_by__isnull=False)
    _require_one_row(taken, taken_by=None, taken_on=None)
    Event.log("set free", task, by=by, note=_task_label(task))


@transaction.atomic
def remove_task(*, task: Task, by: User) -> None:
    """Delete a line. Raises DomainError while somebody has taken it."""
    if not Task.objects.filter(pk=task.pk, taken_by=None).delete()[0]:
        raise DomainError(_("Somebody took this on. Set it free first, or mark it as done."))
    Event.log("removed", task, by=by, note=_task_label(task))


def _require_one_row(rows: Any, **fields: Any) -> None:
    if not rows.update(**fields):
        raise InvalidTransition(_("Somebody was first. Have another look."))


def _task_label(task: Task) -> str:
    return pick(task.what, "nl")[:200]


# --- actions of residents -----------------------------------------------------------------------


@transaction.atomic
def take_task(
    *, task: Task, submit_key: str, language: str, now: datetime | None = None
) -> tuple[Receipt, str]:
    """Take on a task, with a private page and a code that is shown once.

    Idempotent: the code is derived from `submit_key`, which only this browser knows. Raises InvalidTransition
    if somebody else was first.
    """
    receipt, code = receipt_with_code(
        seed=f"{submit_key} {task.pk}",
        purpose=ReceiptPurpose.TASK,
        language=language,
        tasks=task.pk,
    )
    # Lock the row and read it again: a condition on the initiative within the UPDATE would see the state
    # before a concurrent taker.
    held = Task.objects.select_related("initiative").select_for_update(of=("self",), no_key=True)
    locked = held.filter(pk=task.pk).first()
    if locked and locked.taken_by_id == receipt.pk:
        return receipt, code
    if locked is None or not locked.can_be_taken:
        raise InvalidTransition(_("Somebody took this on a moment ago. Thank you all the same."))
    Task.objects.filter(pk=task.pk).update(taken_by=receipt, taken_on=timezone.localdate(now))
    return receipt, code


@transaction.atomic
def return_task(*, task: Task, receipt: Receipt) -> None:
    """Give a task back, so that it is open again. Idempotent."""
    Task.objects.undone().filter(pk=task.pk, taken_by=receipt).update(taken_by=None, taken_on=None)


@transaction.atomic
def report_task_done(*, task: Task, receipt: Receipt, now: datetime | None = None) -> None:
    """The holder says that it is done. Idempotent: the first day stays."""
    Task.objects.undone().filter(pk=task.pk, taken_by=receipt).update(done_on=timezone.localdate(now))


def taken_days(receipt: Receipt) -> list[Moment]:
    """The holder's tasks on the timeline of a private page."""
    tasks = Task.objects.held_by(receipt)
    moments = []
    for task in tasks:
        moments.append(Moment(task.taken_on or timezone.localdate(), _("You took something on.")))
        if task.done_on:
            moments.append(Moment(task.done_on, _("It was done. Thank you.")))
        elif task.before:
            moments.append(Moment(task.before, _("Your task is done."), before=True))
    return moments


class TaskPersonalData:
    """Implements feedback.registries.PersonalData for tasks that were taken on."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Open the tasks that were not done for others."""
        Task.objects.held_by(receipt).undone().update(taken_by=None, taken_on=None)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: others may have taken the tasks. The holder can take them on again."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        tasks = Task.objects.held_by(receipt).select_related("initiative")
        return {
            _("What you took on"): [
                {
                    _("what"): pick(task.what, receipt.language),
                    _("for"): pick(task.initiative.name, receipt.language),
                    _("on"): task.taken_on.isoformat() if task.taken_on else "",
                    _("before"): task.before.isoformat() if task.before else "",
                    _("done on"): task.done_on.isoformat() if task.done_on else "",
                }
                for task in tasks
            ]
        }

    def erase(self, receipt: Receipt) -> None:
        Task.objects.held_by(receipt).update(taken_by=None, taken_on=None)
