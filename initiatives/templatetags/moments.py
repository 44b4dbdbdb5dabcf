"""Template tag for the moments of a week. A builtin: no {% load %} needed."""

from django import template

from initiatives.matching.moments import week

register = template.Library()


@register.inclusion_tag("components/moments.html")
def moments(chosen: list[str]) -> dict:
    """When a volunteer is available or needed: the week as a read-only table, and a sentence."""
    return {"week": week(chosen)}
