"""Somebody offers their hands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, User
from accounts.states import ReceiptPurpose
from initiatives.models import ExpectationCard, Offer
from initiatives.services.receipts import receipt_with_code
from initiatives.states import Motive, Skill, TimeGift, Way
from neighbourhoods.errors import DomainError
from neighbourhoods.models import Area, Theme

FIRST_CONTACT_DAYS = 2


@dataclass(frozen=True)
class Hands:
    """What somebody gives. Everything but the way is optional."""

    way: str
    time: str = ""
    skills: list[str] = field(default_factory=list)
    motives: list[str] = field(default_factory=list)

    def problem(self) -> str:
        if self.way not in Way.values:
            return _("Choose what suits you.")
        if len(self.motives) > 2:
            return _("Choose at most two reasons.")
        known = set(self.skills) <= set(Skill.values) and set(self.motives) <= set(Motive.values)
        if not known or (self.time and self.time not in TimeGift.values):
            return _("Choose from the list.")
        return ""


@transaction.atomic
def make_offer(
    *,
    hands: Hands,
    card: ExpectationCard,
    area: Area,
    theme: Theme | None,
    owner: User,
    language: str,
    email: str,
    phone: str,
    consent: str,
    submit_key: str,
    now: datetime | None = None,
) -> tuple[Offer, str]:
    """An offer with a receipt and private code of its own; nothing ties it to any answer.

    The code follows from the submit key and the address, so pressing twice makes one offer. Returns the
    offer and the code, which is shown once. Raises DomainError with what to mend.
    """
    if problem := hands.problem():
        raise DomainError(problem)
    moment = now or timezone.now()
    receipt, code = receipt_with_code(
        seed=f"{submit_key} {email} {phone}",
        purpose=ReceiptPurpose.OFFER,
        language=language,
        contact__email=email,
        contact__phone=phone,
    )
    if earlier := Offer.objects.filter(receipt=receipt).select_related("receipt").first():
        return earlier, code
    # A person called or mailed by a coordinator needs no confirmation first.
    Contact.objects.create(
        receipt=receipt,
        email=email,
        phone=phone,
        is_16_or_older=True,
        consent=consent,
        created_at=moment,
    )
    offer = Offer.objects.create(
        receipt=receipt,
        area=area,
        theme=theme,
        card=card,
        way=hands.way,
        time=hands.time,
        skills=sorted(set(hands.skills)),
        motives=sorted(set(hands.motives)),
        owner=owner,
        next_action=Offer.first_step(owner),
        next_action_on=timezone.localdate(moment) + timedelta(days=FIRST_CONTACT_DAYS),
    )
    return offer, code
