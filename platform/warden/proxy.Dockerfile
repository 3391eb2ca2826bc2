# syntax=docker/dockerfile:1
# Built from the root of the repository: docker build --file platform/warden/proxy.Dockerfile --tag pharos-docker-proxy .
FROM python:3.11-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin pharos && \
    install --directory --owner=10001 --mode=0700 /run/pharos
COPY platform/warden/src/warden/docker/proxy.py /app/proxy.py
USER 10001
VOLUME /run/pharos
STOPSIGNAL SIGKILL
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["python", "-ISc", \
    "import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect('/run/pharos/engine.sock'); s.sendall(b'GET /containers/json HTTP/1.0\\r\\n\\r\\n'); raise SystemExit(b' 200 ' not in s.recv(32))"]
ENTRYPOINT ["python", "-IS", "/app/proxy.py"]
