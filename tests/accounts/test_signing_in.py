"""Password, code by e-mail, app with codes, recovery codes; and a second step where the role asks for one."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from feedback.models import Message
from neighbourhoods.states import Role
from tests.people import PASSWORD, make_municipality, make_user, signed_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def sign_in(client: Client, user: User, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def prove(client: Client, password: str = PASSWORD) -> None:
    """Type the password once more, as is asked before anything about signing in changes."""
    client.post(reverse("account_reauthenticate"), {"password": password})


def is_in(client: Client) -> bool:
    return client.get(reverse("me")).status_code == 200


# --- password and code ------------------------------------------------------------------------


def test_password(editor):
    client = Client()
    assert sign_in(client, editor).url == reverse("desk")
    assert is_in(client)


def test_wrong_password_and_unknown_address_say_the_same(editor):
    wrong = sign_in(Client(), editor, "something else entirely")
    unknown = Client().post(
        reverse("account_login"), {"login": "none@waterdam.example", "password": "something"}
    )
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_many_wrong_passwords_are_stopped(editor):
    client = Client()
    for _time in range(12):
        sign_in(client, editor, "wrong password")
    sign_in(client, editor)
    assert not is_in(client)


def test_code_by_mail(editor):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": editor.email})
    letter = Message.objects.get(user=editor)
    code = re.search(r"^([A-Z0-9-]{6,})$", letter.text, re.MULTILINE).group(1)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_in(client)


def test_wrong_code(editor):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": editor.email})
    client.post(reverse("account_confirm_login_code"), {"code": "AAAAAA"})
    assert not is_in(client)


@pytest.mark.parametrize("who", ["nobody@waterdam.example", "invited@waterdam.example"])
def test_code_for_who_has_no_account_sends_nothing_and_looks_the_same(who, editor):
    make_user(email="invited@waterdam.example", is_active=False)
    known = Client().post(reverse("account_request_login_code"), {"email": editor.email})
    unknown = Client().post(reverse("account_request_login_code"), {"email": who})
    assert (unknown.status_code, unknown.url) == (known.status_code, known.url)
    assert set(Message.objects.values_list("user", flat=True)) == {editor.pk}


def test_somebody_let_go_cannot_sign_in(editor):
    editor.lock_out()
    client = Client()
    sign_in(client, editor)
    assert not is_in(client)


def test_tab_leads_from_the_address_to_the_password(db, client):
    page = client.get(reverse("account_login")).content.decode()
    assert page.index('name="password"') < page.index(reverse("account_reset_password"))


def test_new_password_by_mail(editor):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": editor.email})
    link = re.search(r"https?://\S+", Message.objects.get(user=editor).text).group()
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    new = "lantern-harbour-42"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(Client(), editor, new).status_code == 302
    editor.refresh_from_db()
    assert editor.check_password(new)


def test_address_is_the_one_of_the_invitation(editor):
    client = signed_in(editor)
    assert client.get(reverse("account_email")).url == reverse("me")
    assert client.post(reverse("account_email"), {"email": "other@waterdam.example"}).status_code == 405


def test_sessions(editor):
    here, elsewhere = Client(), Client()
    sign_in(here, editor)
    sign_in(elsewhere, editor)
    assert is_in(elsewhere)
    assert here.get(reverse("usersessions_list")).status_code == 200
    here.post(reverse("usersessions_list"))
    assert is_in(here) and not is_in(elsewhere)


# --- the second step --------------------------------------------------------------------------


@pytest.fixture
def with_app(editor) -> User:
    """The editor, with an app for codes and ten recovery codes."""
    TOTP.activate(editor, SECRET)
    RecoveryCodes.activate(editor)
    return editor


def test_app_is_asked_after_password(with_app):
    client = Client()
    assert sign_in(client, with_app).url == reverse("mfa_authenticate")
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    assert is_in(client)


def test_app_is_asked_after_code_by_mail(with_app):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": with_app.email})
    letter = Message.objects.filter(user=with_app).latest("pk")
    code = re.search(r"^([A-Z0-9-]{6,})$", letter.text, re.MULTILINE).group(1)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not is_in(client)


def test_spare_code_works_once(with_app):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for attempt in (True, False):
        client = Client()
        sign_in(client, with_app)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(client) is attempt


def test_secret_is_not_readable_in_the_database(with_app):
    data = Authenticator.objects.get(type="totp").data
    assert SECRET not in str(data)


@pytest.fixture
def second_step_required(municipality) -> None:
    make_municipality(roles_with_mfa=[Role.EDITOR])


def test_role_that_needs_it_gets_nowhere_without(second_step_required, editor, viewer):
    client = signed_in(editor)
    for page in ("desk", "areas", "me"):
        response = client.get(reverse(page))
        assert response.url == f"{reverse('mfa_index')}?required=1"
    assert client.post(reverse("me"), {"title": "x", "language": "nl"}).url.startswith(reverse("mfa_index"))
    assert is_in(signed_in(viewer)), "another role goes on as before"


def test_role_that_needs_it_can_set_it_up(second_step_required, editor):
    client = Client()
    sign_in(client, editor)
    page = client.get(reverse("desk"), follow=True)
    assert page.status_code == 200
    assert "nabij-notice" in page.content.decode()
    prove(client)
    activate = client.get(reverse("mfa_activate_totp"))
    assert activate.status_code == 200
    secret = activate.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)}).status_code == 302
    assert is_in(client)
    again = Client()
    sign_in(again, editor)
    assert not is_in(again)
    again.post(reverse("mfa_authenticate"), {"code": code_now(secret)})


def test_role_that_needs_it_cannot_take_the_last_away(second_step_required, with_app):
    client = Client()
    sign_in(client, with_app)
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    prove(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert with_app.has_second_factor()
    assert is_in(client)


def test_role_that_does_not_need_it_can(with_app):
    client = Client()
    sign_in(client, with_app)
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    prove(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not with_app.has_second_factor()


def test_lost_phone(second_step_required, with_app, administrator):
    """An administrator helps: the password stays, a new second step is set up at the next visit."""
    url = reverse("colleague_forget_second_factor", args=[with_app.pk])
    assert signed_in(administrator).post(url).status_code == 302
    client = Client()
    sign_in(client, with_app)
    assert client.get(reverse("desk")).url.startswith(reverse("mfa_index"))
    prove(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_own_second_step_is_not_forgotten(administrator):
    url = reverse("colleague_forget_second_factor", args=[administrator.pk])
    assert signed_in(administrator).post(url).status_code == 403


def test_password_is_asked_again_before_sign_in_changes(editor):
    """An open session on a desk is not enough."""
    client = Client()
    sign_in(client, editor)
    response = client.get(reverse("mfa_activate_totp"))
    assert response.url.startswith(reverse("account_reauthenticate"))
    prove(client, "something else entirely")
    assert client.get(reverse("mfa_activate_totp")).status_code == 302
    prove(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_change_password", "usersessions_list",
        "account_reauthenticate",
    ],
)  # fmt: skip
def test_pages_of_sign_in_say_u(name, editor):
    client = Client()
    sign_in(client, editor)
    prove(client)
    page = client.get(reverse(name), headers={"accept-language": "nl"})
    assert page.status_code == 200
    assert not re.search(r"\b(je|jij|jouw|jou)\b", page.content.decode(), re.IGNORECASE)


@pytest.mark.parametrize(
    "name",
    [
        "account_login", "account_request_login_code", "account_reset_password", "account_reset_password_done",
        "account_signup", "account_inactive",
    ],
)  # fmt: skip
def test_pages_before_sign_in_say_u(name, municipality):
    page = Client().get(reverse(name), headers={"accept-language": "nl"})
    assert page.status_code == 200
    assert not re.search(r"\b(je|jij|jouw|jou)\b", page.content.decode(), re.IGNORECASE)


def test_letters_say_u(with_app):
    client = Client()
    sign_in(client, with_app)
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "lantern-harbour-42", "password2": "lantern-harbour-42"},
    )
    with_app.refresh_from_db()
    assert with_app.check_password("lantern-harbour-42")
    for letter in Message.objects.all():
        assert not re.search(r"\b(je|jij|jouw|jou)\b", letter.text + letter.subject, re.IGNORECASE)


# --- what strangers try -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["desk", "me", "mfa_index", "account_change_password", "usersessions_list"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_half_way_in_is_not_in(name, method, with_app):
    """The password is right, the code of the app not typed yet: nothing opens, also by its address."""
    client = Client()
    sign_in(client, with_app)
    assert getattr(client, method)(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_activate_totp"])
def test_the_second_step_is_not_changed_half_way_in(name, with_app):
    client = Client()
    sign_in(client, with_app)
    assert client.post(reverse(name)).url.startswith(reverse("account_login"))
    assert with_app.has_second_factor()


def test_codes_of_the_app_are_not_guessed_from_many_networks(with_app):
    for number in range(6):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        sign_in(client, with_app)
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    assert not is_in(client)


@pytest.mark.parametrize("who", ["", "nobody@waterdam.example"], ids=["known", "unknown"])
def test_passwords_are_not_guessed_from_many_networks(who, editor):
    """Five for one address in five minutes, whether it is known or not; other ways in stay open."""
    address = who or editor.email
    for number in range(6):
        page = Client(REMOTE_ADDR=f"192.0.2.{number}").post(
            reverse("account_login"), {"login": address.upper(), "password": "something else"}
        )
    assert "Te veel" in page.content.decode()
    assert not is_in(_at(sign_in, editor)) if not who else is_in(_at(sign_in, editor))


def _at(way, user: User) -> Client:
    client = Client(REMOTE_ADDR="198.51.100.1")
    way(client, user)
    return client


def test_a_code_by_mail_is_tried_three_times(editor):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": editor.email})
    for _time in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "AAAAAAAA"})
    code = re.search(r"^([A-Z0-9-]{6,})$", Message.objects.get(user=editor).text, re.MULTILINE)[1]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not is_in(client)


ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example",
    "///evil.example", "\t//evil.example", "https://testserver@evil.example/",
]  # fmt: skip


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(goal, editor):
    client = Client()
    data = {"login": editor.email, "password": PASSWORD, "next": goal}
    assert client.post(reverse("account_login"), data).url == reverse("desk")
    assert (
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": goal}).url == "/desk/"
    )
    assert client.post(reverse("set_language"), {"language": "nl", "next": goal}).url == "/"
    assert client.post(reverse("account_logout"), {"next": goal}).url == "/"


def test_a_session_from_before_signing_in_is_worth_nothing(editor):
    """Whoever put a session into somebody's browser does not come in with it afterwards."""
    client = Client()
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = client.cookies["sessionid"].value
    sign_in(client, editor)
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert is_in(client) and not is_in(stranger)


def test_nabij_has_no_superusers():
    with pytest.raises(CommandError, match="start_municipality"):
        call_command("createsuperuser")
