package lambda_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gate is a set of reverse proxies before everything that one process talks to: the table, iyzico, the secrets, the queues
// and the bus. It lists the process's exchanges in their order and kills the process at one of them. Between two exchanges
// nothing outside the process changes, so killing at each one, before and after it takes effect, is killing everywhere.
type gate struct {
	t   testing.TB
	env []string // settings that lead through the gate

	mu     sync.Mutex
	seen   []string
	at     point
	kill   func() // ends the process as kill -9 does and waits until it is gone
	killed bool
}

// point is where a process is killed.
type point struct {
	exchange int  // counted from 1; 0 = nowhere
	after    bool // the exchange takes effect and its answer is withheld; else it never reaches the other side
}

// newGate puts proxies before everything that the stack's functions talk to.
func (d *deployment) newGate(m *messaging) *gate {
	d.t.Helper()
	g := &gate{t: d.t}
	for _, x := range []struct {
		variable, engine string
		name             func(r *http.Request, body []byte) string
	}{
		{"AWS_ENDPOINT_URL_DYNAMODB", d.endpoint, d.tableExchange},
		{"IYZICO_BASE_URL", d.fakeURL, func(r *http.Request, _ []byte) string { return "iyzico " + path(r) }},
		{"AWS_ENDPOINT_URL_SECRETS_MANAGER", d.secrets.url, awsExchange("secrets")},
		{"AWS_ENDPOINT_URL_SQS", m.url, awsExchange("queue")},
		{"AWS_ENDPOINT_URL_EVENTBRIDGE", m.url, awsExchange("bus")},
	} {
		g.env = append(g.env, x.variable+"="+g.proxy(x.engine, x.name))
	}
	return g
}

func awsExchange(service string) func(*http.Request, []byte) string {
	return func(r *http.Request, _ []byte) string { return service + " " + tableAction(r) }
}

// tableExchange names what is asked of the journal, or of the store and there of which kind of item: PAYMENT, FUND or QUOTA.
func (d *deployment) tableExchange(r *http.Request, body []byte) string {
	var in struct {
		TableName string
		Key, Item struct{ Pk struct{ S string } }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return "store " + tableAction(r) + " unreadable"
	}
	if in.TableName == d.journal {
		return "journal " + tableAction(r)
	}
	kind, _, _ := strings.Cut(in.Key.Pk.S+in.Item.Pk.S, "#")
	return strings.TrimSpace("store " + tableAction(r) + " " + kind)
}

func (g *gate) proxy(engine string, name func(*http.Request, []byte) string) string {
	target, err := url.Parse(engine)
	if err != nil {
		g.t.Fatal(err)
	}
	// A connection for each exchange: nothing here may send one again on its own.
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the process went away while it asked
		}
		forward, die := g.enter(name(r, body))
		if !forward {
			g.end()
			panic(http.ErrAbortHandler)
		}
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.Host, out.RequestURI = target.Scheme, target.Host, "", ""
		out.Body = io.NopCloser(bytes.NewReader(body))
		answer, err := transport.RoundTrip(out)
		var answered []byte
		if err == nil {
			answered, err = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
		}
		if die {
			g.end()
		}
		if die || err != nil { // what breaks behind the gate breaks before it
			panic(http.ErrAbortHandler)
		}
		for key, values := range answer.Header {
			w.Header()[key] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(answered)
	}))
	g.t.Cleanup(server.Close)
	return server.URL
}

// enter notes an exchange and says whether it is let through, and whether the process dies of it.
func (g *gate) enter(name string) (forward, die bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.killed {
		return false, false
	}
	g.seen = append(g.seen, name)
	die = len(g.seen) == g.at.exchange
	g.killed = die
	return !die || g.at.after, die
}

func (g *gate) end() { g.kill() }

// exchanges are those so far.
func (g *gate) exchanges() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.seen)
}
