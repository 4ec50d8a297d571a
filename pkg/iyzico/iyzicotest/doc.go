// Package iyzicotest is a model of iyzico to test against, without a network, a sandbox account or real money.
//
// [Ledger] holds iyzico's money rules in plain Go: payments, refunds, cancels, refunds to balance, payments from a
// balance, and the report about them. It has an injected clock, no goroutines and deterministic ids, so a simulator
// can drive it directly. [Server] is its HTTP skin: signatures, wire types, limits, the customer's page, scripted
// faults and a control side under /_fake/.
//
// The model is independent of the client package beside it: it signs and verifies with code of its own, so that a
// mistake shared by both sides can't hide. Where iyzico documents nothing, the choice made here says so in a comment
// at its place; "reference" names the project's collection of facts about iyzico's API, "seed" its raw documents.
package iyzicotest
