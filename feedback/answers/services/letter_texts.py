"""What a letter by post says: its paragraphs, from a message that was prepared."""

from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from core.i18n import language_of, pick
from feedback.answers import emails
from feedback.answers.services.prepare import FollowUpMail
from feedback.delivery.emails import mail_language
from feedback.delivery.paper import HeadedText, PaperLetter, Passage
from feedback.delivery.services.prepare import PreparedMessage


def sheet_of(parcel: PreparedMessage) -> PaperLetter:
    """The letter of `parcel`: its answers, or else the text of its mail."""
    if isinstance(parcel.renderer, FollowUpMail):
        return _with_answers(parcel, parcel.renderer)
    return _as_written(parcel)


def _with_answers(parcel: PreparedMessage, mail: FollowUpMail) -> PaperLetter:
    language = parcel.message.language
    # An address by post is unproven, so a letter quotes nothing they wrote; that is on their own page only.
    answers = [replace(one, said=[replace(said, words="") for said in one.said]) for one in mail.answers]
    first = answers[0]
    signed = dict.fromkeys(pick(one.signed_as, language) for one in answers)
    with translation.override(language):
        return PaperLetter(
            to=parcel.address.split("\n"),
            sender=parcel.municipality.name,
            language=language,
            url=parcel.short_url,
            see=_("Does this answer your question?"),
            phone=parcel.municipality.phone,
            subject=emails.subject_of(answers, language),
            opening=[_("Dear resident of %(area)s,") % {"area": first.area}, emails.memory(first, language)],
            passages=[_passage(facts, language) for facts in answers],
            closing="\n".join([_("Kind regards,"), *signed]),
        )


def _as_written(parcel: PreparedMessage) -> PaperLetter:
    language, letter = mail_language(parcel.message.language), parcel.write()
    *said, closing = letter.text.strip().split("\n\n")
    with translation.override(language):
        return PaperLetter(
            to=parcel.address.split("\n"),
            sender=parcel.municipality.name,
            language=language,
            url=parcel.short_url,
            see=_("Read more"),
            phone=parcel.municipality.phone,
            subject=letter.subject,
            opening=said,
            closing=closing,
        )


def _passage(facts: emails.AnswerForReader, language: str) -> Passage:
    told = emails.in_words_of(facts, language)
    told_in = language_of(facts.decided, language)
    texts = [
        HeadedText(_("Why"), told["why"]),
        HeadedText(_("What happens next"), told["next_step"]),
        HeadedText(_("Who to talk to"), told["contact"]),
    ]
    return Passage(
        language=told_in,
        note=_("This answer has not been translated into your language yet.") if told_in != language else "",
        quotes=[(one["by"], one["words"]) for one in told["said"]],
        texts=[
            HeadedText(_("What we decided"), told["decided"], lead=told["outcome"]),
            *(text for text in texts if text.words),
        ],
    )
