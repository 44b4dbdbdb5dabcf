"""What a test can see of a page: what axe finds wrong, and whether it fits its screen."""

from functools import cache

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@cache
def axe() -> Axe:
    return Axe()


def violations(page: Page) -> list[str]:
    """What axe finds, one line per finding with the elements it is about. Rules out an unstyled page."""
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "The page has no stylesheet."
    found = axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found
    ]


def sticks_out(page: Page) -> list[str]:
    """Elements that are wider than the screen, but for those in a strip or table that scrolls by itself."""
    return page.evaluate(
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
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
            .map(e => `${Math.round(e.getBoundingClientRect().height)}px: ${e.outerHTML.slice(0, 120)}`)"""
    )
