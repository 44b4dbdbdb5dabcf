"""What a colleague must hand over before leaving; otherwise open debts have no active owner."""

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from feedback.models import AnswerOwed, Promise
from neighbourhoods.registries import Duty, duties


@duties.register("feedback")
def answers_owed(user: User) -> list[Duty]:
    url = reverse("owner", args=[user.pk])
    people = AnswerOwed.objects.waiting().filter(owner=user).values("receipt").distinct().count()
    promises = Promise.objects.filter(owner=user).count()
    sentences = [
        (
            ngettext("%(count)d person waits for an answer.", "%(count)d people wait for an answer.", people),
            people,
        ),
        (
            ngettext("%(count)d promise to residents.", "%(count)d promises to residents.", promises),
            promises,
        ),
    ]
    return [Duty(words % {"count": count}, count, url) for words, count in sentences if count]
