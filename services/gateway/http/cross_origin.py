"""Programs in browsers: which pages may call us. None unless the operator names them."""

from dataclasses import dataclass

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from services.gateway.http.response_metadata import EXPOSED

METHODS = ("GET", "POST", "DELETE")


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """`origins` as browsers name them (`https://chat.example.org`), `*` for every page; cookies are never accepted, so
    a page can do no more than who gives it a key. `max_age_s` is how long a browser remembers."""

    origins: tuple[str, ...] = ()
    max_age_s: int = 600

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with the answers that browsers ask for; they need no key."""
        if not self.origins:
            return app
        return CORSMiddleware(
            app,
            allow_origins=self.origins,
            allow_methods=METHODS,
            allow_headers=("*",),
            expose_headers=EXPOSED,
            max_age=self.max_age_s,
        )
