"""A story that is told once and done twice: by keyboard alone at a desk, and by tapping on a phone."""

import os

from django.urls import reverse
from django.utils import translation
from playwright.sync_api import CDPSession, Page

from tests.browser.hands import Hand, Thumb
from tests.browser.looking import speak, sticks_out, too_small_to_tap, violations
from tests.people import PASSWORD


class Story:
    """One person, one browser, one language. Each step is something that they do."""

    def __init__(self, new_context, base: str, hand: type[Hand], language: str, width: int) -> None:
        self.new_context, self.base = new_context, base
        self.kind, self.language, self.width = hand, language, width
        self.looks = 0
        self.wrong: dict[str, list[str]] = {}
        self.without_scripts: dict[Page, CDPSession] = {}
        self.hand = self.begin()

    @property
    def page(self) -> Page:
        return self.hand.page

    def begin(self, *, scripts: bool = True) -> Hand:
        """A browser of their own for somebody; perhaps one that runs no scripts."""
        by_thumb = self.kind is Thumb
        page = self.new_context(has_touch=by_thumb, is_mobile=by_thumb).new_page()
        page.set_viewport_size({"width": self.width, "height": 740 if by_thumb else 900})
        speak(page, self.language)
        if not scripts:
            self.without_scripts[page] = page.context.new_cdp_session(page)
            self.run_scripts(page, False)
        return self.kind(page)

    def run_scripts(self, page: Page, on: bool) -> None:
        """Of a browser without them: for as long as axe looks, which is one."""
        if session := self.without_scripts.get(page):
            session.send("Emulation.setScriptExecutionDisabled", {"value": not on})

    def say(self, text: str, context: str = "", **values) -> str:
        """The words of a screen in the language of this story."""
        with translation.override(self.language):
            said = translation.pgettext(context, text) if context else translation.gettext(text)
        return said % values if values else said

    def look(self, name: str, hand: Hand | None = None) -> None:
        """At a page somebody comes by: accessible, fitting, and on a phone large enough to tap."""
        page = (hand or self.hand).page
        page.wait_for_load_state()
        self.looks += 1
        if folder := os.environ.get("SHOTS"):
            picture = f"{self.language}-{self.width}-{self.looks:02}-{name}.png"
            page.screenshot(path=f"{folder}/{picture}", full_page=True)
        self.run_scripts(page, True)
        small = too_small_to_tap(page) if self.width < 600 else []
        if found := violations(page) + sticks_out(page) + small:
            self.wrong[name] = found
        self.run_scripts(page, False)
        assert page.locator("html").get_attribute("lang") == self.language

    def go(self, role: str, text: str, **how) -> None:
        self.hand.follow(role, self.say(text), **how)

    def plural(self, one: str, many: str, n: int) -> str:
        with translation.override(self.language):
            return translation.ngettext(one, many, n) % {"n": n}

    def sign_in(self, hand: Hand, user) -> None:
        hand.page.goto(self.base + reverse("account_login"))
        hand.write(hand.page.locator("[name=login]"), user.email)
        hand.write(hand.page.locator("[name=password]"), PASSWORD)
        hand.follow("button", self.say("Sign in"))

    def field(self, label: str):
        return self.page.get_by_label(self.say(label), exact=True).first
