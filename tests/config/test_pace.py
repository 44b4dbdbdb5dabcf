"""How long an answer takes says nothing about who is known here."""

import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts import limits
from config import pace
from tests.feedback.factories import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """Seconds that were waited for, without waiting."""
    slept: list[float] = []
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    return slept


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("page", sorted(pace.ASKS_BY_ADDRESS))
def test_answers_leave_at_whole_steps(page, known, area, editor, slept):
    email = "nobody@example.org"
    if known:
        email = make_contact().email if page in ("private_lost", "follow") else editor.email
    address = reverse(page, args=[area.slug] if page == "follow" else [])
    form = {"email": email, "consent": "on", "is_16_or_older": "on"}
    began = time.monotonic()
    assert Client().post(address, form).status_code in (200, 302)
    [waited] = slept
    assert 0 < waited <= pace.STEP
    whole = (time.monotonic() - began + waited) / pace.STEP
    assert abs(whole - round(whole)) < 0.4  # what the client itself adds


def test_other_pages_do_not_wait(slept, editor):
    Client().get(reverse("private_lost"))
    Client().post(reverse("private_code"), {"code": "linde"})
    assert slept == []


def test_who_asked_too_often_keeps_nobody_busy(slept, monkeypatch):
    monkeypatch.setattr(limits, "is_spent", lambda *_args, **_more: True)
    assert Client().post(reverse("private_lost"), {"email": "nobody@example.org"}).status_code == 429
    assert slept == []
