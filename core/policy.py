"""The Content-Security-Policy and the Permissions-Policy of a page."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property


class PolicyMiddleware(CSPMiddleware):
    """Nearly every page bears the policy of the settings. That one is put together once, and not on each page."""

    @cached_property
    def usual(self) -> str:
        return build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        # What django-csp's decorators and a nonce leave behind. In debug it spares Django's own error pages.
        is_special = any(name.startswith("_csp_") for name in (*vars(request), *vars(response)))
        if is_special or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        return response
