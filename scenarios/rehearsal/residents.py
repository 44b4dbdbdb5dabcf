"""Texts that simulated residents write: real open answers from files, else a few of our own."""

import csv
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from scenarios.rehearsal.browser import Browser, Button, Form, Page
from scenarios.rehearsal.sink import Sink

DEFAULT_TEXTS = [
    ("nl", "Er moet een bankje bij het water komen, dan kan mijn vader weer naar buiten."),
    ("nl", "De lantaarn bij de speeltuin is al weken stuk."),
    ("nl", "Ik zou graag vaker koffie drinken met buren."),
    ("en", "Please put a bench by the water."),
    ("en", "My children need a safe way to cross the road to school."),
]
# Column with the text -> language of the files known to have it.
TEXT_COLUMNS = {"comment-body": "en", "name": "nl", "naam": "nl", "title": "nl", "titel": "nl", "text": "nl"}
MAX_ANSWER_LENGTH = 1_800


def read_words(files: list[str]) -> list[tuple[str, str]]:
    """(language, text) of every non-empty row. Raises OSError if a file can't be read."""
    found = [pair for file in files for pair in _read(Path(file))]
    return found or DEFAULT_TEXTS


def _read(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        column = next((name for name in TEXT_COLUMNS if name in (rows.fieldnames or [])), "")
        return [
            (TEXT_COLUMNS[column], " ".join(row[column].split())[:MAX_ANSWER_LENGTH])
            for row in rows
            if column and row[column] and row[column].strip()
        ]


# Simulated residents: hurried, interrupted, tapping twice, switching phones, in two languages.


_CODE = re.compile(r'class="nabij-code"[^>]*>\s*([a-z]+-\d{3}-[a-z]+-[a-z]+)')
UNSUBSCRIBE_LINK_PATTERN = re.compile(r"https?://\S+?(/v/u/[^\s>\"]+)")
CONFIRM_LINK_PATTERN = re.compile(r"https?://\S+?(/v/c/[^\s>\"]+)")


@dataclass
class ResidentRecord:
    """What one resident did, recorded on their side."""

    number: int
    language: str
    began: bool = False
    finished_first: bool = False
    layers: int = 0
    texts: list[str] = field(default_factory=list)
    code: str = ""
    address: str = ""
    confirmed: bool = False
    unsubscribed_at: float | None = None
    erased: bool = False
    withdrawn: bool = False
    offered: bool = False
    resumed: bool = False
    double_taps: int = 0
    seconds: list[float] = field(default_factory=list)
    trouble: str = ""


@dataclass
class Neighbourhood:
    """What all residents share: the channel, the texts they may write, and how long they think."""

    url: str
    poll: str
    words: Sequence[tuple[str, str]]  # (language, text)
    sink: Sink
    think: tuple[float, float] = (0.0, 0.2)
    seed: int = 1

    def resident(self, number: int) -> "Resident":
        return Resident(self, number, Random(f"{self.seed}:{number}"))  # noqa: S311  a play, no secret


class Resident:
    """One simulated resident: answers, may go deeper, may stop halfway, may leave an address."""

    def __init__(self, home: Neighbourhood, number: int, chance: Random) -> None:
        self.home, self.chance = home, chance
        self.did = ResidentRecord(number, "en" if chance.random() < 0.25 else "nl")
        self.phone = Browser(home.url, self.did.language)
        self._done_layers: set[str] = set()

    def play(self) -> ResidentRecord:
        self.attempt(self._play)
        self.did.seconds = self.phone.seconds
        return self.did

    def attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  a rehearsal says what went wrong and goes on
            self.did.trouble = f"{type(error).__name__}: {error}"[:300]

    # --- the play ---------------------------------------------------------------------------

    def _play(self) -> None:
        page = self._begin()
        stops_after = self.chance.choice([1, 2, 3]) if self.chance.random() < 0.08 else 99
        page = self._first_layer(page, stops_after)
        if not self.did.finished_first:
            return
        if "/where/" in page.url:
            page = self._live_somewhere(page)
        self._keep_code(page)
        if self.chance.random() < 0.1 and self.did.code:
            page = self._on_another_phone()
        page = self._answer_deeper_layers(page)
        if self.chance.random() < 0.4:
            page = self._hear_back(page)
        if self.chance.random() < 0.1:
            page = self._join(page)
        if self.chance.random() < 0.7:
            self._done(page)

    def _begin(self) -> Page:
        page = self._get(f"/p/{self.home.poll}/")
        page = self._send(page, page.form("/begin/"))
        self.did.began = "/q/" in page.url
        return page

    def _first_layer(self, page: Page, stops_after: int) -> Page:
        answered = 0
        while "/q/" in page.url and answered < stops_after:
            page = self._answer(page)
            answered += 1
        if "/q/" in page.url:
            # Interrupted. Half of them come back on the same phone and resume.
            if self.chance.random() < 0.5:
                return page
            page = self._get(f"/p/{self.home.poll}/")
            page = self._get(page.link("/thanks/"))
            if "/q/" not in page.url:
                raise RuntimeError(f"Going on led to {page.url} and to no question")
            self.did.resumed = True
            while "/q/" in page.url:
                page = self._answer(page)
        self.did.finished_first = "/thanks/" in page.url or "/where/" in page.url
        self.did.layers += self.did.finished_first
        return page

    def _answer(self, page: Page) -> Page:
        form = page.form(having="go")
        if self.chance.random() < 0.06:
            return self._send(page, form, form.button(name="go", value="skip"))
        # Checkboxes and radio buttons that are already ticked have values as well.
        words = next((name for name in form.values if name.startswith("q") and name not in form.choices), "")
        if words:
            return self._send(page, self._write(form, words), self._main_button(form))
        boxes = next((name for name in form.choices if name.startswith("q")), "")
        if boxes:
            some = self.chance.sample(form.choices[boxes], k=min(2, len(form.choices[boxes])))
            return self._send(
                page, form.set(boxes, *some[: self.chance.choice([1, 2])]), self._main_button(form)
            )
        taps = [button for button in form.buttons if button.name.startswith("q")]
        return self._send(page, form, self.chance.choice(taps))

    def _write(self, form: Form, name: str) -> Form:
        mine = [text for language, text in self.home.words if language == self.did.language]
        text = f"{self.chance.choice(mine or ['…'])} [{self.did.number}-{len(self.did.texts) + 1}]"
        self.did.texts.append(text)
        return form.set(name, text)

    @staticmethod
    def _main_button(form: Form) -> Button | None:
        return next((button for button in form.buttons if not button.name), None)

    def _live_somewhere(self, page: Page) -> Page:
        form = page.form(having="skip")
        taps = [button for button in form.buttons if button.name == "area"]
        if taps:
            return self._send(page, form, self.chance.choice(taps))
        choices = [value for value in form.choices.get("area", []) if value]
        return self._send(page, form.set("area", self.chance.choice(choices)), self._main_button(form))

    def _keep_code(self, page: Page) -> None:
        if found := _CODE.search(page.text):
            self.did.code = found[1]

    def _on_another_phone(self) -> Page:
        """Type the code on another phone and continue there."""
        self.phone = Browser(self.home.url, self.did.language)
        page = self._get("/v/")
        form = page.form(having="code")
        page = self._send(page, form.set("code", self.did.code.upper().replace("-", " ")))
        self.did.resumed = True
        return self._send(page, page.form("/resume/"))

    def _answer_deeper_layers(self, page: Page) -> Page:
        for _ in range(3):
            try:
                form = page.form("/layer/")
            except LookupError:
                return page
            # A finished layer is marked but stays open for changes; choose one that is not finished.
            doors = [button for button in form.buttons if button.value not in self._done_layers]
            if not doors or self.chance.random() > 0.45:
                return page
            door = self.chance.choice(doors)
            self._done_layers.add(door.value)
            page = self._send(page, form, door)
            while "/q/" in page.url:
                page = self._answer(page)
            self.did.layers += 1
        return page

    def _hear_back(self, page: Page) -> Page:
        page = self._get(f"/p/{self.home.poll}/hear/")
        self.did.address = f"resident-{self.home.seed}-{self.did.number}@rehearsal.example"
        form = page.form(having="email").set("email", self.did.address)
        form.set("consent", "on").set("is_16_or_older", "on")
        page = self._send(page, form)
        return self._get(f"/p/{self.home.poll}/thanks/")

    def _join(self, page: Page) -> Page:
        page = self._get(f"/p/{self.home.poll}/join/")
        if "/join/" not in page.url:
            return page
        form = page.form(having="way")
        form.set("way", self.chance.choice(form.choices["way"])).set("phone", "06 1234 5678")
        form.set("consent", "on").set("is_16_or_older", "on")
        page = self._send(page, form)
        self.did.offered = page.status == 200
        return self._get(f"/p/{self.home.poll}/thanks/")

    def _done(self, page: Page) -> None:
        self._send(page, page.form("/done/"))

    # --- later ------------------------------------------------------------------------------

    def confirm(self) -> None:
        """Open the mail that asks to confirm the address, and press its button."""
        for letter in self.home.sink.to(self.did.address):
            if found := CONFIRM_LINK_PATTERN.search(letter.text):
                page = self._get(found[1])
                self._send(page, next(form for form in page.forms if "/v/c/" in form.action))
                self.did.confirmed = True
                return

    def unsubscribe(self) -> None:
        """Unsubscribe with the link in the last mail about their answer."""
        letters = [
            letter
            for letter in self.home.sink.to(self.did.address)
            if UNSUBSCRIBE_LINK_PATTERN.search(letter.text)
        ]
        if not letters:
            return
        link = UNSUBSCRIBE_LINK_PATTERN.search(letters[-1].text)
        page = self._get(link[1]) if link else None
        if page:
            form = page.form("/", having="action")
            page = self.phone.submit(page, form, form.button(name="action", value="answer"))
            if page.status >= 400:
                raise RuntimeError(f"{page.status} after unsubscribing")
            self.did.unsubscribed_at = time.time()

    def withdraw(self) -> None:
        page = self._own_page()
        page = self._get(page.link("/withdraw/"))
        self._press(page, page.form("/withdraw/"))
        self.did.withdrawn = True

    def erase(self) -> None:
        page = self._own_page()
        page = self._get(page.link("/erase/"))
        form = page.form("/erase/", having="code").set("code", self.did.code)
        self._press(page, form)
        self.did.erased = True

    def _own_page(self) -> Page:
        self.phone = Browser(self.home.url, self.did.language)
        page = self._get("/v/")
        return self._press(page, page.form(having="code").set("code", self.did.code))

    def _press(self, page: Page, form: Form) -> Page:
        page = self.phone.submit(page, form, self._main_button(form) or next(iter(form.buttons), None))
        if page.status >= 400:
            raise RuntimeError(f"{page.status} at {page.url}")
        return page

    # --- small things -----------------------------------------------------------------------

    def _get(self, path: str) -> Page:
        self._think()
        page = self.phone.get(path)
        if page.status >= 400:
            raise RuntimeError(f"{page.status} at {path}")
        return page

    def _send(self, page: Page, form: Form, button: Button | None = None) -> Page:
        self._think()
        if self.chance.random() < 0.1:
            self.did.double_taps += 1
            page = self.phone.submit_twice(page, form, button)
        else:
            page = self.phone.submit(page, form, button)
        if page.status == 422 and any(len(values) > 1 for values in form.values.values()):
            # "I don't know" together with another option is refused; choose again.
            again = page.form(having="go")
            name = next(name for name in again.choices if name.startswith("q"))
            page = self.phone.submit(page, again.set(name, again.choices[name][0]), self._main_button(again))
        if page.status >= 400:
            raise RuntimeError(f"{page.status} after {form.action or page.url}")
        return page

    def _think(self) -> None:
        time.sleep(self.chance.uniform(*self.home.think))
