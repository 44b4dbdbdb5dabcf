"""A survey with counters and no answers: for what reads counters alone."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from neighbourhoods.models import Area, Theme
from surveys.models import Question, Survey, Tally
from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY
from surveys.states import CountsAs, Respondent
from tests.surveys.polls import make_question, make_survey


def make_counted(
    *,
    area: Area,
    owner: User,
    asked: int = 0,
    joins: int = 0,
    knows: int | None = None,
    ages: Mapping[str, int] | None = None,
    named: Mapping[Theme, int] | None = None,
    **how: Any,
) -> Survey:
    """So many were asked whether they want to join in, and so on; in one area, residents unless `how` says."""
    survey = make_survey(areas=[area], owner=owner, questions=0)
    layer = survey.layers.get(is_first=True)
    for options, total in (
        ({CountsAs.JOINS: joins}, asked),
        ({CountsAs.KNOWS: knows or 0}, asked if knows is not None else 0),
        (ages or {}, sum((ages or {}).values())),
    ):
        if total:
            count(make_question(layer, options=len(options) + 1), options, total, area=area, **how)
    if named:
        question = make_question(layer, options=len(named) + 1, asks_needs=True)
        for option, theme in zip(question.options.all(), named, strict=False):
            option.theme = theme
            option.save()
        _tally(question, SHOWN_KEY, asked, area, **how)
        _tally(question, ANSWERED, asked, area, **how)
        for option, n in zip(question.options.all(), named.values(), strict=False):
            _tally(question, str(option.pk), n, area, **how)
    return survey


def count(question: Question, options: Mapping[str, int], total: int, *, area: Area, **how: Any) -> None:
    """Mark the first options and count them; whoever is left chose the last."""
    _tally(question, SHOWN_KEY, total, area, **how)
    _tally(question, ANSWERED, total, area, **how)
    for option, (mark, n) in zip(question.options.all(), options.items(), strict=False):
        option.counts_as = mark
        option.save()
        _tally(question, str(option.pk), n, area, **how)


def _tally(question: Question, option: str, n: int, area: Area, **how: Any) -> None:
    survey = question.layer.survey
    fields = {"respondent": Respondent.RESIDENT, "suspect": False, "epoch": 1} | how
    channel = survey.channels.get()
    Tally.objects.create(
        survey=survey, question=str(question.pk), option=option, area=area, channel=channel, n=n, **fields
    )
