// Package safety compares iade with the obvious service (internal/test/safety/obvious): the same callers ask both for the same
// refunds, over HTTP, while the same faults happen at the same fake iyzico, and then the fake's book says what was really
// moved. Both run as programs of their own; iade is cmd/local as it is built. make safety prints the score. It is test
// code.
package safety
