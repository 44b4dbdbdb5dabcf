"""Single sign-on, switched on by environment alone: our site and an identity provider as two real servers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from neighbourhoods.states import Role
from tests.browser.looking import sticks_out, too_small_to_tap, violations
from tests.crash.house import url_of_test_database
from tests.identity import provider
from tests.people import make_municipality, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "A server did not start."
        with closing(socket.socket()) as found:
            if found.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("A server does not answer.")


@pytest.fixture
def site(municipality, tmp_path: Path) -> Iterator[str]:
    """The address of a site that signs in with the provider."""
    port, provider_port = free_port(), free_port()
    url = f"http://localhost:{port}"
    environment = os.environ | {
        "TESTING": "1",
        "PORT": str(port),
        "SITE_URL": url,
        "DATABASE_URL": url_of_test_database(),
        "DATA_DIR": str(tmp_path / "site"),
        "OIDC_SERVER_URL": f"http://localhost:{provider_port}",
        "OIDC_CLIENT_ID": provider.CLIENT,
        "OIDC_CLIENT_SECRET": provider.SECRET,
        "OIDC_NAME": "Waterdam",
    }
    callback = f"{url}/account/sso/oidc/login/callback/"
    web = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    commands = {
        provider_port: ["tests.identity.provider", str(provider_port), str(tmp_path), callback],
        port: [*web, "config.wsgi:application"],
    }
    how = {"cwd": settings.BASE_DIR, "env": environment, "stdout": subprocess.DEVNULL}
    running = [subprocess.Popen([sys.executable, "-m", *command], **how) for command in commands.values()]
    try:
        for at, process in zip(commands, running, strict=True):
            wait_for(at, process)
        yield url
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(10)


def sign_in(page: Page, site: str, address: str) -> None:
    """From our page to that of the provider and back, as somebody does who never saw either."""
    page.goto(f"{site}/account/login/?next=/desk/me/")
    page.get_by_role("button", name="Waterdam").click()
    page.fill("input[name=login]", address)
    page.fill("input[name=password]", provider.PASSWORD)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(f"{site}/**")


def test_a_colleague_comes_in_with_the_account_of_the_town(site: str, context: BrowserContext, page: Page):
    colleague = make_user(Role.EDITOR, email=provider.EDITOR)
    EmailAddress.objects.create(user=colleague, email=colleague.email, verified=True, primary=True)
    page.goto(f"{site}/account/login/")
    assert not violations(page) and not sticks_out(page) and not too_small_to_tap(page)
    sign_in(page, site, provider.EDITOR)
    expect(page).to_have_url(f"{site}/desk/me/")
    colleague.refresh_from_db()
    assert colleague.has_usable_password(), "Who signs in this way keeps the password they have."
    assert not SocialAccount.objects.exists(), "Nothing that the provider says of a person is kept."


def test_who_was_not_invited_stays_outside(site: str, page: Page):
    sign_in(page, site, provider.NOBODY)
    expect(page.get_by_role("heading", level=1)).to_have_text("U hebt hier nog geen rol")
    assert not violations(page) and not sticks_out(page)
    assert not User.objects.filter(email=provider.NOBODY).exists()
    page.goto(f"{site}/desk/me/")
    expect(page).to_have_url(f"{site}/account/login/?next=/desk/me/")


def test_an_address_that_the_provider_did_not_check_opens_nothing(site: str, page: Page):
    make_user(Role.ADMINISTRATOR, email=provider.UNCHECKED)
    sign_in(page, site, provider.UNCHECKED)
    expect(page.get_by_role("heading", level=1)).to_have_text("U hebt hier nog geen rol")


def test_a_second_step_is_asked_all_the_same(site: str, page: Page):
    make_municipality(roles_with_mfa=[Role.EDITOR])
    make_user(Role.EDITOR, email=provider.EDITOR)
    sign_in(page, site, provider.EDITOR)
    assert "/account/2fa/" in page.url
