"""Openings of an answer, per outcome: sentences with gaps in square brackets for the writer to fill in.

They can't be sent as they are: release refuses a text with a gap (services.compose.gap_in). Every answer
has the same order: what was decided, why, what comes next. A no is in the first line.
"""

from django.utils.translation import gettext as _

from feedback.states import Outcome

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
