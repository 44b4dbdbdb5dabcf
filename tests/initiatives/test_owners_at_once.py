"""Somebody leaves in the second in which work is handed to them: they have it and stay, or they do not get it."""

import pytest

from initiatives.matching.services.owners import reassign
from initiatives.models import Challenge, Initiative, Need, Offer
from neighbourhoods.colleagues.services import deactivate, end_membership
from neighbourhoods.states import Power, Role
from tests.at_once import BOTH_WAYS, let_meet
from tests.feedback.factories import make_topic
from tests.initiatives.factories import make_begun, make_challenge, make_need, make_offer
from tests.people import make_membership, make_municipality, make_root, make_theme, make_user

pytestmark = [pytest.mark.server_databases, pytest.mark.django_db(transaction=True)]


def an_offer(area, owner):
    return make_offer(area, owner=owner)


def an_initiative(area, owner):
    return make_begun(area, owner=owner, by_resident=False)


def a_need(area, owner):
    return make_need(make_topic(area=area, theme=make_theme()), owner=owner)


_keys = iter(range(10_000))


def a_challenge(area, owner):
    made = make_challenge(area, key=f"{next(_keys):032}")
    Challenge.objects.filter(pk=made.pk).update(owner=owner)
    made.refresh_from_db()
    return made


HANDING = {
    "offer": (an_offer, lambda it, to, by: reassign(Offer.objects.filter(pk=it.pk), to=to, by=by)),
    "offers": (
        an_offer,
        lambda it, to, by: reassign(Offer.objects.waiting().filter(owner=it.owner), to=to, by=by),
    ),
    "initiative": (
        an_initiative,
        lambda it, to, by: reassign(Initiative.objects.filter(pk=it.pk), to=to, by=by),
    ),
    "initiatives": (
        an_initiative,
        lambda it, to, by: reassign(Initiative.objects.owned_by(it.owner), to=to, by=by),
    ),
    "need": (a_need, lambda it, to, by: reassign(Need.objects.filter(pk=it.pk), to=to, by=by)),
    "needs": (a_need, lambda it, to, by: reassign(Need.objects.open().filter(owner=it.owner), to=to, by=by)),
    "challenge": (
        a_challenge,
        lambda it, to, by: reassign(Challenge.objects.filter(pk=it.pk), to=to, by=by, least=Power.EDITOR),
    ),
}
LEAVING = {
    "let go": lambda user, by: deactivate(user=user, by=by),
    "role ended": lambda user, by: end_membership(membership=user.memberships.get(), by=by),
}


@BOTH_WAYS
@pytest.mark.parametrize("leaving", LEAVING)
@pytest.mark.parametrize("handing", HANDING)
def test_nobody_leaves_with_what_is_handed_to_them(handing: str, leaving: str, turned: bool):
    make_municipality()
    root = make_root()
    by = make_user(Role.ADMINISTRATOR, root)
    make_thing, hand_over = HANDING[handing]
    here: list = []

    def make():
        owner, to = make_user(Role.EDITOR, root), make_user()
        make_membership(to, Role.EDITOR, root)
        thing = make_thing(root, owner)
        here[:] = [thing, to]
        return lambda: hand_over(thing, to, by), lambda: LEAVING[leaving](to, by)

    def check():
        thing, to = here
        has_it = type(thing).objects.get(pk=thing.pk).owner_id == to.pk
        assert has_it == to.memberships.exists(), "they have it, or they left"
        for model in (Offer, Initiative, Need, Challenge):
            model.objects.all().delete()

    let_meet(make, check, turned=turned)
