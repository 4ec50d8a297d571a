package iyzicotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddPaymentTakesEveryMember(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	got := s.control(http.MethodPost, "/_fake/payments", `{"currency":"EUR","lines":[{"itemId":"a","paidPrice":"1.2","price":"1"},{"paidPrice":"33.33333333"},{"paidPrice":5}],
		"createdAt":"2026-01-02T03:04:05+03:00","paymentStatus":1,"fraudStatus":0,"phase":"PRE_AUTH"}`, 201)
	want := `{"paymentId":"10000001","lines":[{"itemId":"a","paymentTransactionId":"20000001","paidPrice":"1.20"},` +
		`{"itemId":"item-2","paymentTransactionId":"20000002","paidPrice":"33.33333333"},{"itemId":"item-3","paymentTransactionId":"20000003","paidPrice":"5.00"}]}` + "\n"
	if diff := cmp.Diff(want, got.raw); diff != "" {
		t.Error(diff)
	}
	p, _ := s.server.Ledger().Payment("10000001")
	if p.Currency != "EUR" || p.FraudStatus != FraudInReview || p.Phase != "PRE_AUTH" || p.CreatedAt.Format(wireTime) != "2026-01-02T00:04:05Z" || !p.Price.Equal(dec("39.33333333")) {
		t.Errorf("payment %+v", p)
	}
	for sent, want := range []int{PaymentFailure, PaymentSuccess, PaymentFailure, 3} {
		added := s.control(http.MethodPost, "/_fake/payments", fmt.Sprintf(`{"lines":[{"paidPrice":"1"}],"paymentStatus":%d}`, sent), 201)
		p, _ := s.server.Ledger().Payment(added.text("paymentId"))
		if p.PaymentStatus != want || p.Charged() != (sent == 1) || p.Currency != "TRY" || p.FraudStatus != 1 || p.Phase != "AUTH" {
			t.Errorf("payment status %d: %+v", sent, p)
		}
	}
}

func TestControlNamesTheFieldAtFault(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	tests := []struct{ method, path, body, field string }{
		{"POST", "payments", `{"lines":[]}`, "lines"},
		{"POST", "payments", `{"lines":[{"paidPrice":"0"}]}`, "lines"},
		{"POST", "payments", `{"lines":[{}]}`, "lines[0].paidPrice"},
		{"POST", "payments", `{"lines":[{"paidPrice":"1"},{"paidPrice":"1,5"}]}`, "lines[1].paidPrice"},
		{"POST", "payments", `{"lines":[{"paidPrice":"1e9"}]}`, "lines[0].paidPrice"},
		{"POST", "payments", `{"lines":[{"paidPrice":"-1"}]}`, "lines[0].paidPrice"},
		{"POST", "payments", `{"lines":[{"paidPrice":"1","price":"x"}]}`, "lines[0].price"},
		{"POST", "payments", `{"currency":"XXX","lines":[{"paidPrice":"1"}]}`, "currency"},
		{"POST", "payments", `{"createdAt":"yesterday","lines":[{"paidPrice":"1"}]}`, "createdAt"},
		{"POST", "payments", `{"paymentStatus":10,"lines":[{"paidPrice":"1"}]}`, "paymentStatus"},
		{"POST", "payments", `{"fraudStatus":2,"lines":[{"paidPrice":"1"}]}`, "fraudStatus"},
		{"POST", "payments", `{"fraudStatus":"1","lines":[{"paidPrice":"1"}]}`, "fraudStatus"},
		{"POST", "payments", `{"line":[]}`, "line"},
		{"POST", "payments", `{`, "body"},
		{"POST", "payments", `[]`, "body"},
		{"POST", "payments", ``, "body"},
		{"POST", "payments", `{} {}`, "body"},
		{"POST", "sessions", `{}`, "balance"},
		{"POST", "sessions", `{"balance":"1","currency":"x"}`, "currency"},
		{"POST", "sessions", `{"balance":"1","paymentType":"CASH"}`, "paymentType"},
		{"POST", "sessions", `{"balance":"1","fraudStatus":5}`, "fraudStatus"},
		{"POST", "faults", `{"mode":"slow"}`, "path"},
		{"POST", "faults", `{"path":"payment/refund","mode":"slow"}`, "path"},
		{"POST", "faults", `{"path":"/x?y","mode":"slow"}`, "path"},
		{"POST", "faults", `{"path":"*"}`, "mode"},
		{"POST", "faults", `{"path":"*","mode":"explode"}`, "mode"},
		{"POST", "faults", `{"path":"*","mode":"slow","times":-1}`, "times"},
		{"POST", "faults", `{"path":"*","mode":"slow","delayMs":-1}`, "delayMs"},
		{"POST", "faults", `{"path":"*","mode":"slow","delayMs":99999999}`, "delayMs"},
		{"POST", "faults", `{"path":"*","mode":"refuse","httpStatus":99}`, "httpStatus"},
		{"POST", "faults", `{"path":"*","mode":"refuse","errorCode":true}`, "errorCode"},
		{"POST", "faults", `{"path":"*","mode":"refuse","errorCode":"` + strings.Repeat("1", 30) + `"}`, "errorCode"},
		{"POST", "faults", `{"path":"*","mode":"refuse","errorGroup":"` + strings.Repeat("A", 200) + `"}`, "errorGroup"},
		{"PUT", "settings", `{"reportingLagMs":-1}`, "reportingLagMs"},
		{"PUT", "settings", `{"failureHttpStatus":500}`, "failureHttpStatus"},
		{"PUT", "settings", `{"ratePerMinute":-1}`, "ratePerMinute"},
		{"PUT", "settings", `{"callbackMethod":"PUT"}`, "callbackMethod"},
		{"PUT", "settings", `{"clockOffsetMs":999999999999}`, "clockOffsetMs"},
		{"PUT", "settings", `{"lag":1}`, "lag"},
		{"PUT", "settings", `{"dayListLagMs":-1}`, "dayListLagMs"},
		{"PUT", "settings", `{"marketplace":"yes"}`, "marketplace"},
		{"PUT", "settings", `{"sameDayRefundIn":"both"}`, "sameDayRefundIn"},
		{"PUT", "settings", `{"merchantChargeIn":"all"}`, "merchantChargeIn"},
		{"PUT", "settings", `{"report":true}`, "report"},
		{"PUT", "settings", `{"report":{"hide":true}}`, "report.hide"},
		{"PUT", "settings", `{"report":{"hideEntries":1}}`, "report.hideEntries"},
		{"PUT", "settings", `{"report":{"dropLine":"first"}}`, "report.dropLine"},
		{"PUT", "settings", `{"report":{"staleMs":-1}}`, "report.staleMs"},
		{"PUT", "settings", `{"report":{"refundStatus":"1"}}`, "report.refundStatus"},
		{"PUT", "settings", `{"dayList":{"staleMs":99999999999}}`, "dayList.staleMs"},
		{"PUT", "settings", `{"dayList":{"quarter":true}}`, "dayList.quarter"},
		{"POST", "faults", `{"path":"*","mode":"refuse","retryable":"yes"}`, "retryable"},
		{"POST", "panel-refunds", `{"price":"1"}`, "paymentTransactionId"},
		{"POST", "panel-refunds", `{"paymentTransactionId":"1","price":"x"}`, "price"},
		{"POST", "payments/1/review", `{"fraudStatus":0}`, "fraudStatus"},
	}
	for _, test := range tests {
		got := s.send(test.method, "/_fake/"+test.path, test.body, nil)
		if got.status != 400 || got.text("field") != test.field || got.text("error") == "" {
			t.Errorf("%s %s %s: %d %s, want field %s", test.method, test.path, test.body, got.status, got.raw, test.field)
		}
	}
	if diff := cmp.Diff(defaultSettings(), s.server.Settings()); diff != "" || len(s.server.Faults()) != 0 || !s.server.Ledger().Empty() {
		t.Errorf("something was changed: %s", diff)
	}
}

func TestSettingsHaveTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	want := `{"reportingLagMs":0,"failureHttpStatus":200,"ratePerMinute":50,"callbackMethod":"POST","hideConversationIds":false,"clockOffsetMs":0,` +
		`"dayListLagMs":0,"marketplace":false,"sameDayRefundIn":"cancels","merchantChargeIn":"refunds",` +
		`"report":{"hideEntries":false,"dropLine":false,"duplicatePayment":false,"staleMs":0,"emptyEntries":false,"noDates":false,"upperCaseIds":false,"refundStatus":null},` +
		`"dayList":{"half":false,"dropRow":false,"hideConversationIds":false,"upperCaseIds":false,"staleMs":0}}` + "\n"
	if got := s.control(http.MethodGet, "/_fake/settings", "", 200); got.raw != want {
		t.Error(cmp.Diff(want, got.raw))
	}
	got := s.control(http.MethodPut, "/_fake/settings", `{"reportingLagMs":7}`, 200)
	if got.text("reportingLagMs") != "7" || got.text("ratePerMinute") != "50" {
		t.Errorf("partial change: %s", got.raw)
	}
}

func TestExecutionsAndRequestsAsTheContractShowsThem(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	other, _ := s.pay("5")
	s.post(PathRefund, refundBody(line, "1.5"))
	s.post(PathRefund, refundBody(line, "9"))
	s.control(http.MethodPost, "/_fake/panel-refunds", `{"paymentTransactionId":"`+line+`","price":"2"}`, 201)
	s.post(PathCancel, `{"paymentId":"`+other+`","conversationId":"c-1"}`)

	type execution struct{ Kind, Path, ConversationID, PaymentID, PaymentTransactionID, Price, Currency string }
	var shown struct{ Executions []execution }
	list := s.control(http.MethodGet, "/_fake/executions", "", 200)
	if err := json.Unmarshal([]byte(list.raw), &shown); err != nil {
		t.Fatal(err)
	}
	want := []execution{
		{"refund", PathRefund, "conv-1", id, line, "1.50", "TRY"},
		{"refund", "", "", id, line, "2.00", "TRY"},
		{"cancel", PathCancel, "c-1", other, "", "5.00", "TRY"},
	}
	if diff := cmp.Diff(want, shown.Executions); diff != "" {
		t.Error(diff)
	}
	for _, x := range list.list("executions") {
		if len(x) != 8 || x["at"] == "" {
			t.Errorf("execution %v", x)
		}
	}
	if got := s.executed(id); got != 2 {
		t.Errorf("%d executions of one payment", got)
	}

	requests := s.control(http.MethodGet, "/_fake/requests", "", 200).list("requests")
	var got []string
	for _, r := range requests {
		got = append(got, fmt.Sprint(r["path"], " ", r["conversationId"], " ", r["paymentId"], " ", r["outcome"]))
	}
	wantRequests := []string{
		PathRefund + " conv-1 " + id + " executed", PathRefund + " conv-1 " + id + " refused", PathCancel + " c-1 " + other + " executed",
	}
	if diff := cmp.Diff(wantRequests, got); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"executions", "requests"} {
		none := s.control(http.MethodGet, "/_fake/"+path+"?paymentId=1", "", 200)
		if list, isList := none.body[path].([]any); !isList || len(list) != 0 {
			t.Errorf("%s of an unknown payment: %s", path, none.raw)
		}
	}
}

func TestPanelRefundRefusals(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	_, line := s.pay("10")
	s.control(http.MethodPost, "/_fake/panel-refunds", `{"paymentTransactionId":"`+line+`","price":"11"}`, 409)
	s.control(http.MethodPost, "/_fake/panel-refunds", `{"paymentTransactionId":"1","price":"1"}`, 404)
}

func TestBalanceRefundByTheControlSide(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"confirm", "decline"} {
		s := open(t, Config{})
		id, _ := s.pay("120")
		init := s.post(PathBalanceInit, `{"paymentId":"`+id+`","conversationId":"i","callbackUrl":"https://shop.example/cb/state?x=1&y=2"}`)
		token := init.text("token")
		if init.text("url") != s.http.URL+"/refund-to-balance/"+token || token == "" {
			t.Fatalf("init: %s", init.raw)
		}
		s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/approve", "", 409)
		got := s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/"+answer, "", 200)
		want := fmt.Sprintf(`{"method":"POST","url":"https://shop.example/cb/state?x=1&y=2","form":{"token":"%s"}}`, token) + "\n"
		if got.raw != want {
			t.Error(cmp.Diff(want, got.raw))
		}
		s.set(`{"callbackMethod":"GET"}`)
		got = s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/"+answer, "", 200)
		back, err := url.Parse(got.text("url"))
		if err != nil || got.text("method") != "GET" || back.Query().Get("token") != token || back.Query().Get("x") != "1" || back.Query().Get("y") != "2" {
			t.Errorf("GET: %s", got.raw)
		}
		if _, there := got.body["form"]; there {
			t.Errorf("GET with a form: %s", got.raw)
		}
		if answer == "decline" {
			s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/approve", "", 409)
			continue
		}
		if s.executed(id) != 0 {
			t.Error("executed before the approval")
		}
		s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/approve", "", 200)
		if s.executed(id) != 1 {
			t.Error("not executed at the approval")
		}
		s.control(http.MethodPost, "/_fake/balance-refunds/none/confirm", "", 404)
	}
}

func TestBalanceRefundAtTheDocumentedPathToo(t *testing.T) {
	t.Parallel()
	s := open(t, Config{PublicURL: "https://pay.example/"})
	id, _ := s.pay("1")
	got := s.post("/payment/iyzipos/item/approve", `{"paymentId":"`+id+`","callbackUrl":"http://127.0.0.1:8080/cb"}`)
	if want := "https://pay.example/refund-to-balance/" + got.text("token"); got.text("url") != want {
		t.Errorf("got %s, want url %s", got.raw, want)
	}
	// The marketplace call that shares the path has no paymentId.
	if got := s.post("/payment/iyzipos/item/approve", `{"paymentTransactionId":"20000001"}`); got.body["errorCode"] != CodeFieldMissing {
		t.Errorf("marketplace body: %s", got.raw)
	}
}

func TestReviewByTheControlSide(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"1"}],"fraudStatus":0}`, 201).text("paymentId")
	s.control(http.MethodPost, "/_fake/payments/"+id+"/review", `{"fraudStatus":1}`, 200)
	s.control(http.MethodPost, "/_fake/payments/"+id+"/review", `{"fraudStatus":1}`, 400)
	s.control(http.MethodPost, "/_fake/payments/1/review", `{"fraudStatus":1}`, 404)
	if p, _ := s.server.Ledger().Payment(id); !p.Charged() {
		t.Errorf("payment %+v", p)
	}
}

func TestAHoldIsCapturedByTheControlSide(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"1"}],"phase":"PRE_AUTH"}`, 201).text("paymentId")
	refund := func() reply {
		return s.post("/v2/payment/refund", `{"paymentId":"`+id+`","price":"1","currency":"TRY","conversationId":"c"}`)
	}
	if got := refund(); got.text("status") != "failure" {
		t.Errorf("a hold is refunded: %s", got.raw)
	}
	s.control(http.MethodPost, "/_fake/payments/"+id+"/capture", "", 200)
	s.control(http.MethodPost, "/_fake/payments/"+id+"/capture", "", 400)
	s.control(http.MethodPost, "/_fake/payments/1/capture", "", 404)
	if p, _ := s.server.Ledger().Payment(id); p.Phase != PhasePostAuth {
		t.Errorf("payment %+v", p)
	}
	if got := refund(); got.text("status") != "success" {
		t.Errorf("a captured hold is not refunded: %s", got.raw)
	}
}

func TestSessionByTheControlSide(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	got := s.control(http.MethodPost, "/_fake/sessions", `{"balance":"5","currency":"USD","paymentType":"FUND","active":false}`, 201)
	added, err := s.server.Ledger().Session(got.text("sessionToken"), got.text("memberIdentifier"))
	if err != nil || added.Active || added.Currency != "USD" || !added.Balance.Equal(dec("5")) {
		t.Errorf("session %+v, %v", added, err)
	}
	body := fmt.Sprintf(`{"sessionToken":"%s","memberIdentifier":"%s"}`, added.SessionToken, added.MemberIdentifier)
	if got := s.post(session+"retrieve/access-token", body); got.body["errorCode"] != CodeSessionPassive {
		t.Errorf("access token of a passive session: %s", got.raw)
	}
}
