package main

import (
	"net/http"
	"testing"
)

const (
	refundBody = `{"paymentId":"10000001","amount":"30.00"}`
	lostBody   = `{"paymentId":"10000004","amount":"250.00"}`
)

func TestARestartKeepsRefundsAndKeys(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	first := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody)
	if first.status != http.StatusCreated {
		t.Fatalf("%d %s", first.status, first.body)
	}
	stop()

	y, _ = startSystem(t, data, none)
	again := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody)
	if again.status != http.StatusOK || again.header.Get("Idempotent-Replayed") != "true" || string(again.body) != string(first.body) {
		t.Errorf("replay: %d %s\nfirst: %s", again.status, again.body, first.body)
	}
	if got := executions(t, y.IyzicoURL, "10000001"); len(got) != 1 {
		t.Errorf("executions: %+v", got)
	}
	if got := eventsAfter(t, y.URL, 0); len(got) != 1 || got[0].DetailType != "refund.succeeded" {
		t.Errorf("events: %+v", got)
	}
}

func TestALostAnswerIsSettledByReading(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-after"}`)
	a := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", lostBody)
	if a.status != http.StatusAccepted || a.header.Get("Retry-After") == "" || read[resource](t, a.body).Status != "unknown" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if r := settled(t, y.URL+a.header.Get("Location")); r.Status != "succeeded" {
		t.Errorf("status: %s", r.Status)
	}
	if got := executions(t, y.IyzicoURL, "10000004"); len(got) != 1 {
		t.Errorf("executions: %+v", got)
	}
}

// TestALostRequestIsSettledByReading needs the whole settle window: absence is proved by several reads.
func TestALostRequestIsSettledByReading(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{"SETTLE_WINDOW": "1s", "IYZICO_TIMEOUT": "5s"}))
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-before"}`)
	a := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", lostBody)
	if r := settled(t, y.URL+a.header.Get("Location")); r.Status != "not_executed" {
		t.Errorf("status: %s", r.Status)
	}
	again := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-2", lostBody)
	if again.status != http.StatusCreated {
		t.Errorf("with a new key: %d %s", again.status, again.body)
	}
	if got := executions(t, y.IyzicoURL, "10000004"); len(got) != 1 {
		t.Errorf("executions: %+v", got)
	}
}

// TestWhatWasUnknownBeforeARestartIsSettledAfterIt: the reconciler goes on where the last process ended.
func TestWhatWasUnknownBeforeARestartIsSettledAfterIt(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-after"}`)
	a := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", lostBody)
	stop()
	y, _ = startSystem(t, data, none)
	if r := settled(t, y.URL+a.header.Get("Location")); r.Status != "succeeded" {
		t.Errorf("status: %s", r.Status)
	}
	eventually(t, "an event of the settled refund", func() bool {
		events := eventsAfter(t, y.URL, 0)
		return len(events) == 2 && events[0].Detail.Status == "unknown" && events[1].Detail.Status == "succeeded"
	})
}

// TestOddPathsAreTheAPIsToAnswer, not redirected by a router of this program.
func TestOddPathsAreTheAPIsToAnswer(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	for _, path := range []string{"//health", "/./health", "/health/", "/x/../health", "/_local/events/", "/_local/"} {
		a := mustCall(t, http.MethodGet, y.URL+path, "", "")
		if a.status != http.StatusNotFound || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
