"""Receipts with a private code, idempotent for repeated submits."""

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
    """A new receipt, or that of the same submit a moment ago. The code is derived from `seed`, which is not stored.

    A code that exists already opens nothing: `same` holds the lookups that identify the same submit. Raises
    DomainError after five collisions.
    """
    for attempt in range(5):
        code = new_code(KeyedChoice(f"{seed}:{attempt}", purpose=f"{purpose}-code"))
        try:
            with transaction.atomic():
                made = Receipt.objects.create(purpose=purpose, code_hash=code_hash(code), language=language)
        except IntegrityError:  # the second of two taps, or a code that is in use
            earlier = Receipt.objects.filter(code_hash=code_hash(code), purpose=purpose, **same).first()
            if earlier is None:
                continue
            return earlier, code
        return made, code
    raise DomainError(_("That did not work. Please press the button once more."))
