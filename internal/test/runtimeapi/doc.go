// Package runtimeapi is Lambda's Runtime API for tests: it builds a function's bootstrap, runs it as a process of its own,
// invokes it one event at a time as Lambda does, and kills it when a test wants that. Nothing in the bootstrap knows that
// it is tested: what stands behind its environment variables (a store, iyzico, proxies before them) is the test's choice.
//
// The protocol is the one that AWS documents as "Using the Lambda runtime API for custom runtimes": GET next, POST
// response, POST error and POST init/error under /2018-06-01/runtime/.
package runtimeapi
