from django.urls import path

from surveys.answering.views import after, answering, start
from surveys.builder.views import building, desk, settings
from surveys.exchange import views as exchange_views
from surveys.invitations import views as invitation_views
from surveys.opening.views import channels, opening, reach
from surveys.paper.views import helping, paper
from surveys.results.views import outcome, results

urlpatterns = [
    path("p/<slug:code>/", start.start_page, name="start"),
    path("p/<slug:code>/begin/", start.begin_view, name="begin"),
    path("p/<slug:code>/c/<slug:letter_code>/", start.start_page, name="start_with_code"),
    path("p/<slug:code>/m/<str:token>/", start.by_mail, name="start_by_mail"),
    path("p/<slug:code>/q/<str:question>/", answering.question, name="question"),
    path("p/<slug:code>/where/", after.where_you_live, name="where"),
    path("p/<slug:code>/thanks/", after.thanks, name="thanks"),
    path("p/<slug:code>/quoting/", after.may_quote, name="may_quote"),
    path("p/<slug:code>/layer/", after.layer, name="layer"),
    path("p/<slug:code>/hear/", after.hear, name="hear"),
    path("p/<slug:code>/join/", after.join, name="join"),
    path("p/<slug:code>/resume/", after.resume, name="resume"),
    path("p/<slug:code>/done/", after.done, name="done"),
    path("p/<slug:code>/results/", outcome.outcome, name="outcome"),
    path("p/<slug:code>/results.<slug:kind>", outcome.outcome_file, name="outcome_file"),
    path("api/", outcome.about, name="open_data"),
    path("api/openapi.json", outcome.openapi, name="openapi"),
    path("api/surveys/", outcome.surveys, name="api_surveys"),
    path("api/surveys/<int:pk>/", outcome.survey, name="api_survey"),
    path("api/surveys/<int:pk>/snapshots/<int:snapshot_pk>/", outcome.snapshot, name="api_snapshot"),
    path("desk/results/", results.overview, name="results"),
    path("desk/surveys/", desk.surveys, name="surveys"),
    path("desk/surveys/new/", desk.new, name="survey_new"),
    path("desk/surveys/new/form/", exchange_views.from_form, name="survey_from_form"),
    path("desk/surveys/library/", exchange_views.library, name="library"),
    path("desk/surveys/library/<str:slug>/", exchange_views.item, name="library_item"),
    path("desk/surveys/library/<str:slug>/<slug:verb>/", exchange_views.item_do, name="library_item_do"),
    path("desk/surveys/<int:pk>/remarks/", desk.remarks_page, name="survey_remarks"),
    path("desk/surveys/<int:pk>/library/", exchange_views.add_from_library, name="survey_library"),
    path("desk/surveys/<int:pk>/reuse/", exchange_views.reuse, name="survey_reuse"),
    path("desk/surveys/<int:pk>/reuse/again/", exchange_views.repeat_survey_view, name="survey_again"),
    path("desk/surveys/<int:pk>/reuse/keep/", exchange_views.keep_survey, name="survey_keep"),
    path("desk/surveys/<int:pk>/form.xlsx", exchange_views.as_form, name="survey_as_form"),
    path(
        "desk/surveys/<int:pk>/questions/<int:question_pk>/keep/",
        exchange_views.keep_question,
        name="question_keep",
    ),
    path(
        "desk/surveys/<int:pk>/questions/<int:question_pk>/part/", exchange_views.part, name="question_part"
    ),
    path("desk/surveys/<int:pk>/layers/<int:layer_pk>/keep/", exchange_views.keep_layer, name="layer_keep"),
    path("desk/surveys/<int:pk>/", building.edit, name="survey_edit"),
    path("desk/surveys/<int:pk>/questions/<int:question_pk>/", building.question, name="survey_question"),
    path("desk/surveys/<int:pk>/questions/<int:question_pk>/phone/", desk.preview, name="survey_preview"),
    path(
        "desk/surveys/<int:pk>/questions/<int:question_pk>/<slug:verb>/",
        building.question_do,
        name="survey_question_do",
    ),
    path("desk/surveys/<int:pk>/layers/add/", building.layer_add, name="survey_layer_add"),
    path("desk/surveys/<int:pk>/layers/<int:layer_pk>/", building.layer, name="survey_layer"),
    path(
        "desk/surveys/<int:pk>/layers/<int:layer_pk>/add/", building.question_add, name="survey_question_add"
    ),
    path(
        "desk/surveys/<int:pk>/layers/<int:layer_pk>/<slug:verb>/", building.layer_do, name="survey_layer_do"
    ),
    path("desk/surveys/<int:pk>/paths/", reach.paths, name="survey_paths"),
    path("desk/surveys/<int:pk>/about/", settings.settings, name="survey_settings"),
    path("desk/surveys/<int:pk>/joining/", settings.survey_card, name="survey_card"),
    path("desk/settings/privacy/", settings.keeping_default, name="keeping_default"),
    path("desk/surveys/<int:pk>/keeping/", settings.keeping, name="survey_keeping"),
    path("desk/surveys/<int:pk>/opening/", opening.opening, name="survey_opening"),
    path("desk/surveys/<int:pk>/opening/changes/", desk.republish, name="survey_republish"),
    path("desk/surveys/<int:pk>/opening/ask/", opening.ask_backer_view, name="survey_ask"),
    path("desk/surveys/<int:pk>/opening/<slug:verb>/", opening.step, name="survey_step"),
    path("desk/surveys/<int:pk>/versions/<int:number>/", reach.version, name="survey_version"),
    path("desk/surveys/<int:pk>/results/closer/", results.closer, name="survey_closer"),
    path("desk/surveys/<int:pk>/outcome/", outcome.publish_outcome, name="survey_outcome"),
    path("desk/surveys/<int:pk>/outcome/back/", outcome.take_outcome_back, name="survey_outcome_back"),
    path(
        "desk/surveys/<int:pk>/versions/<int:number>/beside/<int:other>/",
        desk.compare_versions,
        name="survey_compare",
    ),
    path("desk/surveys/<int:pk>/results/", results.results, name="survey_results"),
    path("desk/surveys/<int:pk>/helping/", helping.helping, name="survey_helping"),
    path("desk/surveys/<int:pk>/helping/<int:channel_pk>/", helping.helping_fill, name="survey_helping_fill"),
    path("desk/surveys/<int:pk>/helping/<int:channel_pk>/done/", helping.helped, name="survey_helped"),
    path("desk/surveys/<int:pk>/paper/", paper.paper, name="survey_paper"),
    path("desk/surveys/<int:pk>/paper/new/", paper.paper_new, name="paper_new"),
    path("desk/surveys/<int:pk>/paper/runs/<int:run_pk>/", paper.paper_run, name="paper_run"),
    path(
        "desk/surveys/<int:pk>/paper/runs/<int:run_pk>/example.pdf", paper.paper_sample, name="paper_sample"
    ),
    path("desk/surveys/<int:pk>/paper/runs/<int:run_pk>/<slug:verb>/", paper.paper_do, name="paper_do"),
    path("desk/surveys/<int:pk>/paper/forms/<int:number>/", paper.paper_form, name="paper_form"),
    path("desk/surveys/<int:pk>/paper/forms/<int:number>/anew/", paper.paper_anew, name="paper_anew"),
    path("desk/surveys/<int:pk>/paper/forms/<int:number>/settle/", paper.paper_settle, name="paper_settle"),
    path("desk/surveys/<int:pk>/statements/", results.statements, name="survey_statements"),
    path("desk/surveys/<int:pk>/exports/", results.exports, name="survey_exports"),
    path("desk/surveys/<int:pk>/exports/named/", results.exports_name, name="survey_exports_name"),
    path("desk/surveys/<int:pk>/exports/<int:export_pk>/", results.export_page, name="survey_taken"),
    path(
        "desk/surveys/<int:pk>/exports/<int:export_pk>/<slug:verb>/",
        results.export_do,
        name="survey_taken_do",
    ),
    path("desk/surveys/<int:pk>/results/side-by-side/", results.comparing, name="survey_comparing"),
    path("desk/surveys/<int:pk>/reach/", reach.reach_page, name="survey_reach"),
    path("desk/surveys/<int:pk>/reach/plan/", reach.reach_plan, name="survey_reach_plan"),
    path("desk/surveys/<int:pk>/odd/", results.suspects, name="survey_suspects"),
    path("desk/surveys/<int:pk>/ways/", channels.channels, name="survey_channels"),
    path("desk/surveys/<int:pk>/ways/<int:channel_pk>/qr.<slug:kind>", channels.qr, name="survey_qr"),
    path(
        "desk/surveys/<int:pk>/ways/<int:channel_pk>/poster/", channels.channel_poster, name="survey_poster"
    ),
    path(
        "desk/surveys/<int:pk>/ways/<int:channel_pk>/poster-<slug:size>.pdf",
        channels.poster_file,
        name="survey_poster_file",
    ),
    path(
        "desk/surveys/<int:pk>/ways/<int:channel_pk>/<slug:verb>/",
        channels.channel_do,
        name="survey_channel_do",
    ),
    path("desk/surveys/<int:pk>/letters/new/", invitation_views.letters_new, name="letters_new"),
    path("desk/surveys/<int:pk>/letters/<int:run_pk>/", invitation_views.letters_run, name="letters"),
    path(
        "desk/surveys/<int:pk>/letters/<int:run_pk>/example.pdf",
        invitation_views.letters_sample,
        name="letters_sample",
    ),
    path(
        "desk/surveys/<int:pk>/letters/<int:run_pk>/code/", invitation_views.letters_code, name="letters_code"
    ),
    path(
        "desk/surveys/<int:pk>/letters/<int:run_pk>/<slug:verb>/",
        invitation_views.letters_do,
        name="letters_do",
    ),
    path("desk/surveys/<int:pk>/mail/new/", invitation_views.mail_new, name="mail_new"),
    path("desk/surveys/<int:pk>/mail/<int:list_pk>/", invitation_views.mail_list, name="mail_list"),
    path("desk/surveys/<int:pk>/mail/<int:list_pk>/<slug:verb>/", invitation_views.mail_do, name="mail_do"),
]
