"""Matches rows of a file to known areas: by code in that year, else by code in the nearest year, else by name."""

import difflib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from neighbourhoods.imports import columns
from neighbourhoods.imports.services.import_kinds import PREVIEW_LINES_SHOWN, ImportPlan
from neighbourhoods.models import Area, AreaVersion, Municipality, Succession
from neighbourhoods.states import AreaKind

MIN_NAME_SIMILARITY = 0.8  # minimum similarity of a suggested name
_MAX_FUZZY_ROWS = 400  # fuzzy matching is slow

_KINDS = {"BU": AreaKind.NEIGHBOURHOOD, "WK": AreaKind.DISTRICT, "GM": AreaKind.MUNICIPALITY}
_WORDS = {
    "buurt": AreaKind.NEIGHBOURHOOD,
    "neighbourhood": AreaKind.NEIGHBOURHOOD,
    "wijk": AreaKind.DISTRICT,
    "district": AreaKind.DISTRICT,
    "gemeente": AreaKind.MUNICIPALITY,
    "municipality": AreaKind.MUNICIPALITY,
}
_TOTALS = frozenset({"totaal", "total", "gemiddelde", "gemiddeld", "average", "som"})


class LeftOutReason(StrEnum):
    """Why a row is left out without being wrong."""

    COUNTRY = "country"
    ELSEWHERE = "elsewhere"
    WATER = "water"
    TOTAL = "total"
    CHOSEN = "chosen"
    MARGIN = "margin"
    WRONG = "wrong"  # by choice of the user


@dataclass(frozen=True)
class NamedArea:
    """An area as a row names it."""

    code: str
    name: str
    kind: str  # "" if the row does not say
    year: int

    @property
    def key(self) -> str:
        return self.code or self.name

    @property
    def municipality(self) -> str:
        """The municipality's code inside a CBS code; "" for the municipality's own codes."""
        return f"GM{self.code[2:6]}" if self.code[:2] in _KINDS and columns.cbs_code(self.code) else ""


def named_area(code: str, name: str, kind: str, year: int) -> NamedArea:
    told = _KINDS.get(code[:2]) if columns.cbs_code(code) else _WORDS.get(kind.strip().casefold())
    return NamedArea(code[:12], name[:120], told or "", year)


def normalise_name(name: str) -> str:
    """Normalise a name: no case, accents, punctuation, or number as in “Wijk 00”."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(
        sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign)
    ).split()
    if len(words) > 2 and words[0] == "wijk" and words[1].isdecimal():
        words = words[2:]
    return "".join(words)


class AreaIndex:
    """The known areas, read once, to match every row.

    `level` applies to rows without one: names are matched on that level only, and "" matches no names. None matches
    on any level, for files about places within our areas (postcodes).
    """

    def __init__(
        self, *, own: str = "", picks: Mapping[str, int] | None = None, level: str | None = None
    ) -> None:
        self.areas = {area.pk: area for area in Area.objects.select_related("parent")}
        root = next((area for area in self.areas.values() if area.kind == AreaKind.MUNICIPALITY), None)
        self.root = root or Area.root()  # raises if there is none
        self.picks = {key: pk for key, pk in (picks or {}).items() if not pk or pk in self.areas}
        self._versions: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        self._years: dict[tuple[int, int], str] = {}
        self._coded: set[int] = set()
        for code, year, place_pk, name in AreaVersion.objects.values_list("code", "year", "area", "name"):
            self._years[place_pk, year] = code
            if code:
                self._versions[code].append((year, place_pk, name))
                self._coded.add(place_pk)
        self.own = own or own_code(self._versions)
        self._named: dict[str, list[int]] = defaultdict(list)
        for pk, area in self.areas.items():
            self._named[normalise_name(area.name)].append(pk)
        for found in self._versions.values():
            for _year, area_pk, name in found:
                if area_pk not in self._named[normalise_name(name)]:
                    self._named[normalise_name(name)].append(area_pk)
        self._after = _largest_successors()
        self.level = level
        self.chosen: dict[str, NamedArea] = {}  # rows that a user picked an area for, or left out
        self.other_year = 0  # number of rows found by the code of another year
        self.other_name: dict[str, str] = {}  # names in the file that differ from ours

    def find(self, row: NamedArea) -> int | LeftOutReason | None:
        """The area, the reason to leave the row out, or None if it is unknown."""
        if row.code[:2] in ("NL", "LD", "PV", "CR") and columns.cbs_code(row.code):
            return LeftOutReason.COUNTRY
        if row.municipality and self.own and row.municipality != self.own:
            return LeftOutReason.ELSEWHERE
        if row.municipality and row.code == row.municipality == self.own:
            return self.root.pk
        if columns.is_water(row.code):
            return LeftOutReason.WATER
        if row.key in self.picks:
            self.chosen[row.key] = row
            return self.picks[row.key] or LeftOutReason.CHOSEN
        return self._by_code(row) if row.code in self._versions else self._by_name(row)

    def _by_code(self, row: NamedArea) -> int | None:
        versions = self._versions[row.code]
        year, pk, _name = min(versions, key=lambda one: (abs(one[0] - row.year), -one[0]))
        area = self.areas[pk]
        if year != row.year:
            if area.ended_on and area.ended_on.year < row.year:
                return None
            self.other_year += 1
        if row.name and normalise_name(row.name) not in {
            normalise_name(area.name),
            *(normalise_name(one[2]) for one in versions),
        }:
            self.other_name[row.name] = area.name
        return pk

    def _by_name(self, row: NamedArea) -> int | LeftOutReason | None:
        """Match by name. An unknown CBS code may belong to another place with that name, so then only areas without
        a code.
        """
        name = normalise_name(row.name or row.code)
        if name in _TOTALS and not row.municipality:
            return LeftOutReason.TOTAL
        found = [pk for pk in self._named.get(name, []) if self._is_of_level(row, pk)]
        if not found and not row.kind and name == normalise_name(self.root.name):
            return self.root.pk  # the row for the whole municipality
        if row.municipality:
            found = [pk for pk in found if pk not in self._coded]
        existing = [pk for pk in found if not self.areas[pk].is_ended]
        found = existing or found
        return found[0] if len(found) == 1 else None

    def _is_of_level(self, row: NamedArea, pk: int) -> bool:
        level = row.kind or self.level
        return level is None or level == self.areas[pk].kind

    def needs_no_name(self, row: NamedArea) -> bool:
        """Whether a row is matched, or left out, without using its name."""
        return (
            row.code in self._versions
            or row.key in self.picks
            or normalise_name(row.name or row.code) in _TOTALS
        ) or normalise_name(row.name) == normalise_name(self.root.name)

    def levels_named(self, row: NamedArea) -> set[str]:
        """The levels on which an existing area has the name of this row."""
        found = (self.areas[pk] for pk in self._named.get(normalise_name(row.name or row.code), []))
        return {area.kind for area in found if not area.is_ended}

    def suggest(self, rows: list[NamedArea]) -> list[dict[str, Any]]:
        """Unmatched rows as the page shows them: ambiguous ones first, then those with an `area` by choice or by
        name, then rows without any resemblance.

        `like` is an area with a similar name, or with a name that several rows have; the user must judge those.
        """
        found = self._likely(rows)
        times = Counter(row["area"] for row in found if row["area"])
        for row in found:
            if times[row["area"]] > 1:
                row["like"], row["area"] = str(self.areas[row["area"]]), None
        found += [
            {
                "key": row.key,
                "code": row.code,
                "name": row.name,
                "area": self.picks[row.key] or None,
                "like": "",
            }
            for row in self.chosen.values()
        ]
        return sorted(found, key=lambda one: (not one["like"], one["area"] is None, one["key"]))

    def _likely(self, rows: list[NamedArea]) -> list[dict[str, Any]]:
        """For each row the area with exactly that name, or its successor; else the area with the most similar name."""
        names = list(self._named)
        found: list[dict[str, Any]] = []
        for number, row in enumerate(rows):
            name = normalise_name(row.name)
            area = self._only(self._named.get(name, []), row)
            like = ""
            if area is None and name and number < _MAX_FUZZY_ROWS:
                near = difflib.get_close_matches(name, names, n=1, cutoff=MIN_NAME_SIMILARITY)
                only = self._only([pk for one in near for pk in self._named[one]], row)
                like = str(self.areas[only]) if only else ""
            found.append({"key": row.key, "code": row.code, "name": row.name, "area": area, "like": like})
        return found

    def _only(self, found: list[int], row: NamedArea) -> int | None:
        """The only one of these that fits, or its successor if it has ended."""
        fitting = [pk for pk in found if self._fits(row, pk)]
        if len(fitting) != 1:
            return None
        pk = fitting[0]
        return self._after.get(pk, pk) if self.areas[pk].is_ended else pk

    def without(self, found: set[int]) -> list[str]:
        return sorted(
            area.name
            for pk, area in self.areas.items()
            if area.kind == AreaKind.NEIGHBOURHOOD and not area.is_ended and pk not in found
        )

    def _fits(self, row: NamedArea, pk: int) -> bool:
        """The same level, and no other code in that year yet."""
        return self._is_of_level(row, pk) and not self._years.get((pk, row.year))

    def has_version(self, pk: int, year: int) -> bool:
        return (pk, year) in self._years

    def district(self, code: str) -> int | None:
        """The district in the code of a neighbourhood, if it is known."""
        found = self._versions.get(f"WK{code[2:8]}")
        return max(found)[1] if found else None


def plan_with_same_names(read: Callable[[], ImportPlan], options: dict[str, Any]) -> ImportPlan:
    """Plan the file; without choices by the user, match rows with identical names and plan it again."""
    plan = read()
    same = {row["key"]: row["area"] for row in plan.extra.get("unmatched", []) if row["area"]}
    if same and "picks" not in options:
        options["picks"] = same
        plan = read()
    plan.extra["unmatched"] = plan.extra.get("unmatched", [])[:PREVIEW_LINES_SHOWN]
    return plan


def own_code(versions: Mapping[str, object] | None = None) -> str:
    """The code of this municipality: as set, else as in most codes of its areas; "" if unknown."""
    if set_by_hand := Municipality.current().code:
        return set_by_hand
    if versions is None:
        versions = dict.fromkeys(AreaVersion.objects.exclude(code="").values_list("code", flat=True))
    counts = Counter(f"GM{code[2:6]}" for code in versions if columns.cbs_code(code) and code[:2] in _KINDS)
    return counts.most_common(1)[0][0] if counts else ""


def _largest_successors() -> dict[int, int]:
    return dict(Succession.objects.order_by("share").values_list("before", "after"))


# Codes of areas in a year from a file with figures or postcodes: stored as versions without a border.


def save_area_codes(told: Iterable[tuple[int, NamedArea]], *, ours: AreaIndex, source: str) -> list[int]:
    """Store code and name of each area (by id) for years without a version. Returns the new ids."""
    wanted = {(area, named.year): named for area, named in told if not ours.has_version(area, named.year)}
    made = AreaVersion.objects.bulk_create(
        AreaVersion(
            area_id=area,
            year=year,
            code=named.code,
            name=named.name or ours.areas[area].name,
            source=source,
        )
        for (area, year), named in wanted.items()
    )
    return [version.pk for version in made]


def remove_area_codes(versions: Iterable[int]) -> None:
    """Undo `save_area_codes`. Raises DomainError if one of the versions got a border since."""
    made = AreaVersion.objects.filter(pk__in=versions)
    if made.filter(boundary__isnull=False).exists():
        raise DomainError(_("Some of these areas got a border since. Undo that file first."))
    made.delete()
