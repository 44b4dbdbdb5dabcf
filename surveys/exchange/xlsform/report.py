"""Remarks on what was not imported, by sheet, row and column. Nothing is dropped without a remark."""

from dataclasses import dataclass
from enum import StrEnum


class RemarkCode(StrEnum):
    """Why something was not imported, or was changed."""

    # about a row
    UNKNOWN_TYPE = "unknown_type"
    META = "meta"  # the tool's own records of time, phone and person
    CALCULATED = "calculated"
    FILE = "file"  # pictures, sound, files, drawings on a map
    SCAN = "scan"
    ACKNOWLEDGE = "acknowledge"
    ELSEWHERE = "elsewhere"  # choices in a file outside the form
    NO_TYPE = "no_type"
    NO_CHOICES = "no_choices"
    TOO_MANY_CHOICES = "too_many_choices"
    NOTE = "note"
    NOTE_AS_HINT = "note_as_hint"
    AS_TEXT = "as_text"
    AS_ONE_OF_MANY = "as_several"  # a ranking
    OR_OTHER = "or_other"
    REPEAT = "repeat"
    INNER_GROUP = "inner_group"
    NOT_CLOSED = "not_closed"
    NOT_OPENED = "not_opened"
    SAME_NAME = "same_name"
    SAME_CHOICE = "same_choice"
    NO_LABEL = "no_label"
    PERSONAL = "personal"
    UNUSED_LIST = "unused_list"
    EMPTY_GROUP = "empty_group"
    # about a cell
    CONDITION = "condition"
    CONDITION_ON = "condition_on"  # on a question that does not exist, or comes later
    FIRST_CONDITION = "first_condition"
    REQUIRED = "required"
    CONSTRAINT = "constraint"
    DEFAULT = "default"
    READ_ONLY = "read_only"
    FILTER = "filter"
    APPEARANCE = "appearance"
    MEDIA = "media"
    PIPED = "piped"
    MARKUP = "markup"
    LONG = "long"
    COLUMN = "column"
    SETTING = "setting"
    LANGUAGE = "language"
    LANGUAGE_TAKEN = "language_taken"
    FORMULA = "formula"
    # about a sheet or the file
    SHEET = "sheet"
    MACROS = "macros"


@dataclass(frozen=True)
class Remark:
    """`row` as in the spreadsheet, 0 for the whole sheet; `column` is its heading; `found` the content."""

    code: RemarkCode
    sheet: str
    row: int = 0
    column: str = ""
    found: str = ""


class UnusableForm(Exception):
    """No draft can be made of the file. `detail` is what it is about, `remarks` those made before."""

    def __init__(self, why: "UnusableFormReason", detail: str = "", remarks: tuple[Remark, ...] = ()) -> None:
        super().__init__(why.value)
        self.why, self.detail, self.remarks = why, detail, remarks


class UnusableFormReason(StrEnum):
    TOO_BIG = "too_big"
    NOT_A_WORKBOOK = "not_a_workbook"
    BROKEN = "broken"
    LOCKED = "locked"
    BOMB = "bomb"
    TOO_MANY_ROWS = "too_many_rows"
    NO_SURVEY = "no_survey"
    NO_HEAD = "no_head"
    TOO_MANY_QUESTIONS = "too_many_questions"
    NOTHING = "nothing"
