"""A picture of every page of the demo municipality, for people to look at: `make screenshots`.

Follows the links from the front page and from the desk, and walks through the open survey. Not one of the tests:
axe and widths are held, page by page, by tests/browser/test_*.py. What is found here on the way is written to
screenshots/report.txt.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, Page

from accounts.models import User
from surveys.models import Channel
from tests.browser.looking import sticks_out, violations

FOLDER = Path(settings.BASE_DIR) / "screenshots"
WIDTHS = (320, 360, 1280)
# axe takes longer than the picture; these two see everything once.
JUDGED = {("nl", 320), ("en", 1280)}
NO_PAGES = {
    "survey_qr",
    "survey_poster_file",
    "letters_sample",
    "mailbox_body",
    "private_download",
    "account_logout",
    "health_live",
    "health_ready",
}
CODE = re.compile(r"\b[a-z]+-[2-9]{3}-[a-z]+-[a-z]+\b")


@pytest.fixture
def waterdam(transactional_db) -> None:
    call_command("demo", verbosity=0)
    shutil.rmtree(FOLDER, ignore_errors=True)


def test_every_page(waterdam, live_server, new_context, console_errors):
    told = []
    for who, pages in (
        ("resident", resident_pages(new_context(), live_server.url)),
        ("desk", desk_pages(new_context(), live_server.url)),
    ):
        context, urls = pages
        for language, width in [(code, width) for code, _name in settings.LANGUAGES for width in WIDTHS]:
            told += shoot(context, who, urls, language, width)
    told += console_errors
    console_errors.clear()
    (FOLDER / "report.txt").write_text("\n".join(told) + "\n")
    print(f"{len(list(FOLDER.rglob('*.png')))} pictures in {FOLDER}")
    assert not told, "\n".join(told)


def shoot(context: BrowserContext, who: str, urls: dict[str, str], language: str, width: int) -> list[str]:
    """One picture of each page, and what axe and a ruler say about it."""
    folder = FOLDER / f"{language}-{width}"
    folder.mkdir(parents=True, exist_ok=True)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(next(iter(urls.values()))))
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": origin}])
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 740 if width < 1000 else 900})
    told = []
    for name, url in urls.items():
        page.goto(url)
        page.screenshot(path=folder / f"{who}-{name}.png", full_page=True)
        where = f"{language} {width} {who}-{name}"
        if name != "survey_poster" and page.evaluate(  # a sheet of paper is as wide as it is
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ):
            told += [f"{where}: wider than the screen: {element}" for element in sticks_out(page)]
        if (language, width) in JUDGED:
            told += [f"{where}: {finding}" for finding in violations(page)]
    page.close()
    return told


def resident_pages(context: BrowserContext, origin: str) -> tuple[BrowserContext, dict[str, str]]:
    """The pages of somebody who answers the open survey, takes the first option everywhere, and comes back."""
    page = context.new_page()
    urls = {}
    code = Channel.objects.filter(survey__state="open").first().code
    page.goto(f"{origin}/p/{code}/")
    urls["start"] = page.url
    page.locator("main form button").first.click()
    for number in range(1, 20):
        name = resolve(urlsplit(page.url).path).url_name
        if name not in {"question", "where"}:
            break
        urls[f"{name}-{number}"] = page.url
        page.locator("main form button").first.click()
    for name in ("thanks", "hear", "join", "done", "resume"):
        if is_page(context, url := f"{origin}/p/{code}/{name}/"):
            urls[name] = url
    page.goto(urls["thanks"])
    private_code = CODE.search(page.locator("main").inner_text())
    urls |= crawl(
        context, [f"{origin}/", f"{origin}/v/", f"{origin}/v/lost/", f"{origin}/account/login/"], desk=False
    )
    if private_code:
        page.goto(f"{origin}/v/")
        page.locator("main input[type=text]").first.fill(private_code.group())
        page.locator("main form button").first.click()
        urls["private_page"] = page.url
        urls |= crawl(context, [page.url], desk=False)
    page.close()
    return context, urls


def desk_pages(context: BrowserContext, origin: str) -> tuple[BrowserContext, dict[str, str]]:
    """Every page of the desk that an administrator can reach by links."""
    client = Client()
    administrator = User.objects.get(email__startswith="administrator@")
    client.force_login(administrator, "django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}])
    return context, crawl(
        context, [f"{origin}/desk/", f"{origin}/styleguide/", f"{origin}/mailbox/"], desk=True
    )


def crawl(context: BrowserContext, starts: list[str], *, desk: bool) -> dict[str, str]:
    """The first page of each name that links lead to from here; on the desk, or off it."""
    page = context.new_page()
    found: dict[str, str] = {}
    waiting = list(starts)
    while waiting:
        url = waiting.pop(0)
        name = name_of(url)
        if not name or name in found or name in NO_PAGES:
            continue
        if url not in starts and urlsplit(url).path.startswith("/desk") is not desk:
            continue
        if is_page(context, url):
            page.goto(url)
            found[name] = url
            waiting += links(page)
    page.close()
    return found


def is_page(context: BrowserContext, url: str) -> bool:
    """Not a download, a picture, or what wants a button pressed."""
    response = context.request.get(url)
    return response.ok and response.headers.get("content-type", "").startswith("text/html")


def links(page: Page) -> Iterator[str]:
    origin = urlsplit(page.url).netloc
    for href in page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
        url = urljoin(page.url, href).partition("#")[0]
        if urlsplit(url).netloc == origin:
            yield url


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).url_name or ""
    except Resolver404:
        return ""
