from django.urls import path

from feedback.views import mails, private, public, yours

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
]
