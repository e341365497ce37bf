"""What ``test_plone`` needs: a small browser, pictures, and the served site."""
