from allauth.socialaccount.views import login_cancelled
from django.conf import settings
from django.urls import include, path

from config import views

urlpatterns = [
    path("", views.front, name="front"),
    path("desk/", views.desk, name="desk"),
    path("", include("surveys.urls")),
    path("", include("initiatives.urls")),
    path("", include("feedback.urls")),
    path("", include("neighbourhoods.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/sso/cancelled/", login_cancelled, name="socialaccount_login_cancelled"),
    path("account/sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
if settings.DEBUG or settings.TESTING:
    urlpatterns += [path("", include("scenarios.urls"))]
handler404 = "neighbourhoods.front.views.not_found"
handler403 = "neighbourhoods.front.views.forbidden"
handler400 = "neighbourhoods.front.views.bad_request"
handler500 = "neighbourhoods.front.views.server_error"
