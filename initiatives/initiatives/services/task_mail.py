"""Reminder before a task is due, to holders with a confirmed address. Rendered on sending, so that tasks
done, given back or released meanwhile cause none."""

from datetime import datetime, timedelta
from functools import partial

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import LinkPurpose, absolute, sign_link
from accounts.models import Contact, Receipt
from core.i18n import pick
from feedback.delivery.services.outbox import queue_message
from feedback.models import Message, build_key, parse_key
from feedback.registries import MessageRenderer, daily_jobs, renders
from feedback.states import MessagePurpose
from initiatives.matching.emails import Contents, render_joining_mail
from initiatives.models import Task
from initiatives.states import PUBLIC_INITIATIVES
from neighbourhoods.models import Municipality

REMINDER_DAYS_AHEAD = 2


@daily_jobs.register("initiatives.tasks")
def remind(now: datetime | None = None) -> str:
    """Queue reminders, once per task, holder and day: a moved day is told again."""
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    due = Task.objects.undone().filter(
        before__gte=today,
        before__lte=today + timedelta(days=REMINDER_DAYS_AHEAD),
        taken_on__lt=today,  # who took it on today knows
        taken_by__contact__in=Contact.objects.reachable().exclude(email=""),
        initiative__state__in=PUBLIC_INITIATIVES,
    )
    count = 0
    for task in due.select_related("taken_by"):
        if (receipt := task.taken_by) is None:
            continue
        queue_message(
            purpose=MessagePurpose.TASK,
            dedupe_key=build_key("task", task.pk, receipt.pk.hex, f"{task.before:%Y%m%d}"),
            language=receipt.language,
            receipt=receipt,
            now=moment,
        )
        count += 1
    return f"{count} tasks are needed within {REMINDER_DAYS_AHEAD} days, and who took them on is told"


@renders(MessagePurpose.TASK)
def render_task_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """A renderer per message, or the reason not to send it."""
    pks = {message.pk: parse_key(message.dedupe_key).pk for message in messages}
    tasks = Task.objects.undone().select_related("taken_by", "initiative__area").in_bulk(list(pks.values()))
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        task = tasks.get(pks[message.pk])
        receipt = task.taken_by if task and task.taken_by_id == message.receipt_id else None
        if task is None or receipt is None or not task.initiative.is_public:
            said[message.pk] = "it was done or given back, or is gone"
            continue
        with override(message.language):
            contents = _contents(task, receipt, message.language)
        said[message.pk] = partial(render_joining_mail, contents, language=message.language)
    return said


def _contents(task: Task, receipt: Receipt, language: str) -> Contents:
    municipality = Municipality.current().name
    what = pick(task.what, language)
    pairs = [(_("What"), what), (_("For"), pick(task.initiative.name, language))]
    if task.before:
        pairs.append((_("Before"), date_format(task.before, "l j F")))
    return Contents(
        # The subject does not name the task, because others may see it.
        subject=_("What you took on is needed soon"),
        lead=_("You took something on in %(area)s. It is needed soon.") % {"area": task.initiative.area.name},
        pairs=tuple(pairs),
        button=_("It is done, or I can't after all"),
        url=absolute(reverse("task_mailed", args=[sign_link(receipt, LinkPurpose.TASK, str(task.pk))])),
        after=(_("Can't you make it? Say so: then somebody else can do it."),),
        municipality=municipality,
    )
