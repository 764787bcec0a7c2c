# The executable, made in one image and put into another that has the C and C++ libraries and nothing else: no shell,
# no package manager. Nothing is downloaded when it runs.
FROM node:24-bookworm AS build
WORKDIR /src
COPY . .
RUN ./scripts/package
RUN mkdir -p /image/etc/bastion /image/data \
 && cp dist/bastion /image/bastion \
 && printf '%s\n' \
    '# Your own file over this one, or BASTION_… variables, say more: bastion config example' \
    'data: /data' \
    'ssh: { listen: ":2222" }' \
    'http: { listen: ":8080" }' \
    'log: { format: json }' \
    > /image/etc/bastion/config.yml

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build --chown=65532:65532 --chmod=700 /image/data /data
COPY --from=build --chmod=644 /image/etc/bastion/config.yml /etc/bastion/config.yml
COPY --from=build --chmod=755 /image/bastion /usr/bin/bastion
USER 65532:65532
# without a configuration that says otherwise, ./data is the volume, too
WORKDIR /
VOLUME /data
EXPOSE 2222 8080
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["/usr/bin/bastion", "health"]
ENTRYPOINT ["/usr/bin/bastion"]
CMD ["serve"]
