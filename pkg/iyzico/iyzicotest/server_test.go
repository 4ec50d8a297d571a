package iyzicotest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRefundAnswersAsIyzicoDoes(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	id, line := s.pay("10.50")
	got := s.post(PathRefund, refundBody(line, "0.5"))
	signature := responseSignature(DefaultSecretKey, []string{id, "0.5", "TRY", "conv-1"})
	want := `{"status":"success","locale":"en","systemTime":1773133200000,"conversationId":"conv-1","paymentId":"` + id +
		`","paymentTransactionId":"` + line + `","price":0.50000000,"currency":"TRY","authCode":"000001",` +
		`"hostReference":"mock00007iyzihostrfn","refundHostReference":"mock30000001iyzihostrfn","retryable":false,"signature":"` + signature + `"}`
	if got.status != 200 {
		t.Errorf("status %d", got.status)
	}
	if diff := cmp.Diff(want, got.raw); diff != "" {
		t.Error(diff)
	}

	v2 := s.post(PathRefundV2, `{"paymentId":"`+id+`","price":10,"conversationId":"conv-2"}`)
	if _, named := v2.body["paymentTransactionId"]; named || v2.text("locale") != "tr" || v2.text("price") != "10.00000000" ||
		v2.text("signature") != responseSignature(DefaultSecretKey, []string{id, "10", "TRY", "conv-2"}) {
		t.Errorf("v2 answers %s", v2.raw)
	}
	silent := s.post(PathRefund, `{"paymentTransactionId":"`+line+`","price":"0"}`)
	if _, echoed := silent.body["conversationId"]; echoed {
		t.Errorf("conversationId out of nowhere: %s", silent.raw)
	}
}

func TestCancelIsUnsigned(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, _ := s.pay("75")
	got := s.post(PathCancel, `{"paymentId":"`+id+`","conversationId":"c"}`)
	if got.text("status") != "success" || got.text("price") != "75.00000000" || got.text("cancelHostReference") == "" || got.text("paymentId") != id {
		t.Errorf("cancel answers %s", got.raw)
	}
	for _, name := range []string{"signature", "retryable"} {
		if _, there := got.body[name]; there {
			t.Errorf("cancel answers with %s", name)
		}
	}
}

func TestFailuresAreUnsignedWithTheConfiguredStatus(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	for _, status := range []int{200, 400} {
		s.set(fmt.Sprintf(`{"failureHttpStatus":%d}`, status))
		got := s.post(PathRefund, refundBody(line, "11"))
		if got.status != status || got.text("status") != "failure" || got.body["errorCode"] != CodeExceedsRemainder ||
			got.text("conversationId") != "conv-1" || got.text("price") != "11.00000000" {
			t.Errorf("%d %s", got.status, got.raw)
		}
		if _, signed := got.body["signature"]; signed {
			t.Error("failure is signed")
		}
	}
	turkish := s.post(PathCancel, `{"paymentId":"1"}`)
	if turkish.text("errorMessage") != "Ödeme bulunamadı" || turkish.text("locale") != "tr" {
		t.Errorf("default language: %s", turkish.raw)
	}
	if s.executed(id) != 0 {
		t.Error("a refusal was executed")
	}
}

func TestInvalidRequestsAreRefusedWithDocumentedCodes(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	s.set(`{"ratePerMinute":0}`)
	tests := []struct{ path, body, want string }{
		{PathRefund, `{"price":"1"}`, CodeFieldMissing},
		{PathRefund, `{"paymentTransactionId":"` + line + `"}`, CodeFieldMissing},
		{PathRefund, refundBody(line, "1e1"), CodeInvalidRequest},
		{PathRefund, refundBody(line, "1,5"), CodeInvalidRequest},
		{PathRefund, refundBody(line, "-1"), CodeInvalidRequest},
		{PathRefund, refundBody(line, strings.Repeat("9", 40)), CodeInvalidRequest},
		{PathRefund, `{`, CodeInvalidRequest},
		{PathRefund, `[]`, CodeInvalidRequest},
		{PathRefund, `{} {}`, CodeInvalidRequest},
		{PathRefund, ``, CodeFieldMissing},
		{PathRefundV2, `{"price":1}`, CodeFieldMissing},
		{PathRefundV2, `{"paymentId":"` + id + `"}`, CodeFieldMissing},
		{PathCancel, `{}`, CodeFieldMissing},
		{PathBalanceInit, `{"paymentId":"` + id + `"}`, CodeCallbackURLMissing},
		{PathBalanceInit, `{"callbackUrl":"https://shop.example/"}`, CodeFieldMissing},
		{PathBalanceInit, `{"paymentId":"` + id + `","callbackUrl":"http://shop.example/"}`, CodeInvalidRequest},
		{PathBalanceInit, `{"paymentId":"` + id + `","callbackUrl":"/cb"}`, CodeInvalidRequest},
		{PathAuth, `{"price":"1","paidPrice":"1"}`, CodeFieldMissing},
		{PathAuth, `{"price":"1","paidPrice":"1","basketItems":[{"id":"a","price":"2"}]}`, CodeItemsSum},
		{PathAuth, `{"price":"1","paidPrice":"0","basketItems":[{"id":"a","price":"1"}]}`, CodeInvalidRequest},
		{PathAuth, `{"price":"1","basketItems":[{"id":"a","price":"1"}]}`, CodeFieldMissing},
		{PathAuth, `{"price":"1","basketItems":["a"]}`, CodeFieldMissing},
		{"/payment/detail", `{}`, CodeFieldMissing},
		{"/payment/bin/check", `{}`, CodeFieldMissing},
	}
	for _, test := range tests {
		if got := s.post(test.path, test.body); got.body["errorCode"] != test.want {
			t.Errorf("%s %s: %s, want code %s", test.path, test.body, got.raw, test.want)
		}
	}
	if got := len(s.server.Ledger().Executions("")); got != 0 {
		t.Errorf("%d executions", got)
	}
}

func TestSignaturesAreChecked(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	body := refundBody(line, "1")
	header := func(key, signature string) map[string]string {
		return map[string]string{"Authorization": scheme + base64.StdEncoding.EncodeToString(
			[]byte("apiKey:"+key+"&randomKey:r&signature:"+signature))}
	}
	good := requestSignature(DefaultSecretKey, "r", PathRefund, []byte(body))
	tests := map[string]struct {
		header map[string]string
		want   string
	}{
		"no header":    {map[string]string{"Authorization": ""}, CodeBadSignature},
		"old scheme":   {map[string]string{"Authorization": "IYZWS " + DefaultAPIKey + ":x"}, CodeBadSignature},
		"other key":    {header("sandbox-other", good), CodeUnknownAPIKey},
		"wrong secret": {header(DefaultAPIKey, requestSignature("x", "r", PathRefund, []byte(body))), CodeBadSignature},
		"other body":   {header(DefaultAPIKey, requestSignature(DefaultSecretKey, "r", PathRefund, []byte("{}"))), CodeBadSignature},
		"other path":   {header(DefaultAPIKey, requestSignature(DefaultSecretKey, "r", PathCancel, []byte(body))), CodeBadSignature},
		"query signed": {header(DefaultAPIKey, requestSignature(DefaultSecretKey, "r", PathRefund+"?a=b", []byte(body))), CodeBadSignature},
		"upper case":   {header(DefaultAPIKey, strings.ToUpper(good)), CodeBadSignature},
		"right":        {header(DefaultAPIKey, good), ""},
	}
	for name, test := range tests {
		got := s.send(http.MethodPost, PathRefund+"?a=b", body, test.header)
		if got.text("errorCode") != test.want {
			t.Errorf("%s: %s", name, got.raw)
		}
		if want := map[bool]string{true: OutcomeExecuted, false: OutcomeUnauthorized}[test.want == ""]; !hasOutcome(s, id, want) {
			t.Errorf("%s: no request with outcome %s", name, want)
		}
	}
	if got := s.executed(id); got != 1 {
		t.Errorf("%d executions, want 1", got)
	}
}

func hasOutcome(s *shop, paymentID, outcome string) bool {
	for _, r := range s.server.Requests(paymentID) {
		if r.Outcome == outcome {
			return true
		}
	}
	return false
}

func TestGetIsTakenWithTheBodiesThatClientsSend(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, _ := s.pay("10")
	for _, body := range []string{"", "{}", "null"} {
		got := s.send(http.MethodGet, "/v2/reporting/payment/details?paymentId="+id, body, nil)
		if got.text("status") != "success" || len(got.list("payments")) != 1 {
			t.Errorf("body %q: %s", body, got.raw)
		}
	}
}

func TestClientsOwnCalls(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	if got := s.get("/payment/test"); got.text("status") != "success" {
		t.Errorf("test: %s", got.raw)
	}
	if got := s.post("/payment/bin/check", `{"binNumber":"554960","conversationId":"b"}`); got.text("binNumber") != "554960" || got.text("cardType") != "CREDIT_CARD" {
		t.Errorf("bin: %s", got.raw)
	}
	got := s.post(PathAuth, `{"locale":"tr","conversationId":"o-1","price":"1","paidPrice":"1.2","currency":"TRY","basketId":"B1",
		"installment":"1","paymentCard":{"cardNumber":"5528790000000008"},
		"basketItems":[{"id":"a","price":"0.3","name":"x"},{"id":"b","price":"0.7"}]}`)
	id := got.text("paymentId")
	if _, isText := got.body["paymentId"].(string); !isText || got.text("paidPrice") != "1.20000000" ||
		got.text("signature") != responseSignature(DefaultSecretKey, []string{id, "TRY", "B1", "o-1", "1.2", "1"}) {
		t.Errorf("auth: %s", got.raw)
	}
	items := got.list("itemTransactions")
	if len(items) != 2 || fmt.Sprint(items[0]["paidPrice"]) != "0.36000000" || fmt.Sprint(items[1]["paidPrice"]) != "0.84000000" ||
		fmt.Sprint(items[0]["iyziCommissionFee"]) != "0E-8" {
		t.Errorf("items: %s", got.raw)
	}
	executions := s.server.Ledger().Executions(id)
	if len(executions) != 1 || executions[0].Kind != KindPayment || executions[0].Path != PathAuth || executions[0].ConversationID != "o-1" {
		t.Errorf("executions %+v", executions)
	}
	for _, query := range []string{`{"paymentId":"` + id + `","conversationId":"q"}`, `{"paymentConversationId":"o-1","conversationId":"q"}`} {
		detail := s.post("/payment/detail", query)
		if detail.text("paymentId") != id || detail.text("paymentStatus") != "SUCCESS" || detail.text("conversationId") != "q" ||
			detail.text("signature") != responseSignature(DefaultSecretKey, []string{id, "TRY", "B1", "q", "1.2", "1"}) {
			t.Errorf("detail: %s", detail.raw)
		}
	}
}

func TestDetailShowsNoRefunds(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	id, line := s.pay("10")
	before := s.post("/payment/detail", `{"paymentId":"`+id+`"}`)
	s.post(PathRefund, refundBody(line, "4"))
	if after := s.post("/payment/detail", `{"paymentId":"`+id+`"}`); after.raw != before.raw {
		t.Error(cmp.Diff(before.raw, after.raw))
	}
	if got := s.post("/payment/detail", `{"paymentId":"1"}`); got.text("status") != "failure" || got.body["errorCode"] != CodeDetailUnknownPayment {
		t.Errorf("unknown payment: %s", got.raw)
	}
}

func TestReportShowsRefundsAndCancelsWithOurIds(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon.Add(123 * time.Millisecond) }})
	id, line := s.pay("10")
	s.post(PathRefund, refundBody(line, "4"))
	cancelled, _ := s.pay("3")
	s.post(PathCancel, `{"paymentId":"`+cancelled+`","conversationId":"cancel-1"}`)

	p := s.get("/v2/reporting/payment/details?paymentId=" + id).list("payments")[0]
	item := p["itemTransactions"].([]any)[0].(map[string]any)
	refund := item["refunds"].([]any)[0].(map[string]any)
	got := map[string]string{
		"id": fmt.Sprintf("%T %v", p["paymentId"], p["paymentId"]), "line": fmt.Sprintf("%T %v", item["paymentTransactionId"], item["paymentTransactionId"]),
		"status": fmt.Sprint(p["paymentStatus"]), "refunded": fmt.Sprint(p["paymentRefundStatus"]), "created": fmt.Sprint(p["createdDate"]),
		"ours": fmt.Sprint(refund["refundConversationId"]), "price": fmt.Sprint(refund["refundPrice"]), "done": fmt.Sprint(refund["refundStatus"]),
		"currency": fmt.Sprint(refund["currencyCode"]), "at": fmt.Sprint(refund["createdDate"]), "tx": fmt.Sprint(refund["refundTxId"]),
	}
	want := map[string]string{
		"id": "json.Number " + id, "line": "json.Number " + line, "status": "1", "refunded": PartiallyRefunded, "created": "2026-03-10T12:00:00Z",
		"ours": "conv-1", "price": "4.00000000", "done": "1", "currency": "TRY", "at": "2026-03-10T12:00:00Z", "tx": "30000001",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p = s.get("/v2/reporting/payment/details?paymentId=" + cancelled).list("payments")[0]
	cancel := p["cancels"].([]any)[0].(map[string]any)
	if cancel["cancelConversationId"] != "cancel-1" || fmt.Sprint(cancel["refundId"]) != "30000002" || fmt.Sprint(cancel["refundStatus"]) != "1" {
		t.Errorf("cancel %v", cancel)
	}
	unknown := s.get("/v2/reporting/payment/details?paymentId=1")
	if list, isList := unknown.body["payments"].([]any); unknown.text("status") != "success" || !isList || len(list) != 0 {
		t.Errorf("unknown payment: %s", unknown.raw)
	}
	if got := s.get("/v2/reporting/payment/details"); got.body["errorCode"] != CodeFieldMissing {
		t.Errorf("no id: %s", got.raw)
	}
}

func TestDailyReports(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	_, line := s.pay("10")
	s.post(PathRefund, refundBody(line, "4"))
	for _, date := range []string{"2026-03-10", "2026-03-10%2000:00:00"} {
		got := s.get("/v2/reporting/payment/transactions?page=1&transactionDate=" + date)
		rows := got.list("transactions")
		if len(rows) != 2 || rows[0]["transactionType"] != "REFUND" || rows[0]["conversationId"] != "conv-1" ||
			rows[0]["transactionDate"] != "2026-03-10 12:00:00" || got.text("totalPageCount") != "1" {
			t.Errorf("%s: %s", date, got.raw)
		}
	}
	const scroll = "/v2/reporting/payment/scroll-transactions?transactionDate=2026-03-10&documentScrollVoSortingOrder="
	rows := s.get(scroll + "DESC").list("transactions")
	if len(rows) != 2 || rows[0]["transactionType"] != "REFUND" {
		t.Fatalf("scroll: %v", rows)
	}
	rows = s.get(scroll + "ASC&lastId=" + fmt.Sprint(rows[0]["lastId"])).list("transactions")
	if len(rows) != 1 || rows[0]["transactionType"] != "REFUND" {
		t.Errorf("scroll on: %v", rows)
	}
	for _, query := range []string{
		"transactions?page=1", "transactions?page=1&transactionDate=x", "transactions?transactionDate=2026-03-10",
		"transactions?transactionDate=2026-03-10&page=0", "scroll-transactions", "scroll-transactions?transactionDate=2026-03-10&lastId=x",
		"scroll-transactions?transactionDate=2026-03-10&documentScrollVoSortingOrder=UP",
	} {
		if got := s.get("/v2/reporting/payment/" + query); got.text("status") != "failure" {
			t.Errorf("%s: %s", query, got.raw)
		}
	}
}

func TestRateLimitPerPathAndMinute(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := noon
	s := open(t, Config{Clock: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	id, line := s.pay("100")
	s.set(`{"ratePerMinute":2}`)
	for range 2 {
		s.post(PathRefund, refundBody(line, "1"))
		s.get("/v2/reporting/payment/details?paymentId=" + id)
	}
	limited := s.post(PathRefund, refundBody(line, "1"))
	if code, isNumber := limited.body["errorCode"].(fmt.Stringer); !isNumber || code.String() != "50000" || limited.status != 200 {
		t.Errorf("third refund: %s", limited.raw)
	}
	if _, echoed := limited.body["conversationId"]; echoed {
		t.Error("rate limit echoes the conversationId")
	}
	if got := s.get("/v2/reporting/payment/details?paymentId=" + id); got.text("errorCode") != "50000" {
		t.Errorf("third read: %s", got.raw)
	}
	if s.executed(id) != 2 || s.outcome(id) != OutcomeRateLimited {
		t.Errorf("%d executions, outcome %s", s.executed(id), s.outcome(id))
	}
	if got := s.post(PathCancel, `{"paymentId":"`+id+`"}`); got.text("errorCode") == "50000" {
		t.Error("another path is limited too")
	}
	mu.Lock()
	now = now.Add(time.Minute)
	mu.Unlock()
	if got := s.post(PathRefund, refundBody(line, "1")); got.text("status") != "success" {
		t.Errorf("next minute: %s", got.raw)
	}
}

func TestDefaultRateIsFifty(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	for i := range 51 {
		got := s.get("/payment/test")
		if limited := got.text("errorCode") == "50000"; limited != (i == 50) {
			t.Fatalf("call %d: %s", i+1, got.raw)
		}
	}
}

func TestSettingsChangeReporting(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := noon
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	s := open(t, Config{Clock: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	s.post(PathAuth, `{"conversationId":"o-1","price":"10","paidPrice":"10","basketItems":[{"id":"a","price":"10"}]}`)
	id, line := "10000001", "20000001"
	s.post(PathRefund, refundBody(line, "1"))

	s.set(`{"reportingLagMs":5000}`)
	if got := s.get("/v2/reporting/payment/details?paymentId=" + id); len(got.list("payments")) != 0 {
		t.Errorf("lag: %s", got.raw)
	}
	pass(5 * time.Second)
	if got := s.get("/v2/reporting/payment/details?paymentConversationId=o-1"); !strings.Contains(got.raw, `"refundConversationId":"conv-1"`) {
		t.Errorf("after the lag: %s", got.raw)
	}
	s.set(`{"hideConversationIds":true}`)
	got := s.get("/v2/reporting/payment/details?paymentId=" + id)
	if !strings.Contains(got.raw, "refundTxId") || strings.Contains(got.raw, "conv-1") || strings.Contains(got.raw, "o-1") {
		t.Errorf("hidden: %s", got.raw)
	}
	if got := s.get("/v2/reporting/payment/details?paymentConversationId=o-1"); len(got.list("payments")) != 0 {
		t.Errorf("found by a hidden id: %s", got.raw)
	}
	if got := s.post("/payment/detail", `{"paymentConversationId":"o-1"}`); got.text("status") != "failure" {
		t.Errorf("detail found by a hidden id: %s", got.raw)
	}
	s.set(`{"hideConversationIds":false,"clockOffsetMs":3600000,"reportingLagMs":0}`)
	s.post(PathRefund, refundBody(line, "1"))
	if got := s.get("/v2/reporting/payment/details?paymentId=" + id); !strings.Contains(got.raw, `"createdDate":"2026-03-10T13:00:05Z"`) ||
		got.text("systemTime") != fmt.Sprint(noon.Add(time.Hour+5*time.Second).UnixMilli()) {
		t.Errorf("offset: %s", got.raw)
	}
}

const fundBody = `{"sessionToken":"%s","memberIdentifier":"%s","conversationId":"fp-1","locale":"en","paymentType":"FUND",
 "paidPrice":1.2,"price":1.0,"callbackUrl":"https://shop.example/cb","currency":"TRY","basketId":"B1",
 "buyer":{"id":"1","name":"n","surname":"s","identityNumber":"1","email":"e@example.com","registrationAddress":"a","city":"c","country":"t","zipCode":"z"},
 "shippingAddress":{"address":"a","contactName":"n","city":"c","country":"t"},
 "billingAddress":{"address":"a","contactName":"n","city":"c","country":"t"},
 "basketItems":[{"id":"A","price":0.3,"name":"n","category1":"c","itemType":"PHYSICAL"},{"id":"B","price":0.7,"name":"n","category1":"c","itemType":"VIRTUAL"}]}`

func TestFundPaymentOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	added := s.control(http.MethodPost, "/_fake/sessions", `{"balance":"2"}`, 201)
	secrets := `"sessionToken":"` + added.text("sessionToken") + `","memberIdentifier":"` + added.text("memberIdentifier") + `"`
	token := s.post(session+"retrieve/access-token", `{`+secrets+`,"conversationId":"t"}`).text("accessToken")
	header := map[string]string{"access-token": token}
	before := s.send(http.MethodPost, session+"retrieve/last-payment-info", `{`+secrets+`}`, header)
	if before.text("paymentType") != "FUND" || before.text("paymentId") != "" {
		t.Errorf("last payment before any: %s", before.raw)
	}
	if got := s.post(session+"retrieve/payment", `{"checkoutFormToken":"`+added.text("checkoutFormToken")+`"}`); got.body["errorCode"] != CodeNoPaymentForToken {
		t.Errorf("payment before any: %s", got.raw)
	}
	body := fmt.Sprintf(fundBody, added.text("sessionToken"), added.text("memberIdentifier"))
	got := s.send(http.MethodPost, PathFundPayment, body, header)
	id := got.text("paymentId")
	if _, isText := got.body["paymentId"].(string); isText || got.text("status") != "success" || got.text("paymentStatus") != "SUCCESS" ||
		got.text("fraudStatus") != "1" || got.text("sessionToken") != added.text("sessionToken") ||
		got.text("signature") != responseSignature(DefaultSecretKey, []string{id, "TRY", "B1", "fp-1", "1.2", "1"}) {
		t.Fatalf("fund payment: %s", got.raw)
	}
	items := got.list("itemTransactions")
	if _, isText := items[0]["paymentTransactionId"].(string); !isText || fmt.Sprint(items[0]["paidPrice"]) != "0.36000000" {
		t.Errorf("items: %s", got.raw)
	}
	if last := s.send(http.MethodPost, session+"retrieve/last-payment-info", `{`+secrets+`}`, header); last.text("paymentId") != id {
		t.Errorf("last payment: %s", last.raw)
	}
	if p := s.post(session+"retrieve/payment", `{"checkoutFormToken":"`+got.text("checkoutToken")+`"}`); p.text("paymentId") != id || p.text("memberIdentifier") == "" {
		t.Errorf("payment: %s", p.raw)
	}
	state := `{"checkoutFormToken":"` + got.text("checkoutToken") + `","paymentId":"` + id + `"}`
	if got := s.post(session+"retrieve/session", state); got.text("sessionStatus") != "ACTIVE" {
		t.Errorf("session: %s", got.raw)
	}
	if again := s.send(http.MethodPost, PathFundPayment, body, header); again.body["errorCode"] != CodeNotSufficientFunds {
		t.Errorf("balance spent: %s", again.raw)
	}
	s.post(session+"invalidate/session", `{`+secrets+`}`)
	if got := s.post(session+"retrieve/session", state); got.text("sessionStatus") != "PASSIVE" {
		t.Errorf("ended session: %s", got.raw)
	}
	if got := s.post(session+"retrieve/access-token", `{`+secrets+`}`); got.text("status") != "failure" {
		t.Errorf("token of an ended session: %s", got.raw)
	}
	requests := s.server.Requests("")
	if len(requests) != 2 || requests[0].PaymentID != id || requests[0].Outcome != OutcomeExecuted || requests[1].Outcome != OutcomeRefused {
		t.Errorf("requests %+v", requests)
	}
}

func TestFundPaymentNeedsItsMandatoryFields(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	s.set(`{"ratePerMinute":0}`)
	added, err := s.server.Ledger().AddSession(SessionSpec{Balance: dec("100")})
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.server.Ledger().AccessToken(added.SessionToken, added.MemberIdentifier)
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(fundBody, added.SessionToken, added.MemberIdentifier)
	tests := map[string]struct{ old, new, want string }{
		"callback":         {`"callbackUrl":`, `"x":`, CodeCallbackURLMissing},
		"buyer":            {`"buyer":`, `"x":`, CodeFieldMissing},
		"buyer's zip code": {`"zipCode":`, `"x":`, CodeFieldMissing},
		"billing address":  {`"billingAddress":`, `"x":`, CodeFieldMissing},
		"shipping address": {`"shippingAddress":`, `"x":`, CodeFieldMissing},
		"basket":           {`"basketItems":`, `"x":`, CodeFieldMissing},
		"category":         {`"category1":`, `"x":`, CodeFieldMissing},
		"item type":        {`"VIRTUAL"`, `"X"`, CodeInvalidRequest},
		"price":            {`"price":1.0`, `"price":1.1`, CodeItemsSum},
		"payment type":     {`"FUND"`, `"NON3D"`, CodePaymentTypeMismatch},
	}
	for name, test := range tests {
		got := s.send(http.MethodPost, PathFundPayment, strings.Replace(body, test.old, test.new, 1), map[string]string{"access-token": token})
		if got.body["errorCode"] != test.want {
			t.Errorf("%s: %s, want %s", name, got.raw, test.want)
		}
	}
	if got := s.post(PathFundPayment, body); got.body["errorCode"] != CodeAccessToken {
		t.Errorf("without access token: %s", got.raw)
	}
	if len(s.server.Ledger().Executions("")) != 0 {
		t.Error("something was executed")
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	got := s.post(PathRefund, `{"x":"`+strings.Repeat("a", maxBody)+`"}`)
	if got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", got.status)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	if got := s.post("/payment/unknown", `{}`); got.status != 404 || got.text("status") != "failure" {
		t.Errorf("unknown path: %d %s", got.status, got.raw)
	}
	if got := s.get(PathRefund); got.status != 405 || got.text("status") != "failure" {
		t.Errorf("wrong method: %d %s", got.status, got.raw)
	}
	if got := s.get("/_fake/unknown"); got.status != 404 || got.text("error") == "" {
		t.Errorf("unknown control route: %d %s", got.status, got.raw)
	}
}

func TestAClosedServerMovesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := s.do(s.request(context.Background(), http.MethodPost, PathRefund, refundBody(line, "1"), nil))
	if err != nil || got.status != http.StatusServiceUnavailable {
		t.Errorf("%d %v", got.status, err)
	}
	if len(s.server.Ledger().Executions(id)) != 0 {
		t.Error("executed")
	}
}

func TestPublicURLMustBeAnOrigin(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"localhost:8081", "ftp://x", "http://", "::"} {
		if _, err := New(Config{PublicURL: raw}); err == nil {
			t.Errorf("%q taken", raw)
		}
	}
}

func TestFailedAttemptsInTheReport(t *testing.T) {
	t.Parallel()
	s := open(t, Config{FailedAttempts: true})
	id, line := s.pay("10")
	s.post(PathRefund, refundBody(line, "11"))
	got := s.get("/v2/reporting/payment/details?paymentId=" + id)
	for _, part := range []string{`"refundStatus":0`, `"errorCode":"` + CodeExceedsRemainder + `"`, `"refundConversationId":"conv-1"`, NotRefunded} {
		if !strings.Contains(got.raw, part) {
			t.Errorf("report lacks %s: %s", part, got.raw)
		}
	}
}

func TestAJournalThatFailsIsASystemError(t *testing.T) {
	t.Parallel()
	server, err := New(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	defer h.Close()
	s := &shop{t, server, h}
	id, line := s.pay("10")
	if err := server.file.file.Close(); err != nil {
		t.Fatal(err)
	}
	got := s.post(PathRefund, refundBody(line, "1"))
	if got.status != http.StatusInternalServerError || got.text("errorCode") != "1" {
		t.Errorf("%d %s", got.status, got.raw)
	}
	if s.executed(id) != 0 || s.outcome(id) != OutcomeNotExecuted {
		t.Errorf("%d executions, outcome %s", s.executed(id), s.outcome(id))
	}
	s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"1"}]}`, 500)
	if err := server.Close(); err == nil {
		t.Error("closing a closed file went well")
	}
}

func TestSessionCallsRefuseUnknownSessions(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for path, body := range map[string]string{
		"retrieve/payment":           `{"checkoutFormToken":"x"}`,
		"retrieve/session":           `{"checkoutFormToken":"x","paymentId":"1"}`,
		"retrieve/access-token":      `{"sessionToken":"x","memberIdentifier":"y"}`,
		"retrieve/last-payment-info": `{"sessionToken":"x","memberIdentifier":"y"}`,
		"invalidate/session":         `{"sessionToken":"x","memberIdentifier":"y"}`,
	} {
		if got := s.post(session+path, body); got.text("status") != "failure" {
			t.Errorf("%s: %s", path, got.raw)
		}
		if got := s.post(session+path, `{}`); got.body["errorCode"] != CodeFieldMissing {
			t.Errorf("%s without fields: %s", path, got.raw)
		}
	}
}

func TestRequestLogIsBounded(t *testing.T) {
	t.Parallel()
	var l requestLog
	first := l.add(Request{})
	for range maxRequests {
		l.add(Request{})
	}
	last := l.add(Request{})
	l.finish(first, OutcomeExecuted, "1")
	l.finish(last, OutcomeRefused, "2")
	if len(l.list) > maxRequests {
		t.Errorf("%d kept", len(l.list))
	}
	for i, r := range l.list {
		if want := i == len(l.list)-1; (r.Outcome == OutcomeRefused) != want || r.Outcome == OutcomeExecuted {
			t.Fatalf("request %d of %d has outcome %q", i, len(l.list), r.Outcome)
		}
	}
}
