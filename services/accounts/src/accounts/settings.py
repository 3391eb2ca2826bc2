"""What the accounts process is told at start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from accounts.domain import ThrottlePolicy
from chassis.auth.keyring import KeyRing, Signer
from chassis.environment import Environment
from chassis.settings import ChassisSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Times are in seconds.

    Attributes:
        user_token_key: signs the access tokens of customers.
        token_lifetime: of an access token.
        hash_parallel: passwords hashed at once in one replica; each takes a core for some 30 ms.
        hash_patience: how long a request waits for its turn to hash before it is answered 503.
        email_throttle: failed log-ins borne for one e-mail address, whoever tries.
        client_throttle: failed log-ins borne from one client, whatever the address; clients may share one.
        sweep_interval: between two removals of failures that no longer count.
    """

    chassis: ChassisSettings
    user_token_key: Signer
    token_lifetime: float = 900.0
    hash_parallel: int = 2
    hash_patience: float = 2.0
    email_throttle: ThrottlePolicy = field(default=ThrottlePolicy(limit=10, window=timedelta(minutes=15)))
    client_throttle: ThrottlePolicy = field(default=ThrottlePolicy(limit=100, window=timedelta(minutes=15)))
    sweep_interval: float = 300.0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable and the fix.
        """
        env = Environment(environ)
        return cls(
            chassis=ChassisSettings.from_environ(environ),
            user_token_key=KeyRing(env.required_secret("PHAROS_USER_TOKEN_KEY"), source="PHAROS_USER_TOKEN_KEY_FILE"),
            token_lifetime=env.seconds("ACCOUNTS_TOKEN_LIFETIME", 900, minimum=60, maximum=3600),
            hash_parallel=env.integer("ACCOUNTS_HASH_PARALLEL", 2, minimum=1, maximum=64),
            hash_patience=env.seconds("ACCOUNTS_HASH_PATIENCE", 2, minimum=0.1, maximum=30),
        )
