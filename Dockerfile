# Two stages: wheels and compiled files are made in the first; the second holds no compiler and no pip cache.
FROM python:3.13.9-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PATH=/opt/nabij/bin:$PATH
RUN python -m venv /opt/nabij
COPY requirements.txt /opt/
RUN pip install --require-hashes -r /opt/requirements.txt

WORKDIR /srv/nabij
COPY . .
# Settings ask for a secret and an address; while files are collected they mean nothing and stay in this stage.
RUN pybabel compile --domain django --directory locale \
    && SECRET_KEY="$(head -c 48 /dev/urandom | base64)" SITE_URL=https://localhost EMAIL_URL=smtp://localhost \
       python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q . \
    && rm -rf var


FROM python:3.13.9-slim-bookworm

RUN useradd --system --uid 10001 --home-dir /srv/nabij nabij && install -d -o nabij -g nabij /var/lib/nabij
COPY --from=build /opt/nabij /opt/nabij
COPY --from=build /srv/nabij /srv/nabij

ENV PATH=/opt/nabij/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/var/lib/nabij
WORKDIR /srv/nabij
USER nabij
VOLUME /var/lib/nabij
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers", "--no-ws", "--no-access-log", "config.wsgi:application"]
