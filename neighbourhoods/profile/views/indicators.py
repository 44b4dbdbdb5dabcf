"""Pages for indicators, as the municipality names them, and for their sources."""

from copy import copy

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in
from core.forms import atomic_on_post, locked_on_post
from neighbourhoods.access import staff
from neighbourhoods.imports.services import indicators as services
from neighbourhoods.models import Figure, Indicator, Municipality, Source
from neighbourhoods.profile.forms import IndicatorForm, SourceForm
from neighbourhoods.settings.views import require_municipality, settings_tabs
from neighbourhoods.states import Role


@staff(Role.ADMINISTRATOR)
@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """The indicators in profile order, with the last year of their figures, and the sources."""
    require_municipality(request)
    context = {
        "tabs": settings_tabs(request, "indicators"),
        "indicators": Indicator.objects.with_last_year(),
        "sources": Source.objects.all(),
    }
    return render(request, "neighbourhoods/indicators.html", context)


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def indicator(request: HttpRequest, slug: str) -> HttpResponse:
    require_municipality(request)
    with atomic_on_post(request):
        one = get_object_or_404(locked_on_post(request, Indicator.objects.all()), slug=slug)
        form = IndicatorForm(
            request.POST if request.method == "POST" else None,
            indicator=one,
            languages=Municipality.current().languages,
        )
        if form.is_valid() and not form.has_conflicts():
            services.change_indicator(indicator=one, by=request.user, **form.changes)
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('indicators')}#{one.slug}")
    sources = Source.objects.filter(pk__in=Figure.objects.filter(indicator=one).order_by().values("source"))
    context = {"form": form, "indicator": one, "sources": sources}
    return render(request, "neighbourhoods/indicator.html", context, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_POST
def indicator_move(request: HttpRequest, slug: str) -> HttpResponse:
    require_municipality(request)
    one = get_object_or_404(Indicator, slug=slug)
    services.move_indicator(indicator=one, down=request.POST.get("direction") == "down", by=request.user)
    return redirect(f"{reverse('indicators')}#{one.slug}")


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def source(request: HttpRequest, pk: int) -> HttpResponse:
    require_municipality(request)
    with atomic_on_post(request):
        one = get_object_or_404(locked_on_post(request, Source.objects.all()), pk=pk)
        form = SourceForm(request.POST if request.method == "POST" else None, instance=copy(one))
        if form.is_valid() and not form.has_conflicts():
            with domain_errors_in(form, "name"):
                services.change_source(source=one, by=request.user, **form.cleaned_data)
                messages.success(request, _("Saved."))
                return redirect("indicators")
    return render(request, "neighbourhoods/source.html", {"form": form, "source": one}, status=form.status)
