"""A claim in its three worlds: where it is true (there it stands), where it is false, and where nothing is known yet.

A row is (what it says, who reads it, the fields of the world in which that is true, is false, and is not known). Who
reads it is a function that takes `house` and these fields, and returns what is read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from core.templatetags.nabij import daymonth
from tests.feedback.factories import today
from tests.people import make_theme
from tests.surveys.polls import make_survey

WORLDS = ("true", "false", "unknown")
WHY = {"nl": "De bus komt er niet.", "en": "The bus does not come."}


@dataclass(frozen=True)
class Claim:
    says: str
    read: Callable[..., str]
    world: str
    fields: dict[str, Any]

    def holds(self, house: SimpleNamespace) -> None:
        """It stands there in the world in which it is true, and in no other."""
        page = self.read(house, **self.fields)
        assert (days_in(self.says) in page) == (self.world == "true"), page


def each(rows: Sequence[tuple]) -> pytest.MarkDecorator:
    """The test gets each `claim` of these rows, once for each of its worlds."""
    return pytest.mark.parametrize(
        "claim",
        [
            pytest.param(Claim(says, read, world, fields), id=f"{read.__name__}-{says}-{world}")
            for says, read, *worlds in rows
            for world, fields in zip(WORLDS, worlds, strict=True)
        ],
    )


def words(page: str) -> str:
    """As it is read: without marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("'", "’").split())


def days_in(says: str) -> str:
    """A sentence with its days: {40} is in forty days, as the page says it; paper leaves the year out."""

    def said(found: re.Match[str]) -> str:
        on = today(int(found[1]))
        return date_format(on, "j F") if "paper" in found[2] else f"{on.day}" if found[2] else daymonth(on)

    with translation.override("nl"):
        return re.sub(r"\{(-?\d+)([^}]*)\}", said, says)


@pytest.fixture
def house(area, next_area, district, editor, backer, monkeypatch):
    """A survey in two neighbourhoods of East, open since today; caches hold nothing of the test before."""
    cache.clear()
    theme = make_theme("meeting")
    survey = make_survey(areas=[area, next_area], owner=editor, theme=theme, due_on=today(40))
    phone = Client(headers={"accept-language": "nl"})
    house = SimpleNamespace(survey=survey, phone=phone, area=area, district=district, by=editor)
    return SimpleNamespace(**vars(house), theme=theme, backer=backer, monkeypatch=monkeypatch)
