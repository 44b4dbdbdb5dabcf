"""Telephone numbers that can take a text, in one form. Knows no tables."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_DEFAULT_REGION = "NL"
"""Where a number without a country is from."""

_TAKES_TEXTS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_LONGEST = 40
"""Characters of what is typed that are looked at."""


class NoMobile(ValueError):
    """It is no number that can take a text."""


def mobile(typed: str) -> str:
    """The number as +31612345678. Raises NoMobile for what is no number, or one that rings on a table."""
    try:
        found = phonenumbers.parse(typed.strip()[:_LONGEST], _DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise NoMobile from error
    if not phonenumbers.is_valid_number(found) or phonenumbers.number_type(found) not in _TAKES_TEXTS:
        raise NoMobile
    if found.extension:
        raise NoMobile
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def format_phone_number(number: str) -> str:
    """The number as people here read it: 06 12345678, +49 1512 3456789."""
    try:
        found = phonenumbers.parse(number, _DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return number
    here = found.country_code == phonenumbers.country_code_for_region(_DEFAULT_REGION)
    return phonenumbers.format_number(
        found, PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL
    )
