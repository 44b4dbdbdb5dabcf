"""The states of a survey, kinds of respondent and channel."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SurveyState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published, not open yet")
    OPEN = "open", _("open")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")


SURVEY_TRANSITIONS: dict[str, frozenset[str]] = {
    SurveyState.DRAFT: frozenset({SurveyState.PUBLISHED}),
    SurveyState.PUBLISHED: frozenset({SurveyState.DRAFT, SurveyState.OPEN}),
    SurveyState.OPEN: frozenset({SurveyState.PAUSED, SurveyState.CLOSED}),
    SurveyState.PAUSED: frozenset({SurveyState.OPEN, SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset(),
}
# A resident who began may finish the layer also while the survey is paused; only closing ends that.
ANSWERABLE = frozenset({SurveyState.OPEN, SurveyState.PAUSED})
SEEN_BY_RESIDENTS = frozenset({SurveyState.OPEN, SurveyState.PAUSED, SurveyState.CLOSED})


class VersionKind(models.TextChoices):
    FIRST = "first", _("first publication")
    COSMETIC = "cosmetic", _("spelling")
    MEANING = "meaning", _("meaning")


class Respondent(models.TextChoices):
    RESIDENT = "resident", _("resident")
    ORGANISATION = "organisation", _("organisation")
    ENTREPRENEUR = "entrepreneur", _("entrepreneur")


class ChannelKind(models.TextChoices):
    LINK = "link", _("link")
    POSTER = "poster", _("poster or flyer")
    LETTER = "letter", _("letter")
    DOOR = "door", _("door to door")
    EMAIL = "email", _("e-mail")
    PARTNER = "partner", _("partner's site")
    PAPER = "paper", _("paper")
    PHONE = "phone", _("phone")
    REHEARSAL = "rehearsal", _("rehearsal")


class Skip(models.TextChoices):
    """How a question lets go: skip an opinion, not know a fact, keep something sensitive."""

    SKIP = "skip", _("Skip this question")
    DONT_KNOW = "dont_know", _("I don't know")
    RATHER_NOT = "rather_not", _("I'd rather not say")
