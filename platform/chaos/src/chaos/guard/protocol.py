"""What the run and its guard say to each other: a JSON document a line, each answered by a line."""

import msgspec

from chaos.guard.undo import Undo


class Hold(msgspec.Struct, frozen=True, tag="hold"):
    """This is to be undone when asked to, or when the run ends."""

    number: int
    undo: Undo


class Release(msgspec.Struct, frozen=True, tag="release"):
    """Undo it now."""

    number: int


class Done(msgspec.Struct, frozen=True):
    """The answer to either; `error` says what could not be done."""

    number: int
    error: str = ""


Request = Hold | Release
decode_request = msgspec.json.Decoder(Request).decode
decode_done = msgspec.json.Decoder(Done).decode
encode = msgspec.json.encode
