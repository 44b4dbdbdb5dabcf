"""Who may read the words of a resident; one rule, whatever the words were written for.

| reader                           | what they read                                                    |
|----------------------------------|-------------------------------------------------------------------|
| the author                       | what they wrote                                                   |
| a colleague who works with it    | the text with a mark for each personal detail that is found       |
|                                  | (feedback/screening.py), and where to look twice                  |
| a colleague who gets in touch    | the full text, beside how to reach the author; the access is logged |
| anybody else                     | nothing until a colleague read it; then with those marks          |

Possible danger is sorted first, for a colleague to read today. This module has no models: the app that
stores the words has the fields and pages.
"""

from collections.abc import Mapping

from feedback.screening import find_signals, mask, names_danger
from feedback.states import Handover


def masked_texts(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: mask(text) for language, text in texts.items()}


def may_be_danger(*texts: str) -> bool:
    """A guess from the words, used to have a person read them first."""
    return any(names_danger(text) for text in texts)


def find_warning_words(*texts: str) -> list[tuple[str, str]]:
    """(what it may be, the matching word) for the colleague who reads."""
    return [
        (str(Handover(str(signal.topic)).label), text[signal.start : signal.end])
        for text in texts
        for signal in find_signals(text)
    ]
