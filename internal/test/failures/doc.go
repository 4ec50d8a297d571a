// Package failures is test code: one scenario for each row of the failure matrix (docs/proof/failures.md), played with the
// production's ingress, service, store and iyzico client against the fake iyzico over HTTP.
//
// Every scenario is played in the same way: the fault and the first delivery; then the same commands again, to other
// processes and through other entry points; then the reconciler, minute by minute; then every invariant; then what a
// person would decide, and the invariants once more. Each runs in a bubble of its own time (testing/synctest), so that
// settings are those of production and nothing waits.
package failures
