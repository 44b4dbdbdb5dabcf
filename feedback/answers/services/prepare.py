"""Renders mail with answers, confirmations and links, from the data at the moment it leaves."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.links import LinkPurpose
from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from feedback.answers import emails
from feedback.contacts.services.hearing_back import confirm_key
from feedback.delivery.emails import RenderedMail
from feedback.delivery.services.prepare import private_url
from feedback.models import AnswerOwed, Contribution, FollowUpItem, Message, NamedDebt, Promise
from feedback.registries import MessageRenderer, message_renderers
from feedback.states import ANSWERED_STATES, MessagePurpose
from neighbourhoods.models import Municipality


@message_renderers.register(MessagePurpose.CONFIRM)
def render_confirmation_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        assert message.receipt
        receipt, contact = message.receipt, message.receipt.contact
        if contact.confirmed_at:
            said[message.pk] = "confirmed already"
            continue
        facts = emails.Plain(
            **_where_from(receipt),
            url=private_url("private_confirm", receipt, LinkPurpose.CONFIRM, confirm_key(contact)),
            follows=receipt.purpose == ReceiptPurpose.FOLLOWING,
            offers=receipt.purpose == ReceiptPurpose.OFFER,
            took_on=receipt.purpose == ReceiptPurpose.TASK,
        )
        said[message.pk] = partial(_plain, emails.render_confirmation_mail, facts, message.language)
    return said


@message_renderers.register(MessagePurpose.CODE)
def render_code_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        assert message.receipt
        url = private_url("private_fresh", message.receipt, LinkPurpose.ERASE)
        facts = emails.Plain(**_where_from(message.receipt), url=url)
        said[message.pk] = partial(_plain, emails.render_code_mail, facts, message.language)
    return said


def _where_from(receipt: Receipt) -> dict[str, Any]:
    municipality = Municipality.current().name
    return {
        "municipality": municipality,
        "area": area_of(receipt) or municipality,
        "asked": answered_poll_title(receipt),
    }


def _plain(
    render: Callable[[emails.Plain, str], RenderedMail],
    facts: emails.Plain,
    language: str,
    _unsubscribe_url: str,
) -> RenderedMail:
    return render(facts, language)


def area_of(receipt: Receipt) -> str:
    """The area a receipt follows or answered about, by its name for residents; "" if nothing is left."""
    if receipt.purpose == ReceiptPurpose.FOLLOWING:
        return receipt.following.area.name
    said = Contribution.objects.filter(receipt=receipt).select_related("topic__area").first()
    return said.topic.area.name if said else ""


def answered_poll_title(receipt: Receipt) -> dict[str, str]:
    """The title of the survey a receipt answered; {} if they came to us with something else."""
    if receipt.purpose != ReceiptPurpose.PARTICIPATION:
        return {}
    source = Contribution.objects.filter(receipt=receipt).values_list("topic__source", flat=True).first()
    return titles_of([source]).get(source, {}) if source else {}


@dataclass(frozen=True)
class FollowUpMail:
    """One mail with answers, and the debts it settles."""

    answers: list[emails.AnswerForReader]
    language: str
    owed: list[int]

    def __call__(self, unsubscribe_url: str) -> RenderedMail:
        answers = [replace(facts, unsubscribe_url=unsubscribe_url) for facts in self.answers]
        return emails.follow_up(answers, self.language)


@message_renderers.register(MessagePurpose.FOLLOW_UP)
def render_follow_up_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """Takes items that no longer hold out of their mail: each needs a named debt that is answered and not
    withdrawn. Reads all contributions of the readers in a few queries."""
    items = FollowUpItem.objects.filter(message__in=messages).prefetch_related("follow_up").order_by("pk")
    by_message: dict[int | None, list[FollowUpItem]] = defaultdict(list)
    for item in items:
        by_message[item.message_id].append(item)
    named = named_debts(items, messages)
    titles = titles_of(debt.owed.topic.source for debts in named.values() for debt in debts)
    municipality = Municipality.current().name
    said: dict[int, MessageRenderer | str] = {}
    dropped: list[int] = []
    for message in messages:
        shown = [item for item in by_message[message.pk] if not item.cancelled]
        stands = {
            item: debts
            for item in shown
            if (debts := _still_named(named[item.follow_up_id, item.receipt_id]))
        }
        if not shown:
            said[message.pk] = "there is no answer on their page"
        elif not stands:
            said[message.pk] = "withdrawn, or no longer answered by this"
        else:
            assert message.receipt
            said[message.pk] = FollowUpMail(
                answers=[
                    facts_for_reader(item, message, debts, municipality, titles)
                    for item, debts in stands.items()
                ],
                language=message.language,
                owed=[debt.owed_id for debts in stands.values() for debt in debts],
            )
            dropped += [item.pk for item in shown if item not in stands]
    if dropped:
        FollowUpItem.objects.filter(pk__in=dropped).update(message=None)
    return said


def named_debts(
    items: Iterable[FollowUpItem], messages: list[Message]
) -> dict[tuple[int, UUID], list[NamedDebt]]:
    """The named debts of these readers, by follow-up and receipt."""
    found: dict[tuple[int, UUID], list[NamedDebt]] = defaultdict(list)
    named = (
        NamedDebt.objects.filter(
            follow_up__in={item.follow_up_id for item in items},
            receipt__in=[message.receipt_id for message in messages],
        )
        .select_related("owed__contribution")
        # Prefetch, not join: few topics and follow-ups but many readers, so each is read once.
        .prefetch_related("owed__topic__area")
        .order_by("owed__contribution__said_on", "pk")
    )
    for debt in named:
        found[debt.follow_up_id, debt.receipt_id].append(debt)
    return found


def _still_named(debts: list[NamedDebt]) -> list[NamedDebt]:
    return [
        debt
        for debt in debts
        if debt.owed.state in ANSWERED_STATES and debt.owed.contribution.withdrawn_on is None
    ]


def facts_for_reader(
    item: FollowUpItem,
    message: Message,
    named: list[NamedDebt],
    municipality: str,
    titles: Mapping[str, dict[str, str]],
) -> emails.AnswerForReader:
    assert message.receipt
    follow_up, receipt, contact = item.follow_up, message.receipt, message.receipt.contact
    first = named[0].owed
    given = contact.confirmed_at or contact.created_at
    return emails.AnswerForReader(
        municipality=municipality,
        area=first.topic.area.name,
        asked_on=first.contribution.said_on,
        address_given_on=timezone.localdate(given),
        said=things_said(debt.owed for debt in named),
        item_url=private_url("private_item", receipt, LinkPurpose.ITEM, str(item.pk)),
        outcome=follow_up.outcome,
        **follow_up.texts_for(message.language),
        corrects=follow_up.corrects_id is not None,
        goes_on=follow_up.goes_on,
        told=receipt.purpose != ReceiptPurpose.PARTICIPATION,
        asked=titles.get(first.topic.source, {}),
    )


def titles_of(sources: Iterable[str]) -> dict[str, dict[str, str]]:
    return dict(Promise.objects.filter(subject__in=set(sources)).values_list("subject", "title"))


def things_said(debts: Iterable[AnswerOwed]) -> list[emails.QuotedContribution]:
    """Each contribution once: a text with two themes is quoted once; without a quote each topic is named."""
    said = {}
    for debt in debts:
        thing = debt.contribution
        quoted = thing.text if thing.may_be_quoted else ""
        said[thing.pk if quoted else (thing.pk, debt.topic_id)] = emails.QuotedContribution(
            thing.kind, debt.topic.title, quoted
        )
    return list(said.values())
