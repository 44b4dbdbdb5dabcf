"""Help for the writer of an answer: suggestions, openings, and a preview.

Suggestions are earlier decisions and answers, what exists already, and a contact. They only fill empty
fields in the form on screen; the writer saves. What they can't fill is a gap in square brackets, which
blocks release.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import absolute
from accounts.models import User
from accounts.states import ReceiptPurpose
from core.i18n import Texts, pick
from feedback.answers import emails
from feedback.answers.emails import quoted_contributions, titles_of
from feedback.contributions.services import audience
from feedback.delivery.services.outbox import queue_message
from feedback.models import AnswerOwed, FollowUp, Message, ThemeReaction, Topic, build_key
from feedback.record.services.public_record import PUBLIC_STATES
from feedback.registries import RelatedItem, source_hooks, topic_sources_in
from feedback.states import MessagePurpose, Outcome
from neighbourhoods.advice.plain_language import LintFinding, find_plain_language_issues
from neighbourhoods.models import Municipality, ParticipationRules

MAX_EARLIER_DECISIONS = 5
RECENT_FOLLOW_UPS_READ = 50
"""The number of latest answers searched."""


@dataclass(frozen=True)
class EarlierDecision:
    """An earlier decision or answer about this or something similar: by whom, when, and its URL.

    `is_same` if it was about exactly this topic: only then its text is reused.
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
        """The label of the outcome: adopted is “goes ahead”, as it is not done yet."""
        return str(Outcome(self.outcome).label)


@dataclass(frozen=True)
class DraftingContext:
    """What is known about the topics of this answer; the most relevant `earlier_decisions` first."""

    earlier_decisions: list[EarlierDecision] = field(default_factory=list)
    related_items: list[RelatedItem] = field(default_factory=list)


def drafting_context(follow_up: FollowUp, by: User) -> DraftingContext:
    topics = _topics(follow_up)
    keys = sorted({topic.key for topic in topics})
    areas = sorted({topic.area_id for topic in topics})
    source = follow_up.audience["source"]
    return DraftingContext(
        earlier_decisions=[*_noted(source, topics), *_told(follow_up, topics, by)],
        related_items=[one for hooks in source_hooks for one in hooks.known_about(by, source, keys, areas)],
    )


def _topics(follow_up: FollowUp) -> list[Topic]:
    """The topics its readers spoke about. Empty for an answer about the whole survey, as that has no
    single topic."""
    chosen = follow_up.audience
    if not (chosen.get("key") or chosen.get("theme") or follow_up.is_personal):
        return []
    owed = audience.debts(follow_up)
    return list(Topic.objects.filter(Exists(owed.filter(topic=OuterRef("pk")))).select_related("theme"))


def _noted(source: str, topics: list[Topic]) -> Iterator[EarlierDecision]:
    """Decisions of the body on the same theme, from the reactions to themes of the trajectory."""
    slugs = {topic.theme.slug for topic in topics if topic.theme}
    for one in ThemeReaction.objects.filter(subject__in=slugs).select_related("trajectory", "owner"):
        if any(asked.source == source for asked in topic_sources_in(one.trajectory)):
            yield EarlierDecision(
                about={"": one.trajectory.title},
                outcome=one.outcome,
                texts={"decided": one.decided, "why": one.why},
                who=one.owner.title,
                on=one.decided_on,
                url=reverse("report", args=[one.trajectory_id]),
            )


def _told(follow_up: FollowUp, topics: list[Topic], by: User) -> Iterator[EarlierDecision]:
    """Our latest answers about the same topic, or the same theme in the same area; without corrected ones."""
    themes = {topic.theme_id for topic in topics if topic.theme_id}
    areas = {topic.area_id for topic in topics}
    this = Topic.objects.filter(source=follow_up.audience["source"], key__in={topic.key for topic in topics})
    alike = this
    if themes:
        alike = alike | Topic.objects.filter(theme__in=themes, area__in=areas)
    corrected = FollowUp.objects.filter(corrects=OuterRef("pk"), state__in=PUBLIC_STATES)
    named = AnswerOwed.objects.filter(named_by__follow_up=OuterRef("pk"), topic__in=alike.values("pk"))
    same = AnswerOwed.objects.filter(named_by__follow_up=OuterRef("pk"), topic__in=this.values("pk"))
    out: QuerySet[FollowUp] = (
        FollowUp.objects.visible_to(by)
        .for_everybody()
        .filter(~Exists(corrected), state__in=PUBLIC_STATES)
        .exclude(pk=follow_up.corrects_id or 0)
        .order_by("-released_at", "-pk")
    )
    # Limit the candidates first; the EXISTS over what readers said is expensive.
    lately = list(out.values_list("pk", flat=True)[:RECENT_FOLLOW_UPS_READ])
    found = out.filter(Exists(named), pk__in=lately).annotate(is_same=Exists(same)).select_related("owner")
    for one in found[:MAX_EARLIER_DECISIONS]:
        yield EarlierDecision(
            about=one.title,
            outcome=one.outcome,
            texts={part: getattr(one, part) for part in ("decided", "why", "next_step", "contact")},
            who=one.owner.title,
            on=timezone.localdate(one.released_at or one.created_at),
            url=reverse("followup_progress", args=[one.pk]),
            is_same=one.is_same,
        )


def proposed_texts(
    *, follow_up: FollowUp, outcome: str, languages: list[str], context: DraftingContext
) -> tuple[str, dict[str, dict[str, str]]]:
    """(outcome, part -> language -> text) to start from: an earlier decision with this outcome, else an
    opening with gaps.

    Without an outcome the one of the last decision about exactly this topic is used. Languages without
    openings get only the text of earlier decisions.
    """
    same = [one for one in context.earlier_decisions if one.is_same]
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
                if names := [pick(one.name, code) for one in context.related_items if one.name]:
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
    """The signing role or the owner's title, with phone number and desk hours. Never a name."""
    who = follow_up.signed_as.get(code, "") or follow_up.owner.title
    municipality, hours = Municipality.current(), ParticipationRules.current().desk_hours.get(code, "")
    said = who[:1].upper() + who[1:]
    if municipality.phone:
        said = _("%(who)s, phone %(phone)s") % {"who": said, "phone": municipality.phone}
    return ", ".join(filter(None, [said, hours]))


def plain_language_remarks(follow_up: FollowUp) -> dict[str, list[tuple[str, LintFinding]]]:
    """Remarks on plain language, as (part, remark) per language."""
    found: dict[str, list[tuple[str, LintFinding]]] = {}
    for part in ("decided", "why", "next_step"):
        for code, words in getattr(follow_up, part).items():
            for remark in find_plain_language_issues(words, code):
                found.setdefault(code, []).append((part, remark))
    return found


# --- openings ------------------------------------------------------------------------------------
# Openings of an answer, per outcome: sentences with gaps in square brackets for the writer to fill in.
#
# They can't be sent as they are: release refuses a text with a gap (services.compose.gap_in). Every answer
# has the same order: what was decided, why, what comes next. A no is in the first line.


Opening = dict[str, str]


def opening(outcome: str) -> Opening:
    """Part -> text in the active language; {} for an unknown outcome."""
    openings: dict[str, Opening] = {
        Outcome.ADOPTED: {
            "decided": _("This goes ahead. [What will be there, and from which day?]"),
            "why": _("[Why we do this: what people said, and what it brings.]"),
            "next_step": _("[Who does what now? A day, a place.]"),
        },
        Outcome.PARTLY: {
            "decided": _(
                "A part of it can be done. [What will be there, and from which day?] [What will not?]"
            ),
            "why": _("[Why not all of it: the reason, with an amount or a number.]"),
            "next_step": _("[Who does what now? A day, a place.]"),
        },
        Outcome.NO: {
            "decided": _("We will not do this. [What stays as it is?]"),
            "why": _("[The real reason, with an amount, a number or a rule.]"),
            "next_step": _("Do you disagree? [Who decides about that, and before which day can you say so?]"),
        },
        Outcome.NOT_OURS: {
            "decided": _("This is not ours to decide. [Who does decide about it?]"),
            "why": _("[Why they decide about it.] We passed it on for you. [To whom, and on which day?]"),
            "next_step": _("[Before which day do you hear what they say, and from whom?]"),
        },
        Outcome.NOT_YET: {
            "decided": _("We don't know yet. [What do we know already?]"),
            "why": _("[What has to be found out or decided first, and by whom?]"),
            "next_step": _("[Before which day do you hear more, and from whom?]"),
        },
    }
    return openings.get(outcome, {})


# --- preview -------------------------------------------------------------------------------------
# Preview of a follow-up as one of its readers would get it.


@dataclass(frozen=True)
class PreviewExample:
    """What one reader said and will read. `reader` is only a cursor for the next example, never a way to
    reach them."""

    reader: UUID | None
    facts: emails.AnswerForReader


def example(follow_up: FollowUp, language: str, *, after: UUID | None = None) -> PreviewExample:
    """The first reader after `after` who answered in `language`, else any. Quotes only what mail may repeat."""
    owed = audience.debts(follow_up).order_by("receipt")
    spoken = owed.filter(receipt__language=language)
    # For a language without readers, show a reader of another language.
    owed = spoken if spoken.exists() else owed
    further = owed.filter(receipt__gt=after) if after else owed
    reader = (
        further.values_list("receipt", flat=True).first() or owed.values_list("receipt", flat=True).first()
    )
    debts = (
        list(owed.filter(receipt=reader).select_related("contribution", "topic__area").order_by("pk"))
        if reader
        else []
    )
    return PreviewExample(reader, _facts(follow_up, debts, language))


def _facts(follow_up: FollowUp, debts: list[AnswerOwed], language: str) -> emails.AnswerForReader:
    today = timezone.localdate()
    first = debts[0] if debts else None
    area = first.topic.area if first else follow_up.areas.first()
    source = first.topic.source if first else str(follow_up.audience.get("source", ""))
    nowhere = absolute("/")
    return emails.AnswerForReader(
        municipality=Municipality.current().name,
        area=area.name if area else Municipality.current().name,
        asked_on=first.contribution.said_on if first else today,
        address_given_on=first.contribution.said_on if first else today,
        contributions=quoted_contributions(debts),
        outcome=follow_up.outcome,
        **follow_up.texts_for(language),
        # No links in a preview: they would belong to one reader.
        item_url=nowhere,
        unsubscribe_url=nowhere,
        corrects=follow_up.corrects_id is not None,
        goes_on=follow_up.goes_on,
        is_own_topic=first is not None and first.receipt.purpose != ReceiptPurpose.PARTICIPATION,
        survey_title=titles_of([source]).get(source, {}),
    )


def send_preview_to(*, follow_up: FollowUp, language: str, by: User) -> Message:
    """Send the mail as a reader would get it to a colleague. The same text twice is one mail."""
    letter = emails.follow_up([example(follow_up, language).facts], language)
    return queue_message(
        purpose=MessagePurpose.TRIAL,
        dedupe_key=build_key("trial", follow_up.pk, language, by.pk, follow_up.digest),
        language=language,
        user=by,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
    )
