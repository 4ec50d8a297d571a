package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// refused runs the real program, which must end with status 1 and exactly one line that has all the parts.
func refused(t *testing.T, env []string, args []string, parts ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t, "local"), args...)
	cmd.Env = env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ended with %v", err)
	}
	line, more, _ := strings.Cut(errs.String(), "\n")
	if out.Len() > 0 || more != "" || !strings.HasPrefix(line, "iade: ") {
		t.Errorf("stdout %q, stderr %q", &out, &errs)
	}
	for _, part := range parts {
		if !strings.Contains(line, part) {
			t.Errorf("%q does not have %q", line, part)
		}
	}
	if strings.Contains(line, "canary") {
		t.Errorf("%q has a key", line)
	}
}

func TestATakenAddressIsOneLineWithTheWayOut(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	refused(t, environment(), []string{"-data", t.TempDir(), "-iyzico-addr", "127.0.0.1:0", "-addr", addr}, "address "+addr+" is in use", "with -addr")
	refused(t, environment(), []string{"-data", t.TempDir(), "-addr", "127.0.0.1:0", "-iyzico-addr", addr}, "address "+addr+" is in use", "with -iyzico-addr")
}

func TestATakenFolderIsOneLineWithTheWayOut(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, _ := startSystem(t, data, none)
	free := []string{"-data", data, "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0"}
	refused(t, environment(), free, "folder "+data+" is in use", "with -data")
	refused(t, environment(), append(free, "-reset"), "folder "+data+" is in use", "with -data")
	all := []string{"-data", data, "-addr", strings.TrimPrefix(y.URL, "http://"), "-iyzico-addr", strings.TrimPrefix(y.IyzicoURL, "http://")}
	refused(t, environment(), all, "folder "+data, y.URL[7:], y.IyzicoURL[7:], "-data, -addr and -iyzico-addr")
}

func TestTheFakesTakenFolderIsOneLineWithTheWayOut(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	_, stop := startSystem(t, data, none)
	stop()
	fake, err := iyzicotest.New(iyzicotest.Config{Dir: filepath.Join(data, "fake-iyzico")})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	free := []string{"-data", data, "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0"}
	refused(t, environment(), free, "fake-iyzico", "in use", "with -data")
	refused(t, environment(), append(free, "-reset"), "fake-iyzico", "in use", "with -data")
	if _, err := os.Stat(filepath.Join(data, "iade.db")); err != nil {
		t.Errorf("the reset was refused and the store is gone: %v", err)
	}
}

func TestWrongConfigurationIsOneLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env   []string
		args  []string
		parts []string
	}{
		"no duration":     {env: []string{"SETTLE_WINDOW=soon", "LOG_LEVEL=loud"}, parts: []string{"SETTLE_WINDOW", "LOG_LEVEL"}},
		"no keys":         {env: []string{"IYZICO_BASE_URL=http://127.0.0.1:1"}, parts: []string{"IYZICO_API_KEY", "IYZICO_SECRET_KEY"}},
		"one key":         {env: []string{"IYZICO_BASE_URL=http://127.0.0.1:1", "IYZICO_API_KEY=canary"}, parts: []string{"IYZICO_SECRET_KEY"}},
		"keys of whom":    {env: []string{"IYZICO_API_KEY=canary", "IYZICO_SECRET_KEY=canary"}, parts: []string{"IYZICO_BASE_URL"}},
		"arn":             {env: []string{"IYZICO_SECRET_ARN=arn:aws:x"}, parts: []string{"IYZICO_SECRET_ARN"}},
		"callback arn":    {env: []string{"CALLBACK_STATE_SECRET_ARN=arn:aws:x"}, parts: []string{"CALLBACK_STATE_KEY"}},
		"key and control": {env: []string{"IYZICO_BASE_URL=http://127.0.0.1:1", "IYZICO_API_KEY=canary\x01", "IYZICO_SECRET_KEY=canary"}, parts: []string{"APIKey"}},
		"short window": {env: []string{"IYZICO_BASE_URL=https://iyzico.invalid", "IYZICO_API_KEY=canary", "IYZICO_SECRET_KEY=canary", "SETTLE_WINDOW=10s"},
			parts: []string{"SETTLE_WINDOW"}},
		"reset of a real iyzico": {env: []string{"IYZICO_BASE_URL=https://iyzico.invalid", "IYZICO_API_KEY=canary", "IYZICO_SECRET_KEY=canary"},
			args: []string{"-reset"}, parts: []string{"-reset", "-data"}},
		"no such flag":       {args: []string{"-port", "1"}, parts: []string{"-port", "-help"}},
		"argument":           {args: []string{"start"}, parts: []string{`"start"`, "-help"}},
		"no folder":          {args: []string{"-data", ""}, parts: []string{"-data"}},
		"no address":         {args: []string{"-addr", "8080"}, parts: []string{"8080"}},
		"the fake in public": {args: []string{"-iyzico-addr", "192.0.2.1:0"}, parts: []string{"-iyzico-addr"}},
		"a file as folder":   {args: []string{"-data", "refusal_test.go"}, parts: []string{"refusal_test.go"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"-data", filepath.Join(t.TempDir(), "data"), "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0"}, c.args...)
			refused(t, environment(c.env...), args, c.parts...)
		})
	}
}

func TestSettingsFollowWhoseIyzicoItIs(t *testing.T) {
	t.Parallel()
	own, err := loadSettings(none)
	if err != nil || !own.ownFake || own.SettleWindow.String() != "10s" || own.IyzicoTimeout.String() != "5s" {
		t.Errorf("own fake: %+v, %v", own, err)
	}
	other, err := loadSettings(env(map[string]string{
		"IYZICO_BASE_URL": "http://127.0.0.1:1", "IYZICO_API_KEY": "a", "IYZICO_SECRET_KEY": "b",
	}))
	if err != nil || other.ownFake || other.SettleWindow.String() != "1h0m0s" || other.IyzicoTimeout.String() != "20s" {
		t.Errorf("another iyzico: %+v, %v", other, err)
	}
}

func TestHelpIsNoError(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, none, io.Discard, &errs); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"-addr", "-iyzico-addr", "-data", "-reset", "-demo", "AWS_ENDPOINT_URL_DYNAMODB, TABLE_NAME"} {
		if !strings.Contains(errs.String(), name+" ") && !strings.Contains(errs.String(), name+"\n") {
			t.Errorf("the help does not name %s: %s", name, &errs)
		}
	}
}

// TestAFailedStartLetsEverythingGo: what was taken before the failure can be taken again.
func TestAFailedStartLetsEverythingGo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(data, "events.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	o := onPort0(data)
	if _, err := start(t.Context(), o, s, quiet); err == nil {
		t.Fatal("it started on a folder in place of a file")
	}
	if err := os.Remove(filepath.Join(data, "events.jsonl")); err != nil {
		t.Fatal(err)
	}
	y, _ := startSystem(t, data, none)
	if a := mustCall(t, http.MethodGet, y.URL+"/health", "", ""); a.status != http.StatusOK {
		t.Errorf("health: %d", a.status)
	}
}
