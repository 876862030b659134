# A small image of tokentail: Debian's Python, the program, no shell. `make image` builds it.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends binutils ca-certificates python3 python3-venv
WORKDIR /src
COPY . .
RUN python3 -m venv /opt/tokentail \
    && /opt/tokentail/bin/pip install --no-cache-dir --no-compile --constraint constraints.txt . \
    && /opt/tokentail/bin/pip uninstall --yes --quiet setuptools pip
RUN python3 deploy/image/root.py /root-of-image

FROM scratch
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="tokentail" \
      org.opencontainers.image.description="Exact LLM usage metrics from the logs an application already writes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /root-of-image /
# Defaults that fit a pod; every one of them can be said otherwise by a variable or a flag.
ENV PATH=/opt/tokentail/bin:/usr/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    TOKENTAIL_LISTEN=0.0.0.0:9847 \
    TOKENTAIL_PATHS=/var/log/app/*.log \
    TOKENTAIL_STATE_DIR=/var/lib/tokentail
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /var/lib/tokentail
EXPOSE 9847
ENTRYPOINT ["tokentail"]
CMD ["run"]
