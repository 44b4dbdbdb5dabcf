from surveys.models.draft import Layer, Option, Question, Survey
from surveys.models.published import Channel, Snapshot, SurveyVersion
from surveys.models.response import DayCount, Response, StopCount, Tally

__all__ = [
    "Channel",
    "DayCount",
    "Layer",
    "Option",
    "Question",
    "Response",
    "Snapshot",
    "StopCount",
    "Survey",
    "SurveyVersion",
    "Tally",
]
