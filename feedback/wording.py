"""Layout of our texts. Imports nothing from Django."""

LEAD = 60
"""Maximum characters of a first sentence that is set apart: “Dit gaat door.”"""


def lead_and_rest(text: str) -> tuple[str, str]:
    """Split off a short first sentence. Returns ("", text) if the first sentence is long."""
    text = text.strip()
    end = next((index for index, char in enumerate(text) if char in ".!?؟。"), -1) + 1
    if not 0 < end <= LEAD or text[end : end + 1].strip():  # "19.30 uur" does not end a sentence
        return "", text
    return text[:end], text[end:].strip()
