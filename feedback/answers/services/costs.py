"""Cost of texts and letters, before and after sending, at the prices that the municipality set."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count
from django.utils.formats import number_format

from accounts.states import DeliveryChannel
from feedback.models import FollowUp, Message
from feedback.states import HANDED_OVER, UNSETTLED, MessageState
from neighbourhoods.models import Municipality

WENT = frozenset({*HANDED_OVER, MessageState.BOUNCED, MessageState.UNCERTAIN})
"""States that count as paid for, as far as we know; returned ones too."""


@dataclass(frozen=True)
class Cost:
    """A number of texts or letters and the price of one in cents; None if no price is set."""

    carrier: str
    number: int
    price: int | None

    @property
    def cents(self) -> int | None:
        return None if self.price is None else self.number * self.price

    @property
    def euros(self) -> str:
        """Formatted in the active language; "" without a price."""
        if self.cents is None:
            return ""
        return f"€ {number_format(Decimal(self.cents) / 100, 2)}"


def of(numbers: dict[str, int]) -> list[Cost]:
    """Costs of the carriers that cost money and have messages."""
    municipality = Municipality.current()
    prices = {
        DeliveryChannel.TEXT: municipality.text_price,
        DeliveryChannel.LETTER: municipality.letter_price,
    }
    return [
        Cost(carrier, numbers[carrier], price) for carrier, price in prices.items() if numbers.get(carrier)
    ]


def before(*, texts: int, letters: int) -> list[Cost]:
    return of({DeliveryChannel.TEXT: texts, DeliveryChannel.LETTER: letters})


def so_far(follow_up: FollowUp) -> list[Cost]:
    """Cost of the messages that carry this answer. Each counts in full: a letter with two answers has one stamp."""
    went = Message.objects.filter(items__follow_up=follow_up, state__in=[*WENT, *UNSETTLED]).order_by()
    counted = went.values("carrier").annotate(number=Count("pk", distinct=True))
    return of(dict(counted.values_list("carrier", "number")))
