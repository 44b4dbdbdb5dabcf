"""What programs look for at a fixed address."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from neighbourhoods.front.views import ALLOWED_PATHS, DISALLOWED_PATHS
from tests.house import url_patterns
from tests.people import make_municipality

pytestmark = pytest.mark.django_db


def security(client) -> dict[str, str]:
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 200 and answer["Content-Type"] == "text/plain; charset=utf-8"
    return dict(line.split(": ", 1) for line in answer.content.decode().splitlines())


def test_security_txt_names_the_municipality(client, settings):
    make_municipality(email="nabij@waterdam.example")
    found = security(client)
    assert found["Contact"] == "mailto:nabij@waterdam.example" and "Policy" not in found
    assert found["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    assert found["Preferred-Languages"] == "nl, en"
    left = datetime.fromisoformat(found["Expires"]) - timezone.now()
    assert timedelta(days=30) < left < timedelta(days=365)


def test_security_txt_names_who_was_chosen(client, settings):
    make_municipality()
    settings.SECURITY_CONTACT = "https://waterdam.example/leak"
    settings.SECURITY_POLICY = "https://waterdam.example/cvd"
    found = security(client)
    assert (found["Contact"], found["Policy"]) == (settings.SECURITY_CONTACT, settings.SECURITY_POLICY)


def test_without_an_address_there_is_no_security_txt(client):
    make_municipality(email="")
    assert client.get("/.well-known/security.txt").status_code == 404


def is_to_be_found(path: str) -> bool:
    """As RFC 9309 reads it: the longest rule that fits, and a tie allows."""

    def longest(rules: tuple[str, ...]) -> int:
        fits = [rule for rule in rules if re.match(re.escape(rule).replace(r"\*", ".*"), path)]
        return max(map(len, fits), default=0)

    return longest(ALLOWED_PATHS) >= longest(DISALLOWED_PATHS)


def test_robots_find_what_is_for_everybody_and_nothing_else(client):
    """Every page of one person or of colleagues, whatever is built later."""
    written = client.get("/robots.txt").content.decode()
    assert all(f"Disallow: {path}\n" in written for path in DISALLOWED_PATHS)
    closed, libraries = set(), ("account/",)
    for route, pattern in url_patterns():
        path = re.sub(r"<[^>]*>", "x", route)
        access = getattr(pattern.callback, "access", "")
        if (access and access != "public") or path.lstrip("/").startswith(libraries):
            closed.add(path)
    assert len(closed) > 50 and not [path for path in closed if is_to_be_found(path)]
    found = [
        "/",
        "/help/",
        "/said/",
        "/challenges/3/",
        "/b/oosterhaven/",
        "/p/haven/results/",
        "/report/1/",
        "/plan/1/",
    ]
    assert not [path for path in found if not is_to_be_found(path)]
