"""What somebody does who was invited by mail."""

import re

from django.conf import settings
from django.test import Client

from surveys.invitations.services import invitations
from surveys.models import Invitation


def link_of(address: str) -> str:
    invitation = Invitation.objects.select_related("list__channel", "receipt").get(
        receipt__contact__email=address
    )
    return invitations.invitation_link(invitation.list.channel, invitation.receipt).removeprefix(
        settings.SITE_URL
    )


def answer(address: str):
    """Open the link of the mail, and press the button."""
    phone = Client(headers={"accept-language": "nl"})
    url = link_of(address)
    page = phone.get(url).content.decode()
    fields = dict(re.findall(r'name="(submit_key|token)" value="([^"]+)"', page))
    return phone, fields, phone.post(f"{url.split('/m/')[0]}/begin/", fields)
