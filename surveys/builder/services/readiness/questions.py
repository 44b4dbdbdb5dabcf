"""What layers, questions and answers still lack, and remarks on their wording."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.i18n import pick
from core.languages import offered
from neighbourhoods.advice.plain_language import LintFinding as Lint
from surveys.builder.answer_lints import answer_lints, pair_lints
from surveys.builder.lints import lints, use_lints
from surveys.builder.services.readiness.remark import PublishBlocker, RemarkPlace
from surveys.builder.services.readiness.words import (
    missing_text_remarks,
    of_lint,
    plain_of,
    proposals_of,
    translated_language_name,
    translations_of,
)
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire.document import QUESTION_KINDS, Shape
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.question_types import TYPES
from surveys.questionnaire.walk import PHONE_FACTOR
from surveys.states import Skip

MOST_IN_FIRST_LAYER = 4
"""Begin and four one-tap questions: five taps, under a minute."""
LONGEST_FIRST_LAYER = 60
"""Seconds. People stop after a minute on a phone."""
QUESTION_TEXT_LABELS: dict[str, str | Promise] = {
    "text": gettext_lazy("The question"),
    "purpose": gettext_lazy("“Why”"),
    "use": gettext_lazy("“What we do with it”"),
    "owner_role": gettext_lazy("“Who does that”"),
}


def of_layers(survey: Survey, layers: list[Layer]) -> Iterator[PublishBlocker]:
    first = next((layer for layer in layers if layer.is_first), None)
    if first is None:
        place = RemarkPlace(_("Layer 1"), "survey_edit", (survey.pk,))
        yield place.lack(_("There is no first layer. Add one, with at least one question."))
    for layer in layers:
        yield from _of_layer(survey, layer)


def _of_layer(survey: Survey, layer: Layer) -> Iterator[PublishBlocker]:
    questions = [question for question in layer.questions.all() if not question.retired]
    name = _("Layer 1") if layer.is_first else _("Layer “%s”") % pick(layer.title, get_language() or "")
    place = RemarkPlace(name, "survey_layer", (survey.pk, layer.pk))
    if not layer.is_first:
        yield from missing_text_remarks(place, layer, {"title": _("The title")}, offered(survey.languages))
    if not questions:
        yield place.lack(_("This layer has no question."))
    if layer.is_first and len(questions) > MOST_IN_FIRST_LAYER:
        yield place.lack(
            _("Layer 1 has %(count)s questions. Four is the most: move the others to a deeper layer.")
            % {"count": len(questions)}
        )
    if layer.is_first and (took := _seconds(questions)) > LONGEST_FIRST_LAYER:
        yield place.warn(
            "too_long",
            _("Layer 1 takes %(seconds)s seconds: people stop after a minute. Make it shorter.")
            % {"seconds": took},
            about=str(took),
        )
    for number, question in enumerate(questions, start=1):
        name = _("%(layer)s, question %(number)s") % {"layer": place.name, "number": number}
        yield from _of_question(survey, layer, question, name)


def _seconds(questions: Iterable[Question]) -> int:
    return round(
        PHONE_FACTOR
        * sum(QUESTION_KINDS[each.type].seconds for each in questions if each.type in QUESTION_KINDS)
    )


def _of_question(survey: Survey, layer: Layer, question: Question, name: str) -> Iterator[PublishBlocker]:
    place = RemarkPlace(name, "survey_question", (survey.pk, question.pk))
    kind = TYPES.get(question.type)
    if kind is None:
        yield place.lack(_("This type of question is not known. Choose another."), "type")
        return
    yield from missing_text_remarks(place, question, QUESTION_TEXT_LABELS, offered(survey.languages))
    yield from translations_of(place, question, {"hint": _("The hint")}, offered(survey.languages))
    yield from proposals_of(
        place, question, QUESTION_TEXT_LABELS | {"hint": _("The hint")}, question.proposed
    )
    if layer.is_first and not kind.is_one_tap(question.settings):
        yield place.lack(_("Layer 1 takes one tap a question. Move this one to a deeper layer."), "type")
    for missing in kind.missing(question.settings, offered(survey.languages)):
        yield place.lack(missing.sentence, f"set_{missing.setting}", missing.language)
    yield from _lints(place, question)
    if kind.has_options:
        options = [option for option in question.options.all() if not option.retired]
        yield from _of_options(place, survey, question, options, kind.least_options)
        yield from _answer_lints(place, question, options)


def _lints(place: RemarkPlace, question: Question) -> Iterator[PublishBlocker]:
    """Remarks on wording, per language. Only warnings: the author knows the neighbourhood better than a word list."""
    kind = TYPES[question.type]
    skip = kind.skip or question.skip
    way_out = skip == Skip.DONT_KNOW or any(
        option.dont_know for option in question.options.all() if not option.retired
    )
    for language, text in without_tokens(question.text).items():
        for lint in lints(
            text,
            language,
            can_say_dont_know=way_out or kind.is_text,
            may_keep_to_oneself=skip == Skip.RATHER_NOT,
        ):
            yield of_lint(place, lint, "text", language, text)
    for language, text in question.use.items():
        for lint in use_lints(text, language):
            yield of_lint(place, lint, "use", language, text)
    yield from plain_of(place, question, ("hint", "purpose", "use"))


def _of_options(
    place: RemarkPlace, survey: Survey, question: Question, options: list[Option], least: int
) -> Iterator[PublishBlocker]:
    if sum(not option.dont_know for option in options) < least:
        too_few = place.lack(_("There is too little to choose: write at least two answers."))
        yield replace(too_few, anchor="options")
    for number, option in enumerate(options, start=1):
        said = {"label": _("Answer %s") % number}
        for lack in missing_text_remarks(place, option, said, offered(survey.languages)):
            yield replace(lack, anchor="options", code=f"{lack.code}.{option.pk}" if lack.code else "")
    for language in offered(survey.languages):
        words = [option.label.get(language, "").strip().lower() for option in options]
        doubles = {word for word in words if word and words.count(word) > 1}
        if doubles:
            yield place.lack(
                _("Two answers say the same in %(language)s: “%(words)s”.")
                % {"language": translated_language_name(language), "words": sorted(doubles)[0]},
                language=language,
            )


def _answer_lints(place: RemarkPlace, question: Question, options: list[Option]) -> Iterator[PublishBlocker]:
    """Remarks on the wording of answers, per language: each by itself, and compared with the others."""
    statements = TYPES[question.type].kind.shape == Shape.VIEWS
    for option in options:
        for language, text in without_tokens(option.label).items():
            for lint in answer_lints(text, language, is_statement=statements):
                said = of_lint(place, lint, "label", language, text)
                yield replace(said, anchor="options", code=f"{lint.code}.{option.pk}.{lint.found}"[:30])
    for language in {} if statements else dict.fromkeys(code for option in options for code in option.label):
        labels = tuple(without_tokens(option.label).get(language, "") for option in options)
        for pair in pair_lints(labels, language):
            first, second = labels[pair.first], labels[pair.second]
            said = of_lint(place, Lint(pair.code, first, second), "label", language, f"{first}\n{second}")
            code = f"{pair.code}.{options[pair.first].pk}.{options[pair.second].pk}"
            yield replace(said, anchor="options", code=code)
