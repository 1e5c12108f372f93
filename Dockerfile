# Hipache alone, without a Redis: docker build -t hipache . See docs/container.md
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends maven openjdk-17-jdk-headless
WORKDIR /build
COPY . .
RUN mvn -B -q package -Dmaven.test.skip=true -Dspotless.check.skip=true \
 && DESTDIR=/image PREFIX=/usr scripts/install \
 && rm -r /image/usr/share /image/usr/lib/systemd /image/etc/default /image/etc/hipache/* \
 && cp src/release/container/config.json /image/etc/hipache/config.json

FROM ${BASE}
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin hipache
COPY --from=build /image/ /
# what a program makes beside itself at its first start, where it may: here it may not
RUN hipache --make-archive
# a number, so that Kubernetes sees that it is not root
USER 10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["hipache", "healthcheck"]
# the launcher becomes the program, which so is process 1 and gets the signals
ENTRYPOINT ["hipache"]
