"""The Content-Security-Policy and the Permissions-Policy of a page."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property


class PolicyMiddleware(CSPMiddleware):
    """Sets both headers. Nearly every page has the policy of the settings, so that one is built only once."""

    @cached_property
    def usual(self) -> str:
        return build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        # Attributes set by django-csp's decorators and nonces. In debug, django-csp skips Django's own error
        # pages.
        is_special = any(name.startswith("_csp_") for name in (*vars(request), *vars(response)))
        if is_special or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        return response
