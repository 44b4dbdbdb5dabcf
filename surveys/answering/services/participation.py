"""One participation: how it begins, its position on the path, and whether it can still be answered."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.codes import new_code
from accounts.models import Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import KeyedChoice, code_hash, keyed_hash
from core.rows import get_or_gone
from neighbourhoods.models import Area
from surveys.models import Channel, Response, SurveyVersion
from surveys.questionnaire.conditions import Context
from surveys.questionnaire.document import Document, Layer, Question
from surveys.questionnaire.published import Published, published
from surveys.questionnaire.walk import Walk
from surveys.states import ANSWERABLE, Respondent, SurveyState


class NotAnswerable(DomainError):
    """The survey is closed, or the answers were withdrawn."""


@dataclass(frozen=True)
class BegunParticipation:
    response: Response
    code: str


@dataclass(frozen=True)
class OnPaper:
    """The receipt whose code is on a form, and the version that was printed."""

    receipt: Receipt
    version: SurveyVersion


def begin_participation(
    *,
    channel: Channel,
    submit_key: str,
    language: str,
    respondent: str,
    suspicion: str = "",
    helped_by: User | None = None,
    paper: OnPaper | None = None,
    today: date | None = None,
) -> BegunParticipation:
    """Start a participation: a receipt with its private code, and an empty response. `suspicion`: see
    Suspicion.

    The code is derived from the submit key, so that a double tap on "begin" gives the same participation with
    the same code, although only its hash is stored. A form on `paper` has its code already. Raises
    NotAnswerable.
    """
    survey = channel.survey
    version = paper.version if paper else survey.current
    if survey.state != SurveyState.OPEN or version is None:
        raise NotAnswerable(_("This survey is not open now."))
    key = keyed_hash(submit_key, purpose="submit")
    frozen = published(version.pk, version.digest)
    first = frozen.document.first_layer
    for attempt in range(5):
        code = "" if paper else new_code(KeyedChoice(f"{submit_key}:{attempt}", purpose="participation-code"))
        response = Response(
            survey=survey,
            version=version,
            channel=channel,
            area_id=channel.area_id or survey.area_id,
            respondent=respondent if respondent in Respondent.values else Respondent.RESIDENT,
            language=language,
            submit_key=key,
            is_suspect=bool(suspicion),
            suspect_reason=suspicion,
            helped_by=helped_by,
            day=today or timezone.localdate(),
            layers_shown=[first.id],
        )
        response.shown = {question.id: True for question in page_after(response, frozen, first)}
        try:
            with transaction.atomic():
                response.receipt = (
                    paper.receipt
                    if paper
                    else Receipt.objects.create(
                        purpose=ReceiptPurpose.PARTICIPATION,
                        code_hash=code_hash(code),
                        language=language,
                        without_contact=survey.without_contact,
                    )
                )
                response.save(force_insert=True)
        except IntegrityError:
            # The second of two taps, or a code that is taken already.
            earlier = Response.objects.filter(submit_key=key, receipt__code_hash=code_hash(code)).first()
            if earlier is None:
                continue
            return BegunParticipation(earlier, code)
        return BegunParticipation(response, code)
    raise NotAnswerable(_("That did not work. Please press the button once more."))


def walk_of(response: Response, document: Document) -> Walk:
    """The walk of this respondent through the version they began with."""
    unknown = response.area_id == response.survey.area_id and len(document.areas) > 1
    context = Context(
        area=None if unknown else str(response.area_id),
        respondent=response.respondent,
        around=_around(response) if published_of(response).asks_for_area else frozenset(),
    )
    return Walk(document, response.answers, context, frozenset(response.layers_done))


def published_of(response: Response) -> Published:
    return published(response.version_id, response.version.digest)


def page_after(response: Response, frozen: Published, layer: Layer) -> tuple[Question, ...]:
    """The page to show next in this layer; empty if all of it was passed."""
    walk = walk_of(response, frozen.document)
    return next(
        (page for page in walk.pages(layer) if any(not walk.passed(question) for question in page)),
        (),
    )


def live_in(response: Response, frozen: Published, area: str) -> bool:
    """Set where they live from an answer ("" for elsewhere); returns whether it changed. Only areas of the
    survey count.
    """
    response.area_was_asked = True
    found = int(area) if area in frozen.document.areas else response.survey.area_id
    moved = found != response.area_id
    response.area_id = found
    return moved


def locked(pk: UUID) -> Response:
    return answerable(get_or_gone(Response.objects.with_survey().select_for_update(of=("self",)), pk=pk))


def answerable(response: Response) -> Response:
    """Raises NotAnswerable if the survey is closed or the answers were withdrawn."""
    if response.survey.state not in ANSWERABLE:
        raise NotAnswerable(_("This survey is closed."))
    if response.withdrawn_on:
        raise NotAnswerable(_("You withdrew your answer. Put it back first."))
    return response


def _around(response: Response) -> frozenset[str]:
    parents = Area.objects.filter(pk=response.area_id).values_list("parent_id", "parent__parent_id")
    return frozenset(str(pk) for row in parents for pk in row if pk)
