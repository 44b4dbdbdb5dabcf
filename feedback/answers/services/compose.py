"""Drafting a follow-up: audience, texts and languages, and its approval by a second colleague."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Contact, Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts, pick
from core.languages import offered_languages
from core.rows import get_or_gone
from feedback.contributions.services import audience
from feedback.delivery.services.outbox import queue_notice
from feedback.models import Approval, FollowUp, Topic
from feedback.states import PROMISING_OUTCOMES, ApprovalState, FollowUpState
from neighbourhoods.models import Area, Municipality, ParticipationRules, colleagues_in_each
from neighbourhoods.states import Power

FOLLOW_UP_TEXT_FIELDS = FollowUp.WRITTEN


@transaction.atomic
def start_follow_up(*, chosen: dict[str, Any], by: User, corrects: FollowUp | None = None) -> FollowUp:
    """Start a draft for an audience, owned by `by`. A correction starts with the text it corrects.

    Idempotent: an own draft for the same audience is returned again.
    """
    # Serialise double clicks: the second waits for the first.
    get_or_gone(User.objects.select_for_update(no_key=True), pk=by.pk)
    if corrects is None:
        begun = FollowUp.objects.filter(owner=by, state=FollowUpState.DRAFT, corrects=None)
        for draft in begun.filter(audience__source=chosen["source"]):
            if draft.audience == chosen:
                return draft
    follow_up = FollowUp(audience=chosen, owner=by, corrects=corrects)
    if corrects:
        for part in (*FOLLOW_UP_TEXT_FIELDS, "outcome", "happens_on"):
            setattr(follow_up, part, getattr(corrects, part))
    else:
        follow_up.title = _title_of(chosen)
        follow_up.signed_as = _signature(by)
    follow_up.save()
    _set_areas(follow_up)
    Event.log("began", follow_up, by=by)
    return follow_up


def _signature(by: User) -> Texts:
    """The last signature used; by default their title, in the first language."""
    last = FollowUp.objects.filter(owner=by).order_by("-pk").values_list("signed_as", flat=True).first()
    return ({own_languages()[0]: by.title} if by.title else {}) | (last or {})


@transaction.atomic
def change_audience(*, follow_up: FollowUp, chosen: dict[str, Any], by: User) -> FollowUp:
    """Change the audience of a draft. Raises InvalidTransition if it is on its way already."""
    if not FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.DRAFT).update(audience=chosen):
        raise InvalidTransition(_("This answer is on its way already. Stop it first, or write a correction."))
    follow_up.refresh_from_db()
    _set_areas(follow_up)
    Event.log("addressed", follow_up, by=by)
    return follow_up


def _set_areas(follow_up: FollowUp) -> None:
    """Set the areas of its readers: those named, or all where the survey was answered."""
    chosen = follow_up.audience
    topics = Topic.objects.filter(source=chosen["source"])
    if follow_up.is_personal:
        topics = topics.filter(owed__in=chosen["owed"])
    spoken = topics.values("area")
    named = chosen.get("areas")
    follow_up.areas.set(Area.objects.filter(pk__in=named) if named else Area.objects.filter(pk__in=spoken))


@transaction.atomic
def save_follow_up_draft(*, follow_up: FollowUp, seen: str, by: User, **fields: Any) -> FollowUp:
    """Save the text of a draft. `seen` is the digest that was on screen.

    Raises InvalidTransition if it changed since, or is no draft."""
    current = get_or_gone(FollowUp.objects.select_for_update(), pk=follow_up.pk)
    if current.state != FollowUpState.DRAFT:
        raise InvalidTransition(_("This answer is on its way already. Stop it first, or write a correction."))
    if current.digest != seen:
        raise InvalidTransition(
            _("A colleague changed this answer in the meantime. Look at both and choose.")
        )
    before = current.digest
    for name, value in fields.items():
        setattr(current, name, value)
    if current.outcome not in PROMISING_OUTCOMES:
        current.happens_on = None
    if current.digest != before:
        current.written_by = by
    current.save(update_fields=[*fields, "happens_on", "written_by"])
    Event.log("wrote", current, by=by)
    return current


def own_languages() -> list[str]:
    return offered_languages(Municipality.current().languages) or ["nl"]


def follow_up_languages(follow_up: FollowUp, readers: Mapping[str, int]) -> list[str]:
    """The languages to write it in: those of the municipality, then others that readers use or that have text."""
    own = own_languages()
    written = {
        code for part in FOLLOW_UP_TEXT_FIELDS for code, words in getattr(follow_up, part).items() if words
    }
    return [*own, *sorted((set(readers) | written) - set(own))]


@dataclass(frozen=True)
class ReaderLanguage:
    """A language of the survey or its readers, and the number of readers who wait. `told_in` is the language in
    which they get this answer; "" if not decided yet."""

    code: str
    readers: int
    told_in: str

    @property
    def lacks(self) -> bool:
        return bool(self.readers) and not self.told_in


def reader_languages(
    follow_up: FollowUp, readers: Mapping[str, int], asked_in: Iterable[str] = ()
) -> list[ReaderLanguage]:
    """All languages it was asked or answered in, so that none is left out unnoticed."""
    codes = dict.fromkeys([*asked_in, *readers])
    return [ReaderLanguage(code, readers.get(code, 0), follow_up.language_for(code)) for code in codes]


_GAP = re.compile(r"\[[^\]\n]{0,200}\]")


def first_gap(follow_up: FollowUp) -> str:
    """The first gap in square brackets that the writer did not fill in, or ""."""
    texts = [words for part in FOLLOW_UP_TEXT_FIELDS for words in getattr(follow_up, part).values()]
    return next((found.group() for words in texts if (found := _GAP.search(words))), "")


def count_unsubscribed(follow_up: FollowUp) -> int:
    """The number of readers who left an address and unsubscribed; they read it on their page."""
    readers = audience.debts(follow_up).values("receipt")
    return Contact.objects.filter(receipt__in=readers, unsubscribed_at__isnull=False).count()


def main_language(follow_up: FollowUp, codes: list[str]) -> str:
    """The first of `codes` in which the answer is complete, else the first."""
    return next((code for code in codes if not follow_up.lacking(code)), codes[0])


def _title_of(chosen: dict[str, Any]) -> Texts:
    """A first title: that of the first chosen topic."""
    keys = chosen.get("key") or []
    keys = [keys] if isinstance(keys, str) else keys
    topic = Topic.objects.filter(source=chosen["source"], key__in=keys[:1]).first()
    return dict(topic.title) if topic else {}


# --- a second colleague --------------------------------------------------------------------------
# Approval by a second colleague before an answer is sent: asked, approved, sent back, taken back.
#
# An approval is for the digest of the text when it was asked: a later edit needs a new one. The owner and
# the last writer of an answer can't approve it.


_CURRENT_STATES = (ApprovalState.ASKED, ApprovalState.APPROVED, ApprovalState.SENT_BACK)


def current_approval(follow_up: FollowUp) -> Approval | None:
    """The latest approval request that was not taken back; None if there is none."""
    found = follow_up.approvals.select_related("asked_of", "asked_by").filter(state__in=_CURRENT_STATES)
    return found.order_by("-pk").first()


def approvals_waiting_for(user: User) -> list[Approval]:
    """Requests this colleague can decide on: drafts unchanged since the request."""
    asked = Approval.objects.filter(asked_of=user, state=ApprovalState.ASKED)
    drafts = asked.filter(follow_up__state=FollowUpState.DRAFT).exclude(follow_up__owner=user)
    found = drafts.select_related("follow_up", "asked_by")
    return [one for one in found if one.digest == one.follow_up.digest]


def possible_approvers(follow_up: FollowUp, by: User) -> QuerySet[User]:
    """Colleagues who may write in all its areas and did not write or own this answer."""
    found = colleagues_in_each(follow_up.areas.all(), least=Power.EDITOR)
    themselves = {by.pk, follow_up.owner_id, follow_up.written_by_id or by.pk}
    return found.exclude(pk__in=themselves).order_by("title", "pk")


@transaction.atomic
def ask_approval(*, follow_up: FollowUp, approver: User, seen: str, by: User) -> Approval:
    """Ask a colleague to approve the current text. Asking again, the same or another, replaces the
    request.

    Raises InvalidTransition if the text is not `seen`, DomainError if `approver` may not read it."""
    current = _draft(follow_up)
    if current.digest != seen:
        raise InvalidTransition(
            _("A colleague changed this answer in the meantime. Look at both and choose.")
        )
    if not possible_approvers(current, by).filter(pk=approver.pk).exists():
        raise DomainError(_("Choose a colleague who may write here and did not write this."))
    before = current_approval(current)
    if before and (before.state, before.asked_of, before.digest) == (ApprovalState.ASKED, approver, seen):
        return before
    if before:
        before.move(ApprovalState.TAKEN_BACK)
    made = Approval.objects.create(follow_up=current, digest=seen, asked_by=by, asked_of=approver)
    Event.log("asked to approve", current, by=by, colleague=approver.pk)
    with override(approver.language):
        title = pick(current.title, get_language() or "")
        _tell(
            made, approver,
            _("Would you read an answer before it goes? %(title)s") % {"title": title},
            _("%(colleague)s wrote an answer to residents and asks you to read it first.") % {"colleague": by},
            reverse("followup_approve", args=[current.pk]),
        )  # fmt: skip
    return made


@transaction.atomic
def approve(*, approval: Approval, by: User, seen: str) -> Approval:
    current = _decide(approval, ApprovalState.APPROVED, by, seen)
    Event.log("approved", current, by=by, digest=seen)
    return approval


@transaction.atomic
def send_back(*, approval: Approval, by: User, seen: str, remark: str) -> Approval:
    if not remark.strip():
        raise DomainError(_("Write what should change: your colleague reads it."))
    current = _decide(approval, ApprovalState.SENT_BACK, by, seen, remark.strip())
    Event.log("sent back", current, by=by, digest=seen)
    return approval


def _decide(approval: Approval, state: ApprovalState, by: User, seen: str, remark: str = "") -> FollowUp:
    current = _draft(approval.follow_up)
    if approval.asked_of != by:
        raise DomainError(_("Somebody else was asked to read this."))
    if by.pk in (current.owner_id, current.written_by_id):
        raise DomainError(_("You wrote this yourself. Somebody else reads it."))
    if not approval.digest == seen == current.digest:
        raise InvalidTransition(_("This answer was changed after you were asked. Read it once more."))
    approval.move(state, remark=remark)
    if asker := approval.asked_by:
        with override(asker.language):
            title = pick(current.title, get_language() or "")
            if state == ApprovalState.APPROVED:
                subject = _("Read and approved: %(title)s") % {"title": title}
                text = _("%(colleague)s read your answer. It can go.") % {"colleague": by}
            else:
                subject = _("Read, and sent back: %(title)s") % {"title": title}
                text = _("%(colleague)s read your answer and asks you to change something:") % {
                    "colleague": by
                }
                text += f"\n\n{remark}"
            _tell(approval, asker, subject, text, reverse("followup_release", args=[current.pk]))
    return current


@transaction.atomic
def take_back_approval(*, approval: Approval, by: User) -> None:
    """Withdraw the request. If the municipality requires a second reader, a new one is needed before release."""
    follow_up = _draft(approval.follow_up)
    approval.move(ApprovalState.TAKEN_BACK)
    Event.log("took the question back", follow_up, by=by)


def refuse_unread(follow_up: FollowUp) -> None:
    """Raises DomainError if a second colleague has to approve first. Call it in the release, which locks
    the draft."""
    found = current_approval(follow_up)
    if found is None and not ParticipationRules.uncached().second_reader:
        return
    if found is None:
        raise DomainError(_("A second colleague reads this first. Ask somebody."))
    if found.asked_of_id in (follow_up.owner_id, follow_up.written_by_id):
        raise DomainError(
            _("%(colleague)s answers for this by now. Ask somebody else to read it.")
            % {"colleague": found.asked_of}
        )
    if found.digest != follow_up.digest:
        raise DomainError(
            _("This was changed after %(colleague)s was asked to read it. Ask again.")
            % {"colleague": found.asked_of}
        )
    if found.state == ApprovalState.ASKED:
        raise DomainError(_("%(colleague)s has not read this yet.") % {"colleague": found.asked_of})
    if found.state == ApprovalState.SENT_BACK:
        raise DomainError(
            _("%(colleague)s sent this back: %(remark)s")
            % {"colleague": found.asked_of, "remark": found.remark}
        )


def _draft(follow_up: FollowUp) -> FollowUp:
    """Lock the draft against writes and release. Raises InvalidTransition if it is no draft."""
    current = get_or_gone(FollowUp.objects.select_for_update(), pk=follow_up.pk)
    if current.state != FollowUpState.DRAFT:
        raise InvalidTransition(_("This answer is on its way already. Stop it first, or write a correction."))
    return current


def _tell(approval: Approval, to: User, subject: str, text: str, path: str) -> None:
    key = f"approval:{approval.pk}:{approval.state}"
    queue_notice(to, key=key, subject=subject, text=f"{text}\n\n{absolute(path)}")
