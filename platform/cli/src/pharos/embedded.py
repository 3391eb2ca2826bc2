"""Starting the parts as processes: a warden is launched and listened to until all is ready."""

from pharos.console import note
from pharos.ending import end
from pharos.errors import CliError
from pharos.launch import Launch, WardenLost, launch
from pharos.progress_view import progress_view
from pharos.release.environment import ensure_environments
from pharos.wish import Wish
from warden.config import Config, read_config
from warden.layout import StateFolder, project_root
from warden.progress import Failed, PartProgress
from warden.record import read_parts, read_warden


def start_processes(folder: StateFolder, wish: Wish) -> None:
    """Wait until all is ready; undo it all if this is interrupted or the warden is killed.

    Raises:
        CliError: the start failed and has been undone.
    """
    config, chaos = _settings(folder, wish)
    ensure_environments(folder, project_root())
    launched = launch(folder, project_root(), config.port_base, config.replicas, chaos=chaos)
    try:
        _watch(launched)
    except KeyboardInterrupt:
        note("stopping what was started …")
        launched.give_up()
        raise
    except WardenLost:
        launched.child.wait()
        end(folder)
        raise


def _settings(folder: StateFolder, wish: Wish) -> tuple[Config, bool]:
    """Options go before the settings of what a killed warden left running, and those before the file's."""
    config = read_config(folder.config)
    record, chaos = read_warden(folder), wish.chaos
    if record is not None and any(part.alive for part in read_parts(folder)):
        config = config.changed(port_base=record.port_base, replicas=record.replicas)
        chaos = chaos or record.chaos
    return config.changed(port_base=wish.port_base, replicas=wish.replicas), chaos


def _watch(launched: Launch) -> None:
    failure: Failed | None = None
    with progress_view() as view:
        for event in launched.events():
            if isinstance(event, PartProgress):
                view.show(event)
            elif isinstance(event, Failed):
                failure = event
    if failure is not None:
        launched.child.wait()
        raise CliError(failure.message, failure.hint, log=failure.log)
