package deploy_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// bus is as much of EventBridge as the publish function uses: PutEvents takes everything.
type bus struct {
	origin string

	mu    sync.Mutex
	taken []putEntry
	wrong []string // what else it was asked
}

type putEntry struct{ EventBusName, Source, DetailType, Detail string }

func startBus(t *testing.T, host string) *bus {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bus{origin: "http://" + listener.Addr().String()}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: b}}
	server.Start()
	t.Cleanup(server.Close)
	return b
}

func (b *bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var in struct{ Entries []putEntry }
	if target := r.Header.Get("X-Amz-Target"); target != "AWSEvents.PutEvents" || json.NewDecoder(r.Body).Decode(&in) != nil {
		b.wrong = append(b.wrong, r.Method+" "+r.URL.Path+" "+target)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answers := []map[string]string{}
	for range in.Entries {
		answers = append(answers, map[string]string{"EventId": "e"})
	}
	b.taken = append(b.taken, in.Entries...)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(map[string]any{"FailedEntryCount": 0, "Entries": answers}) // a client that left asks again
}

// hasOne: the bus got one event, of that type, about that operation.
func (b *bus) hasOne(t *testing.T, detailType, operation string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.taken) != 1 || len(b.wrong) > 0 {
		t.Fatalf("the bus took %v and was asked for %q", b.taken, b.wrong)
	}
	var detail struct{ ID string }
	if err := json.Unmarshal([]byte(b.taken[0].Detail), &detail); err != nil {
		t.Fatal(err)
	}
	if e := b.taken[0]; e.EventBusName != "iade" || e.Source != "iade" || e.DetailType != detailType || detail.ID != operation {
		t.Errorf("the bus took %+v", e)
	}
}
