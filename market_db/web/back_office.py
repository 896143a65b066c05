"""Addresses of the operator's pages."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from market_db.web import explorer, operator, people, readings, register
from market_db.web.site import Site

PAGES: dict[str, Callable[[Site, Request], Response]] = {
    "/operator": operator.glance,
    "/sumber": register.sources,
    "/sumber/{name}": register.source,
    "/pembacaan": readings.runs,
    "/pembacaan/{run}/{source}": readings.run,
    "/masalah": readings.odd,
    "/kesehatan": operator.health,
    "/pengguna": people.people,
    "/jejak": operator.audit,
    "/data": explorer.entrance,
}
ACTIONS: dict[str, Callable[[Site, Request], Response]] = {
    "/sumber/{name}/ketentuan": register.decide,
    "/pengguna": people.add,
    "/pengguna/{name}": people.change,
}
