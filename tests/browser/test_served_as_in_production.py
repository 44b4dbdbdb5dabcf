"""The browser gets what residents get: hashed, compressed files, and no complaint in its console."""

import re


def test_pages_are_styled(live_server, page, municipality):
    """Without its stylesheet a page passes axe and every test of words."""
    page.goto(live_server.url)
    href = page.locator("link[rel=stylesheet]").get_attribute("href")
    assert re.fullmatch(r"/static/residents\.[0-9a-f]{12}\.css", href)
    paper = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--nabij-color-paper')"
    )
    assert paper.strip()


def test_console_errors_are_heard(live_server, page, municipality, console_errors):
    page.goto(live_server.url)
    page.evaluate("console.error('heard')")
    page.goto(f"{live_server.url}/static/nothing.css")
    assert any("heard" in error for error in console_errors)
    assert any("404" in error for error in console_errors)
    console_errors.clear()
