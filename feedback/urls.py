from django.urls import path

from feedback.views import board, listening, mails, owed, private, public, yours

urlpatterns = [
    path("said/", public.said, name="said"),
    path("v/", private.code, name="private_code"),
    path("v/lost/", private.lost, name="private_lost"),
    path("v/i/<str:token>/", private.item, name="private_item"),
    path("v/c/<str:token>/", mails.confirm, name="private_confirm"),
    path("v/u/<str:token>/", mails.unsubscribe, name="private_unsubscribe"),
    path("v/e/<str:token>/", yours.fresh, name="private_fresh"),
    path("v/<str:token>/", private.page, name="private_page"),
    path("v/<str:token>/react/<int:item>/", private.react, name="private_react"),
    path("v/<str:token>/address/", yours.address, name="private_address"),
    path("v/<str:token>/withdraw/", yours.withdraw, name="private_withdraw"),
    path("v/<str:token>/link/", yours.mail_link, name="private_mail_link"),
    path("v/<str:token>/download/", yours.download, name="private_download"),
    path("v/<str:token>/erase/", yours.erase, name="private_erase"),
    # the desk
    path("desk/waiting/", board.waiting, name="waiting"),
    path("desk/waiting/topic/<int:pk>/", owed.topic, name="topic"),
    path("desk/waiting/topic/<int:pk>/hand-over/", owed.hand_over, name="topic_hand_over"),
    path("desk/waiting/topic/<int:pk>/in-person/", owed.in_person, name="topic_in_person"),
    path("desk/waiting/topic/<int:pk>/waive/", owed.waive, name="topic_waive"),
    path("desk/waiting/owner/<int:pk>/", owed.owner, name="owner"),
    path("desk/waiting/owner/<int:pk>/hand-over/", owed.hand_over_everything, name="owner_hand_over"),
    path("desk/promises/<int:pk>/", owed.promise, name="promise"),
    path("desk/promises/<int:pk>/move/", owed.move_promise, name="promise_move"),
    path("desk/listening/", listening.listening, name="listening"),
    path("desk/listening/<uuid:pk>/", listening.listen_to, name="listen_to"),
    path("desk/listening/<uuid:pk>/unmasked/", listening.unmask, name="listening_unmask"),
]
