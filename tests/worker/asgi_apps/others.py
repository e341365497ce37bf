"""The same small app in other frameworks: Starlette, Quart, Django."""

import sys


def starlette_app():
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.responses import FileResponse, JSONResponse
    from starlette.routing import Route

    async def home(request):
        body = await request.body()
        return JSONResponse({"path": request.url.path, "size": len(body), "query": dict(request.query_params)})

    async def file(request):
        return FileResponse(__file__)

    async def through(request, call_next):
        answer = await call_next(request)
        answer.headers["x-through"] = "yes"
        return answer

    routes = [Route("/file", file), Route("/{rest:path}", home, methods=["GET", "POST"])]
    return Starlette(routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=through)])


def quart_app():
    from quart import Quart, request

    app = Quart(__name__)

    @app.before_serving
    async def begin():
        print("Quart begins")

    @app.route("/<path:rest>", methods=["GET", "POST"])
    async def home(rest):
        body = await request.get_data()
        return {"path": request.path, "size": len(body), "query": dict(request.args)}

    return app


def django_app():
    import django
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import JsonResponse
    from django.urls import re_path
    from django.utils.decorators import async_only_middleware

    async def home(request):
        told = {"path": request.path, "size": len(request.body), "query": request.GET.dict()}
        return JsonResponse(told | {"user": request.META["REMOTE_USER"]})

    @async_only_middleware
    def from_iis(get_response):
        async def middleware(request):
            environ = request.scope["extensions"]["iisgate"]["environ"]
            request.META["REMOTE_USER"] = environ.get("REMOTE_USER", "")
            return await get_response(request)

        return middleware

    sys.modules["urls_of_others"] = type(sys)("urls_of_others")
    sys.modules["urls_of_others"].urlpatterns = [re_path("", home)]
    sys.modules["urls_of_others"].from_iis = from_iis
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF="urls_of_others", SECRET_KEY="x", DEBUG=False,
                       MIDDLEWARE=["urls_of_others.from_iis"])
    django.setup()
    return get_asgi_application()
