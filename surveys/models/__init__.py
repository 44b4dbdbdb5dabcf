from surveys.models.draft import Layer, Option, Question, Survey
from surveys.models.exports import Export, MayExport
from surveys.models.invitations import AccessCode, AddressList, Invitation, LetterRun, Mailing
from surveys.models.keeping import Keeping, KeepingDefault
from surveys.models.library import FormFile, LibraryItem, SetAside
from surveys.models.paper import PaperEntry, PaperForm, PaperRun
from surveys.models.published import Channel, Publication, Snapshot, SurveyVersion
from surveys.models.response import DayCount, Response, StopCount, Tally
from surveys.models.statement import Statement

__all__ = [
    "AccessCode",
    "AddressList",
    "Channel",
    "DayCount",
    "Export",
    "FormFile",
    "Invitation",
    "Keeping",
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
    "SetAside",
    "Snapshot",
    "Statement",
    "StopCount",
    "Survey",
    "SurveyVersion",
    "Tally",
]
