"""A political backer is asked by name, and signs or declines from their own account."""

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
from neighbourhoods.colleagues.services.emails import write_to
from neighbourhoods.models import Area, Backing, Membership, has_in_each
from neighbourhoods.states import BackingState, Power, Role


def may_back(user: User, area: Area) -> bool:
    """Whether this person is a backer in the area or in one around it."""
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
    """Ask `backer` to stand behind one frozen text, and write to them.

    `subject` names the text ("survey:12:v3") and `digest` is its hash; `url` is the path where it can be read.
    Asking again for the same subject and digest gives the request that is there.
    Raises DomainError when the person is no backer here or the date has passed.
    """
    if not may_back(backer, area):
        raise DomainError(
            _("Only somebody with the role of backer in this area can be asked to stand for it.")
        )
    if until < timezone.localdate():
        raise DomainError(_("Choose a date in the future: until then the backer stands for this text."))
    if not any(words.strip() for words in statement.values()):
        raise DomainError(_("Write what the backer stands for; residents read that sentence."))
    get_or_gone(User.objects.select_for_update(no_key=True), pk=backer.pk)  # two taps at once are one request
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
    write_to(backer, "neighbourhoods/email/backing", backing=backing, link=link)
    return backing


@transaction.atomic
def sign(*, backing: Backing, by: User, digest: str, now: datetime | None = None) -> Backing:
    """The backer stands behind the text with this digest: the one that was on their screen."""
    _refuse_others(backing, by)
    if backing.until < timezone.localdate(now):
        raise DomainError(_("The date until which you were asked has passed. Ask for a new request."))
    if digest != backing.digest:
        raise DomainError(_("The text is another one than you read. Read it again before you decide."))
    backing.move(BackingState.SIGNED, now=now, backer_title=by.title)
    Event.log("backed", backing, by=by)
    return backing


@transaction.atomic
def decline(*, backing: Backing, by: User, reason: str, now: datetime | None = None) -> Backing:
    """The backer does not stand behind it, and says why."""
    _refuse_others(backing, by)
    if not reason.strip():
        raise DomainError(_("Write in one sentence why not. Your colleague can do something with that."))
    backing.move(BackingState.DECLINED, now=now, reason=reason.strip()[:300])
    Event.log("declined to back", backing, by=by)
    return backing


@transaction.atomic
def withdraw_backing(*, backing: Backing, by: User, reason: str = "", now: datetime | None = None) -> Backing:
    """Take a request or a signature back: the backer their own, an editor of the area what was asked."""
    if by != backing.backer and not has_in_each(by, [backing.area], least=Power.EDITOR):
        raise DomainError(_("Only the backer, or an editor of this area, can withdraw this."))
    backing.move(BackingState.WITHDRAWN, now=now, reason=reason.strip()[:300])
    Event.log("withdrew backing", backing, by=by)
    return backing


def _refuse_others(backing: Backing, by: User) -> None:
    if by != backing.backer or not may_back(by, backing.area):
        raise DomainError(_("Only the backer who was asked by name can decide about this."))
