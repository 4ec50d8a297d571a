package deploy_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSAMLocal runs what a developer runs: `sam local invoke` with every sample of events/, and `sam local start-api` in
// front of the suite that every entrance of the API passes. The functions run in containers; the fake iyzico, the table
// and the bus are on this machine. build/sam-local.sh sees to Docker and builds the functions before.
func TestSAMLocal(t *testing.T) {
	if os.Getenv("IADE_SAM_LOCAL") == "" {
		t.Skip("it needs Docker and what sam builds: run make sam-local")
	}
	needTools(t)
	host := hostOfContainers(t)
	fake := buildFake(t)
	t.Run("every sample", func(t *testing.T) { invokeSamples(t, host, fake) })
	t.Run("what docs/deploy.md says", followTheDocument)
	t.Run("start-api", func(t *testing.T) { passTheSuite(t, host, fake) })
}

// hostOfContainers is an address of this machine that containers reach as host.docker.internal: the bridge's. Docker
// Desktop's engine is another machine and that name leads to loopback.
func hostOfContainers(t *testing.T) string {
	t.Helper()
	bridge, err := net.InterfaceByName("docker0")
	if err != nil {
		return "127.0.0.1"
	}
	addresses, err := bridge.Addrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	t.Fatalf("docker0 has no address: %v", addresses)
	return ""
}

// inContainer is how a container calls an origin of this machine.
func inContainer(t *testing.T, origin string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return "http://host.docker.internal:" + port
}

func buildFake(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fake-iyzico")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/fake-iyzico").CombinedOutput(); err != nil {
		t.Fatalf("build the fake: %v\n%s", err, out)
	}
	return path
}

// startFake runs a fake iyzico with its seeded payments until the test ends, and returns its origin.
func startFake(t *testing.T, path, host string) string {
	t.Helper()
	command := exec.Command(path, "-addr", net.JoinHostPort(host, "0"))
	said := startUntil(t, command, command.StdoutPipe, "/_fake/\n")
	_, rest, _ := strings.Cut(said, "fake iyzico on ")
	origin, _, _ := strings.Cut(rest, ",")
	return origin
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := cmp.Or(err, listener.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}

// environmentFile is events/env.json for other addresses: everything that a developer's containers get, with ports that
// were free. change may alter the variables of a function.
func environmentFile(t *testing.T, change func(function string, variables map[string]string)) string {
	t.Helper()
	environments := sampleEnvironments(t)
	for function, variables := range environments {
		change(function, variables)
	}
	data, err := json.Marshal(environments)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "env.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sam is a command of the SAM CLI that uses no AWS account, whatever this machine is logged in to, and pulls nothing:
// build/docker.sh has seen to the image.
func sam(ctx context.Context, arguments ...string) *exec.Cmd {
	environment := map[string]string{"amd64": "x86"}[runtime.GOARCH] // as build/sam-local.sh built it
	command := exec.CommandContext(ctx, ".tools/venv/bin/sam", append(arguments, "--skip-pull-image", "--config-env", cmp.Or(environment, "default"))...)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") }),
		"SAM_CLI_TELEMETRY=0", "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it takes its containers away first
	command.WaitDelay = time.Minute
	return command
}

// invokeLocally is `sam local invoke` with those arguments. It returns what the function answered.
func invokeLocally(t *testing.T, arguments ...string) []byte {
	t.Helper()
	command := sam(t.Context(), append([]string{"local", "invoke"}, arguments...)...)
	var answer, log bytes.Buffer
	command.Stdout, command.Stderr = &answer, &log
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, answer.Bytes(), log.Bytes())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s\n%s", command, log.Bytes())
		}
	})
	return bytes.TrimSpace(answer.Bytes())
}
