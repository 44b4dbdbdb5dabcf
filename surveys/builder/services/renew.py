"""A change of meaning: reworded questions and answers get new ids, so that counts never mix.

The old row keeps its id, the words under which it was answered, and its place in exports; it is no longer
asked.
"""

from typing import Any

from surveys.builder.changes import is_reworded
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire import conditions, piping
from surveys.questionnaire.document import Document
from surveys.questionnaire.document import Question as Asked

COPIED_OPTION_FIELDS = ("dont_know", "counts_as", "theme_id", "then", "order", "hint", "stale")


def assign_new_ids(survey: Survey, answered: Document) -> None:
    """Give a new id to every question and answer of the draft that is worded otherwise than in `answered`.

    The survey must be locked and loaded `with_draft()`; reload it afterwards.
    """
    ids = _NewIds()
    for layer in survey.layers.all():
        for question in layer.questions.all():
            known = answered.question(str(question.pk)) if answered.has_question(str(question.pk)) else None
            if known is None or known.retired or question.retired or layer.retired:
                continue
            if is_reworded(known.tokens[0], question.text):
                _renew_question(question, known, ids)
            else:
                _renew_options(question, known, ids)
    if ids.questions or ids.options:
        _replace_ids(survey, ids)


class _NewIds:
    """Old id -> new id."""

    def __init__(self) -> None:
        self.questions: dict[str, str] = {}
        self.options: dict[str, str] = {}

    def question(self, id: str) -> str:
        return self.questions.get(id, id)

    def in_condition(self, condition: Any) -> Any:
        return conditions.rename_condition_ids(
            condition, self.question, lambda _question, id: self.options.get(id, id)
        )


def _renew_question(question: Question, known: Asked, ids: _NewIds) -> None:
    """Restore the draft's row as the old question, and ask a new row instead."""
    old, options = question.pk, list(question.options.all())
    new = Question.objects.get(pk=old)
    new.pk, new.type_locked, new.same_as = None, False, None
    new._state.adding = True
    new.save()
    ids.questions[str(old)] = str(new.pk)
    for option in options:
        was = known.option(str(option.pk))
        if was is None or was.retired:
            Option.objects.filter(pk=option.pk).update(question=new)
            continue
        if not option.retired:
            ids.options[str(option.pk)] = str(_copy(option, new).pk)
        Option.objects.filter(pk=option.pk).update(label=was.label, hint=was.hint, retired=False, then="")
    text, hint = known.tokens
    Question.objects.filter(pk=old).update(text=text, hint=hint, retired=True, stale=[])


def _renew_options(question: Question, known: Asked, ids: _NewIds) -> None:
    for option in question.options.all():
        was = known.option(str(option.pk))
        if was and not was.retired and not option.retired and is_reworded(was.label, option.label):
            ids.options[str(option.pk)] = str(_copy(option, question).pk)
            Option.objects.filter(pk=option.pk).update(label=was.label, hint=was.hint, retired=True, then="")


def _copy(option: Option, question: Question) -> Option:
    copied = {name: getattr(option, name) for name in COPIED_OPTION_FIELDS}
    return Option.objects.create(question=question, label=option.label, **copied)


def _replace_ids(survey: Survey, ids: _NewIds) -> None:
    """Point conditions, branches and piped texts to the new ids."""
    for layer in Layer.objects.filter(survey=survey, condition__isnull=False):
        Layer.objects.filter(pk=layer.pk).update(condition=ids.in_condition(layer.condition))
    for question in Question.objects.filter(layer__survey=survey, retired=False):
        Question.objects.filter(pk=question.pk).update(
            condition=ids.in_condition(question.condition),
            text=piping.rename_token_questions(question.text, ids.question),
            hint=piping.rename_token_questions(question.hint, ids.question),
        )
    for option in Option.objects.filter(question__layer__survey=survey, then__in=ids.questions):
        Option.objects.filter(pk=option.pk).update(then=ids.questions[option.then])
