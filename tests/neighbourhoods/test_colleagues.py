"""Invited, welcomed, given another role, and let go."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from feedback.models import Message
from neighbourhoods.colleagues import services as colleagues
from neighbourhoods.models import Invitation, Membership
from neighbourhoods.registries import Duty, duties
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_topic
from tests.people import PASSWORD, make_membership, make_root, make_user, signed_in

NEW_PASSWORD = "lantern-harbour-42"


@pytest.fixture
def chief(area) -> User:
    """Administrator of one area alone."""
    return make_user(Role.ADMINISTRATOR, area, email="chief@waterdam.example")


@pytest.fixture
def invited(area, chief, administrator) -> Invitation:
    return colleagues.invite_colleague(
        email="new@waterdam.example", role=Role.EDITOR, area=area, until=None, by=chief
    )


@pytest.fixture
def owes(monkeypatch):
    """Whoever has this title owes an answer."""

    def ask(user: User) -> list[Duty]:
        return [Duty("12 people wait for an answer", 12, "/desk/waiting/")] if user.title == "owner" else []

    monkeypatch.setattr(duties, "_entries", {"test": ask})
    return ask


def path_of(invitation: Invitation) -> str:
    return "/" + colleagues.invitation_url(invitation).split("/", 3)[3]


# --- inviting ---------------------------------------------------------------------------------


def invite(client: Client, area, **data):
    data = {"email": "New@Waterdam.example", "role": "editor", "area": area.pk, "until": ""} | data
    return client.post(reverse("colleague_invite"), data)


def test_invite_writes_a_letter_with_a_link(chief, administrator, area):
    assert invite(signed_in(chief), area).status_code == 302
    invitation = Invitation.objects.get()
    letter = Message.objects.get(user=invitation.user)
    assert invitation.user.email == "new@waterdam.example"
    assert re.search(r"/welcome/\S+/\n", letter.text)
    assert not invitation.user.is_active and not invitation.user.has_usable_password()
    assert Event.objects.about(invitation).get().actor == chief


def test_invite_outside_own_area(chief, administrator, next_area, other_area):
    for elsewhere in (next_area, other_area, make_root()):
        assert invite(signed_in(chief), elsewhere).status_code == 422
        with pytest.raises(DomainError):
            colleagues.invite_colleague(
                email="x@y.example", role=Role.VIEWER, area=elsewhere, until=None, by=chief
            )
    assert not Invitation.objects.exists()


def test_invite_oneself(chief, administrator, area):
    assert invite(signed_in(chief), area, email=chief.email.upper()).status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("data", [{"email": ""}, {"email": "no"}, {"role": "king"}, {"until": "2020-01-01"}])
def test_invite_with_something_wrong(data, chief, administrator, area):
    response = invite(signed_in(chief), area, **data)
    assert response.status_code == 422
    assert 'class="nabij-error-summary"' in response.content.decode()
    assert not Invitation.objects.exists()


def test_invite_who_has_the_role(chief, administrator, area, editor):
    assert invite(signed_in(chief), area, email=editor.email).status_code == 422


def test_invite_again_replaces_the_link(invited, chief):
    old = path_of(invited)
    signed_in(chief).post(reverse("invitation_resend", args=[invited.pk]))
    assert Client().get(old).status_code == 410
    assert Client().get(path_of(Invitation.objects.open().get())).status_code == 200


def test_editor_cannot_invite(editor, area):
    assert invite(signed_in(editor), area).status_code == 403


def test_withdraw(invited, chief):
    client = signed_in(chief)
    assert client.get(reverse("invitation_withdraw", args=[invited.pk])).status_code == 405
    client.post(reverse("invitation_withdraw", args=[invited.pk]))
    assert not Invitation.objects.open().exists()
    with pytest.raises(InvalidTransition):
        colleagues.withdraw_invitation(invitation=invited, by=chief)


def test_withdraw_of_another_area(invited, stranger):
    assert signed_in(stranger).post(reverse("invitation_withdraw", args=[invited.pk])).status_code == 404


# --- welcome ----------------------------------------------------------------------------------


def accept(client: Client, path: str, **data):
    data = {"title": "neighbourhood manager", "language": "nl", "password": NEW_PASSWORD} | data
    return client.post(path, data)


def test_welcome_shows_and_changes_nothing(invited):
    response = Client().get(path_of(invited))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    invited.refresh_from_db()
    assert invited.accepted_at is None


def test_welcome_accepts_and_signs_in(invited, area):
    client = Client()
    assert accept(client, path_of(invited)).status_code == 302
    user = User.objects.get(email="new@waterdam.example")
    assert (user.title, user.is_active) == ("neighbourhood manager", True)
    assert user.check_password(NEW_PASSWORD)
    assert user.memberships.get().role == Role.EDITOR
    assert client.get(reverse("me")).status_code == 200


def test_welcome_twice(invited):
    accept(Client(), path_of(invited))
    response = accept(Client(), path_of(invited), password="another-password-1")
    assert response.status_code == 410
    assert User.objects.get(email="new@waterdam.example").check_password(NEW_PASSWORD)


def test_accept_twice_at_once(invited):
    fields = {"title": "a", "language": "nl", "password": NEW_PASSWORD}
    colleagues.accept(invitation=invited, **fields)
    with pytest.raises(InvalidTransition):
        colleagues.accept(invitation=invited, **fields)


@pytest.mark.parametrize("token", ["x", "1:2:3", signing.dumps(1), "é" * 400], ids=range(4))
def test_welcome_forged(token, municipality):
    response = Client().get(reverse("welcome", args=[token]))
    assert response.status_code == 410


def test_welcome_expired(invited):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert accept(Client(), path_of(invited)).status_code == 410
    assert not Membership.objects.filter(user=invited.user).exists()


@pytest.mark.parametrize("data", [{"password": "short"}, {"password": ""}, {"title": ""}, {"language": "xx"}])
def test_welcome_with_something_wrong_keeps_what_was_typed(data, invited):
    response = accept(Client(), path_of(invited), **({"title": "warden"} | data))
    assert response.status_code == 422
    assert "title" in data or "warden" in response.content.decode()
    invited.refresh_from_db()
    assert invited.accepted_at is None


def test_welcome_of_somebody_known_keeps_the_password(other_area, administrator, editor):
    """Whoever reads another's mailbox must not be able to choose their password by inviting them."""
    invitation = colleagues.invite_colleague(
        email=editor.email, role=Role.VIEWER, area=other_area, until=None, by=administrator
    )
    client = Client()
    assert accept(client, path_of(invitation)).status_code == 302
    editor.refresh_from_db()
    assert editor.check_password(PASSWORD)
    assert editor.memberships.count() == 2
    assert client.get(reverse("me")).status_code == 302, "not signed in by the link"


def test_nobody_signs_up(client, municipality):
    client.post(reverse("account_signup"), {"email": "me@waterdam.example", "password1": NEW_PASSWORD})
    assert not User.objects.exists()


# --- changing and ending ----------------------------------------------------------------------


def change(by: User, membership: Membership, role: str, until: str = ""):
    prefix = f"m{membership.pk}"
    return signed_in(by).post(
        reverse("membership_change", args=[membership.pk]), {f"{prefix}-role": role, f"{prefix}-until": until}
    )


def test_change_role(chief, administrator, editor):
    membership = editor.memberships.get()
    assert change(chief, membership, Role.COORDINATOR).status_code == 302
    membership.refresh_from_db()
    assert membership.role == Role.COORDINATOR
    assert "vroeger: beleidsmedewerker · nu: coördinator" in Event.objects.about(editor).get().details


def test_change_own_role(chief, administrator):
    assert change(chief, chief.memberships.get(), Role.VIEWER).status_code == 422
    assert chief.memberships.get().role == Role.ADMINISTRATOR


def test_change_of_another_area(stranger, editor):
    assert change(stranger, editor.memberships.get(), Role.VIEWER).status_code == 404


def test_change_by_editor(editor, viewer):
    assert change(editor, viewer.memberships.get(), Role.EDITOR).status_code == 403


def test_change_to_a_role_that_is_there(chief, administrator, editor, area):
    make_membership(editor, Role.VIEWER, area)
    assert change(chief, editor.memberships.get(role=Role.EDITOR), Role.VIEWER).status_code == 422


def test_change_to_less_while_duties_are_open(owes, chief, administrator, area):
    owner = make_user(Role.EDITOR, area, title="owner")
    assert change(chief, owner.memberships.get(), Role.VIEWER).status_code == 422
    assert owner.memberships.get().role == Role.EDITOR


def test_end_while_duties_are_open(owes, chief, administrator, area):
    owner = make_user(Role.EDITOR, area, title="owner")
    client = signed_in(chief)
    client.post(reverse("membership_end", args=[owner.memberships.get().pk]))
    assert owner.memberships.exists()
    page = client.get(reverse("colleague", args=[owner.pk])).content.decode()
    assert "12 people wait for an answer" in page and 'href="/desk/waiting/"' in page
    with pytest.raises(colleagues.OpenDutiesError) as refused:
        colleagues.deactivate(user=owner, by=chief)
    assert refused.value.duties[0].count == 12


def test_end(chief, administrator, editor):
    url = reverse("membership_end", args=[editor.memberships.get().pk])
    client = signed_in(chief)
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 404
    assert not editor.memberships.exists()
    assert Event.objects.about(editor).get().verb == "ended role"


def test_end_own_role(chief, administrator):
    assert (
        signed_in(chief).post(reverse("membership_end", args=[chief.memberships.get().pk])).status_code == 302
    )
    assert not chief.memberships.exists()


def test_last_administrator_cannot_leave(administrator):
    signed_in(administrator).post(reverse("membership_end", args=[administrator.memberships.get().pk]))
    assert administrator.memberships.exists()


def test_last_administrator_gets_no_last_day(administrator):
    other = make_user(Role.ADMINISTRATOR)
    colleagues.end_membership(membership=administrator.memberships.get(), by=administrator)
    make_membership(administrator, Role.ADMINISTRATOR, until=timezone.localdate() + timedelta(days=9))
    with pytest.raises(DomainError):
        colleagues.change_membership(
            membership=other.memberships.get(),
            role=Role.ADMINISTRATOR,
            until=timezone.localdate() + timedelta(days=9),
            by=administrator,
        )


def test_let_go_ends_everything(administrator, editor, area):
    client = signed_in(editor)
    signed_in(administrator).post(reverse("colleague_deactivate", args=[editor.pk]))
    editor.refresh_from_db()
    assert not editor.is_active and not editor.has_usable_password()
    assert not editor.memberships.exists()
    assert client.get(reverse("me")).status_code == 302, "the session has ended"


def test_let_go_somebody_who_works_elsewhere_too(chief, administrator, editor, other_area):
    make_membership(editor, Role.VIEWER, other_area)
    assert signed_in(chief).post(reverse("colleague_deactivate", args=[editor.pk])).status_code == 403
    assert signed_in(administrator).post(reverse("colleague_deactivate", args=[editor.pk])).status_code == 302


def test_let_oneself_go(administrator):
    assert (
        signed_in(administrator).post(reverse("colleague_deactivate", args=[administrator.pk])).status_code
        == 403
    )


def test_come_back_by_invitation(administrator, editor, area):
    colleagues.deactivate(user=editor, by=administrator)
    invitation = colleagues.invite_colleague(
        email=editor.email, role=Role.VIEWER, area=area, until=None, by=administrator
    )
    accept(Client(), path_of(invitation))
    editor.refresh_from_db()
    assert editor.is_active and editor.check_password(NEW_PASSWORD)
    assert [membership.role for membership in editor.memberships.all()] == [Role.VIEWER]


# --- the overview -----------------------------------------------------------------------------


def test_overview_shows_own_area_alone(chief, administrator, editor, stranger):
    page = signed_in(chief).get(reverse("colleagues")).content.decode()
    assert editor.email in page
    assert stranger.email not in page and administrator.email not in page


def test_overview_searches(administrator, editor, viewer):
    page = signed_in(administrator).get(reverse("colleagues"), {"q": "EDITOR@"}).content.decode()
    assert editor.email in page and viewer.email not in page


def test_overview_pages_by_key_and_asks_flat(administrator, area, django_assert_max_num_queries):
    for _number in range(55):
        make_user(Role.VIEWER, area)
    client = signed_in(administrator)
    with django_assert_max_num_queries(17):
        page = client.get(reverse("colleagues")).content.decode()
    address = re.search(r'href="([^"]*after=[^"]*)"', page).group(1).replace("&amp;", "&")
    assert client.get(address).status_code == 200


def test_overview_shows_roles_that_ended(administrator, editor):
    editor.memberships.update(until="2020-05-04")
    client = signed_in(administrator)
    assert "4 mei 2020" in client.get(reverse("colleagues")).content.decode()
    assert "4 mei 2020" in client.get(reverse("colleague", args=[editor.pk])).content.decode()


def test_describe_oneself(editor):
    client = signed_in(editor)
    assert client.post(reverse("me"), {"title": "", "language": "nl"}).status_code == 422
    assert client.post(reverse("me"), {"title": "warden", "language": "en"}).status_code == 302
    editor.refresh_from_db()
    assert (editor.title, editor.language) == ("warden", "en")


def test_owner_of_debts_cannot_leave(administrator, editor, area):
    """With what the apps above really register: nobody leaves people waiting without an owner."""
    debt = make_debt(make_topic(area=area), owner=editor)
    with pytest.raises(colleagues.OpenDutiesError) as refused:
        colleagues.end_membership(membership=editor.memberships.get(), by=administrator)
    assert all(duty.url and duty.sentence for duty in refused.value.duties)
    debt.owner = administrator
    debt.save()
    colleagues.end_membership(membership=editor.memberships.get(), by=administrator)
    assert not editor.memberships.exists()
