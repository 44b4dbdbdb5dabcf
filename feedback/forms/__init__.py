from feedback.forms.hearing_back import (
    CONSENT_TO_MAIL,
    NO_CONSENT,
    TOO_YOUNG,
    WRONG_ADDRESS,
    HearBackForm,
    HowOftenForm,
)

__all__ = ["CONSENT_TO_MAIL", "NO_CONSENT", "TOO_YOUNG", "WRONG_ADDRESS", "HearBackForm", "HowOftenForm"]
