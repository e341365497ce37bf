"""The Django project: settings, the table of addresses, and the WSGI app."""
