"""Pages after the first layer, which then counts: where people live, and what more they want to say, hear or do."""

from collections.abc import Mapping, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import TYPED_MARK, LinkPurpose, open_link, sign_link
from accounts.models import Contact, Receipt
from core import limits
from core.errors import DomainError
from feedback.contributions.services.contributions import can_be_quoted, names_danger, set_quoting_consent
from feedback.delivery.services.sms import in_quiet_hours
from feedback.models import Contribution
from feedback.private.views.choices import address_form, carrier_context, save_address
from feedback.states import ContributionKind
from initiatives.models import ExpectationCard
from initiatives.needs.services.need_suggestions import existing_resources, offer_url
from initiatives.offers.forms.offers import JoinForm
from initiatives.offers.services.offers import make_offer
from neighbourhoods.access import resident
from neighbourhoods.models import Area, Municipality, Theme
from surveys.answering.forms import WhereForm
from surveys.answering.services.answer import (
    NotAnswerable,
    enter_layer,
    published_version_of,
    save_home_area,
    walk_of,
)
from surveys.answering.services.beginning import upcoming_promise_date
from surveys.answering.views import answering
from surveys.answering.views.answering import (
    find_response,
    no_participation_page,
    not_answerable_page,
    redirect_to_current_question,
)
from surveys.models import Response
from surveys.publication.services import are_the_first, published_near, published_participation
from surveys.questionnaire.document import Document
from surveys.questionnaire.walk import Length
from surveys.states import ANSWERABLE_STATES


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def where_you_live(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for the neighbourhood: one tap, and optional."""
    response, _way = find_response(request, code)
    if response is None:
        return no_participation_page(request, code)
    form = WhereForm(request.POST if request.method == "POST" else None, response=response)
    if request.method == "POST":
        area = form.cleaned_data["area"] if form.is_valid() else None
        try:
            save_home_area(response_id=response.pk, area=area)
        except Response.DoesNotExist:  # erased meanwhile
            return no_participation_page(request, code)
        except NotAnswerable:
            return not_answerable_page(request, response)
        return redirect("thanks", code=code)
    return render(
        request,
        "surveys/answer/where.html",
        {
            "survey": response.survey,
            "areas": response.survey.areas.order_by("name"),
            "form": form,
        },
    )


@resident
@require_safe
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    """Confirms that it counts; shows what exists already, what more can be said, and how to hear back."""
    response, way = find_response(request, code)
    if response is None or way is None:
        return no_participation_page(request, code)
    if not response.layers_done:
        return redirect_to_current_question(response)
    frozen = published_version_of(response)
    context = {
        "survey": response.survey,
        "channel": response.channel,
        "code": way.code,
        "private_link": _own_page(response, way),
        "due_on": upcoming_promise_date(response.survey),
        "chosen": _what_is_there(response),
        "doors": _doors(response, frozen.document) if response.survey.state in ANSWERABLE_STATES else [],
        "people": published_participation(response.survey),
        "are_first": are_the_first(response.survey),
        "danger_text": Municipality.current().danger_text if names_danger(response.receipt) else None,
        "has_contact": hasattr(response.receipt, "contact"),
        "without_contact": response.receipt.without_contact,
        "card": frozen.document.expectation,
        "first_question": frozen.document.first_layer.asked[0].id,
        "texts": _texts(response),
        "kept": request.GET.get("kept", ""),
    }
    return render(request, "surveys/answer/thanks.html", context)


@resident
@require_POST
def may_quote(request: HttpRequest, code: str) -> HttpResponse:
    """Asks whether others may read what they wrote: a consent per text; clearing the tick withdraws it."""
    response, _way = find_response(request, code)
    if response is None:
        return no_participation_page(request, code)
    if response.withdrawn_on:
        return not_answerable_page(request, response)
    try:
        set_quoting_consent(
            receipt=response.receipt,
            asked=[slot.replace("\0", "") for slot in request.POST.getlist("asked")],
            allowed=request.POST.getlist("quote"),
        )
    except Receipt.DoesNotExist:  # erased meanwhile
        return no_participation_page(request, code)
    return redirect(reverse("thanks", args=[code]) + "?kept=quotes#quoting")


@resident
@require_POST
def layer(request: HttpRequest, code: str) -> HttpResponse:
    """Enters a deeper layer. Recorded as shown here, so that the page itself only reads."""
    response, way = find_response(request, code)
    if response is None or way is None:
        return no_participation_page(request, code)
    layer_id = request.POST.get("layer", "")
    if not published_version_of(response).document.has_layer(layer_id):
        raise Http404
    try:
        response, page = enter_layer(response_id=response.pk, layer_id=layer_id)
    except Response.DoesNotExist:  # erased meanwhile
        return no_participation_page(request, code)
    except NotAnswerable:
        return not_answerable_page(request, response)
    goal = redirect("question", code=code, question=page[0].id) if page else redirect("thanks", code=code)
    answering.remember_response(goal, response.survey_id, response.pk, way.code)
    return goal


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def hear(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for an address to hear what happens, with its own consent."""
    response, way = find_response(request, code)
    if response is None or way is None:
        return no_participation_page(request, code)
    if not response.layers_done:
        return redirect("start", code=code)
    if response.receipt.without_contact:
        return redirect("thanks", code=code)
    form = address_form(request, response.receipt)
    sent_to: Contact | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if save_address(request, response.receipt, form):
                sent_to = Contact.objects.filter(receipt=response.receipt_id).first()
        except Receipt.DoesNotExist:  # erased meanwhile
            return no_participation_page(request, code)
    context = {
        "survey": response.survey,
        "channel": response.channel,
        "form": form,
        "code": way.code,
        "sent_to": sent_to,
        "asleep": in_quiet_hours(),
        "card": published_version_of(response).document.expectation,
    } | carrier_context(request, response.receipt)
    status = 422 if form.is_bound and not sent_to else 200
    return render(request, "surveys/answer/hear.html", context, status=status)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Offer to join in: first the expectations, then the choice. The offer is not linked to the answers."""
    response, way = find_response(request, code)
    if response is None or way is None:
        return no_participation_page(request, code)
    # The card of the version they answered; later changes are for later respondents.
    document = published_version_of(response).document
    card = ExpectationCard.objects.filter(pk=(document.expectation or {}).get("id")).first()
    if card is None or response.receipt.without_contact or not response.layers_done:
        return redirect("thanks", code=code)
    contact = getattr(response.receipt, "contact", None)
    # In the same visit the address is prefilled; nothing else is passed on.
    form = JoinForm(
        request.POST or None,
        initial={"email": contact.email if contact else ""},
        themes=Theme.objects.in_use().filter(pk__in=_themes_named(response)),
    )
    context = {"survey": response.survey, "channel": response.channel, "card": card, "form": form}
    context["owner_role"] = document.owner_role
    if form.is_valid() and limits.is_limit_reached(request, limits.MAIL_LIMIT):
        form.add_error(None, _("This was asked for too often from here. Try again in an hour."))
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "surveys/answer/join.html", context, status=status)
    try:
        offer, offer_code = make_offer(
            hands=form.hands,
            card=card,
            area=Area.objects.get(pk=response.area_id),
            theme=None,
            owner=response.survey.owner,
            language=get_language() or response.language,
            email=form.cleaned_data["email"],
            phone=form.cleaned_data["phone"],
            consent=str(form.fields["consent"].label),
            submit_key=form.cleaned_data["submit_key"],
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return render(request, "surveys/answer/join.html", context, status=422)
    limits.record_attempt(request, limits.MAIL_LIMIT)
    context |= {"offer": offer, "code": offer_code}
    context["danger_text"] = Municipality.current().danger_text if offer.may_be_danger else None
    return render(request, "surveys/answer/joined.html", context)


@resident
@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """From the private page, perhaps on another phone: continue. Sets the cookie on this phone."""
    try:
        receipt, _key = open_link(request.POST.get("link", ""), LinkPurpose.PAGE)
        response = Response.objects.with_survey().get(receipt=receipt)
    except (Receipt.DoesNotExist, Response.DoesNotExist):
        return no_participation_page(request, code)
    if response.survey.state not in ANSWERABLE_STATES or response.withdrawn_on:
        return not_answerable_page(request, response)
    code = response.channel.code
    document = published_version_of(response).document
    walk = walk_of(response, document)
    asked = None if response.layers_done else walk.resume(document.first_layer)
    goal = redirect("question", code=code, question=asked.id) if asked else redirect("thanks", code=code)
    # The private code was typed, or is in a link: don't show it again.
    answering.remember_response(goal, response.survey_id, response.pk, "")
    return goal


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def done(request: HttpRequest, code: str) -> HttpResponse:
    """The end: the phone forgets the participation, and the code is shown one last time. A later visit begins
    anew.
    """
    response, way = find_response(request, code)
    if response is None or way is None:
        return redirect("start", code=code)
    if request.method != "POST":
        return redirect("thanks", code=code)
    context = {
        "survey": response.survey,
        "channel": response.channel,
        "code": way.code,
        "private_link": _own_page(response, way),
        "counts": bool(response.layers_done),
        "due_on": upcoming_promise_date(response.survey),
    }
    goodbye = render(request, "surveys/answer/done.html", context)
    answering.forget_response(goodbye, response.survey_id)
    return goodbye


def _texts(response: Response) -> list[Contribution]:
    if not any(isinstance(value, Mapping) and "text" in value for value in response.answers.values()):
        return []
    return [text for text in can_be_quoted(response.receipt).order_by("said_on", "slot") if text.text]


def _own_page(response: Response, way: answering.ParticipationCookie) -> str:
    """They may sit at somebody else's phone after coming back: this link then expires in a day, like a typed code."""
    return sign_link(response.receipt, LinkPurpose.PAGE, "" if way.code else TYPED_MARK)


def _themes_named(response: Response) -> list[int]:
    """Themes they named in this visit: suggested for their offer, but only they tick them."""
    named = Contribution.objects.filter(receipt=response.receipt_id, topic__theme__isnull=False)
    return [pk for pk in named.values_list("topic__theme", flat=True).distinct() if pk]


def _what_is_there(response: Response) -> list[dict[str, object]]:
    """What they named, with what exists already and what they can do. Numbers come from the snapshot only."""
    chosen = list(
        Contribution.objects.filter(receipt=response.receipt_id, kind=ContributionKind.CHOICE)
        .select_related("topic__theme")
        .order_by("slot")
    )
    if not chosen:
        return []
    area = Area.objects.select_related("parent__parent").get(pk=response.area_id)
    there = existing_resources(area=area, topics=[thing.topic for thing in chosen])
    places = {one.pk: one.name for one in (area, response.survey.area)}
    found = []
    for thing in chosen:
        topic, here = thing.topic, there[thing.topic_id]
        slug = topic.theme.slug if topic.theme else ""
        group = here.groups[0].initiative.pk if here.groups else None
        count, where = published_near(response.survey, topic.key, area.pk) or (None, None)
        found.append(
            {
                "title": topic.title,
                "count": count,
                "where": places.get(where, ""),
                "there": here,
                "join_url": offer_url(area, give="hands", theme=slug, initiative=group),
                "offer_url": offer_url(area, give="gift" if group else "", theme=slug),
            }
        )
    return found


def _doors(response: Response, document: Document) -> Sequence[dict[str, object]]:
    """Deeper layers: offered ones with their length, finished ones still open for change."""
    walk = walk_of(response, document)
    offered = {deeper.id for deeper in walk.offered}
    doors = []
    for deeper in document.layers:
        if deeper is document.first_layer:
            continue
        if deeper.id in offered:
            doors.append({"layer": deeper, "hint": _length(walk.left(deeper)), "done": False})
        elif deeper.id in response.layers_done:
            doors.append({"layer": deeper, "hint": "", "done": True})
    return doors


def _length(left: Length) -> str:
    """“3 questions, 1 minute”: rounded to the nearest minute."""
    questions = ngettext("%(n)d question", "%(n)d questions", left.questions) % {"n": left.questions}
    if left.seconds <= 35:
        return _("%(questions)s, half a minute") % {"questions": questions}
    nearest = max(1, round(left.seconds / 60))
    minutes = ngettext("%(n)d minute", "%(n)d minutes", nearest) % {"n": nearest}
    return f"{questions}, {minutes}"
