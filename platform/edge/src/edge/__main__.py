"""``python -m edge``."""

from chassis.server import run
from edge.app import create_app
from edge.settings import EdgeSettings

run(lambda environ: create_app(EdgeSettings.from_environ(environ)))
