"""The plan of an initiative: who does what before when; and open tasks that anybody takes on without an account.

Taking a task gives a code and a private page. The task is linked to that page only; when it is given back, or
the holder is erased, it is open again.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import get_or_gone, refresh_or_gone
from feedback.registries import Moment
from initiatives.matching.services.owners import receipt_with_code
from initiatives.models import Initiative, Task
from initiatives.states import InitiativeState

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
    found = Task.objects.to_take().filter(initiative=initiative).select_related("initiative")
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
    Event.log("added", task, by=by, note=_named(task))
    return task


@transaction.atomic
def change(*, task: Task, by: User, **fields: Any) -> Task:
    """Change a line. A task that was taken stays taken: its holder reads the new words on their page."""
    changed = [name for name, value in fields.items() if getattr(task, name) != value]
    if changed:
        Task.objects.filter(pk=task.pk).update(**{name: fields[name] for name in changed})
        refresh_or_gone(task)
        Event.log("changed", task, by=by, note=_named(task))
    return task


@transaction.atomic
def finish_task(*, task: Task, by: User, now: datetime | None = None) -> None:
    _once(Task.objects.filter(pk=task.pk, done_on=None), done_on=timezone.localdate(now))
    Event.log("finished", task, by=by, note=_named(task))


@transaction.atomic
def undo(*, task: Task, by: User) -> None:
    """Undo `finish_task`."""
    _once(Task.objects.filter(pk=task.pk, done_on__isnull=False), done_on=None)
    Event.log("took up again", task, by=by, note=_named(task))


@transaction.atomic
def free(*, task: Task, by: User) -> None:
    """Release a task whose holder does not come, so that others can take it. It leaves their page."""
    taken = Task.objects.filter(pk=task.pk, done_on=None, taken_by__isnull=False)
    _once(taken, taken_by=None, taken_on=None)
    Event.log("set free", task, by=by, note=_named(task))


@transaction.atomic
def remove_task(*, task: Task, by: User) -> None:
    """Delete a line. Raises DomainError while somebody has taken it."""
    if not Task.objects.filter(pk=task.pk, taken_by=None).delete()[0]:
        raise DomainError(_("Somebody took this on. Set it free first, or mark it as done."))
    Event.log("removed", task, by=by, note=_named(task))


def _once(rows: Any, **fields: Any) -> None:
    if not rows.update(**fields):
        raise InvalidTransition(_("Somebody was first. Have another look."))


def _named(task: Task) -> str:
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
def give_back_task(*, task: Task, receipt: Receipt) -> None:
    """Give a task back, so that it is open again. Idempotent."""
    Task.objects.undone().filter(pk=task.pk, taken_by=receipt).update(taken_by=None, taken_on=None)


@transaction.atomic
def say_done(*, task: Task, receipt: Receipt, now: datetime | None = None) -> None:
    """The holder says that it is done. Idempotent: the first day stays."""
    Task.objects.undone().filter(pk=task.pk, taken_by=receipt).update(done_on=timezone.localdate(now))


def taken_days(receipt: Receipt) -> list[Moment]:
    """The holder's tasks on the timeline of a private page."""
    tasks = Task.objects.of_who_took(receipt)
    moments = []
    for task in tasks:
        moments.append(Moment(task.taken_on or timezone.localdate(), _("You took something on.")))
        if task.done_on:
            moments.append(Moment(task.done_on, _("It was done. Thank you.")))
        elif task.before:
            moments.append(Moment(task.before, _("Your task is done."), before=True))
    return moments


class Tasks:
    """Implements feedback.registries.PersonalData for tasks that were taken on."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Open the tasks that were not done for others."""
        Task.objects.of_who_took(receipt).undone().update(taken_by=None, taken_on=None)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: others may have taken the tasks. The holder can take them on again."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        tasks = Task.objects.of_who_took(receipt).select_related("initiative")
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
        Task.objects.of_who_took(receipt).update(taken_by=None, taken_on=None)
