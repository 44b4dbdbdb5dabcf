"""The one way of words that a resident wrote, whatever they wrote them for.

| who reads                        | what they read                                                    |
|----------------------------------|-------------------------------------------------------------------|
| who wrote them                   | what they wrote                                                   |
| a colleague who works with them  | the same without e-mail addresses and phone numbers, and where to |
|                                  | look twice                                                        |
| a colleague who gets in touch    | what they wrote, beside how to reach them; that they looked is kept |
| anybody else                     | nothing, until a colleague read it; then without addresses and numbers |

What may mean danger comes first, for a colleague and today. Knows no tables: fields and pages are of whoever keeps
the words.
"""

from collections.abc import Mapping

from feedback.hints import find_signals, names_danger
from feedback.masking import mask
from feedback.states import Handover


def masked_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The same, per language."""
    return {language: mask(text) for language, text in texts.items()}


def may_be_danger(*texts: str) -> bool:
    """A guess, so that a person reads them first."""
    return any(names_danger(text) for text in texts)


def look_twice(*texts: str) -> list[tuple[str, str]]:
    """(what it may be, which word says so) for the colleague who reads."""
    return [
        (str(Handover(str(signal.topic)).label), text[signal.start : signal.end])
        for text in texts
        for signal in find_signals(text)
    ]
