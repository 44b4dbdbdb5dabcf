from django.urls import path

from neighbourhoods.views import backing

urlpatterns = [
    path("desk/backing/", backing.backings, name="backings"),
    path("desk/backing/<int:pk>/", backing.backing, name="backing"),
    path("desk/backing/<int:pk>/sign/", backing.backing_sign, name="backing_sign"),
    path("desk/backing/<int:pk>/decline/", backing.backing_decline, name="backing_decline"),
    path("desk/backing/<int:pk>/withdraw/", backing.backing_withdraw, name="backing_withdraw"),
]
