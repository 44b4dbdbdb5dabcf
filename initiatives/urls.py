from django.urls import path

from initiatives.views import approaches, hands, inventory, notes

urlpatterns = [
    path("desk/hands/", hands.hands, name="hands"),
    path("desk/hands/<int:pk>/", hands.hand, name="hand"),
    path("desk/hands/<int:pk>/contact/", hands.hand_contact, name="hand_contact"),
    path("desk/hands/<int:pk>/step/", hands.hand_step, name="hand_step"),
    path("desk/hands/<int:pk>/close/", hands.hand_close, name="hand_close"),
    path("desk/hands/<int:pk>/hand-over/", hands.hand_hand_over, name="hand_hand_over"),
    path("desk/hands/owner/<int:pk>/hand-over/", hands.hands_hand_over, name="hands_hand_over"),
    # what is going on already
    path("desk/initiatives/", inventory.initiatives, name="initiatives"),
    path("desk/initiatives/list.csv", inventory.initiatives_csv, name="initiatives_csv"),
    path("desk/initiatives/new/", inventory.initiative_new, name="initiative_new"),
    path("desk/initiatives/<int:pk>/", inventory.initiative_change, name="initiative_change"),
    path("desk/initiatives/<int:pk>/<slug:verb>/", inventory.initiative_do, name="initiative_do"),
    # talks
    path("desk/areas/<slug:slug>/talks/", notes.notes, name="notes"),
    path("desk/areas/<slug:slug>/talks/new/", notes.note_new, name="note_new"),
    path("desk/talks/<int:pk>/", notes.note_code, name="note_code"),
    path("desk/approaches/", approaches.approaches, name="approaches"),
]
