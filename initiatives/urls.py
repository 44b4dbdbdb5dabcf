from django.urls import path

from initiatives import views

urlpatterns = [
    path("desk/hands/", views.hands, name="hands"),
    path("desk/hands/<int:pk>/", views.hand, name="hand"),
    path("desk/hands/<int:pk>/contact/", views.hand_contact, name="hand_contact"),
    path("desk/hands/<int:pk>/step/", views.hand_step, name="hand_step"),
    path("desk/hands/<int:pk>/close/", views.hand_close, name="hand_close"),
    path("desk/hands/<int:pk>/hand-over/", views.hand_hand_over, name="hand_hand_over"),
    path("desk/hands/owner/<int:pk>/hand-over/", views.hands_hand_over, name="hands_hand_over"),
]
