"""Mails as templates make them: subject, text and HTML, and letters that many readers share.

Uses templates and languages, no models. What a mail is about is up to its caller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language_info

# Placeholders for a reader's own links. `.invalid` is reserved and never resolves (RFC 2606).
ITEM_URL = "https://nabij.invalid/item/"
UNSUBSCRIBE_URL = "https://nabij.invalid/unsubscribe/"
KEPT_LETTERS = 200
_written: dict[tuple[str, str], "RenderedMail"] = {}


@dataclass(frozen=True)
class RenderedMail:
    subject: str
    text: str
    html: str = ""
    # An appointment to attach (RFC 5545).
    calendar: bytes = b""
    # A cancelled appointment to attach, so that the calendar removes it.
    cancelled: bytes = b""
    # The shared letter for readers who chose the same, and this reader's values per placeholder.
    pattern: "RenderedMail | None" = None
    links: tuple[tuple[str, str], ...] = ()


def render_mail_template(template: str, language: str, *, subject: str, **context: Any) -> RenderedMail:
    """Render `template`.html and .txt, also for apps above; the caller activates the language."""
    subject = " ".join(subject.split())[:250]
    context |= {"subject": subject, "language": language, "direction": direction_of(language)}
    html = render_to_string(f"{template}.html", context)
    text = render_to_string(f"{template}.txt", context)
    return RenderedMail(subject, _without_gaps(text), _inliner().inline(html))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def mail_language(language: str) -> str:
    """The language we write in to a reader of `language`: the same if we have a catalogue, else our first one."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGES[0][0]


def direction_of(language: str) -> str:
    try:
        return "rtl" if get_language_info(language)["bidi"] else "ltr"
    except KeyError:  # Django doesn't know this language
        return "ltr"


def _without_gaps(text: str) -> str:
    """Collapse the blank lines that template tags leave behind."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


# --- shared by many readers ---------------------------------------------------------------------------


def render_shared(
    facts: Any, language: str, links: tuple[tuple[str, str], ...], write: Callable[[Any, str], RenderedMail]
) -> RenderedMail:
    """Render a letter shared by many readers once, and fill in this reader's links."""
    key = (language, repr(facts))
    letter = _written.get(key)
    if letter is None:
        if len(_written) >= KEPT_LETTERS:
            _written.clear()
        letter = _written[key] = write(facts, language)
    return RenderedMail(
        letter.subject, _put_in(links, letter.text), _put_in(links, letter.html), pattern=letter, links=links
    )


def with_links(letter: RenderedMail, unsubscribe_url: str) -> RenderedMail:
    links = ((UNSUBSCRIBE_URL, unsubscribe_url),)
    return RenderedMail(letter.subject, _put_in(links, letter.text), _put_in(links, letter.html))


def _put_in(links: tuple[tuple[str, str], ...], text: str) -> str:
    """Replace placeholders by URLs. No escaping: our URLs hold nothing that HTML would escape."""
    for place, url in links:
        text = text.replace(place, url)
    return text
