"""Serve orders: `python -m orders`."""

from chassis.server import run
from orders.app import create_app
from orders.settings import Settings

if __name__ == "__main__":
    run(lambda environ: create_app(Settings.from_environ(environ)))
