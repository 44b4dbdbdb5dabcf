"""Help with writing an answer: what was decided already, what we told before, who does it, and whom to talk to.

It only fills what is still empty, in the form on the screen. Nothing is kept before the writer keeps it, and what it
leaves open stands between square brackets, with which nothing is released.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from core.i18n import Texts, pick
from feedback.answers.openings import opening
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, FollowUp, ThemeReaction, Topic
from feedback.record.services.public_record import HANDED_OUT
from feedback.registries import RelatedItem, asked_in, known_about
from feedback.states import Outcome
from neighbourhoods.advice.plain_language import LintFinding, plain_language
from neighbourhoods.models import Municipality, ParticipationRules

EARLIER = 5
RECENT_FOLLOW_UPS_READ = 50
"""So many of our last answers are looked through."""


@dataclass(frozen=True)
class Decided:
    """Something that was decided or told before about this or the like: by whom, when, and where it can be read.

    `is_same` when it was about exactly this: only then are its words taken over.
    """

    about: Texts
    outcome: str
    texts: dict[str, Texts]
    who: str
    on: date
    url: str
    is_same: bool = True

    @property
    def word(self) -> str:
        """What goes ahead is not done yet."""
        return str(Outcome(self.outcome).label)


@dataclass(frozen=True)
class Help:
    """What is known about what this answer is about; `decided` has what counts most first."""

    decided: list[Decided] = field(default_factory=list)
    known: list[RelatedItem] = field(default_factory=list)


def help_with(follow_up: FollowUp, by: User) -> Help:
    topics = _topics(follow_up)
    keys = sorted({topic.key for topic in topics})
    areas = sorted({topic.area_id for topic in topics})
    source = follow_up.audience["source"]
    return Help(
        decided=[*_noted(source, topics), *_told(follow_up, topics, by)],
        known=[one for ask in known_about for one in ask(by, source, keys, areas)],
    )


def _topics(follow_up: FollowUp) -> list[Topic]:
    """What its readers said. Of an answer about everything that was asked nothing in particular is known."""
    chosen = follow_up.audience
    if not (chosen.get("key") or chosen.get("theme") or follow_up.is_personal):
        return []
    owed = audience.debts(follow_up)
    return list(Topic.objects.filter(Exists(owed.filter(topic=OuterRef("pk")))).select_related("theme"))


def _noted(source: str, topics: list[Topic]) -> Iterator[Decided]:
    """What the body decided on the same theme, as it stands in the final report of the trajectory."""
    slugs = {topic.theme.slug for topic in topics if topic.theme}
    for one in ThemeReaction.objects.filter(subject__in=slugs).select_related("trajectory", "owner"):
        if any(asked.source == source for ask in asked_in for asked in ask(one.trajectory)):
            yield Decided(
                about={"": one.trajectory.title},
                outcome=one.outcome,
                texts={"decided": one.decided, "why": one.why},
                who=one.owner.title,
                on=one.decided_on,
                url=reverse("report", args=[one.trajectory_id]),
            )


def _told(follow_up: FollowUp, topics: list[Topic], by: User) -> Iterator[Decided]:
    """Those of our last answers about the same thing, or the same theme in the same place; none that was corrected."""
    themes = {topic.theme_id for topic in topics if topic.theme_id}
    areas = {topic.area_id for topic in topics}
    this = Topic.objects.filter(source=follow_up.audience["source"], key__in={topic.key for topic in topics})
    alike = this
    if themes:
        alike = alike | Topic.objects.filter(theme__in=themes, area__in=areas)
    corrected = FollowUp.objects.filter(corrects=OuterRef("pk"), state__in=HANDED_OUT)
    named = AnswerOwed.objects.filter(named_by__follow_up=OuterRef("pk"), topic__in=alike.values("pk"))
    same = AnswerOwed.objects.filter(named_by__follow_up=OuterRef("pk"), topic__in=this.values("pk"))
    out = (
        FollowUp.objects.visible_to(by)
        .for_everybody()
        .filter(~Exists(corrected), state__in=HANDED_OUT)
        .exclude(pk=follow_up.corrects_id or 0)
        .order_by("-released_at", "-pk")
    )
    # Found first, so that no more than these are held against what their readers said.
    lately = list(out.values_list("pk", flat=True)[:RECENT_FOLLOW_UPS_READ])
    found = out.filter(Exists(named), pk__in=lately).annotate(is_same=Exists(same)).select_related("owner")
    for one in found[:EARLIER]:
        yield Decided(
            about=one.title,
            outcome=one.outcome,
            texts={part: getattr(one, part) for part in ("decided", "why", "next_step", "contact")},
            who=one.owner.title,
            on=timezone.localdate(one.released_at or one.created_at),
            url=reverse("followup_progress", args=[one.pk]),
            is_same=one.is_same,
        )


def proposed(
    *, follow_up: FollowUp, outcome: str, languages: list[str], found: Help
) -> tuple[str, dict[str, dict[str, str]]]:
    """(outcome, part -> language -> words) to begin with: what was decided with this outcome, else what has gaps.

    Without an outcome it is that of what was decided last about exactly this. In languages that we have no sentences in
    only what was decided in them is filled in.
    """
    same = [one for one in found.decided if one.is_same]
    outcome = outcome or next((one.outcome for one in same), "")
    source = next((one for one in same if one.outcome == outcome), None)
    ours = dict(settings.LANGUAGES)
    texts: dict[str, dict[str, str]] = {}
    for code in languages:
        begun: dict[str, str] = {}
        if code in ours:
            with override(code):
                begun = opening(outcome)
                begun["contact"] = _contact(follow_up, code)
                if names := [pick(one.name, code) for one in found.known if one.name]:
                    begun["next_step"] = " ".join(
                        [
                            _("This is what people do already: %(names)s.") % {"names": ", ".join(names)},
                            begun.get("next_step", ""),
                        ]
                    )
        for part in ("decided", "why", "next_step", "contact"):
            words = source.texts.get(part, {}).get(code, "").strip() if source else ""
            if words or begun.get(part):
                texts.setdefault(part, {})[code] = words or begun[part].strip()
    return outcome, texts


def _contact(follow_up: FollowUp, code: str) -> str:
    """Who signs or owns it, by their function; where to call, and when. Never a name."""
    who = follow_up.signed_as.get(code, "") or follow_up.owner.title
    municipality, hours = Municipality.current(), ParticipationRules.current().desk_hours.get(code, "")
    said = who[:1].upper() + who[1:]
    if municipality.phone:
        said = _("%(who)s, phone %(phone)s") % {"who": said, "phone": municipality.phone}
    return ", ".join(filter(None, [said, hours]))


def plain_language_remarks(follow_up: FollowUp) -> dict[str, list[tuple[str, LintFinding]]]:
    """Per language what is not in plain words, with the part it is about."""
    found: dict[str, list[tuple[str, LintFinding]]] = {}
    for part in ("decided", "why", "next_step"):
        for code, words in getattr(follow_up, part).items():
            for remark in plain_language(words, code):
                found.setdefault(code, []).append((part, remark))
    return found
