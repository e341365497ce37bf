"""The example's own package: virtual hosting for ``zope.ini``, hooks and a view for ``etc/site.zcml``."""
