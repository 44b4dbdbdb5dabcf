from surveys.models.answering import DayCount, Response, Statement, StopCount, Tally
from surveys.models.builder import (
    DataProcessingRecord,
    DismissedLint,
    FormFile,
    KeepingDefault,
    Layer,
    LibraryItem,
    Option,
    Question,
    Survey,
)
from surveys.models.invitations import AccessCode, AddressList, Invitation, LetterRun, Mailing
from surveys.models.paper import PaperEntry, PaperForm, PaperRun
from surveys.models.questionnaire import Channel, Publication, Snapshot, SurveyVersion
from surveys.models.results import Export, MayExport

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
