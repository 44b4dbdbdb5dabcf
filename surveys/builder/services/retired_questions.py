"""Questions of a survey that are no longer asked: until when, and what replaced them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import Event
from surveys.models import Survey
from surveys.questionnaire.document import Document, Question
from surveys.questionnaire.published import published_version


@dataclass(frozen=True)
class RetiredQuestion:
    """`instead` is the question that replaced it when its meaning changed; None if it was just removed."""

    question: Question
    since: date
    instead: Question | None


def retired_questions(survey: Survey, document: Document) -> dict[str, RetiredQuestion]:
    """By question id. `document` is the running version; no query if all its questions are asked."""
    retired = [question for question in document.questions if question.retired]
    if not retired:
        return {}
    ran = _versions(survey)
    found = {}
    for question in retired:
        asked = [number for number, (_day, one) in enumerate(ran) if _asks(one, question.id)]
        if not asked:
            continue  # removed before anybody could answer
        last = asked[-1]
        day, after = ran[min(last + 1, len(ran) - 1)]
        found[question.id] = RetiredQuestion(
            question, day, _replacement_question(ran[last][1], after, question)
        )
    return found


def _versions(survey: Survey) -> Sequence[tuple[date, Document]]:
    """Versions that residents saw, each with its first day, oldest first."""
    live = {
        (event.facts or {}).get("version"): event.at
        for event in Event.objects.about(survey).filter(verb="go_live").only("facts", "at")
    }
    rows = survey.versions.order_by("number").values_list("pk", "digest", "number", "epoch", "published_at")
    return [
        (_day(live.get(number, published_at)), published_version(pk, digest).document)
        for pk, digest, number, epoch, published_at in rows
        # A changed meaning waits for a signature first, and may be withdrawn.
        if epoch == 1 or number in live or pk == survey.current_id
    ]


def _asks(document: Document, id: str) -> bool:
    return document.has_question(id) and not document.question(id).retired


def _replacement_question(before: Document, after: Document, question: Question) -> Question | None:
    """A change of meaning puts the new question directly after the old one (services/renew.py)."""
    if not after.has_question(question.id):
        return None
    questions = after.layer_of(question).questions
    place = [one.id for one in questions].index(question.id)
    new = next(iter(questions[place + 1 :]), None)
    return new if new and not new.retired and not before.has_question(new.id) else None


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)
