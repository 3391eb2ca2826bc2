"""The ``pharos`` command. Each command is imported when it is asked for, so that help and errors come at once."""

import importlib
import os
import sys
from typing import NamedTuple

import click

from pharos.errors import CliError, explain


class Entry(NamedTuple):
    """Where a command is defined, and what the list of commands says about it."""

    target: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "up": Entry("pharos.commands.up:up", "Start everything and wait until it is ready"),
    "down": Entry("pharos.commands.down:down", "Stop everything; the data stays"),
    "reset": Entry("pharos.commands.reset:reset", "Stop everything and delete the data"),
    "status": Entry("pharos.commands.status:status", "Show what runs and how it is"),
    "order": Entry("pharos.commands.order:order", "Place an order as the demo customer"),
    "trace": Entry("pharos.commands.trace:trace", "Show the way of a request through the services"),
    "logs": Entry("pharos.commands.logs:logs", "Show what all services logged about a request"),
    "journal": Entry("pharos.commands.journal:journal", "Show what warden saw, decided and did"),
    "resume": Entry("pharos.commands.resume:resume", "Start again what warden left alone after too many restarts"),
    "rotate-keys": Entry("pharos.commands.rotate_keys:rotate_keys", "Give services new signing keys"),
    "load": Entry("pharos.commands.load:load", "Drive realistic user journeys at a fixed rate"),
    "audit": Entry("pharos.commands.audit:audit_command", "Check that nothing was lost and nothing doubled"),
    "dlq": Entry("pharos.commands.dlq:dlq", "List, show and replay messages that services gave up"),
    "run": Entry("pharos.commands.run:run", "Run one process of a service in the foreground"),
    "release": Entry("pharos.commands.release:release", "Build a release of a service"),
    "releases": Entry("pharos.commands.releases:releases", "Show which releases of a service there are"),
    "deploy": Entry("pharos.commands.deploy:deploy", "Have a release take the place of what serves"),
    "promote": Entry("pharos.commands.promote:promote", "Go on with a release on trial, without a verdict"),
    "rollback": Entry("pharos.commands.rollback:rollback", "Bring back the last release that served well"),
    "migrate": Entry("pharos.commands.migrate:migrate", "Bring a service's database to the schema of its code"),
    "backup": Entry("pharos.commands.backup:backup", "Write a copy of a service's database"),
    "restore": Entry("pharos.commands.restore:restore", "Put a copy of a service's database back"),
}


class LazyGroup(click.Group):
    """A group whose commands are found by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing any command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pharos")
def cli() -> None:
    """Run Pharos and look into it."""


def main() -> None:
    """Run the command line."""
    run_command(cli)


def run_command(command: click.Command) -> None:
    """Run a command and end; an error is one line that says what is wrong and one that says what to do."""
    try:
        command(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it closes it
        sys.exit(1)
    except Exception as error:
        if os.environ.get("PHAROS_DEBUG"):
            raise
        for line in explain(error):
            click.echo(line, err=True)
        sys.exit(error.exit_code if isinstance(error, CliError) else 1)
