"""Paper forms: some count, some wait for a second entry, and one was entered in two different ways."""

from random import Random
from typing import Any

from accounts.models import User
from neighbourhoods.models import Area
from surveys.builder.services.publish import add_channel
from surveys.models import PaperForm, Survey
from surveys.paper.services import paper_entry, paper_forms
from surveys.paper.services.paper_sheet import document_of_run
from surveys.questionnaire.document import Document, Shape
from surveys.questionnaire.question_types import WrittenAnswer
from surveys.states import ChannelKind, Checked, Respondent

FORMS = 12
# In order: who entered it first, who second, and how many; the remaining forms are still out.
PILE = (
    ("coordinator", "traffic", 4),
    ("coordinator", "", 3),
    ("editor", "", 1),
    ("traffic", "coordinator", 1),
)
WRITTEN = {2: "Ik heb geen computer. Fijn dat het ook zo kan.", 5: "Op de brug is het glad als het regent."}


def make_pile(survey: Survey, areas: dict[str, Area], people: dict[str, User]) -> None:
    """The two entries of the last form differ; the editor can settle that."""
    editor = people["editor"]
    channel = add_channel(
        survey=survey, kind=ChannelKind.PAPER, name="Formulieren in de bibliotheek", code="papier", by=editor
    )
    run = paper_forms.order(
        survey=survey,
        channel=channel,
        language="nl",
        forms=FORMS,
        hand_in="Aan de balie van de bibliotheek",
        checked=Checked.ALL,
        by=editor,
    )
    paper_forms.run_paper_jobs()
    document, random = document_of_run(run), Random(f"{survey.title}")  # noqa: S311  the same forms each time
    forms = list(run.made.order_by("number"))
    pile = [(first, second) for first, second, many in PILE for _form in range(many)]
    for place, (form, (first, second)) in enumerate(zip(forms, pile, strict=False)):
        answers, lives = _written_on(document, random, place), random.choice(("Havenkom", "De Linde"))
        _enter(form, answers, areas[lives], by=people[first])
        if second and place == len(pile) - 1:
            answers, lives = _read_otherwise(document, answers), "Sluisbuurt"
        if second:
            _enter(form, answers, areas[lives], by=people[second])


def _written_on(document: Document, random: Random, place: int) -> dict[str, Any]:
    answers: dict[str, Any] = {
        question.id: random.choice(question.option_ids)
        for question in document.first_layer.asked
        if question.shape is Shape.ONE
    }
    own = next(question for question in document.questions if question.type == "own_topic")
    return answers | ({own.id: WrittenAnswer(WRITTEN[place])} if place in WRITTEN else {})


def _read_otherwise(document: Document, answers: dict[str, Any]) -> dict[str, Any]:
    """The entry of a colleague who read a cross between two boxes differently."""
    id = next(id for id in answers if document.question(id).shape is Shape.ONE)
    options = document.question(id).option_ids
    return answers | {id: options[options.index(answers[id]) - 1]}


def _enter(form: PaperForm, answers: dict[str, Any], area: Area, *, by: User) -> None:
    values = paper_entry.pack(answers, area=str(area.pk), respondent=Respondent.RESIDENT)
    paper_entry.enter(number=form.number, values=values, tap=f"demo-{form.number}-{by.pk}", by=by)
