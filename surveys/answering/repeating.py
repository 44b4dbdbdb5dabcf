"""Fills somebody's earlier answers into the text of a question, for the page that asks it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from django.utils import translation
from django.utils.formats import number_format

from core.i18n import Texts
from surveys.questionnaire.conditions import is_answer
from surveys.questionnaire.document import Answers, Document, Question
from surveys.questionnaire.piping import filled


def with_piped_answers(document: Document, question: Question, answers: Answers) -> Question:
    """The question as shown to somebody who gave these answers, in each language of its texts."""
    text, hint = (_filled(document, texts, answers) for texts in question.tokens)
    return replace(question, text=text, hint=hint)


def _filled(document: Document, texts: Texts, answers: Answers) -> Texts:
    return {
        language: filled(words, partial(_words, document, answers, language))
        for language, words in texts.items()
    }


def _words(document: Document, answers: Answers, language: str, id: str) -> str:
    """A chosen answer in words; "" if skipped, “I don't know”, or not expressible."""
    value = answers.get(id)
    if not document.has_question(id) or not is_answer(value):
        return ""
    question = document.question(id)
    if isinstance(value, str):
        chosen = [value]
    elif isinstance(value, Mapping) and isinstance(number := value.get("n"), int):
        with translation.override(language):
            return number_format(number, use_l10n=True, force_grouping=True)
    else:
        chosen = [option for option, yes in dict(value or {}).items() if yes is True]
    options = [option for each in chosen if (option := question.option(each)) and not option.dont_know]
    return ", ".join(words for option in options if (words := option.label.get(language, "").strip()))
