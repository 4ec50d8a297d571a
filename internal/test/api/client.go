package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// client sends requests to one system and holds every answer against the document.
type client struct {
	System
	fake     fake
	document *Document

	mu      sync.Mutex
	answers [][]byte // every answer so far, headers included

	scripts sync.Mutex // a fault acts on the next request on its path, so one case at a time scripts and sends
}

// pollTime is between two looks at something that settles.
const pollTime = time.Second

// start runs a system. Its fake has no limit of calls, because cases of the same system run side by side.
func start(t *testing.T, target Target, o Options) *client {
	t.Helper()
	document, err := LoadDocument()
	if err != nil {
		t.Fatal(err)
	}
	system := target.Start(t, o)
	c := &client{System: system, fake: fake{system.FakeURL}, document: document}
	if !o.IyzicoDown {
		c.fake.set(t, map[string]any{"ratePerMinute": 0})
	}
	return c
}

// send sends one request. An answer that openapi.yaml does not describe fails the test here, whatever the case expects.
func (c *client) send(t *testing.T, req Request) answer {
	t.Helper()
	return c.examine(t, req, c.exchange(t, req))
}

// exchange sends one request and only takes the answer, for moments in which time counts.
func (c *client) exchange(t *testing.T, req Request) Reply {
	t.Helper()
	reply, err := c.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.Path, err)
	}
	c.remember(reply)
	return reply
}

// examine reads an answer and holds it against the document.
func (c *client) examine(t *testing.T, req Request, reply Reply) answer {
	t.Helper()
	if err := c.document.Check(req, reply); err != nil {
		t.Errorf("%s %s: %d %s\nis not what openapi.yaml says: %v", req.Method, req.Path, reply.Status, reply.Body, err)
	}
	a := answer{Reply: reply}
	if strings.HasPrefix(reply.Header.Get("Content-Type"), "text/csv") {
		if rows, err := csv.NewReader(bytes.NewReader(reply.Body)).ReadAll(); err != nil || len(rows) == 0 {
			t.Fatalf("%s %s: %d, no CSV with a head: %s", req.Method, req.Path, reply.Status, reply.Body)
		}
		return a
	}
	if len(reply.Body) > 0 && json.Unmarshal(reply.Body, &a.body) != nil {
		t.Fatalf("%s %s: %d, not a JSON object: %s", req.Method, req.Path, reply.Status, reply.Body)
	}
	a.checkShape(t, req)
	return a
}

func (c *client) remember(reply Reply) {
	var seen bytes.Buffer
	for name, values := range reply.Header {
		seen.WriteString(name + ": " + strings.Join(values, ",") + "\n")
	}
	seen.Write(reply.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = append(c.answers, seen.Bytes())
}

func (c *client) get(t *testing.T, path string) answer {
	t.Helper()
	return c.send(t, getting(path))
}

func getting(path string) Request {
	path, query, _ := strings.Cut(path, "?")
	return Request{Method: http.MethodGet, Path: path, RawQuery: query, Header: http.Header{}}
}

// post sends a JSON body with a key; an empty key means no header.
func (c *client) post(t *testing.T, path, key, body string) answer {
	t.Helper()
	return c.send(t, posting(path, key, body))
}

func posting(path, key, body string) Request {
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return Request{Method: http.MethodPost, Path: path, Header: header, Body: []byte(body)}
}

// check asks to settle an operation now.
func (c *client) check(t *testing.T, id string) answer {
	t.Helper()
	return c.send(t, Request{Method: http.MethodPost, Path: "/operations/" + id + "/check", Header: http.Header{}})
}

// withFaults scripts faults and sends what they are for. On a machine so busy that a request did not reach iyzico in its
// time, a fault is left over: it is taken back and fresh prepares and asks anew, with a payment of its own.
func (c *client) withFaults(t *testing.T, faults []fault, fresh func() answer) answer {
	t.Helper()
	c.scripts.Lock()
	defer c.scripts.Unlock()
	for range 5 {
		for _, f := range faults {
			c.fake.script(t, f)
		}
		a := fresh()
		left := c.fake.scripted(t)
		c.fake.clear(t)
		if left == 0 {
			return a
		}
	}
	t.Fatal("no request reached iyzico in its time")
	return answer{}
}

// settle reads an operation until it has that status, or fails after settleTime.
func (c *client) settle(t *testing.T, path, status string) answer {
	t.Helper()
	deadline := time.Now().Add(settleTime)
	for {
		a := c.get(t, path)
		switch {
		case a.text("status") == status:
			return a
		case time.Now().After(deadline):
			t.Fatalf("%s did not become %s: %s", path, status, a.Body)
		}
		time.Sleep(pollTime)
	}
}

// answer is a Reply with its JSON read.
type answer struct {
	Reply
	body map[string]any
}

// checkShape checks what the contract says of every answer of a kind: a problem repeats its status, Location is the
// resource's path, Retry-After comes with what is to be asked again and with nothing else.
func (a answer) checkShape(t *testing.T, req Request) {
	t.Helper()
	if a.Status >= 400 && a.text("status") != strconv.Itoa(a.Status) {
		t.Errorf("%s %s: problem of status %s with HTTP status %d", req.Method, req.Path, a.text("status"), a.Status)
	}
	for slug, member := range map[string]string{"exceeds-refundable": "refundable", "allocation-required": "lines"} {
		if a.slug() == slug && a.value(member) == nil && a.value("operation") == nil {
			t.Errorf("%s %s: %s without %s", req.Method, req.Path, slug, member)
		}
	}
	again := []int{http.StatusAccepted, http.StatusConflict, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if got := a.Header.Get("Retry-After") != ""; got != (slices.Contains(again, a.Status) && a.slug() != "ambiguous") {
		t.Errorf("%s %s: %d with Retry-After %q", req.Method, req.Path, a.Status, a.Header.Get("Retry-After"))
	}
	if got := a.Header.Get("Allow") != ""; got != (a.Status == http.StatusMethodNotAllowed) {
		t.Errorf("%s %s: %d with Allow %q", req.Method, req.Path, a.Status, a.Header.Get("Allow"))
	}
	location := ""
	if a.Status == http.StatusCreated || a.Status == http.StatusAccepted || a.Status == http.StatusMultiStatus {
		location = resourcePath(a.text("id"))
	}
	if got := a.Header.Get("Location"); got != location {
		t.Errorf("%s %s: %d with Location %q, want %q", req.Method, req.Path, a.Status, got, location)
	}
}

// resourcePath is where an operation can be read, by its id.
func resourcePath(id string) string {
	switch {
	case strings.HasPrefix(id, "cn_"):
		return "/cancels/" + id
	case strings.HasPrefix(id, "rv_"):
		return "/reversals/" + id
	case strings.HasPrefix(id, "fp_"):
		return "/fund-payments/" + id
	}
	return "/refunds/" + id
}

// value is the member at a path like legs.0.amount; a list's "#" is its length. nil = absent.
func (a answer) value(path string) any {
	var at any = a.body
	for _, name := range strings.Split(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			member, ok := v[name]
			if !ok {
				return nil
			}
			at = member
		case []any:
			i, err := strconv.Atoi(name)
			switch {
			case name == "#":
				at = float64(len(v))
			case err != nil || i < 0 || i >= len(v):
				return nil
			default:
				at = v[i]
			}
		default:
			return nil
		}
	}
	return at
}

// text is value as text, "" for a member that is absent.
func (a answer) text(path string) string {
	switch v := a.value(path).(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// slug is the problem's, "" if the answer is none.
func (a answer) slug() string {
	slug, _ := strings.CutPrefix(a.text("type"), "urn:iade:problem:")
	return slug
}

// fields are what the problem's errors name, in order.
func (a answer) fields() []string {
	var fields []string
	list, _ := a.value("errors").([]any)
	for _, fault := range list {
		if member, ok := fault.(map[string]any); ok {
			field, _ := member["field"].(string)
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}

// operationID is the operation that the answer is about.
func (a answer) operationID() string {
	if id := a.text("id"); id != "" {
		return id
	}
	return a.text("operation.id")
}
