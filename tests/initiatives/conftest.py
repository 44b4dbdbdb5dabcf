"""Mail about joining in goes over the same line as all mail."""

from tests.feedback.conftest import sink as sink
