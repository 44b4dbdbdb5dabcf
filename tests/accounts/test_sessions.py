"""How long a colleague stays signed in, what a late form shows, and what is kept of signing in."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.retention import empty_staff_who_left, forget_sign_ins
from neighbourhoods.colleagues.services import start_municipality
from neighbourhoods.models import Municipality
from neighbourhoods.settings.retention import vacuum
from tests.people import PASSWORD, make_user

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


def sign_in(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def at(minutes: float) -> time_machine.travel:
    return time_machine.travel(MORNING + timedelta(minutes=minutes), tick=False)


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 302), (31, 302)])
def test_half_an_hour_without_a_request_ends_it(editor, minutes, status):
    with at(0):
        client = sign_in(editor)
        assert client.get(reverse("desk")).status_code == 200
    with at(minutes):
        assert client.get(reverse("desk")).status_code == status


def test_who_goes_on_stays_for_twelve_hours_and_no_longer(editor):
    with at(0):
        client = sign_in(editor)
    for minutes in range(0, 12 * 60, 20):
        with at(minutes):
            assert client.get(reverse("desk")).status_code == 200, minutes
    with at(12 * 60):
        page = client.get(reverse("desk"), follow=True)
    assert page.redirect_chain[0][0] == f"{reverse('account_login')}?next={reverse('desk')}"
    assert "12 uur geleden" in page.content.decode()


def test_municipality_sets_other_terms(editor, settings):
    settings.SESSION_IDLE_MINUTES = 5
    with at(0):
        client = sign_in(editor)
        client.get(reverse("desk"))
    with at(6):
        page = client.get(reverse("desk"), follow=True)
    assert "5 minuten" in page.content.decode()


def test_requests_within_a_minute_write_the_session_once(editor, django_assert_max_num_queries):
    with at(0):
        client = sign_in(editor)
        client.get(reverse("me"))
        with django_assert_max_num_queries(100) as queries:
            client.get(reverse("me"))
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_form_that_comes_too_late_shows_what_was_typed(editor):
    with at(0):
        client = sign_in(editor)
        client.get(reverse("me"))
    with at(40):
        answer = client.post(reverse("me"), {"title": "Wijkmanager van Noord", "language": "nl"})
    assert answer.status_code == 403
    assert "Wijkmanager van Noord" in answer.content.decode()
    assert reverse("account_login") in answer.content.decode()
    editor.refresh_from_db()
    assert editor.title != "Wijkmanager van Noord"


# --- what is kept -----------------------------------------------------------------------------


def test_ended_sessions_are_erased_with_address_and_device(editor):
    with at(0):
        sign_in(editor)
    with at(60):
        sign_in(editor)
    assert (Session.objects.count(), UserSession.objects.count()) == (2, 2)
    after = MORNING + timedelta(hours=12, minutes=30)
    assert forget_sign_ins(after, 0) == {"ended sessions of colleagues": 1}
    assert (Session.objects.count(), UserSession.objects.count()) == (1, 1)


def test_who_is_let_go_has_no_session_left(editor):
    client = sign_in(editor)
    editor.lock_out()
    assert not UserSession.objects.exists() and not Session.objects.exists()
    assert client.get(reverse("desk")).status_code == 302


def test_address_that_the_library_keeps_goes_with_the_account(db):
    gone = make_user(is_active=False, last_login=MORNING)
    EmailAddress.objects.create(user=gone, email=gone.email, primary=True, verified=True)
    empty_staff_who_left(MORNING + timedelta(days=366), 365)
    assert not EmailAddress.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_vacuum_runs_on_every_table_with_personal_fields():
    said = vacuum()
    if connection.vendor == "postgresql":
        assert said.endswith("tables") and int(said.split()[0]) > 50
    else:
        assert said == "only on PostgreSQL"


def test_new_municipality_asks_a_second_step_from_coordinator_up(db):
    start_municipality(name="Waterdam", place="Waterdam", email="first@waterdam.example")
    assert set(Municipality.current().roles_with_mfa) == {"coordinator", "editor", "administrator"}
