"""Piping: tokens in a text that are replaced by an earlier answer when somebody reads it.

A token stands in a text per language as ``{{answer:9|this neighbourhood}}``: the question id, and the
fallback if there is no answer. Only chosen or counted answers can be piped. Free text stays in the one place
for words (feedback.Contribution): in a question it would be read over a shoulder, land in the title of a
topic, and outlive the day on which it is masked or erased.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

TOKEN = re.compile(r"\{\{answer:([^{}|\s]{1,80})\|([^{}|]*)\}\}")
"""Refers to a question by id; in a plan (surveys/library/plan.py) and a form file by key."""
BROKEN_TOKEN_PATTERN = re.compile(r"\{\{\s*answer")
"""Looks like a token but is not a valid one."""


@dataclass(frozen=True)
class Token:
    question: str
    fallback: str

    def __str__(self) -> str:
        return f"{{{{answer:{self.question}|{self.fallback}}}}}"


def tokens(text: str) -> Iterator[Token]:
    for found in TOKEN.finditer(text):
        yield Token(found[1], found[2].strip())


def is_broken(text: str) -> bool:
    """Whether a token was damaged by hand, so that residents would read its brackets."""
    return BROKEN_TOKEN_PATTERN.search(TOKEN.sub("", text)) is not None


def piped_question_ids(*texts: Mapping[str, str]) -> frozenset[str]:
    """Ids of the questions piped into these texts, in any language."""
    return frozenset(token.question for text in texts for words in text.values() for token in tokens(words))


def fill_tokens(text: str, answer: Callable[[str], str]) -> str:
    """The text with answers filled in. `answer` returns the words of a question's answer, "" for none."""
    return TOKEN.sub(lambda found: answer(found[1]) or found[2].strip(), text)


def without_tokens(texts: Mapping[str, str]) -> Mapping[str, str]:
    """The texts with fallbacks for all tokens: for everywhere but the page of the question itself."""
    if not any("{{" in words for words in texts.values()):
        return texts
    return {language: fill_tokens(words, lambda _question: "") for language, words in texts.items()}


def rename_token_questions(texts: Mapping[str, str], name: Callable[[str], str | None]) -> dict[str, str]:
    """The texts with renamed questions in their tokens; the fallback replaces a token whose question has no
    new name.
    """

    def other(found: re.Match[str]) -> str:
        fallback = found[2].strip()
        new = name(found[1])
        return fallback if new is None else str(Token(new, fallback))

    return {language: TOKEN.sub(other, words) for language, words in texts.items()}
