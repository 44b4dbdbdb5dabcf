"""Registers which surveys somebody may answer, for feedback, which cannot import surveys."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from core.languages import offered
from feedback.registries import Audience, audiences
from neighbourhoods.models import Area
from neighbourhoods.states import Power
from surveys.models import Survey
from surveys.states import SurveyState


@audiences.register("surveys", order=10)
def surveys_to_answer(user: User) -> list[Audience]:
    """Surveys that people answered, in areas where this user may write, newest first."""
    mine = Area.objects.where(user, least=Power.EDITOR)
    found = (
        Survey.objects.filter(areas__in=mine)
        .exclude(state__in=[SurveyState.DRAFT, SurveyState.PUBLISHED])
        .distinct()
        .order_by("-pk")
        .select_related("area")
        .prefetch_related("areas")
    )
    return [
        Audience(
            survey.subject,
            survey.title,
            offered(survey.languages),
            [area.pk for area in survey.areas.all()],
            f"{survey.get_state_display()}, {survey.where}, {_day(survey.since)}",
        )
        for survey in found
    ]


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment), "j F Y")
