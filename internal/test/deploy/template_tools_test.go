package deploy_test

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
)

// needTools ends the test if SAM's tools are not there: as a failure if nothing may be left out.
func needTools(t *testing.T) {
	t.Helper()
	_, err := os.Stat(".tools/venv/bin/sam")
	if err == nil {
		return
	}
	need.Missing(t, "sam and cfn-lint", "make tools")
}

// TestTemplateTools runs the checkers of CloudFormation and SAM and a real `sam build` for both architectures, and looks at
// what was built. It also builds once from another folder, and once with an error in the code.
func TestTemplateTools(t *testing.T) {
	need.Heavy(t)
	needTools(t)
	if out, err := exec.CommandContext(t.Context(), "build/template.sh").CombinedOutput(); err != nil {
		t.Fatalf("build/template.sh: %v\n%s", err, out)
	}
	d := deploy(t, nil)
	for _, id := range functionIDs {
		for folder, machine := range map[string]elf.Machine{".aws-sam/build": elf.EM_AARCH64, ".aws-sam/x86": elf.EM_X86_64} {
			t.Run(id+"/"+machine.String(), func(t *testing.T) {
				bootstrap := filepath.Join(folder, id, "bootstrap")
				looksRight(t, bootstrap, machine, strings.TrimSuffix(d.functions[id].(object)["CodeUri"].(string), "/"))
				if native := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]; runtime.GOOS == "linux" && native == machine {
					starts(t, bootstrap, settingsOf(t, d, id))
				}
			})
		}
	}
	t.Run("from another folder", buildsFromAnotherFolder)
	t.Run("with an error in the code", buildShowsCompileErrors)
}

// looksRight: a dynamic binary would start here and die in Lambda's image.
func looksRight(t *testing.T, bootstrap string, machine elf.Machine, folder string) {
	t.Helper()
	f, err := elf.Open(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != machine {
		t.Errorf("built for %s", f.Machine)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("not static: it has a %s segment", p.Type)
		}
	}
	info, err := buildinfo.ReadFile(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/iade/iade/" + folder; info.Path != want {
		t.Errorf("it is %s, not %s", info.Path, want)
	}
}

// starts runs a bootstrap with the template's own environment until it asks for its first invocation.
func starts(t *testing.T, bootstrap string, variables map[string]string) {
	t.Helper()
	ready := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invocation/next") {
			ready <- struct{}{}
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	command := exec.CommandContext(t.Context(), bootstrap)
	command.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(server.URL, "http://"), "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local", "AWS_EC2_METADATA_DISABLED=true", "AWS_LAMBDA_FUNCTION_NAME=" + filepath.Base(filepath.Dir(bootstrap)),
	}
	for name, value := range variables {
		command.Env = append(command.Env, name+"="+value)
	}
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case <-ready:
		if err := command.Process.Kill(); err != nil {
			t.Error(err)
		}
		<-ended
	case err := <-ended:
		t.Errorf("it ended before its first invocation: %v\n%s", err, said.String())
	case <-time.After(time.Minute):
		_ = command.Process.Kill()
		<-ended
		t.Errorf("it asked for no invocation within a minute\n%s", said.String())
	}
}

func buildsFromAnotherFolder(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	artifacts := t.TempDir()
	command := exec.CommandContext(t.Context(), "make", "-f", filepath.Join(root, "build/arm64/Makefile"), "build-BalanceCallbackFunction", "ARTIFACTS_DIR="+artifacts)
	command.Dir = t.TempDir()
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	looksRight(t, filepath.Join(artifacts, "bootstrap"), elf.EM_AARCH64, "functions/balance-callback")
	here, err := os.ReadFile(".aws-sam/build/BalanceCallbackFunction/bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	there, err := os.ReadFile(filepath.Join(artifacts, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(here, there) {
		t.Error("the same sources gave other bytes in another folder")
	}
}

// buildShowsCompileErrors puts a broken copy in place of one file for one build. SAM must fail and say what the compiler
// said.
func buildShowsCompileErrors(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	broken := filepath.Join(folder, "main.go")
	if err := os.WriteFile(broken, []byte("package main\n\nfunc main() { undefinedOnPurpose() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "functions/publish/main.go"): broken}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	sam := filepath.Join(root, ".tools/venv/bin/sam")
	command := exec.CommandContext(t.Context(), sam, "build", "PublishFunction", "--build-dir", filepath.Join(folder, "build"))
	command.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0", "GOFLAGS=-overlay="+filepath.Join(folder, "overlay.json"))
	out, err := command.CombinedOutput()
	if err == nil {
		t.Fatal("the build succeeded")
	}
	if !strings.Contains(string(out), "undefined: undefinedOnPurpose") {
		t.Errorf("what the compiler said is not shown:\n%s", out)
	}
}
