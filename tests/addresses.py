"""An object of the one area for every page of the house that names one in its address.

`ADDRESSES` has an entry for each view with arguments; tests/test_access.py refuses a view without. A new page
gets one line here: what its address names, made in `World.area`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.links import Link, sign_link
from accounts.models import User
from feedback.models import FollowUp, Promise, Topic
from feedback.states import MessageState
from neighbourhoods.models import AreaImport
from neighbourhoods.services import invitations
from neighbourhoods.states import AreaKind, Role
from surveys.models import Channel, Survey
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_message,
    make_topic,
)
from tests.initiatives.factories import make_offer
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

# Who works where: everybody in `area`, the administrator everywhere, the stranger with every role elsewhere.
PEOPLE = ("viewer", "backer", "coordinator", "editor", "administrator", "stranger")


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
        self.people["stranger"] = make_user(Role.ADMINISTRATOR, elsewhere)
        for role in (Role.EDITOR, Role.COORDINATOR, Role.BACKER, Role.VIEWER):
            make_membership(self.people["stranger"], role, elsewhere)
        self.editor, self.administrator = self.people["editor"], self.people["administrator"]

    # --- what is asked

    @cached_property
    def draft(self) -> Survey:
        return make_draft(areas=[self.area], by=self.editor)

    @cached_property
    def survey(self) -> Survey:
        """Open, with a channel."""
        return make_survey(areas=[self.area], owner=self.editor)

    @cached_property
    def channel(self) -> Channel:
        return self.survey.channels.first() or Channel.objects.create(survey=self.survey, code="harbour")

    @cached_property
    def first_question(self) -> str:
        return self.survey.current.document["layers"][0]["questions"][0]["id"]

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
    def message(self) -> Any:
        assert self.topic.pk
        return make_message(self.contact.receipt, state=MessageState.FAILED)

    # --- who wants to help

    @cached_property
    def offer(self) -> Any:
        return make_offer(area=self.area, owner=self.people["coordinator"])

    # --- where, and with whom

    @cached_property
    def backing(self) -> Any:
        return make_backing(area=self.area, backer=self.people["backer"], by=self.editor)

    @cached_property
    def invitation(self) -> Any:
        return invitations.invite(
            email="new@waterdam.example", role=Role.VIEWER, area=self.area, until=None, by=self.administrator
        )

    @cached_property
    def theme(self) -> Any:
        return make_theme("green")

    @cached_property
    def area_import(self) -> Any:
        return AreaImport.objects.create(
            file_name="a.geojson",
            year=2024,
            created_by=self.administrator,
            created_at=timezone.now() - timedelta(hours=1),
            content='{"type": "Polygon", "coordinates": [[[4, 52], [5, 52], [5, 53], [4, 52]]]}',
        )

    def token(self, link: Link) -> str:
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
    return {"token": world.token(Link.PAGE)}


def _person(world: World) -> dict[str, Any]:
    return {"pk": world.people["viewer"].pk}


def _membership(world: World) -> dict[str, Any]:
    return {"pk": world.people["viewer"].memberships.get().pk}


ADDRESSES: dict[str, Arguments] = {
    # answering
    **dict.fromkeys(
        ("start", "begin", "where", "thanks", "layer", "hear", "join", "resume", "done", "outcome"), _code
    ),
    "question": lambda world: _code(world) | {"question": str(world.first_question)},
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
    "survey_card": _draft(),
    "survey_opening": _draft(),
    "survey_ask": _draft(),
    "survey_step": _draft(verb=lambda world: "publish"),
    "survey_version": _survey(number=lambda world: world.survey.current.number),
    "survey_results": _survey(),
    "survey_channels": _survey(),
    "survey_qr": _survey(channel_pk=lambda world: world.channel.pk, kind=lambda world: "svg"),
    "survey_poster": _survey(channel_pk=lambda world: world.channel.pk),
    # the private page of a resident
    **dict.fromkeys(
        (
            "private_page", "private_address", "private_withdraw", "private_mail_link", "private_download",
            "private_erase",
        ),
        _page,
    ),
    "private_react": lambda world: _page(world) | {"item": 1},
    "private_item": lambda world: {"token": world.token(Link.ITEM)},
    "private_confirm": lambda world: {"token": world.token(Link.CONFIRM)},
    "private_unsubscribe": lambda world: {"token": world.token(Link.UNSUBSCRIBE)},
    "private_fresh": lambda world: {"token": world.token(Link.ERASE)},
    # who waits, and what they hear
    **dict.fromkeys(("topic", "topic_hand_over", "topic_in_person", "topic_waive"), _pk("topic")),
    **dict.fromkeys(("owner", "owner_hand_over"), lambda world: {"pk": world.topic and world.editor.pk}),
    **dict.fromkeys(("promise", "promise_move"), _pk("promise")),
    **dict.fromkeys(("listen_to", "listening_unmask"), _pk("text")),
    **dict.fromkeys(
        (
            "followup", "followup_audience", "followup_release", "followup_stop", "followup_progress",
            "followup_correct",
        ),
        _pk("follow_up"),
    ),
    **dict.fromkeys(
        ("followup_mail", "followup_page", "followup_read", "followup_send_to_me"),
        _pk("follow_up", language="nl"),
    ),
    "followup_people": _pk("follow_up", part="pending"),
    **dict.fromkeys(
        (
            "message", "message_resend", "message_delivered", "message_bounced", "message_take_up",
            "message_contact",
        ),
        _pk("message"),
    ),
    # hands
    **dict.fromkeys(("hand", "hand_contact", "hand_step", "hand_close", "hand_hand_over"), _pk("offer")),
    "hands_hand_over": lambda world: {"pk": world.offer and world.people["coordinator"].pk},
    # places and people
    "welcome": lambda world: {"token": invitations.link_to(world.invitation).rstrip("/").rpartition("/")[2]},
    "area": lambda world: {"slug": world.area.slug},
    "area_change": lambda world: {"slug": world.area.slug},
    "areas_import_preview": _pk("area_import"),
    **dict.fromkeys(
        ("backing", "backing_sign", "backing_decline", "backing_withdraw"), _pk("backing")
    ),
    **dict.fromkeys(("colleague", "colleague_deactivate", "colleague_forget_second_factor"), _person),
    **dict.fromkeys(("membership_change", "membership_end"), _membership),
    **dict.fromkeys(("invitation_resend", "invitation_withdraw"), _pk("invitation")),
    **dict.fromkeys(("theme", "theme_move", "theme_retire"), lambda world: {"slug": world.theme.slug}),
    # for trying out, in debug
    "mailbox_mail": lambda world: {"number": 1},
    "mailbox_body": lambda world: {"number": 1},
}  # fmt: skip
