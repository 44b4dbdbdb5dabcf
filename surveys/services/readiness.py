"""What a survey still lacks before it can be published, each with the place where it can be mended."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from initiatives.models import ExpectationCard
from neighbourhoods.models import Area
from neighbourhoods.states import Power
from neighbourhoods.texts import pick
from surveys.conditions import ConditionError
from surveys.document import DocumentError
from surveys.lints import Code as LintCode
from surveys.lints import lints
from surveys.models import Layer, Option, Question, Survey
from surveys.question_types import TYPES
from surveys.services.freeze import parsed
from surveys.soundness import Code, Problem, problems
from surveys.states import Skip

MOST_IN_FIRST_LAYER = 4
"""Begin and four questions of one tap: five taps, under a minute."""


@dataclass(frozen=True)
class Lack:
    """One thing that stands in the way: a sentence, and where to go. `is_stop` is False for a warning."""

    sentence: str
    place: "Place"
    anchor: str = ""
    language: str = ""
    is_stop: bool = True

    @property
    def url(self) -> str:
        query = f"?language={self.language}" if self.language else ""
        anchor = f"#{self.anchor}" if self.anchor else ""
        return f"{self.place.url}{query}{anchor}"


@dataclass(frozen=True)
class Place:
    """Where something stands: what people call it, and its page."""

    name: str
    url_name: str
    args: tuple[int, ...]

    @property
    def url(self) -> str:
        return reverse(self.url_name, args=self.args)

    def lack(self, sentence: str, field: str = "", language: str = "", *, is_stop: bool = True) -> Lack:
        return Lack(sentence, self, f"id_{field}" if field else "", language, is_stop)


SURVEY_TEXTS: dict[str, str | Promise] = {
    "title": gettext_lazy("The title"),
    "lead": gettext_lazy("The first sentence"),
    "who_asks": gettext_lazy("“Who asks?”"),
    "why": gettext_lazy("“Why?”"),
    "promise": gettext_lazy("What you promise"),
    "influence_text": gettext_lazy("Influence in plain words"),
    "owner_role": gettext_lazy("The owner, as residents read it"),
}
QUESTION_TEXTS: dict[str, str | Promise] = {
    "text": gettext_lazy("The question"),
    "purpose": gettext_lazy("“Why”"),
    "use": gettext_lazy("“What we do with it”"),
    "owner_role": gettext_lazy("“Who does that”"),
}
CARD_ROWS: dict[str, str | Promise] = {
    "money": gettext_lazy("Money"),
    "time": gettext_lazy("Time"),
    "influence": gettext_lazy("Influence"),
    "contact": gettext_lazy("Contact"),
    "too_few": gettext_lazy("Too few people?"),
}


def lacks(survey: Survey, *, on: date | None = None) -> list[Lack]:
    """Everything that stands in the way of publication, in the order of the pages. Wants `with_draft()`."""
    return [lack for lack in remarks(survey, on=on) if lack.is_stop]


def remarks(survey: Survey, *, on: date | None = None) -> list[Lack]:
    """What stands in the way, and what is better mended."""
    layers = [layer for layer in survey.layers.all() if not layer.retired]
    return [
        *_of_survey(survey, on or timezone.localdate()),
        *_of_card(survey),
        *_of_layers(survey, layers),
        *_of_conditions(survey),
    ]


def name_of(code: str) -> str:
    """A language by its name in the language of the reader."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def own_name(code: str) -> str:
    """A language as its speakers call it."""
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


def _of_survey(survey: Survey, today: date) -> Iterator[Lack]:
    place = Place(_("The survey"), "survey_settings", (survey.pk,))
    if not survey.languages:
        yield place.lack(_("Choose at least one language."), "languages")
    yield from _texts(place, survey, SURVEY_TEXTS, survey.languages)
    if survey.promise_before is None:
        yield place.lack(_("Promise a day before which people hear from you."), "promise_before")
    elif survey.promise_before <= today:
        yield place.lack(_("The day you promise is past. Choose a later one."), "promise_before")
    if not survey.influence:
        yield place.lack(_("Say how much influence people have."), "influence")
    areas = list(survey.areas.all())
    if not areas:
        yield place.lack(_("Choose the neighbourhoods in which you ask."), "areas")
    yield from _of_owner(place, survey, areas)
    if survey.erase_on is None:
        yield place.lack(_("Choose the day on which the answers are erased."), "erase_on")
    elif survey.promise_before and survey.erase_on <= survey.promise_before:
        yield place.lack(
            _("The answers would be erased before you answered. Choose a later day."), "erase_on"
        )


def _of_owner(place: Place, survey: Survey, areas: list[Area]) -> Iterator[Lack]:
    if not survey.owner.is_active:
        yield place.lack(_("The owner no longer works here. Choose another."), "owner")
        return
    theirs = set(Area.objects.where(survey.owner, least=Power.EDITOR).values_list("pk", flat=True))
    if any(area.pk not in theirs for area in areas):
        yield place.lack(_("The owner is not an editor in all these neighbourhoods."), "owner")


def _of_card(survey: Survey) -> Iterator[Lack]:
    place = Place(_("The expectation card"), "survey_card", (survey.pk,))
    if survey.card is None:
        yield place.lack(_("Nobody can join in without an expectation card. Fill it in."))
        return
    rows = {row: CARD_ROWS[row] for row in ExpectationCard.ROWS}
    stale = [mark.removeprefix("card.") for mark in survey.stale]
    yield from _texts(place, survey.card, rows, survey.languages, stale)


def _of_layers(survey: Survey, layers: list[Layer]) -> Iterator[Lack]:
    first = next((layer for layer in layers if layer.is_first), None)
    if first is None:
        place = Place(_("Layer 1"), "survey_edit", (survey.pk,))
        yield place.lack(_("There is no first layer. Add one, with at least one question."))
    for layer in layers:
        yield from _of_layer(survey, layer)


def _of_layer(survey: Survey, layer: Layer) -> Iterator[Lack]:
    questions = [question for question in layer.questions.all() if not question.retired]
    name = _("Layer 1") if layer.is_first else _("Layer “%s”") % pick(layer.title, get_language() or "")
    place = Place(name, "survey_layer", (survey.pk, layer.pk))
    if not layer.is_first:
        yield from _texts(place, layer, {"title": _("The title")}, survey.languages)
    if not questions:
        yield place.lack(_("This layer has no question."))
    if layer.is_first and len(questions) > MOST_IN_FIRST_LAYER:
        yield place.lack(
            _("Layer 1 has %(count)s questions. Four is the most: move the others to a deeper layer.")
            % {"count": len(questions)}
        )
    for number, question in enumerate(questions, start=1):
        name = _("%(layer)s, question %(number)s") % {"layer": place.name, "number": number}
        yield from _of_question(survey, layer, question, name)


def _of_question(survey: Survey, layer: Layer, question: Question, name: str) -> Iterator[Lack]:
    place = Place(name, "survey_question", (survey.pk, question.pk))
    kind = TYPES.get(question.type)
    if kind is None:
        yield place.lack(_("This type of question is not known. Choose another."), "type")
        return
    yield from _texts(place, question, QUESTION_TEXTS, survey.languages)
    yield from _translations(place, question, {"hint": _("The hint")}, survey.languages)
    if layer.is_first and not kind.one_tap:
        yield place.lack(_("Layer 1 takes one tap a question. Move this one to a deeper layer."), "type")
    yield from _lints(place, question)
    if kind.has_options:
        options = [option for option in question.options.all() if not option.retired]
        yield from _of_options(place, survey, question, options, kind.least_options)


def _lints(place: Place, question: Question) -> Iterator[Lack]:
    """How it is put, in each language. Warnings: whoever writes knows the neighbourhood better than a word list."""
    way_out = question.skip == Skip.DONT_KNOW or any(
        option.dont_know for option in question.options.all() if not option.retired
    )
    for language, text in question.text.items():
        for lint in lints(
            text,
            language,
            can_say_dont_know=way_out or TYPES[question.type].is_text,
            may_keep_to_oneself=question.skip == Skip.RATHER_NOT,
        ):
            said = str(LINTS[lint.code]) % {"found": lint.found, "better": lint.better}
            yield place.lack(said, "text", language, is_stop=False)


LINTS: Mapping[LintCode, str | Promise] = {
    LintCode.TWO_IN_ONE: gettext_lazy("Two questions in one: split them."),
    LintCode.AGREE: gettext_lazy("“Agree or disagree” steers people: rather ask how often or how much."),
    LintCode.LONG: gettext_lazy("A long sentence (%(found)s words): cut it."),
    LintCode.OFFICIAL: gettext_lazy("Your neighbours don't say “%(found)s”: %(better)s."),
    LintCode.SENSITIVE: gettext_lazy(
        "Sensitive: this is about %(found)s. Is it needed? Then let letting go say “I'd rather not say”."
    ),
    LintCode.GUESS: gettext_lazy("“I don't know” is missing. People guess then."),
}


def _of_options(
    place: Place, survey: Survey, question: Question, options: list[Option], least: int
) -> Iterator[Lack]:
    if sum(not option.dont_know for option in options) < least:
        too_few = place.lack(_("There is too little to choose: write at least two answers."))
        yield replace(too_few, anchor="options")
    for number, option in enumerate(options, start=1):
        said = {"label": _("Answer %s") % number}
        for lack in _texts(place, option, said, survey.languages):
            yield replace(lack, anchor="options")
    for language in survey.languages:
        words = [option.label.get(language, "").strip().lower() for option in options]
        doubles = {word for word in words if word and words.count(word) > 1}
        if doubles:
            yield place.lack(
                _("Two answers say the same in %(language)s: “%(words)s”.")
                % {"language": name_of(language), "words": sorted(doubles)[0]},
                language=language,
            )


def _of_conditions(survey: Survey) -> Iterator[Lack]:
    try:
        document = parsed(survey)
    except (DocumentError, ConditionError) as error:
        yield Place(_("The survey"), "survey_edit", (survey.pk,)).lack(str(error))
        return
    if document is None:
        return
    for problem in problems(document):
        if problem.code is Code.EMPTY_LAYER:
            continue  # said above, about every layer
        yield _of_problem(survey, problem)


def _of_problem(survey: Survey, problem: Problem) -> Lack:
    language = get_language() or ""
    if problem.question:
        name = _("Question “%s”") % pick(_draft_text(survey, problem.question), language)
        place = Place(name, "survey_question", (survey.pk, int(problem.question)))
    else:
        layer = next(layer for layer in survey.layers.all() if str(layer.pk) == problem.layer)
        name = _("Layer “%s”") % pick(layer.title, language)
        place = Place(name, "survey_layer", (survey.pk, layer.pk))
    sentence = PROBLEMS.get(problem.code, PROBLEMS[Code.WRONG_TEST])
    other = pick(_draft_text(survey, problem.params.get("refers_to", "")), language)
    return Lack(str(sentence) % {"other": other}, place, "condition")


PROBLEMS: Mapping[Code, str | Promise] = {
    Code.DUPLICATE_ID: gettext_lazy("The same question stands in two places. Take one away."),
    Code.UNKNOWN_QUESTION: gettext_lazy("Its condition asks about a question that is not there."),
    Code.UNKNOWN_OPTION: gettext_lazy("Its condition asks about an answer that “%(other)s” does not have."),
    Code.UNKNOWN_RESPONDENT: gettext_lazy("Its condition asks about a kind of people that does not exist."),
    Code.WRONG_TEST: gettext_lazy("Its condition does not fit the type of “%(other)s”."),
    Code.RETIRED: gettext_lazy("Its condition asks about “%(other)s”, which was taken out."),
    Code.FORWARD: gettext_lazy(
        "Its condition asks about “%(other)s”, which comes later. Move one of the two."
    ),
    Code.CIRCULAR: gettext_lazy("Its condition goes round in a circle, by way of “%(other)s”."),
    Code.UNREACHABLE_LAYER: gettext_lazy("Nobody can ever get here: the condition can't come true."),
    Code.UNREACHABLE_QUESTION: gettext_lazy("Nobody is ever asked this: the condition can't come true."),
}


def _draft_text(survey: Survey, question: str) -> Mapping[str, str]:
    for layer in survey.layers.all():
        for each in layer.questions.all():
            if str(each.pk) == question:
                return each.text
    return {}


def _texts(
    place: Place,
    row: object,
    names: Mapping[str, str | Promise],
    languages: Iterable[str],
    stale: Collection[str] | None = None,
) -> Iterator[Lack]:
    """Texts that aren't there: at all, in one of the languages, or no longer as the original says."""
    for field, name in names.items():
        if not any(words.strip() for words in getattr(row, field).values()):
            yield place.lack(_("%(what)s is missing.") % {"what": name}, field)
        else:
            yield from _translations(place, row, {field: name}, languages, stale)


def _translations(
    place: Place,
    row: object,
    names: Mapping[str, str | Promise],
    languages: Iterable[str],
    stale: Collection[str] | None = None,
) -> Iterator[Lack]:
    for field, name in names.items():
        texts = getattr(row, field)
        if not any(words.strip() for words in texts.values()):
            continue
        for language in languages:
            said = {"what": name, "language": name_of(language)}
            if not texts.get(language, "").strip():
                yield place.lack(_("%(what)s is missing in %(language)s.") % said, field, language)
            elif f"{field}.{language}" in (getattr(row, "stale", ()) if stale is None else stale):
                yield place.lack(
                    _("%(what)s changed after it was translated to %(language)s.") % said,
                    field,
                    language,
                    is_stop=False,
                )
