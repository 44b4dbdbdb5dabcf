from surveys.models.draft import Layer, Option, Question, Survey
from surveys.models.exports import Export, MayExport
from surveys.models.invitations import AccessCode, AddressList, Invitation, LetterRun, Mailing
from surveys.models.keeping import DataProcessingRecord, KeepingDefault
from surveys.models.library import DismissedLint, FormFile, LibraryItem
from surveys.models.paper import PaperEntry, PaperForm, PaperRun
from surveys.models.published import Channel, Publication, Snapshot, SurveyVersion
from surveys.models.response import DayCount, Response, StopCount, Tally
from surveys.models.statement import Statement

__all__ = [
    "AccessCode",
    "AddressList",
    "Channel",
    "DataProcessingRecord",
    "DayCount",
    "DismissedLint",
    "Export",
    "FormFile",
    "Invitation",
    "KeepingDefault",
    "Layer",
    "LetterRun",
    "LibraryItem",
    "Mailing",
    "MayExport",
    "Option",
    "PaperEntry",
    "PaperForm",
    "PaperRun",
    "Publication",
    "Question",
    "Response",
    "Snapshot",
    "Statement",
    "StopCount",
    "Survey",
    "SurveyVersion",
    "Tally",
]
