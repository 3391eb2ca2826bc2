# Recipes of Pharos. Run them with ./just NAME, or with an installed just.

set positional-arguments

bin := justfile_directory() / ".pharos/venv/bin"
caches := justfile_directory() / ".pharos/cache"
web := justfile_directory() / "platform/lens/web"

# What Python and the tools would else put beside the sources

export PYTHONPYCACHEPREFIX := caches / "python"
export MYPY_CACHE_DIR := caches / "mypy"
export RUFF_CACHE_DIR := caches / "ruff"
export HYPOTHESIS_STORAGE_DIRECTORY := caches / "hypothesis"
export PYTEST_ADDOPTS := "-o cache_dir=" + quote(caches / "pytest")

# accounts alone: run, test, migrate, backup, restore, release, deploy, rollback
mod accounts 'services/accounts'

# inventory alone: run, test, migrate, backup, restore, release, deploy, rollback
mod inventory 'services/inventory'

# notifications alone: run, test, migrate, backup, restore, release, deploy, rollback
mod notifications 'services/notifications'

# orders alone: run, test, migrate, backup, restore, release, deploy, rollback
mod orders 'services/orders'

# payments alone: run, test, migrate, backup, restore, release, deploy, rollback
mod payments 'services/payments'

[private]
default:
    @'{{ just_executable() }}' --justfile '{{ justfile() }}' --list --unsorted

# Start everything and wait until it is ready (--help has the options)
[group('run')]
[no-exit-message]
up *ARGS: _run
    @'{{ bin }}/pharos' up "$@"

# Stop everything; the data stays
[group('run')]
[no-exit-message]
down *ARGS: _run
    @'{{ bin }}/pharos' down "$@"

# Show what runs and how it is
[group('run')]
[no-exit-message]
status *ARGS: _run
    @'{{ bin }}/pharos' status "$@"

# Stop everything and delete the data, after asking
[group('run')]
[no-exit-message]
reset *ARGS: _run
    @'{{ bin }}/pharos' reset "$@"

# Place an order through the public API
[group('use')]
[no-exit-message]
order *ARGS: _run
    @'{{ bin }}/pharos' order "$@"

# Show the trace of a request, by correlation, trace or order ID
[group('use')]
[no-exit-message]
trace *ARGS: _run
    @'{{ bin }}/pharos' trace "$@"

# Show every log line of a request, by correlation, trace or order ID
[group('use')]
[no-exit-message]
logs *ARGS: _run
    @'{{ bin }}/pharos' logs "$@"

# Show what warden saw, decided and did; --follow goes on
[group('use')]
[no-exit-message]
journal *ARGS: _run
    @'{{ bin }}/pharos' journal "$@"

# Start a replica again that warden left alone after too many restarts
[group('use')]
[no-exit-message]
resume *ARGS: _run
    @'{{ bin }}/pharos' resume "$@"

# Drive realistic user journeys at a fixed rate
[group('use')]
[no-exit-message]
load *ARGS: _run
    @'{{ bin }}/pharos' load "$@"

# Check that nothing was lost and nothing doubled, over all services
[group('use')]
[no-exit-message]
audit *ARGS: _run
    @'{{ bin }}/pharos' audit "$@"

# Break something on purpose and read what became of it; alone it lists the experiments (--help has the options)
[group('use')]
[no-exit-message]
chaos *ARGS: _run
    @'{{ bin }}/python' -P -m chaos "$@"

# List, show and replay messages that services gave up
[group('use')]
[no-exit-message]
dlq *ARGS: _run
    @'{{ bin }}/pharos' dlq "$@"

# Run every check and test; names run only those (--list shows them)
[group('work on it')]
[no-exit-message]
test *ARGS: _dev
    @'{{ bin }}/python' tests/suite.py "$@"

# Give services new signing keys, without a restart (--help has the options)
[group('use')]
[no-exit-message]
rotate-keys *ARGS: _run
    @'{{ bin }}/pharos' rotate-keys "$@"

# Check style
[group('work on it')]
[no-exit-message]
lint: _dev
    @'{{ bin }}/ruff' check
    @'{{ bin }}/ruff' format --check

# Check types
[group('work on it')]
[no-exit-message]
types: _dev
    @'{{ bin }}/python' tests/suite.py types

# Format the code
[group('work on it')]
[no-exit-message]
fmt: _dev
    @'{{ bin }}/ruff' check --fix --quiet || true
    @'{{ bin }}/ruff' format

# Measure the figures of docs/benchmarks.md; names measure only those
[group('work on it')]
[no-exit-message]
bench *ARGS: _dev
    @cd tests && '{{ bin }}/python' -m bench.run "$@"

# Prove what holds under faults, with figures: docs/proofs.md; names run only those proofs (--list shows them)
[group('work on it')]
[no-exit-message]
verify *ARGS: _dev
    @cd tests && '{{ bin }}/python' -m verify.run "$@"

# Pin the dependencies with hashes; --upgrade takes the newest allowed versions
[group('work on it')]
[no-exit-message]
lock *ARGS: _run
    @bootstrap/lock "$@"

# Ask the advisory databases about every locked dependency (needs the network)
[group('work on it')]
[no-exit-message]
vulnerabilities:
    @bootstrap/vulnerabilities

# Generate constants and docs/telemetry.md from the registry of names
[group('work on it')]
[no-exit-message]
semconv: _dev
    @'{{ bin }}/python' observability/semconv/generate.py

# Generate Prometheus' rules and Alertmanager's routes from every service.toml
[group('work on it')]
[no-exit-message]
slo: _dev
    @'{{ bin }}/python' observability/slo/generate.py

# Generate dashboards/ from observability/dashboards
[group('work on it')]
[no-exit-message]
dashboards: _dev
    @'{{ bin }}/python' observability/dashboards/generate.py

# Check the console's page: style, types, unit tests (needs Node.js)
[group('work on it')]
[no-exit-message]
console-check: _console
    @cd '{{ web }}' && npm run --silent check

# Build the console's page into the bundle that lens serves (needs Node.js)
[group('work on it')]
[no-exit-message]
console-build: _console
    @cd '{{ web }}' && npm run --silent build

# Take docs/screenshots anew from a running system (needs Chromium)
[group('work on it')]
[no-exit-message]
screenshots *ARGS: _dev
    @cd tests && '{{ bin }}/python' -m console.screenshots "$@"

[no-exit-message]
_run:
    @bootstrap/env run

[no-exit-message]
_dev:
    @bootstrap/env dev

[no-exit-message]
_console:
    @cd '{{ web }}' && npm ci --silent --no-audit --no-fund
