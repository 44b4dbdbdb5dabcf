"""Duties that must be handed over before a colleague leaves: offers, challenges, initiatives and needs."""

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from initiatives.models import Challenge, Initiative, Need, Offer
from neighbourhoods.registries import Duty, duties


@duties.register("initiatives")
def offers_to_look_after(user: User) -> list[Duty]:
    count = Offer.objects.waiting().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d offer to help.", "%(count)d offers to help.", count) % {"count": count}
    return [Duty(sentence, count, f"{reverse('hands')}?owner={user.pk}")]


@duties.register("initiatives.challenges")
def requests_to_decide(user: User) -> list[Duty]:
    count = Challenge.objects.undecided().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext(
        "%(count)d request to take over a task.", "%(count)d requests to take over a task.", count
    )
    return [Duty(sentence % {"count": count}, count, f"{reverse('challenges')}?owner={user.pk}")]


@duties.register("initiatives.begun")
def initiatives_to_look_after(user: User) -> list[Duty]:
    count = Initiative.objects.in_hand_of(user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d initiative.", "%(count)d initiatives.", count) % {"count": count}
    return [Duty(sentence, count, f"{reverse('initiatives')}?owner={user.pk}")]


@duties.register("initiatives.needs")
def needs_to_look_after(user: User) -> list[Duty]:
    count = Need.objects.open().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d need of residents.", "%(count)d needs of residents.", count) % {
        "count": count
    }
    return [Duty(sentence, count, f"{reverse('needs')}?owner={user.pk}")]
