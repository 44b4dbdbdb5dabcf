"""Turns rows, or a published version, back into plain values (surveys/library/plan.py)."""

from collections.abc import Mapping
from typing import Any

from initiatives.models import ExpectationCard
from neighbourhoods.models import Theme
from surveys.library.plan import QUESTION_TEXTS, SURVEY_TEXTS, LayerPlan, OptionPlan, QuestionPlan, SurveyPlan
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire import branches, conditions, piping
from surveys.questionnaire.document import Document
from surveys.questionnaire.document import Layer as Asked


def plan_key(row: Question | Option) -> str:
    """Key of a row in a plan; `pk_in` reads it back."""
    return f"{'q' if isinstance(row, Question) else 'o'}{row.pk}"


def pk_in(key: str) -> int | None:
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
    """A layer, still with references to other layers; surveys/library/detaching.py removes those."""
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
    passed_by = branches.passed_by(layer)
    return LayerPlan(
        title=layer.title,
        theme=themes.get(layer.theme or "", ""),
        one_page=layer.one_page,
        condition=keyed(conditions.to_json(layer.condition)),
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
                condition=keyed(
                    branches.own(conditions.to_json(question.condition), passed_by.get(question.id, []))
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
            condition=keyed(layer.condition),
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
            condition=keyed(question.condition),
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


def keyed(tree: Any) -> Any:
    return conditions.renamed(tree, _key, lambda _question, id: _option_key(id))


def _keyed_texts(texts: Mapping[str, str]) -> dict[str, str]:
    return piping.renamed(texts, _key)


def _keyed_way(then: str) -> str:
    return then if then in ("", branches.END) else _key(then)


def _option_key(id: str) -> str:
    """Options made by a type itself, such as “area:12”, have the same key everywhere."""
    return f"o{id}" if id.isdecimal() else id


def _key(id: str) -> str:
    return f"q{id}"
