package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// envBe makes the test's own program be iade, so that a test can kill it.
const envBe = "IADE_TEST_BE_IADE"

func TestMain(m *testing.M) {
	if os.Getenv(envBe) != "" {
		main()
	}
	os.Exit(m.Run())
}

// system is iade with a store and a fake iyzico of its own, and something in front that sees every request.
type system struct {
	url   string
	fake  *iyzicotest.Server
	posts atomic.Int64
	// before may answer a POST in place of the API, or drop it; it returns false to let it through.
	before atomic.Pointer[interceptor]
}

type interceptor func(n int64, w http.ResponseWriter, r *http.Request) bool

func (s *system) intercept(f interceptor) { s.before.Store(&f) }

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{}
	var err error
	if s.fake, err = iyzicotest.New(iyzicotest.Config{}); err != nil {
		t.Fatal(err)
	}
	settings := s.fake.Settings()
	settings.RatePerMinute = 0
	if err := s.fake.SetSettings(settings); err != nil {
		t.Fatal(err)
	}
	fakeServer := httptest.NewServer(s.fake)
	store, err := bolt.Open(filepath.Join(t.TempDir(), "iade.db"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := iyzico.New(iyzico.Config{BaseURL: fakeServer.URL, APIKey: iyzicotest.DefaultAPIKey, SecretKey: iyzicotest.DefaultSecretKey})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	gateway := psp.WithQuota(psp.New(client, log, clock.Wall{}.Now), store, clock.Wall{}.Now, 100_000)
	service := payment.NewService(store, gateway, clock.Wall{}, payment.Rules{SettleWindow: 10 * time.Second, SendTimeout: 5 * time.Second})
	api := &ingress.API{Service: service, Journal: journal.New(store, clock.Wall{}.Now), Log: log}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			n := s.posts.Add(1)
			if before := s.before.Load(); before != nil && (*before)(n, w, r) {
				return
			}
		}
		api.ServeHTTP(w, r)
	}))
	s.url = server.URL
	stopReconciling := reconcile(service)
	t.Cleanup(func() {
		stopReconciling()
		server.Close()
		if err := s.fake.Close(); err != nil {
			t.Error(err)
		}
		fakeServer.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reconcile settles what is unknown until it is stopped.
func reconcile(service *payment.Service) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			// What could not be read stays due: the next pass looks again.
			_, _ = service.Reconcile(ctx, time.Now().Add(20*time.Second))
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// sell adds a payment with one line of 100.00, and gives its id.
func (s *system) sell(t *testing.T) string {
	t.Helper()
	p, err := s.fake.Ledger().AddPayment(iyzicotest.PaymentSpec{Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(10000, -2)}}})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// concert sells n tickets and writes the file that refunds a part of each; every fifth payment has a second line in it.
func (s *system) concert(t *testing.T, n int) (file string, want map[string]int) {
	t.Helper()
	want = map[string]int{}
	var text strings.Builder
	text.WriteString("paymentId;amount;reason;reference\r\n")
	for i := range n {
		id := s.sell(t)
		lines := 1
		if i%5 == 0 {
			lines = 2
		}
		for j := range lines {
			fmt.Fprintf(&text, "%s;%d.50;OTHER;seat-%d-%d\r\n", id, 10+i, i, j)
		}
		want[id] = lines
	}
	return write(t, text.String()), want
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "concert.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// executedOnce compares iyzico's own book with what the file asks for.
func (s *system) executedOnce(t *testing.T, want map[string]int) {
	t.Helper()
	for id, lines := range want {
		if got := s.fake.Ledger().Executions(id); len(got) != lines {
			t.Errorf("payment %s has %d executions, the file %d lines: %+v", id, len(got), lines, got)
		}
	}
}

func none(string) string { return "" }

// bulkRun is `iade bulk` in this process.
func (s *system) bulkRun(t *testing.T, ctx context.Context, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(ctx, append([]string{"bulk", "-api", s.url, "-yes"}, args...), console{out: &stdout, err: &stderr, getenv: none})
	return code, stdout.String(), stderr.String()
}

// iade runs a command against the API at an address, in this process.
func iade(t *testing.T, api string, getenv func(string) string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append(slices.Clone(args), "-api", api), console{out: &stdout, err: &stderr, getenv: getenv})
	return code, stdout.String(), stderr.String()
}

// refund asks the API for a refund and gives the operation's id.
func (s *system) refund(t *testing.T, key, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/refunds", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var said struct {
		ID        string
		Operation struct{ ID string }
	}
	if err := json.NewDecoder(response.Body).Decode(&said); err != nil || said.ID+said.Operation.ID == "" {
		t.Fatalf("HTTP %d, no operation: %v", response.StatusCode, err)
	}
	return said.ID + said.Operation.ID
}

// stub is an API that answers each method and path with one body, in order; the last one stays. A body that begins with {"type"
// has the problem's status.
func stub(t *testing.T, answers map[string][]string) string {
	t.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		bodies := answers[r.Method+" "+r.URL.RequestURI()]
		if bodies == nil {
			bodies = answers[r.Method+" "+r.URL.Path]
		}
		if bodies == nil {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"type":"urn:iade:problem:not-found","title":"Not found","status":404}`))
			return
		}
		var problem struct{ Status any }
		if _ = json.Unmarshal([]byte(bodies[0]), &problem); strings.HasPrefix(bodies[0], `{"type"`) {
			w.WriteHeader(int(problem.Status.(float64)))
		}
		_, _ = w.Write([]byte(bodies[0]))
		if len(bodies) > 1 {
			answers[r.Method+" "+r.URL.Path] = bodies[1:]
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// reported reads a report: the status of each line, and how many have it.
func reported(t *testing.T, file string) map[string]int {
	t.Helper()
	source, err := os.Open(strings.TrimSuffix(file, ".csv") + "-report.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = source.Close() }()
	cells := csv.NewReader(source)
	cells.Comma = ';'
	rows, err := cells.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	at := slices.Index(rows[0], "status")
	for _, row := range rows[1:] {
		counts[row[at]]++
	}
	return counts
}
