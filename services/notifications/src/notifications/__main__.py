"""Serve notifications: `python -m notifications`."""

from chassis.server import run
from notifications.app import create_app
from notifications.settings import Settings

if __name__ == "__main__":
    run(lambda environ: create_app(Settings.from_environ(environ)))
