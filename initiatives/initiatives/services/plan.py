"""The plan of an initiative: who does what before when; and small tasks that anybody takes on without an account.

Who takes one gets a code and a page of their own. What they took is tied to that page and to nothing else; when they
give it back, or are erased, it is open for somebody else.
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
from initiatives.matching.services.receipts import receipt_with_code
from initiatives.models import Initiative, Task
from initiatives.states import InitiativeState

MAX_TASKS_PER_PLAN = 100
"""Lines of one plan."""


def tasks_in_order(initiative: Initiative) -> list[Task]:
    """Late ones first, then by day, those without a day, and what is done last, the newest first."""
    found = list(Task.objects.filter(initiative=initiative).select_related("initiative"))
    todo = [task for task in found if task.done_on is None]
    todo.sort(key=lambda task: (not task.is_late, task.before or date.max, task.pk))
    done = [task for task in found if task.done_on is not None]
    done.sort(key=lambda task: (task.done_on or date.min, task.pk), reverse=True)
    return todo + done


def open_tasks(initiative: Initiative) -> list[Task]:
    """What anybody can take on, the first needed first."""
    found = Task.objects.to_take().filter(initiative=initiative).select_related("initiative")
    return sorted(found, key=lambda task: (task.before or date.max, task.pk))


# --- what colleagues do -------------------------------------------------------------------------


@transaction.atomic
def add_task(*, initiative: Initiative, by: User, **fields: Any) -> Task:
    """A line. The same line pressed twice is one."""
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
    """Other words, another day. Somebody who took it keeps it: they read the new words on their page."""
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
    """It turned out not to be done."""
    _once(Task.objects.filter(pk=task.pk, done_on__isnull=False), done_on=None)
    Event.log("took up again", task, by=by, note=_named(task))


@transaction.atomic
def free(*, task: Task, by: User) -> None:
    """Who took it does not come: somebody else can. It leaves their page."""
    taken = Task.objects.filter(pk=task.pk, done_on=None, taken_by__isnull=False)
    _once(taken, taken_by=None, taken_on=None)
    Event.log("set free", task, by=by, note=_named(task))


@transaction.atomic
def remove_task(*, task: Task, by: User) -> None:
    """Out of the plan. Not while somebody has it on their page."""
    if not Task.objects.filter(pk=task.pk, taken_by=None).delete()[0]:
        raise DomainError(_("Somebody took this on. Set it free first, or mark it as done."))
    Event.log("removed", task, by=by, note=_named(task))


def _once(rows: Any, **fields: Any) -> None:
    if not rows.update(**fields):
        raise InvalidTransition(_("Somebody was first. Have another look."))


def _named(task: Task) -> str:
    return pick(task.what, "nl")[:200]


# --- what anybody does --------------------------------------------------------------------------


@transaction.atomic
def take_task(
    *, task: Task, submit_key: str, language: str, now: datetime | None = None
) -> tuple[Receipt, str]:
    """Take it on, and get a page of one's own with a code that is shown once.

    The code follows from `submit_key`, which only this browser knows, so that two taps make one. Raises
    InvalidTransition when somebody else was first.
    """
    receipt, code = receipt_with_code(
        seed=f"{submit_key} {task.pk}",
        purpose=ReceiptPurpose.TASK,
        language=language,
        tasks=task.pk,
    )
    # The row is held and read anew: a condition on the initiative, in the UPDATE itself, would look at what stood there
    # before somebody else took it.
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
    """I can't after all: it is open again. Pressed twice it is given back once."""
    Task.objects.undone().filter(pk=task.pk, taken_by=receipt).update(taken_by=None, taken_on=None)


@transaction.atomic
def say_done(*, task: Task, receipt: Receipt, now: datetime | None = None) -> None:
    """Who took it says that it is done; pressed twice it was done the first time."""
    Task.objects.undone().filter(pk=task.pk, taken_by=receipt).update(done_on=timezone.localdate(now))


def taken_days(receipt: Receipt) -> list[Moment]:
    """On the timeline of a private page."""
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
    """Implements feedback.registries.PersonalData: what somebody took on."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """What was not done is open for somebody else."""
        Task.objects.of_who_took(receipt).undone().update(taken_by=None, taken_on=None)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Somebody else may have it by now: they take it on again where it stands."""

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
