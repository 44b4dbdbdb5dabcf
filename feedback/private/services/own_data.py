"""What feedback stores about the holder of a receipt (registered in `personal_data`)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Contact, Receipt
from core.i18n import pick
from core.phone_numbers import format_phone_number
from feedback.answers.services import letters_by_post
from feedback.answers.services.release import EVERYBODY
from feedback.contacts.services.conversation import items_of
from feedback.contributions.services.closing import find_owners_again, lock_promises
from feedback.delivery.services.transport import forget_copies
from feedback.models import AnswerOwed, Contribution, Following, FollowUp, Incoming, Message, NamedDebt
from feedback.registries import personal_data
from feedback.states import FollowUpState, Owed

WITHDRAWABLE = (Owed.OPEN, Owed.PUBLISHED, Owed.SENT)


class FeedbackData:
    """Contributions, debts, answers, reactions, messages and the address."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        receipt.contributions.filter(withdrawn_on=None).update(withdrawn_on=timezone.localdate(now))
        receipt.owed.filter(state__in=WITHDRAWABLE).update(
            withdrawn_from=F("state"),
            state=Owed.WITHDRAWN,
            settled_at=Coalesce(F("settled_at"), Value(now, output_field=DateTimeField())),
        )

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        back = receipt.owed.filter(state=Owed.WITHDRAWN, withdrawn_from=Owed.OPEN)
        lock_promises(back.order_by().values_list("topic__source", flat=True), now=now)
        receipt.contributions.update(withdrawn_on=None)
        receipt.owed.filter(state=Owed.WITHDRAWN, withdrawn_from__in=WITHDRAWABLE).update(
            settled_at=Case(When(withdrawn_from=Owed.OPEN, then=None), default=F("settled_at")),
            state=F("withdrawn_from"),
            withdrawn_from="",
        )
        find_owners_again(AnswerOwed.objects.filter(receipt=receipt))

    def download(self, receipt: Receipt) -> dict[str, Any]:
        contact = Contact.objects.filter(receipt=receipt).first()
        follows = Following.objects.filter(receipt=receipt).select_related("area").first()
        return {
            _("Your page"): {
                _("made on"): _day(receipt.created_on),
                _("for"): receipt.get_purpose_display(),
                _("language"): receipt.language,
            },
            _("How we reach you"): _contact(contact) if contact else _("You left no address."),
            **({_("What you follow"): {follows.area.name: _day(follows.since)}} if follows else {}),
            _("What you said"): [
                _without_blanks(
                    {
                        _("question"): _text(said.topic.question),
                        _("you said"): said.text or _text(said.topic.title),
                        _("where"): _where(said),
                        _("on"): _day(said.said_on),
                        _("language"): said.language,
                        _("themes"): [_text(theme.name) for theme in said.themes.all()],
                        _("withdrawn on"): _day(said.withdrawn_on),
                        _("may be shown to others since"): _day(said.may_quote_since),
                        _("shown to others since"): _day(said.quoted_on),
                    }
                )
                for said in receipt.contributions.select_related("topic", "place").prefetch_related("themes")
            ],
            _("Mail of yours that a colleague still has to read"): [
                {_("on"): _day(mail.at), _("you said"): mail.text} for mail in receipt.incoming.waiting()
            ],
            _("What we owe you"): [_debt(debt) for debt in receipt.owed.select_related("topic", "owner")],
            _("What we answered"): [_answer(item) for item in items_of(receipt)],
            _("Mail to you"): [_mail(message) for message in receipt.messages.order_by("pk")],
        }

    def erase(self, receipt: Receipt) -> None:
        """Erase everything; the sums of a follow-up keep only a count of the erased."""
        # Lock order of the outbox: contact before messages; otherwise deadlock.
        contact = Contact.objects.select_for_update().filter(receipt=receipt).first()
        # Lock order of release: debts before follow-ups. So a release names this reader before, and is
        # counted below, or not at all.
        list(receipt.owed.select_for_update().order_by("pk").values_list("pk", flat=True))
        named = list(NamedDebt.objects.filter(receipt=receipt).values_list("follow_up", flat=True))
        # One stopped meanwhile is a draft again and names nobody.
        told = FollowUp.objects.filter(pk__in=named).exclude(state=FollowUpState.DRAFT)
        told.update(erased=F("erased") + 1)
        # For answers fanned out before the cursor ended at EVERYBODY.
        handed_out = FollowUp.objects.exclude(state=FollowUpState.RELEASED).filter(cursor=receipt.pk)
        handed_out.update(cursor=EVERYBODY)
        mailed = set(receipt.messages.values_list("message_id", flat=True))
        transaction.on_commit(lambda: forget_copies(mailed))
        # Incoming mail from this address whose receipt is unknown.
        if contact and contact.email:
            Incoming.objects.filter(from_address__iexact=contact.email).delete()
        letters_by_post.without(receipt)
        receipt.incoming.all().delete()
        receipt.items.all().delete()
        receipt.messages.all().delete()
        receipt.owed.all().delete()
        receipt.contributions.all().delete()
        Contact.objects.filter(receipt=receipt).delete()


def _contact(contact: Contact) -> dict[str, Any]:
    return _without_blanks(
        {
            _("e‑mail address"): contact.email,
            _("phone"): contact.phone,
            _("number for texts"): format_phone_number(contact.mobile) if contact.mobile else "",
            _("address for letters"): contact.shown if contact.postal else "",
            _("you agreed to"): contact.consent,
            _("how often"): contact.get_how_often_display(),
            _("left on"): _day(contact.created_at),
            _("confirmed on"): _day(contact.confirmed_at),
            _("unsubscribed on"): _day(contact.unsubscribed_at),
        }
    )


def _where(said: Contribution) -> str:
    if said.place:
        return said.place.name
    return "" if said.longitude is None else f"{said.latitude}, {said.longitude}"


def _debt(debt: AnswerOwed) -> dict[str, Any]:
    return _without_blanks(
        {
            _("about"): _text(debt.topic.title),
            _("before"): _day(debt.due_on),
            _("from whom"): debt.owner.title,
            _("how it stands"): debt.get_state_display(),
            _("reason"): debt.reason,
        }
    )


def _answer(item: Any) -> dict[str, Any]:
    follow_up, reaction = item.follow_up, getattr(item, "reaction", None)
    looked_back = getattr(item, "look_back", None)
    return _without_blanks(
        {
            _("about"): _text(follow_up.title),
            _("on"): _day(item.created_at),
            _("decided"): _text(follow_up.decided),
            _("why"): _text(follow_up.why),
            _("what comes next"): _text(follow_up.next_step),
            _("whom to talk to"): _text(follow_up.contact),
            _("written by"): _text(follow_up.signed_as),
            _("it answered you"): None
            if reaction is None
            else (_("yes") if reaction.answers_me else _("no")),
            _("whether it happened, you said"): looked_back.get_happened_display() if looked_back else "",
        }
    )


def _mail(message: Message) -> dict[str, Any]:
    return {
        _("about"): message.get_purpose_display(),
        _("on"): _day(message.created_at),
        _("how it stands"): message.get_state_display(),
    }


def _text(texts: dict[str, str]) -> str:
    return pick(texts, get_language() or "")


def _day(value: Any) -> str:
    if not value:
        return ""
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", None, [])}


personal_data.register("feedback")(FeedbackData())
