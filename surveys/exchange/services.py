"""Imports surveys from form files (XLSForm), and exports them for other tools."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, User
from core.errors import DomainError
from neighbourhoods.models import Area
from neighbourhoods.states import Influence
from surveys.builder.services.start import plan_of, start_survey
from surveys.exchange.xlsform.book import MAX_ROWS, open_book
from surveys.exchange.xlsform.giving import ExportedForm, InexpressibleFeature, form_from_plan
from surveys.exchange.xlsform.report import Remark, RemarkCode, UnusableForm, UnusableFormReason
from surveys.exchange.xlsform.taking import MAX_QUESTIONS, plan_from_form
from surveys.library.plan import SurveyPlan
from surveys.models import FormFile, Survey
from surveys.states import CountsAs


class FormRefused(DomainError):
    """No draft can be made of the file; `lines` are the remarks on it."""

    def __init__(self, sentence: str, lines: list["ImportReportLine"]) -> None:
        super().__init__(sentence)
        self.lines = lines


@dataclass(frozen=True)
class ImportReportLine:
    """One import remark, in words."""

    place: str
    sentence: str
    found: str = ""


@transaction.atomic
def start_from_form(
    *, content: bytes, name: str, areas: list[Area], languages: list[str], by: User
) -> Survey:
    """Start a draft from a form file, with a report of what was not taken over. Raises FormRefused.

    `languages` are those of the municipality; the first applies to texts that name none.
    """
    try:
        taken = plan_from_form(open_book(content), languages=languages, unnamed=languages[0])
    except UnusableForm as unusable:
        raise FormRefused(
            describe_unusable_form(unusable), import_report_lines(unusable.remarks)
        ) from unusable
    plan = _sound(taken.plan)
    survey = start_survey(
        areas=areas,
        languages=list(taken.languages),
        plan=plan,
        title="" if plan.title else name.rsplit(".", 1)[0][:120],
        by=by,
    )
    report = [
        {"code": one.code.value, "sheet": one.sheet, "row": one.row, "column": one.column, "found": one.found}
        for one in taken.remarks
    ]
    FormFile.objects.create(survey=survey, name=name[:120], report=report, by=by)
    Event.log("started_from_form", survey, by=by, questions=taken.count, left=len(report))
    return survey


def xlsform_of_survey(survey: Survey, plan: SurveyPlan | None = None) -> ExportedForm:
    """The draft (or another plan of this survey) as a form. Load the survey `with_draft()`."""
    return form_from_plan(
        plan or plan_of(survey),
        languages=survey.languages,
        form_id=f"nabij_{survey.pk}",
        version=f"{survey.changed_at:%Y%m%d%H%M}",
    )


def report_of(form: FormFile) -> list[ImportReportLine]:
    """Remarks stored when a draft was imported from this file."""
    return import_report_lines(Remark(**(one | {"code": RemarkCode(one["code"])})) for one in form.report)


def import_report_lines(remarks: Iterable[Remark]) -> list[ImportReportLine]:
    return [ImportReportLine(_place(one), str(SENTENCES[one.code]), one.found) for one in remarks]


def inexpressible_features(given: ExportedForm) -> list[str]:
    """What the form cannot express, each once, with the number of questions concerned."""
    counts: dict[InexpressibleFeature, int] = {}
    for code, _about in given.untold:
        counts[code] = counts.get(code, 0) + 1
    return [str(INEXPRESSIBLE_FEATURE_TEXTS[code]) % {"count": count} for code, count in counts.items()]


def describe_unusable_form(unusable: UnusableForm) -> str:
    return str(UNUSABLE_FORM_TEXTS[unusable.why]) % {
        "detail": unusable.detail,
        "rows": MAX_ROWS,
        "questions": MAX_QUESTIONS,
    }


def _place(remark: Remark) -> str:
    if not remark.sheet:
        return _("the file")
    if not remark.row:
        return _("sheet %(sheet)s") % {"sheet": remark.sheet}
    if not remark.column:
        return _("sheet %(sheet)s, row %(row)s") % {"sheet": remark.sheet, "row": remark.row}
    return _("sheet %(sheet)s, row %(row)s, column %(column)s") % {
        "sheet": remark.sheet,
        "row": remark.row,
        "column": remark.column,
    }


def _sound(plan: SurveyPlan) -> SurveyPlan:
    """Drops marks that only an edit of our own sheet could have added."""
    known = set(CountsAs.values)
    layers = tuple(
        replace(
            layer,
            questions=tuple(
                replace(
                    question,
                    options=tuple(
                        option if option.counts_as in known else replace(option, counts_as="")
                        for option in question.options
                    ),
                )
                for question in layer.questions
            ),
        )
        for layer in plan.layers
    )
    influence = plan.influence if plan.influence in Influence.values else ""
    return replace(plan, layers=layers, influence=influence)


UNUSABLE_FORM_TEXTS: Mapping[UnusableFormReason, str | Promise] = {
    UnusableFormReason.TOO_BIG: gettext_lazy(
        "This file is larger than 5 MB. Take pictures and other sheets out, and send it again."
    ),
    UnusableFormReason.NOT_A_WORKBOOK: gettext_lazy(
        "This is not a spreadsheet. Send the form as .xlsx or .xls."
    ),
    UnusableFormReason.BROKEN: gettext_lazy(
        "This spreadsheet can't be opened: it is damaged. Save it again and send that file."
    ),
    UnusableFormReason.LOCKED: gettext_lazy(
        "This spreadsheet has a password. Save it without one and send that file."
    ),
    UnusableFormReason.BOMB: gettext_lazy(
        "This file unpacks to far more than a form can be. We did not open it."
    ),
    UnusableFormReason.TOO_MANY_ROWS: gettext_lazy(
        "Sheet %(detail)s has more than %(rows)s rows. A form of one survey has fewer."
    ),
    UnusableFormReason.NO_SURVEY: gettext_lazy(
        "There is no sheet called “survey” in this file (we saw: %(detail)s). In XLSForm the questions stand there."
    ),
    UnusableFormReason.NO_HEAD: gettext_lazy(
        "The sheet “survey” has no column called “type”. In XLSForm its first row says type, name and label."
    ),
    UnusableFormReason.TOO_MANY_QUESTIONS: gettext_lazy(
        "This form has more than %(questions)s questions. Nobody answers that many: split it into a few surveys."
    ),
    UnusableFormReason.NOTHING: gettext_lazy("There is no question in this form that can be asked here."),
}
SENTENCES: Mapping[RemarkCode, str | Promise] = {
    RemarkCode.UNKNOWN_TYPE: gettext_lazy("We don't know this type of question. Left out."),
    RemarkCode.META: gettext_lazy(
        "About the phone, the person or the moment: we keep no such thing. Left out."
    ),
    RemarkCode.CALCULATED: gettext_lazy("Nothing is calculated here. Left out."),
    RemarkCode.FILE: gettext_lazy(
        "Pictures, sound, files and drawings can't be sent in an answer here. Left out."
    ),
    RemarkCode.SCAN: gettext_lazy("Nothing is scanned here. Left out."),
    RemarkCode.ACKNOWLEDGE: gettext_lazy("A tick to go on: nothing is required here. Left out."),
    RemarkCode.ELSEWHERE: gettext_lazy(
        "Its answers stand in another file. Left out: write them in the sheet choices."
    ),
    RemarkCode.NO_TYPE: gettext_lazy("This row does not say what it is. Left out."),
    RemarkCode.NO_CHOICES: gettext_lazy(
        "There are no answers with this name in the sheet choices. Left out."
    ),
    RemarkCode.TOO_MANY_CHOICES: gettext_lazy(
        "So many answers can't be read on a phone. It became a question for a few words."
    ),
    RemarkCode.NOTE: gettext_lazy("A text without a question has no place here. Left out."),
    RemarkCode.NOTE_AS_HINT: gettext_lazy("This text became the hint of the question below it."),
    RemarkCode.AS_TEXT: gettext_lazy("It became a question for a few words."),
    RemarkCode.AS_ONE_OF_MANY: gettext_lazy(
        "No order is asked here. It became a question with several choices."
    ),
    RemarkCode.OR_OTHER: gettext_lazy(
        "“Other” became an answer to choose. Nobody can write in it: add a question after it for that."
    ),
    RemarkCode.REPEAT: gettext_lazy("Nothing is asked again and again here. These questions are asked once."),
    RemarkCode.INNER_GROUP: gettext_lazy(
        "A group within a group: its questions came along, its title did not."
    ),
    RemarkCode.NOT_CLOSED: gettext_lazy("This group has no end. We took it to the last row."),
    RemarkCode.NOT_OPENED: gettext_lazy("An end without a beginning. Left out."),
    RemarkCode.SAME_NAME: gettext_lazy(
        "There is a question with this name already. Conditions ask about the first."
    ),
    RemarkCode.SAME_CHOICE: gettext_lazy("This answer stands in its list twice. The second is left out."),
    RemarkCode.NO_LABEL: gettext_lazy("This question has no words. Its name stands in for them."),
    RemarkCode.PERSONAL: gettext_lazy(
        "It became a question for a few words. Better take it out: who wants to hear back leaves an address elsewhere."
    ),
    RemarkCode.UNUSED_LIST: gettext_lazy("No question uses these answers. Left out."),
    RemarkCode.EMPTY_GROUP: gettext_lazy("Nothing of this group came along. Left out."),
    RemarkCode.CONDITION: gettext_lazy(
        "This condition can't be expressed here. The question is asked of everybody."
    ),
    RemarkCode.CONDITION_ON: gettext_lazy(
        "This condition asks about something that is not there or comes later. The question is asked of everybody."
    ),
    RemarkCode.FIRST_CONDITION: gettext_lazy("Layer 1 is for everybody. Its condition is left out."),
    RemarkCode.REQUIRED: gettext_lazy("Nothing is required here. Everybody may skip it."),
    RemarkCode.CONSTRAINT: gettext_lazy("Answers are not checked in this way here. Left out."),
    RemarkCode.DEFAULT: gettext_lazy("No answer is filled in beforehand here. Left out."),
    RemarkCode.READ_ONLY: gettext_lazy("Every question here can be answered. Left out."),
    RemarkCode.FILTER: gettext_lazy("Answers are not filtered here. All of them are shown."),
    RemarkCode.APPEARANCE: gettext_lazy("Every type of question looks one way here. Left out."),
    RemarkCode.MEDIA: gettext_lazy("No pictures or sound with questions and answers here. Left out."),
    RemarkCode.PIPED: gettext_lazy("An earlier answer in this text became “…”. Write it anew."),
    RemarkCode.MARKUP: gettext_lazy("The marks in this text were taken out."),
    RemarkCode.LONG: gettext_lazy("Too long for a phone. It came along: shorten it."),
    RemarkCode.COLUMN: gettext_lazy("This column has no meaning here. Left out."),
    RemarkCode.SETTING: gettext_lazy("This setting has no meaning here. Left out."),
    RemarkCode.LANGUAGE: gettext_lazy("Residents can't choose this language. Its texts are left out."),
    RemarkCode.LANGUAGE_TAKEN: gettext_lazy(
        "Residents can't choose this language. As there is no other, its texts stand in for ours: translate them."
    ),
    RemarkCode.FORMULA: gettext_lazy(
        "A formula that was never worked out. Open and save the file in a spreadsheet program."
    ),
    RemarkCode.SHEET: gettext_lazy("This sheet is not part of a form. We did not read it."),
    RemarkCode.MACROS: gettext_lazy("There are macros in this file. We did not read them."),
}
INEXPRESSIBLE_FEATURE_TEXTS: Mapping[InexpressibleFeature, str | Promise] = {
    InexpressibleFeature.LAYERS: gettext_lazy(
        "Layers are groups there. Nobody can choose a layer or stop after one."
    ),
    InexpressibleFeature.WHY: gettext_lazy(
        "Why you ask, what you do with it and who does that stand in the sheet “nabij” alone."
    ),
    InexpressibleFeature.LETTING_GO: gettext_lazy(
        "“I don't know” and “I'd rather not say” are no buttons there (%(count)s times)."
    ),
    InexpressibleFeature.AREA: gettext_lazy(
        "Where somebody lives is a hidden field there. Fill it in yourself."
    ),
    InexpressibleFeature.RESPONDENT: gettext_lazy(
        "On whose behalf somebody answers is a hidden field there. Fill it in yourself."
    ),
    InexpressibleFeature.TYPE: gettext_lazy(
        "%(count)s questions are of a type that is a text or a list of choices there."
    ),
    InexpressibleFeature.CONDITION: gettext_lazy(
        "%(count)s conditions can't be expressed there. Those questions are asked of everybody."
    ),
    InexpressibleFeature.JOINING: gettext_lazy("Joining in and leaving an address are no part of the form."),
}
