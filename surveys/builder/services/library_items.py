"""The library: built-in examples and items that the municipality kept, as one list."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import get_or_gone, is_id
from surveys.builder.services.start import Writer, plan_of, plan_of_layer, plan_of_question, start_survey
from surveys.library import LIBRARY
from surveys.library.plan import (
    LayerPlan,
    QuestionPlan,
    SurveyPlan,
    layer_from,
    plan_from,
    question_from,
    to_json,
    without_outside_references,
)
from surveys.models import Layer, LibraryItem, Question, Survey
from surveys.questionnaire.document import QUESTION_KINDS
from surveys.questionnaire.walk import PHONE_FACTOR
from surveys.states import ItemKind, SurveyState

OWN_SLUG_PREFIX = "own-"
READERS: Mapping[ItemKind, Callable[[Mapping[str, Any]], SurveyPlan | LayerPlan | QuestionPlan]] = {
    ItemKind.SURVEY: plan_from,
    ItemKind.LAYER: layer_from,
    ItemKind.QUESTION: question_from,
}


@dataclass(frozen=True)
class ItemLayer:
    """A layer as the list shows it: title, number of questions, seconds on a phone."""

    title: Mapping[str, str]
    questions: int
    seconds: int

    @property
    def minutes(self) -> int:
        return max(1, round(self.seconds / 60))


@dataclass(frozen=True)
class Item:
    """Something to use again. `row` is what the municipality kept; None for a built-in example."""

    slug: str
    kind: str
    name: str
    about: str
    plan: SurveyPlan | LayerPlan | QuestionPlan
    row: LibraryItem | None = None

    @cached_property
    def layers(self) -> tuple[LayerPlan, ...]:
        match self.plan:
            case SurveyPlan():
                return self.plan.layers
            case LayerPlan():
                return (self.plan,)
        return (LayerPlan(title={}, questions=(self.plan,)),)

    @cached_property
    def parts(self) -> list[ItemLayer]:
        return [ItemLayer(layer.title, len(layer.questions), seconds(layer)) for layer in self.layers]

    @property
    def kind_label(self) -> str:
        return str(ItemKind(self.kind).label)


def seconds(layer: LayerPlan) -> int:
    kinds = [QUESTION_KINDS[question.type] for question in layer.questions if question.type in QUESTION_KINDS]
    return round(PHONE_FACTOR * sum(kind.seconds for kind in kinds))


def library_entries(
    *, kinds: Iterable[str] = ItemKind.values, search: str = "", retired: bool = False
) -> list[Item]:
    """Kept items, newest first, then the examples; only those that contain every word of `search`."""
    wanted = set(kinds)
    rows = LibraryItem.objects.filter(retired=retired, kind__in=wanted).search(search).select_related("by")
    words = search.casefold().split()
    examples = [
        item
        for item in ([] if retired else _examples())
        if item.kind in wanted and (not words or all(word in search_text(item) for word in words))
    ]
    return [_entry_from_row(row) for row in rows[:200]] + examples


def find_library_item(slug: str) -> Item:
    """Raises LookupError if there is no item with this slug."""
    if slug.startswith(OWN_SLUG_PREFIX):
        row = (
            LibraryItem.objects.select_related("by")
            .filter(pk=_number(slug.removeprefix(OWN_SLUG_PREFIX)))
            .first()
        )
        if row is None:
            raise LookupError(slug)
        return _entry_from_row(row)
    for item in _examples():
        if item.slug == slug:
            return item
    raise LookupError(slug)


def search_text(item: Item) -> str:
    """All its texts, casefolded, for search."""
    return " ".join([item.name, item.about, *_texts(to_json(item.plan))]).casefold()


@transaction.atomic
def keep_in_library(
    *, source: Survey | Layer | Question, name: str, about: str = "", by: User
) -> LibraryItem:
    """Copies a question, a layer or a whole survey, as it is now, for use in other surveys."""
    kind, whole = _plan_of(source)
    plan, _left = without_outside_references(whole)
    if isinstance(plan, LayerPlan) and not plan.questions:
        raise DomainError(_("There is no question in it yet."))
    row = LibraryItem(kind=kind, name=name.strip()[:80], about=about.strip()[:200], plan=to_json(plan), by=by)
    row.words = search_text(Item("", kind, row.name, row.about, plan))
    row.save()
    Event.log("kept_in_library", row, by=by, item=row.name)
    return row


def describe_removed_references(
    plan: SurveyPlan | LayerPlan | QuestionPlan | Survey | Layer | Question,
) -> str:
    """In one sentence, what a copy loses because it refers to a question that is not copied; "" for nothing."""
    if isinstance(plan, models.Model):
        _kind, plan = _plan_of(plan)
    _alone, left = without_outside_references(plan)
    if not left:
        return ""
    parts = [
        (left.conditions, ngettext_lazy("%(n)s condition", "%(n)s conditions", "n")),
        (left.ways, ngettext_lazy("%(n)s way to go on", "%(n)s ways to go on", "n")),
        (
            left.texts,
            ngettext_lazy(
                "an earlier answer in %(n)s text (now the words for those who gave none)",
                "earlier answers in %(n)s texts (now the words for those who gave none)",
                "n",
            ),
        ),
    ]
    said = "; ".join(str(words % {"n": n}) for n, words in parts if n)
    return _("Left out, because it is about questions that don't come along: %s.") % said


def _plan_of(thing: Survey | Layer | Question) -> tuple[ItemKind, SurveyPlan | LayerPlan | QuestionPlan]:
    match thing:
        case Survey():
            return ItemKind.SURVEY, plan_of(Survey.objects.with_draft().get(pk=thing.pk))
        case Layer():
            return ItemKind.LAYER, plan_of_layer(thing)
        case Question():
            return ItemKind.QUESTION, plan_of_question(thing)


@transaction.atomic
def set_retired(*, item: LibraryItem, retired: bool, by: User) -> None:
    """Remove it from the library, or put it back. Surveys made with it do not change."""
    if not LibraryItem.objects.filter(pk=item.pk, retired=not retired).update(retired=retired):
        return
    if retired:
        Event.log("took_out", item, by=by, item=item.name)
    else:
        Event.log("put_back", item, by=by, item=item.name)


@transaction.atomic
def add_entry_to_survey(*, survey: Survey, item: Item, layer: Layer | None, by: User) -> Layer | Question:
    """Add a layer as a deeper layer at the end, or a question at the end of `layer`."""
    survey = get_or_gone(Survey.objects.select_for_update(of=("self",)).select_related("area"), pk=survey.pk)
    if survey.state != SurveyState.DRAFT:
        raise InvalidTransition(_("This survey is published. Take it back first, if nobody answered yet."))
    writer = Writer(survey, list(survey.areas.all()))
    added: Layer | Question
    match item.plan:
        case LayerPlan():
            added = writer.add_layer(item.plan, _next(survey.layers.all()))
        case QuestionPlan() if layer is not None:
            added = writer.add_question(layer, item.plan, _next(layer.questions.all()))
        case _:
            raise DomainError(_("Choose the layer it goes to."))
    survey.changed_at = timezone.now()
    survey.save(update_fields=["changed_at"])
    Event.log("used_from_library", survey, by=by, item=item.name)
    return added


@transaction.atomic
def repeat_survey(*, survey: Survey, by: User) -> Survey:
    """Ask the same again, say next year: a new draft, in which each question refers to the one it repeats."""
    survey = Survey.objects.with_draft().get(pk=survey.pk)
    return start_survey(
        areas=list(survey.areas.all()),
        languages=list(survey.languages),
        plan=plan_of(survey),
        round_of=survey,
        by=by,
    )


@transaction.atomic
def part_from_round(*, question: Question, by: User) -> None:
    """Its meaning now differs from the earlier round, so the two are no longer compared."""
    Question.objects.filter(pk=question.pk).update(same_as=None)
    question.options.update(same_as=None)
    Event.log("parted_from_round", question.layer.survey, by=by, question=question.pk)


def _entry_from_row(row: LibraryItem) -> Item:
    return Item(
        f"{OWN_SLUG_PREFIX}{row.pk}",
        row.kind,
        row.name,
        row.about,
        READERS[ItemKind(row.kind)](row.plan),
        row,
    )


def _examples() -> Iterator[Item]:
    """The whole examples, then their layers, then their questions, in the reader's language."""
    language = get_language() or ""
    for plan in LIBRARY.values():
        yield Item(plan.slug, ItemKind.SURVEY, pick(plan.name, language), pick(plan.about, language), plan)
    blocks: list[Item] = []
    questions: list[Item] = []
    for plan in LIBRARY.values():
        source = pick(plan.name, language)
        for number, layer in enumerate(plan.layers):
            slug = f"{plan.slug}.{number}"
            if number and not any(layer.questions == block.layers[0].questions for block in blocks):
                blocks.append(
                    Item(slug, ItemKind.LAYER, pick(layer.title, language), _("From “%s”") % source, layer)
                )
            questions += [
                Item(
                    f"{slug}.{question.key}",
                    ItemKind.QUESTION,
                    pick(question.text, language).replace("{place}", _("the neighbourhood")),
                    _("From “%s”") % source,
                    question,
                )
                for question in layer.questions
            ]
    yield from blocks
    seen: set[str] = set()
    for item in questions:
        if item.name not in seen:
            seen.add(item.name)
            yield item


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list() | tuple():
            for each in value:
                yield from _texts(each)


def _number(said: str) -> int:
    """The id in a slug; 0, which no row has, for anything else."""
    return int(said) if is_id(said) else 0


def _next(rows: "models.QuerySet[Any]") -> int:
    last = rows.aggregate(last=models.Max("order"))["last"]
    return 0 if last is None else last + 1
