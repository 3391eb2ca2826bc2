"""What each service cannot serve without, from the manifests. Pure."""

from collections.abc import Iterable, Mapping

from chassis.manifest import Manifest


def needs_of(manifests: Iterable[Manifest]) -> dict[str, frozenset[str]]:
    """The stores and services that a service needs at any distance, by service.

    Of services that need each other neither is the cause of the other's trouble, so they are left out.
    """
    direct = {manifest.name: _direct(manifest) for manifest in manifests}
    all_of = {name: _reached(name, direct) for name in direct}
    return {
        name: frozenset(other for other in needed - {name} if name not in all_of.get(other, ()))
        for name, needed in all_of.items()
    }


def _direct(manifest: Manifest) -> frozenset[str]:
    stores = {"postgres"} if manifest.database else set()
    broker = {"nats"} if manifest.messaging else set()
    return frozenset(stores | broker | set(manifest.calls))


def _reached(name: str, direct: Mapping[str, frozenset[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = [*direct[name]]
    while ahead:
        one = ahead.pop()
        if one not in reached:
            reached.add(one)
            ahead += direct.get(one, ())
    return reached
