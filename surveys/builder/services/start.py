"""How a draft begins: empty or from a plan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.i18n import pick
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Theme, Trajectory
from surveys.builder.services import proposals
from surveys.builder.services.keeping import begin_with_default
from surveys.library.plan import (
    QUESTION_TEXTS,
    SURVEY_TEXTS,
    LayerPlan,
    OptionPlan,
    QuestionPlan,
    SurveyPlan,
    without_outside_references,
)
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire import conditions, piping, walk
from surveys.questionnaire.document import Document
from surveys.questionnaire.document import Layer as Asked

# Starting a survey: from an example of the library, or from scratch.


def smallest_common_area(areas: Iterable[Area]) -> Area:
    """The smallest area that contains all of these; also for respondents who did not say where they live.

    Raises DomainError if `areas` is empty.
    """
    chains = [_area_ancestors(area) for area in areas]
    if not chains:
        raise DomainError(_("Choose the neighbourhoods in which you ask."))
    for area in chains[0]:
        if all(area in chain for chain in chains[1:]):
            return area
    return Area.root()


@transaction.atomic
def start_survey(
    *,
    areas: list[Area],
    languages: list[str],
    by: User,
    plan: SurveyPlan | None = None,
    title: str = "",
    written_in: str | None = None,
    trajectory: Trajectory | None = None,
    round_of: Survey | None = None,
) -> Survey:
    """A new draft owned by `by`. Texts of the plan in other languages than `languages` are dropped.

    `written_in` is the language of the title; the survey's first language if it is not one of `languages`.
    With `round_of` the plan is of that earlier survey, and each question refers to the one it repeats.
    """
    area = smallest_common_area(areas)
    survey = Survey.objects.create(
        area=area, owner=by, languages=languages, trajectory=trajectory, round_of=round_of
    )
    survey.areas.set(areas)
    if plan:
        Writer(survey, areas, is_round=round_of is not None).write(plan)
    else:
        Layer.objects.create(survey=survey, is_first=True, title={})
    if title:
        language = written_in if written_in in languages else languages[0]
        # Titles of the example in other languages don't translate this title.
        survey.say("title", language, title, main=language)
    survey.save()
    begin_with_default(survey)
    Event.log("start", survey, by=by, example=pick(plan.name, "nl") if plan else None)
    return survey


def _area_ancestors(area: Area) -> list[Area]:
    chain = [area]
    while parent := chain[-1].parent:
        chain.append(parent)
    return chain


class Writer:
    """Writes a plan as rows of one draft, replacing its keys with ids.

    References to questions that are not in the plan, or come later, are dropped
    (surveys/library/plan.py).
    """

    def __init__(self, survey: Survey, areas: Sequence[Area], *, is_round: bool = False) -> None:
        self.survey, self.languages, self.is_round = survey, survey.languages, is_round
        self.place = areas[0].name if len(areas) == 1 else survey.area.name
        self.areas = {str(each.pk) for area in areas for each in _area_ancestors(area)}
        self.themes = {theme.slug: theme for theme in Theme.objects.filter(retired_on__isnull=True)}
        self.questions: dict[str, int] = {}
        self.options: dict[tuple[str, str], int] = {}

    def write(self, plan: SurveyPlan) -> None:
        plan, _left = without_outside_references(plan)
        survey = self.survey
        for name in SURVEY_TEXTS:
            setattr(survey, name, self._texts(getattr(plan, name)))
        survey.influence, survey.without_contact = plan.influence, plan.without_contact
        survey.stale = list(plan.stale)
        survey.proposed = proposals.proposals_of_survey(plan, again=self.is_round)
        if plan.card:
            card = {row: self._texts(plan.card.get(row, {})) for row in ExpectationCard.ROWS}
            survey.card = ExpectationCard.objects.create(name=str(survey)[:80], **card)
        for order, layer in enumerate(plan.layers):
            self._layer(layer, order, is_first=order == 0)

    def add_layer(self, plan: LayerPlan, order: int) -> Layer:
        plan, _left = without_outside_references(plan)
        return self._layer(plan, order)

    def add_question(self, layer: Layer, plan: QuestionPlan, order: int) -> Question:
        plan, _left = without_outside_references(plan)
        question = self._question(layer, plan, order)
        self._lead([plan])
        return question

    def _layer(self, plan: LayerPlan, order: int, *, is_first: bool = False) -> Layer:
        layer = Layer.objects.create(
            survey=self.survey,
            order=order,
            title=self._texts(plan.title),
            theme=self.themes.get(plan.theme),
            is_first=is_first,
            one_page=plan.one_page and not is_first,
            condition=None if is_first else self._condition(plan.condition),
            stale=list(plan.stale),
        )
        for number, question in enumerate(plan.questions):
            self._question(layer, question, number)
        self._lead(plan.questions)
        return layer

    def _question(self, layer: Layer, plan: QuestionPlan, order: int) -> Question:
        question = Question.objects.create(
            layer=layer,
            order=order,
            type=plan.type,
            text=piping.rename_token_questions(self._texts(plan.text), self._id),
            hint=piping.rename_token_questions(self._texts(plan.hint), self._id),
            purpose=self._texts(plan.purpose),
            use=self._texts(plan.use),
            owner_role=self._texts(plan.owner_role),
            asks_needs=plan.asks_needs,
            theme=self.themes.get(plan.theme),
            skip=plan.skip,
            condition=self._condition(plan.condition),
            settings=dict(plan.settings),
            same_as_id=pk_from_plan_key(plan.key) if self.is_round else None,
            stale=list(plan.stale),
            proposed=proposals.proposals_of_question(plan, again=self.is_round),
        )
        self.questions[plan.key] = question.pk
        for number, option in enumerate(plan.options):
            self._option(question, plan.key, option, number)
        return question

    def _option(self, question: Question, key: str, plan: OptionPlan, order: int) -> None:
        option = Option.objects.create(
            question=question,
            order=order,
            label=self._texts(plan.label),
            hint=self._texts(plan.hint),
            theme=self.themes.get(plan.theme),
            dont_know=plan.dont_know,
            counts_as=plan.counts_as,
            same_as_id=pk_from_plan_key(plan.key) if self.is_round else None,
            stale=list(plan.stale),
        )
        self.options[key, plan.key] = option.pk

    def _lead(self, questions: Iterable[QuestionPlan]) -> None:
        """Sets where answers lead, now that the targets are written."""
        led = [
            Option(
                pk=self.options[question.key, option.key],
                then=option.then if option.then == walk.END_OF_LAYER else self._id(option.then),
            )
            for question in questions
            for option in question.options
            if option.then
        ]
        Option.objects.bulk_update(led, ["then"])

    def _texts(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {
            code: words.replace("{place}", self.place)
            for code, words in texts.items()
            if code in self.languages
        }

    def _id(self, key: str) -> str:
        return str(self.questions[key])

    def _condition(self, tree: Any) -> Any:
        """The condition with ids for keys, limited to the areas of this survey."""

        def option(question: str, key: str) -> str:
            # Options made by a type itself (“area:12”) have no row.
            return key if ":" in key else str(self.options[question, key])

        return self._limit_to_survey_areas(conditions.rename_condition_ids(tree, self._id, option))

    def _limit_to_survey_areas(self, tree: Any) -> Any:
        match tree:
            case {"not": part}:
                inner = self._limit_to_survey_areas(part)
                return {"not": inner} if inner else None
            case {"any": parts} | {"all": parts}:
                inside = [inner for part in parts if (inner := self._limit_to_survey_areas(part))]
                return {next(iter(tree)): inside} if inside else None
            case {"in_area": areas}:
                here = [area for area in areas if area in self.areas]
                # Only about other neighbourhoods: nobody here would ever be asked.
                return {"in_area": here} if here else None
        return tree


# Turns rows, or a published version, back into plain values (surveys/library/plan.py).


def plan_key(row: Question | Option) -> str:
    """Key of a row in a plan; `pk_from_plan_key` reads it back."""
    return f"{'q' if isinstance(row, Question) else 'o'}{row.pk}"


def pk_from_plan_key(key: str) -> int | None:
    return int(key[1:]) if key[:1] in ("q", "o") and key[1:].isdecimal() else None


def plan_of(survey: Survey) -> SurveyPlan:
    """The whole draft as it is. Load the survey `with_draft()`."""
    layers = [layer for layer in survey.layers.all() if not layer.retired]
    layers.sort(key=lambda layer: (not layer.is_first, layer.order, layer.pk))
    card = survey.card
    rows = _Rows()
    texts = {name: dict(getattr(survey, name)) for name in SURVEY_TEXTS}
    return SurveyPlan(
        slug=f"survey-{survey.pk}",
        name=dict(survey.title),
        about=dict(survey.lead),
        **texts,
        influence=survey.influence,
        card={row: dict(getattr(card, row)) for row in ExpectationCard.ROWS} if card else {},
        layers=tuple(rows.layer(layer) for layer in layers),
        without_contact=survey.without_contact,
        stale=tuple(survey.stale),
        proposed=tuple(survey.proposed),
    )


def plan_of_layer(layer: Layer) -> LayerPlan:
    """A layer, still with references to other layers; surveys/library/plan.py removes those."""
    return _Rows().layer(layer)


def plan_of_question(question: Question) -> QuestionPlan:
    return _Rows().question(question)


def plan_of_document(document: Document) -> SurveyPlan:
    """A published version as plain values. It has ids only, from which keys and themes are derived."""
    themes = {str(pk): slug for pk, slug in Theme.objects.values_list("pk", "slug")}
    return SurveyPlan(
        slug=f"survey-{document.survey}",
        name=document.title,
        about=document.lead,
        title=document.title,
        lead=document.lead,
        who_asks=document.who_asks,
        why=document.why,
        promise=document.promise,
        influence=document.influence,
        influence_text=document.influence_text,
        owner_role=document.owner_role,
        card={row: dict((document.expectation or {}).get(row) or {}) for row in ExpectationCard.ROWS}
        if document.expectation
        else {},
        layers=tuple(_published_layer(layer, themes) for layer in document.layers if layer.asked),
        without_contact=document.without_contact,
    )


def _published_layer(layer: Asked, themes: Mapping[str, str]) -> LayerPlan:
    passed_by = walk.skipping_answers(layer)
    return LayerPlan(
        title=layer.title,
        theme=themes.get(layer.theme or "", ""),
        one_page=layer.one_page,
        condition=ids_to_keys(conditions.to_json(layer.condition)),
        questions=tuple(
            QuestionPlan(
                key=_key(question.id),
                type=question.type,
                text=_keyed_texts(question.tokens[0]),
                hint=_keyed_texts(question.tokens[1]),
                purpose=question.purpose,
                use=question.use,
                owner_role=question.owner,
                asks_needs=question.asks_needs,
                theme=themes.get(question.theme or "", ""),
                skip=question.skip,
                # The branches add their conditions again, so take those out.
                condition=ids_to_keys(
                    walk.remove_skip_condition(
                        conditions.to_json(question.condition), passed_by.get(question.id, [])
                    )
                ),
                settings=dict(question.settings),
                options=tuple(
                    OptionPlan(
                        key=_option_key(option.id),
                        label=option.label,
                        hint=option.hint,
                        theme=themes.get(option.theme or "", ""),
                        dont_know=option.dont_know,
                        then=_keyed_way(option.then),
                    )
                    for option in question.offered
                ),
            )
            for question in layer.asked
        ),
    )


class _Rows:
    """Reads rows, with a single query for all themes."""

    def __init__(self) -> None:
        self.themes = dict(Theme.objects.values_list("pk", "slug"))

    def layer(self, layer: Layer) -> LayerPlan:
        return LayerPlan(
            title=dict(layer.title),
            questions=tuple(
                self.question(question) for question in layer.questions.all() if not question.retired
            ),
            theme=self.theme(layer),
            one_page=layer.one_page,
            condition=ids_to_keys(layer.condition),
            stale=tuple(layer.stale),
        )

    def question(self, question: Question) -> QuestionPlan:
        texts = {name: dict(getattr(question, name)) for name in QUESTION_TEXTS}
        texts |= {name: _keyed_texts(texts[name]) for name in ("text", "hint")}
        return QuestionPlan(
            key=plan_key(question),
            type=question.type,
            **texts,
            options=tuple(self.option(option) for option in question.options.all() if not option.retired),
            asks_needs=question.asks_needs,
            theme=self.theme(question),
            skip=question.skip,
            condition=ids_to_keys(question.condition),
            settings=dict(question.settings),
            stale=tuple(question.stale),
            proposed=tuple(question.proposed),
        )

    def option(self, option: Option) -> OptionPlan:
        return OptionPlan(
            key=plan_key(option),
            label=dict(option.label),
            hint=dict(option.hint),
            theme=self.theme(option),
            dont_know=option.dont_know,
            counts_as=option.counts_as,
            then=_keyed_way(option.then),
            stale=tuple(option.stale),
        )

    def theme(self, row: Layer | Question | Option) -> str:
        return self.themes.get(row.theme_id, "") if row.theme_id else ""


def ids_to_keys(tree: Any) -> Any:
    return conditions.rename_condition_ids(tree, _key, lambda _question, id: _option_key(id))


def _keyed_texts(texts: Mapping[str, str]) -> dict[str, str]:
    return piping.rename_token_questions(texts, _key)


def _keyed_way(then: str) -> str:
    return then if then in ("", walk.END_OF_LAYER) else _key(then)


def _option_key(id: str) -> str:
    """Options made by a type itself, such as “area:12”, have the same key everywhere."""
    return f"o{id}" if id.isdecimal() else id


def _key(id: str) -> str:
    return f"q{id}"
