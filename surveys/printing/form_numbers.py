"""The number of a paper form, with a check digit that catches one wrong digit, or two that were swapped.

Otherwise the answers of one neighbour would go to the page of another. The check digit is that of Damm
(2004).
"""

FIRST = 101
_TABLE = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_LONGEST = 12


def _check(digits: str) -> str:
    state = 0
    for digit in digits:
        state = int(_TABLE[state][int(digit)])
    return str(state)


def format_form_number(number: int) -> str:
    return f"{number}-{_check(str(number))}"


def scanned(number: int) -> str:
    """As in the QR code, which a scanner types: digits only."""
    return f"{number}{_check(str(number))}"


def parse_form_number(typed: str) -> int | None:
    """The number that was typed or scanned; None if invalid."""
    digits = "".join(sign for sign in typed if sign in "0123456789")
    if not 2 <= len(digits) <= _LONGEST or _check(digits) != "0":
        return None
    return int(digits[:-1])
