package api_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/need"
)

// TestClientsOfOtherLanguagesAreGeneratedAndRefund: openapi.yaml alone gives clients that compile, in PHP, TypeScript (three
// generators), Java and Python, and three of them refund with it.
func TestClientsOfOtherLanguagesAreGeneratedAndRefund(t *testing.T) {
	t.Parallel()
	need.Heavy(t)
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	tools := filepath.Join(root, ".tools", "clients")
	for _, tool := range []string{"node/version", "java/version", "python/version"} {
		if _, err := os.Stat(filepath.Join(tools, tool)); err != nil {
			need.Missing(t, ".tools/clients/"+tool, "make tools")
		}
	}
	for _, program := range []string{"node", "java", "javac", "php", "python3"} {
		need.Program(t, program, "apt-get install nodejs default-jdk-headless php-cli python3")
	}
	folder := t.TempDir()
	generate := exec.Command(filepath.Join(root, "build", "clients.sh"), "generate", folder)
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}

	s := newInProcess(t, apitest.Options{})
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	for name, program := range map[string][]string{
		"typescript-fetch": {"node", "js/fetch.js"}, "hey-api": {"node", "js/hey.js"}, "python": {"python3", "python/refund.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "python" {
				if err := os.Rename(filepath.Join(folder, "refund.py"), filepath.Join(folder, program[1])); err != nil {
					t.Fatal(err)
				}
			}
			refund := exec.Command(program[0], filepath.Join(folder, program[1]), server.URL, paymentOf100(t, s.fakeURL))
			refund.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(tools, "python"))
			out, err := refund.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v", out, err)
			}
			const want = "refunded 10.50 succeeded\nreplayed true true\nproblem urn:iade:problem:exceeds-refundable 89.50\nleft 89.50 partially_refunded 1\n"
			if string(out) != want {
				t.Errorf("it printed\n%s, want\n%s", out, want)
			}
		})
	}
}

// TestRedoclyAndSpectralFindNothing in openapi.yaml.
func TestRedoclyAndSpectralFindNothing(t *testing.T) {
	t.Parallel()
	need.Programs(t)
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, ".tools", "clients", "node", "version")); err != nil {
		need.Missing(t, ".tools/clients/node", "make tools")
	}
	if out, err := exec.Command(filepath.Join(root, "build", "clients.sh"), "lint").CombinedOutput(); err != nil {
		t.Errorf("%s: %v", out, err)
	}
}
