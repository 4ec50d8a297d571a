package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/need"
)

// TestAClientCanBeGeneratedFromTheDocument generates one, compiles it, and refunds with it: openapi.yaml alone is enough to
// call the API. The generator and what its code needs are pinned in tools/go.mod, out of the product's.
func TestAClientCanBeGeneratedFromTheDocument(t *testing.T) {
	t.Parallel()
	need.Heavy(t)
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	inClient := filepath.Join(folder, "client")
	if err := os.Mkdir(inClient, 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"tools/go.mod": "go.mod", "tools/go.sum": "go.sum", "internal/test/api/testdata/generated/main.go": "main.go"} {
		data, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, to), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, "refund")
	build(t, root, "tool", "-modfile=tools/go.mod", "oapi-codegen", "-generate", "types,client", "-package", "client",
		"-o", filepath.Join(inClient, "client.go"), "openapi.yaml")
	build(t, folder, "build", "-o", program, ".")

	s := newInProcess(t, apitest.Options{})
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	out, err := exec.Command(program, server.URL, paymentOf100(t, s.fakeURL)).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	const want = "refunded 10.50 succeeded\nreplayed true true\nproblem urn:iade:problem:exceeds-refundable 89.50\nfault Idempotency-Key\nleft 89.50 1\n"
	if string(out) != want {
		t.Errorf("it printed\n%s, want\n%s", out, want)
	}
}

// build runs the go command. What cannot be fetched on this machine leaves the test out.
func build(t *testing.T, folder string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = folder
	out, err := command.CombinedOutput()
	if err == nil {
		return
	}
	unfetched := errors.Is(err, exec.ErrNotFound) || strings.Contains(string(out), "dial tcp") || strings.Contains(string(out), "module lookup disabled")
	if unfetched {
		need.Missing(t, "the generator's modules", "go mod download -modfile=tools/go.mod")
	}
	t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, out)
}

// paymentOf100 is a payment of 100.00 at the fake.
func paymentOf100(t *testing.T, fakeURL string) string {
	t.Helper()
	answer, err := http.Post(fakeURL+"/_fake/payments", "application/json", strings.NewReader(`{"lines":[{"paidPrice":"100.00"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Body.Close() != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(body), `"paymentId":"`)
	id, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("%s", body)
	}
	return id
}
