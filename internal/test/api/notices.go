package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// noticeSignature is the header of a notice's signature.
const noticeSignature = "X-IYZ-SIGNATURE-V3"

// notice is what POST /_fake/webhooks takes.
type notice struct {
	PaymentID string `json:"paymentId"`
	EventType string `json:"eventType"`
	To        string `json:"to"`
	Token     string `json:"token,omitempty"`
	Code      string `json:"iyziReferenceCode,omitempty"`
}

// signed is a notice as the fake signs and sends it, for whoever passes it on.
func (f fake) signed(t *testing.T, n notice) Request {
	t.Helper()
	var req Request
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		req = Request{Method: http.MethodPost, Path: "/iyzico-webhook", Header: http.Header{}, Body: body}
		for _, name := range []string{"Content-Type", noticeSignature} {
			req.Header.Set(name, r.Header.Get(name))
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer receiver.Close()
	n.To = receiver.URL
	f.call(t, http.MethodPost, "/_fake/webhooks", n, nil)
	if req.Header.Get(noticeSignature) == "" {
		t.Fatal("the fake has sent no notice")
	}
	return req
}

// forge makes a notice that does not verify of one that does.
func forge(req Request) Request {
	req.Header = req.Header.Clone()
	req.Header.Set(noticeSignature, strings.Repeat("0", 64))
	return req
}

// notices sends iyzico's notices in both formats, and what only looks like them. Every answer is the same; only a notice that
// verifies, of a payment of which something is waited for, has iyzico read, and what iyzico's report says decides.
func notices(t *testing.T, target Target) {
	c := start(t, target, Options{})
	for name, n := range map[string]notice{
		"direct format": {EventType: "API_AUTH"},
		"hosted format": {EventType: "NEW_EVENT", Token: "e828c62d-fd12-4b1a-ad5a-380f15fe6596"},
		"tried again":   {EventType: "REFUND_RETRY_SUCCESS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// iyzico refuses two refunds and makes them all the same: only a read finds out.
			told, silent := c.contradicted(t), c.contradicted(t)
			n.PaymentID = silent.payment
			c.tell(t, forge(c.fake.signed(t, n)))
			n.PaymentID = told.payment
			c.tell(t, c.fake.signed(t, n))
			c.settle(t, told.path, "needs_review")
			if a := c.get(t, silent.path); a.text("status") != "rejected" {
				t.Errorf("after a forged notice: %s", a.Body)
			}
		})
	}
	t.Run("unknown payment", func(t *testing.T) {
		t.Parallel()
		p := c.fake.add(t, payment{})
		c.tell(t, c.fake.signed(t, notice{PaymentID: p.id, EventType: "REFUND_RETRY_SUCCESS"}))
		if all := c.get(t, "/operations?paymentId="+p.id); all.Status == http.StatusOK && all.text("operations.#") != "0" {
			t.Errorf("a notice made an operation: %s", all.Body)
		}
	})
	t.Run("one answer", func(t *testing.T) {
		t.Parallel()
		told := c.contradicted(t)
		good := c.fake.signed(t, notice{PaymentID: told.payment, EventType: "API_AUTH"})
		first := c.tell(t, good)
		for name, req := range map[string]Request{
			"again":        good,
			"forged":       forge(good),
			"empty":        {Method: http.MethodPost, Path: good.Path, Header: http.Header{}},
			"no JSON":      {Method: http.MethodPost, Path: good.Path, Header: good.Header, Body: []byte("hello")},
			"no signature": {Method: http.MethodPost, Path: good.Path, Header: http.Header{"Content-Type": {"application/json"}}, Body: good.Body},
			"too large":    {Method: http.MethodPost, Path: good.Path, Header: good.Header, Body: append(good.Body[:len(good.Body):len(good.Body)], make([]byte, 70<<10)...)},
			"a form":       {Method: http.MethodPost, Path: good.Path, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("a=b")},
		} {
			got := c.tell(t, req)
			for _, header := range []http.Header{first.Header, got.Header} {
				header.Del("Date")
			}
			if text(got.Header) != text(first.Header) {
				t.Errorf("%s: %v, want %v", name, got.Header, first.Header)
			}
		}
	})
}

func text(h http.Header) string {
	var b strings.Builder
	_ = h.Write(&b) // a Builder never fails
	return b.String()
}

// tell sends a notice, and checks that it is answered as every other.
func (c *client) tell(t *testing.T, req Request) Reply {
	t.Helper()
	reply := c.exchange(t, req)
	if reply.Status != http.StatusNoContent || len(reply.Body) > 0 {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	if json.Valid(req.Body) {
		if err := c.document.Check(req, reply); err != nil {
			t.Error(err)
		}
	}
	return reply
}

// refusedYetDone is a refund that iyzico refused and made.
type refusedYetDone struct{ payment, path string }

func (c *client) contradicted(t *testing.T) refusedYetDone {
	t.Helper()
	p := c.fake.add(t, payment{})
	a := c.withFaults(t, []fault{{Path: refundPath, Mode: "refuse-after", Times: 1, ErrorCode: "10051"}}, func() answer {
		return c.post(t, "/refunds", "key-1", `{"paymentId":"`+p.id+`","amount":"10"}`)
	})
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return refusedYetDone{p.id, resourcePath(a.operationID())}
}

// personalNotices plants what a notice may hold of a customer, in one that verifies and in one that does not, and gives what must
// be found nowhere.
func personalNotices(t *testing.T, c *client) []string {
	t.Helper()
	told := c.contradicted(t)
	for _, n := range []notice{
		{PaymentID: told.payment, EventType: "REFUND_RETRY_SUCCESS", Code: "canary-notice-code"},
		{PaymentID: told.payment, EventType: "CHECKOUT_FORM_AUTH", Token: "canary-notice-token", Code: "canary-notice-code-2"},
	} {
		good := c.fake.signed(t, n)
		good.Body = []byte(`{"buyer":{"name":"canary-notice-name","gsmNumber":"+905551112299"},"cardHolderName":"canary-notice-holder",` + string(good.Body[1:]))
		c.tell(t, good)
		c.tell(t, forge(good))
		broken := good
		broken.Body = good.Body[:len(good.Body)-1]
		c.tell(t, broken)
		time.Sleep(time.Second) // what is read because of it is read
	}
	c.get(t, told.path)
	return []string{"canary-notice", "905551112299"}
}
