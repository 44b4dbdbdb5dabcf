"""A pile of forms that two colleagues enter at once, each in a process that is killed: each form is checked once."""

import pytest

from accounts.models import User
from surveys.models import DayCount, PaperEntry, PaperForm, PaperRun, Response
from surveys.paper.services.paper_sheet import document_of_run
from surveys.results.services.recount import recount_survey
from surveys.states import PaperState
from tests.crash.house import House, held_table, wait_until, waits_for_lock
from tests.people import make_area, make_root, make_user
from tests.surveys.paper import enter, first_answers, make, survey_on_paper

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

FORMS = 120
KILLS = 4
READ_OTHERWISE = 10  # the second colleague reads every tenth form in another way

PILE = """
from accounts.models import User
from core.errors import DomainError
from surveys.models import PaperForm, PaperRun
from tests.surveys.paper import enter, first_answers

run, by = PaperRun.objects.get(), User.objects.get(pk={by})
for number in PaperForm.objects.order_by("{order}").values_list("pk", flat=True):
    try:
        enter(number, by, first_answers(run, int({otherwise} and number % {every} == 0)))
    except DomainError:
        pass
"""


@pytest.fixture
def run(house) -> PaperRun:
    make_root()
    owner = make_user(title="wijkmanager")
    return make(survey_on_paper(make_area("Oosterhaven"), owner=owner), forms=FORMS, checked=100)


def sit_down(house: House, by: User, *, otherwise: bool):
    """Enter the whole pile from one end; what was entered already is laid apart."""
    order = "-number" if otherwise else "number"
    code = PILE.format(by=by.pk, order=order, otherwise=otherwise, every=READ_OTHERWISE)
    return house.start("manage.py", "shell", "-c", code)


def touched() -> int:
    """How many entries were made, first and second."""
    forms = PaperForm.objects.order_by().values_list("state", flat=True)
    return sum({PaperState.OUT: 0, PaperState.ONCE: 1}.get(state, 2) for state in forms)


def test_killed_again_and_again(house, run):
    colleagues = (run.channel.survey.owner, make_user("administrator"))
    people = [sit_down(house, by, otherwise=bool(place)) for place, by in enumerate(colleagues)]
    for turn in range(KILLS):
        goal = (turn + 1) * 2 * FORMS // (KILLS + 2)
        wait_until(lambda goal=goal: touched() >= goal, seconds=90, what=f"{goal} entries")
        place = turn % 2
        house.kill(people[place])
        people[place] = sit_down(house, colleagues[place], otherwise=bool(place))
    for one in people:
        assert one.wait(timeout=120) == 0, house.log.read_text()[-2000:]
    for place, by in enumerate(colleagues):  # whoever was killed takes the pile once more
        assert sit_down(house, by, otherwise=bool(place)).wait(timeout=120) == 0
    account_for(run, colleagues)


def account_for(run: PaperRun, colleagues: tuple[User, User]) -> None:
    numbers = set(PaperForm.objects.values_list("pk", flat=True))
    otherwise = {number for number in numbers if number % READ_OTHERWISE == 0}
    states = dict(PaperForm.objects.values_list("pk", "state"))
    assert len(numbers) == FORMS
    assert states == {
        number: PaperState.DIFFERS if number in otherwise else PaperState.DONE for number in numbers
    }
    entered = {
        (entry.form_id, entry.by_id, entry.values["answers"][question.id])
        for question in document_of_run(run).first_layer.asked[:1]
        for entry in PaperEntry.objects.all()
    }
    first = document_of_run(run).first_layer.asked[0]
    assert entered == {
        (number, by.pk, first.options[place].id)
        for number in otherwise
        for place, by in enumerate(colleagues)
    }
    alike = len(numbers) - len(otherwise)
    asked = len(document_of_run(run).first_layer.asked) + 1  # and on whose behalf
    run.refresh_from_db()
    assert (run.compared, run.agreed) == (FORMS * asked, FORMS * asked - len(otherwise) * (asked - 1))
    assert Response.objects.count() == alike == sum(DayCount.objects.values_list("n", flat=True))
    assert set(Response.objects.values_list("receipt__paper_form", flat=True)) == {None}
    assert not recount_survey(run.channel.survey)


@pytest.mark.server_databases
def test_killed_while_it_counts(house, run):
    """The second entry with everything that follows from it, or nothing."""
    one, two = run.channel.survey.owner, make_user("administrator")
    enter(101, one, first_answers(run))
    with held_table("surveys_paperform"):
        process = sit_down(house, two, otherwise=False)
        wait_until(
            lambda: waits_for_lock("surveys_paperform"), seconds=60, what="all but the form is written"
        )
        house.kill(process)
    form = PaperForm.objects.get(pk=101)
    run.refresh_from_db()
    assert form.state == PaperState.ONCE and form.entries.count() == 1 and run.compared == 0
    assert not Response.objects.exists() and not DayCount.objects.exists()
    for _time in range(2):
        assert enter(101, two, first_answers(run), tap="tap-101").state == PaperState.DONE
    assert Response.objects.count() == 1 and not recount_survey(run.channel.survey)
