"""Every page bears the strict policy; a page that needs another one says so."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ["/", "/desk/", "/nothing/"])
def test_pages_run_and_load_nothing_of_others(client, url):
    policy = set(client.get(url)["Content-Security-Policy"].split("; "))

    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'"} <= policy
    assert not any("unsafe" in part or "*" in part for part in policy)


def test_in_debug_the_page_of_an_error_can_be_read(client, settings):
    settings.DEBUG = True

    assert "Content-Security-Policy" in client.get("/")
    assert "Content-Security-Policy" not in client.get("/nothing/")


def test_browser_gives_nothing_away_but_passkeys_and_copying(client):
    parts = client.get("/")["Permissions-Policy"].split(", ")
    allowed = {part.partition("=")[0] for part in parts if not part.endswith("=()")}
    assert allowed == {"clipboard-write", "publickey-credentials-create", "publickey-credentials-get"}
    assert {"geolocation=()", "camera=()", "microphone=()"} <= set(parts)
