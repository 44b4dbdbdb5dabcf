"""A receipt with its private code, for what may be sent twice."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.codes import new_code
from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import KeyedChoice, code_hash


def receipt_with_code(
    *, seed: str, purpose: ReceiptPurpose, language: str, **same: Any
) -> tuple[Receipt, str]:
    """A new receipt, or that of the same sending a moment ago. The code follows from `seed`, which is not kept.

    A code that somebody has already opens nothing: `same` are the lookups that tell it is the same sending.
    """
    for attempt in range(5):
        code = new_code(KeyedChoice(f"{seed}:{attempt}", purpose=f"{purpose}-code"))
        try:
            with transaction.atomic():
                made = Receipt.objects.create(purpose=purpose, code_hash=code_hash(code), language=language)
        except IntegrityError:  # the second of two taps, or somebody else's code
            earlier = Receipt.objects.filter(code_hash=code_hash(code), purpose=purpose, **same).first()
            if earlier is None:
                continue
            return earlier, code
        return made, code
    raise DomainError(_("That did not work. Please press the button once more."))
