"""Letters and mails of the open survey: some used codes, a list to make letters from, and mails in the mailbox."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from neighbourhoods.models import Area
from surveys.answering.services.beginning import begin_with_ticket, letter_hash, spend_code
from surveys.builder.services.publish import add_channel
from surveys.invitations.services import invitations, post
from surveys.models import AccessCode, Survey
from surveys.states import Basis, ChannelKind, Respondent, Window

# Real codes are random; these are for trying out. O is read as 0.
_CODE = "DEM0" + "{:04}"
TO_TRY = "DEM0-0001"
LETTERS, USED = 40, 9

STREETS = ("Sluisweg", "Havenkade", "Lindelaan")


def make_invitations(survey: Survey, areas: dict[str, Area], people: dict[str, User]) -> None:
    editor = people["editor"]
    _letters_that_are_out(survey, areas["De Linde"], editor)
    head = "Straat;Huisnummer;Toevoeging;Postcode;Woonplaats"
    rows = [f"{STREETS[n % 3]};{n + 3};{'bis' if n % 7 == 0 else ''};1999 ZZ;Waterdam" for n in range(24)]
    post.create_letter_run(
        survey=survey,
        name="Brieven naar de Sluisbuurt",
        content="\n".join(
            [head, *rows, "Sluisweg;;;1999 ZZ;Waterdam", "Sluisweg;9;;19 ZZ;Waterdam"]
        ).encode(),
        area=areas["Sluisbuurt"],
        window=Window.LEFT,
        with_reminder=True,
        by=editor,
    )
    addresses = invitations.create_address_list(
        survey=survey,
        name="Buurtpanel, per mail",
        content=b"",
        pasted="\n".join(f"buur-{n:02}@example.nl" for n in range(1, 13)),
        origin="uw aanmelding voor het buurtpanel",
        basis=Basis.CONSENT,
        area=None,
        by=editor,
    )
    invitations.create_invitations(addresses=addresses, by=editor)
    a_week_ago = timezone.localtime() - timedelta(days=7)
    invitations.plan_mailing(
        addresses=addresses, on=timezone.localdate(a_week_ago), by=editor, now=a_week_ago
    )
    invitations.release_due(now=timezone.now() + timedelta(seconds=settings.HOLD_SECONDS))


def _letters_that_are_out(survey: Survey, area: Area, editor: User) -> None:
    """Letters that were printed and posted; the list is destroyed, only codes are left, and some were used."""
    channel = add_channel(
        survey=survey,
        kind=ChannelKind.LETTER,
        name="Brieven naar De Linde",
        code="brief",
        invited=True,
        area_id=area.pk,
        by=editor,
    )
    codes = [_CODE.format(n) for n in range(1, LETTERS + 1)]
    hashes = sorted(letter_hash(channel, code) for code in codes)
    AccessCode.objects.bulk_create(AccessCode(code_hash=one, channel=channel) for one in hashes)
    for code in codes[-USED:]:
        ticket = spend_code(channel=channel, typed=code, page=f"demo-{code}")
        begin_with_ticket(channel=channel, ticket=ticket, language="nl", respondent=Respondent.RESIDENT)
