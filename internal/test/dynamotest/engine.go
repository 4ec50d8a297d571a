// Package dynamotest gives tests a DynamoDB to talk to: the one that AWS_ENDPOINT_URL_DYNAMODB names, or dynoxide, an
// engine in one file, started for the test and killed with it.
package dynamotest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/internal/test/repo"
)

// installedEngine is where `make tools` puts dynoxide, under the module's root.
const installedEngine = ".tools/node_modules/@dynoxide/linux-x64/dynoxide"

// Endpoint is the URL of an engine that answers. Without AWS_ENDPOINT_URL_DYNAMODB it starts dynoxide, in memory and empty,
// from IADE_DYNOXIDE or from where `make tools` puts it. If there is none the test is skipped, or fails with
// IADE_REQUIRE=all.
func Endpoint(t testing.TB) string {
	t.Helper()
	if endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"); endpoint != "" {
		return endpoint
	}
	return EndpointOn(t, "127.0.0.1")
}

// EndpointOn is the URL of a dynoxide that listens on an address of this machine, which containers reach too if it is a
// bridge's. It is skipped or fails as Endpoint.
func EndpointOn(t testing.TB, host string) string {
	t.Helper()
	path := engine(t)
	const tries = 5
	var err error
	for range tries {
		var endpoint string
		if endpoint, err = start(t, path, host); err == nil {
			return endpoint
		}
	}
	t.Fatalf("dynoxide did not start in %d tries: %v", tries, err)
	return ""
}

func engine(t testing.TB) string {
	t.Helper()
	path := os.Getenv("IADE_DYNOXIDE")
	if path == "" {
		root, err := repo.Root()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(root, installedEngine)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	need.Missing(t, "dynoxide", "make tools")
	return ""
}

// start runs the engine on a port that was free a moment ago. dynoxide prints ":0" for port 0, so the port is chosen
// here; if somebody else was faster it ends without saying that it listens, and the caller tries another one.
func start(t testing.TB, path, host string) (endpoint string, err error) {
	t.Helper()
	port, err := freePort(host)
	if err != nil {
		return "", err
	}
	cmd := exec.Command(path, "serve", "--host", host, "--port", strconv.Itoa(port))
	messages, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	stop := func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // says "killed"
	}
	endpoint = "http://" + net.JoinHostPort(host, strconv.Itoa(port))
	lines := bufio.NewReader(messages)
	line, err := lines.ReadString('\n')
	if err == nil && strings.Contains(line, "listening on "+endpoint) {
		go func() { _, _ = io.Copy(io.Discard, lines) }() // ends with the process
		err = answers(endpoint)
	} else {
		err = fmt.Errorf("dynoxide said %q", line)
	}
	if err != nil {
		stop()
		return "", err
	}
	t.Cleanup(stop)
	return endpoint, nil
}

func freePort(host string) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// answers waits, as long as the client repeats a request that is refused, until the engine answers one.
func answers(endpoint string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := newClient(endpoint).ListTables(ctx, &dynamodb.ListTablesInput{})
	return err
}

func newClient(endpoint string, changes ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamo.NewClient(region(), endpoint, credentials(), changes...)
}
