"""What a request brings to a form with a file."""

from typing import Any

from django.http import HttpRequest


def brought(request: HttpRequest) -> dict[str, Any]:
    """For `form(**brought(request))`; it is bound when the request posts. `too_large`: see config/uploads.py."""
    posted = request.method == "POST"
    return {
        "data": request.POST if posted else None,
        "files": request.FILES if posted else None,
        "too_large": bool(request.META.get("nabij.upload_too_large")),
    }
