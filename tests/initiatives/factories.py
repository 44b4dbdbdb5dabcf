"""Plain factory functions: who offers their hands."""

from accounts.models import User
from accounts.states import ReceiptPurpose
from initiatives.models import ExpectationCard, Initiative, Offer
from initiatives.states import OfferState, Way
from neighbourhoods.models import Area
from tests.feedback.factories import make_contact, make_receipt, today
from tests.people import make_area, make_theme, make_user


def make_card(name: str = "card") -> ExpectationCard:
    rows = {row: {"nl": f"{row} in woorden", "en": f"{row} in words"} for row in ExpectationCard.ROWS}
    return ExpectationCard.objects.create(name=name, **rows)


def make_offer(
    area: Area | None = None,
    *,
    owner: User | None = None,
    due: int = 2,
    state: str = OfferState.NEW,
    **fields,
) -> Offer:
    """Somebody who can be called, with a next step in `due` days."""
    receipt = make_receipt(purpose=ReceiptPurpose.OFFER)
    make_contact(receipt, email="helper@example.nl", phone="0612345678", confirmed=False)
    closed = state == OfferState.CLOSED
    fields = {
        "way": Way.ONCE,
        "skills": ["cook"],
        "motives": ["meet"],
        "next_action": "" if closed else "Bellen",
        "next_action_on": None if closed else today(due),
        "closed_reason": "Verhuisd." if closed else "",
    } | fields
    return Offer.objects.create(
        receipt=receipt,
        area=area or make_area(),
        card=ExpectationCard.objects.first() or make_card(),
        owner=owner or make_user(),
        state=state,
        **fields,
    )


def make_initiative(area: Area | None = None, *, name: str = "Soep op dinsdag", **fields) -> Initiative:
    """Something that runs, looked at today."""
    fields = {"name": {"nl": name, "en": name}} | fields
    if "theme" not in fields:
        fields["theme"] = make_theme()
    return Initiative.objects.create(area=area or make_area(), **fields)
