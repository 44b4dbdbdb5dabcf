"""Staff in the dress rehearsal: read contributions, write an answer, release it, and watch it being sent."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from scenarios.rehearsal.browser import Browser, Form, Page

SUM = re.compile(r">\s*(\d+)\s+=\s+([\d+\s]+?)\s*<")
LEGEND = re.compile(r'<li>\s*<i class="rc-[a-z]+" aria-hidden="true"></i>\s*<span>\s*\d+\s+([^<,]+)')
FINISHED = re.compile(r'Layer 1: everybody\s*</b>\s*</td>\s*<td class="r num">\s*(\d+)\s*</td>')
WAITING = re.compile(r'<b class="num">\s*(\d+)\s*</b>')


@dataclass
class Told:
    """A released follow-up, with the counts on its own page."""

    url: str
    audience: int = 0
    parts: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    @property
    def adds_up(self) -> bool:
        return self.audience == sum(self.parts)


class Editor:
    """A simulated editor at the desk, in English. Raises LookupError if a page lacks an element."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.desk = Browser(url, "en")
        page = self.desk.get("/account/login/")
        form = page.form(having="password").set("login", email).set("password", password)
        page = self.desk.submit(page, form)
        if "/desk/" not in page.url:
            raise LookupError(f"Signing in as {email} ended at {page.url}; is the password right?")

    def survey(self, title_code: str) -> str:
        """The id of the survey with the short address `title_code`. Raises LookupError if there is none."""
        for url in dict.fromkeys(u for u, _t in self.desk.get("/desk/surveys/").links):
            if found := re.search(r"/desk/surveys/(\d+)/", url):
                page = self.desk.get(f"/desk/surveys/{found[1]}/ways/")
                if f"/p/{title_code}" in page.text:
                    return found[1]
        raise LookupError(f"No survey of this editor has the short address /p/{title_code}/.")

    def counted(self, survey: str) -> int:
        found = FINISHED.search(self.desk.get(f"/desk/surveys/{survey}/results/").text)
        return int(found[1]) if found else 0

    def waiting(self) -> int:
        found = WAITING.search(self.desk.get("/desk/waiting/").text)
        return int(found[1]) if found else 0

    def listen(self, at_most: int) -> int:
        """Read open answers one after another and mark them as clear. Returns how many."""
        read = 0
        page = self.desk.get("/desk/listening/")
        while read < at_most:
            try:
                form = page.form(having="reading")
            except LookupError:
                return read
            form.set("reading", "clear")
            if themes := form.choices.get("themes"):
                form.set("themes", themes[read % len(themes)])
            page = self._press(page, form)
            read += 1
        return read

    def answer(self, source: str, words: dict[str, str], *, some: bool) -> Told:
        """Write and release a follow-up in `source`: to those who chose an option if `some`, else to all who wait."""
        page = self.desk.get(f"/desk/answers/new/?source={quote(source)}")
        if some:
            boxes = next(form for form in page.forms if form.choices.get("key"))
            keys = [key for key in boxes.choices["key"] if key.startswith("option:")]
            page = self.desk.get(
                f"/desk/answers/new/?{urlencode([('source', source), *(('key', k) for k in keys)])}"
            )
        start = next(form for form in page.forms if form.method == "post" and "/answers/new/" in form.action)
        page = self._press(page, start)
        form = page.form(having="outcome").set("outcome", "adopted")
        for name in form.values:
            part = name.rpartition("_")[0]
            if part in words:
                form.set(name, words[part])
        page = self._press(page, form, kept_above=True)
        number = re.search(r"/desk/answers/(\d+)/", page.url)
        if not number:
            raise LookupError(f"The follow-up was not kept; the desk is at {page.url} ({page.status}).")
        url = f"/desk/answers/{number[1]}"
        page = self.desk.get(f"{url}/release/")
        page = self._press(page, page.form(having="checked").set("checked", "on"))
        if "/progress/" not in page.url:
            raise LookupError(f"The follow-up was not released; the desk is at {page.url} ({page.status}).")
        return Told(f"{url}/progress/")

    def watch(self, told: Told, *, seconds: float) -> Told:
        """Poll its page until nothing is on hold, pending or in hand, or the time is up."""
        ends = time.monotonic() + seconds
        while True:
            page = self.desk.get(told.url)
            if found := SUM.search(page.text):
                told.audience = int(found[1])
                told.parts = [int(part) for part in found[2].split("+")]
                told.labels = [" ".join(label.split()) for label in LEGEND.findall(page.text)]
            if time.monotonic() > ends or not _under_way(page):
                return told
            time.sleep(1)

    def _fill(self, page: Page, form: Form, values: dict[str, str]) -> Page:
        for name, value in values.items():
            form.set(name, value)
        return self._press(page, form)

    def _press(self, page: Page, form: Form, *, kept_above: bool = False) -> Page:
        """Submit with the form's own button, or with the save button above the page if it has none."""
        button = next((button for button in form.buttons if not button.name), None)
        if button is None and form.buttons and not kept_above:
            button = form.buttons[0]
        page = self.desk.submit(page, form, button)
        if page.status >= 400:
            raise LookupError(f"{page.status} at {page.url}")
        return page


def _under_way(page: Page) -> bool:
    return 'class="rc-pending"' in page.text
