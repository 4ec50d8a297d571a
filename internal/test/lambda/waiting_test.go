package lambda_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// patience bounds whatever a test waits for. It is far more than anything needs, because the machine may be busy.
const patience = 2 * time.Minute

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// must ends the test if a request could not be delivered.
func must(t testing.TB) func(apitest.Reply, error) apitest.Reply {
	return func(reply apitest.Reply, err error) apitest.Reply {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
}

// command is a POST of a body under a key.
func command(path, key, body string) apitest.Request {
	return apitest.Request{
		Method: http.MethodPost, Path: path, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}},
	}
}

// killWhen starts an invocation, waits until something has come about, and kills the process in the middle of it.
func killWhen(t testing.TB, e *runtimeapi.Environment, what string, cameAbout func() bool, invocation func() error) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- invocation() }()
	eventually(t, what, cameAbout)
	e.Kill()
	if err := <-ended; !errors.Is(err, runtimeapi.ErrEnded) {
		t.Fatalf("the invocation ended with %v", err)
	}
}

// calling is an invocation through the gateway, for killWhen.
func calling(e *runtimeapi.Environment, req apitest.Request) func() error {
	return func() error {
		_, routeKey, params := routed(req.Method, req.Path)
		_, err := invoke(e, req, routeKey, params)
		return err
	}
}
