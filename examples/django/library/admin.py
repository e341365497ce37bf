"""What the admin shows of the library."""

from django.contrib import admin

from .models import Book, Document


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "year"]
    search_fields = ["title", "author"]


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    list_display = ["name", "file", "sha256", "received_at"]
    readonly_fields = ["sha256", "received_at"]
