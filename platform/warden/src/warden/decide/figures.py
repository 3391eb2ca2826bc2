"""Every figure of recovery in one place; `[recovery]` of config.toml overrides them. Times are in seconds."""

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When something counts as a fault, and how much may be done about it; docs/recovery.md has the sources.

    Attributes:
        liveness_interval: between two questions to a replica.
        liveness_timeout: an answer that takes longer is none.
        liveness_failures: so many in a row mean that it hangs.
        startup_grace: a process that has never answered is given so long.
        readiness_failures: so many in a row, and it is not ready any more.
        readiness_successes: so many in a row, and it is ready again.
        first_delay: before the first start after an exit; doubles with each further one.
        longest_delay: what it doubles to.
        forgiven_after: after so long in health earlier exits do not count for the delay.
        restarts: so many within `restart_window`; what ends or hangs once more is quarantined.
        restart_window: see there.
        disruption_interval: at most one living process is ended in so long.
        fleet_share: when so many of the living fail liveness, warden suspects itself.
        fleet_window: how long a failed liveness probe counts for that.
        memory_limit: resident memory that a replica may have, in MB.
        memory_share: of that limit, or of the descriptors; what has more is drained and started anew.
        descriptors: file descriptors that a replica may have, unless the system allows fewer.
        samples: so many samples in a row have to say so.
        sample_interval: between two samples, and two readings of the metrics.
        exhaustion: growth that would reach the limit within this, from half of it on, counts as well.
        window_requests: a window with fewer requests says nothing.
        error_share: a share of failed requests below this is no fault.
        slow: a mean latency below this is none.
        outlier: so many times what the siblings have is one.
        bad_windows: so many of the last `windows`.
        windows: see there.
        ejection: how long a replica is out of balancing, times how often it was.
        longest_ejection: what that grows to.
        persists: a replica that has to be ejected again within this is started anew instead.
        patience: what only a restart cures is given it after being unready for so long; twice as long each further time
            within `persists`.
        longest_patience: what that grows to.
    """

    liveness_interval: Seconds = 1.0
    liveness_timeout: Seconds = 0.5
    liveness_failures: Count = 3
    startup_grace: Seconds = 30.0
    readiness_failures: Count = 2
    readiness_successes: Count = 2
    first_delay: Seconds = 0.25
    longest_delay: Seconds = 30.0
    forgiven_after: Seconds = 60.0
    restarts: Count = 5
    restart_window: Seconds = 60.0
    disruption_interval: Seconds = 10.0
    fleet_share: Share = 0.5
    fleet_window: Seconds = 10.0
    memory_limit: Count = 1024
    memory_share: Share = 0.9
    descriptors: Count = 4096
    samples: Count = 3
    sample_interval: Seconds = 5.0
    exhaustion: Seconds = 60.0
    window_requests: Count = 20
    error_share: Share = 0.05
    slow: Seconds = 0.25
    outlier: Annotated[float, msgspec.Meta(gt=1)] = 3.0
    bad_windows: Count = 3
    windows: Count = 5
    ejection: Seconds = 30.0
    longest_ejection: Seconds = 300.0
    persists: Seconds = 600.0
    patience: Seconds = 10.0
    longest_patience: Seconds = 300.0
