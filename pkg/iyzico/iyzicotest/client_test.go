package iyzicotest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// shop is a merchant's side in tests: a fake over loopback HTTP, and a client that signs.
type shop struct {
	t      *testing.T
	server *Server
	http   *httptest.Server
}

func open(t *testing.T, config Config) *shop {
	t.Helper()
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		h.Close()
	})
	return &shop{t, s, h}
}

// reply is an answer, decoded; numbers keep their text.
type reply struct {
	status int
	raw    string
	body   map[string]any
}

func (r reply) text(name string) string {
	switch v := r.body[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (r reply) list(name string) []map[string]any {
	values, _ := r.body[name].([]any)
	list := make([]map[string]any, 0, len(values))
	for _, v := range values {
		o, _ := v.(map[string]any)
		list = append(list, o)
	}
	return list
}

func (s *shop) request(ctx context.Context, method, path, body string, header map[string]string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	bare, _, _ := strings.Cut(path, "?")
	signature := requestSignature(DefaultSecretKey, "rnd", bare, []byte(body))
	r.Header.Set("Authorization", scheme+base64.StdEncoding.EncodeToString(
		[]byte("apiKey:"+DefaultAPIKey+"&randomKey:rnd&signature:"+signature)))
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	return r
}

func (s *shop) do(r *http.Request) (reply, error) {
	// One connection per call: nothing is sent again behind the test's back.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{status: answer.StatusCode, raw: string(raw)}, err
	}
	got := reply{status: answer.StatusCode, raw: string(raw)}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&got.body); err != nil {
		got.body = nil
	}
	return got, nil
}

func (s *shop) send(method, path, body string, header map[string]string) reply {
	s.t.Helper()
	got, err := s.do(s.request(context.Background(), method, path, body, header))
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

func (s *shop) post(path, body string) reply {
	s.t.Helper()
	return s.send(http.MethodPost, path, body, nil)
}

func (s *shop) get(path string) reply {
	s.t.Helper()
	return s.send(http.MethodGet, path, "", nil)
}

// control calls the control side and demands a status.
func (s *shop) control(method, path, body string, status int) reply {
	s.t.Helper()
	got := s.send(method, path, body, nil)
	if got.status != status {
		s.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, got.status, got.raw, status)
	}
	return got
}

func (s *shop) set(settings string) {
	s.t.Helper()
	s.control(http.MethodPut, "/_fake/settings", settings, 200)
}
func (s *shop) fault(fault string) {
	s.t.Helper()
	s.control(http.MethodPost, "/_fake/faults", fault, 201)
}

// pay puts a payment of one line in place.
func (s *shop) pay(paid string) (paymentID, line string) {
	s.t.Helper()
	got := s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"`+paid+`"}]}`, 201)
	line, _ = got.list("lines")[0]["paymentTransactionId"].(string)
	return got.text("paymentId"), line
}

func (s *shop) executed(paymentID string) int {
	s.t.Helper()
	return len(s.control(http.MethodGet, "/_fake/executions?paymentId="+paymentID, "", 200).list("executions"))
}

func (s *shop) outcome(paymentID string) string {
	s.t.Helper()
	list := s.control(http.MethodGet, "/_fake/requests?paymentId="+paymentID, "", 200).list("requests")
	if len(list) == 0 {
		return ""
	}
	outcome, _ := list[len(list)-1]["outcome"].(string)
	return outcome
}

func refundBody(line, price string) string {
	return `{"locale":"en","conversationId":"conv-1","paymentTransactionId":"` + line + `","price":"` + price + `","currency":"TRY"}`
}

// eventually waits for something that another goroutine does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}
