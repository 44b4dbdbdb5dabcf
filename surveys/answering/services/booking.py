"""What is said in a participation: words stored as contributions, counted when a layer is done, and owed an
answer.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import Contribution
from feedback.states import ContributionKind
from neighbourhoods.models import Theme
from surveys.answering.services.participation import published_of, walk_of
from surveys.answering.services.tally import count
from surveys.answering.suspicion import is_too_fast
from surveys.models import Response, Statement
from surveys.questionnaire.conditions import is_answer
from surveys.questionnaire.counting import tally
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.published import Published
from surveys.questionnaire.question_types import Statements, Views, WrittenAnswer, type_of
from surveys.states import StatementState, Suspicion

REST = "rest"
# Upper bounds in minutes; the last bucket is open. Buckets, since an exact time would point at a moment.
DURATION_BUCKETS = (1, 2, 5, 15)


def booking_of(response: Response, today: date | None) -> ContributionRecorder:
    return ContributionRecorder(
        receipt=response.receipt_id,
        source=response.survey.subject,
        area=response.area_id,
        language=response.language,
        day=today or timezone.localdate(),
    )


def store_answer(response: Response, question: Question, value: Any, booking: ContributionRecorder) -> None:
    """Store one answer. Words become a contribution; the response holds its id."""
    before = response.answers.get(question.id)
    match question.shape:
        case Shape.TEXT:
            value = _keep_words(question, before, value, booking)
        case Shape.VIEWS:
            value = _keep_views(response, question, before or {}, value, booking)
    response.answers[question.id] = value
    response.shown[question.id] = True


def _keep_words(
    question: Question, before: Any, words: WrittenAnswer | None, booking: ContributionRecorder
) -> Any:
    if not words:
        if is_answer(before):
            booking.drop_words(slot=question.id)
        return None
    theme = words.theme if words.theme and Theme.objects.filter(slug=words.theme).exists() else ""
    subject = _text_subject(question, theme)
    kept = booking.keep_words(
        slot=question.id, subject=subject, text=words.text, is_new=not is_answer(before), spot=words.spot
    )
    # Store only that they are 16 or older, not their age, and only because the place requires it.
    more = {"theme": theme} if theme else {}
    return {"text": str(kept), **more, **({"is_16": True} if words.spot else {})}


def _keep_views(
    response: Response,
    question: Question,
    before: Mapping[str, Any],
    given: Views | None,
    booking: ContributionRecorder,
) -> Any:
    """Add views to those on other statements; `more` is set as long as others are to come."""
    kept = {key: value for key, value in before.items() if key != "more"} | dict(given.views if given else {})
    if given and given.own is not None:
        kept |= _keep_statement(question, kept.pop("text", None), given.own, booking)
    if given and not given.is_done and not _is_done(response, question):
        kind = type_of(question)
        assert isinstance(kind, Statements)
        put = kind.put_to(question, kept, str(response.pk))
        if question.settings.get("own", True) or any(not each.view for each in put):
            kept["more"] = True
    return kept or None


def _keep_statement(
    question: Question, before: str | None, words: str, booking: ContributionRecorder
) -> dict[str, str]:
    """Someone's own statement waits for a reader, again if its words change."""
    if not words:
        if before:
            booking.drop_words(slot=question.id)
        return {}
    old = Contribution.objects.filter(pk=before).values_list("text", flat=True).first() if before else None
    subject = _text_subject(question, "")
    kept = booking.keep_words(slot=question.id, subject=subject, text=words, is_new=not before)
    if old is None:
        Statement.objects.get_or_create(contribution_id=kept, defaults={"question_id": int(question.id)})
    elif old != words:
        Statement.objects.filter(contribution=kept).update(
            state=StatementState.WAITING, decided_by=None, decided_on=None
        )
    return {"text": str(kept)}


def _is_done(response: Response, question: Question) -> bool:
    layer = published_of(response).document.layer_of(question)
    return layer.id in response.layers_done


def end_layer(
    response: Response, frozen: Published, layer: Layer, booking: ContributionRecorder, minutes: float | None
) -> None:
    """The layer is done: answers off its path are removed."""
    walk = walk_of(response, frozen.document)
    for question_id in walk.off_path(layer):
        if is_answer(response.answers.pop(question_id, None)):
            booking.drop_words(slot=question_id)
        response.shown.pop(question_id, None)
    if layer.id not in response.layers_done:
        is_alone = response.helped_by_id is None and not response.suspect_reason
        if (
            minutes is not None
            and is_alone
            and is_too_fast(
                seconds=60 * minutes, questions=len(walk.path(layer)), least=settings.SECONDS_A_QUESTION
            )
        ):
            response.is_suspect, response.suspect_reason = True, Suspicion.FAST
        response.layers_done = [*response.layers_done, layer.id]
        if minutes is not None:
            bucket = next((str(bound) for bound in DURATION_BUCKETS if minutes <= bound), "more")
            response.durations[layer.id] = bucket


def book(response: Response, frozen: Published, booking: ContributionRecorder) -> None:
    """Count finished layers, and record the debts for them."""
    if not response.layers_done:
        return
    is_first = not response.counted
    keys = tally(frozen.document, response.answers, response.shown, response.layers_done)
    things = _things_said(response, frozen.document)
    # Create topics before counters, as for words; otherwise two first respondents in a neighbourhood
    # deadlock.
    booking.topics([thing.subject for thing in things])
    count(response, epoch=frozen.epoch, keys=sorted([question, option] for question, option in keys))
    booking.record(things, is_first=is_first)


def _things_said(response: Response, document: Document) -> list[NewContribution]:
    """Everything said in finished layers: each need chosen, each text, and all other answers as one."""
    things, rest = [], False
    for layer in document.layers:
        if layer.id not in response.layers_done:
            continue
        for question in layer.questions:
            value = response.answers.get(question.id)
            if not is_answer(value):
                continue
            if question.shape is Shape.TEXT:
                subject = _text_subject(question, value.get("theme", ""))
                things.append(NewContribution(question.id, ContributionKind.TEXT, subject))
            elif question.shape is Shape.VIEWS:
                if "text" in value:
                    subject = _text_subject(question, "")
                    things.append(NewContribution(question.id, ContributionKind.TEXT, subject))
                rest = rest or len(value) > ("text" in value)
            elif question.asks_needs and (chosen := _needs(question, value)):
                things += chosen
            else:
                rest = True
    if rest or not things:
        # Somebody who skipped everything also took part, and hears the outcome. It is named after the survey,
        # because “the other questions” means nothing to a reader months later.
        things.append(NewContribution(REST, ContributionKind.REST, Subject(key=REST, title=document.title)))
    return things


def is_booked_with_others(question: Question, value: Any) -> bool:
    """Whether an answer is neither a chosen need nor a text: those are booked together."""
    if not is_answer(value) or question.shape is Shape.TEXT:
        return False
    if question.shape is Shape.VIEWS:
        return len(value) > ("text" in value)
    return not (question.asks_needs and _needs(question, value))


def _needs(question: Question, value: Any) -> list[NewContribution]:
    ids = [value] if isinstance(value, str) else [option for option, yes in value.items() if yes is True]
    options = [option for id in ids if (option := question.option(id)) and not option.dont_know]
    return [
        NewContribution(
            slot=f"{question.id}:{option.id}",
            kind=ContributionKind.CHOICE,
            subject=Subject(
                key=f"option:{option.id}",
                title=option.label,
                question=question.text,
                theme=int(option.theme or question.theme or 0) or None,
            ),
        )
        for option in options
    ]


def _text_subject(question: Question, theme: str) -> Subject:
    """A text is about the theme its writer chose, else about the question it answers."""
    if theme and (given := Theme.objects.filter(slug=theme).first()):
        return Subject(key=f"theme:{theme}", title=given.name, question=question.text, theme=given.pk)
    return Subject(
        key=f"question:{question.id}",
        title=question.text,
        question=question.text,
        theme=int(question.theme or 0) or None,
    )
