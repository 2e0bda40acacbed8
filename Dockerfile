# Modeldesk in a container: wheels from the lock, by hash; no compiler, no root, a root file
# system that may be read-only (writable: /models, /var/modeldesk and a tmpfs at /tmp).
#
#   docker build -t modeldesk .
#   docker build -t modeldesk --build-arg EXTRAS="xgboost lightgbm" .
#   docker build -t modeldesk --build-arg EXTRAS="wheels/our_transformers-1.0-py3-none-any.whl" .

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_COMPILE=1
WORKDIR /src
RUN python -m venv --without-pip /opt/modeldesk
COPY requirements.lock requirements-build.lock ./
RUN pip --python /opt/modeldesk/bin/python install --only-binary :all: --require-hashes -r requirements.lock \
    && pip install --require-hashes -r requirements-build.lock

# Extras come after the lock's layer, so that choosing others does not install everything again.
# A name is one of the package's extras, with a lock of its own; a path is a wheel of one's own in
# wheels/, whose dependencies have to be in the image already (pip check says so if not).
ARG EXTRAS=""
COPY . .
RUN for extra in ${EXTRAS}; do \
        case "${extra}" in \
            *.whl) pip --python /opt/modeldesk/bin/python install --no-deps --no-index "./${extra}" ;; \
            *) pip --python /opt/modeldesk/bin/python install --only-binary :all: --require-hashes \
                -r "requirements-${extra}.lock" ;; \
        esac || exit 1; \
    done
# The libraries' own tests are a tenth of the image. Bytecode is compiled here, since a read-only
# root cannot keep it, with hashes in place of times, so that two builds give the same files.
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && pip --python /opt/modeldesk/bin/python install --no-deps --no-index /tmp/wheel/*.whl \
    && pip --python /opt/modeldesk/bin/python check \
    && cd /opt/modeldesk/lib/python3.13/site-packages \
    && find numpy pandas pyarrow scipy sklearn -type d -name tests -prune -exec rm -rf {} + \
    && /opt/modeldesk/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Modeldesk" \
      org.opencontainers.image.description="From a trained model to the dashboard and API an organisation works with." \
      org.opencontainers.image.licenses="MIT"
ARG EXTRAS=""
# Boosting libraries are built on OpenMP, which the slim image lacks.
RUN if [ -n "${EXTRAS}" ]; then \
        apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*; \
    fi
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp modeldesk \
    && install -d -o modeldesk -g modeldesk /models /var/modeldesk
COPY --from=build /opt/modeldesk /opt/modeldesk
ENV PATH=/opt/modeldesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp TMPDIR=/tmp JOBLIB_TEMP_FOLDER=/tmp NUMBA_CACHE_DIR=/tmp/numba MPLCONFIGDIR=/tmp/matplotlib \
    MODELDESK_MODELS=/models \
    MODELDESK_DATA=/var/modeldesk \
    MODELDESK_HOST=0.0.0.0
USER 10001:10001
WORKDIR /tmp
VOLUME ["/models", "/var/modeldesk"]
EXPOSE 8050
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('MODELDESK_PORT', '8050')}/readyz\", timeout=4)"]
CMD ["modeldesk", "serve"]
