"""How long an answer takes says nothing about who is known here."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from core import http, limits
from tests.feedback.factories import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """Seconds that were waited for, without waiting."""
    slept: list[float] = []
    monkeypatch.setattr(http, "time", SimpleNamespace(sleep=slept.append, monotonic=lambda: 0.0))
    return slept


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("name", sorted(http.CONSTANT_TIME_VIEWS))
def test_answers_leave_at_whole_steps(name, known, area, editor, slept, monkeypatch):
    email = "nobody@example.org"
    if known:
        email = make_contact().email if name in ("private_lost", "follow") else editor.email
    took = 2.37 * http.RESPONSE_STEP_SECONDS if known else 0.09 * http.RESPONSE_STEP_SECONDS
    monkeypatch.setattr(http.time, "monotonic", iter([7.0, 7.0 + took]).__next__)
    address = reverse(name, args=[area.slug] if name == "follow" else [])
    form = {"email": email, "consent": "on", "is_16_or_older": "on"}
    assert Client().post(address, form).status_code in (200, 302)
    [waited] = slept
    assert 0 < waited <= http.RESPONSE_STEP_SECONDS
    assert (took + waited) / http.RESPONSE_STEP_SECONDS == pytest.approx(3 if known else 1)


def test_other_pages_do_not_wait(slept, editor):
    Client().get(reverse("private_lost"))
    Client().post(reverse("private_code"), {"code": "linde"})
    assert slept == []


def test_who_asked_too_often_keeps_nobody_busy(slept, monkeypatch):
    monkeypatch.setattr(limits, "is_limit_reached", lambda *_args, **_more: True)
    assert Client().post(reverse("private_lost"), {"email": "nobody@example.org"}).status_code == 429
    assert slept == []
