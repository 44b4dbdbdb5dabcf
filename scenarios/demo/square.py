"""A second open survey, in Westpolder, with every type of question, for trying them out."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from neighbourhoods.models import Area
from scenarios.demo.days import ahead, month, reworded
from scenarios.demo.neighbours import Neighbours
from scenarios.demo.surveys import ERASE_AFTER, back, promise_before
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.library.plan import LayerPlan, QuestionPlan, t
from surveys.models import Statement, Survey
from surveys.opening.services.running import open_survey
from surveys.publication.services import take_snapshot
from surveys.results.services.statements import decide_statements
from surveys.states import ChannelKind

DAYS_OPEN = 12
ANSWER_IN = 70
VISITS_UNTIL = 35
_PEOPLE = 70
DEEPER = (("Wat buren zeggen", 0.8), ("Op de kaart", 0.4), ("Hoe u er komt", 0.5), ("Kom kijken", 0.3))
LEFT_WAITING = 2


def make_square_survey(areas: dict[str, Area], people: dict[str, User]) -> Survey:
    example, editor, today = LIBRARY["square"], people["editor"], timezone.localdate()
    before, planting = ahead(ANSWER_IN), ahead(ANSWER_IN + 60)
    visit = LayerPlan(
        title=t("Kom kijken", "Come and see"),
        theme="meeting",
        questions=(
            QuestionPlan(
                key="visit",
                type="date",
                text=t(
                    "Op welke dag loopt u mee over het plein?",
                    "On which day will you walk across the square with us?",
                ),
                purpose=t("Op een tekening ziet u de hoogte niet.", "A drawing does not show the height."),
                use=t(
                    "Op de drie dagen die het meest genoemd zijn, staat de ontwerper klaar.",
                    "On the three days named most, the designer is there.",
                ),
                owner_role=example.owner_role,
                settings={
                    "earliest": today.isoformat(),
                    "latest": ahead(VISITS_UNTIL).isoformat(),
                },
            ),
            QuestionPlan(
                key="ask",
                type="long_text",
                text=t("Wat wilt u de ontwerper vragen?", "What would you ask the designer?"),
                purpose=t("Dan kan de ontwerper zich voorbereiden.", "So that the designer can prepare."),
                use=t(
                    "De ontwerper begint met de vraag die het meest gesteld is.",
                    "The designer begins with what most people ask.",
                ),
                owner_role=example.owner_role,
            ),
        ),
    )
    plan = replace(
        reworded(
            example,
            {
                "in het najaar": f"in {month(planting, 'nl')}",
                "in autumn": f"in {month(planting, 'en')}",
            },
        ),
        title=t("Een nieuw plein voor Westpolder", "A new square for Westpolder"),
        promise=promise_before(before),
        layers=(*example.layers, visit),
    )
    where = [areas[name] for name in ("Molenhoek", "Veldzicht", "Kadekwartier")]
    survey = start_survey(plan=plan, areas=where, languages=["nl", "en"], by=editor)
    survey.promise_before, survey.erase_on = before, before + timedelta(days=ERASE_AFTER)
    survey.save()
    confirm_all(survey=survey, by=editor)
    opened = timezone.localtime() - timedelta(days=DAYS_OPEN)
    publish_survey(survey=survey, by=editor, now=opened)
    survey.refresh_from_db()
    add_channel(survey=survey, kind=ChannelKind.POSTER, name="Bord op het plein", code="plein", by=editor)
    back(survey, by=editor, backer=people["backer"])
    open_survey(survey=survey, by=editor, now=opened)
    first_day = today - timedelta(days=DAYS_OPEN)
    neighbours = Neighbours(survey, first_day=first_day, days=DAYS_OPEN, deeper=DEEPER)
    neighbours.answer(_PEOPLE, addresses=8)
    _read_statements(survey, by=people["administrator"])
    take_snapshot(survey=survey)
    return survey


def _read_statements(survey: Survey, *, by: User) -> None:
    """Most statements are let through; some are left for a visitor to decide."""
    written = Statement.objects.filter(question__layer__survey=survey).to_decide()
    pks = list(written.values_list("pk", flat=True))
    decide_statements(survey=survey, statements=pks[:-LEFT_WAITING], through=True, by=by)
