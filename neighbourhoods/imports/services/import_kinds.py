"""What an import would do, and what each kind of file means: it plans, writes and puts back (services/imports.py)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from django.utils.translation import ngettext

from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.models import Import

PREVIEW_LINES_SHOWN = 200
"""Lines of each group that the preview keeps; the sums count all."""


@dataclass(frozen=True)
class PreviewLine:
    """One line of the preview: what it is about, and what happens to it."""

    name: str
    code: str = ""
    what: str = ""


@dataclass(frozen=True)
class RowError:
    """Something that has to be right first. `row` counts as people count in that file."""

    row: int
    name: str
    reason: str
    column: str = ""


@dataclass
class ImportPlan:
    """What an import would do. Nothing is written while anything is wrong or asked."""

    new: list[PreviewLine] = field(default_factory=list)
    changed: list[PreviewLine] = field(default_factory=list)
    unchanged: list[PreviewLine] = field(default_factory=list)
    unmatched: list[PreviewLine] = field(default_factory=list)
    wrong: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences to read first
    asks: list[str] = field(default_factory=list)  # what has to be chosen first, as keys of the options
    extra: dict[str, Any] = field(default_factory=dict)  # what else the preview of this kind shows
    work: Any = None  # what `write` needs; never kept

    GROUPS: ClassVar = ("new", "changed", "unchanged", "unmatched", "wrong")

    @property
    def counts(self) -> dict[str, int]:
        return {group: len(getattr(self, group)) for group in self.GROUPS}

    def report(self) -> dict[str, Any]:
        lines = {
            group: [asdict(line) for line in getattr(self, group)[:PREVIEW_LINES_SHOWN]]
            for group in self.GROUPS
        }
        return {
            "counts": self.counts,
            "lines": lines,
            "notes": self.notes,
            "asks": self.asks,
            "extra": self.extra,
        }


class FileImporter(ABC):
    """What one kind of file means."""

    def unmatched(self, count: int) -> str:
        """What is on one side only, for that many."""
        return ngettext("place not found", "places not found", count)

    def stamp(self) -> str:
        """A short value that changes when what a file of this kind is compared with changes."""
        return ""

    @abstractmethod
    def plan(self, content: bytes, options: dict[str, Any], progress: ProgressCallback) -> ImportPlan:
        """Read it and compare it; write nothing. DomainError when the file as a whole can't be used."""

    @abstractmethod
    def write(self, plan: ImportPlan, one: Import, progress: ProgressCallback) -> dict[str, Any]:
        """Write what was planned, inside a short transaction. Returns what is needed to put it back."""

    @abstractmethod
    def put_back(self, record: dict[str, Any]) -> None:
        """Undo it. DomainError when something changed since, or hangs on it."""


IMPORTERS: dict[str, FileImporter] = {}


def kind(of: str) -> Callable[[type[FileImporter]], type[FileImporter]]:
    """Decorator: this class reads files of that kind."""

    def add(made: type[FileImporter]) -> type[FileImporter]:
        IMPORTERS[of] = made()
        return made

    return add
