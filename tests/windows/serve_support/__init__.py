"""What the tests of ``iisgate.exe serve`` share: their sites, and the apps in them."""
