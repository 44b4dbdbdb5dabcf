"""The plan of an import, and the interface of an import kind: plan, write, put back (services/imports.py)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from django.utils.translation import ngettext

from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.models import Import

PREVIEW_LINES_SHOWN = 200
"""Lines per group that the preview keeps; the counts cover all."""


@dataclass(frozen=True)
class PreviewLine:
    """One line of the preview: the subject, and what happens to it."""

    name: str
    code: str = ""
    what: str = ""


@dataclass(frozen=True)
class RowError:
    """An error that must be fixed first. `row` is the row number as the file's program shows it."""

    row: int
    name: str
    reason: str
    column: str = ""


@dataclass
class ImportPlan:
    """What an import would do. Nothing is written while there are errors or open choices."""

    new: list[PreviewLine] = field(default_factory=list)
    changed: list[PreviewLine] = field(default_factory=list)
    unchanged: list[PreviewLine] = field(default_factory=list)
    unmatched: list[PreviewLine] = field(default_factory=list)
    wrong: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences to read first
    asks: list[str] = field(default_factory=list)  # keys of the options that must be chosen first
    extra: dict[str, Any] = field(default_factory=dict)  # additional preview data of this kind
    work: Any = None  # input of `write`; never stored

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
    """How one kind of file is planned, written and undone."""

    def unmatched(self, count: int) -> str:
        """The label for what is on one side only."""
        return ngettext("place not found", "places not found", count)

    def data_revision(self) -> str:
        """A short value that changes whenever the data that this kind of file is compared with changes."""
        return ""

    @abstractmethod
    def plan(self, content: bytes, options: dict[str, Any], progress: ProgressCallback) -> ImportPlan:
        """Read and compare the file; write nothing. Raises DomainError if the file as a whole can't be used."""

    @abstractmethod
    def write(self, plan: ImportPlan, one: Import, progress: ProgressCallback) -> dict[str, Any]:
        """Write the plan, inside a short transaction. Returns the data needed to undo it."""

    @abstractmethod
    def put_back(self, record: dict[str, Any]) -> None:
        """Undo it. Raises DomainError if anything changed since, or depends on it."""


IMPORTERS: dict[str, FileImporter] = {}


def register_importer(of: str) -> Callable[[type[FileImporter]], type[FileImporter]]:
    def add(made: type[FileImporter]) -> type[FileImporter]:
        IMPORTERS[of] = made()
        return made

    return add
