"""A backer is asked by name, and signs or declines from their own account."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core.errors import DomainError
from core.rows import get_or_gone
from neighbourhoods.colleagues.services import mail_colleague
from neighbourhoods.models import Area, Backing, Membership, has_in_each
from neighbourhoods.states import BackingState, Power, Role


def may_back(user: User, area: Area) -> bool:
    """Whether this user is a backer in the area or in one around it."""
    return Membership.objects.current().covering(area).filter(user=user, role=Role.BACKER).exists()


@transaction.atomic
def request_backing(
    *,
    subject: str,
    digest: str,
    url: str,
    title: dict[str, str],
    area: Area,
    backer: User,
    statement: dict[str, str],
    until: date,
    by: User,
) -> Backing:
    """Ask `backer` to stand behind one frozen text, and send them mail.

    `subject` names the text ("survey:12:v3"), `digest` is its hash and `url` the path where it can be read.
    Idempotent: the same subject and digest return the existing request. Raises DomainError if the user is no backer
    here, the date has passed, or the statement is empty.
    """
    if not may_back(backer, area):
        raise DomainError(
            _("Only somebody with the role of backer in this area can be asked to stand for it.")
        )
    if until < timezone.localdate():
        raise DomainError(_("Choose a date in the future: until then the backer stands for this text."))
    if not any(words.strip() for words in statement.values()):
        raise DomainError(_("Write what the backer stands for; residents read that sentence."))
    # Lock the backer, so that a double tap makes one request.
    get_or_gone(User.objects.select_for_update(no_key=True), pk=backer.pk)
    open_states = [BackingState.REQUESTED, BackingState.SIGNED]
    there = Backing.objects.filter(subject=subject, backer=backer, state__in=open_states).first()
    if there and there.digest == digest:
        return there
    fields: dict[str, Any] = {"digest": digest, "url": url, "title": title, "area": area, "until": until}
    try:
        with transaction.atomic():
            backing = Backing.objects.create(
                subject=subject,
                backer=backer,
                backer_title=backer.title,
                statement=statement,
                requested_by=by,
                **fields,
            )
    except IntegrityError as error:
        raise DomainError(
            _("This backer was asked already, about another text. Withdraw that request first.")
        ) from error
    Event.log("asked to back", backing, by=by)
    link = absolute(reverse("backing", args=[backing.pk]))
    mail_colleague(backer, "neighbourhoods/email/backing", backing=backing, link=link)
    return backing


@transaction.atomic
def sign(*, backing: Backing, by: User, digest: str, now: datetime | None = None) -> Backing:
    """Sign the text with this digest, the one that was on the backer's screen.

    Raises DomainError if the date has passed or the text changed since.
    """
    _require_requested_backer(backing, by)
    if backing.until < timezone.localdate(now):
        raise DomainError(_("The date until which you were asked has passed. Ask for a new request."))
    if digest != backing.digest:
        raise DomainError(_("The text is another one than you read. Read it again before you decide."))
    backing.move(BackingState.SIGNED, now=now, backer_title=by.title)
    Event.log("backed", backing, by=by)
    return backing


@transaction.atomic
def decline(*, backing: Backing, by: User, reason: str, now: datetime | None = None) -> Backing:
    _require_requested_backer(backing, by)
    if not reason.strip():
        raise DomainError(_("Write in one sentence why not. Your colleague can do something with that."))
    backing.move(BackingState.DECLINED, now=now, reason=reason.strip()[:300])
    Event.log("declined to back", backing, by=by)
    return backing


@transaction.atomic
def withdraw_backing(*, backing: Backing, by: User, reason: str = "", now: datetime | None = None) -> Backing:
    """Withdraw a request or signature: by the backer, or by an editor of the area."""
    if by != backing.backer and not has_in_each(by, [backing.area], least=Power.EDITOR):
        raise DomainError(_("Only the backer, or an editor of this area, can withdraw this."))
    backing.move(BackingState.WITHDRAWN, now=now, reason=reason.strip()[:300])
    Event.log("withdrew backing", backing, by=by)
    return backing


def _require_requested_backer(backing: Backing, by: User) -> None:
    if by != backing.backer or not may_back(by, backing.area):
        raise DomainError(_("Only the backer who was asked by name can decide about this."))
