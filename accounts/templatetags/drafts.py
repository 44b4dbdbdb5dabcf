"""Drafts that a colleague writes offline; they wait on the device, readable by that colleague only.

The device stores them encrypted (static/draft.js). The key stands only in pages of this colleague, never on the
device: the next person who signs in there has another key and another owner name, and can read nothing.
A builtin: no {% load %} needed.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from core.keyed import keyed_hash

register = template.Library()


@register.simple_tag
def draft_shelf(user: User) -> SafeString:
    """Attributes of a form with `data-draft`: the owner names a colleague's drafts on a device without identifying
    them; the key decrypts them, 256 bits in hex.
    """
    owner = keyed_hash(str(user.pk), purpose="draft-owner")[:16]
    key = keyed_hash(str(user.pk), purpose="draft-key")
    return format_html('data-draft-owner="{}" data-draft-key="{}"', owner, key)
