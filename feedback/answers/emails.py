"""Mails with answers, confirmations and links: from rows to facts, and from facts to subject, text and HTML.

Rendered when the mail is sent, in the reader's language and direction. If a text of colleagues lacks that
language, the mail says so above it; release checks this beforehand, so it covers texts that went missing
since.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from html import unescape
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import capfirst as upper_first
from django.utils.translation import gettext as _

from accounts.links import LinkPurpose, private_url
from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from core.i18n import Texts, language_of, pick
from feedback.contacts.services.hearing_back import confirm_key
from feedback.delivery.emails import (
    ITEM_URL,
    UNSUBSCRIBE_URL,
    RenderedMail,
    direction_of,
    render_mail_template,
    render_shared,
)
from feedback.models import AnswerOwed, Contribution, FollowUpItem, Message, NamedDebt, Promise
from feedback.registries import MessageRenderer, renders
from feedback.states import ANSWERED_STATES, ContributionKind, MessagePurpose, Outcome
from neighbourhoods.models import Municipality


@dataclass(frozen=True)
class QuotedContribution:
    """One contribution. `words` is empty if mail may not repeat them; then the mail names the topic."""

    kind: str
    topic: Texts
    words: str = ""


@dataclass(frozen=True)
class AnswerForReader:
    """A follow-up as one reader gets it."""

    municipality: str
    area: str
    asked_on: date
    address_given_on: date
    contributions: list[QuotedContribution]
    title: Texts
    outcome: str
    decided: Texts
    why: Texts
    next_step: Texts
    signed_as: Texts
    item_url: str
    unsubscribe_url: str
    contact: Texts = field(default_factory=dict)
    corrects: bool = False
    # An earlier answer still holds; this is its sequel.
    goes_on: bool = False
    # The resident raised this topic; no question asked for it.
    is_own_topic: bool = False
    # The title of the survey they answered.
    survey_title: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class ButtonMailFacts:
    """A mail with one button: confirm your address, or open your page."""

    municipality: str
    area: str
    url: str
    follows: bool = False
    offers: bool = False
    took_on: bool = False
    # The title of the survey they answered.
    survey_title: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class PromiseForReader:
    """A promise with a day to one reader, to ask whether it was kept."""

    title: Texts
    decided: Texts
    happens_on: date | None
    url: str


def follow_up(answers: Sequence[AnswerForReader], language: str) -> RenderedMail:
    """One mail with one or more answers.

    Readers who chose the same in the same area get the same letter except for their links, so it is
    rendered once and cached: rendering is half of the cost of sending. A letter that quotes a resident is
    not cached.
    """
    if any(said.words for facts in answers for said in facts.contributions):
        return _write_follow_up(answers, language)
    items = tuple((f"{ITEM_URL}{number}/", facts.item_url) for number, facts in enumerate(answers))
    links = (*items, (UNSUBSCRIBE_URL, answers[0].unsubscribe_url))
    alike = [
        replace(facts, item_url=place, unsubscribe_url=UNSUBSCRIBE_URL)
        for facts, (place, _url) in zip(answers, items, strict=True)
    ]
    return render_shared(alike, language, links, _write_follow_up)


def _write_follow_up(answers: Sequence[AnswerForReader], language: str) -> RenderedMail:
    with translation.override(language):
        signed = list(dict.fromkeys(pick(facts.signed_as, language) for facts in answers))
        return render_mail_template(
            "feedback/mail/follow_up",
            language,
            subject=subject_of(answers, language),
            facts=answers[0],
            asked=pick(answers[0].survey_title, language),
            answers=[answer_context(facts, language) for facts in answers],
            signed=signed,
        )


def answer_context(facts: AnswerForReader, language: str) -> dict[str, Any]:
    outcome, told_in = outcome_words(facts.outcome), language_of(facts.decided, language)
    return {
        "said": [describe_contribution(said, language) for said in facts.contributions],
        "outcome": outcome,
        "decided": pick(facts.decided, language).removeprefix(outcome).strip(),
        "why": pick(facts.why, language),
        "next_step": pick(facts.next_step, language),
        "contact": pick(facts.contact, language),
        "corrects": facts.corrects,
        "goes_on": facts.goes_on,
        "told": facts.is_own_topic,
        "asked": pick(facts.survey_title, language),
        "told_in": told_in if told_in != language else "",
        "told_dir": direction_of(told_in),
        "item_url": facts.item_url,
    }


def render_look_back_mail(
    promised: Sequence[PromiseForReader], municipality: str, area: str, unsubscribe_url: str, language: str
) -> RenderedMail:
    """Ask whether promises were kept: one question or several, each with a link to its own page."""
    with translation.override(language):
        title = pick(promised[0].title, language)
        subject = _("%(area)s: did what we promised happen?") % {"area": area}
        if len(promised) == 1:
            subject = _("%(title)s: did what we promised happen?") % {"title": upper_first(title)}
        return render_mail_template(
            "feedback/mail/look_back",
            language,
            subject=subject,
            municipality=municipality,
            area=area,
            promised=[
                {
                    "title": upper_first(pick(one.title, language)),
                    "decided": pick(one.decided, language),
                    "happens_on": one.happens_on,
                    "told_in": told_in if told_in != language else "",
                    "told_dir": direction_of(told_in),
                    "url": one.url,
                }
                for one in promised
                for told_in in [language_of(one.decided, language)]
            ],
            unsubscribe_url=unsubscribe_url,
        )


def render_confirmation_mail(facts: ButtonMailFacts, language: str) -> RenderedMail:
    with translation.override(language):
        asked = pick(facts.survey_title, language)
        return render_mail_template(
            "feedback/mail/confirm", language, subject=_("Is this your address?"), facts=facts, asked=asked
        )


def render_code_mail(facts: ButtonMailFacts, language: str) -> RenderedMail:
    with translation.override(language):
        asked = pick(facts.survey_title, language)
        return render_mail_template(
            "feedback/mail/code", language, subject=_("Your link to your own page"), facts=facts, asked=asked
        )


def subject_of(answers: Sequence[AnswerForReader], language: str) -> str:
    """The subject: the outcome, also if it is no; for several answers their number."""
    facts, *others = answers
    if others:
        return _("%(area)s: %(n)d answers to what you said") % {"area": facts.area, "n": len(answers)}
    title = pick(facts.title, language)
    outcome = outcome_words(facts.outcome).rstrip(".")
    if not outcome:
        return _("The municipality's answer about %(title)s") % {"title": title}
    return _("The municipality's answer about %(title)s: %(outcome)s") % {
        "title": title,
        "outcome": outcome[:1].lower() + outcome[1:],
    }


def participation_line(facts: AnswerForReader, language: str) -> str:
    """What they took part in, and when, in the active language: the first line of mails."""
    asked = {"facts": facts, "asked": pick(facts.survey_title, language)}
    return unescape(render_to_string("feedback/mail/memory.txt", asked)).strip()


def outcome_words(outcome: str) -> str:
    words: dict[str, str] = {
        Outcome.ADOPTED: _("This goes ahead."),
        Outcome.PARTLY: _("A part of it can be done."),
        Outcome.NO: _("We will not do this."),
        Outcome.NOT_OURS: _("This is not ours to decide."),
        Outcome.NOT_YET: _("We don't know yet."),
    }
    return words.get(outcome, "")


def describe_contribution(contribution: QuotedContribution, language: str) -> dict[str, str]:
    """A contribution for the template: a heading, the words, and the words quoted for plain text."""
    by, words = _("You wrote about"), ""
    if contribution.kind == ContributionKind.CHOICE:
        by = _("You chose")
    elif contribution.kind == ContributionKind.REST:
        by = _("You took part in")
    elif contribution.words:
        by, words = _("You wrote"), contribution.words
    words = words or pick(contribution.topic, language)
    return {"by": by, "words": words, "quoted": "\n".join(f"> {line}" for line in words.splitlines())}


# --- from rows, when a mail leaves ----------------------------------------------------------------


@renders(MessagePurpose.CONFIRM)
def render_confirmation_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        assert message.receipt
        receipt, contact = message.receipt, message.receipt.contact
        if contact.confirmed_at:
            said[message.pk] = "confirmed already"
            continue
        facts = ButtonMailFacts(
            **_mail_origin(receipt),
            url=private_url("private_confirm", receipt, LinkPurpose.CONFIRM, confirm_key(contact)),
            follows=receipt.purpose == ReceiptPurpose.FOLLOWING,
            offers=receipt.purpose == ReceiptPurpose.OFFER,
            took_on=receipt.purpose == ReceiptPurpose.TASK,
        )
        said[message.pk] = partial(_plain, render_confirmation_mail, facts, message.language)
    return said


@renders(MessagePurpose.CODE)
def render_code_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        assert message.receipt
        url = private_url("private_fresh", message.receipt, LinkPurpose.ERASE)
        facts = ButtonMailFacts(**_mail_origin(message.receipt), url=url)
        said[message.pk] = partial(_plain, render_code_mail, facts, message.language)
    return said


def _mail_origin(receipt: Receipt) -> dict[str, Any]:
    municipality = Municipality.current().name
    return {
        "municipality": municipality,
        "area": area_of(receipt) or municipality,
        "survey_title": answered_poll_title(receipt),
    }


def _plain(
    render: Callable[[ButtonMailFacts, str], RenderedMail],
    facts: ButtonMailFacts,
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

    answers: list[AnswerForReader]
    language: str
    owed: list[int]

    def __call__(self, unsubscribe_url: str) -> RenderedMail:
        answers = [replace(facts, unsubscribe_url=unsubscribe_url) for facts in self.answers]
        return follow_up(answers, self.language)


@renders(MessagePurpose.FOLLOW_UP)
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
) -> AnswerForReader:
    assert message.receipt
    follow_up, receipt, contact = item.follow_up, message.receipt, message.receipt.contact
    first = named[0].owed
    given = contact.confirmed_at or contact.created_at
    return AnswerForReader(
        municipality=municipality,
        area=first.topic.area.name,
        asked_on=first.contribution.said_on,
        address_given_on=timezone.localdate(given),
        contributions=quoted_contributions(debt.owed for debt in named),
        item_url=private_url("private_item", receipt, LinkPurpose.ITEM, str(item.pk)),
        unsubscribe_url="",  # FollowUpMail fills it in
        outcome=follow_up.outcome,
        **follow_up.texts_for(message.language),
        corrects=follow_up.corrects_id is not None,
        goes_on=follow_up.goes_on,
        is_own_topic=receipt.purpose != ReceiptPurpose.PARTICIPATION,
        survey_title=titles.get(first.topic.source, {}),
    )


def titles_of(sources: Iterable[str]) -> dict[str, dict[str, str]]:
    return dict(Promise.objects.filter(subject__in=set(sources)).values_list("subject", "title"))


def quoted_contributions(debts: Iterable[AnswerOwed]) -> list[QuotedContribution]:
    """Each contribution once: a text with two themes is quoted once; without a quote each topic is named."""
    said = {}
    for debt in debts:
        thing = debt.contribution
        quoted = thing.text if thing.may_be_quoted else ""
        said[thing.pk if quoted else (thing.pk, debt.topic_id)] = QuotedContribution(
            thing.kind, debt.topic.title, quoted
        )
    return list(said.values())
