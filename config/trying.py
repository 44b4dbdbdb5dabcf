"""Pages for trying Nabij out; they exist in debug only."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
