"""Starting a survey: from an example of the library, or from scratch."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, User
from initiatives.models import ExpectationCard
from neighbourhoods.errors import DomainError
from neighbourhoods.models import Area, Theme
from surveys.library.plan import LayerPlan, OptionPlan, Plan, QuestionPlan
from surveys.models import Layer, Option, Question, Survey


def around(areas: Iterable[Area]) -> Area:
    """The smallest area that holds all of these: where somebody lives who did not say where."""
    chains = [_upward(area) for area in areas]
    if not chains:
        raise DomainError(_("Choose the neighbourhoods in which you ask."))
    for area in chains[0]:
        if all(area in chain for chain in chains[1:]):
            return area
    return Area.root()


@transaction.atomic
def start_survey(
    *, areas: list[Area], languages: list[str], by: User, plan: Plan | None = None, title: str = ""
) -> Survey:
    """A new draft owned by who starts it. Texts of the plan in other languages than these are left out."""
    area = around(areas)
    place = areas[0].name if len(areas) == 1 else area.name
    survey = Survey.objects.create(area=area, owner=by, languages=languages)
    survey.areas.set(areas)
    if plan:
        _Writer(survey, languages, place).write(plan)
    else:
        Layer.objects.create(survey=survey, is_first=True, title={})
    if title:
        survey.title = survey.title | {languages[0]: title}
    survey.save()
    Event.log("start", survey, by=by, note=plan.slug if plan else "")
    return survey


def _upward(area: Area) -> list[Area]:
    chain = [area]
    while parent := chain[-1].parent:
        chain.append(parent)
    return chain


class _Writer:
    """Turns the plain values of a plan into rows, and its keys into ids."""

    def __init__(self, survey: Survey, languages: list[str], place: str) -> None:
        self.survey, self.languages, self.place = survey, languages, place
        self.themes = {theme.slug: theme for theme in Theme.objects.filter(retired_on__isnull=True)}
        self.questions: dict[str, int] = {}
        self.options: dict[tuple[str, str], int] = {}

    def write(self, plan: Plan) -> None:
        survey = self.survey
        for field in ("title", "lead", "who_asks", "why", "promise", "influence_text", "owner_role"):
            setattr(survey, field, self.texts(getattr(plan, field)))
        survey.influence = plan.influence
        card = {row: self.texts(plan.card[row]) for row in ExpectationCard.ROWS}
        survey.card = ExpectationCard.objects.create(name=str(survey)[:80], **card)
        for order, layer in enumerate(plan.layers):
            self.layer(layer, order)

    def layer(self, plan: LayerPlan, order: int) -> None:
        layer = Layer.objects.create(
            survey=self.survey,
            order=order,
            title=self.texts(plan.title),
            theme=self.themes.get(plan.theme),
            is_first=order == 0,
            one_page=plan.one_page,
            condition=self.condition(plan.condition),
        )
        for number, question in enumerate(plan.questions):
            self.question(layer, question, number)

    def question(self, layer: Layer, plan: QuestionPlan, order: int) -> None:
        question = Question.objects.create(
            layer=layer,
            order=order,
            type=plan.type,
            text=self.texts(plan.text),
            hint=self.texts(plan.hint),
            purpose=self.texts(plan.purpose),
            use=self.texts(plan.use),
            owner_role=self.texts(plan.owner_role),
            asks_needs=plan.asks_needs,
            theme=self.themes.get(plan.theme),
            skip=plan.skip,
            condition=self.condition(plan.condition),
            settings=dict(plan.settings),
        )
        self.questions[plan.key] = question.pk
        for number, option in enumerate(plan.options):
            self.option(question, plan.key, option, number)

    def option(self, question: Question, key: str, plan: OptionPlan, order: int) -> None:
        option = Option.objects.create(
            question=question,
            order=order,
            label=self.texts(plan.label),
            hint=self.texts(plan.hint),
            theme=self.themes.get(plan.theme),
            dont_know=plan.dont_know,
        )
        self.options[key, plan.key] = option.pk

    def texts(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {
            code: words.replace("{place}", self.place)
            for code, words in texts.items()
            if code in self.languages
        }

    def condition(self, tree: Any) -> Any:
        """The same condition with ids for keys. A plan may only ask about what stands before it."""
        match tree:
            case None:
                return None
            case {"answered": str(key)}:
                return {"answered": str(self.questions[key])}
            case {"not": part}:
                return {"not": self.condition(part)}
            case {"any": parts} | {"all": parts}:
                return {next(iter(tree)): [self.condition(part) for part in parts]}
            case {"is": pair} | {"includes": pair} | {"more_than": pair}:
                question, option = pair["question"], pair["option"]
                ids = {
                    "question": str(self.questions[question]),
                    "option": str(self.options[question, option]),
                }
                return {next(iter(tree)): ids}
            case _:
                return dict(tree)
