"""Template filter for the text of an answer. A builtin: no {% load %} needed."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.nabij import paragraphs
from feedback.wording import lead_and_rest

register = template.Library()


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
