"""How a text of ours is set. Imports nothing of Django."""

LEAD = 60
"""Characters at most of a first sentence that is set apart: “Dit gaat door.”"""


def lead_and_rest(text: str) -> tuple[str, str]:
    """A short first sentence, and what follows. ("", text) when the text begins with a long one."""
    text = text.strip()
    end = next((index for index, char in enumerate(text) if char in ".!?؟。"), -1) + 1
    if not 0 < end <= LEAD or text[end : end + 1].strip():  # "19.30 uur" is no sentence
        return "", text
    return text[:end], text[end:].strip()
