"""Serve inventory: `python -m inventory`."""

from chassis.server import run
from inventory.app import create_app
from inventory.settings import Settings

if __name__ == "__main__":
    run(lambda environ: create_app(Settings.from_environ(environ)))
