"""What keeps a question from being published, and lints of it that may be dismissed."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from core.i18n import pick
from core.languages import offered_languages
from core.revision import revision
from neighbourhoods.advice.plain_language import LintFinding as Lint
from neighbourhoods.advice.plain_language import find_plain_language_issues
from neighbourhoods.wording import PLAIN_LANGUAGE_REMARKS
from surveys.builder.lints import LintCode as LintCode
from surveys.builder.lints import answer_lints, lints, pair_lints, use_lints
from surveys.builder.services.freeze import parse_draft
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire.conditions import ConditionError
from surveys.questionnaire.document import QUESTION_KINDS, Document, DocumentError, Shape
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.questionnaire.soundness import ProblemCode, SoundnessProblem, soundness_problems
from surveys.questionnaire.walk import PHONE_FACTOR
from surveys.states import Skip

# A remark on a draft, and the place to fix it.


@dataclass(frozen=True)
class PublishBlocker:
    """One thing that blocks publication: a sentence, and where to go.

    `is_stop` is False for a warning. A warning with a `code` can be dismissed with a reason
    (surveys.builder.services.readiness), valid as long as the text it is `about` does not change.
    """

    sentence: str
    place: "RemarkPlace"
    anchor: str = ""
    language: str = ""
    is_stop: bool = True
    code: str = ""
    about: str = ""

    @property
    def key(self) -> str:
        """Its key among the remarks of one survey."""
        return f"{self.place.url_name}:{self.place.args[-1]}:{self.anchor}:{self.code}:{self.language}"

    @property
    def fingerprint(self) -> str:
        return revision(self.about)

    @property
    def url(self) -> str:
        query = f"?language={self.language}" if self.language else ""
        anchor = f"#{self.anchor}" if self.anchor else ""
        return f"{self.place.url}{query}{anchor}"


@dataclass(frozen=True)
class RemarkPlace:
    """A place in a survey: its name for people, and its page."""

    name: str
    url_name: str
    args: tuple[int, ...]

    @property
    def url(self) -> str:
        return reverse(self.url_name, args=self.args)

    def lack(
        self, sentence: str, field: str = "", language: str = "", *, is_stop: bool = True
    ) -> PublishBlocker:
        return PublishBlocker(sentence, self, f"id_{field}" if field else "", language, is_stop)

    def warn(
        self, code: str, sentence: str, field: str = "", language: str = "", *, about: str
    ) -> PublishBlocker:
        """A warning: better fixed, but the author may know better."""
        anchor = f"id_{field}" if field else ""
        return PublishBlocker(sentence, self, anchor, language, is_stop=False, code=code, about=about)


# Texts of a draft: what is missing, in which language, and what is not in plain language.


LINT_SENTENCES: Mapping[str, str | Promise] = {
    **PLAIN_LANGUAGE_REMARKS,
    LintCode.TWO_IN_ONE: gettext_lazy(
        "Two questions in one: people answer one of them, and you don't know which. Split them."
    ),
    LintCode.AGREE: gettext_lazy(
        "“%(found)s”: many people say yes to whatever is put to them. Rather ask how often or how much."
    ),
    LintCode.LEADING: gettext_lazy(
        "“%(found)s” says what you hope to hear: people give you that, or stop trusting you. Ask it evenly."
    ),
    LintCode.SENSITIVE: gettext_lazy(
        "Sensitive: this is about %(found)s. People stop here, or wonder why you must know. "
        "Is it needed? Then let the skip button say “I'd rather not say”."
    ),
    LintCode.GUESS: gettext_lazy(
        "“I don't know” is missing: people guess then, and you take it for knowledge."
    ),
    LintCode.NO_USE: gettext_lazy(
        "“%(found)s” does not say what happens with the answer: people think that nothing does. "
        "Name what you decide with it."
    ),
    LintCode.DOUBLE_NEGATIVE: gettext_lazy(
        "“%(found)s” says no twice: people lose track of what their yes means, and some say the opposite of what "
        "they think. Ask it without a no."
    ),
    LintCode.LONG_ANSWER: gettext_lazy(
        "A long answer (%(found)s words): on a phone people read its first line and choose another. Cut it to what "
        "makes it differ."
    ),
    LintCode.TWO_ANSWERS: gettext_lazy(
        "“%(found)s” holds two answers: who means one of them has nothing to choose, or says more than they mean. "
        "Make two answers of it, or ask the second thing by itself."
    ),
    LintCode.LEADING_ANSWER: gettext_lazy(
        "“%(found)s” makes one answer nicer or worse than the others: people choose what sounds right, not what they "
        "think. Say it as evenly as the rest."
    ),
    LintCode.SAME_ANSWER: gettext_lazy(
        "“%(found)s” and “%(better)s” mean the same: people who mean this part over two answers, and both look "
        "smaller than they are. Keep one."
    ),
    LintCode.OVERLAP: gettext_lazy(
        "“%(found)s” and “%(better)s” overlap: who fits both picks either, and the numbers mean nothing there. Let "
        "the one begin where the other ends."
    ),
}


def translated_language_name(code: str) -> str:
    """A language's name in the reader's language."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def own_name(code: str) -> str:
    """A language's name in that language."""
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


def missing_text_remarks(
    place: RemarkPlace,
    row: object,
    names: Mapping[str, str | Promise],
    languages: Iterable[str],
    stale: Collection[str] | None = None,
) -> Iterator[PublishBlocker]:
    """Texts that are missing: entirely, in one of the languages, or with an outdated translation."""
    for field, name in names.items():
        if not any(words.strip() for words in getattr(row, field).values()):
            yield place.lack(_("%(what)s is missing.") % {"what": name}, field)
        else:
            yield from translations_of(place, row, {field: name}, languages, stale)


def translations_of(
    place: RemarkPlace,
    row: object,
    names: Mapping[str, str | Promise],
    languages: Iterable[str],
    stale: Collection[str] | None = None,
) -> Iterator[PublishBlocker]:
    for field, name in names.items():
        texts = getattr(row, field)
        if not any(words.strip() for words in texts.values()):
            continue
        for language in languages:
            said = {"what": name, "language": translated_language_name(language)}
            if not texts.get(language, "").strip():
                yield place.lack(_("%(what)s is missing in %(language)s.") % said, field, language)
            elif f"{field}.{language}" in (getattr(row, "stale", ()) if stale is None else stale):
                yield place.warn(
                    "stale",
                    _(
                        "%(what)s changed after it was translated to %(language)s: readers of that language "
                        "answer another question."
                    )
                    % said,
                    field,
                    language,
                    about=repr(sorted(texts.items())),
                )


def proposals_of(
    place: RemarkPlace, row: object, names: Mapping[str, str | Promise], proposed: Collection[str]
) -> Iterator[PublishBlocker]:
    """Proposals: texts from an example, a copy or a file that nobody confirmed yet."""
    for field, name in names.items():
        if field in proposed and getattr(row, field):
            said = _("%(what)s: this is a proposal. Change it, or say that it is right.") % {"what": name}
            yield place.lack(said, f"confirm_{field}")


def plain_of(place: RemarkPlace, row: Survey | Question, names: Iterable[str]) -> Iterator[PublishBlocker]:
    for name in names:
        for language, text in getattr(row, name).items():
            for lint in find_plain_language_issues(text, language):
                yield lint_remark(place, lint, name, language, text)


def lint_remark(place: RemarkPlace, lint: Lint, field: str, language: str, text: str) -> PublishBlocker:
    said = str(LINT_SENTENCES[lint.code]) % {"found": lint.found, "better": lint.better}
    return place.warn(f"{lint.code}.{lint.found}"[:30], said, field, language, about=text)


# Puts into words which conditions, branches and piped answers cannot work.


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


def condition_remarks(survey: Survey, draft: Document | None = None) -> Iterator[PublishBlocker]:
    try:
        document = draft or parse_draft(survey)
    except (DocumentError, ConditionError) as error:
        yield RemarkPlace(_("The survey"), "survey_edit", (survey.pk,)).lack(str(error))
        return
    if document is None:
        return
    for problem in soundness_problems(document):
        if problem.code is ProblemCode.EMPTY_LAYER:
            continue  # reported above, for every layer
        yield _problem_remark(survey, problem)


def _problem_remark(survey: Survey, problem: SoundnessProblem) -> PublishBlocker:
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


# What layers, questions and answers still lack, and remarks on their wording.


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


def layers_remarks(survey: Survey, layers: list[Layer]) -> Iterator[PublishBlocker]:
    first = next((layer for layer in layers if layer.is_first), None)
    if first is None:
        place = RemarkPlace(_("Layer 1"), "survey_edit", (survey.pk,))
        yield place.lack(_("There is no first layer. Add one, with at least one question."))
    for layer in layers:
        yield from _layer_remarks(survey, layer)


def _layer_remarks(survey: Survey, layer: Layer) -> Iterator[PublishBlocker]:
    questions = [question for question in layer.questions.all() if not question.retired]
    name = _("Layer 1") if layer.is_first else _("Layer “%s”") % pick(layer.title, get_language() or "")
    place = RemarkPlace(name, "survey_layer", (survey.pk, layer.pk))
    if not layer.is_first:
        yield from missing_text_remarks(
            place, layer, {"title": _("The title")}, offered_languages(survey.languages)
        )
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
    kind = QUESTION_TYPES.get(question.type)
    if kind is None:
        yield place.lack(_("This type of question is not known. Choose another."), "type")
        return
    yield from missing_text_remarks(
        place, question, QUESTION_TEXT_LABELS, offered_languages(survey.languages)
    )
    yield from translations_of(place, question, {"hint": _("The hint")}, offered_languages(survey.languages))
    yield from proposals_of(
        place, question, QUESTION_TEXT_LABELS | {"hint": _("The hint")}, question.proposed
    )
    if layer.is_first and not kind.is_one_tap(question.settings):
        yield place.lack(_("Layer 1 takes one tap a question. Move this one to a deeper layer."), "type")
    for missing in kind.missing(question.settings, offered_languages(survey.languages)):
        yield place.lack(missing.sentence, f"set_{missing.setting}", missing.language)
    yield from _lints(place, question)
    if kind.has_options:
        options = [option for option in question.options.all() if not option.retired]
        yield from _options_remarks(place, survey, question, options, kind.least_options)
        yield from _answer_lints(place, question, options)


def _lints(place: RemarkPlace, question: Question) -> Iterator[PublishBlocker]:
    """Remarks on wording, per language. Only warnings: the author knows the neighbourhood better than a word list."""
    kind = QUESTION_TYPES[question.type]
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
            yield lint_remark(place, lint, "text", language, text)
    for language, text in question.use.items():
        for lint in use_lints(text, language):
            yield lint_remark(place, lint, "use", language, text)
    yield from plain_of(place, question, ("hint", "purpose", "use"))


def _options_remarks(
    place: RemarkPlace, survey: Survey, question: Question, options: list[Option], least: int
) -> Iterator[PublishBlocker]:
    if sum(not option.dont_know for option in options) < least:
        too_few = place.lack(_("There is too little to choose: write at least two answers."))
        yield replace(too_few, anchor="options")
    for number, option in enumerate(options, start=1):
        said = {"label": _("Answer %s") % number}
        for lack in missing_text_remarks(place, option, said, offered_languages(survey.languages)):
            yield replace(lack, anchor="options", code=f"{lack.code}.{option.pk}" if lack.code else "")
    for language in offered_languages(survey.languages):
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
    statements = QUESTION_TYPES[question.type].kind.shape == Shape.VIEWS
    for option in options:
        for language, text in without_tokens(option.label).items():
            for lint in answer_lints(text, language, is_statement=statements):
                said = lint_remark(place, lint, "label", language, text)
                yield replace(said, anchor="options", code=f"{lint.code}.{option.pk}.{lint.found}"[:30])
    for language in {} if statements else dict.fromkeys(code for option in options for code in option.label):
        labels = tuple(without_tokens(option.label).get(language, "") for option in options)
        for pair in pair_lints(labels, language):
            first, second = labels[pair.first], labels[pair.second]
            said = lint_remark(place, Lint(pair.code, first, second), "label", language, f"{first}\n{second}")
            code = f"{pair.code}.{options[pair.first].pk}.{options[pair.second].pk}"
            yield replace(said, anchor="options", code=code)
