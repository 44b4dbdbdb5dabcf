"""Markup compared without the whitespace that only lays out the template."""

import re


def squeezed(html: str) -> str:
    """No line breaks: one space within text and tags, none between two tags."""
    return re.sub(r"(?<=>) (?=<)", "", " ".join(html.split()))
