"""Out of debug Nabij does not start with what everybody can read."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from accounts.passwords import DEMO_PASSWORD
from config.production import DEMO_KEY, reason_to_refuse
from core.jobs import refuse_bad_start
from scenarios import checks
from scenarios.demo.people import DOMAIN
from tests.people import make_user

KEY = "k3Vw9ZpQx7Lr2Nt8Ys4Bd6Hf1Jm5Gc0A"
HTTPS = "https://nabij.example.nl"


@pytest.mark.parametrize(
    ("key", "site", "on_localhost", "word"),
    [
        (KEY, HTTPS, False, ""),
        (KEY, "http://localhost:8000", True, ""),
        (KEY, "http://[::1]:8000", True, ""),
        (DEMO_KEY, HTTPS, False, "SECRET_KEY"),
        (DEMO_KEY * 3, HTTPS, False, "SECRET_KEY"),
        (KEY[:31], HTTPS, False, "SECRET_KEY"),
        ("abcdefghi" + "a" * 40, HTTPS, False, "SECRET_KEY"),
        ("abcdefghij" * 5, HTTPS, False, "SECRET_KEY"),
        (KEY, "http://localhost:8000", False, "SITE_URL"),
        (KEY, "http://nabij.example.nl", True, "SITE_URL"),
        (KEY, "http://localhost.example.nl", True, "SITE_URL"),
        (KEY, "https://", False, "SITE_URL"),
        (KEY, "", True, "SITE_URL"),
    ],
)
def test_key_and_address_are_refused_in_one_sentence(key, site, on_localhost, word):
    reason = reason_to_refuse(secret_key=key, site_url=site, http_on_localhost=on_localhost)
    assert bool(reason) == bool(word) and reason.startswith(word) and "\n" not in reason
    assert not key or key not in reason


@pytest.fixture
def outside(db, settings):
    settings.TESTING = False


def test_accounts_of_the_demo_are_refused(outside):
    make_user(email=f"editor@{DOMAIN.upper()}")
    with pytest.raises(ImproperlyConfigured, match="demo municipality"):
        refuse_bad_start()


def test_password_of_the_demo_is_refused_under_another_address(outside):
    user = make_user(email="beheer@example.nl")
    user.set_password(DEMO_PASSWORD)
    user.save()
    with pytest.raises(ImproperlyConfigured, match="changepassword"):
        refuse_bad_start()
    with pytest.raises(ValidationError, match="demo"):
        validate_password(DEMO_PASSWORD, user)


def test_real_accounts_start(outside):
    make_user(email="beheer@example.nl")
    refuse_bad_start()


def test_database_that_does_not_answer_keeps_nothing_from_starting(outside, monkeypatch, caplog):
    def gone() -> str:
        raise DatabaseError

    monkeypatch.setattr(checks, "trouble_of_demo", gone)
    refuse_bad_start()
    assert [message.id for message in checks.demo_is_not_deployed(None, databases=["default"])] == [
        "nabij.W001"
    ]


def test_demo_is_made_in_debug_only(outside):
    with pytest.raises(CommandError, match="DEBUG=1"):
        call_command("demo", "--if-empty")
