"""A survey on paper: printed, and put in by number."""

import json
from uuid import uuid4

from accounts.models import User
from neighbourhoods.models import Area
from surveys.models import Channel, PaperRun, Survey
from surveys.paper.services import paper_entry, paper_forms
from surveys.paper.services.paper_sheet import document_of_run
from surveys.states import ChannelKind, LetterState
from tests.people import make_municipality
from tests.surveys.polls import make_survey


def survey_on_paper(*areas: Area, owner: User) -> Survey:
    make_municipality(phone="14 099")
    return make_survey(areas=list(areas), owner=owner)


def make(survey: Survey, forms: int = 3, checked: int = 0, **fields) -> PaperRun:
    way, _new = Channel.objects.get_or_create(
        survey=survey, kind=ChannelKind.PAPER, defaults={"name": "Bibliotheek", "code": f"papier{survey.pk}"}
    )
    fields = {"language": "nl", "hand_in": "Aan de balie van de bibliotheek"} | fields
    run = paper_forms.order_forms(
        survey=survey, channel=way, forms=forms, checked=checked, by=survey.owner, **fields
    )
    assert paper_forms.run_paper_jobs() == 1
    run.refresh_from_db()
    assert run.state == LetterState.MADE, run.trouble
    return run


def first_answers(run: PaperRun, choice: int = 0) -> dict:
    asked = document_of_run(run).first_layer.asked
    return {question.id: question.options[choice].id for question in asked}


def enter(number: int, by: User, answers: dict, area: object = "", tap: str = "") -> paper_entry.EntryResult:
    values = json.loads(json.dumps(paper_entry.entry_values(answers, area=str(area), respondent="resident")))
    return paper_entry.enter_form(number=number, values=values, tap=tap or uuid4().hex, by=by)
