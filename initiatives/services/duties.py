"""Who wants to help must not lose the one who looks after them."""

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from initiatives.models import Offer
from neighbourhoods.registries import Duty, duties


@duties.register("initiatives")
def offers_to_look_after(user: User) -> list[Duty]:
    count = Offer.objects.waiting().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d offer to help.", "%(count)d offers to help.", count) % {"count": count}
    return [Duty(sentence, count, f"{reverse('hands')}?owner={user.pk}")]
