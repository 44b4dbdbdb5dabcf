"""The number of a row, as it comes from an address, a form or a cookie: anything may stand there."""


def is_id(text: str) -> bool:
    """Whether `text` can be looked for as a number: "²" is a digit and no number, and databases end at 2⁶³."""
    return text.isdecimal() and len(text) < 19
