from allauth.idp import urls
from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", include(urls)),
    path("accounts/", include("allauth.account.urls")),
    path("favicon.ico", lambda request: HttpResponse(status=204)),  # a missing one is an error in the console
]
