package iyzicotest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// delivery is what a webhook's receiver got.
type delivery struct {
	header http.Header
	body   map[string]any
	raw    string
}

func receiver(t *testing.T, status int, answer string) (string, chan delivery) {
	t.Helper()
	got := make(chan delivery, 10)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		d := delivery{header: r.Header, raw: string(raw)}
		dec := json.NewDecoder(strings.NewReader(d.raw))
		dec.UseNumber()
		if err := dec.Decode(&d.body); err != nil {
			t.Error(err)
		}
		got <- d
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(h.Close)
	return h.URL, got
}

// The vectors are those of iyzico's own PHP sample.
func TestWebhookSignaturesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	const secret = "sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs"
	direct := webhookRequest{EventType: "API_AUTH", PaymentID: "22484059", Status: "SUCCESS"}
	if got, want := direct.signature(secret, "conversationId"), "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"; got != want {
		t.Errorf("direct %s", got)
	}
	hosted := webhookRequest{EventType: "CHECKOUT_FORM_AUTH", PaymentID: "22483975", Token: "e828c62d-fd12-4b1a-ad5a-380f15fe6596", Status: "SUCCESS"}
	if got, want := hosted.signature(secret, "conversationId"), "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"; got != want {
		t.Errorf("hosted %s", got)
	}
}

func TestAWebhookIsSentSignedAndItsAnswerGivenBack(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	to, got := receiver(t, 303, "thanks")
	id := s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"10"}],"conversationId":"order-1"}`, 201).text("paymentId")
	answer := s.control(http.MethodPost, "/_fake/webhooks", `{"paymentId":"`+id+`","eventType":"REFUND_RETRY_SUCCESS","to":"`+to+`/hook?a=b"}`, 200)
	if answer.text("status") != "303" || answer.text("body") != "thanks" || answer.text("iyziReferenceCode") == "" {
		t.Errorf("answer %s", answer.raw)
	}
	d := <-got
	want := fmt.Sprintf(`{"paymentConversationId":"order-1","merchantId":%s,"paymentId":%s,"status":"SUCCESS","iyziReferenceCode":"%s",`+
		`"iyziEventType":"REFUND_RETRY_SUCCESS","iyziEventTime":%d,"iyziPaymentId":%s}`,
		DefaultMerchantID, id, answer.text("iyziReferenceCode"), noon.UnixMilli(), id)
	if d.raw != want {
		t.Errorf("sent %s\nwant %s", d.raw, want)
	}
	signed := webhookRequest{EventType: "REFUND_RETRY_SUCCESS", PaymentID: textOrNumber(id), Status: "SUCCESS"}
	if d.header.Get("x-iyz-signature-v3") != signed.signature(DefaultSecretKey, "order-1") || d.header.Get("Content-Type") != "application/json" {
		t.Errorf("header %v", d.header)
	}
	if len(got) != 0 {
		t.Error("sent more than once, or a redirect followed")
	}

	again := s.control(http.MethodPost, "/_fake/webhooks",
		`{"paymentId":99,"eventType":"PWI_TKN_FUND","to":"`+to+`","status":"FAILURE","token":"tok","merchantId":7,"iyziReferenceCode":"same"}`, 200)
	d = <-got
	if again.text("iyziReferenceCode") != "same" || at(d.body, "token") != "tok" || at(d.body, "paymentId") != "absent" || at(d.body, "status") != "FAILURE" ||
		at(d.body, "merchantId") != "7" || at(d.body, "iyziPaymentId") != "99" || at(d.body, "paymentConversationId") != "" {
		t.Errorf("hosted format: %s", d.raw)
	}
}

func TestAWebhookThatNobodyTakesIsSaidSo(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	got := s.control(http.MethodPost, "/_fake/webhooks", `{"paymentId":"1","eventType":"API_AUTH","to":"`+gone.URL+`"}`, 200)
	if got.text("status") != "0" || got.text("error") == "" {
		t.Errorf("answer %s", got.raw)
	}
}

func TestClosingEndsAHangingWebhook(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	arrived, leave := make(chan struct{}), make(chan struct{})
	h := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-leave
	}))
	defer h.Close()
	defer close(leave)
	answered := make(chan string, 1)
	go func() {
		got, err := s.do(s.request(t.Context(), http.MethodPost, "/_fake/webhooks", `{"paymentId":"1","eventType":"API_AUTH","to":"`+h.URL+`"}`, nil))
		if err != nil {
			answered <- err.Error()
			return
		}
		answered <- got.text("status")
	}()
	<-arrived
	if err := s.server.Close(); err != nil {
		t.Error(err)
	}
	if got := <-answered; got != "0" {
		t.Errorf("answer %s", got)
	}
}

func TestWebhooksNameTheFieldAtFault(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for body, field := range map[string]string{
		`{"eventType":"API_AUTH","to":"http://127.0.0.1/"}`:                                "paymentId",
		`{"paymentId":"x","eventType":"API_AUTH","to":"http://127.0.0.1/"}`:                "paymentId",
		`{"paymentId":"1","to":"http://127.0.0.1/"}`:                                       "eventType",
		`{"paymentId":"1","eventType":"A B","to":"http://127.0.0.1/"}`:                     "eventType",
		`{"paymentId":"1","eventType":"A"}`:                                                "to",
		`{"paymentId":"1","eventType":"A","to":"ftp://127.0.0.1/"}`:                        "to",
		`{"paymentId":"1","eventType":"A","to":"http://a:b@127.0.0.1/"}`:                   "to",
		`{"paymentId":"1","eventType":"A","to":"/hook"}`:                                   "to",
		`{"paymentId":"1","eventType":"A","to":"http://127.0.0.1/","status":"<"}`:          "status",
		`{"paymentId":"1","eventType":"A","to":"http://127.0.0.1/","merchantId":"m"}`:      "merchantId",
		`{"paymentId":"1","eventType":"A","to":"http://127.0.0.1/","url":"http://x.test"}`: "url",
	} {
		got := s.control(http.MethodPost, "/_fake/webhooks", body, 400)
		if got.text("field") != field {
			t.Errorf("%s: %s, want field %s", body, got.raw, field)
		}
	}
}
