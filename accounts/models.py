"""Staff accounts, and the receipts and contacts of residents. Nothing here knows what a resident said."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.details import MODEL_LABELS, VERBS, Fact, actor_label, fact_lines, facts_to_json
from accounts.states import DeliveryChannel, HowOften, ReceiptPurpose, SuppressionReason, SuppressionScope
from core.keyed import KeyedHashField, address_hash, address_hashes, code_hashes
from core.phone_numbers import format_phone_number


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A staff account. Residents never have one."""

    email = models.EmailField(_("e-mail address"), unique=True)
    title = models.CharField(
        _("what you are to residents"),
        max_length=80,
        blank=True,
        help_text=_("A role, for example “neighbourhood manager”. Residents see this, never your name."),
    )
    language = models.CharField(_("language"), max_length=12, default="nl")
    monthly_mail = models.BooleanField(
        null=True, blank=True, help_text="Of what moved. Empty: who stands behind what is asked gets it."
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]

    def __str__(self) -> str:
        return self.title or self.email

    def describe(self, *, title: str, language: str) -> None:
        """Set the title that residents see and the language of mails to this colleague."""
        self.title, self.language = title, language
        self.save(update_fields=["title", "language"])

    def has_second_factor(self) -> bool:
        return is_mfa_enabled(self)

    def forget_authenticators(self) -> None:
        """Delete the passkeys, the authenticator app and its recovery codes."""
        Authenticator.objects.filter(user=self).delete()

    def lock_out(self) -> None:
        """Prevent signing in and end every session: sessions depend on the password and on `is_active`."""
        self.forget_authenticators()
        self.is_active = False
        self.set_unusable_password()
        self.save(update_fields=["is_active", "password"])
        for session in UserSession.objects.filter(user=self):
            session.end()

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def with_code(self, code: str) -> Self:
        """The receipt of this private code, which is normalised (accounts.codes)."""
        return self.filter(code_hash__in=code_hashes(code))


class Receipt(models.Model):
    """One private key with one purpose. Rows of higher apps refer to it and are erased with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=16, choices=ReceiptPurpose)
    code_hash = KeyedHashField(use="codes", purpose="code", unique=True)
    language = models.CharField(max_length=12)
    created_on = models.DateField(default=timezone.localdate)
    # Raising it revokes every link sent for this receipt.
    revocation = models.PositiveSmallIntegerField(default=0)
    # May have no contact: it belongs to something that is open to people under 16.
    without_contact = models.BooleanField(default=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=ReceiptPurpose.values), name="receipt_purpose_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.created_on}"


class ContactQuerySet(models.QuerySet["Contact"]):
    def reachable(self) -> Self:
        """Confirmed and not unsubscribed."""
        return self.filter(confirmed_at__isnull=False, unsubscribed_at__isnull=True)

    def by(self, carrier: str) -> Self:
        """Contacts that are written to through this carrier."""
        return self.exclude(**{CONTACT_FIELD_BY_CARRIER[DeliveryChannel(carrier)]: ""})

    def unconfirmed_since(self, moment: datetime) -> Self:
        return self.filter(confirmed_at__isnull=True, created_at__lt=moment)


CONTACT_FIELD_BY_CARRIER = {
    DeliveryChannel.MAIL: "email",
    DeliveryChannel.TEXT: "mobile",
    DeliveryChannel.LETTER: "postal",
}
"""The contact field with the address for each carrier."""


class Contact(models.Model):
    """How to reach the holder of one receipt. Two people who share a mailbox have two contacts.

    Each is written to in one way: e-mail, text message or letter. `phone` is for calling and gets no texts.
    """

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    mobile = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="For texts, as +31612345678."
    )
    postal = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="For letters: name (may be empty), street and town, a line each.",
    )
    is_16_or_older = models.BooleanField()
    consent = models.TextField(help_text="The sentence that was agreed to, as it was shown.")
    how_often = models.CharField(
        max_length=8, choices=HowOften, default=HowOften.AT_ONCE, db_default=HowOften.AT_ONCE
    )
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone="") | ~Q(mobile="") | ~Q(postal=""),
                name="contact_has_a_way",
            ),
            models.CheckConstraint(
                condition=Q(email="", mobile="") | Q(email="", postal="") | Q(mobile="", postal=""),
                name="contact_is_written_to_in_one_way",
            ),
            models.CheckConstraint(condition=Q(is_16_or_older=True), name="contact_is_16_or_older"),
            models.CheckConstraint(condition=~Q(consent=""), name="contact_has_consent"),
            models.CheckConstraint(
                condition=Q(how_often__in=HowOften.values), name="contact_knows_how_often"
            ),
        ]

    def __str__(self) -> str:
        return f"contact of {self.receipt_id}"

    @property
    def carrier(self) -> str:
        """The carrier they are written to by; "" if they only left a number for calling."""
        return next(
            (carrier.value for carrier, field in CONTACT_FIELD_BY_CARRIER.items() if getattr(self, field)), ""
        )

    @property
    def address(self) -> str:
        return self.email or self.mobile or self.postal

    @property
    def shown(self) -> str:
        """The address in the form its holder reads."""
        return format_phone_number(self.mobile) if self.mobile else self.address.strip().replace("\n", ", ")


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of(self, address: str) -> Self:
        return self.filter(address_hash__in=address_hashes(address))

    def of_any(self, addresses: Iterable[str]) -> Self:
        hashes = [one for address in addresses for one in address_hashes(address)]
        return self.filter(address_hash__in=hashes)

    def suppress(self, address: str, reason: str) -> "tuple[Suppression, bool]":
        """No more messages to this address. Returns the row and whether it is new."""
        if known := self.of(address).filter(scope=SuppressionScope.EVERYTHING).first():
            return known, False
        return self.get_or_create(
            address_hash=address_hash(address),
            scope=SuppressionScope.EVERYTHING,
            defaults={"reason": reason},
        )


class Suppression(models.Model):
    """An address or number that gets no more messages. Only its keyed hash is stored."""

    address_hash = KeyedHashField(use="suppression", purpose="address")
    scope = models.CharField(max_length=16, choices=SuppressionScope, default=SuppressionScope.EVERYTHING)
    reason = models.CharField(max_length=16, choices=SuppressionReason)
    created_on = models.DateField(default=timezone.localdate)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_hash", "scope"], name="one_suppression_per_address")
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.reason}"


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, thing: models.Model) -> Self:
        return self.filter(kind=thing._meta.label_lower, key=str(thing.pk))

    def between(self, since: date | None, until: date | None) -> Self:
        """Events from `since` up to and including `until`, in local time; either may be None."""
        found = self if since is None else self.filter(at__date__gte=since)
        return found if until is None else found.filter(at__date__lte=until)


class Event(models.Model):
    """Who did what to which thing, when and why. Append only; holds no copies of personal data."""

    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    verb = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True, help_text="In the words of who did it.")
    facts = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "key"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.key}"

    @property
    def thing(self) -> str:
        """What it is about, without the app label: “survey 12”. Long keys are cut at the first hyphen."""
        name = self.kind.partition(".")[2]
        return f"{MODEL_LABELS.get(name, name)} {self.key.partition('-')[0]}"

    @property
    def said(self) -> str:
        """The verb in the reader's language, to follow `who`. accounts.messages collects them for the catalogue."""
        return str(VERBS.get(self.verb) or pgettext("log", self.verb)).replace("_", " ")

    @property
    def who(self) -> str:
        """A colleague, or the job or resident that did it."""
        return str(self.actor or actor_label(self.verb))

    @property
    def sentence(self) -> str:
        return f"{self.who} {self.said}"

    @property
    def details(self) -> str:
        """The facts in the reader's language, and the note as it was written."""
        return " · ".join([*fact_lines(self.facts or {}), *filter(None, [self.note])])

    @classmethod
    def log(
        cls, verb: str, thing: models.Model, *, by: User | None, note: str = "", **facts: Fact
    ) -> "Event":
        """Write one event, in the transaction of the action itself. `note` is text that a colleague wrote; `facts`
        are values that are shown in the reader's language.
        """
        return cls.objects.create(
            actor=by,
            verb=verb,
            kind=thing._meta.label_lower,
            key=str(thing.pk),
            note=note,
            facts=facts_to_json(facts) or None,
        )
