"""Counts the requests of this process, and writes its id on every response."""

import itertools
import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Threads share the counter; next() on itertools.count is one step, so no lock.
requests_seen = itertools.count(1)


class CountAndPid:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.number = next(requests_seen)
        response = self.get_response(request)
        response["X-Pid"] = str(os.getpid())
        return response
