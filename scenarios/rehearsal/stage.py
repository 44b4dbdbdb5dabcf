"""Sets up a season: a small municipality, one coordinator, and a sink for its mail."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.test.utils import override_settings

from accounts.models import User
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Membership, Municipality, Theme
from neighbourhoods.states import AreaKind, Role
from scenarios.rehearsal import year
from scenarios.rehearsal.days import Days
from scenarios.rehearsal.season import Season, SeasonSize
from scenarios.rehearsal.sink import Sink

PLACES = {"Oost": ("Havenkom", "De Linde", "Sluisbuurt"), "West": ("Molenhoek", "Veldzicht", "Kade")}
THEMES = ("meeting", "green", "youth", "care")


@contextmanager
def staged(
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
def staged_year(
    scale: year.YearScale, *, say: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[Days, year.Asking]]:
    """A year in the current database, which must be empty: surveys and answers, and matching."""
    with a_sink() as sink, a_maildir() as maildir:
        areas, themes = _places(), _themes()
        days = Days(
            begins_on=scale.begins_on, number=scale.days, seed=scale.seed, sink=sink, name="4 weeks", row_every=28,
            say=say,
        )  # fmt: skip
        editor = _colleague("editor@waterdam.example", "wijkmanager", Role.EDITOR)
        backer = _colleague("backer@waterdam.example", "wethouder", Role.BACKER)
        asking = year.Asking(
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
