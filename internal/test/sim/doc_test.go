// Package sim runs the production payment.Service in a world that it controls wholly: iyzico (the Ledger of iyzicotest),
// the store, the clock, the callers, and everything that can go wrong between them. It is test code: no product binary
// links it.
//
// Workers (storefront clients, queue redeliveries, reconcilers, operators) run as coroutines. Their ports yield to one
// scheduler before and after every effect; the scheduler decides who goes on, who is killed and never resumed, what is
// lost, late, stale or refused, and how time passes. Only one coroutine runs at a time, so a run is a function of its
// plan and its choices: every question goes through one interface, [Chooser], answered at random from a seed, replayed
// from a list when a failure is shrunk, or enumerated.
//
// The checker is independent of the domain's code: it looks at the Ledger's executions, the answers that callers got and
// the events that were published, and compares them with what was asked. See checker.go for the rules it enforces.
//
// Every run counts the situations it came upon (coverage.go): what was asked for, what went wrong, where workers were killed,
// which rows of the domain's table of states were gone through. A long run fails if one of them never happened. A few
// requests at a time are searched exhaustively (enumerate.go), with a bound on faults and on switches between workers.
//
// A run of any length from any seed:
//
//	go test ./internal/test/sim -run '^TestSimulation$' -count=1 -timeout 0 -v -sim.seed=123 -sim.ops=1000000
//
// A run is a sequence of small worlds. A failure names the seed of its world; -sim.seed with that number and -sim.ops=1
// replays it alone. Then it is shrunk, and printed as a history that can be read line by line.
package sim
