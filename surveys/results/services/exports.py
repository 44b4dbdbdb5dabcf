"""The question columns of an export: of one version, or of all versions. Pure."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.i18n import Texts, pick
from core.jobs import LeasedJob
from core.rows import get_or_gone
from feedback.models import Contribution
from feedback.states import Reading
from neighbourhoods.models import Area
from surveys.models import DayCount, Export, MayExport, Response, Survey, SurveyVersion
from surveys.models.results import ExportQuerySet
from surveys.printing.addresses import EncryptedWriter, decrypted_blocks, new_key
from surveys.printing.sheets import write_csv, write_xlsx
from surveys.questionnaire.document import Document, Question, Shape, parse
from surveys.questionnaire.question_types import type_of
from surveys.questionnaire.question_types.statements import STATEMENT_VIEW_LABELS
from surveys.states import ExportForm, ExportState, Respondent, Suspicion


@dataclass(frozen=True)
class ExportedQuestion:
    """A question as last asked, with every option it ever had. `versions` are the numbers of versions that
    asked it.

    `layer` in `layers` is the id of its layer per version: an answer counts only if that layer was finished.
    """

    question: Question
    layer_title: Texts
    layers: dict[int, str]

    @property
    def versions(self) -> list[int]:
        return sorted(self.layers)


def exported_questions(documents: Sequence[tuple[int, Document]]) -> list[ExportedQuestion]:
    """Takes (version number, document), oldest first. Returns the order of the newest; removed questions come
    last.
    """
    found: dict[str, ExportedQuestion] = {}
    for number, document in documents:
        for layer in document.layers:
            for question in layer.questions:
                before = found.get(question.id)
                layers = dict(before.layers) if before else {}
                if not question.retired:
                    layers[number] = layer.id
                if layers:
                    merged = _with_options(question, before.question if before else None)
                    found[question.id] = ExportedQuestion(merged, layer.title, layers)
    newest = [question.id for _number, document in documents[-1:] for question in document.questions]
    order = [id for id in newest if id in found]
    return [found[id] for id in [*order, *(id for id in found if id not in set(order))]]


def _with_options(question: Question, before: Question | None) -> Question:
    gone = [option for option in before.options if question.option(option.id) is None] if before else []
    return replace(question, options=(*question.options, *gone)) if gone else question


def number_ranges(numbers: Iterable[int]) -> str:
    """1, 2, 3, 5 as "1-3, 5"."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


# Row-level exports of answers, for named colleagues, with a reason, available for one day.
#
# A job makes the file in one pass: rows are read a few thousand at a time, written into a ZIP and encrypted on
# the way, so that a million rows take no more memory than a thousand and no plain text ever lies on the disk.
# The key is in the database row; after a day both are destroyed, and a copy of the file in a backup is
# unreadable.
#
# Residents' words are exported only if masked, and read by a colleague who found nothing sensitive in them. There
# is no exception: reads of a downloaded file can't be logged. Colleagues who need the words themselves
# read them on the listening desk, where each unmasking is logged.


_FILE_LIFETIME = timedelta(days=1)
_ROW_BATCH_SIZE = 2000
MOST_KEPT = 20_000
"""Number of rendered answers that are cached, so that the same answer is not rendered again."""


# --- requested by colleagues ------------------------------------------------------------------


@transaction.atomic
def name_colleague(*, survey: Survey, user: User, by: User) -> MayExport:
    """Let this colleague export answers, as long as they may see the survey. Idempotent."""
    named, is_new = MayExport.objects.get_or_create(survey=survey, user=user, defaults={"given_by": by})
    if is_new:
        Event.log("named_for_export", survey, by=by, colleague=user.email)
    return named


@transaction.atomic
def revoke_export_permission(*, survey: Survey, user: int, by: User) -> None:
    named = MayExport.objects.filter(survey=survey, user=user).select_related("user").first()
    if named:
        named.delete()
        Event.log("unnamed_for_export", survey, by=by, colleague=named.user.email)


def may_export(survey: Survey, user: User) -> bool:
    return MayExport.objects.filter(survey=survey, user=user).exists()


@transaction.atomic
def ask_export(
    *,
    survey: Survey,
    form: str,
    version: SurveyVersion | None,
    with_words: bool,
    reason: str,
    by: User,
    language: str = "",
    now: datetime | None = None,
) -> Export:
    """Request an export, which a job makes in the language of the request.

    Returns the same export while an identical one is being made. Raises DomainError if the colleague is not
    named, or gives no reason.
    """
    if not may_export(survey, by):
        raise DomainError(_("You are not named for this. Ask the owner of the survey."))
    if not reason.strip():
        raise DomainError(_("Write down what it is for."))
    # Locked, so that a second tap finds the export of the first.
    get_or_gone(Survey.objects.select_for_update(no_key=True), pk=survey.pk)
    same = {
        "survey": survey,
        "form": form,
        "version": version,
        "with_words": with_words,
        "created_by": by,
        "in_language": language,
    }
    found = Export.objects.filter(**same, state=ExportState.MAKING).first()
    if found:
        return found
    moment = now or timezone.now()
    made = Export.objects.create(
        **same, reason=reason.strip(), key=new_key(), created_at=moment, until=moment + _FILE_LIFETIME
    )
    Event.log(
        "asked_export",
        survey,
        by=by,
        note=made.reason,
        what=ExportForm(form),
        version=version.number if version else None,
        number=made.pk,
    )
    return made


def open_export(*, export: Export, by: User) -> Iterator[bytes]:
    """The file, for the colleague who requested it and is still named; logs the download. Raises DomainError."""
    if export.created_by_id != by.pk or not may_export(export.survey, by):
        raise DomainError(_("This file is for the colleague who asked for it."))
    path = path_of(export)
    if export.state != ExportState.MADE or export.until <= timezone.now() or not path.exists():
        raise DomainError(_("This file is not there (any more). Ask for it again."))
    Event.log("took_export", export.survey, by=by, note=export.reason, number=export.pk)
    return _opened(path, bytes(export.key))


def _opened(path: Path, key: bytes) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from decrypted_blocks(file, key)


def destroy_export(*, export: Export, by: User | None) -> None:
    """Destroys the key first: from then on the file is unreadable. Idempotent."""
    if export.move(ExportState.DESTROYED, key=b""):
        Event.log("destroyed_export", export.survey, by=by, number=export.pk)
    path_of(export).unlink(missing_ok=True)


def destroy_exports_of(surveys: Collection[int]) -> None:
    """Somebody withdrew an answer: destroy files that may hold it, and restart those being made."""
    concerned = Export.objects.with_file().filter(survey__in=surveys).select_related("survey")
    for export in concerned.filter(state=ExportState.MADE):
        survey = export.survey
        if export.move(ExportState.DESTROYED, key=b""):
            Event.log("destroyed_export", survey, by=None, number=export.pk)
        transaction.on_commit(partial(path_of(export).unlink, missing_ok=True))
    # A job that is making one loses its lease at its next step, and removes its file.
    concerned.filter(state=ExportState.MAKING).update(lease_until=None)


def destroy_due(now: datetime) -> int:
    """Destroys expired exports. Returns how many."""
    due = list(Export.objects.over(now).select_related("survey"))
    for export in due:
        destroy_export(export=export, by=None)
    return len(due)


def delete_stray_files(now: datetime) -> None:
    """Deletes files of a process that died, or of a deleted survey. Only after an hour, as one may be being
    written.
    """
    names = {name.hex for name in Export.objects.with_file().values_list("name", flat=True)}
    for path in _folder().glob("*"):
        with suppress(FileNotFoundError):
            is_old = path.stat().st_mtime < now.timestamp() - 3600
            if is_old and (path.name not in names):
                path.unlink()


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "exports"


def path_of(export: Export) -> Path:
    return _folder() / export.name.hex


# --- done by jobs -----------------------------------------------------------------------------


def run_export_jobs() -> int:
    """Make requested exports, and destroy expired ones. Returns the number of exports processed."""
    return destroy_due(timezone.now()) + ExportJob.run_all()


class ExportJob(LeasedJob[Export]):
    @classmethod
    def to_do(cls) -> ExportQuerySet:
        return Export.objects.to_do().select_related("survey", "version", "created_by")

    def make(self) -> None:
        """Each attempt has its own name and key: two processes never write one file, nor use one key."""
        export = self.row
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path_of(export).unlink(missing_ok=True)  # partial file of a process that died
        counted = DayCount.objects.filter(survey=export.survey).aggregate(total=Sum("n"))["total"] or 0
        export.name, export.key = uuid4(), new_key()
        self.renew(name=export.name, key=export.key, total=counted)
        path, made = path_of(export), False
        write = write_xlsx if export.form == ExportForm.XLSX else write_csv
        book = Book(export, self.progress)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                sealing = EncryptedWriter(file, bytes(export.key))
                write(sealing, [(_("answers"), book.rows()), (_("codebook"), book.codebook())])
                sealing.finish()
            made = self.end(ExportState.MADE, done=book.written, total=book.written)
        finally:
            if not made:
                path.unlink(missing_ok=True)

    def fail(self, error: Exception) -> None:
        self.end(ExportState.STUCK)


# --- content of the file ----------------------------------------------------------------------


class Book:
    """The rows and the codebook of one export."""

    def __init__(self, export: Export, progress: Callable[..., None]) -> None:
        self.export, self.language, self._progress = export, export.language, progress
        self.written = 0
        versions = export.survey.versions.order_by("number")
        if export.version_id:
            versions = versions.filter(pk=export.version_id)
        self.numbers: dict[int, int] = {}
        documents = []
        for version in versions:
            self.numbers[version.pk] = version.number
            documents.append((version.number, parse(version.document)))
        self.asked = [
            one
            for one in exported_questions(documents)
            if export.with_words or not type_of(one.question).is_text
        ]
        self._said: dict[tuple[str, str], list[str]] = {}
        self._columns_of: dict[str, list[tuple[str, str]]] = {}
        self._says = {view: pick(says, self.language) for view, says in STATEMENT_VIEW_LABELS.items()}
        self._skipped = _("(skipped)")

    def rows(self) -> Iterator[Sequence[Any]]:
        yield [*self._about(), *(name for one in self.asked for name, _heading in self._columns(one))]
        areas = dict(Area.objects.order_by().values_list("pk", "name"))
        channels = {channel.pk: channel for channel in self.export.survey.channels.all()}
        kinds = {kind.value: str(kind.label) for kind in Respondent}
        ways = {pk: str(channel.get_kind_display()) for pk, channel in channels.items()}
        reasons = {kind.value: str(kind.label) for kind in Suspicion}
        yes, no = _("yes"), _("no")
        for batch in self._responses():
            words = self._words(batch) if self.export.with_words else {}
            for row in batch:
                channel = channels[row["channel_id"]]
                done = row["layers_done"]
                number = self.numbers[row["version_id"]]
                self.written += 1
                line: list[Any] = [
                    self.written,
                    number,
                    row["day"].isoformat(),
                    areas[row["area_id"]],
                    channel.name,
                    ways[channel.pk],
                    yes if channel.invited else no,
                    kinds[row["respondent"]],
                    row["language"],
                    len(done),
                    reasons.get(row["suspect_reason"], "") if row["is_suspect"] else "",
                ]
                answers = row["answers"]
                for one in self.asked:
                    # Answers in an unfinished layer don't count, so they are not exported.
                    if one.layers.get(number) in done:
                        line += self._cells(one, answers, words)
                    else:
                        line += [""] * len(self._columns(one))
                yield line
            self._progress(done=self.written)

    def codebook(self) -> Iterator[Sequence[Any]]:
        yield [
            _("column"), _("question"), _("type"), _("part of the survey"), _("asked in versions"),
            _("answers"),
        ]  # fmt: skip
        for name, about in self._about().items():
            yield [name, about, "", "", "", ""]
        for one in self.asked:
            question = one.question
            options = "; ".join(
                pick(option.label, self.language) for option in type_of(question).result_options(question)
            )
            for name, heading in self._columns(one):
                yield [
                    name, heading, str(type_of(question).label), pick(one.layer_title, self.language),
                    number_ranges(one.versions), options,
                ]  # fmt: skip

    def _about(self) -> dict[str, str]:
        """Columns besides the questions. None of them identifies a person; together they can, so a file stays
        inside.
        """
        return {
            "nr": _("A number within this file. It is another one in every file."),
            "version": _("Number of the version that was answered"),
            "day": _("The day on which they began"),
            "area": _("Neighbourhood"),
            "way_in": _("Name of the way in"),
            "kind_of_way": _("Kind of way in"),
            "invited": _("Whether this way in is for people who were invited"),
            "respondent": _("On whose behalf"),
            "language": _("Language"),
            "layers_done": _("How many parts were finished"),
            "odd": _("Why it is kept out of the results; empty when it counts"),
        }

    def _columns(self, one: ExportedQuestion) -> list[tuple[str, str]]:
        """Cached per export: statements of neighbours that are let through meanwhile come in the next file."""
        found = self._columns_of.get(one.question.id)
        if found is None:
            found = type_of(one.question).columns(one.question, self.language)
            self._columns_of[one.question.id] = found
        return found

    def _cells(self, one: ExportedQuestion, answers: dict[str, Any], words: dict[str, str]) -> list[str]:
        question = one.question
        if question.id not in answers:
            return [""] * len(self._columns(one))
        value = answers[question.id]
        if value is None:
            return [self._skipped, *[""] * (len(self._columns(one)) - 1)]
        if question.shape is Shape.VIEWS:
            # Avoid `cells` of its type, which looks up the statements: too slow for each of a million rows.
            keys = [name.rpartition(".")[2] for name, _heading in self._columns(one)]
            return [self._says.get(value.get(key), "") for key in keys]
        if not isinstance(value, str):
            text = words.get(str(value.get("text", "")), "")
            return type_of(question).cells(question, value, self.language, text)
        found = self._said.get((question.id, value))
        if found is None:
            found = type_of(question).cells(question, value, self.language)
            if len(self._said) < MOST_KEPT:
                self._said[question.id, value] = found
        return found

    def _responses(self) -> Iterator[list[dict[str, Any]]]:
        """By id, which is random: the order does not tell when people came."""
        rows = Response.objects.filter(survey=self.export.survey, withdrawn_on=None).exclude(layers_done=[])
        if self.export.version_id:
            rows = rows.filter(version=self.export.version_id)
        cells = rows.order_by("pk").values(
            "pk", "version_id", "day", "area_id", "channel_id", "respondent", "language", "layers_done",
            "is_suspect", "suspect_reason", "answers",
        )  # fmt: skip
        last: UUID | None = None
        while True:
            batch: list[Any] = list((cells.filter(pk__gt=last) if last else cells)[:_ROW_BATCH_SIZE])
            if not batch:
                return
            last = batch[-1]["pk"]
            yield batch

    def _words(self, batch: list[dict[str, Any]]) -> dict[str, str]:
        """Masked words, and only those that were read and found clear."""
        ids = [
            value["text"]
            for row in batch
            for value in row["answers"].values()
            if isinstance(value, dict) and value.get("text")
        ]
        found: dict[str, str] = {}
        for start in range(0, len(ids), 500):
            rows = Contribution.objects.filter(
                pk__in=ids[start : start + 500], reading=Reading.CLEAR, withdrawn_on=None
            )
            found |= {str(pk): text for pk, text in rows.values_list("pk", "masked_text")}
        return found
