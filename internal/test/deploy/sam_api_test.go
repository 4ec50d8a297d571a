package deploy_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
)

// passTheSuite passes `sam local start-api` through the core of the suite that every entrance passes. The schedule's part
// is played with `sam local start-lambda`, by the same function as deployed.
func passTheSuite(t *testing.T, host, fake string) {
	engine := dynamotest.EndpointOn(t, host)
	apitest.RunCore(t, apitest.Target{Start: func(t *testing.T, _ apitest.Options) apitest.System {
		iyzico, table := startFake(t, fake, host), dynamotest.Table(t, dynamotest.Client(t, engine))
		journal := dynamotest.JournalTable(t, dynamotest.Client(t, engine)) // it stays empty: there is no stream here
		environment := environmentFile(t, func(function string, variables map[string]string) {
			if function == "StatusFunction" {
				variables["JOURNAL_TABLE_NAME"] = journal
			}
			variables["TABLE_NAME"], variables["AWS_ENDPOINT_URL_DYNAMODB"] = table, inContainer(t, engine)
			variables["IYZICO_BASE_URL"] = inContainer(t, iyzico)
			variables["SETTLE_WINDOW"], variables["RATE_LIMIT_PER_MINUTE"] = "10s", "100000"
			variables["RETURN_URL_ORIGINS"], variables["PUBLIC_BASE_URL"] = apitest.ShopOrigin, apitest.PublicURL
		})
		functions := startSAM(t, "start-lambda", environment, "ReconcileFunction")
		every := make(chan struct{})
		passes := make(chan struct{})
		go func() {
			defer close(passes)
			for {
				reconcile(t, functions)
				select {
				case <-every:
					return
				case <-time.After(time.Second):
				}
			}
		}()
		t.Cleanup(func() {
			close(every)
			<-passes
		})
		return apitest.System{FakeURL: iyzico, Do: apitest.Over(startSAM(t, "start-api", environment))}
	}})
}

// startSAM runs one of SAM's servers on a free port, with a container for every function, and returns its origin.
func startSAM(t *testing.T, server, environment string, arguments ...string) string {
	t.Helper()
	port := freePort(t)
	// The test's context ends before the clean-up does, which still needs the server.
	command := sam(context.WithoutCancel(t.Context()), append([]string{"local", server}, append(arguments, "-n", environment, "--port", port, "--warm-containers", "EAGER")...)...)
	origin := "http://127.0.0.1:" + port
	startUntil(t, command, command.StderrPipe, "Running on "+origin)
	return origin
}

// reconcile invokes the reconcile function as its schedule does.
func reconcile(t *testing.T, functions string) {
	t.Helper()
	answer, err := http.Post(functions+"/2015-03-31/functions/ReconcileFunction/invocations", "application/json", bytes.NewReader([]byte(`{"reconcile": true}`)))
	if err != nil {
		t.Errorf("reconcile: %v", err)
		return
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("X-Amz-Function-Error") != "" {
		t.Errorf("reconcile: %d %s %v", answer.StatusCode, body, err)
	}
}
