"""Texts made by staff: one dict per text, language code to words."""

from collections.abc import Iterable, Mapping


def pick(
    texts: Mapping[str, str] | str | None, language: str, fallbacks: Iterable[str] = ("nl", "en")
) -> str:
    """The words in `language`, else in the first fallback that has any, else any, else ""."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    for code in (language, *fallbacks, *texts):
        if words := texts.get(code, "").strip():
            return words
    return ""


def language_of(
    texts: Mapping[str, str] | str | None, language: str, fallbacks: Iterable[str] = ("nl", "en")
) -> str:
    """The language that `pick` ended up with, for a `lang` attribute; "" when there are no words."""
    if not texts or isinstance(texts, str):
        return ""
    return next((code for code in (language, *fallbacks, *texts) if texts.get(code, "").strip()), "")
