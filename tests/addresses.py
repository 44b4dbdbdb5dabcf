"""An object of the one area for every page of the house that names one in its address.

`ADDRESSES` has an entry for each view with arguments; tests/test_access.py refuses a view without. A new page
gets one line here: what its address names, made in `World.area`.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.links import LinkPurpose, sign_link, sign_short
from accounts.models import Receipt, User
from feedback.delivery.services.outbox import short_name
from feedback.models import EnvironmentNotice, FinalReport, FollowUp, LetterBatch, Progress, Promise, Topic
from feedback.reports.services.reports import RenderedReport
from feedback.states import BatchState, FollowUpState, MessageState, ProgressKind
from initiatives.models import Note, Update
from initiatives.needs.services.notes import TalkNote, create_note
from initiatives.states import InitiativeState
from neighbourhoods.colleagues import services as colleagues
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Figure, Indicator, ParticipationPlan, Source, TalkBack, Trajectory
from neighbourhoods.states import AreaKind, ImportKind, Nature, Phase, Role, TalkBackKind
from neighbourhoods.trajectories.services import start_trajectory
from surveys.builder.services import library_items
from surveys.invitations.services import invitations as mailings
from surveys.invitations.services import post
from surveys.models import Channel, Publication, Snapshot, Survey
from surveys.paper.services import paper_forms
from surveys.results.services import exports
from surveys.states import ChannelKind
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_incoming,
    make_message,
    make_topic,
)
from tests.initiatives.factories import (
    make_begun,
    make_challenge,
    make_gift,
    make_idea,
    make_initiative,
    make_match,
    make_meeting,
    make_need,
    make_offer,
    make_picture,
    make_role,
    make_task,
)
from tests.neighbourhoods.factories import make_key_person, make_party, make_place
from tests.neighbourhoods.files import collection, feature
from tests.people import (
    make_area,
    make_backing,
    make_membership,
    make_municipality,
    make_root,
    make_theme,
    make_user,
)
from tests.surveys.drafts import make_draft
from tests.surveys.polls import make_survey

# Who works where: everybody in `area`, the administrator everywhere, the stranger with every role elsewhere;
# the guest has every role there too, and only looks on in `area`.
PEOPLE = ("viewer", "backer", "coordinator", "editor", "administrator", "stranger", "guest")


class World:
    """One municipality with one of everything, all of it in one area; made when first asked for."""

    def __init__(self) -> None:
        self.municipality = make_municipality()
        self.root = make_root()
        self.district = make_area("East", slug="east", kind=AreaKind.DISTRICT)
        self.area = make_area("Harbour", slug="harbour", parent=self.district)
        elsewhere = make_area("Meadow", slug="meadow")
        self.people: dict[str, User] = {
            role: make_user(role, self.area) for role in ("viewer", "backer", "coordinator", "editor")
        }
        self.people["administrator"] = make_user(Role.ADMINISTRATOR)
        for name in ("stranger", "guest"):
            self.people[name] = make_user(title=name)
            for role in Role:
                make_membership(self.people[name], role, elsewhere)
        make_membership(self.people["guest"], Role.VIEWER, self.area)
        self.editor, self.administrator = self.people["editor"], self.people["administrator"]

    # --- what is asked

    @cached_property
    def draft(self) -> Survey:
        return make_draft(areas=[self.area], by=self.editor)

    @cached_property
    def kept(self) -> str:
        """A question in the library, by its address."""
        question = self.draft.layers.first().questions.first()
        item = library_items.keep_in_library(source=question, name="Living here", by=self.editor)
        return f"{library_items.OWN_SLUG_PREFIX}{item.pk}"

    @cached_property
    def survey(self) -> Survey:
        """Open, with a channel."""
        return make_survey(areas=[self.area], owner=self.editor)

    @cached_property
    def figure(self) -> Figure:
        return Figure.objects.create(
            area=self.area,
            indicator=Indicator.objects.create(
                slug="residents", name={"nl": "Inwoners"}, nature=Nature.COUNT
            ),
            source=Source.objects.create(name="CBS"),
            year=2020,
            value=710,
        )

    @cached_property
    def channel(self) -> Channel:
        return self.survey.channels.first() or Channel.objects.create(survey=self.survey, code="harbour")

    @cached_property
    def letter_run(self) -> Any:
        return post.create_letter_run(
            survey=self.survey, name="Letters", area=None, window="left", with_reminder=False, by=self.editor,
            content=b"straat;huisnummer;postcode;plaats\nKade;1;1234AB;Waterdam\nKade;2;1234AB;Waterdam\n",
        )  # fmt: skip

    @cached_property
    def export(self) -> Any:
        exports.name_colleague(survey=self.survey, user=self.editor, by=self.editor)
        return exports.ask_export(
            survey=self.survey, form="csv", version=None, with_words=False, reason="To study", by=self.editor
        )

    @cached_property
    def mail_list(self) -> Any:
        return mailings.create_address_list(
            survey=self.survey, name="Mail", content=b"", pasted="a@example.nl", origin="the panel",
            basis="consent", area=None, by=self.editor,
        )  # fmt: skip

    @cached_property
    def paper_run(self) -> Any:
        way = Channel.objects.create(survey=self.survey, code="paper", kind=ChannelKind.PAPER)
        return paper_forms.order_forms(
            survey=self.survey, channel=way, language="nl", forms=1, hand_in="Here", checked=0, by=self.editor
        )

    @cached_property
    def paper_form(self) -> Any:
        receipt = Receipt.objects.create(purpose="participation", code_hash="p" * 64, language="nl")
        return self.paper_run.made.create(number=self.paper_run.first_number, receipt=receipt)

    @cached_property
    def invited(self) -> str:
        """The link in a mail to somebody who was invited."""
        mailings.create_invitations(addresses=self.mail_list, by=self.editor)
        return sign_link(
            self.mail_list.invitations.get().receipt, LinkPurpose.ANSWER, self.mail_list.channel.code
        )

    @cached_property
    def door(self) -> Channel:
        return Channel.objects.create(survey=self.survey, code="door", kind=ChannelKind.DOOR)

    @cached_property
    def first_question(self) -> str:
        return self.survey.current.document["layers"][0]["questions"][0]["id"]

    @cached_property
    def told(self) -> Snapshot:
        """What everybody may know of the survey, with the page that says so."""
        Publication.objects.create(survey=self.survey)
        way = {"responses": 40, "on": "2027-03-01", "layers": {}, "questions": {}}
        return Snapshot.objects.create(
            survey=self.survey, responses=41, tables={"responses": 40, "options": {}, "ways": {"open": way}}
        )

    # --- what is owed and told

    @cached_property
    def contact(self) -> Any:
        return make_contact()

    @cached_property
    def topic(self) -> Topic:
        """Somebody with an address waits for an answer about it."""
        topic = make_topic("option:31", source=f"survey:{self.survey.pk}", area=self.area)
        make_debt(topic, receipt=self.contact.receipt, owner=self.editor)
        return topic

    @cached_property
    def text(self) -> Any:
        topic = make_topic("question:9", source=self.topic.source, area=self.area)
        return make_contribution(topic, text="The lamp at the quay is broken.")

    @cached_property
    def promise(self) -> Any:
        return Promise.objects.get(subject=self.topic.source)

    @cached_property
    def follow_up(self) -> FollowUp:
        return make_follow_up(
            source=self.topic.source, key=self.topic.key, areas=[self.area], owner=self.editor
        )

    @cached_property
    def progress(self) -> Progress:
        """Noted with an answer that everybody has."""
        told = make_follow_up(
            source=self.topic.source, state=FollowUpState.FANNED_OUT, areas=[self.area], owner=self.editor
        )
        return Progress.objects.create(
            follow_up=told, kind=ProgressKind.BEGUN, on=timezone.localdate(), text={"nl": "Het is begonnen."}
        )

    @cached_property
    def message(self) -> Any:
        assert self.topic.pk
        return make_message(self.contact.receipt, state=MessageState.FAILED)

    @cached_property
    def batch(self) -> Any:
        """Letters that somebody took to print them."""
        state = {"state": BatchState.TAKEN, "taken_at": timezone.now(), "letters": 1}
        return LetterBatch.objects.create(created_by=self.editor, **state)

    @cached_property
    def incoming(self) -> Any:
        """Somebody answered our mail from another address."""
        return make_incoming(self.message.receipt)

    # --- who wants to help

    @cached_property
    def offer(self) -> Any:
        return make_offer(area=self.area, owner=self.people["coordinator"])

    @cached_property
    def match(self) -> Any:
        """Asked of somebody here, for something that runs here."""
        coordinator = self.people["coordinator"]
        role = make_role(make_begun(self.area, owner=coordinator, by_resident=False))
        return make_match(self.offer, role)

    @cached_property
    def need(self) -> Any:
        return make_need(self.topic, owner=self.people["coordinator"])

    # --- what there is

    @cached_property
    def gift(self) -> Any:
        return make_gift(self.area, owner=self.people["coordinator"])

    @cached_property
    def party(self) -> Any:
        return make_party(areas=[self.area])

    @cached_property
    def place(self) -> Any:
        return make_place(area=self.area)

    @cached_property
    def key_person(self) -> Any:
        return make_key_person(area=self.area)

    @cached_property
    def initiative(self) -> Any:
        return make_initiative(area=self.area)

    @cached_property
    def challenge(self) -> Any:
        """Asked, and public already."""
        words = {"nl": "Het park onderhouden", "en": "Keeping the park"}
        return make_challenge(self.area, title=words, summary=words, published_on=timezone.localdate())

    @cached_property
    def task(self) -> Any:
        return make_task(self.initiative)

    @cached_property
    def begun(self) -> Any:
        """Begun by a resident, looked after, and everybody can read of it; with everything that can hang on it."""
        begun = make_idea(self.area, owner=self.people["coordinator"], state=InitiativeState.PREPARING)
        make_picture(begun)
        return begun

    @cached_property
    def update(self) -> Any:
        return Update.objects.create(initiative=self.begun, text={"nl": "Nieuws"})

    @cached_property
    def meeting(self) -> Any:
        return make_meeting(self.begun)

    @cached_property
    def volunteer_role(self) -> Any:
        return make_role(self.begun)

    @cached_property
    def note(self) -> Note:
        told = TalkNote("A bench in the shade.")
        return create_note(
            area=self.area, talk_note=told, language="nl", sent_key=uuid4(), by=self.people["coordinator"]
        )[0]

    # --- where, and with whom

    @cached_property
    def backing(self) -> Any:
        return make_backing(area=self.area, backer=self.people["backer"], by=self.editor)

    @cached_property
    def invitation(self) -> Any:
        return colleagues.invite_colleague(
            email="new@waterdam.example", role=Role.VIEWER, area=self.area, until=None, by=self.administrator
        )

    @cached_property
    def theme(self) -> Any:
        return make_theme("green")

    @cached_property
    def trajectory(self) -> Trajectory:
        trajectory = start_trajectory(
            title="The square", areas=[self.area], phase=Phase.PREPARATION, owner=self.editor, by=self.editor
        )
        ParticipationPlan.objects.filter(trajectory=trajectory).update(published_at=timezone.now())
        trajectory.talk_backs.create(
            kind=TalkBackKind.MEETING, on=timezone.localdate(), invited_at=timezone.now()
        )
        return trajectory

    @cached_property
    def put_back(self) -> TalkBack:
        """Results put back before the decision, that everybody reads of."""
        return self.trajectory.talk_backs.get()

    @cached_property
    def reported(self) -> Trajectory:
        """With a report that everybody reads, a correction under way, and a theme that was named."""
        Survey.objects.filter(pk=self.survey.pk).update(trajectory=self.trajectory)
        make_contribution(make_topic(source=self.survey.subject, area=self.area))
        frozen = {"nl": asdict(RenderedReport("Het plein", "", "Waterdam"))}
        FinalReport.objects.create(
            trajectory=self.trajectory,
            content=frozen,
            finished_at=timezone.now(),
            published_at=timezone.now(),
        )
        FinalReport.objects.create(trajectory=self.trajectory, version=2, why_corrected={"nl": "Een fout."})
        EnvironmentNotice.objects.create(trajectory=self.trajectory, published_at=timezone.now())
        return self.trajectory

    @cached_property
    def area_import(self) -> Any:
        content = collection(feature(code="BU0099AA01")).encode()
        return imports.stage_import(
            kind=ImportKind.BORDERS,
            content=content,
            file_name="a.geojson",
            options={"year": 2024},
            by=self.administrator,
        )

    def token(self, link: LinkPurpose) -> str:
        return sign_link(self.contact.receipt, link)


Arguments = Callable[[World], dict[str, Any]]


def _draft(**more: Callable[[World], Any]) -> Arguments:
    return lambda world: {"pk": world.draft.pk} | {name: make(world) for name, make in more.items()}


def _survey(**more: Callable[[World], Any]) -> Arguments:
    return lambda world: {"pk": world.survey.pk} | {name: make(world) for name, make in more.items()}


def _layer(world: World) -> int:
    return world.draft.layers.first().pk


def _question(world: World) -> int:
    return world.draft.layers.first().questions.first().pk


def _code(world: World) -> dict[str, Any]:
    return {"code": world.channel.code}


def _pk(of: str, **more: Any) -> Arguments:
    return lambda world: {"pk": getattr(world, of).pk} | more


def _page(world: World) -> dict[str, Any]:
    return {"token": world.token(LinkPurpose.PAGE)}


def _person(world: World) -> dict[str, Any]:
    return {"pk": world.people["viewer"].pk}


def _membership(world: World) -> dict[str, Any]:
    return {"pk": world.people["viewer"].memberships.get().pk}


ADDRESSES: dict[str, Arguments] = {
    # answering
    **dict.fromkeys(
        ("start", "begin", "where", "thanks", "may_quote", "layer", "hear", "join", "resume", "done", "outcome"), _code
    ),
    "outcome_file": lambda world: _code(world) | {"kind": "csv"},
    "api_survey": lambda world: {"pk": world.told.survey_id},
    "api_snapshot": lambda world: {"pk": world.told.survey_id, "snapshot_pk": world.told.pk},
    "survey_outcome": _survey(),
    "survey_outcome_back": _survey(),
    "question": lambda world: _code(world) | {"question": str(world.first_question)},
    "start_with_code": lambda world: {"code": world.letter_run.channel.code, "letter_code": "4K7PM2QX"},
    "start_by_mail": lambda world: {"token": world.invited, "code": world.mail_list.channel.code},
    # surveys on the desk
    "survey_edit": _draft(),
    "survey_question": _draft(question_pk=_question),
    "survey_preview": _draft(question_pk=_question),
    "survey_question_do": _draft(question_pk=_question, verb=lambda world: "down"),
    "survey_layer_add": _draft(),
    "survey_layer": _draft(layer_pk=_layer),
    "survey_question_add": _draft(layer_pk=_layer),
    "survey_layer_do": _draft(layer_pk=_layer, verb=lambda world: "down"),
    "survey_settings": _draft(),
    "survey_library": _draft(),
    "survey_remarks": _draft(),
    "survey_reuse": _draft(),
    "survey_again": _draft(),
    "survey_keep": _draft(),
    "survey_as_form": _draft(),
    "question_keep": _draft(question_pk=_question),
    "question_part": _draft(question_pk=_question),
    "layer_keep": _draft(layer_pk=_layer),
    "library_item": lambda world: {"slug": world.kept},
    "library_item_do": lambda world: {"slug": world.kept, "verb": "out"},
    "survey_card": _draft(),
    "survey_keeping": _draft(),
    **dict.fromkeys(("survey_closer", "survey_comparing"), _survey()),
    "survey_helping": _survey(),
    "survey_helping_fill": _survey(channel_pk=lambda world: world.door.pk),
    "survey_helped": _survey(channel_pk=lambda world: world.door.pk),
    "survey_suspects": _survey(),
    "survey_statements": _survey(),
    **dict.fromkeys(("survey_reach", "survey_reach_plan", "survey_exports", "survey_exports_name"), _survey()),
    "survey_taken": _survey(export_pk=lambda world: world.export.pk),
    "survey_taken_do": _survey(export_pk=lambda world: world.export.pk, verb=lambda world: "download"),
    "survey_opening": _draft(),
    "survey_ask": _draft(),
    "survey_step": _draft(verb=lambda world: "publish"),
    "survey_paths": _survey(),
    "survey_republish": _survey(),
    "survey_compare": _survey(
        number=lambda world: world.survey.current.number, other=lambda world: world.survey.current.number
    ),
    "survey_version": _survey(number=lambda world: world.survey.current.number),
    "survey_results": _survey(),
    "survey_channels": _survey(),
    "survey_qr": _survey(channel_pk=lambda world: world.channel.pk, kind=lambda world: "svg"),
    "survey_poster": _survey(channel_pk=lambda world: world.channel.pk),
    "survey_poster_file": _survey(channel_pk=lambda world: world.channel.pk, size=lambda world: "a5"),
    "survey_channel_do": _survey(channel_pk=lambda world: world.channel.pk, verb=lambda world: "close"),
    **dict.fromkeys(("letters_new", "mail_new"), _survey()),
    **dict.fromkeys(("letters", "letters_sample", "letters_code"), _survey(run_pk=lambda world: world.letter_run.pk)),
    "letters_do": _survey(run_pk=lambda world: world.letter_run.pk, verb=lambda world: "download"),
    "survey_paper": _survey(),
    "paper_new": _survey(),
    **dict.fromkeys(("paper_run", "paper_sample"), _survey(run_pk=lambda world: world.paper_run.pk)),
    "paper_do": _survey(run_pk=lambda world: world.paper_run.pk, verb=lambda world: "download"),
    **dict.fromkeys(
        ("paper_form", "paper_anew", "paper_settle"), _survey(number=lambda world: world.paper_form.pk)
    ),
    "mail_list": _survey(list_pk=lambda world: world.mail_list.pk),
    "mail_do": _survey(list_pk=lambda world: world.mail_list.pk, verb=lambda world: "plan"),
    # the private page of a resident
    **dict.fromkeys(
        (
            "private_page", "private_address", "private_withdraw", "private_mail_link", "private_download",
            "private_erase", "private_quote", "private_how_often",
        ),
        _page,
    ),
    "private_react": lambda world: _page(world) | {"item": 1},
    "private_item": lambda world: {"token": world.token(LinkPurpose.ITEM)},
    "private_happened": lambda world: {"token": world.token(LinkPurpose.ITEM)},
    "private_happened_here": lambda world: _page(world) | {"item": 1},
    "private_confirm": lambda world: {"token": world.token(LinkPurpose.CONFIRM)},
    "private_unsubscribe": lambda world: {"token": world.token(LinkPurpose.UNSUBSCRIBE)},
    "private_fresh": lambda world: {"token": world.token(LinkPurpose.ERASE)},
    # who waits, and what they hear
    **dict.fromkeys(("topic", "topic_hand_over", "topic_in_person", "topic_waive"), _pk("topic")),
    **dict.fromkeys(("owner", "owner_hand_over"), lambda world: {"pk": world.topic and world.editor.pk}),
    **dict.fromkeys(("promise", "promise_move", "promise_round_off", "promise_take_up"), _pk("promise")),
    **dict.fromkeys(
        ("listen_to", "listening_unmask", "listen_again", "listening_settle", "listening_quote"), _pk("text")
    ),
    **dict.fromkeys(
        (
            "followup", "followup_audience", "followup_release", "followup_stop", "followup_progress",
            "followup_correct", "followup_note", "followup_ask", "followup_approve", "followup_ask_back",
        ),
        _pk("follow_up"),
    ),
    **dict.fromkeys(
        ("followup_mail", "followup_page", "followup_read", "followup_send_to_me"),
        _pk("follow_up", language="nl"),
    ),
    "followup_note_do": lambda world: {"pk": world.progress.follow_up_id, "note": world.progress.pk, "verb": "back"},
    "said_area": lambda world: {"area": world.area.slug},
    "said_poster": lambda world: {"slug": world.area.slug, "language": "nl", "size": "a4"},
    "said_theme": lambda world: {"theme": world.theme.slug},
    "said_area_theme": lambda world: {"area": world.area.slug, "theme": world.theme.slug},
    "said_one": lambda world: {"pk": world.progress.follow_up_id},
    "followup_people": _pk("follow_up", part="pending"),
    **dict.fromkeys(
        (
            "message", "message_resend", "message_delivered", "message_bounced", "message_bounce_back",
            "message_take_up", "message_contact",
        ),
        _pk("message"),
    ),
    **dict.fromkeys(("post_batch", "post_posted", "post_again"), _pk("batch")),
    "post_do": _pk("batch", verb="drop"),
    "private_short": lambda world: {"token": sign_short(short_name(world.message.pk), world.message.receipt)},
    **dict.fromkeys(
        ("incoming_one", "incoming_link", "incoming_discard", "incoming_sender"), _pk("incoming")
    ),
    # hands
    **dict.fromkeys(
        (
            "hand", "hand_contact", "hand_read", "hand_step", "hand_close", "hand_hand_over", "hand_clearance",
            "offer_code",
        ),
        _pk("offer"),
    ),
    "hand_party": _pk("gift"),
    "hand_place": _pk("gift"),
    **dict.fromkeys(
        ("offer_made", "own_offer_change", "own_offer_pause", "own_offer_do"),
        lambda world: {"token": sign_link(world.offer.receipt, LinkPurpose.PAGE)},
    ),
    "match_propose_role": lambda world: {"pk": world.match.role_id},
    "match_do": _pk("match", verb="end"),
    **dict.fromkeys(
        ("match", "match_calendar"),
        lambda world: {"token": sign_link(world.match.offer.receipt, LinkPurpose.MATCH, str(world.match.pk))},
    ),
    "hands_hand_over": lambda world: {"pk": world.offer and world.people["coordinator"].pk},
    # what is needed
    **dict.fromkeys(
        (
            "need", "need_change", "need_step", "need_look", "need_hand_over", "need_sources",
            "need_source_remove", "need_merge", "need_undo_merge", "need_split", "need_link", "need_unlink",
        ),
        _pk("need"),
    ),
    "needs_hand_over": lambda world: {"pk": world.need and world.people["coordinator"].pk},
    # what there is in an area
    **dict.fromkeys(
        (
            "parties", "party_new", "places", "place_new", "key_persons", "key_person_new", "key_person_notice",
        ),
        lambda world: {"slug": world.area.slug},
    ),
    "party_change": _pk("party"),
    "party_do": _pk("party", verb="still-true"),
    "place_change": _pk("place"),
    "place_do": _pk("place", verb="still-true"),
    "key_person_change": _pk("key_person"),
    "key_person_do": _pk("key_person", verb="spoken"),
    **dict.fromkeys(("approach", "approach_change"), lambda world: {"slug": "street-action"}),
    "approach_do": lambda world: {"slug": "street-action", "verb": "hide"},
    **dict.fromkeys(
        (
            "challenge", "challenge_text", "challenge_move", "challenge_decide", "challenge_hand_over",
            "challenge_public", "challenge_asked",
        ),
        _pk("challenge"),
    ),
    "challenge_do": _pk("challenge", verb="talk"),
    **dict.fromkeys(("challenge_about", "challenge_ask"), lambda world: {"slug": world.area.slug}),
    **dict.fromkeys(("plan_lines", "initiative_approach"), _pk("initiative")),
    "plan_line": lambda world: {"pk": world.task.initiative_id, "line": world.task.pk},
    "plan_do": lambda world: {"pk": world.task.initiative_id, "line": world.task.pk, "verb": "done"},
    **dict.fromkeys(("task_take", "task_yours"), _pk("task")),
    "task_mailed": lambda world: {"token": world.token(LinkPurpose.TASK)},
    "task_mine": lambda world: _page(world) | {"pk": world.task.pk, "verb": "done"},
    "initiative_change": _pk("initiative"),
    "initiative_do": _pk("initiative", verb="still-true"),
    # from idea to thanks
    **dict.fromkeys(
        (
            "initiative", "initiative_code", "initiative_words", "initiative_move", "initiative_end",
            "initiative_take_up", "initiative_hand_over", "update_new", "meeting_new", "picture_set", "picture_look",
            "initiative_poster", "initiative_qr", "role_new",
        ),
        _pk("begun"),
    ),
    "initiatives_hand_over": lambda world: {"pk": world.begun and world.people["coordinator"].pk},
    "update_change": lambda world: {"pk": world.begun.pk, "part": world.update.pk},
    "update_do": lambda world: {"pk": world.begun.pk, "part": world.update.pk, "verb": "remove"},
    "meeting_change": lambda world: {"pk": world.begun.pk, "part": world.meeting.pk},
    "meeting_do": lambda world: {"pk": world.begun.pk, "part": world.meeting.pk, "verb": "call-off"},
    "picture_do": _pk("begun", verb="show"),
    **dict.fromkeys(("role", "role_change"), _pk("volunteer_role")),
    "role_do": _pk("volunteer_role", verb="close"),
    **dict.fromkeys(("card", "card_change"), lambda world: {"pk": world.volunteer_role.card_id}),
    **dict.fromkeys(("begin_here", "begun"), lambda world: {"slug": world.area.slug}),
    **dict.fromkeys(
        ("initiative_public", "initiative_calendar"), lambda world: {"slug": world.area.slug, "pk": world.begun.pk}
    ),
    "initiative_picture": lambda world: {"digest": world.begun.picture.digest},
    "own_matches": lambda world: {"token": sign_link(world.begun.receipt, LinkPurpose.PAGE)},
    "own_initiative": lambda world: {"token": sign_link(world.begun.receipt, LinkPurpose.PAGE)},
    # places and people
    "welcome": lambda world: {"token": colleagues.invitation_url(world.invitation).rstrip("/").rpartition("/")[2]},
    **dict.fromkeys(
        ("area", "neighbourhood", "follow", "notes", "note_new", "offer_new"),
        lambda world: {"slug": world.area.slug},
    ),
    **dict.fromkeys(("import_one", "import_undo"), _pk("area_import")),
    "import_new": lambda world: {"kind": "borders"},
    "note_code": lambda world: {"pk": world.note.pk},
    # trajectories
    **dict.fromkeys(
        (
            "trajectory", "trajectory_change", "trajectory_close", "trajectory_open_again", "plan",
            "plan_pdf", "plan_read", "plan_edit", "plan_publish", "talk_back_new",
        ),
        _pk("trajectory"),
    ),
    "trajectory_step": _pk("trajectory", number=3),
    **dict.fromkeys(
        (
            "report", "report_begin", "report_write", "report_finish", "final_report", "environment_notice",
            "environment_write", "environment_switch",
        ),
        _pk("reported"),
    ),
    "report_reaction": _pk("reported", subject="other"),
    **dict.fromkeys(
        ("report_read", "report_publish", "report_correct", "final_report_version"), _pk("reported", version=1)
    ),
    **dict.fromkeys(("report_file", "final_report_file"), _pk("reported", version=1, form="odt")),
    "environment_notice_file": _pk("reported", form="odt"),
    **dict.fromkeys(
        ("talk_back_invite", "talk_back_call_off"),
        lambda world: {"pk": world.trajectory.pk, "talk_back": world.trajectory.talk_backs.get().pk},
    ),
    "talk_back_page": lambda world: {"pk": world.put_back.pk},
    "talk_back": lambda world: {"pk": world.trajectory.pk, "talk_back": world.trajectory.talk_backs.get().pk},
    **dict.fromkeys(
        ("area_change", "area_advice", "area_means", "area_decide"), lambda world: {"slug": world.area.slug}
    ),
    **dict.fromkeys(("participation_section", "participation_default"), lambda world: {"section": "terms"}),
    **dict.fromkeys(
        ("backing", "backing_sign", "backing_decline", "backing_withdraw"), _pk("backing")
    ),
    **dict.fromkeys(("colleague", "colleague_deactivate", "colleague_forget_second_factor", "movement_mail"), _person),
    **dict.fromkeys(("membership_change", "membership_end"), _membership),
    **dict.fromkeys(("invitation_resend", "invitation_withdraw"), _pk("invitation")),
    **dict.fromkeys(("theme", "theme_move", "theme_retire"), lambda world: {"slug": world.theme.slug}),
    **dict.fromkeys(("indicator", "indicator_move"), lambda world: {"slug": world.figure.indicator.slug}),
    "source": lambda world: {"pk": world.figure.source_id},
    # for trying out, in debug
    "mailbox_mail": lambda world: {"number": 1},
    "mailbox_body": lambda world: {"number": 1},
}  # fmt: skip
