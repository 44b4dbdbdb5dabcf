"""/styleguide/ (debug only): every component in every state on one page, also used by visual tests."""

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from core import drawings
from initiatives.matching.forms import MomentsField
from neighbourhoods.access import public

COLOURS = (
    ("paper", "#fbf7f0"),
    ("ink", "#1c2733"),
    ("ink-soft", "#515b66"),
    ("edge", "#857b6c"),
    ("canal", "#0b5a58"),
    ("canal-tint", "#e3f0ec"),
    ("lamp", "#f6c544"),
    ("lamp-tint", "#fff1cc"),
    ("brick", "#a2381d"),
    ("night", "#1e3340"),
    ("sky", "#d9e8ef"),
)
SAMPLE_SUM = (
    {"kind": "sent", "label": "verstuurd", "count": 49},
    {"kind": "page", "label": "op hun eigen pagina", "count": 12},
    {"kind": "suppressed", "label": "afgemeld", "count": 3},
    {"kind": "failed", "label": "mislukt", "count": 1, "url": "#sum", "action": "bel of schrijf"},
    {"kind": "uncertain", "label": "onzeker", "count": 1, "url": "#sum", "action": "zoek uit"},
    {"kind": "pending", "label": "onderweg", "count": 4},
)


class StyleguideForm(forms.Form):
    email = forms.EmailField(label="Uw e-mailadres", help_text="Alleen voor antwoord op wat u zei.")
    consent = forms.BooleanField(
        label="Ja, de gemeente mag mij mailen over wat er met mijn antwoord gebeurt."
    )
    role = forms.ChoiceField(
        label="Wat past bij u?",
        choices=[("think", "Meedenken"), ("once", "Eén keer helpen"), ("often", "Vaker helpen")],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label="Wanneer kunt u?",
        choices=[("mo", "Maandag"), ("th", "Donderdag")],
        widget=forms.CheckboxSelectMultiple,
    )
    area = forms.ChoiceField(
        label="Welke buurt?", choices=[("1", "Oosterhaven"), ("2", "De Linde"), ("3", "Sluiskwartier")]
    )
    moments = MomentsField(label="Wanneer kunt u?", initial=["2m", "2a", "4e", "6m"])
    photo = forms.FileField(label="Een foto", required=False)
    words = forms.CharField(label="Wat mist u nog?", widget=forms.Textarea(attrs={"rows": 3}), required=False)


@public
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """`?theme=heidebrug`, `?language=ar` and `?desk=1` change the theme, language or layout."""
    language = request.GET.get("language", translation.get_language())
    with translation.override(language):
        return render(request, "scenarios/styleguide.html", _parts(request))


def _parts(request: HttpRequest) -> dict:
    wrong = StyleguideForm({"email": "buurvrouw@voorbeeld", "role": "once"})
    today = timezone.localdate()
    return {
        "municipality": {"name": "Gemeente Waterdam", "theme": request.GET.get("theme", "")},
        "desk": request.GET.get("desk"),
        "colours": COLOURS,
        "icon_names": drawings.ICON_PATHS,
        "form": StyleguideForm(initial={"role": "think"}),
        "wrong": wrong,
        "parts": SAMPLE_SUM,
        "total": sum(part["count"] for part in SAMPLE_SUM),
        "waiting_few": [(3, 1), (12, 2), (20, 1)],
        "waiting_some": [(4, 1), (9, 2), (16, 2), (18, 1), (22, 4), (26, 1), (29, 1), (35, 2), (41, 2)],
        "waiting_many": [(days, 1) for days in range(90)],
        "promised_on": date(today.year + 1, 5, 15),
        "yesterday": today - timedelta(days=1),
        "backers": [
            {"name": "De wethouder wonen", "text": "staat hierachter."},
            {"name": "Uw wijkmanager", "text": "zorgt dat het gebeurt."},
        ],
        "expectations": [
            {"name": "Geld", "strong": "Er is geen geld.", "text": "Wel een zaal en koffie."},
            {"name": "Tijd", "text": "Eén avond in mei."},
            {"name": "Invloed", "text": "U denkt mee. De raad beslist."},
            {"name": "Contact", "text": "Uw wijkmanager."},
        ],
        "timeline": [
            {"date": "3 maart", "text": "U gaf antwoord."},
            {
                "date": "2 april",
                "text": "215 buren deden mee.",
                "url": "#timeline",
                "link": "Bekijk de uitkomst",
            },
            {"date": "vóór 15 mei", "text": "U hoort meer over de bushalte.", "todo": True},
        ],
        "figures": [
            {"value": "76", "text": "mensen wachten"},
            {"value": "23", "text": "langer dan beloofd", "late": True},
            {"value": "62 dagen", "text": "wacht de langste"},
        ],
        "tabs": [
            {"url": "#tabs", "label": "Per vraag", "current": True},
            {"url": "#tabs", "label": "Open antwoorden", "count": 83},
            {"url": "#tabs", "label": "Wat bewoners zien"},
        ],
        "week": ["2m", "2a", "4a", "4n", "6m"],
        "foreign_text": {"nl": "Alleen in het Nederlands geschreven."},
    }
