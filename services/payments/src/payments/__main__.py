"""Serve payments: `python -m payments`."""

from chassis.server import run
from payments.app import create_app
from payments.settings import Settings

if __name__ == "__main__":
    run(lambda environ: create_app(Settings.from_environ(environ)))
