"""Puts a few books on the shelf, so that the first page has something to list."""

from django.db import migrations

BOOKS = [
    ("Frankenstein", "Mary Shelley", 1818),
    ("Moby-Dick", "Herman Melville", 1851),
    ("Flatland", "Edwin A. Abbott", 1884),
    ("The Time Machine", "H. G. Wells", 1895),
]


def add(apps, schema_editor):
    Book = apps.get_model("library", "Book")
    for title, author, year in BOOKS:
        Book.objects.create(title=title, author=author, year=year)


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    # Going back keeps the books: by then they may be the owner's.
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
