from django.urls import path

from surveys.views import after, answering, reading, start

urlpatterns = [
    path("p/<str:code>/", start.start, name="start"),
    path("p/<str:code>/begin/", start.begin_view, name="begin"),
    path("p/<str:code>/q/<str:question>/", answering.question, name="question"),
    path("p/<str:code>/where/", after.where, name="where"),
    path("p/<str:code>/thanks/", after.thanks, name="thanks"),
    path("p/<str:code>/layer/", after.layer, name="layer"),
    path("p/<str:code>/hear/", after.hear, name="hear"),
    path("p/<str:code>/join/", after.join, name="join"),
    path("p/<str:code>/resume/", after.resume, name="resume"),
    path("p/<str:code>/done/", after.done, name="done"),
    path("desk/surveys/<int:pk>/versions/<int:number>/", reading.version, name="survey_version"),
]
