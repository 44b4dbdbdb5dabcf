"""Pages for trying Nabij out; they exist in debug only."""

from django.urls import URLPattern, path

from config.styleguide import styleguide

urlpatterns: list[URLPattern] = [path("styleguide/", styleguide, name="styleguide")]
