"""Dismissing remarks on a draft, with a reason that colleagues read."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.rows import get_or_gone
from surveys.builder.services.readiness import review
from surveys.models import DismissedLint, Survey


@transaction.atomic
def set_aside(*, survey: Survey, mark: str, reason: str, by: User) -> DismissedLint:
    """Dismiss a warning for the words as they are now. Raises DomainError for a blocker, or if the remark is gone."""
    survey = get_or_gone(Survey.objects.with_draft(), pk=survey.pk)
    remark = next((remark for remark, _aside in review(survey) if remark.mark == mark and remark.code), None)
    if remark is None or remark.is_stop:
        raise DomainError(_("This remark is not there any more: the text was changed."))
    aside, _created = DismissedLint.objects.update_or_create(
        survey=survey,
        remark=mark,
        defaults={"about": remark.fingerprint, "reason": reason.strip()[:300], "by": by},
    )
    Event.log("set_aside", survey, by=by, note=aside.reason, what=remark.sentence[:200])
    return aside


@transaction.atomic
def restore_remark(*, survey: Survey, mark: str, by: User) -> None:
    if DismissedLint.objects.filter(survey=survey, remark=mark).delete()[0]:
        Event.log("took_up", survey, by=by)
