"""Beginning an initiative, at the desk and by a resident."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.i18n import Texts, pick
from core.keyed import keyed_hash
from core.languages import offered_languages
from feedback.answers.services.promises import delete_postponements
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import AnswerOwed, Promise
from feedback.registries import Audience, audiences, personal_data
from feedback.states import ContributionKind, Owed
from feedback.words import may_be_danger
from initiatives.initiatives.services.running import bring_forward, check_motives
from initiatives.matching.services.owners import (
    current_or_new_owner,
    receipt_with_code,
    require_owner_for_area,
)
from initiatives.matching.services.roles import lock_as_beginner, lock_initiative
from initiatives.models import ExpectationCard, Initiative, Meeting, Picture, Update
from initiatives.states import InitiativeState, Motive
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party, Theme, has_in_each
from neighbourhoods.states import Power

# Beginning an initiative: by a resident with three questions, or at the desk.


_INITIATIVES_SHOWN = 5
WHY_SLOT, WHAT_SLOT, WHO_SLOT = "why", "what", "who"
# Title and question per slot, as on the private page; the slot is also the topic key.
_BEGIN_QUESTIONS: Mapping[str, tuple[Texts, Texts]] = {
    WHY_SLOT: (
        {"nl": "Waarom u wilt beginnen", "en": "Why you want to begin"},
        {"nl": "Waarom wilt u dit?", "en": "Why do you want this?"},
    ),
    WHAT_SLOT: (
        {"nl": "Wat u wilt doen", "en": "What you want to do"},
        {"nl": "Wat wilt u gaan doen?", "en": "What do you want to do?"},
    ),
    WHO_SLOT: (
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
        said = {WHY_SLOT: self.why.strip(), WHAT_SLOT: self.what.strip(), WHO_SLOT: self.who.strip()}
        return {slot: text for slot, text in said.items() if text}


def first_step(owner: User) -> str:
    """The first step, in the language of the owner."""
    with override(owner.language):
        return _("Read the idea, and answer")


def similar(*, theme: Theme, area: Area) -> list[Initiative]:
    """Public initiatives on the same theme nearby, shown first: joining comes before beginning."""
    found = Initiative.objects.like(theme=theme, area=area).select_related("area", "theme", "party")
    return list(found[:_INITIATIVES_SHOWN])


@transaction.atomic
def submit_idea(
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
    owner = require_owner_for_area(area)
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
        # All earlier answers were given. Reset the promise, because its old date would make the new words late.
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
        booking.store_text(slot=slot, subject=subject, text=text, is_new=not said)
        said.append(NewContribution(slot=slot, kind=ContributionKind.TEXT, subject=subject))
    booking.record(said, is_first=False)


STOP_SLOT = "stop"
LATER_QUESTIONS: Mapping[str, tuple[Texts, Texts]] = {
    STOP_SLOT: (
        {"nl": "U stopt ermee", "en": "You stop"},
        {"nl": "Wat kunnen anderen hiervan leren?", "en": "What can others learn from it?"},
    ),
}


IDEA_STOP_QUESTION: tuple[Texts, Texts] = (
    {"nl": "U gaat niet verder met uw idee", "en": "You do not go on with your idea"},
    {"nl": "Waarom gaat u niet verder?", "en": "Why do you not go on?"},
)


def _subject(slot: str, initiative: Initiative) -> Subject:
    title, question = (_BEGIN_QUESTIONS | LATER_QUESTIONS)[slot]  # type: ignore[operator]
    if slot == STOP_SLOT and initiative.never_began:
        title, question = IDEA_STOP_QUESTION
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
    draft: InitiativeDraft,
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
    private page, or "" without a page. Idempotent per `sent_key`. Raises DomainError with what to correct,
    and when the key came with another name before."""
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))
    motives = check_motives(draft.motives)
    day = today or timezone.localdate()
    if not next_action.strip() or on < day:
        raise DomainError(_("Write the next step, with a day that is still to come."))
    receipt: Receipt | None = None
    code = ""
    if with_page:
        receipt, code = receipt_with_code(
            seed=str(sent_key), purpose=ReceiptPurpose.INITIATIVE, language=language, initiative__isnull=False
        )
    initiative, is_new = Initiative.objects.get_or_create(
        # A hash: the key itself is the seed of the private code.
        sent_key=UUID(keyed_hash(str(sent_key), purpose="initiative")[:32]),
        defaults={
            "name": dict(draft.name),
            "motive": dict(draft.motive),
            "goal": dict(draft.goal),
            "for_whom": dict(draft.for_whom),
            "motives": motives,
            "party": draft.party,
            "municipal_role": draft.municipal_role,
            "theme": theme,
            "area": area,
            "receipt": receipt,
            "owner": by,
            "state": InitiativeState.IDEA,
            "public_on": None,
            "state_on": day,
            "checked_on": day,
            "next_action": next_action.strip(),
            "next_action_on": on,
        },
    )
    if is_new:
        Event.log("began", initiative, by=by, area=area.name)
    elif initiative.name != dict(draft.name):
        raise DomainError(_("You sent an idea from this page already. Open a new page for another one."))
    return initiative, code


# --- audiences of answers ---------------------------------------------------------------------


@audiences.register("initiatives.begun", order=20)
def ideas_to_answer(user: User) -> list[Audience]:
    """Initiatives with an answer owed, in areas where `user` is editor, newest first."""
    mine = Area.objects.where(user, least=Power.EDITOR).values("pk")
    begun = Initiative.objects.owing().filter(area__in=mine).select_related("area", "theme")
    languages = offered_languages(Municipality.current().languages) or ["nl"]
    return [
        Audience(one.source, _title(one), languages, [one.area_id], about=one.label)
        for one in begun.order_by("-pk")
    ]


# Beginners of initiatives: their actions on the private page, and their personal data.


THEY_STOP = N_("They stop: read what they learned, and thank them")
THEY_WITHDREW = N_("Who began it took their words back: see how it goes on")


def initiative_of_beginner(receipt: Receipt) -> Initiative | None:
    """The initiative that the holder began and did not withdraw."""
    found = Initiative.objects.filter(receipt=receipt, withdrawn_from="")
    return found.select_related("area", "theme", "owner", "party", "receipt", "picture").first()


@transaction.atomic
def submit_stop(*, initiative: Initiative, words: str, now: datetime | None = None) -> None:
    """The beginner stops, and says what others can learn. A colleague answers, and ends it with thanks.

    Said again, the later words replace the earlier. Raises DomainError without words or when it has ended.
    """
    initiative = lock_as_beginner(initiative)
    if not words.strip():
        raise DomainError(
            _("Write a few words, so that we can answer you.")
            if initiative.never_began
            else _("Write a few words: who begins something like it learns from them.")
        )
    if initiative.state == InitiativeState.ENDED:
        raise DomainError(_("This has ended already."))
    day = timezone.localdate(now)
    due = day + timedelta(days=ParticipationRules.current().days("light_route"))
    owe(initiative, {STOP_SLOT: words.strip()}, due=due, day=day)
    bring_forward(initiative, THEY_STOP, now=now, today=may_be_danger(words))


def says_stop(initiative: Initiative) -> bool:
    """Whether the beginner said that they stop."""
    if initiative.receipt is None:
        return False
    return initiative.receipt.contributions.filter(slot=STOP_SLOT, withdrawn_on=None).exists()


class InitiativePersonalData:
    """Implements feedback.registries.PersonalData. Public texts stay, without the beginner; what was never
    public is deleted."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """End an idea; a public initiative goes on, and its owner gets a step to look at it."""
        for initiative in Initiative.objects.filter(receipt=receipt, withdrawn_from=""):
            if initiative.state == InitiativeState.IDEA:
                Initiative.objects.filter(pk=initiative.pk, state=InitiativeState.IDEA).move(
                    InitiativeState.ENDED,
                    on=timezone.localdate(now),
                    withdrawn_from=F("state"),
                    next_action="",
                    next_action_on=None,
                )
            else:
                bring_forward(lock_initiative(initiative), THEY_WITHDREW, now=now)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Restore the idea, due today. If its owner left, the current one of the area becomes owner."""
        withdrawn = Initiative.objects.filter(receipt=receipt).exclude(withdrawn_from="")
        for initiative in withdrawn.select_related("owner", "area__parent__parent"):
            assert initiative.owner, "Who began it is looked after."
            owner = current_or_new_owner(initiative.owner, initiative.area)
            if owner != initiative.owner:
                Promise.objects.filter(subject=initiative.source).update(owner=owner)
                # The words may be put back before or after this, by the app that keeps them.
                owed = AnswerOwed.objects.filter(topic__source=initiative.source)
                owed.filter(state__in=[Owed.OPEN, Owed.WITHDRAWN]).update(owner=owner)
            withdrawn.filter(pk=initiative.pk).update(
                state=F("withdrawn_from"),
                state_on=timezone.localdate(now),
                withdrawn_from="",
                owner=owner,
                next_action=first_step(owner),
                next_action_on=timezone.localdate(now),
            )

    def download(self, receipt: Receipt) -> dict[str, Any]:
        begun = Initiative.objects.filter(receipt=receipt).select_related("area", "theme")
        begun = begun.prefetch_related("updates", "meetings")
        return {_("What you began"): [_initiative_download(initiative) for initiative in begun]}

    def erase(self, receipt: Receipt) -> None:
        for initiative in Initiative.objects.select_for_update(of=("self",)).filter(receipt=receipt):
            source = initiative.source
            if initiative.has_a_page:
                # What no colleague has read yet is the beginner's alone.
                Update.objects.unread().filter(initiative=initiative).delete()
                Meeting.objects.filter(initiative=initiative, is_read=False).delete()
                Picture.objects.filter(initiative=initiative, is_read=False).delete()
                Initiative.objects.filter(pk=initiative.pk).update(receipt=None, motives=[])
            else:
                initiative.delete()
            delete_postponements([source])
            Promise.objects.filter(subject=source).delete()


def _initiative_download(initiative: Initiative) -> dict[str, Any]:
    language = get_language() or ""
    return {
        _("name"): initiative.label,
        _("about"): pick(initiative.theme.name, language),
        _("where"): initiative.area.name,
        _("how far it is"): initiative.get_state_display(),
        _("reasons"): [str(Motive(motive).label) for motive in initiative.motives if motive in Motive.values],
        _("updates"): [
            {_("on"): one.on.isoformat(), _("text"): pick(one.text, language)}
            for one in initiative.updates.all()
            if one.by_id is None
        ],
        _("meetings"): [
            {
                _("on"): date_format(timezone.localtime(one.starts_at), "j F Y, H:i"),
                _("where"): one.where,
                _("about"): pick(one.about, language),
            }
            for one in initiative.meetings.all()
        ],
        _("picture"): _("yes") if Picture.objects.filter(initiative=initiative).exists() else _("no"),
    }


personal_data.register("initiatives.begun", order=30)(InitiativePersonalData())


# The expectation card above the open invitation in an area.


@transaction.atomic
def set_invitation_card(*, area: Area, card: ExpectationCard | None, by: User) -> None:
    """Set the card of the invitation; None withdraws it. Raises DomainError if the card misses a text or was
    replaced."""
    if card and card.missing(offered_languages(Municipality.current().languages) or ["nl"]):
        raise DomainError(_("This card does not say everything yet, in every language. Fill it in first."))
    others = ExpectationCard.objects.filter(invites_in=area)
    if card is None:
        gone = others.update(invites_in=None)
        if gone:
            Event.log("took the invitation away", area, by=by)
        return
    others.exclude(pk=card.pk).update(invites_in=None)
    ExpectationCard.objects.show(card)
    if not ExpectationCard.objects.newest().filter(pk=card.pk).update(invites_in=area):
        raise DomainError(_("There is a newer version of this card. Choose that one."))
    Event.log("invited everybody", area, by=by, what=card.name)
