"""Puts into words which conditions, branches and piped answers cannot work."""

from collections.abc import Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.i18n import pick
from surveys.builder.services.freeze import parsed
from surveys.builder.services.readiness.remark import PublishBlocker, RemarkPlace
from surveys.models import Survey
from surveys.questionnaire.conditions import ConditionError
from surveys.questionnaire.document import Document, DocumentError
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.soundness import ProblemCode, SoundnessProblem, problems

PROBLEMS: Mapping[ProblemCode, str | Promise] = {
    ProblemCode.DUPLICATE_ID: gettext_lazy("The same question stands in two places. Take one away."),
    ProblemCode.UNKNOWN_QUESTION: gettext_lazy("Its condition asks about a question that is not there."),
    ProblemCode.UNKNOWN_OPTION: gettext_lazy(
        "Its condition asks about an answer that “%(other)s” does not have."
    ),
    ProblemCode.UNKNOWN_RESPONDENT: gettext_lazy(
        "Its condition asks about a kind of people that does not exist."
    ),
    ProblemCode.WRONG_TEST: gettext_lazy("Its condition does not fit the type of “%(other)s”."),
    ProblemCode.RETIRED: gettext_lazy("Its condition asks about “%(other)s”, which was taken out."),
    ProblemCode.FORWARD: gettext_lazy(
        "Its condition asks about “%(other)s”, which comes later. Move one of the two."
    ),
    ProblemCode.CIRCULAR: gettext_lazy("Its condition goes round in a circle, by way of “%(other)s”."),
    ProblemCode.UNREACHABLE_LAYER: gettext_lazy("Nobody can ever get here: the condition can't come true."),
    ProblemCode.UNREACHABLE_QUESTION: gettext_lazy(
        "Nobody is ever asked this: the condition can't come true."
    ),
    ProblemCode.LEADS_NOWHERE: gettext_lazy(
        "The answer “%(option)s” leads to a question that does not come after it in this layer. Choose another way."
    ),
    ProblemCode.PASSED_BY_ALL: gettext_lazy(
        "Nobody who answers “%(other)s” gets here: every answer leads past it. Let one lead to it."
    ),
    ProblemCode.PIPED_BROKEN: gettext_lazy(
        "The place of an earlier answer was damaged. Take it out, and put it in again from the list."
    ),
    ProblemCode.PIPED_EMPTY: gettext_lazy(
        "Say in every language what people read who gave no answer to “%(other)s”."
    ),
    ProblemCode.PIPED_UNKNOWN: gettext_lazy("It repeats an answer to a question that is gone. Take it out."),
    ProblemCode.PIPED_WORDS: gettext_lazy(
        "It repeats what people write at “%(other)s”. Only what was chosen, and numbers, can come back."
    ),
    ProblemCode.PIPED_LATER: gettext_lazy(
        "It repeats the answer to “%(other)s”, which comes later. Move one of the two."
    ),
    ProblemCode.PIPED_NOT_ALWAYS: gettext_lazy(
        "It repeats the answer to “%(other)s”, but some get here without being asked that. "
        "Ask it of everybody who gets here, or leave the answer out."
    ),
}


def of_conditions(survey: Survey, draft: Document | None = None) -> Iterator[PublishBlocker]:
    try:
        document = draft or parsed(survey)
    except (DocumentError, ConditionError) as error:
        yield RemarkPlace(_("The survey"), "survey_edit", (survey.pk,)).lack(str(error))
        return
    if document is None:
        return
    for problem in problems(document):
        if problem.code is ProblemCode.EMPTY_LAYER:
            continue  # reported above, for every layer
        yield _of_problem(survey, problem)


def _of_problem(survey: Survey, problem: SoundnessProblem) -> PublishBlocker:
    language = get_language() or ""
    if problem.question:
        name = _("Question “%s”") % pick(_draft_text(survey, problem.question), language)
        place = RemarkPlace(name, "survey_question", (survey.pk, int(problem.question)))
    else:
        layer = next(layer for layer in survey.layers.all() if str(layer.pk) == problem.layer)
        name = _("Layer “%s”") % pick(layer.title, language)
        place = RemarkPlace(name, "survey_layer", (survey.pk, layer.pk))
    sentence = PROBLEMS.get(problem.code, PROBLEMS[ProblemCode.WRONG_TEST])
    other = pick(_draft_text(survey, problem.params.get("refers_to", "")), language)
    option = pick(_option_text(survey, problem.params.get("option", "")), language)
    return PublishBlocker(str(sentence) % {"other": other, "option": option}, place, _anchor(problem.code))


def _anchor(code: ProblemCode) -> str:
    if code is ProblemCode.LEADS_NOWHERE:
        return "options"
    return "id_text" if code.startswith("piped") else "condition"


def _draft_text(survey: Survey, question: str) -> Mapping[str, str]:
    for layer in survey.layers.all():
        for each in layer.questions.all():
            if str(each.pk) == question:
                return without_tokens(each.text)
    return {}


def _option_text(survey: Survey, option: str) -> Mapping[str, str]:
    for layer in survey.layers.all():
        for question in layer.questions.all():
            for each in question.options.all():
                if str(each.pk) == option:
                    return each.label
    return {}
