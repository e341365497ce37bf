"""Owns a copy of each example, made ready as its README says, with the Windows Python.

Does not serve it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from support import places
from support.launch import Argument, run_program

USER = "librarian"
PASSWORD = "correct horse 0"

#: What lies in a checkout after a developer has tried an example.
_OF_OTHERS = shutil.ignore_patterns("__pycache__", "*.sqlite3", "media", "logs")

#: Both of them in one Python, for each takes a while to start.
_PREPARE = f"""
import sys
sys.path.insert(0, sys.argv[1])
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from django.contrib.auth.models import User
User.objects.create_superuser({USER!r}, "", {PASSWORD!r})
"""


def example(name: str, folder: Path) -> tuple[Path, dict[str, Argument]]:
    """The site's folder, and the variables that it wants."""
    site = Path(shutil.copytree(places.EXAMPLES / name, folder / name, ignore=_OF_OTHERS))
    if name != "django":
        return site, {}
    # Collected anew below.
    shutil.rmtree(site / "static", ignore_errors=True)
    variables: dict[str, Argument] = {"DJANGO_DB": folder / "library.sqlite3", "DJANGO_MEDIA": folder / "media"}
    settings = {**variables, "DJANGO_SETTINGS_MODULE": "site_project.settings"}
    run_program(places.venv_python(), "-c", _PREPARE, site, env=settings)
    return site, variables
