from surveys.models.draft import Layer, Option, Question, Survey
from surveys.models.published import Channel, Snapshot, SurveyVersion
from surveys.models.response import DayCount, Response, Tally

__all__ = [
    "Channel",
    "DayCount",
    "Layer",
    "Option",
    "Question",
    "Response",
    "Snapshot",
    "Survey",
    "SurveyVersion",
    "Tally",
]
