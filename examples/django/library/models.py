"""What the database holds: books, and documents that visitors sent."""

from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=200)
    author = models.CharField(max_length=200)
    year = models.SmallIntegerField()

    class Meta:
        ordering = ["year", "title"]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"


class Document(models.Model):
    name = models.CharField("your name", max_length=100)
    file = models.FileField(upload_to="documents/")
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.file.name} from {self.name}"
