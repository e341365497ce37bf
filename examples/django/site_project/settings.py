"""Settings of the site. What differs from machine to machine comes from the environment:

``DJANGO_SECRET_KEY``, ``DJANGO_DEBUG`` (``1`` turns it on), ``DJANGO_DB``, ``DJANGO_MEDIA``.
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# The default makes the example run at once. A site that others can reach needs its own.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for-development-only-a-real-site-has-its-own-key")
DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
# An example answers to any name. Write your own here: the Host header is what a visitor says it is.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "library",
]

MIDDLEWARE = [
    # First, so that it sees every response, also those of the other middleware.
    "library.middleware.CountAndPid",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "site_project.urls"
WSGI_APPLICATION = "site_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DJANGO_DB", BASE_DIR / "db.sqlite3"),
        # Threads write at the same time. A transaction that takes the lock at its start
        # waits for its turn; one that asks for it halfway fails with "database is locked".
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
USE_TZ = True

# Without a leading slash, Django puts SCRIPT_NAME before it: the site also works below a mount.
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
# Uploads have no address on purpose: what strangers send is not served back.
MEDIA_ROOT = os.environ.get("DJANGO_MEDIA", BASE_DIR / "media")

# With DEBUG off, Django would mail errors to nobody. stderr ends up in the log of the server.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
