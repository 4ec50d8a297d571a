package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
	"github.com/iade/iade/internal/store/bolt"
	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

func TestTheAPIOverHTTP(t *testing.T) {
	t.Parallel()
	apitest.Run(t, apitest.Target{Start: func(t *testing.T, o apitest.Options) apitest.System {
		s := newInProcess(t, o)
		server := httptest.NewServer(s.api)
		t.Cleanup(server.Close)
		return s.system(apitest.Over(server.URL))
	}})
}

func TestTheAPIBehindAPIGateway(t *testing.T) {
	t.Parallel()
	apitest.Run(t, apitest.Target{Start: func(t *testing.T, o apitest.Options) apitest.System {
		s := newInProcess(t, o)
		return s.system(func(req apitest.Request) (apitest.Reply, error) { return overGateway(s.api, req) })
	}})
}

// inProcess is iade put together as cmd/local does it, in this process.
type inProcess struct {
	api     *ingress.API
	fakeURL string
	secrets []string
	folder  string
	log     *syncBuffer
	store   *bolt.Store
	metrics *metrics.Recorder
	counted bytes.Buffer
}

// anyRate is a limit that no case reaches.
const anyRate = 100_000

func newInProcess(t *testing.T, o apitest.Options) *inProcess {
	t.Helper()
	environment := map[string]string{"SETTLE_WINDOW": "10s", "RATE_LIMIT_PER_MINUTE": fmt.Sprint(cmp.Or(o.RatePerMinute, anyRate)),
		"RETURN_URL_ORIGINS": apitest.ShopOrigin}
	if o.IyzicoTimeout > 0 {
		environment["IYZICO_TIMEOUT"] = o.IyzicoTimeout.String()
	}
	if o.Marketplace {
		environment["MARKETPLACE"] = "on"
	}
	if o.MaxRefundsPerHour > 0 {
		environment["MAX_REFUNDS_PER_HOUR"] = fmt.Sprint(o.MaxRefundsPerHour)
	}
	environment["MAX_REFUND_AMOUNT_PER_DAY"] = o.MaxRefundAmountPerDay
	if o.NewMoneyOff != "" {
		environment["NEW_MONEY"], environment["NEW_MONEY_REASON"] = "off", o.NewMoneyOff
	}
	settings, err := config.Load(func(name string) string { return environment[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &inProcess{folder: t.TempDir(), log: &syncBuffer{}, secrets: []string{"canary-apiKey-4711", "canary-secretKey-4712", "canary-callback-key-4713"}}
	baseURL := apitest.ClosedPort(t)
	if !o.IyzicoDown {
		baseURL = s.startFake(t)
		s.fakeURL = baseURL
	}
	if s.store, err = bolt.Open(filepath.Join(s.folder, "iade.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := iyzico.New(iyzico.Config{BaseURL: baseURL, APIKey: iyzico.Secret(s.secrets[0]), SecretKey: iyzico.Secret(s.secrets[1])})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	clock := wallClock{}
	pages := returnlink.New(apitest.PublicURL, returnlink.Fixed(returnlink.Keys{Current: secret.New(s.secrets[2])}))
	settings.IyzicoBaseURL = baseURL
	parts := compose.New(settings, compose.Ports{
		Notices: psp.NewNotices(func(context.Context) (psp.Keys, error) {
			return psp.Keys{Pair: psp.Pair{APIKey: secret.New(s.secrets[0]), SecretKey: secret.New(s.secrets[1])}}, nil
		}, "", clock.Now),
		Store: s.store, Journal: s.store, Days: s.store, DayEvents: noDayEvents{}, Iyzico: psp.New(client, log, clock.Now).WithPages(pages), Clock: clock, Pages: pages,
		Process: "test", MetricsTo: &s.counted, Log: log,
	})
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for line := range bytes.Lines(s.log.bytes()) { // why iade refused, which its answers do not tell
			if bytes.Contains(line, []byte(`"level":"ERROR"`)) {
				t.Logf("%s", line)
			}
		}
	})
	s.metrics, s.api = parts.Metrics, parts.API
	reconcile(t, parts.Service)
	return s
}

// noDayEvents takes the events of closed days and keeps none.
type noDayEvents struct{}

func (noDayEvents) PublishDay(context.Context, dayclose.Event) error { return nil }

func (s *inProcess) startFake(t *testing.T) string {
	t.Helper()
	fake, err := iyzicotest.New(iyzicotest.Config{APIKey: s.secrets[0], SecretKey: s.secrets[1]})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(fake)
	t.Cleanup(func() {
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return server.URL
}

// reconcile runs the loop that settles what is unknown until the test ends.
func reconcile(t *testing.T, service *payment.Service) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(500 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				// What could not be read stays due: the next pass looks again.
				_, _ = service.Reconcile(ctx, time.Now().Add(20*time.Second))
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func (s *inProcess) system(do func(apitest.Request) (apitest.Reply, error)) apitest.System {
	return apitest.System{FakeURL: s.fakeURL, Do: do, Secrets: s.secrets, Traces: s.traces}
}

func (s *inProcess) traces(t *testing.T) []apitest.Trace {
	t.Helper()
	stored, err := os.ReadFile(filepath.Join(s.folder, "iade.db"))
	if err != nil {
		t.Fatal(err)
	}
	records, err := s.store.Outbox(context.Background(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var published []byte
	for _, record := range records {
		for _, change := range record.Changes {
			event, err := json.Marshal(change.Detail)
			if err != nil {
				t.Fatal(err)
			}
			published = append(append(published, event...), '\n')
		}
	}
	s.metrics.Flush("")
	return []apitest.Trace{{Name: "the metrics", Data: s.counted.Bytes()}, {Name: "the store's file", Data: stored}, {Name: "the log", Data: s.log.bytes()}, {Name: "events", Data: published}}
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now().Round(0).UTC() }

func (wallClock) Pause(ctx context.Context, n int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(n) * 5 * time.Millisecond):
		return nil
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}

// overGateway makes the event that an HTTP API sends to its function: lower-case names, repeated headers joined with a
// comma, a body in base64 where it is no text.
func overGateway(api *ingress.API, req apitest.Request) (apitest.Reply, error) {
	event := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: req.Path, RawQueryString: req.RawQuery, Headers: map[string]string{},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			Stage: "$default", RequestID: "request-1", HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: req.Method, Path: req.Path},
		},
		Body: string(req.Body),
	}
	for name, values := range req.Header {
		event.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if !utf8.Valid(req.Body) {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(req.Body), true
	}
	answer, err := api.APIGateway(context.Background(), event)
	reply := apitest.Reply{Status: answer.StatusCode, Header: http.Header{}, Body: []byte(answer.Body)}
	for name, value := range answer.Headers {
		reply.Header.Set(name, value)
	}
	return reply, err
}
