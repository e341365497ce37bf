"""Tells Django what this app is called."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
