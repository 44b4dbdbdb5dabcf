"""Challenges: residents ask to take over a task of the municipality, and are owed a decision with reasons.

What they wrote are contributions, owed an answer like any other; the promise of that answer is the deadline
of the request. The decision reaches the applicant through feedback, as a draft that an editor releases; the
public page has words of colleagues and never a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from core.languages import offered_languages
from core.rows import get_or_gone, refresh_or_gone
from feedback.answers.services import compose
from feedback.answers.services.promises import move_promise
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import AnswerOwed, Contribution, FollowUp, FollowUpItem, Promise
from feedback.registries import Audience, Moment, audiences, daily_jobs, personal_data, private_timeline
from feedback.states import ContributionKind, Outcome, Owed
from initiatives.matching.services.owners import (
    DECIDING_ROLES,
    current_or_new_owner,
    owner_for_area,
    receipt_with_code,
)
from initiatives.models import Challenge, Initiative
from initiatives.states import CHALLENGE_DECISIONS, Applicant, ChallengeState, InitiativeState
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party, Theme
from neighbourhoods.states import GovernmentRole, Power

# The parts of a request, by slot of the contribution.
_REQUEST_PARTS = {
    "task": gettext_lazy("The task they want to take over"),
    "who": gettext_lazy("Who they are"),
    "better": gettext_lazy("Why they can do it better or cheaper"),
    "support": gettext_lazy("Support in the neighbourhood"),
}
# Per part: its name in lists, and the question as the applicant reads it. The key is both slot and topic key.
_REQUEST_QUESTIONS: Mapping[str, tuple[Texts, Texts]] = {
    "task": (
        {"nl": "de taak", "en": "the task"},
        {"nl": "Welke taak wilt u overnemen?", "en": "Which task do you want to take over?"},
    ),
    "who": (
        {"nl": "wie het vraagt", "en": "who asks"},
        {"nl": "Wie bent u, in een paar woorden?", "en": "Who are you, in a few words?"},
    ),
    "better": (
        {"nl": "waarom beter of goedkoper", "en": "why better or cheaper"},
        {"nl": "Waarom kunt u het beter of goedkoper?", "en": "Why can you do it better or cheaper?"},
    ),
    "support": (
        {"nl": "steun in de buurt", "en": "support in the neighbourhood"},
        {"nl": "Wie in de buurt steunt het?", "en": "Who in the neighbourhood supports it?"},
    ),
}
OUTCOME_BY_STATE = {
    ChallengeState.GRANTED: Outcome.ADOPTED,
    ChallengeState.PARTLY: Outcome.PARTLY,
    ChallengeState.REFUSED: Outcome.NO,
}
FIRST_STEP_DAYS = 7


@dataclass(frozen=True)
class ChallengeRequest:
    """A request as the applicant wrote it."""

    task: str
    better: str
    who: str = ""
    support: str = ""
    applicant: str = Applicant.RESIDENT
    budget: int | None = None
    theme: Theme | None = None

    @property
    def words(self) -> dict[str, str]:
        return {slot: words for slot in _REQUEST_PARTS if (words := getattr(self, slot).strip())}


@dataclass(frozen=True)
class Decision:
    """The decision of a body; reasons and next step per language."""

    outcome: str
    body: str
    reasons: Texts = field(hash=False)
    next_step: Texts = field(hash=False)


def challenge_decider(area: Area) -> User | None:
    """The editor who prepares the decision, of the area or the smallest one around it; else an administrator."""
    return owner_for_area(area, order=DECIDING_ROLES)


# --- asking -------------------------------------------------------------------------------------


@transaction.atomic
def submit_challenge(
    *,
    area: Area,
    challenge_request: ChallengeRequest,
    language: str,
    submit_key: str,
    now: datetime | None = None,
) -> tuple[Challenge, str]:
    """Store a request, owe a decision on it, and return it with the code of the applicant's private page.

    Idempotent: the code is derived from the submit key and the words, so pressing twice gives one request and
    changed words give another. Raises DomainError if the task or the reason is empty, or if no editor can
    decide.
    """
    if not {"task", "better"} <= set(challenge_request.words):
        raise DomainError(_("Write which task it is, and why you can do it better or cheaper."))
    owner = challenge_decider(area)
    if owner is None:
        raise DomainError(_("Nobody is there to decide on this yet. Please call the municipality."))
    receipt, code = receipt_with_code(
        seed=f"{submit_key} {challenge_request.words}",
        purpose=ReceiptPurpose.INITIATIVE,
        language=language,
        challenge__isnull=False,
    )
    if earlier := Challenge.objects.filter(receipt=receipt).first():
        return earlier, code
    day = timezone.localdate(now)
    due = day + timedelta(days=ParticipationRules.current().days("right_to_challenge"))
    challenge = Challenge.objects.create(
        receipt=receipt,
        area=area,
        theme=challenge_request.theme,
        applicant=challenge_request.applicant,
        budget=challenge_request.budget,
        owner=owner,
        asked_on=day,
        decide_before=due,
        first_decide_before=due,
    )
    Promise.objects.create(
        subject=challenge.source, title=_numbered_title(challenge), owner=owner, due_on=due, first_due_on=due
    )
    _owe(challenge, challenge_request.words, language)
    Event.log("asked", challenge, by=None, area=area.name)
    return challenge, code


def _owe(challenge: Challenge, words: Mapping[str, str], language: str) -> None:
    booking = ContributionRecorder(
        receipt=challenge.receipt_id,  # type: ignore[arg-type]
        source=challenge.source,
        area=challenge.area_id,
        language=language,
        day=challenge.asked_on,
    )
    said = []
    for slot, text in words.items():
        subject = _subject(slot, challenge)
        booking.store_text(slot=slot, subject=subject, text=text, is_new=True)
        said.append(NewContribution(slot=slot, kind=ContributionKind.TEXT, subject=subject))
    booking.record(said, is_first=True)


def _numbered_title(challenge: Challenge) -> dict[str, str]:
    """A title until a colleague gives one; unique by number."""
    return {
        "nl": f"Verzoek {challenge.pk} om een taak over te nemen",
        "en": f"Request {challenge.pk} to take over a task",
    }


def _subject(slot: str, challenge: Challenge) -> Subject:
    """The subject of one part: lists show which request it is, and the words stand under their question."""
    part, question = _REQUEST_QUESTIONS[slot]
    title = {"nl": f"Verzoek {challenge.pk}: {part['nl']}", "en": f"Request {challenge.pk}: {part['en']}"}
    return Subject(key=slot, title=title, question=question, theme=challenge.theme_id)


# --- handling it --------------------------------------------------------------------------------


@transaction.atomic
def save_public_texts(
    *, challenge: Challenge, title: Texts, summary: Texts, theme: Theme | None, party: Party | None, by: User
) -> Challenge:
    """Save the public texts: in a colleague's words, without the name of a person."""
    fields = {"title": dict(title), "summary": dict(summary), "theme": theme, "party": party}
    Challenge.objects.filter(pk=challenge.pk).update(**fields)
    refresh_or_gone(challenge)
    Event.log("wrote", challenge, by=by)
    return challenge


@transaction.atomic
def talk(*, challenge: Challenge, by: User) -> None:
    """Note that there is contact about it. The deadline stays."""
    challenge.move(ChallengeState.TALKING)
    Event.log("took a step", challenge, by=by, state=ChallengeState.TALKING)


@transaction.atomic
def move_date(
    *, challenge: Challenge, to: date, reason: Texts, seen: date, by: User, today: date | None = None
) -> None:
    """Move the deadline, with a reason that the applicant reads. The promise and the answers owed move with
    it. Raises InvalidTransition if it was decided or withdrawn."""
    if not challenge.is_undecided:
        raise InvalidTransition(_("This was decided or withdrawn meanwhile."))
    promise = Promise.objects.get(subject=challenge.source)
    move_promise(promise=promise, due_on=to, reason=dict(reason), by=by, seen=seen, today=today)
    follow_promise(challenge, promise)


def follow_promise(challenge: Challenge, promise: Promise) -> bool:
    """Take over the date of the promise, which can be moved on the page of promises too. Returns whether it
    changed."""
    moved = {"decide_before": promise.due_on, "moved_reason": promise.moved_reason}
    there = Challenge.objects.undecided().filter(pk=challenge.pk).exclude(**moved)
    changed = bool(there.update(**moved))
    refresh_or_gone(challenge)
    return changed


@daily_jobs.register("initiatives.challenges")
def follow_promises() -> str:
    """Take over the dates of promises that were moved elsewhere, at most a day late."""
    undecided = {one.source: one for one in Challenge.objects.undecided()}
    promises = Promise.objects.filter(subject__in=undecided)
    moved = sum(follow_promise(undecided[promise.subject], promise) for promise in promises)
    return f"{moved} requests got the date of their promise"


@transaction.atomic
def decide_challenge(
    *, challenge: Challenge, decision: Decision, by: User, now: datetime | None = None
) -> FollowUp | None:
    """Record the decision with its reasons, and draft the answer to the applicant. Returns None when no
    answer is owed any more.

    Raises DomainError for a missing part, InvalidTransition if a colleague decided first.
    """
    if decision.outcome not in CHALLENGE_DECISIONS:
        raise DomainError(_("Choose what was decided."))
    if not decision.body.strip():
        raise DomainError(_("Say which body decided: residents must be able to turn to it."))
    if not any(words.strip() for words in decision.reasons.values()):
        raise DomainError(_("Write why. A decision without reasons is none."))
    if not any(words.strip() for words in decision.next_step.values()):
        raise DomainError(_("Write what comes next. After a no: what who asked can do."))
    challenge.move(
        decision.outcome,
        decided_on=timezone.localdate(now),
        decided_by=decision.body.strip(),
        decision=dict(decision.reasons),
        next_step=dict(decision.next_step),
    )
    Event.log("decided", challenge, by=by, state=ChallengeState(decision.outcome))
    return _prepare_answer(challenge, by)


def _prepare_answer(challenge: Challenge, by: User) -> FollowUp | None:
    if not AnswerOwed.objects.waiting().filter(topic__source=challenge.source).exists():
        return None
    chosen: dict[str, Any] = {"source": challenge.source, "key": [], "theme": None, "areas": []}
    follow_up = compose.start_follow_up(chosen=chosen, by=by)
    spoken = dict.fromkeys([*compose.own_languages(), *challenge.decision, *challenge.next_step])
    return compose.save_follow_up_draft(
        follow_up=follow_up,
        seen=follow_up.digest,
        by=by,
        title=dict(challenge.title) or _numbered_title(challenge),
        outcome=OUTCOME_BY_STATE[ChallengeState(challenge.state)],
        decided={code: words for code in spoken if (words := _decision_sentence(challenge, code))},
        why=dict(challenge.decision),
        next_step=dict(challenge.next_step),
    )


def _decision_sentence(challenge: Challenge, language: str) -> str:
    """The first sentence of the answer. A refusal is said as plainly as a grant."""
    with override(language):
        body = challenge.decided_by
        return {
            ChallengeState.GRANTED: _("You may take over this task. It was decided by %(body)s.")
            % {"body": body},
            ChallengeState.PARTLY: _("You may take over part of this task. It was decided by %(body)s.")
            % {"body": body},
            ChallengeState.REFUSED: _("You may not take over this task. It was decided by %(body)s.")
            % {"body": body},
        }[ChallengeState(challenge.state)]


def answers_to_challenge(challenge: Challenge) -> list[FollowUp]:
    """Answers written or being written to the applicant, newest first."""
    return list(FollowUp.objects.filter(audience__source=challenge.source).order_by("-pk"))


def is_answered(challenge: Challenge) -> bool:
    """Whether no answer is owed any more: the decision stands on the applicant's page, or nobody is left to read it."""
    return not AnswerOwed.objects.waiting().filter(topic__source=challenge.source).exists()


def is_told(challenge: Challenge) -> bool:
    """Whether an answer about it stands on the applicant's page."""
    items = FollowUpItem.objects.shown().filter(receipt=challenge.receipt_id)
    return items.filter(follow_up__audience__source=challenge.source).exists()


@transaction.atomic
def publish_challenge(*, challenge: Challenge, by: User, now: datetime | None = None) -> None:
    """Publish the request, its deadline and, once taken, the decision. Raises DomainError without title or summary."""
    if not challenge.title or not challenge.summary:
        raise DomainError(_("Write a title and what it is about first, in words for everybody."))
    open_ones = Challenge.objects.filter(pk=challenge.pk, published_on=None)
    found = open_ones.exclude(state=ChallengeState.WITHDRAWN)
    if not found.update(published_on=timezone.localdate(now)):
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Event.log("published", challenge, by=by)


@transaction.atomic
def unpublish(*, challenge: Challenge, by: User) -> None:
    """Take it off the public page before the decision. A decision stays public: raises InvalidTransition."""
    if not Challenge.objects.undecided().filter(pk=challenge.pk).update(published_on=None):
        raise InvalidTransition(_("A decision stays public."))
    Event.log("took off the page", challenge, by=by)


@transaction.atomic
def begin_initiative(*, challenge: Challenge, by: User, now: datetime | None = None) -> Initiative:
    """Continue a granted challenge as an initiative, on the applicant's existing private page. Idempotent."""
    locked = get_or_gone(Challenge.objects.select_for_update(of=("self",), no_key=True), pk=challenge.pk)
    if locked.initiative:
        return locked.initiative
    if locked.state not in (ChallengeState.GRANTED, ChallengeState.PARTLY):
        raise DomainError(_("Only what was granted, wholly or in part, can become an initiative."))
    if not locked.title or locked.theme is None:
        raise DomainError(_("Write a title and choose a theme first."))
    taken = Initiative.objects.filter(receipt=locked.receipt, receipt__isnull=False).exists()
    with override(locked.owner.language):
        step = str(_("Make agreements about the task that is taken over"))
    initiative = Initiative.objects.create(
        name=locked.title,
        description=locked.summary,
        theme=locked.theme,
        area=locked.area,
        party=locked.party,
        state=InitiativeState.IDEA,
        public_on=None,
        state_on=timezone.localdate(now),
        receipt=None if taken else locked.receipt,
        owner=locked.owner,
        approach="right-to-challenge",
        municipal_role=GovernmentRole.LET_GO,
        next_action=step,
        next_action_on=timezone.localdate(now) + timedelta(days=FIRST_STEP_DAYS),
    )
    Challenge.objects.filter(pk=locked.pk).update(initiative=initiative)
    refresh_or_gone(challenge)
    Event.log("began", initiative, by=by)
    return initiative


@audiences.register("initiatives.challenges", order=30)
def requests_to_answer(user: User) -> list[Audience]:
    """Challenges with an answer owed, in areas where `user` is editor, newest first."""
    mine = Area.objects.where(user, least=Power.EDITOR).values("pk")
    found = Challenge.objects.owing().filter(area__in=mine).select_related("area")
    languages = offered_languages(Municipality.current().languages) or ["nl"]
    return [
        Audience(
            one.source,
            one.title or _numbered_title(one),
            languages,
            [one.area_id],
            about=f"{one.area} {one.asked_on:%d-%m-%Y}",
        )
        for one in found.order_by("-pk")
    ]


# --- the applicant's data -----------------------------------------------------------------------


@private_timeline.register("initiatives.challenges", order=30)
def challenge_timeline(receipt: Receipt) -> list[Moment]:
    """The decision on the timeline of a private page. The request and the answer owed stand there already."""
    challenge = Challenge.objects.filter(receipt=receipt).first()
    if challenge is None or challenge.decided_on is None or not is_answered(challenge):
        return []
    return [Moment(challenge.decided_on, _("It was decided by %(body)s.") % {"body": challenge.decided_by})]


class ChallengePersonalData:
    """Implements feedback.registries.PersonalData for challenges; the words are contributions."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Withdraw an undecided challenge; a decision stays."""
        Challenge.objects.undecided().filter(receipt=receipt).move(
            ChallengeState.WITHDRAWN, published_on=None
        )

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Ask it again, with the deadline as promised. If its owner left, the current decider of the area
        becomes owner."""
        withdrawn = Challenge.objects.filter(receipt=receipt, state=ChallengeState.WITHDRAWN)
        for challenge in withdrawn.select_related("owner", "area__parent__parent"):
            owner = current_or_new_owner(challenge.owner, challenge.area, order=DECIDING_ROLES)
            if owner != challenge.owner:
                Promise.objects.filter(subject=challenge.source).update(owner=owner)
                # The words may be put back before or after this, by the app that keeps them.
                owed = AnswerOwed.objects.filter(topic__source=challenge.source)
                owed.filter(state__in=[Owed.OPEN, Owed.WITHDRAWN]).update(owner=owner)
            withdrawn.filter(pk=challenge.pk).move(ChallengeState.ASKED, owner=owner)

    def download(self, receipt: Receipt) -> dict[str, Any]:
        found = Challenge.objects.filter(receipt=receipt).select_related("area")
        return {
            _("Your request to take over a task"): [
                {
                    _("on"): one.asked_on.isoformat(),
                    _("where"): one.area.name,
                    _("asked by"): one.get_applicant_display(),
                    _("money asked"): one.budget if one.budget is not None else "",
                    _("before"): one.decide_before.isoformat(),
                    _("how it stands"): one.get_state_display(),
                }
                for one in found
            ]
        }

    def erase(self, receipt: Receipt) -> None:
        """Keep a decided challenge without its applicant; delete an undecided one."""
        # Lock first: a concurrent decision waits, or was committed before.
        found = list(Challenge.objects.select_for_update(no_key=True).filter(receipt=receipt))
        gone = [one for one in found if not one.is_decided]
        Promise.objects.filter(subject__in=[one.source for one in gone]).delete()
        Challenge.objects.filter(pk__in=[one.pk for one in gone]).delete()
        Challenge.objects.filter(pk__in=[one.pk for one in found]).update(receipt=None)


personal_data.register("initiatives.challenges", order=20)(ChallengePersonalData())


def parts_of(challenge: Challenge) -> list[tuple[str, Contribution]]:
    """What the applicant wrote, in the order of the form, without withdrawn parts."""
    if challenge.receipt_id is None:
        return []
    said = {
        one.slot: one
        for one in Contribution.objects.filter(
            receipt=challenge.receipt_id, topic__source=challenge.source, withdrawn_on=None
        )
    }
    return [(str(label), said[slot]) for slot, label in _REQUEST_PARTS.items() if slot in said]
