"""Sets up a season: a small municipality, one coordinator, and a sink for its mail."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode

from django.test.utils import override_settings

from accounts.models import User
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Membership, Municipality, Theme
from neighbourhoods.states import AreaKind, Role
from scenarios.rehearsal import year
from scenarios.rehearsal.browser import Browser, Form, Page
from scenarios.rehearsal.days import Days
from scenarios.rehearsal.season import Season, SeasonSize
from scenarios.rehearsal.sink import Sink

PLACES = {"Oost": ("Havenkom", "De Linde", "Sluisbuurt"), "West": ("Molenhoek", "Veldzicht", "Kade")}
THEMES = ("meeting", "green", "youth", "care")


@contextmanager
def season_simulation(
    scale: SeasonSize, *, say: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[Days, Season]]:
    """A season in the current database, which must be empty."""
    with a_sink() as sink:
        areas = _places()
        coordinator = _colleague("season@waterdam.example", "coördinator wijkteam", Role.COORDINATOR)
        days = Days(begins_on=scale.begins_on, number=scale.days, seed=scale.seed, sink=sink, say=say)
        season = Season(
            scale, days=days, coordinator=coordinator, areas=areas, themes=_themes(), card=_card()
        )
        days.parts.append(season)
        yield days, season


@contextmanager
def year_simulation(
    scale: year.YearScale, *, say: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[Days, year.SurveyYear]]:
    """A year in the current database, which must be empty: surveys and answers, and matching."""
    with a_sink() as sink, a_maildir() as maildir:
        areas, themes = _places(), _themes()
        days = Days(
            begins_on=scale.begins_on, number=scale.days, seed=scale.seed, sink=sink, name="4 weeks", row_every=28,
            say=say,
        )  # fmt: skip
        editor = _colleague("editor@waterdam.example", "wijkmanager", Role.EDITOR)
        backer = _colleague("backer@waterdam.example", "wethouder", Role.BACKER)
        asking = year.SurveyYear(
            scale, days=days, editor=editor, backer=backer, areas=areas, themes=themes, maildir=maildir
        )
        season = Season(
            SeasonSize(
                weeks=scale.days // 7, offers=scale.offers, initiatives=scale.initiatives, begins_on=scale.begins_on
            ),
            days=days, coordinator=_colleague("season@waterdam.example", "coördinator wijkteam", Role.COORDINATOR),
            areas=areas, themes=themes, card=_card(),
        )  # fmt: skip
        days.parts += [asking, season]
        yield days, asking


@contextmanager
def a_maildir() -> Iterator[Path]:
    with TemporaryDirectory(prefix="nabij-inbox-") as folder:
        for name in ("new", "cur", "tmp"):
            (Path(folder) / name).mkdir()
        with override_settings(INBOX_URL=f"maildir://{folder}", INBOX_ADDRESS="antwoord@waterdam.example"):
            yield Path(folder)


@contextmanager
def a_sink() -> Iterator[Sink]:
    sink = Sink(_free_port())
    sink.start()
    try:
        with override_settings(
            EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
            RELAY_REST_SECONDS=0,
            SMS_URL="console://",
            SMS_PER_MINUTE=60_000,
        ):
            yield sink
    finally:
        sink.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _places() -> list[Area]:
    Municipality.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Gemeente Waterdam",
            "languages": ["nl", "en"],
            "email": "nabij@waterdam.example",
            "danger_email": "danger@waterdam.example",
            "text_price": 9,
            "letter_price": 120,
        },
    )
    root = Area.objects.get_or_create_root("Waterdam")
    found = []
    for district, names in PLACES.items():
        around = Area.objects.create(
            kind=AreaKind.DISTRICT, name=district, slug=district.lower(), parent=root
        )
        found += [
            Area.objects.create(
                kind=AreaKind.NEIGHBOURHOOD, name=name, slug=name.lower().replace(" ", "-"), parent=around
            )
            for name in names
        ]
    return found


def _colleague(email: str, title: str, role: Role) -> User:
    user = User.objects.create_user(email, None, title=title)
    Membership.objects.create(user=user, area=Area.root(), role=role)
    return user


def _themes() -> list[Theme]:
    return [
        Theme.objects.create(slug=slug, name={"nl": slug, "en": slug}, order=number)
        for number, slug in enumerate(THEMES)
    ]


def _card() -> ExpectationCard:
    rows = {row: {"nl": "In woorden.", "en": "In words."} for row in ExpectationCard.ROWS}
    return ExpectationCard.objects.create(name="season", **rows)


# --- staff ----------------------------------------------------------------------------------------
# Staff in the dress rehearsal: read contributions, write an answer, release it, and watch it being sent.


SUM_PATTERN = re.compile(r">\s*(\d+)\s+=\s+([\d+\s]+?)\s*<")
LEGEND_PATTERN = re.compile(r'<li>\s*<i class="rc-[a-z]+" aria-hidden="true"></i>\s*<span>\s*\d+\s+([^<,]+)')
FINISHED_PATTERN = re.compile(r'Layer 1: everybody\s*</b>\s*</td>\s*<td class="r num">\s*(\d+)\s*</td>')
WAITING_PATTERN = re.compile(r'<b class="num">\s*(\d+)\s*</b>')


@dataclass
class ReleasedFollowUp:
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
        found = FINISHED_PATTERN.search(self.desk.get(f"/desk/surveys/{survey}/results/").text)
        return int(found[1]) if found else 0

    def waiting(self) -> int:
        found = WAITING_PATTERN.search(self.desk.get("/desk/waiting/").text)
        return int(found[1]) if found else 0

    def read_open_answers(self, at_most: int) -> int:
        """Read open answers one after another and mark them as clear. Returns how many."""
        read = 0
        page = self.desk.get("/desk/listening/")
        while read < at_most:
            try:
                form = page.form(having="reading")
            except LookupError:
                return read
            form.set("reading", "clear").set("handover", "none")
            if themes := form.choices.get("themes"):
                form.set("themes", themes[read % len(themes)])
            page = self._press(page, form)
            read += 1
        return read

    def answer(self, source: str, words: dict[str, str], *, some: bool) -> ReleasedFollowUp:
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
        return ReleasedFollowUp(f"{url}/progress/")

    def watch(self, told: ReleasedFollowUp, *, seconds: float) -> ReleasedFollowUp:
        """Poll its page until nothing is on hold, pending or in hand, or the time is up."""
        ends = time.monotonic() + seconds
        while True:
            page = self.desk.get(told.url)
            if found := SUM_PATTERN.search(page.text):
                told.audience = int(found[1])
                told.parts = [int(part) for part in found[2].split("+")]
                told.labels = [" ".join(label.split()) for label in LEGEND_PATTERN.findall(page.text)]
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
