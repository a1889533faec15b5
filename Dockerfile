# The operator: webhook, controller and command line, as one program. For linux/amd64 and linux/arm64, each built on a
# builder of its own architecture:  docker buildx build --platform linux/amd64,linux/arm64 -t ghcr.io/agentjob/agentjob:0.1.0 .
# Where there is no container engine, `npm run image -- --output agentjob.tar` packs the same files; test/image/contents.ts
# lists them.
FROM node:22-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run --silent image -- --directory /image

# glibc, and nothing else that runs: Bun needs libc, libm, libdl and libpthread.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /image/usr/local/bin/agentjob /usr/local/bin/agentjob
COPY --from=build /image/usr/share/doc/agentjob/LICENSE /usr/share/doc/agentjob/LICENSE
COPY --from=build /image/usr/share/doc/agentjob/THIRD-PARTY-LICENSES /usr/share/doc/agentjob/THIRD-PARTY-LICENSES
COPY --from=build /image/usr/share/doc/agentjob/sbom.cdx.json /usr/share/doc/agentjob/sbom.cdx.json
ENV BUN_JSC_forceRAMSize=67108864
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/usr/local/bin/agentjob"]
CMD ["serve"]
