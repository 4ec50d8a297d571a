package runtimeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/runtimeapi"
)

var builds runtimeapi.Builds

func TestMain(m *testing.M) {
	code := m.Run()
	if err := builds.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

type answer struct {
	Said      string
	PID       int
	RequestID string
	Left      time.Duration
}

func echo(t *testing.T) runtimeapi.Config {
	t.Helper()
	path, err := builds.Bootstrap("internal/test/runtimeapi/testdata/echo")
	if err != nil {
		t.Fatal(err)
	}
	return runtimeapi.Config{Bootstrap: path, Log: &runtimeapi.Log{}}
}

func environment(t *testing.T, c runtimeapi.Config) *runtimeapi.Environment {
	t.Helper()
	e := runtimeapi.NewEnvironment(c)
	t.Cleanup(e.Kill)
	return e
}

func say(t *testing.T, e interface {
	Invoke(context.Context, []byte) ([]byte, error)
}, event string) answer {
	t.Helper()
	payload, err := e.Invoke(context.Background(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatalf("%s: %v", payload, err)
	}
	return a
}

func TestOneProcessTakesOneEventAfterTheOther(t *testing.T) {
	t.Parallel()
	c := echo(t)
	c.Env, c.Timeout = []string{"GREETING=well"}, 7*time.Second
	e := environment(t, c)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, second := say(t, e, `{"Say":"a"}`), say(t, e, `{"Say":"b"}`)
	if first.Said != "a" || second.Said != "b" || first.PID != second.PID || first.RequestID == second.RequestID {
		t.Errorf("%+v %+v", first, second)
	}
	if first.Left <= 0 || first.Left > c.Timeout {
		t.Errorf("the deadline leaves %s of %s", first.Left, c.Timeout)
	}
	if log, err := c.Log.Bytes(); err != nil || string(log) != "begins well\ngot a\ngot b\n" {
		t.Errorf("log %q %v", log, err)
	}
}

func TestAKilledProcessIsReplacedForTheNextEvent(t *testing.T) {
	t.Parallel()
	c := echo(t)
	e := environment(t, c)
	before := say(t, e, `{}`)
	ended := make(chan error, 1)
	go func() {
		_, err := e.Invoke(context.Background(), []byte(`{"Say":"long","Sleep":60000000000}`))
		ended <- err
	}()
	for {
		if log, err := c.Log.Bytes(); err != nil {
			t.Fatal(err)
		} else if strings.Contains(string(log), "got long") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	e.Kill()
	if err := <-ended; !errors.Is(err, runtimeapi.ErrEnded) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the invocation ended with %v", err)
	}
	if after := say(t, e, `{"Say":"again"}`); after.Said != "again" || after.PID == before.PID {
		t.Errorf("%+v after %+v", after, before)
	}
}

func TestAFunctionsOwnFailuresAreToldApart(t *testing.T) {
	t.Parallel()
	e := environment(t, echo(t))
	_, err := e.Invoke(t.Context(), []byte(`{"Fail":"no"}`))
	var reported *runtimeapi.FunctionError
	if !errors.As(err, &reported) || reported.Message != "no" {
		t.Errorf("an error: %v", err)
	}
	if _, err := e.Invoke(t.Context(), []byte(`{"Exit":true}`)); !errors.Is(err, runtimeapi.ErrEnded) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("an exit: %v", err)
	}
	broken := echo(t)
	broken.Env = []string{"BROKEN=1"}
	if err := environment(t, broken).Start(t.Context()); !errors.Is(err, runtimeapi.ErrEnded) {
		t.Errorf("an init that ends: %v", err)
	}
	if err := environment(t, runtimeapi.Config{Bootstrap: "/does/not/exist"}).Start(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no bootstrap: %v", err)
	}
}

// TestAHalfAnswerIsNone: a process that dies while it answers has not answered.
func TestAHalfAnswerIsNone(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"response", "error"} {
		e := environment(t, echo(t))
		if _, err := e.Invoke(t.Context(), []byte(`{"Half":"`+call+`"}`)); !errors.Is(err, runtimeapi.ErrEnded) {
			t.Errorf("half a call of %s: %v", call, err)
		}
	}
}

func TestAnInvocationAboveItsTimeoutIsKilled(t *testing.T) {
	t.Parallel()
	c := echo(t)
	c.Timeout = 300 * time.Millisecond
	e := environment(t, c)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Invoke(t.Context(), []byte(`{"Sleep":60000000000}`)); !errors.Is(err, runtimeapi.ErrTimeout) {
		t.Errorf("ended with %v", err)
	}
}

// TestACallerWhoLeavesGetsNobodysAnswer: the process goes on, and the next caller gets the answer to its own event.
func TestACallerWhoLeavesGetsNobodysAnswer(t *testing.T) {
	t.Parallel()
	c := echo(t)
	e := environment(t, c)
	before := say(t, e, `{}`)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := e.Invoke(ctx, []byte(`{"Say":"first","Sleep":200000000}`))
		left <- err
	}()
	for {
		if log, err := c.Log.Bytes(); err != nil {
			t.Fatal(err)
		} else if strings.Contains(string(log), "got first") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller who left got %v", err)
	}
	if after := say(t, e, `{"Say":"second"}`); after.Said != "second" || after.PID != before.PID {
		t.Errorf("%+v after %+v", after, before)
	}
}

func TestAFunctionHasAProcessForEachEventAtOnceUpToItsNumber(t *testing.T) {
	t.Parallel()
	f := runtimeapi.NewFunction(echo(t), 2)
	t.Cleanup(f.Close)
	pids := make(chan int, 6)
	var group sync.WaitGroup
	for range cap(pids) {
		group.Go(func() {
			payload, err := f.Invoke(context.Background(), []byte(`{"Sleep":100000000}`))
			var a answer
			if err != nil || json.Unmarshal(payload, &a) != nil {
				t.Errorf("%s %v", payload, err)
			}
			pids <- a.PID
		})
	}
	group.Wait()
	close(pids)
	seen := map[int]bool{}
	for pid := range pids {
		seen[pid] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d processes, want 2", len(seen))
	}
}
