"""The rows accounts keeps."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table


class Customer(Table):
    """One who can log in. `email` is normalised; `password_hash` is an argon2id string with its parameters and salt."""

    customer_id = UUID(primary_key=True, default=None)
    email = Varchar(length=254, unique=True)
    name = Varchar(length=100)
    password_hash = Varchar(length=255)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class LoginFailure(Table):
    """Failed log-ins under one key, an e-mail address or a client; hashed, so that no address stands here."""

    key = Varchar(length=64, primary_key=True)
    failures = Integer()
    since = Timestamptz(index=True)
