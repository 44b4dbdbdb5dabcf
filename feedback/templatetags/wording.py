"""Template filter for the text of an answer. A builtin: no {% load %} needed."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.nabij import paragraphs

register = template.Library()

LEAD = 60
"""Maximum characters of a first sentence that is set apart: “Dit gaat door.”"""


@register.filter
def lead(value: str) -> SafeString:
    """Paragraphs with a short first sentence in bold: “**This goes ahead.** From 1 June ...”."""
    first, rest = lead_and_rest(str(value or ""))
    said = paragraphs(rest)
    if not first:
        return said
    strong = format_html('<b class="strong">{}</b>', first)
    if not said.startswith("<p>"):
        return format_html("<p>{}</p>", strong)
    return mark_safe(f"<p>{strong} {said.removeprefix('<p>')}")


def lead_and_rest(text: str) -> tuple[str, str]:
    """Split off a short first sentence. Returns ("", text) if the first sentence is long."""
    text = text.strip()
    end = next((index for index, char in enumerate(text) if char in ".!?؟。"), -1) + 1
    if not 0 < end <= LEAD or text[end : end + 1].strip():  # "19.30 uur" does not end a sentence
        return "", text
    return text[:end], text[end:].strip()
