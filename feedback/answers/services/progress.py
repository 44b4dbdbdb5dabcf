"""Note what happened since an answer, take a note back, and tell it to the readers."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.i18n import Texts
from core.rows import get_or_gone
from feedback.answers.services import compose
from feedback.models import FollowUp, Progress
from feedback.record.services.public_record import HANDED_OUT, as_it_holds, chain_of
from feedback.states import BETWEEN_TWO, FollowUpState, ProgressKind


@transaction.atomic
def note_progress(
    *, follow_up: FollowUp, kind: str, on: date, text: Texts, by: User, today: date | None = None
) -> Progress:
    """Publish a note. Idempotent for the same note. Raises DomainError with what is wrong."""
    told = get_or_gone(FollowUp.objects.select_for_update(no_key=True), pk=follow_up.pk)
    if told.state not in HANDED_OUT:
        raise DomainError(_("Nobody has this answer yet. Release it first."))
    if told.is_personal or told.audience.get("source", "").startswith(BETWEEN_TWO):
        raise DomainError(_("This answer is for one person alone, and stands on no public page."))
    if on > (today or timezone.localdate()):
        raise DomainError(_("This day is still to come. Write what has happened."))
    if not any(words.strip() for words in text.values()):
        raise DomainError(_("Write what happened: residents read it."))
    noted = Progress.objects.shown().filter(follow_up__in=chain_of(told))
    if earlier := next((one for one in noted.filter(kind=kind, on=on) if one.text == text), None):
        return earlier
    if kind == ProgressKind.DONE and (done := noted.filter(kind=ProgressKind.DONE).first()):
        raise DomainError(
            _("It is noted as done already, on %(day)s. Take that back first.")
            % {"day": date_format(done.on, "j F Y")}
        )
    made = Progress.objects.create(follow_up=told, kind=kind, on=on, text=text, noted_by=by)
    Event.log("noted progress", told, by=by, state=ProgressKind(kind), on=on)
    return made


@transaction.atomic
def take_back_progress(*, progress: Progress, by: User, today: date | None = None) -> None:
    """Hide a note. Idempotent."""
    day = today or timezone.localdate()
    if Progress.objects.shown().filter(pk=progress.pk).update(taken_back_on=day):
        Event.log("took progress back", progress.follow_up, by=by, on=progress.on)


@transaction.atomic
def tell_progress(*, progress: Progress, by: User) -> FollowUp:
    """Start a draft for all readers of the answer with the note as its next step; it is released like any
    answer.

    Returns the same draft if called again, unless the answer was corrected since: a draft on a corrected
    answer can't be released. Raises DomainError if the note was taken back.
    """
    locked = get_or_gone(Progress.objects.select_for_update(of=("self",), no_key=True), pk=progress.pk)
    if locked.taken_back_on:
        raise DomainError(_("This note was taken back. Nobody hears of it."))
    told = as_it_holds(locked.follow_up)
    draft = locked.told_in
    if draft and (draft.state != FollowUpState.DRAFT or draft.corrects_id == told.pk):
        return draft
    made = compose.start_follow_up(chosen=told.audience, by=by, corrects=told)
    made.next_step, made.goes_on = locked.text, True
    made.save(update_fields=["next_step", "goes_on"])
    locked.told_in = made
    locked.save(update_fields=["told_in"])
    return made
