"""Phone numbers that can receive text messages, in E.164. Uses no tables."""

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_DEFAULT_REGION = "NL"
"""Region of a number without a country code."""

_SMS_NUMBER_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_LONGEST = 40
"""Maximum input length in characters."""


class NotAMobileNumber(ValueError):
    """Not a number that can receive text messages."""


def parse_mobile_number(typed: str) -> str:
    """The number in E.164 (+31612345678). Raises NotAMobileNumber: invalid, with an extension, or a landline."""
    try:
        found = phonenumbers.parse(typed.strip()[:_LONGEST], _DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise NotAMobileNumber from error
    if not phonenumbers.is_valid_number(found) or phonenumbers.number_type(found) not in _SMS_NUMBER_TYPES:
        raise NotAMobileNumber
    if found.extension:
        raise NotAMobileNumber
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def is_in_sms_country(number: str) -> bool:
    """Whether texts go to this number in E.164: only to the countries of SMS_COUNTRIES.

    Texts to far countries are dear, and who has a number there can share in what they cost ("SMS pumping").
    """
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) in settings.SMS_COUNTRIES


def format_phone_number(number: str) -> str:
    """The number as people in the Netherlands read it: 06 12345678, +49 1512 3456789."""
    try:
        found = phonenumbers.parse(number, _DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return number
    here = found.country_code == phonenumbers.country_code_for_region(_DEFAULT_REGION)
    return phonenumbers.format_number(
        found, PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL
    )
