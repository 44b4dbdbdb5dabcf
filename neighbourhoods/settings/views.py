"""Pages for the settings and themes of the municipality."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actions import domain_errors_in, form_status
from core.errors import DomainError
from core.forms import atomic_on_post, locked_on_post
from neighbourhoods.access import staff
from neighbourhoods.models import Municipality, Theme
from neighbourhoods.settings import services
from neighbourhoods.settings.forms import MunicipalityForm, ThemeForm
from neighbourhoods.states import Role

# --- settings ----------------------------------------------------------------------------------


def require_municipality(request: HttpRequest) -> None:
    """403 unless the user is an administrator of the whole municipality."""
    if not request.desk.runs_municipality:
        raise PermissionDenied


def settings_tabs(request: HttpRequest, here: str) -> list[dict]:
    """The tabs of the settings; an administrator of one area gets only colleagues."""
    pages = [("colleagues", _("Colleagues"))]
    if request.desk.runs_municipality:
        pages += [
            ("settings", _("Municipality")),
            ("themes", _("Themes")),
            ("participation", _("Working with residents")),
            ("keeping_default", _("Privacy of surveys")),
            ("indicators", _("Figures")),
            ("events", _("Log")),
        ]
    return [{"url": reverse(name), "label": label, "current": name == here} for name, label in pages]


# --- municipality ------------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    if not request.desk.runs_municipality and request.method != "POST":
        return redirect("colleagues")  # the only tab of an administrator of one area
    require_municipality(request)
    with atomic_on_post(request):
        data = request.POST if request.method == "POST" else None
        there = Municipality.objects.filter(pk=1).first() if data is None else services.lock_settings()
        form = MunicipalityForm(data, municipality=there or Municipality.current())
        if form.is_valid() and not form.has_conflicts():
            services.save_settings(changes=form.changes(), by=request.user, held=there)
            messages.success(request, _("Saved."))
            return redirect("settings")
    context = {"form": form, "tabs": settings_tabs(request, "settings")}
    return render(request, "neighbourhoods/settings.html", context, status=form.status)


# --- themes -----------------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def themes(request: HttpRequest) -> HttpResponse:
    require_municipality(request)
    form = ThemeForm(
        request.POST if request.method == "POST" else None, languages=Municipality.current().languages
    )
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            services.add_theme(name=form.texts("name"), by=request.user)
            messages.success(request, _("Added."))
            return redirect("themes")
    found = list(Theme.objects.all())
    context = {
        "form": form,
        "tabs": settings_tabs(request, "themes"),
        "themes": [theme for theme in found if theme.retired_on is None],
        "retired": [theme for theme in found if theme.retired_on],
    }
    return render(request, "neighbourhoods/themes.html", context, status=form_status(form))


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    require_municipality(request)
    with atomic_on_post(request):
        theme = get_object_or_404(locked_on_post(request, Theme.objects.all()), slug=slug)
        form = ThemeForm(
            request.POST if request.method == "POST" else None,
            languages=list(dict.fromkeys([*Municipality.current().languages, *theme.name])),
            value=theme.name,
            words=theme.words,
        )
        if form.is_valid() and not form.has_conflicts():
            with domain_errors_in(form):
                services.change_theme(
                    theme=theme, name=form.texts("name"), words=form.texts("words"), by=request.user
                )
                messages.success(request, _("Saved."))
                return redirect("themes")
    context = {"form": form, "theme": theme, "tabs": settings_tabs(request, "themes")}
    return render(request, "neighbourhoods/theme.html", context, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_POST
def theme_move(request: HttpRequest, slug: str) -> HttpResponse:
    require_municipality(request)
    theme = get_object_or_404(Theme, slug=slug)
    services.move_theme(theme=theme, down=request.POST.get("direction") == "down", by=request.user)
    return redirect(f"{reverse('themes')}#{theme.slug}")


@staff(Role.ADMINISTRATOR)
@require_POST
def theme_retire(request: HttpRequest, slug: str) -> HttpResponse:
    require_municipality(request)
    theme = get_object_or_404(Theme, slug=slug)
    change = services.restore_theme if "back" in request.POST else services.retire_theme
    try:
        change(theme=theme, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("themes")
