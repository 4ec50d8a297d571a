// Package ingress turns what callers send (HTTP, API Gateway v2 events, bare commands) into payment commands, and what
// the payment service says into answers. It checks the form of a request and nothing else: every rule about money is
// the service's. There is one route table (Routes), one reply table (reply.go), and one core (API.Handle) behind all
// entry points, so the same request gets the same answer whichever way it came.
package ingress
