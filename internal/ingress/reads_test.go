package ingress_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/version"
)

func TestOneOperationIsRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path     string
		resource payment.Resource
	}{
		{"/refunds/" + refundID, payment.Resource{ID: refundID, Kind: payment.KindRefund, Status: payment.StatusNotSent}},
		{"/refunds/" + refundID, payment.Resource{ID: refundID, Kind: payment.KindBalanceRefund, Status: payment.StatusExpired}},
		{"/cancels/" + cancelID, payment.Resource{ID: cancelID, Kind: payment.KindCancel, Status: payment.StatusRejected}},
		{"/fund-payments/" + fundID, payment.Resource{ID: fundID, Kind: payment.KindFundPayment, Status: payment.StatusInReview}},
	} {
		path, resource := tc.path, tc.resource
		service := &fakeService{resource: resource}
		response := newAPI(service).Handle(context.Background(), get(path, ""))
		var got payment.Resource
		if err := json.Unmarshal(response.Body, &got); err != nil || response.Status != http.StatusOK || got.ID != resource.ID || service.id != resource.ID {
			t.Errorf("%s: %d %s, asked for %q", path, response.Status, response.Body, service.id)
		}
		checkCommonHeaders(t, response)
		if response.Header.Get("Retry-After") != "" || response.Header.Get("Location") != "" {
			t.Errorf("%s: header %v", path, response.Header)
		}
	}
}

func TestWhatCannotBeAnIDIs404WithoutAskingTheService(t *testing.T) {
	t.Parallel()
	for _, req := range []ingress.Request{
		get("/refunds/"+cancelID, ""), get("/refunds/"+fundID, ""), get("/cancels/"+refundID, ""), get("/fund-payments/"+refundID, ""),
		get("/refunds/x", ""), get("/refunds/rf_1_short", ""), get("/refunds/rf__abcdefghijklmnop", ""), get("/refunds/"+strings.ToUpper(refundID), ""),
		get("/refunds/rf_12345678901234567890_abcdefghijklmnop", ""), get("/refunds/"+strings.Repeat("x", 5000), ""), get("/refunds/%00", ""),
		get("/payments/x", ""), get("/payments/12345678901234567890", ""), get("/payments/-1", ""), get("/payments/1%30", ""),
		post("/operations/x/check", ""), post("/operations/rf_1_x/resolution", `{"decision":"succeeded","reason":"r","by":"b"}`),
	} {
		service := &fakeService{}
		response := newAPI(service).Handle(context.Background(), req)
		if slug, _ := problemOf(t, response); response.Status != http.StatusNotFound || slug != "not-found" || len(service.calls) > 0 {
			t.Errorf("%s: %d %s, calls %v", req.Path, response.Status, slug, service.calls)
		}
	}
}

func TestAnOperationOfAnotherKindIs404(t *testing.T) {
	t.Parallel()
	service := &fakeService{resource: payment.Resource{ID: refundID, Kind: payment.KindCancel}}
	if slug, _ := problemOf(t, newAPI(service).Handle(context.Background(), get("/refunds/"+refundID, ""))); slug != "not-found" {
		t.Errorf("answer = %s", slug)
	}
}

func TestAPaymentIsReadPageByPage(t *testing.T) {
	t.Parallel()
	for query, skip := range map[string]int{"": 0, "cursor=0": 0, "cursor=100": 100, "cursor=2147483647": 2147483647} {
		service := &fakeService{view: payment.PaymentView{PaymentID: "10000001", NextCursor: "200"}}
		req := get("/payments/10000001", query)
		response := newAPI(service).Handle(context.Background(), req)
		var got payment.PaymentView
		if err := json.Unmarshal(response.Body, &got); err != nil || response.Status != http.StatusOK || got.NextCursor != "200" {
			t.Errorf("%s: %d %s", query, response.Status, response.Body)
		}
		if service.id != "10000001" || service.skip != skip || !service.until.Equal(req.Until) {
			t.Errorf("%s: payment %s, skip %d", query, service.id, service.skip)
		}
	}
}

func TestAPaymentIsReadAtIyzicoWhenAskedFor(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{"": "Payment", "refresh=false": "Payment", "refresh=true": "RefreshPayment", "refresh=true&cursor=100": "RefreshPayment"} {
		service := &fakeService{view: payment.PaymentView{PaymentID: "10000001"}}
		response := newAPI(service).Handle(context.Background(), get("/payments/10000001", query))
		if response.Status != http.StatusOK || strings.Join(service.calls, " ") != want || service.skip != 100*strings.Count(query, "100") {
			t.Errorf("%s: %d, calls %v, skip %d", query, response.Status, service.calls, service.skip)
		}
	}
}

func TestAPaymentIsFoundByItsConversationID(t *testing.T) {
	t.Parallel()
	service := &fakeService{view: payment.PaymentView{PaymentID: "10000001"}}
	response := newAPI(service).Handle(context.Background(), get("/payments", "conversationId=order%204711%20%C4%9F&cursor=100"))
	if response.Status != http.StatusOK || service.id != "order 4711 ğ" || service.skip != 100 || strings.Join(service.calls, " ") != "PaymentByConversation" {
		t.Errorf("%d, calls %v with %q", response.Status, service.calls, service.id)
	}
	service = &fakeService{err: &payment.Error{Code: payment.CodeAmbiguous, Message: "two", PaymentIDs: []string{"1", "2"}}}
	slug, p := problemOf(t, newAPI(service).Handle(context.Background(), get("/payments", "conversationId=x")))
	if slug != "ambiguous" || p.Status != http.StatusConflict || strings.Join(p.PaymentIDs, " ") != "1 2" {
		t.Errorf("%+v", p)
	}
	for _, query := range []string{"", "conversationId=", "conversationId=a%0a", "conversationId=%ff", "conversationId=" + strings.Repeat("a", 256), "conversationId=a&refresh=yes"} {
		service := &fakeService{}
		if slug, _ := problemOf(t, newAPI(service).Handle(context.Background(), get("/payments", query))); slug != "invalid-request" || len(service.calls) > 0 {
			t.Errorf("%s: %s, calls %v", query, slug, service.calls)
		}
	}
}

// TestAKnownKeyThatSentNothingSaysSo also where it is answered by an error: legs are left, and iyzico cannot be read.
func TestAKnownKeyThatSentNothingSaysSo(t *testing.T) {
	t.Parallel()
	for known, want := range map[bool]string{true: "true", false: ""} {
		service := &fakeService{result: payment.Result{Known: known}, err: &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico cannot be read"}}
		response := newAPI(service).Handle(context.Background(), post("/refunds", `{"paymentId":"1","amount":"1"}`))
		if got := response.Header.Get("Idempotent-Replayed"); response.Status != http.StatusServiceUnavailable || got != want {
			t.Errorf("known %t: %d with Idempotent-Replayed %q", known, response.Status, got)
		}
	}
}

func TestUnfinishedOperationsAreListed(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]payment.OperationFilter{
		"":                         {},
		"cursor=abc":               {},
		"status=unknown":           {Statuses: []payment.Status{payment.StatusUnknown}},
		"status=needs_review":      {Statuses: []payment.Status{payment.StatusNeedsReview}},
		"status=awaiting_customer": {Statuses: []payment.Status{payment.StatusAwaitingCustomer}},
		"status=awaiting_merchant": {Statuses: []payment.Status{payment.StatusAwaitingMerchant}},
		"status=in_review":         {Statuses: []payment.Status{payment.StatusInReview}},
		"status=processing":        {Statuses: []payment.Status{payment.StatusProcessing}},
	} {
		service := &fakeService{next: "more"}
		response := newAPI(service).Handle(context.Background(), get("/operations", query))
		if response.Status != http.StatusOK || string(response.Body) != `{"operations":[],"nextCursor":"more"}`+"\n" {
			t.Errorf("%s: %d %s", query, response.Status, response.Body)
		}
		if diff := cmp.Diff(want, service.filter); diff != "" || service.limit != 50 {
			t.Errorf("%s: limit %d, filter %s", query, service.limit, diff)
		}
		if after, given := strings.CutPrefix(query, "cursor="); given && service.cursor != after || !given && service.cursor != "" {
			t.Errorf("%s: cursor %q", query, service.cursor)
		}
	}
	service := &fakeService{page: []payment.Resource{refundResource(payment.StatusUnknown)}}
	response := newAPI(service).Handle(context.Background(), get("/operations", ""))
	if !strings.Contains(string(response.Body), refundID) || strings.Contains(string(response.Body), "nextCursor") {
		t.Errorf("last page = %s", response.Body)
	}
}

func TestReadsAnswerTheServicesErrors(t *testing.T) {
	t.Parallel()
	for _, req := range []ingress.Request{
		get("/refunds/"+refundID, ""), get("/payments/1", ""), get("/operations", ""), post("/operations/"+refundID+"/check", ""),
		post("/operations/"+refundID+"/resolution", `{"decision":"succeeded","reason":"r","by":"b"}`),
	} {
		service := &fakeService{err: &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico cannot be read"}}
		response := newAPI(service).Handle(context.Background(), req)
		if slug, _ := problemOf(t, response); slug != "unavailable" || response.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s: %s", req.Method, req.Path, slug)
		}
	}
}

func TestHealthTouchesNothing(t *testing.T) {
	t.Parallel()
	service := &fakeService{panics: "touched"}
	response := newAPI(service).Handle(context.Background(), get("/health", "probe=1"))
	if response.Status != http.StatusOK || string(response.Body) != `{"status":"ok","version":"`+version.String()+`"}`+"\n" {
		t.Errorf("answer = %d %s", response.Status, response.Body)
	}
	checkCommonHeaders(t, response)
}

func TestCheckTakesNoBody(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]ingress.Request{
		"nothing":         with(post("/operations/"+refundID+"/check", ""), "Content-Type"),
		"nothing as text": with(post("/operations/"+refundID+"/check", ""), "Content-Type", "text/plain"),
		"blank":           post("/operations/"+refundID+"/check", " \n"),
		"empty object":    post("/operations/"+refundID+"/check", "{}"),
	} {
		service := &fakeService{resource: refundResource(payment.StatusUnknown)}
		response := newAPI(service).Handle(context.Background(), req)
		if response.Status != http.StatusOK || service.id != refundID || !service.until.Equal(req.Until) || strings.Join(service.calls, " ") != "Check" {
			t.Errorf("%s: %d %s, calls %v", name, response.Status, response.Body, service.calls)
		}
	}
}

func TestADecisionReachesTheService(t *testing.T) {
	t.Parallel()
	for _, decision := range []payment.Decision{payment.DecideSucceeded, payment.DecideNotExecuted} {
		service := &fakeService{resource: refundResource(payment.StatusSucceeded)}
		response := newAPI(service).Handle(context.Background(), post("/operations/"+cancelID+"/resolution",
			`{"decision":"`+string(decision)+`","reason":"`+strings.Repeat("ö", 500)+`","by":"`+strings.Repeat("b", 100)+`"}`))
		if response.Status != http.StatusOK || service.id != cancelID || service.decision != decision ||
			service.reason != strings.Repeat("ö", 500) || service.by != strings.Repeat("b", 100) {
			t.Errorf("%s: %d, service got %q %q %q", decision, response.Status, service.id, service.decision, service.by)
		}
	}
}
