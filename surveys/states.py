"""States and choices of surveys."""

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
STATES_UNDER_WAY = frozenset({SurveyState.PUBLISHED, SurveyState.OPEN, SurveyState.PAUSED})
# A resident who began a layer may finish it while the survey is paused; only closing ends that.
ANSWERABLE_STATES = frozenset({SurveyState.OPEN, SurveyState.PAUSED})
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


class ItemKind(models.TextChoices):
    QUESTION = "question", _("question")
    LAYER = "layer", _("block of questions")
    SURVEY = "survey", _("whole survey")


# Channels that anybody may be pointed to.
PUBLIC_CHANNEL_KINDS = (ChannelKind.LINK, ChannelKind.POSTER, ChannelKind.PARTNER)


class LetterState(models.TextChoices):
    """Addressed letters. The address list, the letters and their order are destroyed together."""

    LOOKED_AT = "looked_at", _("to be looked at")
    MAKING = "making", _("being made")
    MADE = "made", _("ready for the printer")
    STUCK = "stuck", _("could not be made")
    DESTROYED = "destroyed", _("destroyed")


LETTER_TRANSITIONS: dict[str, frozenset[str]] = {
    LetterState.LOOKED_AT: frozenset({LetterState.MAKING, LetterState.DESTROYED}),
    LetterState.MAKING: frozenset({LetterState.MADE, LetterState.STUCK}),
    LetterState.STUCK: frozenset({LetterState.MAKING, LetterState.DESTROYED}),
    LetterState.MADE: frozenset({LetterState.DESTROYED}),
    LetterState.DESTROYED: frozenset(),
}


class Replacement(models.TextChoices):
    """A letter code used up by somebody else is replaced; the fresh code in its place is never replaced again."""

    REPLACED = "replaced"
    FRESH = "fresh"


class ExportForm(models.TextChoices):
    CSV = "csv", _("CSV, in a ZIP with the codebook")
    XLSX = "xlsx", _("workbook (XLSX), the codebook on a sheet of its own")


class ExportState(models.TextChoices):
    MAKING = "making", _("being made")
    MADE = "made", _("ready")
    STUCK = "stuck", _("could not be made")
    DESTROYED = "destroyed", _("destroyed")


EXPORT_TRANSITIONS: dict[str, frozenset[str]] = {
    ExportState.MAKING: frozenset({ExportState.MADE, ExportState.STUCK, ExportState.DESTROYED}),
    ExportState.MADE: frozenset({ExportState.DESTROYED}),
    ExportState.STUCK: frozenset({ExportState.DESTROYED}),
    ExportState.DESTROYED: frozenset(),
}


class PaperState(models.TextChoices):
    """A paper form counts once it is `done`; from then on none of its entries is kept."""

    OUT = "out", _("handed out")
    ONCE = "once", _("entered once")
    DIFFERS = "differs", _("entered twice, not alike")
    DONE = "done", _("counts")


class DoubleEntryShare(models.IntegerChoices):
    """Percentage of paper forms entered a second time, by another colleague."""

    NONE = 0, _("none")
    SOME = 10, _("one in ten, drawn by chance")
    ALL = 100, _("all of them")


class EnvelopeWindow(models.TextChoices):
    """Position of the address window in the envelope."""

    LEFT = "left", _("left")
    RIGHT = "right", _("right")


class Basis(models.TextChoices):
    """Legal basis for writing to an address."""

    CONSENT = "consent", _("they agreed to be asked")
    TASK = "public_task", _("a task of the municipality")


class MailingState(models.TextChoices):
    HOLD = "hold", _("planned")
    RELEASED = "released", _("handed to the outbox")
    STOPPED = "stopped", _("stopped")


MAILING_TRANSITIONS: dict[str, frozenset[str]] = {
    MailingState.HOLD: frozenset({MailingState.RELEASED, MailingState.STOPPED}),
    MailingState.RELEASED: frozenset(),
    MailingState.STOPPED: frozenset(),
}


class Skip(models.TextChoices):
    """Wording of the skip button: skip an opinion, not know a fact, withhold something sensitive."""

    SKIP = "skip", _("Skip this question")
    DONT_KNOW = "dont_know", _("I don't know")
    RATHER_NOT = "rather_not", _("I'd rather not say")


class Suspicion(models.TextChoices):
    """Why a response is suspect; it does not count until a colleague decides."""

    BURST = "burst", _("very many from one place within an hour")
    FAST = "fast", _("faster than anybody reads")


class LegalBasis(models.TextChoices):
    """Legal basis for keeping answers (GDPR article 6)."""

    PUBLIC_TASK = "public_task", _("a task of the municipality")
    CONSENT = "consent", _("consent of the person who answers")
    LEGAL_DUTY = "legal_duty", _("a duty by law")


class CountsAs(models.TextChoices):
    """What choosing an option says about a neighbourhood; used in the advice on how to approach it."""

    JOINS = "joins", _("wants to join in")
    KNOWS = "knows", _("knows neighbours")
    AGE_15 = "15-24", _("is 15 to 24 years old")
    AGE_25 = "25-44", _("is 25 to 44 years old")
    AGE_45 = "45-64", _("is 45 to 64 years old")
    AGE_65 = "65+", _("is 65 or older")


class StatementState(models.TextChoices):
    """Moderation state of a neighbour's statement."""

    WAITING = "waiting", _("waits for a reader")
    THROUGH = "through", _("let through")
    REFUSED = "refused", _("not let through")


STATEMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    StatementState.WAITING: frozenset({StatementState.THROUGH, StatementState.REFUSED}),
    # WAITING: its words changed, whatever was decided about the earlier ones.
    StatementState.THROUGH: frozenset({StatementState.REFUSED, StatementState.WAITING}),
    StatementState.REFUSED: frozenset({StatementState.THROUGH, StatementState.WAITING}),
}
