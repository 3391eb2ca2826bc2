"""Reading a request's body: bounded, and inflated without trusting its size."""

import zlib
from collections.abc import AsyncIterable

from lens.otlp.errors import MalformedError, TooLargeError, UnsupportedMediaError

_GZIP_WINDOW = 31


async def read_limited(stream: AsyncIterable[bytes], limit: int) -> bytes:
    """All of the stream; raises TooLargeError as soon as it exceeds `limit` bytes."""
    chunks, size = [], 0
    async for chunk in stream:
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"the request body exceeds {limit} bytes; send smaller batches")
        chunks.append(chunk)
    return b"".join(chunks)


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo the Content-Encoding (identity or gzip).

    Raises UnsupportedMediaError, MalformedError, or TooLargeError when the content exceeds `limit` bytes.
    """
    if encoding in {"", "identity"}:
        return body
    if encoding != "gzip":
        raise UnsupportedMediaError(f"Content-Encoding {encoding!r} is not supported; use gzip or none")
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        content = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise MalformedError(f"the body is not gzip: {error}") from error
    if len(content) > limit:
        raise TooLargeError(f"the decompressed body exceeds {limit} bytes; send smaller batches")
    if not inflater.eof or inflater.unused_data:
        raise MalformedError("the gzip body is cut short, or more follows it")
    return content
