"""Template tag for drafts kept on a device. A builtin: no {% load %} needed."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import drafts
from accounts.models import User

register = template.Library()


@register.simple_tag
def draft_shelf(user: User) -> SafeString:
    """Attributes of a form with `data-draft`: the owner and the key of the drafts on a device."""
    shelf = drafts.draft_shelf(user)
    return format_html('data-draft-owner="{}" data-draft-key="{}"', shelf.owner, shelf.key)
