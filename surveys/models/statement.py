"""A neighbour's statement: shown to others only after a colleague read it and let it through."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.state_model import StateModel
from feedback.models import Contribution
from feedback.states import Reading
from neighbourhoods.models import Area
from neighbourhoods.states import Power
from surveys.models.draft import Question
from surveys.states import STATEMENT_TRANSITIONS, StatementState


class StatementQuerySet(models.QuerySet["Statement"]):
    def through(self) -> Self:
        """Statements that neighbours may read: not withdrawn by the writer, nor found sensitive since."""
        return (
            self.filter(state=StatementState.THROUGH, contribution__withdrawn_on=None)
            .exclude(contribution__reading=Reading.SENSITIVE)
            .exclude(contribution__masked_text="")
        )

    def to_decide(self) -> Self:
        """Waiting statements, oldest first."""
        return self.filter(state=StatementState.WAITING, contribution__withdrawn_on=None).order_by(
            "contribution__said_on", "pk"
        )

    def decidable_by(self, user: User) -> Self:
        """Statements in areas where this user may read what people wrote."""
        return self.filter(contribution__topic__area__in=Area.objects.where(user, least=Power.COORDINATOR))


class Statement(StateModel):
    """A contribution offered to neighbours as a statement. The words stay in the contribution and are erased
    with it.
    """

    TRANSITIONS = STATEMENT_TRANSITIONS
    TOO_LATE = _("A colleague decided on this meanwhile. Have another look.")

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="statements")
    contribution = models.OneToOneField(Contribution, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=StatementState, default=StatementState.WAITING)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_on = models.DateField(null=True, blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=StatementState.WAITING, decided_on__isnull=True)
                | (~Q(state=StatementState.WAITING) & Q(decided_on__isnull=False)),
                name="a_statement_is_decided_when_decided",
            ),
        ]
        indexes = [models.Index(fields=["question", "state"])]

    def __str__(self) -> str:
        return f"statement {self.pk}"

    @property
    def key(self) -> str:
        """Its id among a question's statements; "n" sets it apart from the author's own."""
        return f"n{self.pk}"

    def read_anew(self, moved: bool) -> None:
        """Does not re-read the row: many are decided at once, and none is used afterwards."""
