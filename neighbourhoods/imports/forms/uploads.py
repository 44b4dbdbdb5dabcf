"""Form arguments from a request with a file."""

from typing import Any

from django.http import HttpRequest


def brought(request: HttpRequest) -> dict[str, Any]:
    """For `form(**brought(request))`; the form is bound if the request is a POST. `too_large`: see
    core/files.py.
    """
    posted = request.method == "POST"
    return {
        "data": request.POST if posted else None,
        "files": request.FILES if posted else None,
        "too_large": bool(request.META.get("nabij.upload_too_large")),
    }
