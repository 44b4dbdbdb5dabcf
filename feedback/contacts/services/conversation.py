"""What one resident said and what became of it, for their private page. Read only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from core.deadlines import is_late
from feedback.models import AnswerOwed, Contribution, FollowUpItem, NamedDebt, Promise
from feedback.registries import Moment, private_timeline, source_hooks
from feedback.states import ContributionKind, Owed


@dataclass(frozen=True)
class OwedAnswer:
    """A debt as the page shows it: date, owner, and the first promised date if it moved."""

    due_on: date
    who: str
    late: bool
    promised_on: date | None = None
    moved_reason: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Exchange:
    """Contributions with the same answers, those answers, and what is still owed for them."""

    contributions: list[Contribution]
    items: list[FollowUpItem]
    notes: list[str]
    owed: OwedAnswer | None
    again_on: date | None = None


@dataclass(frozen=True)
class Conversation:
    exchanges: list[Exchange]
    moments: list[Moment]
    withdrawn_on: date | None


def conversation(receipt: Receipt, *, on: date | None = None) -> Conversation:
    on = on or timezone.localdate()
    said = sorted(receipt.contributions.select_related("topic", "place", "came_by_mail"), key=_order)
    for thing in said:
        if thing.kind == ContributionKind.REST:
            thing.answers = [pair for hooks in source_hooks for pair in hooks.answers_given(receipt)]  # type: ignore[attr-defined]
    debts = list(receipt.owed.select_related("owner", "topic"))
    items = {item.pk: item for item in items_of(receipt)}
    promises = {
        promise.subject: promise
        for promise in Promise.objects.filter(subject__in={debt.topic.source for debt in debts})
    }
    whole = _ConversationRows(said, debts, items, _answers(receipt, items.values()), promises, on)
    return Conversation(
        exchanges=whole.exchanges(),
        moments=_timeline(receipt, said, debts, items.values(), on),
        withdrawn_on=max((c.withdrawn_on for c in said if c.withdrawn_on), default=None),
    )


def items_of(receipt: Receipt) -> list[FollowUpItem]:
    return list(
        FollowUpItem.objects.shown()
        .filter(receipt=receipt)
        .select_related("follow_up", "reaction", "reaction__reason", "look_back", "look_back__words")
        .order_by("created_at", "pk")
    )


def contributions_answered_by(item: FollowUpItem) -> list[Contribution]:
    named = NamedDebt.objects.filter(follow_up=item.follow_up_id, receipt=item.receipt_id)
    found = Contribution.objects.filter(pk__in=named.values("owed__contribution")).select_related(
        "topic", "place", "came_by_mail"
    )
    return sorted(found, key=_order)


def replies_to(item: FollowUpItem) -> list[Contribution]:
    found = Contribution.objects.filter(receipt=item.receipt_id, slot__startswith=f"reply:{item.pk}:")
    return sorted(found.select_related("topic", "place", "came_by_mail"), key=_order)


def answers_item(contribution: Contribution) -> int | None:
    """The id of the item that this replies to; None for a contribution of its own."""
    how, _colon, rest = contribution.slot.partition(":")
    back = contribution.kind == ContributionKind.REACTION and how in ("reaction", "reply", "happened")
    return int(rest.partition(":")[0]) if back else None


def reopened_due_on(item: FollowUpItem) -> date | None:
    """The earliest due date of debts reopened by a no to this answer; None if there is none."""
    named = NamedDebt.objects.filter(follow_up=item.follow_up_id, receipt=item.receipt_id).values("owed")
    again = Q(pk__in=named, reopened__gt=0) | Q(contribution__slot=f"reaction:{item.pk}")
    debts = AnswerOwed.objects.waiting().filter(again, receipt=item.receipt_id)
    return debts.aggregate(day=Min("due_on"))["day"]


def withdrawn_on(receipt: Receipt) -> date | None:
    return receipt.contributions.aggregate(day=Max("withdrawn_on"))["day"]


def next_promise(receipt: Receipt) -> date | None:
    """The next due date, today or later, of a debt to this receipt."""
    still = receipt.owed.waiting().filter(due_on__gte=timezone.localdate())
    return still.aggregate(day=Min("due_on"))["day"]


def _order(said: Contribution) -> tuple[date, bool, list[int]]:
    """Sort key: in the order asked, the bundle of other answers last."""
    numbers = [int(part) if part.isdigit() else 0 for part in said.slot.split(":")]
    return said.said_on, said.kind == ContributionKind.REST, numbers


def _answers(receipt: Receipt, items: Iterable[FollowUpItem]) -> dict[str, list[int]]:
    """Contribution id -> ids of the items that answer it."""
    by_follow_up = {item.follow_up_id: item.pk for item in items}
    found: dict[str, list[int]] = {}
    named = NamedDebt.objects.filter(receipt=receipt, follow_up__in=by_follow_up)
    for contribution, follow_up in named.values_list("owed__contribution_id", "follow_up_id").distinct():
        found.setdefault(str(contribution), []).append(by_follow_up[follow_up])
    return {contribution: sorted(ids) for contribution, ids in found.items()}


_ExchangeKey = tuple[tuple[int, ...], tuple[str, ...], OwedAnswer | None]


@dataclass(frozen=True)
class _ConversationRows:
    said: list[Contribution]
    debts: list[AnswerOwed]
    items: dict[int, FollowUpItem]
    answers: dict[str, list[int]]
    promises: dict[str, Promise]
    on: date

    def exchanges(self) -> list[Exchange]:
        back = {said.pk: answers_item(said) for said in self.said}
        rest = [said for said in self.said if back[said.pk] is None]
        found: list[Exchange] = []
        for exchange in self._grouped(rest):
            found.append(exchange)
            # Put replies and reactions under the answer they are about.
            here = {item.pk for item in exchange.items}
            found += self._grouped([said for said in self.said if back[said.pk] in here])
        return found

    def _grouped(self, said: list[Contribution]) -> list[Exchange]:
        # In the order of the first contribution; a dict keeps insertion order.
        groups: dict[_ExchangeKey, list[Contribution]] = {}
        for one in said:
            groups.setdefault(self._about(one), []).append(one)
        return [
            Exchange(
                contributions=together,
                items=[self.items[pk] for pk in items],
                notes=list(notes),
                owed=owed,
                again_on=self._again_on([self.items[pk] for pk in items]),
            )
            for (items, notes, owed), together in groups.items()
        ]

    def _again_on(self, items: list[FollowUpItem]) -> date | None:
        """As the module's `reopened_due_on`, from loaded rows."""
        said_no = {
            str(said.pk) for said in self.said if said.slot in {f"reaction:{item.pk}" for item in items}
        }
        mine = {said for said, answers in self.answers.items() if {item.pk for item in items} & set(answers)}
        return min(
            (
                debt.due_on
                for debt in self.debts
                if debt.state == Owed.OPEN
                and (
                    str(debt.contribution_id) in said_no
                    or (debt.reopened and str(debt.contribution_id) in mine)
                )
            ),
            default=None,
        )

    def _about(self, said: Contribution) -> _ExchangeKey:
        debts = [debt for debt in self.debts if debt.contribution_id == said.pk]
        items = tuple(self.answers.get(str(said.pk), []))
        notes = tuple(sorted({debt.reason for debt in debts if debt.reason and debt.state != Owed.OPEN}))
        return items, notes, self._owed([d for d in debts if d.state == Owed.OPEN], items)

    def _owed(self, debts: list[AnswerOwed], items: tuple[int, ...]) -> OwedAnswer | None:
        if any(self._said_no(pk) for pk in items):
            # The reaction itself already shows when they hear more, so skip it here.
            debts = [debt for debt in debts if not debt.reopened or is_late(debt.due_on, self.on)]
        if not debts:
            return None
        debt = min(debts, key=lambda debt: debt.due_on)
        promise = None if debt.reopened else self.promises.get(debt.topic.source)
        moved = promise is not None and promise.due_on != promise.first_due_on
        promised_on = promise.first_due_on if promise and moved else None
        return OwedAnswer(
            due_on=debt.due_on,
            who=debt.owner.title,
            late=is_late(min(debt.due_on, promised_on or debt.due_on), self.on),
            promised_on=promised_on,
            moved_reason=promise.moved_reason if promise and moved else {},
        )

    def _said_no(self, item: int) -> bool:
        reaction = getattr(self.items[item], "reaction", None)
        return reaction is not None and not reaction.answers_me


def _timeline(
    receipt: Receipt,
    said: list[Contribution],
    debts: list[AnswerOwed],
    items: Iterable[FollowUpItem],
    on: date,
) -> list[Moment]:
    days = sorted({one.said_on for one in said if one.kind != ContributionKind.REACTION})
    asked = receipt.purpose == ReceiptPurpose.PARTICIPATION
    begun = _("You gave your answer.") if asked else _("You told us.")
    moments = [Moment(day, _("You told us more.") if n else begun) for n, day in enumerate(days)]
    moments += [
        Moment(timezone.localdate(item.created_at), _("We answered."), about=item.follow_up.title)
        for item in items
    ]
    waiting = [debt for debt in debts if debt.state == Owed.OPEN]
    reasons = {one.pk for one in said if one.kind == ContributionKind.REACTION}
    again = {debt.due_on for debt in waiting if debt.reopened or debt.contribution_id in reasons}
    hear = _("You hear what we do with your answer.") if asked else _("You hear what we do with it.")
    first = {debt.due_on for debt in waiting} - again
    moments += [Moment(day, _promise(day, on, hear), before=True) for day in first]
    moments += [Moment(day, _promise(day, on, _("You hear more.")), before=True) for day in again]
    for entries in private_timeline:
        moments += entries(receipt)
    return sorted(moments, key=lambda moment: (moment.on, moment.before))


def _promise(day: date, on: date, promise: str) -> str:
    return promise if day >= on else _("By then we should have answered.")
