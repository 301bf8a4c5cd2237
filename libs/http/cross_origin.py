"""Cross-origin resource sharing (CORS): disabled unless the operator names origins."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

METHODS = ("GET", "POST", "DELETE")


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """`origins` as browsers name them (`https://chat.example.org`), `*` for every page. Cookies are never accepted, so
    a page has only the permissions of the API key that it sends. `max_age_s` is the lifetime of a preflight in
    browsers."""

    origins: tuple[str, ...] = ()
    max_age_s: int = 600

    def around(self, app: ASGIApp, exposed: Sequence[str]) -> ASGIApp:
        """Wrap the application in CORS; preflight requests need no key. Pages may read the `exposed` headers."""
        if not self.origins:
            return app
        return CORSMiddleware(
            app,
            allow_origins=self.origins,
            allow_methods=METHODS,
            allow_headers=("*",),
            expose_headers=exposed,
            max_age=self.max_age_s,
        )
