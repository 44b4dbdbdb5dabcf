from django.urls import path

from surveys.views import (
    after,
    answering,
    building,
    channels,
    desk,
    opening,
    preview,
    reading,
    results,
    settings,
    start,
)

urlpatterns = [
    path("p/<slug:code>/", start.start, name="start"),
    path("p/<slug:code>/begin/", start.begin_view, name="begin"),
    path("p/<slug:code>/q/<str:question>/", answering.question, name="question"),
    path("p/<slug:code>/where/", after.where, name="where"),
    path("p/<slug:code>/thanks/", after.thanks, name="thanks"),
    path("p/<slug:code>/layer/", after.layer, name="layer"),
    path("p/<slug:code>/hear/", after.hear, name="hear"),
    path("p/<slug:code>/join/", after.join, name="join"),
    path("p/<slug:code>/resume/", after.resume, name="resume"),
    path("p/<slug:code>/done/", after.done, name="done"),
    path("p/<slug:code>/results/", results.outcome, name="outcome"),
    path("desk/results/", results.overview, name="results"),
    path("desk/surveys/", desk.surveys, name="surveys"),
    path("desk/surveys/new/", desk.new, name="survey_new"),
    path("desk/surveys/<int:pk>/", building.edit, name="survey_edit"),
    path("desk/surveys/<int:pk>/questions/<int:question_pk>/", building.question, name="survey_question"),
    path("desk/surveys/<int:pk>/questions/<int:question_pk>/phone/", preview.preview, name="survey_preview"),
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
    path("desk/surveys/<int:pk>/about/", settings.settings, name="survey_settings"),
    path("desk/surveys/<int:pk>/joining/", settings.card, name="survey_card"),
    path("desk/surveys/<int:pk>/opening/", opening.opening, name="survey_opening"),
    path("desk/surveys/<int:pk>/opening/ask/", opening.ask, name="survey_ask"),
    path("desk/surveys/<int:pk>/opening/<slug:verb>/", opening.step, name="survey_step"),
    path("desk/surveys/<int:pk>/versions/<int:number>/", reading.version, name="survey_version"),
    path("desk/surveys/<int:pk>/results/", results.results, name="survey_results"),
    path("desk/surveys/<int:pk>/ways/", channels.channels, name="survey_channels"),
    path("desk/surveys/<int:pk>/ways/<int:channel_pk>/qr.<slug:kind>", channels.qr, name="survey_qr"),
    path("desk/surveys/<int:pk>/ways/<int:channel_pk>/poster/", channels.poster, name="survey_poster"),
]
