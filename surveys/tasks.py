"""Celery tasks around services."""

from core.jobs import polling_task
from surveys.invitations.services import invitations, post
from surveys.paper.services import paper_forms
from surveys.results.services import exports


@polling_task
def invite() -> None:
    """Hand planned mailings to the outbox, and make requested letters and paper forms."""
    invitations.release_due()
    post.run_letter_jobs()
    paper_forms.run_paper_jobs()


@polling_task
def export() -> None:
    """Make requested export files, and destroy expired ones."""
    exports.run_export_jobs()
