# One image for all four programs; the command chooses.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
# The queries are checked against .sqlx: no database is needed here. The target directory stays in the
# cache of the engine, so the programs are copied out of it.
ENV SQLX_OFFLINE=true
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked \
      --bin teranga-api --bin teranga-worker --bin teranga-scheduler --bin teranga-sandbox \
    && mkdir /programs \
    && cp target/release/teranga-api target/release/teranga-worker \
          target/release/teranga-scheduler target/release/teranga-sandbox /programs/

FROM debian:bookworm-slim
# curl is for the health checks of docker-compose.yml.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin teranga \
    && install -d -o teranga /var/lib/teranga
COPY --from=build /programs/ /usr/local/bin/
USER 10001
EXPOSE 8080 8081 8082 8090 1025
STOPSIGNAL SIGTERM
CMD ["teranga-api"]
