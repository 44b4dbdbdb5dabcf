from django.urls import path

from neighbourhoods.views import areas, backing, colleagues, imports, municipality, welcome

urlpatterns = [
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("desk/me/", welcome.me, name="me"),
    path("account/email/", welcome.address, name="account_email"),
    # places
    path("desk/areas/", areas.areas, name="areas"),
    path("desk/areas/new/", areas.area_new, name="area_new"),
    path("desk/areas/import/", imports.areas_import, name="areas_import"),
    path("desk/areas/import/<int:pk>/", imports.areas_import_preview, name="areas_import_preview"),
    path("desk/areas/<slug:slug>/", areas.area, name="area"),
    path("desk/areas/<slug:slug>/change/", areas.area_change, name="area_change"),
    # what a backer is asked to stand for
    path("desk/backing/", backing.backings, name="backings"),
    path("desk/backing/<int:pk>/", backing.backing, name="backing"),
    path("desk/backing/<int:pk>/sign/", backing.backing_sign, name="backing_sign"),
    path("desk/backing/<int:pk>/decline/", backing.backing_decline, name="backing_decline"),
    path("desk/backing/<int:pk>/withdraw/", backing.backing_withdraw, name="backing_withdraw"),
    # who can do what
    path("desk/settings/colleagues/", colleagues.colleagues, name="colleagues"),
    path("desk/settings/colleagues/invite/", colleagues.colleague_invite, name="colleague_invite"),
    path("desk/settings/colleagues/<int:pk>/", colleagues.colleague, name="colleague"),
    path(
        "desk/settings/colleagues/<int:pk>/go/", colleagues.colleague_deactivate, name="colleague_deactivate"
    ),
    path(
        "desk/settings/colleagues/<int:pk>/second-factor/",
        colleagues.colleague_forget_second_factor,
        name="colleague_forget_second_factor",
    ),
    path("desk/settings/roles/<int:pk>/", colleagues.membership_change, name="membership_change"),
    path("desk/settings/roles/<int:pk>/end/", colleagues.membership_end, name="membership_end"),
    path(
        "desk/settings/invitations/<int:pk>/resend/", colleagues.invitation_resend, name="invitation_resend"
    ),
    path(
        "desk/settings/invitations/<int:pk>/withdraw/",
        colleagues.invitation_withdraw,
        name="invitation_withdraw",
    ),
    # the municipality
    path("desk/settings/", municipality.settings, name="settings"),
    path("desk/settings/themes/", municipality.themes, name="themes"),
    path("desk/settings/themes/<slug:slug>/", municipality.theme, name="theme"),
    path("desk/settings/themes/<slug:slug>/move/", municipality.theme_move, name="theme_move"),
    path("desk/settings/themes/<slug:slug>/retire/", municipality.theme_retire, name="theme_retire"),
    path("desk/settings/log/", municipality.events, name="events"),
]
