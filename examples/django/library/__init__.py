"""The only app of the site: books to list, documents to receive, routes to try a server with."""
