"""The first step of a real installation, from the shell."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from neighbourhoods.models import Area, Municipality, Theme
from neighbourhoods.states import Role

BOSS = "boss@waterdam.example"


def start(*more: str, email: str = BOSS, name: str = "Gemeente Waterdam") -> str:
    """The path of the link that is printed."""
    call_command(
        "start_municipality", "--name", name, "--admin-email", email, *more, stdout=(told := StringIO())
    )
    return re.search(r"https?://[^/]+(/\S+)", told.getvalue()).group(1)


def accept(path: str) -> Client:
    client = Client()
    answer = {"title": "beheerder", "language": "nl", "password": "lantern-harbour-42"}
    assert client.post(path, answer).status_code == 302
    return client


def test_start_to_first_sign_in(db):
    client = accept(start())
    assert Municipality.objects.get().name == "Gemeente Waterdam"
    assert Area.root().name == "Waterdam" and Theme.objects.count() > 4
    user = User.objects.get(email=BOSS)
    assert user.memberships.get().role == Role.ADMINISTRATOR
    assert client.get(reverse("desk")).url.startswith(reverse("mfa_index")), "a second step comes first"


def test_start_again_before_it_was_accepted_gives_a_new_link(db):
    old, new = start(), start()
    assert Client().get(old).status_code == 410
    assert Client().get(new).status_code == 200
    assert Municipality.objects.count() == Area.objects.count() == 1


def test_start_when_there_is_an_administrator(db):
    accept(start())
    with pytest.raises(CommandError, match="--unlock"):
        start(email="other@waterdam.example")
    assert User.objects.count() == 1


def test_unlock(db):
    client = accept(start())
    path = start("--unlock")
    assert client.get(reverse("desk")).status_code == 302, "sessions ended"
    assert reverse("account_login") in client.get(reverse("desk")).url
    accept(path)
    assert User.objects.get().is_active


def test_unlock_somebody_else(db):
    accept(start())
    with pytest.raises(CommandError, match="no administrator"):
        start("--unlock", email="other@waterdam.example")
    assert User.objects.get().is_active


@pytest.mark.parametrize(("name", "email"), [("", BOSS), ("x" * 81, BOSS), ("Gemeente", "no address")])
def test_start_with_something_wrong(name, email, db):
    with pytest.raises(CommandError):
        start(name=name, email=email)
    assert not Municipality.objects.exists()
