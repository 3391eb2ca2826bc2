"""Serve accounts: `python -m accounts`."""

from accounts.app import create_app
from accounts.settings import Settings
from chassis.server import run

if __name__ == "__main__":
    run(lambda environ: create_app(Settings.from_environ(environ)))
