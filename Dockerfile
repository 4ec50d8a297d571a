# iade on one machine (docs/one-machine.md): one static program, the certificates of public authorities, and nothing else.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/iade-local ./cmd/local
RUN mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/iade-local /iade-local
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
# Others reach this address, so the program starts only with API_TOKENS_FILE.
ENTRYPOINT ["/iade-local", "-data", "/data", "-addr", "0.0.0.0:8080"]
