"""What tests share that speak with an instance record by record: ``web_server.py`` runs on the Windows Python and
starts instances as IIS does; the tests reach each one by a socket.
"""
