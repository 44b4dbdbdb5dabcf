"""What a test can see of a page: what axe finds wrong, and whether it fits its screen."""

from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],  # what is in order is not described, element by element
}


def more(*values: Any) -> Any:
    """Parameters that only those wait for who take a change in: often another language and width of the same pages."""
    return pytest.param(*values, marks=pytest.mark.thorough)


SCREENS = [("nl", 320), more("en", 1280)]
"""Language and width in px: the smallest phone, and a desk."""


@cache
def axe() -> Axe:
    return Axe()


def speak(page: Page, language: str) -> None:
    """Choose a language as the button of the site does: the header a browser sends is that of its locale."""
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])


def violations(page: Page) -> list[str]:
    """What axe finds, one line per finding with the elements it is about. Rules out an unstyled page."""
    page.wait_for_load_state()  # a form that was just sent may still be on its way
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "The page has no stylesheet."
    page.evaluate(axe().axe_script)
    # Only what is wrong leaves the browser: what is in order fills megabytes, and doubles the time.
    found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", RULES)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found
    ]


def sticks_out(page: Page) -> list[str]:
    """Elements that are wider than the screen, but for those in a strip or table that scrolls by itself; and tables
    of which a part is out of sight, unless one can go there by keyboard and is told where one is."""
    hidden = page.evaluate(
        """() => [...document.querySelectorAll("table")].filter(e => e.checkVisibility()).map(e => {
            while (e !== document.body && !["auto", "scroll"].includes(getComputedStyle(e).overflowX))
                e = e.parentElement;
            return e; })
            .filter(e => e !== document.body && e.scrollWidth > e.clientWidth + 1)
            .filter(e => e.tabIndex !== 0 || !(e.ariaLabel || e.hasAttribute("aria-labelledby")))
            .map(e => `hidden columns: ${e.outerHTML.slice(0, 120)}`)"""
    )
    return hidden + page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(e => { for (let up = e.parentElement; up !== document.body && up; up = up.parentElement)
                if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return false; return true; })
            .filter(e => e.checkVisibility()
                && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
                && getComputedStyle(e).position !== "absolute" && !e.closest("svg"))
            .map(e => e.outerHTML.slice(0, 120))"""
    )


def too_small_to_tap(page: Page) -> list[str]:
    """Buttons, fields and lone links under 44 px, on a phone. Links within a sentence are let be."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, select, textarea, summary, .nabij-lone),"
                + "main input:not([type=hidden], [type=checkbox], [type=radio]), main .nabij-list-actions a")]
            .filter(e => e.checkVisibility() && !e.closest(".visually-hidden"))
            .filter(e => e.getBoundingClientRect().height < 43.5)
            .map(e => `${Math.round(e.getBoundingClientRect().height)}px: ${e.outerHTML.slice(0, 120)}`)"""
    )
