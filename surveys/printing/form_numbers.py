"""The number of a form on paper, with a digit behind it that catches a slip: one wrong digit, or two changed about.

Otherwise the answers of one neighbour would go to the page of another. The digit is that of Damm (2004).
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
    """As it stands on the form."""
    return f"{number}-{_check(str(number))}"


def scanned(number: int) -> str:
    """As it stands in the QR code, which a scanner types: digits alone."""
    return f"{number}{_check(str(number))}"


def parse_form_number(typed: str) -> int | None:
    """The number in what was typed or scanned; None when it is none."""
    digits = "".join(sign for sign in typed if sign in "0123456789")
    if not 2 <= len(digits) <= _LONGEST or _check(digits) != "0":
        return None
    return int(digits[:-1])
