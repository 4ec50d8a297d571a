package examples_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/iade/iade/internal/test/need"
)

// language is one folder of examples.
type language struct {
	name string
	// command gives the program that runs an example, or leaves the test out.
	command func(t *testing.T, example string) []string
}

var languages = []language{
	{"go", func(t *testing.T, example string) []string {
		need.Programs(t)
		path, err := built.shop()
		if err != nil {
			t.Fatal(err)
		}
		return []string{path, example}
	}},
	{"python", func(t *testing.T, example string) []string {
		need.Program(t, "python3", "install Python 3.9 or newer")
		return []string{"python3", absolute(t, "examples/python/"+example+".py")}
	}},
	{"php", func(t *testing.T, example string) []string {
		need.Program(t, "php", "make tools (apt-get install php-cli)")
		return []string{"php", absolute(t, "examples/php/"+example+".php")}
	}},
	{"node", func(t *testing.T, example string) []string {
		need.Program(t, "node", "install Node.js 20 or newer")
		if _, err := os.Stat(".tools/typescript/node_modules/.bin/tsc"); err != nil {
			need.Missing(t, "TypeScript in .tools/typescript", "make tools")
		}
		folder, err := typescript()
		if err != nil {
			t.Fatal(err)
		}
		return []string{"node", filepath.Join(folder, example+".js")}
	}},
}

// typescript checks examples/node strictly, and gives the folder of what becomes of it.
var typescript = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(built.folder, "node")
	out, err := exec.Command(".tools/typescript/node_modules/.bin/tsc", "-p", "examples/node", "--outDir", folder,
		"--typeRoots", ".tools/typescript/node_modules/@types").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tsc: %w\n%s", err, out)
	}
	return folder, os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"type":"module"}`), 0o600)
})

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

// The caller that every example signs as.
var caller = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret/example+key", SessionToken: "session/token=="}

const region = "eu-central-1"

// example is one run of an example.
type example struct {
	t     *testing.T
	of    language
	url   string
	state string
}

// run runs it: the exit code and what it said.
func (e example) run(stdin, name string, args ...string) (int, string) {
	e.t.Helper()
	words := append(e.of.command(e.t, name), args...)
	command := exec.Command(words[0], words[1:]...)
	command.Stdin = strings.NewReader(stdin)
	command.Env = append(os.Environ(), "IADE_URL="+e.url, "STATE="+e.state, "IADE_TOKEN=", "AWS_REGION="+region,
		"AWS_ACCESS_KEY_ID="+caller.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+caller.SecretAccessKey, "AWS_SESSION_TOKEN="+caller.SessionToken)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		e.t.Fatal(err)
	}
	if errs.Len() > 0 {
		e.t.Logf("%s", &errs)
	}
	return command.ProcessState.ExitCode(), out.String()
}

// verifySignature makes the signature again with AWS's own signer: a wrong one would be AWS's 403.
func verifySignature(t *testing.T, r *http.Request, body []byte) {
	given := r.Header.Get("Authorization")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Errorf("X-Amz-Date: %v", err)
		return
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	_, signed, _ := strings.Cut(given, "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	for _, name := range strings.Split(signed, ";") {
		if name != "host" && name != "content-length" {
			again.Header.Set(name, r.Header.Get(name))
		}
	}
	if !strings.Contains(signed, "content-length") {
		again.ContentLength = 0
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), caller, again, hex.EncodeToString(sum[:]), "execute-api", region, at); err != nil {
		t.Error(err)
		return
	}
	if want := again.Header.Get("Authorization"); given != want || time.Since(at).Abs() > time.Minute {
		t.Errorf("signed %s\nwant   %s", given, want)
	}
	r.Header.Del("Authorization") // the system behind is open
}
