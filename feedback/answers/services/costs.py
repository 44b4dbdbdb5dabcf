"""What texts and letters cost: by the price that the municipality set, before and after they went."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count
from django.utils.formats import number_format

from accounts.states import DeliveryChannel
from feedback.models import FollowUp, Message
from feedback.states import HANDED_OVER, UNSETTLED, MessageState
from neighbourhoods.models import Municipality

WENT = frozenset({*HANDED_OVER, MessageState.BOUNCED, MessageState.UNCERTAIN})
"""What is paid for, as far as we know: also what came back."""


@dataclass(frozen=True)
class Cost:
    """So many texts or letters at a price in cents; None where nobody set one."""

    carrier: str
    number: int
    price: int | None

    @property
    def cents(self) -> int | None:
        return None if self.price is None else self.number * self.price

    @property
    def euros(self) -> str:
        """As it is written in the language of who reads; "" where nobody set a price."""
        if self.cents is None:
            return ""
        return f"€ {number_format(Decimal(self.cents) / 100, 2)}"


def of(numbers: dict[str, int]) -> list[Cost]:
    """For what costs money and is there at all."""
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
    """Of the messages in which this answer went, whole ones: a letter that tells two answers has one stamp."""
    went = Message.objects.filter(items__follow_up=follow_up, state__in=[*WENT, *UNSETTLED]).order_by()
    counted = went.values("carrier").annotate(number=Count("pk", distinct=True))
    return of(dict(counted.values_list("carrier", "number")))
