"""What an event tells besides its verb: stored as facts, shown in the reader's language and time zone."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from django.db.models import Choices
from django.utils import formats, timezone, translation
from django.utils.translation import gettext, pgettext, pgettext_lazy

Fact = str | int | date | datetime | None

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.+)?")

# Labels of models, by model name.
MODEL_LABELS = {
    "approach": pgettext_lazy("log", "proven approach"),
    "approachdecision": pgettext_lazy("log", "choice of an approach"),
    "area": pgettext_lazy("log", "area"),
    "backing": pgettext_lazy("log", "request to a backer"),
    "challenge": pgettext_lazy("log", "request to take over a task"),
    "contact": pgettext_lazy("log", "address of a resident"),
    "contribution": pgettext_lazy("log", "text of a resident"),
    "expectationcard": pgettext_lazy("log", "expectation card"),
    "followup": pgettext_lazy("log", "answer"),
    "import": pgettext_lazy("log", "import"),
    "incoming": pgettext_lazy("log", "mail that came in"),
    "indicator": pgettext_lazy("log", "what is measured"),
    "initiative": pgettext_lazy("log", "initiative"),
    "invitation": pgettext_lazy("log", "invitation"),
    "keyperson": pgettext_lazy("log", "key person"),
    "keyring": pgettext_lazy("log", "keys"),
    "letterbatch": pgettext_lazy("log", "letters together"),
    "libraryitem": pgettext_lazy("log", "thing in the library"),
    "match": pgettext_lazy("log", "suggestion of a volunteer"),
    "membership": pgettext_lazy("log", "role"),
    "message": pgettext_lazy("log", "message"),
    "municipality": pgettext_lazy("log", "municipality"),
    "need": pgettext_lazy("log", "need"),
    "note": pgettext_lazy("log", "note from a talk"),
    "offer": pgettext_lazy("log", "offer"),
    "outboxepoch": pgettext_lazy("log", "outbox"),
    "participationrules": pgettext_lazy("log", "how we work with residents"),
    "party": pgettext_lazy("log", "party"),
    "place": pgettext_lazy("log", "place"),
    "promise": pgettext_lazy("log", "promise"),
    "receipt": pgettext_lazy("log", "page of a resident"),
    "source": pgettext_lazy("log", "source of figures"),
    "suppression": pgettext_lazy("log", "address without mail"),
    "survey": pgettext_lazy("log", "survey"),
    "task": pgettext_lazy("log", "line of a plan"),
    "theme": pgettext_lazy("log", "theme"),
    "topic": pgettext_lazy("log", "topic"),
    "trajectory": pgettext_lazy("log", "trajectory"),
    "user": pgettext_lazy("log", "colleague"),
    "volunteerrole": pgettext_lazy("log", "volunteer role"),
}

# What each verb says after the name of the actor. Events are append-only, so a verb keeps its first stored
# spelling and is translated here; a verb missing from this table is shown as it is.
VERBS = {
    "accepted": pgettext_lazy("log", "accepted the invitation"),
    "add_channel": pgettext_lazy("log", "added a way in"),
    "added": pgettext_lazy("log", "added this"),
    "added meeting": pgettext_lazy("log", "added a meeting"),
    "added sources": pgettext_lazy("log", "added sources"),
    "added theme": pgettext_lazy("log", "added a theme"),
    "addressed": pgettext_lazy("log", "chose for whom this is"),
    "answered in person": pgettext_lazy("log", "answered in person"),
    "approved": pgettext_lazy("log", "approved this"),
    "asked": pgettext_lazy("log", "asked to take over a task"),
    "asked to approve": pgettext_lazy("log", "asked a colleague to approve this"),
    "asked to back": pgettext_lazy("log", "asked somebody to back this"),
    "asked_export": pgettext_lazy("log", "asked for a file with answers"),
    "backed": pgettext_lazy("log", "backed this"),
    "began": pgettext_lazy("log", "began this"),
    "began final report": pgettext_lazy("log", "began the final report"),
    "began the monthly mail": pgettext_lazy("log", "began the monthly mail"),
    "began work": pgettext_lazy("log", "began the work"),
    "brought theme back": pgettext_lazy("log", "brought a theme back"),
    "called off meeting": pgettext_lazy("log", "called off a meeting"),
    "called off talking back": pgettext_lazy("log", "called off asking residents about the outcome"),
    "change": pgettext_lazy("log", "changed the survey"),
    "change_keeping": pgettext_lazy("log", "changed how long answers are kept"),
    "changed": pgettext_lazy("log", "changed this"),
    "changed area": pgettext_lazy("log", "changed an area"),
    "changed indicator": pgettext_lazy("log", "changed a figure of the profile"),
    "changed meeting": pgettext_lazy("log", "changed a meeting"),
    "changed plan": pgettext_lazy("log", "changed the plan"),
    "changed privacy default": pgettext_lazy("log", "changed the privacy texts that surveys begin with"),
    "changed role": pgettext_lazy("log", "changed the role"),
    "changed rules of participation": pgettext_lazy("log", "changed the rules of participation"),
    "changed settings": pgettext_lazy("log", "changed the settings"),
    "changed source": pgettext_lazy("log", "changed a source of figures"),
    "changed trajectory": pgettext_lazy("log", "changed the trajectory"),
    "changed update": pgettext_lazy("log", "changed an update"),
    "checked": pgettext_lazy("log", "checked whether this is still true"),
    "chose an approach": pgettext_lazy("log", "chose an approach"),
    "chose how often": pgettext_lazy("log", "chose how often to get mail"),
    "chose_quote": pgettext_lazy("log", "chose this as a quote"),
    "close": pgettext_lazy("log", "closed the survey"),
    "close_way": pgettext_lazy("log", "closed a way in"),
    "closed": pgettext_lazy("log", "closed this"),
    "closed trajectory": pgettext_lazy("log", "closed the trajectory"),
    "confirm": pgettext_lazy("log", "confirmed proposed texts"),
    "confirmed_address": pgettext_lazy("log", "confirmed the address"),
    "contact shown": pgettext_lazy("log", "looked up how to reach this resident"),
    "corrected final report": pgettext_lazy("log", "began a correction of the final report"),
    "decided": pgettext_lazy("log", "decided"),
    "decided approach": pgettext_lazy("log", "decided on an approach"),
    "declined to back": pgettext_lazy("log", "declined to back this"),
    "described themselves": pgettext_lazy("log", "described themselves"),
    "destroy_addresses": pgettext_lazy("log", "destroyed addresses"),
    "destroy_forms": pgettext_lazy("log", "destroyed paper forms"),
    "destroy_letters": pgettext_lazy("log", "destroyed letters"),
    "destroyed_export": pgettext_lazy("log", "destroyed a file with answers"),
    "discarded": pgettext_lazy("log", "threw this away"),
    "download_forms": pgettext_lazy("log", "downloaded paper forms"),
    "download_letters": pgettext_lazy("log", "downloaded letters"),
    "dropped import": pgettext_lazy("log", "dropped a map file"),
    "dropped letters": pgettext_lazy("log", "dropped letters before printing"),
    "dropped_quote": pgettext_lazy("log", "took this away as a quote"),
    "ended": pgettext_lazy("log", "noted that this has ended"),
    "ended role": pgettext_lazy("log", "ended a role"),
    "ended work": pgettext_lazy("log", "ended the work"),
    "enter_form_anew": pgettext_lazy("log", "entered a form again"),
    "erased": pgettext_lazy("log", "erased everything"),
    "erased_by_retention": pgettext_lazy("log", "erased this after its term"),
    "finished": pgettext_lazy("log", "finished this"),
    "finished final report": pgettext_lazy("log", "finished the final report"),
    "forgot name": pgettext_lazy("log", "erased a name"),
    "forgot second factor": pgettext_lazy("log", "cleared the second step to sign in"),
    "go_live": pgettext_lazy("log", "let a new version go live"),
    "handed over": pgettext_lazy("log", "handed this over to a colleague"),
    "held": pgettext_lazy("log", "held all mail"),
    "hid": pgettext_lazy("log", "hid this"),
    "imported file": pgettext_lazy("log", "imported a file"),
    "introduced": pgettext_lazy("log", "introduced the two to each other"),
    "invited": pgettext_lazy("log", "invited a colleague"),
    "invited everybody": pgettext_lazy("log", "invited everybody"),
    "invited to talking back": pgettext_lazy("log", "invited residents to respond to the outcome"),
    "kept statements back": pgettext_lazy("log", "kept statements back"),
    "kept_in_library": pgettext_lazy("log", "kept this in the library"),
    "kept_out": pgettext_lazy("log", "kept suspicious answers out of the count"),
    "left_address": pgettext_lazy("log", "left an address"),
    "let go": pgettext_lazy("log", "closed a colleague's account"),
    "let statements through": pgettext_lazy("log", "let statements through"),
    "let_count": pgettext_lazy("log", "let suspicious answers count"),
    "let_first_entries_count": pgettext_lazy("log", "let the first entries count"),
    "lifted stop": pgettext_lazy("log", "lifted the stop on mail"),
    "linked": pgettext_lazy("log", "linked this"),
    "linked a party": pgettext_lazy("log", "linked a party"),
    "linked a place": pgettext_lazy("log", "linked a place"),
    "looked back": pgettext_lazy("log", "said whether the promise was kept"),
    "lost letters": pgettext_lazy("log", "declared letters lost, because their posting was not noted"),
    "made": pgettext_lazy("log", "made this"),
    "made area": pgettext_lazy("log", "made an area"),
    "mail_came_in": pgettext_lazy("log", "received a mail"),
    "make_letters": pgettext_lazy("log", "had letters made"),
    "marked delivered": pgettext_lazy("log", "marked this as delivered"),
    "merged": pgettext_lazy("log", "merged another need into this one"),
    "moved": pgettext_lazy("log", "moved the promised day"),
    "moved indicator": pgettext_lazy("log", "moved a figure of the profile"),
    "moved step": pgettext_lazy("log", "changed the status of a step"),
    "moved theme": pgettext_lazy("log", "moved a theme"),
    "named_for_export": pgettext_lazy("log", "named who may take the answers"),
    "noted offer": pgettext_lazy("log", "noted an offer"),
    "noted progress": pgettext_lazy("log", "noted progress"),
    "noted talk": pgettext_lazy("log", "noted a talk"),
    "noted what was decided": pgettext_lazy("log", "noted what was decided"),
    "open": pgettext_lazy("log", "opened the survey"),
    "open_way": pgettext_lazy("log", "opened a way in again"),
    "opened": pgettext_lazy("log", "opened this"),
    "opened again": pgettext_lazy("log", "opened the trajectory again"),
    "parted_from_round": pgettext_lazy("log", "parted a question from the earlier round"),
    "pause": pgettext_lazy("log", "paused the survey"),
    "paused": pgettext_lazy("log", "took a break"),
    "plan_mailing": pgettext_lazy("log", "planned a mailing"),
    "planned": pgettext_lazy("log", "planned the next step"),
    "planned step": pgettext_lazy("log", "planned a step"),
    "posted letters": pgettext_lazy("log", "posted letters"),
    "pressed release": pgettext_lazy("log", "ordered this to be sent"),
    "print_forms": pgettext_lazy("log", "had paper forms made"),
    "proposed": pgettext_lazy("log", "proposed this"),
    "publish": pgettext_lazy("log", "published the survey"),
    "publish outcome": pgettext_lazy("log", "published the results"),
    "published": pgettext_lazy("log", "published this"),
    "published final report": pgettext_lazy("log", "published the final report"),
    "published plan": pgettext_lazy("log", "published the plan"),
    "published the notice": pgettext_lazy("log", "published the notice"),
    "put letters together": pgettext_lazy("log", "put letters together"),
    "put_back": pgettext_lazy("log", "put this back"),
    "reacted": pgettext_lazy("log", "reacted to the municipality's answer"),
    "read": pgettext_lazy("log", "read this"),
    "read_again": pgettext_lazy("log", "read this as the second reader"),
    "recorded automatic": pgettext_lazy("log", "recorded an automatic reply"),
    "recorded bounced": pgettext_lazy("log", "recorded that the mail bounced"),
    "recorded complaint": pgettext_lazy("log", "recorded a complaint about the mail"),
    "recorded delayed": pgettext_lazy("log", "recorded that the mail is delayed"),
    "recorded delivered": pgettext_lazy("log", "recorded that the mail was delivered"),
    "recorded returned": pgettext_lazy("log", "recorded that the mail was returned"),
    "recorded talking back": pgettext_lazy("log", "recorded what residents said of the outcome"),
    "released": pgettext_lazy("log", "released the mail"),
    "removed": pgettext_lazy("log", "removed this"),
    "removed a source": pgettext_lazy("log", "removed a source"),
    "removed picture": pgettext_lazy("log", "removed a picture"),
    "removed update": pgettext_lazy("log", "removed an update"),
    "removed_address": pgettext_lazy("log", "removed the address"),
    "renamed theme": pgettext_lazy("log", "renamed a theme"),
    "renewed_code": pgettext_lazy("log", "got a new code"),
    "replace_code": pgettext_lazy("log", "replaced the code of a letter"),
    "replayed_journal": pgettext_lazy("log", "erased again what was erased before"),
    "replied": pgettext_lazy("log", "replied by mail"),
    "resubscribed": pgettext_lazy("log", "subscribed to mail again"),
    "resume": pgettext_lazy("log", "resumed the survey"),
    "retired theme": pgettext_lazy("log", "retired a theme"),
    "rotated_keys": pgettext_lazy("log", "renewed the keys of this installation"),
    "rounded off": pgettext_lazy("log", "closed this"),
    "said how it was": pgettext_lazy("log", "said how it was"),
    "said no": pgettext_lazy("log", "said no"),
    "said to be still true": pgettext_lazy("log", "said that the offer is still true"),
    "said yes": pgettext_lazy("log", "said yes"),
    "saw a clearance": pgettext_lazy("log", "saw a clearance"),
    "sent again": pgettext_lazy("log", "sent this again"),
    "sent back": pgettext_lazy("log", "sent this back"),
    "set free": pgettext_lazy("log", "set this free again"),
    "set means": pgettext_lazy("log", "set the means"),
    "set picture": pgettext_lazy("log", "set a picture"),
    "set_aside": pgettext_lazy("log", "set a remark aside"),
    "set_second_reading": pgettext_lazy("log", "set how many texts get a second reader"),
    "settle_form": pgettext_lazy("log", "settled what a paper form says"),
    "settled_themes": pgettext_lazy("log", "settled the themes of a text"),
    "showed again": pgettext_lazy("log", "showed this again"),
    "showed meeting": pgettext_lazy("log", "showed a meeting again"),
    "showed picture": pgettext_lazy("log", "showed a picture again"),
    "showed update": pgettext_lazy("log", "published an update of a resident"),
    "split": pgettext_lazy("log", "split a need"),
    "spoke": pgettext_lazy("log", "spoke to this person"),
    "stands alone again": pgettext_lazy("log", "made this need stand alone again"),
    "start": pgettext_lazy("log", "began the survey"),
    "started trajectory": pgettext_lazy("log", "started a trajectory"),
    "started_from_form": pgettext_lazy("log", "began a survey from a form file"),
    "stop_mailing": pgettext_lazy("log", "stopped a mailing"),
    "stopped": pgettext_lazy("log", "stopped this"),
    "stopped the monthly mail": pgettext_lazy("log", "stopped the monthly mail"),
    "suppressed_address": pgettext_lazy("log", "asked for no more mail at this address"),
    "switched off the notice": pgettext_lazy("log", "switched off the notice"),
    "switched on the notice": pgettext_lazy("log", "switched on the notice"),
    "take back outcome": pgettext_lazy("log", "took the results back"),
    "take_addresses": pgettext_lazy("log", "took over addresses"),
    "take_back": pgettext_lazy("log", "took the publication back"),
    "taken up again": pgettext_lazy("log", "took this up again"),
    "took a step": pgettext_lazy("log", "took a step"),
    "took in": pgettext_lazy("log", "took in another need"),
    "took letters": pgettext_lazy("log", "took letters"),
    "took letters again": pgettext_lazy("log", "took letters again"),
    "took off the page": pgettext_lazy("log", "took this off the page"),
    "took out again": pgettext_lazy("log", "took a need out again"),
    "took progress back": pgettext_lazy("log", "took back a note of progress"),
    "took the address for right": pgettext_lazy("log", "heard that the address is right"),
    "took the invitation away": pgettext_lazy("log", "took the invitation away"),
    "took the bounce back": pgettext_lazy("log", "took back that the mail bounced"),
    "took the question back": pgettext_lazy("log", "took the question back"),
    "took up": pgettext_lazy("log", "took this up"),
    "took up again": pgettext_lazy("log", "took this up again"),
    "took_export": pgettext_lazy("log", "took a file with answers"),
    "took_in": pgettext_lazy("log", "kept the mail as what a resident said"),
    "took_out": pgettext_lazy("log", "took this out"),
    "took_up": pgettext_lazy("log", "took up a remark again"),
    "undid import": pgettext_lazy("log", "undid an import"),
    "unlinked": pgettext_lazy("log", "unlinked this"),
    "unmasked": pgettext_lazy("log", "looked at words that were masked"),
    "unnamed_for_export": pgettext_lazy("log", "withdrew who may take the answers"),
    "unsubscribed": pgettext_lazy("log", "unsubscribed from mail"),
    "used_from_library": pgettext_lazy("log", "used something from the library"),
    "waived": pgettext_lazy("log", "wrote why no answer will come"),
    "went back to the library": pgettext_lazy("log", "went back to the text of the library"),
    "went on": pgettext_lazy("log", "went on again"),
    "withdrew": pgettext_lazy("log", "withdrew the answers"),
    "withdrew backing": pgettext_lazy("log", "withdrew their backing"),
    "withdrew invitation": pgettext_lazy("log", "withdrew an invitation"),
    "wrote": pgettext_lazy("log", "wrote this"),
    "wrote final report": pgettext_lazy("log", "wrote the final report"),
    "wrote the notice": pgettext_lazy("log", "wrote the notice"),
    "wrote update": pgettext_lazy("log", "wrote an update"),
}

# Verbs of events without a colleague as actor: done by a job, or by a resident on their own page.
JOB_VERBS = frozenset(
    {
        "destroyed_export",
        "erased_by_retention",
        "lost letters",
        "mail_came_in",
        "released",
        "replayed_journal",
        "rotated_keys",
    }
)
RESIDENT_VERBS = frozenset(
    {
        "chose how often",
        "confirmed_address",
        "erased",
        "left_address",
        "looked back",
        "put_back",
        "reacted",
        "removed_address",
        "renewed_code",
        "replied",
        "resubscribed",
        "said how it was",
        "suppressed_address",
        "unsubscribed",
        "withdrew",
    }
)

# Labels of facts.
_FACT_LABELS = {
    "answered": pgettext_lazy("log", "it answered them"),
    "area": pgettext_lazy("log", "area"),
    "before": pgettext_lazy("log", "before"),
    "changed": pgettext_lazy("log", "changed"),
    "code": pgettext_lazy("log", "code"),
    "colleague": pgettext_lazy("log", "to colleague"),
    "did": pgettext_lazy("log", "done"),
    "digest": pgettext_lazy("log", "fingerprint"),
    "erased": pgettext_lazy("log", "erased"),
    "example": pgettext_lazy("log", "example"),
    "fields": pgettext_lazy("log", "fields"),
    "found": pgettext_lazy("log", "found"),
    "handed_to": pgettext_lazy("log", "handed over to"),
    "item": pgettext_lazy("log", "thing in the library"),
    "layer": pgettext_lazy("log", "layer"),
    "left": pgettext_lazy("log", "left out"),
    "need": pgettext_lazy("log", "need"),
    "new": pgettext_lazy("log", "new"),
    "next_on": pgettext_lazy("log", "next step"),
    "now": pgettext_lazy("log", "now"),
    "number": pgettext_lazy("log", "number"),
    "side": pgettext_lazy("log", "side"),
    "on": pgettext_lazy("log", "on"),
    "part": pgettext_lazy("log", "part"),
    "people": pgettext_lazy("log", "people"),
    "percent": pgettext_lazy("log", "percent"),
    "question": pgettext_lazy("log", "question"),
    "questions": pgettext_lazy("log", "questions"),
    "readers": pgettext_lazy("log", "readers"),
    "reason": pgettext_lazy("log", "reason"),
    "role": pgettext_lazy("log", "role"),
    "state": pgettext_lazy("log", "state"),
    "step": pgettext_lazy("log", "step"),
    "unsubscribed": pgettext_lazy("log", "unsubscribed"),
    "until": pgettext_lazy("log", "until"),
    "version": pgettext_lazy("log", "version"),
    "way": pgettext_lazy("log", "way in"),
    "what": pgettext_lazy("log", "what"),
}


# Labels of form fields, for events that list the changed fields.
FIELD_LABELS = {
    "abandoned_days": pgettext_lazy("log", "days until unfinished answers are erased"),
    "accessibility_note": pgettext_lazy("log", "note on accessibility"),
    "address_days": pgettext_lazy("log", "days that addresses are kept"),
    "backup_days": pgettext_lazy("log", "days that backups are kept"),
    "basis": pgettext_lazy("log", "legal basis"),
    "basis_in": pgettext_lazy("log", "where the legal basis stands"),
    "card.contact": pgettext_lazy("log", "contact on the expectation card"),
    "card.influence": pgettext_lazy("log", "influence on the expectation card"),
    "card.money": pgettext_lazy("log", "money on the expectation card"),
    "card.time": pgettext_lazy("log", "time on the expectation card"),
    "card.too_few": pgettext_lazy("log", "too few people on the expectation card"),
    "danger_email": pgettext_lazy("log", "who is warned of danger"),
    "danger_text": pgettext_lazy("log", "text about danger"),
    "defects_email": pgettext_lazy("log", "reporting desk for defects"),
    "email": pgettext_lazy("log", "e-mail address"),
    "first_layer_on": pgettext_lazy("log", "day that answers are erased"),
    "hint": pgettext_lazy("log", "hint"),
    "impact_note": pgettext_lazy("log", "note on privacy risks"),
    "influence": pgettext_lazy("log", "how much influence"),
    "influence_text": pgettext_lazy("log", "influence in plain words"),
    "languages": pgettext_lazy("log", "languages"),
    "lead": pgettext_lazy("log", "first sentence"),
    "letter_price": pgettext_lazy("log", "price of a letter"),
    "name": pgettext_lazy("log", "name"),
    "owner_role": pgettext_lazy("log", "the owner, as residents read it"),
    "phone": pgettext_lazy("log", "phone number"),
    "processors": pgettext_lazy("log", "who processes the data"),
    "promise": pgettext_lazy("log", "what is promised"),
    "purpose": pgettext_lazy("log", "why it is asked"),
    "roles_with_mfa": pgettext_lazy("log", "roles with a second step"),
    "smallest_cell": pgettext_lazy("log", "smallest number we publish"),
    "text": pgettext_lazy("log", "the question"),
    "text_price": pgettext_lazy("log", "price of a text message"),
    "title": pgettext_lazy("log", "title"),
    "use": pgettext_lazy("log", "what is done with it"),
    "who_asks": pgettext_lazy("log", "who asks"),
    "why": pgettext_lazy("log", "why there is a survey"),
    "words_on": pgettext_lazy("log", "day that texts are erased"),
}


def actor_label(verb: str) -> str:
    if verb in JOB_VERBS or verb.startswith("recorded "):
        return "Nabij"
    if verb in RESIDENT_VERBS:
        return pgettext("log", "A resident")
    return pgettext("log", "Someone")


def facts_to_json(facts: Mapping[str, Fact]) -> dict[str, str | int]:
    """As JSON: dates and times in ISO form, choices by English label. Raises ValueError for an unlabelled fact."""
    if unknown := facts.keys() - _FACT_LABELS.keys():
        raise ValueError(f"Give {', '.join(sorted(unknown))} a name in {__name__}.")
    return {name: _fact_to_json(value) for name, value in facts.items() if value is not None}


def _fact_to_json(value: str | int | date | datetime) -> str | int:
    if isinstance(value, Choices):
        with translation.override("en"):
            return str(value.label)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def fact_lines(facts: Mapping[str, str | int]) -> Iterator[str]:
    """“readers: 12”, “until: 24 November 2026 14:32:00”.

    In the order of `_FACT_LABELS`, because PostgreSQL does not keep the order of JSON keys.
    """
    for name in _FACT_LABELS:
        if name in facts:
            yield f"{_FACT_LABELS[name]}: {_fields(facts[name]) if name == 'fields' else _format_fact(facts[name])}"


def _fields(value: str | int) -> str:
    return ", ".join(str(FIELD_LABELS.get(name, name.replace("_", " "))) for name in str(value).split(", "))


def _format_fact(value: str | int) -> str:
    if not isinstance(value, str) or not value:
        return str(value)
    if not _DAY.fullmatch(value):
        return gettext(value)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return formats.date_format(moment, "j F Y")
    return formats.date_format(timezone.localtime(moment), "j F Y H:i:s")
