// Package examples runs the programs under examples/ against the whole system, started as a user starts it. It holds tests
// only.
package examples
