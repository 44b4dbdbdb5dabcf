"""What the survey as a whole lacks: texts, days, owner, expectation card, and retention."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, User
from core.errors import DomainError
from core.languages import offered_languages
from core.rows import get_or_gone
from initiatives.models import ExpectationCard
from neighbourhoods.advice.services import advices
from neighbourhoods.models import Area, ParticipationRules
from neighbourhoods.states import Power
from neighbourhoods.wording import plan_warning
from surveys.builder.services import proposals
from surveys.builder.services.question_readiness import (
    PublishBlocker,
    RemarkPlace,
    condition_remarks,
    layers_remarks,
    missing_text_remarks,
    own_name,
    plain_of,
    proposals_of,
    translated_language_name,
)
from surveys.models import DismissedLint, Survey
from surveys.questionnaire.document import Document

SURVEY_TEXT_LABELS: dict[str, str | Promise] = {
    "title": gettext_lazy("The title"),
    "lead": gettext_lazy("The first sentence"),
    "who_asks": gettext_lazy("“Who asks?”"),
    "why": gettext_lazy("“Why?”"),
    "promise": gettext_lazy("What you promise"),
    "influence_text": gettext_lazy("Influence in plain words"),
    "owner_role": gettext_lazy("The owner, as residents read it"),
}
CARD_ROWS: dict[str, str | Promise] = {
    "money": gettext_lazy("Money"),
    "time": gettext_lazy("Time"),
    "influence": gettext_lazy("Influence"),
    "contact": gettext_lazy("Contact"),
    "too_few": gettext_lazy("Too few people?"),
}
PLAIN_SURVEY_TEXTS = ("title", "lead", "who_asks", "why", "promise", "influence_text")
ASKING_DAYS = 42
"""Days that a survey is usually open; the term to answer comes after."""


MOST_YEARS = 10
"""Longer must be a typing error: no poll needs its answers that long."""


def remarks_on_survey(survey: Survey, today: date, *, with_advice: bool) -> Iterator[PublishBlocker]:
    place = RemarkPlace(_("The survey"), "survey_settings", (survey.pk,))
    if not survey.languages:
        yield place.lack(_("Choose at least one language."), "languages")
    yield from missing_text_remarks(place, survey, SURVEY_TEXT_LABELS, offered_languages(survey.languages))
    names = SURVEY_TEXT_LABELS | {"influence": _("How much influence")}
    yield from proposals_of(place, survey, names, survey.proposed)
    if survey.promise_before is None:
        yield place.lack(_("Promise a day before which people hear from you."), "promise_before")
    elif survey.promise_before <= today and not survey.opened_at:
        yield place.lack(_("The day you promise is past. Choose a later one."), "promise_before")
    else:
        yield from _promise_remarks(place, survey.promise_before, today)
    yield from plain_of(place, survey, PLAIN_SURVEY_TEXTS)
    if not survey.influence:
        yield place.lack(_("Say how much influence people have."), "influence")
    areas = list(survey.areas.all())
    if not areas:
        yield place.lack(_("Choose the neighbourhoods in which you ask."), "areas")
    if with_advice:
        yield from _advice_remarks(place, survey, areas)
    yield from _owner_remarks(place, survey, areas)
    if survey.trajectory and not survey.trajectory.plan.is_published:
        plan = RemarkPlace(_("The participation plan"), "plan_edit", (survey.trajectory.pk,))
        yield plan.lack(
            _("The plan of this trajectory is not published yet: the promise comes before the survey.")
        )
    if survey.erase_on is None:
        yield place.lack(_("Choose the day on which the answers are erased."), "erase_on")
    elif survey.promise_before and survey.erase_on <= survey.promise_before:
        yield place.lack(
            _("The answers would be erased before you answered. Choose a later day."), "erase_on"
        )
    elif survey.erase_on.year > today.year + MOST_YEARS:
        yield place.lack(
            _("The answers would be kept for more than ten years. Choose an earlier day."), "erase_on"
        )


def _promise_remarks(place: RemarkPlace, day: date, today: date) -> Iterator[PublishBlocker]:
    """Warns if the promise is later than the municipality's own term to answer, counted after six weeks of asking."""
    days = ParticipationRules.current().days("answer")
    if (day - today).days > days + ASKING_DAYS:
        yield place.warn(
            "promise_late",
            _(
                "This promise is far away: your municipality answers within %(weeks)s weeks after asking. People who "
                "wait longer forget that they answered, or think that nothing happens."
            )
            % {"weeks": round(days / 7)},
            "promise_before",
            about=day.isoformat(),
        )


def _advice_remarks(place: RemarkPlace, survey: Survey, areas: list[Area]) -> Iterator[PublishBlocker]:
    """Warns if the level of influence is two steps off from the advice, unless somebody gave a reason."""
    if not survey.influence or survey.influence_why.strip():
        return
    warned = {
        area: found
        for area, advice in advices([area.pk for area in areas]).items()
        if (found := plan_warning(survey.influence, advice))
    }
    for area in areas:
        if found := warned.get(area.pk):
            sentence = f"{area}: {found.title} {found.text} " + _("Or say why you do it anyway.")
            yield place.warn(f"advice.{area.pk}", sentence, "influence", about=survey.influence)


def _owner_remarks(place: RemarkPlace, survey: Survey, areas: list[Area]) -> Iterator[PublishBlocker]:
    if not survey.owner.is_active:
        yield place.lack(_("The owner no longer works here. Choose another."), "owner")
        return
    theirs = set(Area.objects.where(survey.owner, least=Power.EDITOR).values_list("pk", flat=True))
    if any(area.pk not in theirs for area in areas):
        yield place.lack(_("The owner is not an editor in all these neighbourhoods."), "owner")


def card_remarks(survey: Survey) -> Iterator[PublishBlocker]:
    place = RemarkPlace(_("The expectation card"), "survey_card", (survey.pk,))
    if survey.without_contact:
        return  # nobody joins in
    if survey.card is None:
        yield place.lack(_("Nobody can join in without an expectation card. Fill it in."))
        return
    rows = {row: CARD_ROWS[row] for row in ExpectationCard.ROWS}
    stale = [mark.removeprefix("card.") for mark in survey.stale]
    yield from missing_text_remarks(place, survey.card, rows, offered_languages(survey.languages), stale)
    yield from proposals_of(place, survey.card, rows, proposals.proposals_of_card(survey))


def processing_record_remarks(survey: Survey) -> Iterator[PublishBlocker]:
    place = RemarkPlace(_("Keeping and erasing"), "survey_keeping", (survey.pk,))
    keeping = getattr(survey, "keeping", None)
    if keeping is None:
        yield place.lack(
            _("Say how long each thing is kept, on what legal basis, and who else sees it."), "basis"
        )
        return
    if not keeping.basis_in.strip():
        yield place.lack(_("Say which law or decision the legal basis is in."), "basis_in")
    if not keeping.impact_note.strip():
        yield place.lack(
            _("Write the note for the impact assessment: what could go wrong for people."), "impact_note"
        )
    if not keeping.processors.strip():
        yield place.lack(_("Name who processes the answers for you, or say that nobody does."), "processors")
    for name in ("first_layer_on", "words_on"):
        day = getattr(keeping, name)
        if day and survey.promise_before and day <= survey.promise_before:
            yield place.lack(_("This would be erased before you answered. Choose a later day."), name)
        if day and survey.erase_on and day > survey.erase_on:
            yield place.lack(_("All answers are erased before this day. Choose an earlier one."), name)


# What a survey still lacks before it can be published, each with the place to fix it.


__all__ = [
    "CARD_ROWS",
    "PublishBlocker",
    "RemarkPlace",
    "open_remarks",
    "own_name",
    "publish_blockers",
    "remarks_with_dismissals",
    "translated_language_name",
]


def publish_blockers(survey: Survey, *, on: date | None = None) -> list[PublishBlocker]:
    """All blockers of publication, in the order of the pages. Load the survey `with_draft()`."""
    return [lack for lack in open_remarks(survey, on=on) if lack.is_stop]


def open_remarks(
    survey: Survey, *, on: date | None = None, with_advice: bool = True, draft: Document | None = None
) -> list[PublishBlocker]:
    """Blockers and warnings, without dismissed warnings.

    `with_advice` False leaves out the advice on the neighbourhoods: it doubles the tables read, and is shown
    where the level of influence is chosen and where the survey is opened. Pass `draft` if it was parsed
    already.
    """
    found = remarks_with_dismissals(survey, on=on, with_advice=with_advice, draft=draft)
    return [remark for remark, aside in found if aside is None]


def remarks_with_dismissals(
    survey: Survey, *, on: date | None = None, with_advice: bool = True, draft: Document | None = None
) -> list[tuple[PublishBlocker, DismissedLint | None]]:
    """Every remark, with its dismissal if one holds for exactly these words."""
    asides = {(aside.remark, aside.about): aside for aside in survey.set_asides.all()}
    return [
        (
            remark,
            asides.get((remark.key, remark.fingerprint)) if remark.code and not remark.is_stop else None,
        )
        for remark in _all_remarks(survey, on, with_advice=with_advice, draft=draft)
    ]


def _all_remarks(
    survey: Survey, on: date | None, *, with_advice: bool, draft: Document | None
) -> list[PublishBlocker]:
    layers = [layer for layer in survey.layers.all() if not layer.retired]
    return [
        *remarks_on_survey(survey, on or timezone.localdate(), with_advice=with_advice),
        *card_remarks(survey),
        *processing_record_remarks(survey),
        *layers_remarks(survey, layers),
        *condition_remarks(survey, draft),
    ]


# Dismissing remarks on a draft, with a reason that colleagues read.


@transaction.atomic
def dismiss_remark(*, survey: Survey, key: str, reason: str, by: User) -> DismissedLint:
    """Dismiss a warning for the words as they are now. Raises DomainError for a blocker, or if the remark is gone."""
    survey = get_or_gone(Survey.objects.with_draft(), pk=survey.pk)
    remark = next(
        (remark for remark, _aside in remarks_with_dismissals(survey) if remark.key == key and remark.code),
        None,
    )
    if remark is None or remark.is_stop:
        raise DomainError(_("This remark is not there any more: the text was changed."))
    aside, _created = DismissedLint.objects.update_or_create(
        survey=survey,
        remark=key,
        defaults={"about": remark.fingerprint, "reason": reason.strip()[:300], "by": by},
    )
    Event.log("set_aside", survey, by=by, note=aside.reason, what=remark.sentence[:200])
    return aside


@transaction.atomic
def restore_remark(*, survey: Survey, key: str, by: User) -> None:
    if DismissedLint.objects.filter(survey=survey, remark=key).delete()[0]:
        Event.log("took_up", survey, by=by)
