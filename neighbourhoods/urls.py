from django.urls import path

from neighbourhoods.advice import views as advice
from neighbourhoods.backing import views as backing
from neighbourhoods.colleagues import views as colleague_views
from neighbourhoods.front import views as front
from neighbourhoods.imports import views as imports
from neighbourhoods.profile.views import areas, indicators, inventory
from neighbourhoods.settings import views as settings_views
from neighbourhoods.trajectories import views as trajectory_views

urlpatterns = [
    # around the front page
    path("privacy/", front.privacy, name="privacy"),
    path("accessibility/", front.accessibility, name="accessibility"),
    path("help/", front.help_page, name="help"),
    path("language/", front.set_language, name="set_language"),
    path("robots.txt", front.robots, name="robots"),
    path(".well-known/security.txt", front.security, name="security_txt"),
    path("welcome/<str:token>/", colleague_views.welcome, name="welcome"),
    path("desk/me/", colleague_views.me, name="me"),
    path("account/email/", colleague_views.account_email, name="account_email"),
    # areas
    path("desk/areas/", areas.areas, name="areas"),
    path("desk/areas/new/", areas.area_new, name="area_new"),
    path("desk/areas/compare/", areas.areas_compare, name="areas_compare"),
    path("desk/areas/compare/list.csv", areas.compare_csv, name="areas_compare_csv"),
    path("desk/areas/compare/list.xlsx", areas.compare_xlsx, name="areas_compare_xlsx"),
    path("desk/areas/<slug:slug>/", areas.area, name="area"),
    path("desk/areas/<slug:slug>/change/", areas.area_change, name="area_change"),
    path("desk/advice/", advice.advices, name="advices"),
    path("desk/areas/<slug:slug>/advice/", advice.area_advice, name="area_advice"),
    path("desk/areas/<slug:slug>/advice/means/", advice.area_means, name="area_means"),
    path("desk/areas/<slug:slug>/advice/decide/", advice.area_decide_approach, name="area_decide"),
    # imports
    path("desk/imports/", imports.imports, name="imports"),
    path("desk/imports/<int:pk>/", imports.import_one, name="import_one"),
    path("desk/imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("desk/imports/<slug:kind>/", imports.import_new, name="import_new"),
    # inventory of an area
    path("desk/areas/<slug:slug>/parties/", inventory.parties, name="parties"),
    path("desk/areas/<slug:slug>/parties/new/", inventory.party_new, name="party_new"),
    path("desk/parties/<int:pk>/", inventory.party_change, name="party_change"),
    path("desk/parties/<int:pk>/<slug:verb>/", inventory.party_do, name="party_do"),
    path("desk/areas/<slug:slug>/places/", inventory.places, name="places"),
    path("desk/areas/<slug:slug>/places/new/", inventory.place_new, name="place_new"),
    path("desk/places/<int:pk>/", inventory.place_change, name="place_change"),
    path("desk/places/<int:pk>/<slug:verb>/", inventory.place_do, name="place_do"),
    path("desk/areas/<slug:slug>/key-persons/", inventory.key_persons, name="key_persons"),
    path("desk/areas/<slug:slug>/key-persons/new/", inventory.key_person_new, name="key_person_new"),
    path("desk/areas/<slug:slug>/key-persons/notice/", inventory.key_person_notice, name="key_person_notice"),
    path("desk/key-persons/<int:pk>/", inventory.key_person_change, name="key_person_change"),
    path("desk/key-persons/<int:pk>/<slug:verb>/", inventory.key_person_do, name="key_person_do"),
    # for residents
    path("b/", inventory.find_neighbourhood, name="find"),
    path("b/<slug:slug>/", inventory.neighbourhood, name="neighbourhood"),
    # trajectories
    path("plan/<int:pk>/", trajectory_views.public_plan, name="plan"),
    path("plan/<int:pk>/document/", trajectory_views.plan_pdf, name="plan_pdf"),
    path("desk/trajectories/", trajectory_views.trajectories, name="trajectories"),
    path("desk/trajectories/new/", trajectory_views.trajectory_new, name="trajectory_new"),
    path("desk/trajectories/<int:pk>/", trajectory_views.trajectory, name="trajectory"),
    path("desk/trajectories/<int:pk>/change/", trajectory_views.trajectory_change, name="trajectory_change"),
    path("desk/trajectories/<int:pk>/close/", trajectory_views.trajectory_close, name="trajectory_close"),
    path(
        "desk/trajectories/<int:pk>/open-again/",
        trajectory_views.trajectory_open_again,
        name="trajectory_open_again",
    ),
    path(
        "desk/trajectories/<int:pk>/steps/<int:number>/",
        trajectory_views.trajectory_step,
        name="trajectory_step",
    ),
    path("desk/trajectories/<int:pk>/plan/", trajectory_views.plan_read, name="plan_read"),
    path("desk/trajectories/<int:pk>/plan/edit/", trajectory_views.plan_edit, name="plan_edit"),
    path("desk/trajectories/<int:pk>/plan/publish/", trajectory_views.plan_publish, name="plan_publish"),
    path("desk/trajectories/<int:pk>/talk-back/", trajectory_views.talk_back_new, name="talk_back_new"),
    path(
        "desk/trajectories/<int:pk>/talk-back/<int:talk_back>/", trajectory_views.talk_back, name="talk_back"
    ),
    # backing
    path("desk/backing/", backing.backings, name="backings"),
    path("desk/backing/<int:pk>/", backing.backing, name="backing"),
    path("desk/backing/<int:pk>/sign/", backing.backing_sign, name="backing_sign"),
    path("desk/backing/<int:pk>/decline/", backing.backing_decline, name="backing_decline"),
    path("desk/backing/<int:pk>/withdraw/", backing.backing_withdraw, name="backing_withdraw"),
    # colleagues and roles
    path("desk/settings/colleagues/", colleague_views.colleagues, name="colleagues"),
    path("desk/settings/colleagues/invite/", colleague_views.colleague_invite, name="colleague_invite"),
    path("desk/settings/colleagues/<int:pk>/", colleague_views.colleague, name="colleague"),
    path(
        "desk/settings/colleagues/<int:pk>/go/",
        colleague_views.colleague_deactivate,
        name="colleague_deactivate",
    ),
    path(
        "desk/settings/colleagues/<int:pk>/second-factor/",
        colleague_views.colleague_forget_second_factor,
        name="colleague_forget_second_factor",
    ),
    path("desk/settings/roles/<int:pk>/", colleague_views.membership_change, name="membership_change"),
    path("desk/settings/roles/<int:pk>/end/", colleague_views.membership_end, name="membership_end"),
    path(
        "desk/settings/invitations/<int:pk>/resend/",
        colleague_views.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "desk/settings/invitations/<int:pk>/withdraw/",
        colleague_views.invitation_withdraw,
        name="invitation_withdraw",
    ),
    # settings of the municipality
    path("desk/settings/", settings_views.settings, name="settings"),
    path("desk/settings/figures/", indicators.indicators, name="indicators"),
    path("desk/settings/figures/<slug:slug>/", indicators.indicator, name="indicator"),
    path("desk/settings/figures/<slug:slug>/move/", indicators.indicator_move, name="indicator_move"),
    path("desk/settings/sources/<int:pk>/", indicators.source, name="source"),
    path("desk/settings/themes/", settings_views.themes, name="themes"),
    path("desk/settings/themes/<slug:slug>/", settings_views.theme, name="theme"),
    path("desk/settings/themes/<slug:slug>/move/", settings_views.theme_move, name="theme_move"),
    path("desk/settings/themes/<slug:slug>/retire/", settings_views.theme_retire, name="theme_retire"),
    path("desk/settings/log/", colleague_views.events, name="events"),
    path("desk/settings/log/download/", colleague_views.events_download, name="events_download"),
    path("desk/settings/participation/", trajectory_views.participation, name="participation"),
    path(
        "desk/settings/participation/<slug:section>/",
        trajectory_views.participation_section,
        name="participation_section",
    ),
    path(
        "desk/settings/participation/<slug:section>/default/",
        trajectory_views.participation_default,
        name="participation_default",
    ),
]
