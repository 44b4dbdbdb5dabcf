"""What surveys knows of a trajectory and of its sources; `surveys.apps` registers it."""

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.i18n import pick
from feedback.models import AnswerOwed
from feedback.registries import Pages
from neighbourhoods.models import Trajectory
from neighbourhoods.registries import Gate, SupportCounts
from neighbourhoods.states import Step
from surveys.models import Publication, Survey, Tally
from surveys.publication.services import published_options
from surveys.questionnaire.document import parse
from surveys.states import SEEN_BY_RESIDENTS, SurveyState


def steps_of_surveys(trajectory: Trajectory) -> list[Gate]:
    """Gates: a survey was opened, and nobody who answered one still waits for an answer."""
    surveys = list(Survey.objects.filter(trajectory=trajectory))
    opened = [survey for survey in surveys if survey.opened_at]
    if not opened:
        return [Gate(Step.POLL, False, _("No survey of this trajectory was opened yet."), reverse("surveys"))]
    first = reverse("survey_results", args=[opened[0].pk])
    found = [Gate(Step.POLL, True, _("A survey was opened."), first)]
    waiting = (
        AnswerOwed.objects.waiting()
        .filter(topic__source__in=[survey.subject for survey in surveys])
        .aggregate(people=Count("receipt", distinct=True))["people"]
    )
    if waiting:
        said = ngettext(
            "%(count)s person still waits for an answer.",
            "%(count)s people still wait for an answer.",
            waiting,
        ) % {"count": waiting}
        found.append(Gate(Step.FEEDBACK, False, said, reverse("waiting")))
    else:
        found.append(Gate(Step.FEEDBACK, True, _("Everybody who answered heard from us.")))
    return found


def surveys_of(trajectory: Trajectory) -> list[tuple[str, str]]:
    return [(survey.subject, str(survey)) for survey in Survey.objects.filter(trajectory=trajectory)]


def pages(source: str) -> Pages | None:
    """The open channel for everybody, and the outcome page once it was published."""
    name, _colon, pk = source.partition(":")
    if name != "survey" or not pk.isdecimal():
        return None
    survey = Survey.objects.filter(pk=pk).first()
    way = survey.channels.open_to_all().first() if survey else None
    if survey is None or way is None:
        return Pages()
    return Pages(
        asks=reverse("start", args=[way.code]) if survey.state == SurveyState.OPEN else "",
        tells=reverse("outcome", args=[way.code])
        if Publication.objects.filter(survey=survey).exists()
        else "",
    )


def support_in(source: str) -> tuple[int, SupportCounts | None] | None:
    """Counts of yes, partly and no: the first three options of the first question
    (library/examples/reaction.toml).

    The counts are shown on a public page, so they come from the published tables, like all numbers for
    residents: never about a few people, never updated after each answer.
    """
    survey = _survey_of(source)
    if survey is None or survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return None
    question = next(iter(parse(survey.current.document).layers[0].asked), None)
    if question is None or len(question.offered) < 3:
        return None
    asked = [option.id for option in question.offered[:3]]
    counted = Tally.objects.trusted().filter(survey=survey, question=question.id, option__in=asked)
    n = counted.aggregate(n=Sum("n"))["n"] or 0
    told = published_options(survey.pk)
    yes, partly, no = (int(told.get(option, 0)) for option in asked)
    return n, (yes, partly, no) if all(option in told for option in asked) else None


def trajectory_of(source: str) -> Trajectory | None:
    survey = _survey_of(source)
    return survey.trajectory if survey else None


def still_answered(source: str) -> str:
    """While residents can answer, it is unknown who will wait for an answer."""
    survey = _survey_of(source)
    if survey is None or survey.state == SurveyState.CLOSED:
        return ""
    title = pick(survey.title, get_language() or "")
    return _("Residents can still answer “%(survey)s”. Close the survey first.") % {"survey": title}


def _survey_of(source: str) -> Survey | None:
    name, _colon, pk = source.partition(":")
    if name != "survey" or not pk.isdecimal():
        return None
    return Survey.objects.filter(pk=pk).select_related("trajectory", "current").first()
