"""The command line of the Django site: ``migrate``, ``collectstatic`` and the rest."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_project.settings")
    execute_from_command_line(sys.argv)
