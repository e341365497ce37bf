"""Owns answering one request with the bytes that the command line gives in hexadecimal digits; without, with none.

With it the tests show the client all that an application may do wrong.
"""

import sys

import one_request

one_request.read()
if len(sys.argv) > 1:
    one_request.answer(bytes.fromhex(sys.argv[1]))
