"""Approval by a second colleague before an answer is sent: asked, approved, sent back, taken back.

An approval is for the digest of the text when it was asked: a later edit needs a new one. The owner and
the last writer of an answer can't approve it.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import get_or_gone
from feedback.delivery.services.outbox import queue_notice
from feedback.models import Approval, FollowUp
from feedback.states import ApprovalState, FollowUpState
from neighbourhoods.models import ParticipationRules, colleagues_in_each
from neighbourhoods.states import Power

_CURRENT_STATES = (ApprovalState.ASKED, ApprovalState.APPROVED, ApprovalState.SENT_BACK)


def current_approval(follow_up: FollowUp) -> Approval | None:
    """The latest approval request that was not taken back; None if there is none."""
    found = follow_up.approvals.select_related("asked_of", "asked_by").filter(state__in=_CURRENT_STATES)
    return found.order_by("-pk").first()


def asked_now(user: User) -> list[Approval]:
    """Requests this colleague can decide on: drafts unchanged since the request."""
    asked = Approval.objects.filter(asked_of=user, state=ApprovalState.ASKED)
    drafts = asked.filter(follow_up__state=FollowUpState.DRAFT).exclude(follow_up__owner=user)
    found = drafts.select_related("follow_up", "asked_by")
    return [one for one in found if one.digest == one.follow_up.digest]


def may_read(follow_up: FollowUp, by: User) -> QuerySet[User]:
    """Colleagues who may write in all its areas and did not write or own this answer."""
    found = colleagues_in_each(follow_up.areas.all(), least=Power.EDITOR)
    themselves = {by.pk, follow_up.owner_id, follow_up.written_by_id or by.pk}
    return found.exclude(pk__in=themselves).order_by("title", "pk")


@transaction.atomic
def ask_approval(*, follow_up: FollowUp, of: User, seen: str, by: User) -> Approval:
    """Ask a colleague to approve the current text. Asking again, the same or another, replaces the
    request.

    Raises InvalidTransition if the text is not `seen`, DomainError if `of` may not read it."""
    current = _draft(follow_up)
    if current.digest != seen:
        raise InvalidTransition(
            _("A colleague changed this answer in the meantime. Look at both and choose.")
        )
    if not may_read(current, by).filter(pk=of.pk).exists():
        raise DomainError(_("Choose a colleague who may write here and did not write this."))
    before = current_approval(current)
    if before and (before.state, before.asked_of, before.digest) == (ApprovalState.ASKED, of, seen):
        return before
    if before:
        before.move(ApprovalState.TAKEN_BACK)
    made = Approval.objects.create(follow_up=current, digest=seen, asked_by=by, asked_of=of)
    Event.log("asked to approve", current, by=by, colleague=of.pk)
    with override(of.language):
        title = pick(current.title, get_language() or "")
        _tell(
            made, of,
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
    if found is None and not ParticipationRules.as_they_stand().second_reader:
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
