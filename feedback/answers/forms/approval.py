"""Asking a second colleague to read an answer, and what they say of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from feedback.answers.services import approving
from feedback.models import FollowUp


class AskForm(forms.Form):
    """Who reads it first: somebody who may write here and did not write this."""

    seen = forms.CharField(widget=forms.HiddenInput)
    of = forms.ModelChoiceField(
        label=_("Who reads it first?"), queryset=User.objects.none(), empty_label=_("Choose a colleague")
    )

    def __init__(self, *args: Any, follow_up: FollowUp, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": follow_up.digest}
        self.fields["of"].queryset = approving.may_read(follow_up, by)


class ReadForm(forms.Form):
    """Approved, or sent back with a remark."""

    seen = forms.CharField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[("approve", ""), ("back", "")])
    remark = forms.CharField(
        label=_("What should change?"),
        help_text=_("Only for sending it back. Your colleague reads this."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"seen": follow_up.digest}
