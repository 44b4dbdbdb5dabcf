"""URLs of pages for trying Nabij out; they exist in debug only."""

from django.urls import URLPattern, path

from scenarios import mailbox
from scenarios.styleguide import styleguide

urlpatterns: list[URLPattern] = [
    path("styleguide/", styleguide, name="styleguide"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:number>/", mailbox.mail, name="mailbox_mail"),
    path("mailbox/<int:number>/body", mailbox.mail_body, name="mailbox_body"),
]
