// Package payment is the domain: what iade knows about each iyzico payment, which money movements were asked for, and
// every rule that decides what may happen next.
//
// One pure function, Rules.Decide, holds every rule. One loop, Service.Apply, is the only way to change an Account:
// load, decide, save, send what was marked, decide on the answer. Time is data: the package reads no clock, starts no
// goroutine and knows no transport, so that the simulator runs this very code.
//
// The promises I1 to I9 that comments here cite are listed in docs/architecture.md.
package payment
