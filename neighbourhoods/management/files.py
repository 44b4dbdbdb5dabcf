"""Shared by the import commands: read with a progress bar, show the preview, ask, write.

Messages are in the language of the installation, like the preview.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from neighbourhoods.imports.services import imports
from neighbourhoods.imports.services.import_kinds import IMPORTERS
from neighbourhoods.models import Area, Import
from neighbourhoods.states import AreaKind

WIDTH = 30
_MAX_LISTED = 12


def import_file(
    command: BaseCommand, file: Path, kind: str, options: dict[str, Any], *, yes: bool
) -> Import | None:
    """Read a file, show what it would do, and write it if confirmed; otherwise None."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(
            _("%(file)s can't be read: %(reason)s.") % {"file": file, "reason": error.strerror}
        ) from error
    bar = ProgressBar(command)
    try:
        one, plan = imports.stage_and_plan(
            kind=kind, content=content, file_name=file.name, options=options, progress=bar.show
        )
        bar.end()
        _print_name_matches(command, one)
        _print_preview(command, one)
        if not yes and not _agrees(command):
            one.move("dropped")
            command.stdout.write(_("Nothing was written."))
            return None
        one = imports.apply_planned_import(one=one, plan=plan, progress=bar.show)
        bar.end()
    except Area.DoesNotExist as error:
        raise CommandError(_("There is no municipality yet: run `start_municipality` first.")) from error
    except DomainError as error:
        raise CommandError(str(error)) from error
    counts = one.report["counts"]
    if counts["new"] or counts["changed"] or one.options.get("picks"):
        said = _("Written.")
    elif counts["unchanged"]:
        said = _("Nothing in this file was new, so nothing changed.")
    else:
        said = _("Nothing was written.")
    command.stdout.write(said)
    return one


def _print_name_matches(command: BaseCommand, one: Import) -> None:
    """Report places that were matched because their names are exactly the same, as the desk does."""
    rows = [row for row in one.report["extra"].get("unmatched", []) if row["area"]]
    if not rows:
        return
    command.stdout.write(
        ngettext(
            "%(count)s place has another code in this file and the same name. It is taken to be the same:",
            "%(count)s places have another code in this file and the same name. They are taken to be the same:",
            count := len(one.options["picks"]),
        )
        % {"count": count}
    )
    names = Area.objects.in_bulk({row["area"] for row in rows})
    for row in rows:
        command.stdout.write(f"  {row['code']} {row['name']} = {names[row['area']].name}")


def _print_preview(command: BaseCommand, one: Import) -> None:
    report = one.report
    for note in [*report["notes"], *_left_out(report["extra"].get("columns", []))]:
        command.stdout.write(note)
    for wrong in report["lines"]["wrong"]:
        where = " ".join(filter(None, (str(wrong["row"]), wrong["name"], wrong["column"])))
        command.stderr.write(f"{where}: {wrong['reason']}")
    _print_matched_rows(command, report["extra"].get("landing", []))
    for row in report["extra"].get("unmatched", []):
        if row["like"]:
            command.stdout.write(
                _("%(name)s looks like %(like)s: choose on the desk whether it is.")
                % {"name": f"{row['code']} {row['name']}".strip(), "like": row["like"]}
            )
    if said := _summary(one) or ("" if report["asks"] else _("There is nothing in this file to write.")):
        command.stdout.write(said)
    if report["counts"]["unmatched"] and not Area.objects.leaves().exists():
        command.stdout.write(
            _("There are no areas yet: bring in their borders first, or make them with --make-areas.")
        )
    if report["asks"]:
        one.move("dropped")
        choices = "; ".join(_choice(ask, report["extra"]) for ask in report["asks"])
        raise CommandError(_("Choose first: %(choices)s") % {"choices": choices})
    if count := report["counts"]["wrong"]:
        one.move("dropped")
        raise CommandError(
            ngettext(
                "%(count)s line is wrong, so nothing was written.",
                "%(count)s lines are wrong, so nothing was written.",
                count,
            )
            % {"count": count}
        )


def _print_matched_rows(command: BaseCommand, rows: list[dict[str, Any]]) -> None:
    """The first rows: the matched area, and the new values."""
    for row in rows[:_MAX_LISTED]:
        figures = "; ".join(
            f"{one['name']} {one['before'] or '–'} → {one['after']}" for one in row["figures"]
        )
        area = f"{row['area']} ({AreaKind(row['kind']).label})"
        command.stdout.write(f"  {row['row']} → {area}: {figures}")
    if len(rows) > _MAX_LISTED:
        command.stdout.write("  …")


def _left_out(columns: list[dict[str, Any]]) -> Iterator[str]:
    """Columns that are not imported and why, since nothing else shows them."""
    rest = [one for one in columns if not one["slug"] and one["filled"]]
    zero = [one["head"] for one in rest if one["all_zero"]]
    unknown = [one["head"] for one in rest if not one["all_zero"]]
    if unknown:
        said = _("Left out, because nobody said what it means: %(columns)s.")
        yield said % {"columns": ", ".join(unknown)}
    if zero:
        yield _("Left out, because it is 0 in every row: %(columns)s.") % {"columns": ", ".join(zero)}


def _summary(one: Import) -> str:
    labels = {
        "new": _("new"),
        "changed": _("changed"),
        "unchanged": _("unchanged"),
        "unmatched": IMPORTERS[one.kind].unmatched(one.report["counts"]["unmatched"]),
        "wrong": _("wrong"),
    }
    counts = one.report["counts"]
    return ", ".join(f"{counts[key]} {label}" for key, label in labels.items() if counts[key])


def _choice(ask: str, extra: dict[str, Any]) -> str:
    """The command option that settles an open choice, with its values; some can only be settled on the desk."""
    option = {"layers": "--layer"}.get(ask, f"--{ask}")
    if ask in ("columns", "signs"):
        return str(_("what the columns mean, on the desk"))
    found = [one["code"] for one in extra.get("municipalities", [])] if ask == "municipality" else []
    of = list(extra.get(ask) or found)
    return (
        f"{option} ({', '.join(of[:_MAX_LISTED])}{', …' if len(of) > _MAX_LISTED else ''})" if of else option
    )


def _agrees(command: BaseCommand) -> bool:
    command.stdout.write(_("Write this? [y/N]") + " ", ending="")
    command.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "ja")


class ProgressBar:
    """A progress bar on a terminal; elsewhere an occasional line."""

    def __init__(self, command: BaseCommand) -> None:
        self.out, self._shown, self._is_open = command.stderr, time.monotonic(), False
        self._is_terminal = self.out.isatty()

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._shown < (0.2 if self._is_terminal else 10) or not total:
            return
        self._shown = now
        full = round(WIDTH * done / total)
        line = f"[{'#' * full}{'.' * (WIDTH - full)}] {done}/{total}"
        self.out.write(f"\r{line}" if self._is_terminal else line, ending="" if self._is_terminal else "\n")
        self._is_open = self._is_terminal

    def end(self) -> None:
        if self._is_open:
            self.out.write("")
        self._is_open = False
