"""Forms for a final report: its texts, reactions to themes, a correction, and the notice."""

from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django import forms
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import ConcurrentEditTextsForm, DateField, TextsForm, helper
from core.i18n import pick
from feedback.models import EnvironmentNotice, FinalReport, ThemeReaction
from feedback.reports.services.report_parts import plan_items
from feedback.reports.services.reports import ENVIRONMENT, report_languages
from feedback.states import Outcome
from neighbourhoods.models import ParticipationRules, colleagues_in

MAX_TEXT_LENGTH, MAX_SENTENCE_LENGTH = 2_000, 500


def _part(title: Any, *rows: Any) -> Fieldset:
    return Fieldset(title, *rows, css_class="nabij-part")


class ReportForm(ConcurrentEditTextsForm):
    """The texts around the generated parts; all else in a report is generated."""

    decision_number = forms.CharField(
        label=_("Number of the decision"),
        max_length=60,
        required=False,
        help_text=_("As the council registers it."),
    )
    decision_on = DateField(label=_("Taken on"), required=False)
    decision_url = forms.URLField(
        label=_("Where it can be read"), max_length=200, required=False, assume_scheme="https"
    )

    def __init__(self, *args: Any, report: FinalReport, **kwargs: Any) -> None:
        shown = ("decision_number", "decision_on", "decision_url")
        super().__init__(*args, initial={name: getattr(report, name) for name in shown}, **kwargs)
        self.report, here = report, get_language() or ""
        introduction = self._rows(
            "introduction", _("Introduction"), report.introduction, MAX_TEXT_LENGTH,
            _("What it was about, in three sentences. Everything below is filled in by itself."),
        )  # fmt: skip
        closing = self._rows(
            "closing", _("Closing word"), report.closing, MAX_TEXT_LENGTH, _("How it goes on, and thanks.")
        )
        taken_by = self._rows(
            "decision_by", _("Taken by"), report.decision_by, 120, _("For example: the council.")
        )
        self.sections = ParticipationRules.current().sections()
        if not EnvironmentNotice.objects.filter(trajectory=report.trajectory).exists():
            self.sections.pop(ENVIRONMENT, None)
        sentences = [
            row
            for slug, title in self.sections.items()
            for row in self._rows(
                f"says-{slug}", pick(title, here), report.sentences.get(slug, {}), MAX_SENTENCE_LENGTH
            )
        ]
        plan = report.trajectory.plan
        self.items = plan_items(plan) if plan.is_published and not plan.is_waived else []
        happened = [
            row
            for name, what, planned in self.items
            for row in self._rows(
                f"did-{name}", what, report.happened.get(name, {}), MAX_SENTENCE_LENGTH, planned
            )
        ]
        parts = [
            _part(_("Before and after"), *introduction, *closing),
            _part(
                _("The decision"),
                Row(Column("decision_number"), Column("decision_on")),
                *taken_by,
                "decision_url",
            ),
            _part(_("What came of the plan"), *happened) if happened else None,
            _part(_("A sentence with a section, where that helps"), *sentences),
        ]
        self.helper = helper(*filter(None, parts))

    def _rows(
        self, name: str, label: Any, value: dict[str, str], longest: int, help_text: Any = ""
    ) -> list[Any]:
        names = self.add_texts(
            name, label=str(label), languages=report_languages(), value=value, max_length=longest, required=False,
            rows=4 if longest == MAX_TEXT_LENGTH else 2, help_text=str(help_text),
        )  # fmt: skip
        return [Row(*(Column(each) for each in names))] if len(names) > 1 else list(names)

    @property
    def draft_fields(self) -> dict[str, Any]:
        data = self.cleaned_data
        sentences = {slug: self.texts(f"says-{slug}") for slug in self.sections}
        happened = {name: self.texts(f"did-{name}") for name, _what, _planned in self.items}
        return {
            "introduction": self.texts("introduction"),
            "closing": self.texts("closing"),
            "decision_by": self.texts("decision_by"),
            "sentences": {slug: said for slug, said in sentences.items() if said},
            "happened": {name: said for name, said in happened.items() if said},
            **{name: data[name] for name in ("decision_number", "decision_on", "decision_url")},
        }


class ReactionForm(TextsForm):
    """What was decided on a theme that no answer to residents covers."""

    outcome = forms.ChoiceField(
        label=_("What came of it?"), choices=Outcome.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choose what came of it.")},
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        label=_("Who answers for it?"), queryset=User.objects.none(), empty_label=_("Choose a colleague"),
        error_messages={"required": _("Choose a colleague.")},
    )  # fmt: skip
    on = DateField(label=_("Decided on"), error_messages={"required": _("Choose a day.")})

    def __init__(
        self, *args: Any, reaction: ThemeReaction, areas: list[int], user: User, **kwargs: Any
    ) -> None:
        initial = {
            "outcome": reaction.outcome,
            "owner": reaction.owner_id or user.pk,
            "on": reaction.decided_on,
        }
        super().__init__(*args, initial=initial, **kwargs)
        mine = colleagues_in(areas) | User.objects.filter(pk__in=[user.pk, reaction.owner_id or user.pk])
        self.fields["owner"].queryset = mine.distinct()
        decided = self.add_texts(
            "decided", label=_("What was decided?"), languages=report_languages(), value=reaction.decided,
            max_length=MAX_TEXT_LENGTH, rows=3, help_text=_("A no stands in the first line."),
        )  # fmt: skip
        why = self.add_texts(
            "why", label=_("Why?"), languages=report_languages(), value=reaction.why, max_length=MAX_TEXT_LENGTH,
            required=False, rows=3, help_text=_("Only when all of it goes ahead this may stay empty."),
        )  # fmt: skip
        self.helper = helper("outcome", *decided, *why, Row(Column("owner"), Column("on")))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = f"why_{report_languages()[0]}"
        if data.get("outcome") not in (None, Outcome.ADOPTED) and not (data.get(first) or "").strip():
            self.add_error(first, _("Write why. Without a reason the report can't be finished."))
        return data


class FinishForm(forms.Form):
    """Confirm that the report was read; `seen` is its digest."""

    seen = forms.CharField(widget=forms.HiddenInput)
    read = forms.BooleanField(
        label=_("I read the report as it will be read."),
        error_messages={"required": _("Read the report first, then tick this.")},
    )


class CorrectionForm(TextsForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = self.add_texts(
            "why", label=_("What is corrected, and why?"), languages=report_languages(), max_length=MAX_SENTENCE_LENGTH,
            rows=3, help_text=_("It stands at the top of the new version."),
        )  # fmt: skip
        self.helper = helper(*names)


class NoticeForm(ConcurrentEditTextsForm):
    """The notice about taking part, under the Omgevingswet."""

    HELP = {
        "who": _("Everybody, or whom especially?"),
        "about": _("Which decision or plan, and what is open in it."),
        "when": _("From when to when, and at which moments."),
        "roles": _("What the municipality does, and what who takes the initiative does."),
        "more": _("A page, a counter, a phone number."),
    }

    def __init__(self, *args: Any, notice: EnvironmentNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: list[Any] = []
        for name in EnvironmentNotice.FIELDS:
            label = str(notice._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            names = self.add_texts(
                name, label=upper_first(label), languages=report_languages(), value=getattr(notice, name),
                max_length=MAX_TEXT_LENGTH, required=False, rows=3, help_text=str(self.HELP[name]),
            )  # fmt: skip
            rows += [Row(*(Column(each) for each in names))] if len(names) > 1 else list(names)
        self.helper = helper(*rows)

    @property
    def draft_fields(self) -> dict[str, dict[str, str]]:
        return {name: self.texts(name) for name in EnvironmentNotice.FIELDS}
