"""What the tests share: processes, a FastCGI client of our own, waiting, logs.

Owns nothing of iisgate: no module here imports it, so that its mistakes cannot hide.
"""
