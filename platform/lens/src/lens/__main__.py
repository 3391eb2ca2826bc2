"""`python -m lens`: serve until SIGTERM."""

from collections.abc import Mapping

from litestar import Litestar

from chassis.server import run
from chassis.settings import ChassisSettings
from lens.app import create_app
from lens.console.settings import ConsoleSettings
from lens.settings import LensSettings


def from_environ(environ: Mapping[str, str]) -> Litestar:
    """The application as the environment describes it; raises ConfigurationError."""
    return create_app(
        ChassisSettings.from_environ(environ), LensSettings.from_environ(environ), ConsoleSettings.from_environ(environ)
    )


if __name__ == "__main__":
    run(from_environ)
