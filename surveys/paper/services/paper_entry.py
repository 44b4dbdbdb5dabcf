"""Entering paper forms: once, or twice by two people; then they count.

A form counts once it is settled, not from its first entry: what is counted was then checked as often as
agreed, nothing published is withdrawn because of a typing error, and a recount finds what was entered. Until
then its entries are stored beside the form; when it counts they are deleted, and the form no longer leads to
its receipt.

Entries hold cleaned answers, so no postcodes::

    {"answers": {"9": "31", "11": {"words": "...", "theme": ""}}, "area": "3", "as": "resident"}
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from accounts.models import Event, Receipt, User
from core.errors import DomainError
from core.keyed import keyed_hash
from core.rows import get_or_gone
from feedback.contributions.services.contributions import ContributionLocation
from neighbourhoods.models import Area
from surveys.answering.services.answer import (
    contribution_recorder,
    count_finished_layers,
    end_layer,
    lock_response,
    page_after,
    published_version_of,
    set_home_area,
    store_answer,
    walk_of,
)
from surveys.answering.services.beginning import BegunParticipation, PaperParticipation, begin_participation
from surveys.models import Channel, PaperEntry, PaperForm, PaperRun, Survey
from surveys.paper.services.paper_sheet import document_of_run
from surveys.printing import sheets
from surveys.questionnaire.document import Document, Shape
from surveys.questionnaire.question_types import StatementViews, WrittenAnswer, type_of
from surveys.states import PaperState, Respondent, SurveyState

AREA_KEY, RESPONDENT_KEY = "area", "as"
Values = dict[str, Any]


class FormRefused(DomainError):
    """This form can't be entered (now); the message says what to do with it."""


class FormUnknown(FormRefused):
    """There is no such form."""


@dataclass(frozen=True)
class EntryResult:
    """Result of an entry."""

    number: int
    state: str
    differing: int = 0


# --- the values of one entry ------------------------------------------------------------------


def entry_values(answers: Mapping[str, Any], *, area: str, respondent: str) -> Values:
    """Cleaned answers as JSON. Open questions are left out."""
    kept = {id: _packed(value) for id, value in answers.items() if value is not None}
    return {
        "answers": kept,
        AREA_KEY: area,
        RESPONDENT_KEY: respondent if respondent in Respondent.values else Respondent.RESIDENT.value,
    }


def _packed(value: Any) -> Any:
    if isinstance(value, WrittenAnswer):
        return {"words": value.text, "theme": value.theme} | (
            {"spot": asdict(value.spot)} if value.spot else {}
        )
    if isinstance(value, StatementViews):
        return {"views": dict(value.views), "own": value.own or ""}
    return value


def clean_entry_answer(document: Document, question: str, values: Values) -> Any:
    """One answer as its type cleans it."""
    value = values["answers"].get(question)
    if value is None:
        return None
    match document.question(question).shape:
        case Shape.TEXT:
            spot = ContributionLocation(**value["spot"]) if "spot" in value else None
            return WrittenAnswer(value["words"], value["theme"], spot)
        case Shape.VIEWS:
            return StatementViews(value["views"], value["own"], is_done=True)
    return value


def _asked(document: Document) -> list[str]:
    return [question.id for layer in document.layers for question in layer.asked]


def _given(values: Values, key: str) -> Any:
    return values[key] if key in (AREA_KEY, RESPONDENT_KEY) else values["answers"].get(key)


def _compare_entries(document: Document, first: Values, second: Values) -> tuple[list[str], int]:
    """(keys that differ, in the order of the form; how many things at least one of the two filled in)."""
    keys = [AREA_KEY, *_asked(document), RESPONDENT_KEY]
    filled = [key for key in keys if _given(first, key) or _given(second, key)]
    return [key for key in filled if _plain(_given(first, key)) != _plain(_given(second, key))], len(filled)


def _plain(value: Any) -> Any:
    """Normalises capitals and spaces in texts, which are not a difference."""
    if isinstance(value, str):
        return " ".join(value.split()).casefold()
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value or None


# --- one form ---------------------------------------------------------------------------------


def find_form(*, survey: Survey, typed: str) -> PaperForm:
    """The form with this number, if it belongs to this survey. Raises FormUnknown with what to do."""
    number = sheets.parse_form_number(typed)
    if number is None:
        raise FormUnknown(
            _("This is not a form number. Look at the top of the form: a number, a dash and one digit.")
        )
    found = _forms().filter(pk=number).first()
    if found is None:
        raise FormUnknown(
            _(
                "There is no form %(number)s in the list (any more). Its resident erased it, its term is over, or it "
                "is not ours. Lay it apart and ask the editor."
            )
            % {"number": sheets.format_form_number(number)}
        )
    if found.run.channel.survey_id != survey.pk:
        raise FormUnknown(
            _("Form %(number)s belongs to another survey. Lay it on that pile.")
            % {"number": sheets.format_form_number(number)}
        )
    return found


def _forms() -> Any:
    return PaperForm.objects.select_related("run__channel__survey", "run__version").defer(
        "run__version__document"
    )


def check_can_enter(form: PaperForm, *, by: User) -> None:
    """Raises FormRefused if this colleague can't enter this form now."""
    _refuse_closed(form.run.channel.survey)
    said = {"number": sheets.format_form_number(form.number)}
    if form.state == PaperState.DONE:
        raise FormRefused(_("Form %(number)s was entered already. It counts once.") % said)
    if form.state == PaperState.DIFFERS:
        raise FormRefused(_("Form %(number)s was entered twice. Its differences wait to be settled.") % said)
    if form.state == PaperState.ONCE and form.entries.filter(by=by).exists():
        raise FormRefused(
            _("You entered form %(number)s yourself. Somebody else enters it the second time.") % said
        )


def _refuse_closed(survey: Survey) -> None:
    if survey.state == SurveyState.CLOSED:
        raise FormRefused(
            _(
                "This survey is closed, and what comes in now no longer counts. Tell whoever handed it in, and read "
                "what it says: a question can still be answered."
            )
        )
    if survey.state != SurveyState.OPEN:
        raise FormRefused(_("This survey is not open now. Keep the pile until it is."))


@transaction.atomic
def enter_form(*, number: int, values: Values, tap: str, by: User) -> EntryResult:
    """One entry. It counts at once, or waits for the second; an equal second entry makes it count.

    The same tap again changes nothing. Raises FormRefused.
    """
    form = _lock(number)
    hashed = keyed_hash(f"{by.pk}:{tap}", purpose="paper-tap")
    if form.tap == hashed:
        return EntryResult(number, form.state)
    check_can_enter(form, by=by)
    if form.state == PaperState.OUT and not is_checked(form):
        return _count(form, values, by=by, tap=hashed)
    if form.state == PaperState.OUT:
        PaperEntry.objects.create(form=form, by=by, time=1, values=values)
        return _move(form, PaperState.ONCE, tap=hashed)
    document = document_of_run(form.run)
    differing, filled = _compare_entries(document, form.entries.get().values, values)
    PaperRun.objects.filter(pk=form.run_id).update(
        compared=F("compared") + filled, agreed=F("agreed") + filled - len(differing)
    )
    if not differing:
        return _count(form, values, by=by, tap=hashed)
    PaperEntry.objects.create(form=form, by=by, time=2, values=values)
    return _move(form, PaperState.DIFFERS, tap=hashed, differing=len(differing))


def is_checked(form: PaperForm) -> bool:
    """Random, but always the same for one form."""
    return int(keyed_hash(str(form.number), purpose="paper-check"), 16) % 100 < form.run.checked


def differences(form: PaperForm) -> list[tuple[str, Values, Values]]:
    """(key, first entry, second entry), in the order of the form."""
    first, second = (entry.values for entry in form.entries.all())
    differing, _filled = _compare_entries(document_of_run(form.run), first, second)
    return [(key, first, second) for key in differing]


@transaction.atomic
def settle_differences(*, number: int, chosen: Mapping[str, int], by: User) -> EntryResult:
    """For each difference `chosen` is the entry (1 or 2) that matches the paper. Then the form counts. Raises
    FormRefused.
    """
    form = _lock(number)
    _refuse_closed(form.run.channel.survey)
    _refuse_unsettled(form)
    if form.entries.filter(by=by, time=1).exists():
        raise FormRefused(_("You made the first entry. Somebody else settles the differences."))
    entries = {entry.time: entry.values for entry in form.entries.all()}
    settled = {**entries[2], "answers": dict(entries[2]["answers"])}
    for key, first, _second in differences(form):
        if chosen.get(key) not in (1, 2):
            raise FormRefused(_("Choose for each difference what the form says."))
        if chosen[key] == 2:
            continue
        if key in (AREA_KEY, RESPONDENT_KEY):
            settled[key] = first[key]
        else:
            settled["answers"][key] = first["answers"].get(key)
    Event.log("settle_form", form.run.channel.survey, by=by, number=number)
    return _count(form, settled, by=by)


@transaction.atomic
def reset_entries(*, number: int, by: User) -> None:
    """Delete the entries, for a typing error or if neither is right: the form is as if it just came in.
    Raises FormRefused.
    """
    form = _lock(number)
    is_own = form.state == PaperState.ONCE and form.entries.filter(by=by).exists()
    if form.state != PaperState.DIFFERS and not is_own:
        raise FormRefused(_("There is nothing of yours to throw away here."))
    form.entries.all().delete()
    _move(form, PaperState.OUT)
    Event.log("enter_form_anew", form.run.channel.survey, by=by, number=number)


def count_single_entries(*, survey: Survey, by: User) -> int:
    """Before closing: let forms that were entered once count by that entry. Returns how many."""
    waiting = PaperForm.objects.filter(run__channel__survey=survey, state=PaperState.ONCE)
    counted = sum(_let_count(number, by) for number in waiting.values_list("pk", flat=True).order_by("pk"))
    if counted:
        Event.log("let_first_entries_count", survey, by=by, number=counted)
    return counted


@transaction.atomic
def _let_count(number: int, by: User) -> int:
    form = _lock(number)
    if form.state != PaperState.ONCE:
        return 0
    _count(form, form.entries.get().values, by=by)
    return 1


def _lock(number: int) -> PaperForm:
    """Locks survey, receipt, form: the same order as closing and erasing. Raises FormUnknown."""
    found = _forms().filter(pk=number).first()
    if found is None:
        raise FormUnknown(_("This form is not there any more: its resident erased it."))
    survey = get_or_gone(Survey.objects.select_for_update(no_key=True), pk=found.run.channel.survey_id)
    if found.receipt_id:
        Receipt.objects.select_for_update(no_key=True).filter(pk=found.receipt_id).first()
    form: PaperForm | None = _forms().select_for_update(of=("self",)).filter(pk=number).first()
    if form is None:
        raise FormUnknown(_("This form is not there any more: its resident erased it."))
    form.run.channel.survey = survey
    return form


def _refuse_unsettled(form: PaperForm) -> None:
    if form.state != PaperState.DIFFERS:
        raise FormRefused(
            _("Form %(number)s has no differences (any more).")
            % {"number": sheets.format_form_number(form.number)}
        )


def _move(form: PaperForm, state: PaperState, *, tap: str = "", differing: int = 0) -> EntryResult:
    PaperForm.objects.filter(pk=form.pk).update(state=state, tap=tap)
    return EntryResult(form.number, state, differing)


def _count(form: PaperForm, values: Values, *, by: User, tap: str = "") -> EntryResult:
    """Count the form for its receipt, delete its entries and unlink the receipt: only the state remains."""
    run = form.run
    document = document_of_run(run)
    assert form.receipt, "A form that does not count yet has a receipt."
    areas = {str(area.pk): area for area in run.channel.survey.areas.all()}
    record_participation(
        channel=run.channel,
        submit_key=secrets.token_urlsafe(24),
        language=run.language,
        respondent=values[RESPONDENT_KEY],
        area=areas.get(values[AREA_KEY]),
        values={
            id: clean_entry_answer(document, id, values)
            for id in values["answers"]
            if document.has_question(id)
        },
        minutes=None,
        by=by,
        paper=PaperParticipation(form.receipt, run.version),
    )
    form.entries.all().delete()
    PaperForm.objects.filter(pk=form.pk).update(state=PaperState.DONE, receipt=None, tap=tap)
    return EntryResult(form.number, PaperState.DONE)


# --- the piles --------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaperRunProgress:
    """One run, with the number of its forms per state."""

    run: PaperRun
    out: int
    once: int
    differing: int
    done: int

    @property
    def agreement(self) -> int | None:
        """Percentage of answers entered by two people that were equal."""
        return self.run.agreed * 100 // self.run.compared if self.run.compared else None


def paper_run_progress(survey: Survey) -> list[PaperRunProgress]:
    """Takes two queries, however many forms."""
    runs = PaperRun.objects.filter(channel__survey=survey).select_related("channel", "version")
    states = [(state, Count("pk", filter=Q(state=state))) for state in PaperState.values]
    rows = PaperForm.objects.filter(run__channel__survey=survey).order_by().values("run")
    sums: dict[int, Any] = {
        row["run"]: row for row in rows.annotate(**{f"n_{state}": count for state, count in states})
    }
    return [
        PaperRunProgress(
            run,
            *(
                sums.get(run.pk, {}).get(f"n_{state}", 0)
                for state in (PaperState.OUT, PaperState.ONCE, PaperState.DIFFERS, PaperState.DONE)
            ),
        )
        for run in runs.defer("version__document")
    ]


def forms_to_check(survey: Survey, *, by: User) -> list[PaperForm]:
    """Forms that this colleague may enter the second time, by number."""
    waiting = PaperForm.objects.filter(run__channel__survey=survey, state=PaperState.ONCE)
    return list(waiting.exclude(entries__by=by).order_by("pk")[:100])


def forms_to_settle(survey: Survey) -> list[PaperForm]:
    waiting = PaperForm.objects.filter(run__channel__survey=survey, state=PaperState.DIFFERS)
    return list(waiting.order_by("pk")[:100])


# --- the end ----------------------------------------------------------------------------------


def unused_forms(now: datetime, days: int) -> Any:
    """Forms that never counted, `days` days after their survey closed."""
    before = now - timedelta(days=days)
    return PaperForm.objects.exclude(state=PaperState.DONE).filter(run__channel__survey__closed_at__lt=before)


# A whole participation at once, entered by a colleague for somebody else.


@transaction.atomic
def record_participation(
    *,
    channel: Channel,
    submit_key: str,
    language: str,
    respondent: str,
    area: Area | None,
    values: Mapping[str, Any],
    minutes: float | None,
    by: User,
    paper: PaperParticipation | None = None,
) -> BegunParticipation:
    """Enter a whole participation at once, for somebody at the door or on the phone, or read from a form on
    `paper`; in the latter case the time it took is unknown.

    `values` holds cleaned answers by question id, for all layers; answers off this respondent's path are
    dropped. Deeper layers count if something in them was answered. Idempotent per submit key, through
    begin_participation.
    """
    begun = begin_participation(
        channel=channel,
        submit_key=submit_key,
        language=language,
        respondent=respondent,
        helped_by=by,
        paper=paper,
    )
    response = lock_response(begun.response.pk)
    if response.layers_done:
        return BegunParticipation(response, begun.code)
    frozen = published_version_of(response)
    if area is not None and str(area.pk) in frozen.document.areas:
        response.area_id = area.pk
    response.area_was_asked = True
    given = {id: value for id, value in values.items() if value is not None}
    for layer in frozen.document.layers:
        is_first = layer is frozen.document.first_layer
        if not is_first and not any(question.id in given for question in layer.asked):
            continue
        if not walk_of(response, frozen.document).may_enter(layer):
            continue
        booking = contribution_recorder(response, None)
        while page := page_after(response, frozen, layer):
            for question in page:
                value = given.get(question.id)
                # Nobody comes back to this page for more statements.
                value = replace(value, is_done=True) if isinstance(value, StatementViews) else value
                store_answer(response, question, value, booking)
                told = type_of(question).area_told(question, value)
                if told is not None and set_home_area(response, frozen, told):
                    booking = contribution_recorder(response, None)
        if not is_first:
            response.layers_shown = [*response.layers_shown, layer.id]
        end_layer(response, frozen, layer, booking, minutes)
    count_finished_layers(response, frozen, contribution_recorder(response, None))
    response.save()
    return BegunParticipation(response, begun.code)
