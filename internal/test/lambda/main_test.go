// Package lambda_test runs the functions as Lambda does: it builds their bootstraps, starts them as processes under a
// Runtime API of its own, and gives them the events that API Gateway, a schedule and a person would send. iyzico is the
// fake, the table a real engine. Nothing in the bootstraps knows that they are tested.
package lambda_test

import (
	"testing"

	"github.com/iade/iade/internal/test/repo"
	"github.com/iade/iade/internal/test/runtimeapi"
)

var builds runtimeapi.Builds

func TestMain(m *testing.M) { repo.Main(m, builds.Remove) }

// bootstrap builds one function, once for all tests.
func bootstrap(t testing.TB, function string) string {
	t.Helper()
	return built(t, "functions/"+function)
}

func built(t testing.TB, folder string) string {
	t.Helper()
	path, err := builds.Bootstrap(folder)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
