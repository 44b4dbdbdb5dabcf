"""Beginning an initiative: by a resident with three questions, or at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.i18n import Texts
from core.languages import offered
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import AnswerOwed, Promise
from feedback.registries import Audience, audiences
from feedback.states import ContributionKind
from feedback.words import may_be_danger
from initiatives.matching.services.owners import somebody_for
from initiatives.matching.services.receipts import receipt_with_code
from initiatives.models import Initiative
from initiatives.states import InitiativeState, Motive
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party, Theme, has_in_each
from neighbourhoods.states import Power

_INITIATIVES_SHOWN = 5
MOST_MOTIVES = 2

WHY, WHAT, WHO = "why", "what", "who"
# Title and question per slot, as on the private page; the slot is also the topic key.
_BEGIN_QUESTIONS: Mapping[str, tuple[Texts, Texts]] = {
    WHY: (
        {"nl": "Waarom u wilt beginnen", "en": "Why you want to begin"},
        {"nl": "Waarom wilt u dit?", "en": "Why do you want this?"},
    ),
    WHAT: (
        {"nl": "Wat u wilt doen", "en": "What you want to do"},
        {"nl": "Wat wilt u gaan doen?", "en": "What do you want to do?"},
    ),
    WHO: (
        {"nl": "Voor wie en waar", "en": "For whom and where"},
        {"nl": "Voor wie is het, en waar?", "en": "Who is it for, and where?"},
    ),
}


@dataclass(frozen=True)
class Idea:
    """An idea of a resident. `who` is optional; we answer the others."""

    why: str
    what: str
    who: str = ""
    motives: list[str] = field(default_factory=list)

    @property
    def words(self) -> dict[str, str]:
        """Texts by slot, without empty ones."""
        said = {WHY: self.why.strip(), WHAT: self.what.strip(), WHO: self.who.strip()}
        return {slot: text for slot, text in said.items() if text}


def check_motives(motives: list[str]) -> list[str]:
    """Sorted, without duplicates. Raises DomainError for an unknown motive or more than MOST_MOTIVES."""
    if not set(motives) <= set(Motive.values):
        raise DomainError(_("Choose from the list."))
    if len(set(motives)) > MOST_MOTIVES:
        raise DomainError(_("Choose at most two reasons."))
    return sorted(set(motives))


def first_step(owner: User) -> str:
    """The first step, in the language of the owner."""
    with override(owner.language):
        return _("Read the idea, and answer")


def similar(*, theme: Theme, area: Area) -> list[Initiative]:
    """Public initiatives on the same theme nearby, shown first: joining comes before beginning."""
    found = Initiative.objects.like(theme=theme, area=area).select_related("area", "theme", "party")
    return list(found[:_INITIATIVES_SHOWN])


@transaction.atomic
def begin_light(
    *, idea: Idea, theme: Theme, area: Area, language: str, sent_key: UUID, now: datetime | None = None
) -> tuple[Initiative, str]:
    """The light route: store a resident's idea and owe an answer within the term. Returns it with the code of
    its private page.

    Idempotent: the code is derived from `sent_key`, which only the phone knows. Raises DomainError with what
    to correct, and when the key came with other words before, which would otherwise be lost.
    """
    if not (idea.why.strip() and idea.what.strip()):
        raise DomainError(_("Tell us why, and what you want to do. That is what we answer."))
    motives = check_motives(idea.motives)
    owner = somebody_for(area)
    receipt, code = receipt_with_code(
        seed=str(sent_key), purpose=ReceiptPurpose.INITIATIVE, language=language, initiative__isnull=False
    )
    if earlier := Initiative.objects.filter(receipt=receipt).first():
        words = dict(receipt.contributions.values_list("slot", "text"))
        if (words, earlier.area_id, earlier.theme_id) != (idea.words, area.pk, theme.pk):
            raise DomainError(_("You sent an idea from this page already. Open a new page for another one."))
        return earlier, code
    day = timezone.localdate(now)
    due = day + timedelta(days=ParticipationRules.current().days("light_route"))
    initiative = Initiative.objects.create(
        theme=theme,
        area=area,
        receipt=receipt,
        owner=owner,
        motives=motives,
        is_light=True,
        state=InitiativeState.IDEA,
        public_on=None,
        state_on=day,
        checked_on=day,
        next_action=first_step(owner),
        next_action_on=day if may_be_danger(*idea.words.values()) else due,
    )
    owe(initiative, idea.words, due=due, day=day)
    return initiative, code


@transaction.atomic
def owe(initiative: Initiative, words: Mapping[str, str], *, due: date, day: date) -> None:
    """Store the beginner's words by slot, with an answer owed for them. Slots other than the three questions
    are in `ASKED_LATER`."""
    receipt, owner = initiative.receipt, initiative.owner
    assert receipt and owner, "Who began it has a page, and somebody looks after it."
    promise, is_new = Promise.objects.get_or_create(
        subject=initiative.source,
        defaults={"title": _title(initiative), "owner": owner, "due_on": due, "first_due_on": due},
    )
    if not is_new and not AnswerOwed.objects.waiting().filter(topic__source=initiative.source).exists():
        # The earlier promise was kept: the new words get a new one, or they would be late at once.
        Promise.objects.filter(pk=promise.pk).update(
            owner=owner, due_on=due, first_due_on=due, moved_reason={}
        )
    booking = ContributionRecorder(
        receipt=receipt.pk,
        source=initiative.source,
        area=initiative.area_id,
        language=receipt.language,
        day=day,
    )
    there = receipt.contributions.filter(topic__source=initiative.source).values_list("slot", "kind")
    said = [
        NewContribution(slot, kind, _subject(slot, initiative)) for slot, kind in there if slot not in words
    ]
    for slot, text in words.items():
        subject = _subject(slot, initiative)
        booking.keep_words(slot=slot, subject=subject, text=text, is_new=not said)
        said.append(NewContribution(slot=slot, kind=ContributionKind.TEXT, subject=subject))
    booking.record(said, is_first=False)


STOP = "stop"
ASKED_LATER: Mapping[str, tuple[Texts, Texts]] = {
    STOP: (
        {"nl": "U stopt ermee", "en": "You stop"},
        {"nl": "Wat kunnen anderen hiervan leren?", "en": "What can others learn from it?"},
    ),
}


NOT_GOING_ON: tuple[Texts, Texts] = (
    {"nl": "U gaat niet verder met uw idee", "en": "You do not go on with your idea"},
    {"nl": "Waarom gaat u niet verder?", "en": "Why do you not go on?"},
)


def _subject(slot: str, initiative: Initiative) -> Subject:
    title, question = (_BEGIN_QUESTIONS | ASKED_LATER)[slot]  # type: ignore[operator]
    if slot == STOP and initiative.never_began:
        title, question = NOT_GOING_ON
    return Subject(key=slot, title=title, question=question, theme=initiative.theme_id)


def _title(initiative: Initiative) -> dict[str, str]:
    area = initiative.area.name
    return {"nl": f"Een idee voor {area}", "en": f"An idea for {area}"}


# --- at the desk ------------------------------------------------------------------------------


@dataclass(frozen=True)
class InitiativeDraft:
    """Public texts, per language, written at the desk."""

    name: Texts
    motive: Texts
    goal: Texts
    for_whom: Texts = field(default_factory=dict)
    motives: list[str] = field(default_factory=list)
    party: Party | None = None
    municipal_role: str = ""


@transaction.atomic
def begin_at_desk(
    *,
    begun: InitiativeDraft,
    theme: Theme,
    area: Area,
    next_action: str,
    on: date,
    by: User,
    sent_key: UUID,
    with_page: bool = False,
    language: str = "nl",
    today: date | None = None,
) -> tuple[Initiative, str]:
    """A colleague begins an initiative, for a party or the municipality. Returns it with the code of its
    private page, or "" without a page. Raises DomainError with what to correct."""
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))
    motives = check_motives(begun.motives)
    day = today or timezone.localdate()
    if not next_action.strip() or on < day:
        raise DomainError(_("Write the next step, with a day that is still to come."))
    receipt: Receipt | None = None
    code = ""
    if with_page:
        receipt, code = receipt_with_code(
            seed=str(sent_key), purpose=ReceiptPurpose.INITIATIVE, language=language, initiative__isnull=False
        )
        if earlier := Initiative.objects.filter(receipt=receipt).first():
            return earlier, code
    initiative = Initiative.objects.create(
        name=dict(begun.name),
        motive=dict(begun.motive),
        goal=dict(begun.goal),
        for_whom=dict(begun.for_whom),
        motives=motives,
        party=begun.party,
        municipal_role=begun.municipal_role,
        theme=theme,
        area=area,
        receipt=receipt,
        owner=by,
        state=InitiativeState.IDEA,
        public_on=None,
        state_on=day,
        checked_on=day,
        next_action=next_action.strip(),
        next_action_on=on,
    )
    Event.log("began", initiative, by=by, area=area.name)
    return initiative, code


# --- audiences of answers ---------------------------------------------------------------------


@audiences.register("initiatives.begun", order=20)
def ideas_to_answer(user: User) -> list[Audience]:
    """Initiatives with an answer owed, in areas where `user` is editor, newest first."""
    mine = Area.objects.where(user, least=Power.EDITOR).values("pk")
    begun = Initiative.objects.owing().filter(area__in=mine).select_related("area", "theme")
    languages = offered(Municipality.current().languages) or ["nl"]
    return [
        Audience(one.source, _title(one), languages, [one.area_id], about=one.label)
        for one in begun.order_by("-pk")
    ]
