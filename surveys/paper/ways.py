"""Advice per kind of channel: what it is for, and what to do with it next."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from surveys.states import ChannelKind, LetterState


@dataclass(frozen=True)
class ChannelAdvice:
    use: str | Promise
    next_step: str | Promise


CHANNEL_ADVICE: dict[str, ChannelAdvice] = {
    ChannelKind.LINK: ChannelAdvice(
        _("For everybody: on your site, in the local paper, in a message between neighbours."),
        _("Send the text below to people who know many neighbours, and ask them to pass it on."),
    ),
    ChannelKind.POSTER: ChannelAdvice(
        _("Where people wait or pass: the shop, the school, the stairwell, the doctor."),
        _("Print it, hang it at eye level, and ask at the counter whether it may stay until the end."),
    ),
    ChannelKind.LETTER: ChannelAdvice(
        _("For every address, also of people who read no posters. The code in it works once."),
        _(
            "Look here after a week to see how many were used. A reminder goes to everybody, "
            "because nobody knows who answered."
        ),
    ),
    ChannelKind.DOOR: ChannelAdvice(
        _("For people who won't answer by themselves: you ring the bell and ask."),
        _("Go after dinner or on Saturday, in pairs, and leave a card where nobody opens."),
    ),
    ChannelKind.EMAIL: ChannelAdvice(
        _("For people whose address you may use for this. Each gets a link of their own."),
        _("Plan the e-mail, and at most two reminders. People who answered or unsubscribed get none."),
    ),
    ChannelKind.PARTNER: ChannelAdvice(
        _("For the site of a school, a housing corporation or a club. Their visitors go to Nabij."),
        _("Send the partner the code below, and ask where on their page it will stand."),
    ),
    ChannelKind.PAPER: ChannelAdvice(
        _("For people who would rather write. One of your colleagues types it in here."),
        _(
            "Print forms, and agree who collects them and when. Each has a code, so that its writer hears back."
        ),
    ),
    ChannelKind.PHONE: ChannelAdvice(
        _("For people who ring: the phone desk asks the questions and fills in the answers."),
        _("Tell the phone desk that it has begun, and what people may ask about it."),
    ),
    ChannelKind.REHEARSAL: ChannelAdvice(_("For trying it out among yourselves."), ""),
}


@dataclass(frozen=True)
class ReachSuggestion:
    """What helps to hear a group from which little was heard, and the channel planned for it.

    A known place, the right time, where people gather already and with somebody they trust (Movisie, Pharos).
    """

    kind: ChannelKind
    text: str | Promise
    plan: str | Promise
    name: str | Promise


REACH_SUGGESTIONS: dict[str, ReachSuggestion] = {
    "15-24": ReachSuggestion(
        ChannelKind.DOOR,
        _("What helps: go to the field or the square yourself, after four. Youth workers know them."),
        _("Plan a round with the youth workers"),
        _("A round with the youth workers"),
    ),
    "25-44": ReachSuggestion(
        ChannelKind.POSTER,
        _("What helps: stand at the school gate or the shop, with a card to scan. It takes two minutes."),
        _("Plan cards for the school gate"),
        _("Cards at the school gate"),
    ),
    "45-64": ReachSuggestion(
        ChannelKind.PARTNER,
        _("What helps: a message by those they hear from already: the club, the landlord, the employer."),
        _("Plan a link for clubs and landlords"),
        _("Link of clubs and landlords"),
    ),
    "65+": ReachSuggestion(
        ChannelKind.PAPER,
        _("What helps: join the coffee morning, on paper, and take the time. Go with somebody they know."),
        _("Plan forms for the coffee morning"),
        _("Forms at the coffee morning"),
    ),
    "area": ReachSuggestion(
        ChannelKind.DOOR,
        _(
            "What helps: ring the bells, early in the evening, in pairs. A letter with a code before it helps."
        ),
        _("Plan a round here"),
        _("Round through %(where)s"),
    ),
}
"""By age band, and for an area. Each text is what one civil servant would tell another."""
# Next action for letters that are not sent yet.
RUN_NEXT: dict[str, str | Promise] = {
    LetterState.LOOKED_AT: _("Look at the list and at an example, and have the letters made."),
    LetterState.MAKING: _("Wait a few minutes."),
    LetterState.STUCK: _("See why, and try it once more."),
    LetterState.MADE: _("Send them to the printer, and destroy list and letters when they are printed."),
}
