// Package speed compares what a refund costs iade with what it costs the service that a competent engineer writes in a day on
// Node.js (testdata/peer.mjs): the same callers ask both for the same refunds, over HTTP, before the same stand-in for iyzico.
// Both run as programs of their own and keep what they promised on disk; iade is cmd/local as it is built. It is test code.
package speed
