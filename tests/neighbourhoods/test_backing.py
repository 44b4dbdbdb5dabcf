"""A backer is asked by name and decides from their own account."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.models import Message
from neighbourhoods.backing import services
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState, Role
from tests.people import make_backing, make_user, signed_in


@pytest.fixture
def asked(area, backer, editor) -> Backing:
    return make_backing(area=area, backer=backer, by=editor)


# --- asking -----------------------------------------------------------------------------------


def test_request_writes_to_backer(asked, backer):
    letter = Message.objects.get()
    assert letter.user == backer
    assert reverse("backing", args=[asked.pk]) in letter.text
    assert Event.objects.about(asked).get().verb == "asked to back"


def test_request_twice_is_one(asked, area, backer, editor):
    assert make_backing(area=area, backer=backer, by=editor) == asked
    assert Message.objects.count() == 1


def test_request_for_other_text_needs_withdrawal_first(asked, area, backer, editor):
    with pytest.raises(DomainError):
        make_backing(area=area, backer=backer, by=editor, digest="b" * 64)


def test_request_to_backer_of_other_area(area, other_area, editor):
    elsewhere = make_user(Role.BACKER, other_area)
    with pytest.raises(DomainError):
        make_backing(area=area, backer=elsewhere, by=editor)


def test_request_to_editor_is_refused(area, editor):
    with pytest.raises(DomainError):
        make_backing(area=area, backer=editor, by=editor)


def test_backer_of_district_backs_its_neighbourhoods(area, district, editor):
    assert make_backing(area=area, backer=make_user(Role.BACKER, district), by=editor).pk


def test_request_until_yesterday(area, backer, editor):
    with pytest.raises(DomainError):
        make_backing(area=area, backer=backer, by=editor, until=timezone.localdate() - timedelta(days=1))


# --- deciding ---------------------------------------------------------------------------------


def test_page_shows_what_is_backed(asked, backer):
    response = signed_in(backer).get(reverse("backing", args=[asked.pk]))
    for words in ("What does Harbour need?", "We answer everybody", "/p/harbour/text/", asked.digest):
        assert words in response.content.decode()


def test_sign(asked, backer):
    response = signed_in(backer).post(reverse("backing_sign", args=[asked.pk]), {"digest": asked.digest})
    assert response.status_code == 302
    assert Backing.objects.valid().get() == asked
    assert Event.objects.about(asked).first().actor == backer


def test_sign_twice(asked, backer):
    client = signed_in(backer)
    for _time in range(2):
        response = client.post(
            reverse("backing_sign", args=[asked.pk]), {"digest": asked.digest}, follow=True
        )
    assert "already" in response.content.decode() or "al besloten" in response.content.decode()
    assert Event.objects.about(asked).filter(verb="backed").count() == 1


def test_sign_other_text_than_read(asked, backer):
    signed_in(backer).post(reverse("backing_sign", args=[asked.pk]), {"digest": "f" * 64})
    asked.refresh_from_db()
    assert asked.state == BackingState.REQUESTED


def test_sign_by_get(asked, backer):
    assert signed_in(backer).get(reverse("backing_sign", args=[asked.pk])).status_code == 405


def test_sign_after_date(asked, backer):
    with pytest.raises(DomainError):
        services.sign(backing=asked, by=backer, digest=asked.digest, now=timezone.now() + timedelta(days=400))


@pytest.mark.parametrize("action", ["backing_sign", "backing_decline"])
def test_only_who_is_asked_decides(action, asked, area, editor, stranger, administrator):
    url = reverse(action, args=[asked.pk])
    data = {"digest": asked.digest, "reason": "No"}
    other_backer = make_user(Role.BACKER, area)
    assert signed_in(editor).post(url, data).status_code == 403
    assert signed_in(administrator).post(url, data).status_code == 403
    assert signed_in(other_backer).post(url, data).status_code == 404
    assert signed_in(stranger).post(url, data).status_code == 404
    asked.refresh_from_db()
    assert asked.state == BackingState.REQUESTED


def test_backer_who_lost_the_role_cannot_sign(asked, backer):
    backer.memberships.all().delete()
    with pytest.raises(DomainError):
        services.sign(backing=asked, by=backer, digest=asked.digest)


def test_decline_needs_a_reason(asked, backer):
    response = signed_in(backer).post(reverse("backing_decline", args=[asked.pk]), {"reason": " "})
    assert response.status_code == 422
    asked.refresh_from_db()
    assert asked.state == BackingState.REQUESTED


def test_decline(asked, backer):
    signed_in(backer).post(reverse("backing_decline", args=[asked.pk]), {"reason": "There is no money yet."})
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == (BackingState.DECLINED, "There is no money yet.")
    assert not Backing.objects.valid().exists()


def test_decline_after_signing_is_refused(asked, backer):
    services.sign(backing=asked, by=backer, digest=asked.digest)
    with pytest.raises(InvalidTransition):
        services.decline(backing=asked, by=backer, reason="Too late")


def test_backer_withdraws_signature(asked, backer):
    services.sign(backing=asked, by=backer, digest=asked.digest)
    signed_in(backer).post(reverse("backing_withdraw", args=[asked.pk]), {"reason": "The council decided"})
    assert not Backing.objects.valid().exists()


def test_viewer_cannot_see_what_is_asked(asked, viewer):
    assert signed_in(viewer).get(reverse("backing", args=[asked.pk])).status_code == 404


def test_signature_ends_with_its_date(asked, backer):
    services.sign(backing=asked, by=backer, digest=asked.digest)
    assert not Backing.objects.valid(on=asked.until + timedelta(days=1)).exists()


def test_list_asks_flat(asked, area, backer, editor, django_assert_max_num_queries):
    for number in range(8):
        make_backing(area=area, backer=backer, by=editor, subject=f"survey:9:v{number}")
    client = signed_in(backer)
    client.get(reverse("backings"))
    with django_assert_max_num_queries(12):
        response = client.get(reverse("backings"))
    assert response.content.decode().count('nabij-door"') == 9
