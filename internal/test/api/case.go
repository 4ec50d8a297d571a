package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// scenario is one case: a payment of its own, requests in order, and what must be true in the end. In texts, {payment}
// and {line1} … are the payment's ids, {other} and {otherLine} those of a second payment, {op} the operation that the
// last answer was about, {opN} the one of the N-th step.
type scenario struct {
	name    string
	payment payment
	unknown bool // iyzico does not know {payment}
	steps   []step

	moved      []string // what really happened in the end: "refund {line1} 10.00", "cancel 100.00", in any order
	operations int      // how many operations the payment shows in the end
}

// step is one request and what its answer must be.
type step struct {
	// before happens first: a fault, a refund in the panel.
	before func(t *testing.T, c *client, p known)

	method string // GET without a body, POST with one
	path   string
	header http.Header // in place of the JSON content type and the key "key-1"
	key    string
	body   string

	status   int
	slug     string
	fields   []string          // exactly what errors names
	want     map[string]string // members by path; "*" = there, "" = absent
	replayed bool              // Idempotent-Replayed: true
	sends    int               // money requests that iyzico gets from this step
}

// run carries out the case.
func (s scenario) run(t *testing.T, c *client) {
	t.Helper()
	var p known
	names := []string{}
	if s.unknown {
		p = known{id: unknownPayment(), lines: []string{"1"}}
	} else {
		p = c.fake.add(t, s.payment)
	}
	names = append(names, "{payment}", p.id)
	for i, line := range p.lines {
		names = append(names, fmt.Sprintf("{line%d}", i+1), line)
	}
	if s.mentions("{other") {
		other := c.fake.add(t, payment{})
		names = append(names, "{other}", other.id, "{otherLine}", other.lines[0])
	}
	sent := 0
	for i, step := range s.steps {
		if step.before != nil {
			step.before(t, c, p)
		}
		a := c.send(t, step.request(strings.NewReplacer(names...)))
		if id := a.operationID(); id != "" {
			names = append([]string{"{op}", id, fmt.Sprintf("{op%d}", i+1), id}, names...)
		}
		step.check(t, fmt.Sprintf("step %d", i+1), a, strings.NewReplacer(names...))
		sent += step.sends
		if got := c.fake.requests(t, p.id); got != sent {
			t.Errorf("step %d: iyzico has received %d money requests so far, want %d", i+1, got, sent)
		}
	}
	checkMoved(t, c, p, s.moved)
	if s.unknown {
		return
	}
	if view := c.get(t, "/payments/"+p.id); view.text("operations.#") != fmt.Sprint(s.operations) {
		t.Errorf("the payment shows %s operations, want %d: %s", view.text("operations.#"), s.operations, view.Body)
	}
}

func (s scenario) mentions(name string) bool {
	return slices.ContainsFunc(s.steps, func(x step) bool { return strings.Contains(x.body+x.path, name) })
}

func (s step) request(names *strings.Replacer) Request {
	path, query, _ := strings.Cut(names.Replace(s.path), "?")
	req := Request{Method: s.method, Path: path, RawQuery: query, Header: s.header, Body: []byte(names.Replace(s.body))}
	if req.Method == "" {
		req.Method = http.MethodPost
		if s.body == "" && s.header == nil {
			req.Method = http.MethodGet
		}
	}
	if req.Header == nil && req.Method == http.MethodPost {
		req.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {cmp.Or(s.key, "key-1")}}
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	return req
}

func (s step) check(t *testing.T, where string, a answer, names *strings.Replacer) {
	t.Helper()
	if a.Status != s.status || a.slug() != s.slug {
		t.Errorf("%s: %d %q, want %d %q: %s", where, a.Status, a.slug(), s.status, s.slug, shortened(a.Body))
		return
	}
	if got := a.Header.Get("Idempotent-Replayed"); (got == "true") != s.replayed {
		t.Errorf("%s: Idempotent-Replayed %q, want %v", where, got, s.replayed)
	}
	fields := slices.Sorted(slices.Values(s.fields))
	if got := a.fields(); !slices.Equal(got, fields) {
		t.Errorf("%s: errors name %q, want %q: %s", where, got, fields, shortened(a.Body))
	}
	for path, want := range s.want {
		got := a.text(path)
		if want = names.Replace(want); got != want && (want != "*" || a.value(path) == nil) {
			t.Errorf("%s: %s is %q, want %q: %s", where, path, got, want, shortened(a.Body))
		}
	}
}

// checkMoved compares what really happened to a payment with what must have.
func checkMoved(t *testing.T, c *client, p known, want []string) {
	t.Helper()
	names := []string{}
	for i, line := range p.lines {
		names = append(names, fmt.Sprintf("{line%d}", i+1), line)
	}
	var got, wanted []string
	for _, x := range c.fake.executions(t, p.id) {
		got = append(got, strings.Join(slices.DeleteFunc([]string{x.Kind, x.PaymentTransactionID, x.Price}, func(s string) bool { return s == "" }), " "))
	}
	for _, w := range want {
		wanted = append(wanted, strings.NewReplacer(names...).Replace(w))
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("payment %s: executed %q, want %q", p.id, got, wanted)
	}
}

func shortened(body []byte) string {
	if len(body) > 1500 {
		return string(body[:1500]) + "…"
	}
	return string(body)
}

// inParallel runs the cases of one system side by side: most of their time is waiting, so the number of processors does
// not bound them.
func inParallel[T any](t *testing.T, most int, cases []T, name func(T) string, run func(*testing.T, T)) {
	t.Helper()
	var group sync.WaitGroup
	slots := make(chan struct{}, most)
	for _, c := range cases {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer group.Done()
			defer func() { <-slots }()
			t.Run(name(c), func(t *testing.T) { run(t, c) })
		}()
	}
	group.Wait()
}
