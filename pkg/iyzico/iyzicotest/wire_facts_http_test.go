package iyzicotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// at is an answer's text at a path of names and indices, "absent" if there is none.
func at(value any, path ...any) string {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := value.(map[string]any)
			next, there := o[step]
			if !there {
				return "absent"
			}
			value = next
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return "absent"
			}
			value = list[step]
		}
	}
	return fmt.Sprint(value)
}

const detailsPath = "/v2/reporting/payment/details?conversationId=q&paymentId="

// paySplit puts the payment in place that was seen on the wire: 10.21 over lines with eight decimals.
func (s *shop) paySplit() string {
	s.t.Helper()
	return s.control(http.MethodPost, "/_fake/payments",
		`{"lines":[{"paidPrice":"0.30599401","price":"0.3"},{"paidPrice":"9.90400599","price":"9.71"}]}`, 201).text("paymentId")
}

func TestASameDayWholeRefundV2OverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon.Add(123 * time.Millisecond) }})
	id := s.paySplit()
	got := s.post(PathRefundV2, `{"paymentId":"`+id+`","price":"10.21","currency":"TRY","conversationId":"OURS"}`)
	if got.text("transactionType") != "CANCEL" || got.text("price") != "10.21000000" || got.text("retryable") != "" ||
		got.text("signature") != responseSignature(DefaultSecretKey, []string{id, "10.21", "TRY", "OURS"}) {
		t.Errorf("answer %s", got.raw)
	}
	report := s.get(detailsPath + id)
	shown := map[string]string{}
	for name, path := range map[string][]any{
		"status": {"paymentStatus"}, "refunded": {"paymentRefundStatus"}, "paid": {"paidPrice"}, "created": {"createdDate"}, "updated": {"updatedDate"},
		"cancel": {"cancels", 0, "cancelConversationId"}, "amount": {"cancels", 0, "refundPrice"}, "at": {"cancels", 0, "createdDate"},
		"done": {"cancels", 0, "refundStatus"}, "settlement": {"cancels", 0, "isAfterSettlement"}, "more": {"cancels", 1},
		"first line": {"itemTransactions", 0, "paymentTransactionId"}, "first paid": {"itemTransactions", 0, "paidPrice"},
		"item": {"itemTransactions", 0, "itemId"}, "first refunds": {"itemTransactions", 0, "refunds"}, "second refunds": {"itemTransactions", 1, "refunds"},
		"basket": {"basketId"},
	} {
		shown[name] = at(report.body, append([]any{"payments", 0}, path...)...)
	}
	want := map[string]string{
		"status": "1", "refunded": TotallyRefunded, "paid": "10.209999999999999", "created": "2026-03-10T12:00:00Z", "updated": "absent",
		"cancel": "OURS", "amount": "10.21000000", "at": "2026-03-10T12:00:00Z", "done": "1", "settlement": "absent", "more": "absent",
		"first line": "20000002", "first paid": "9.90400599", "item": "absent", "first refunds": "[]", "second refunds": "[]", "basket": "B" + id,
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("%s\n%s", diff, report.raw)
	}
	if system := report.text("systemTime"); system != fmt.Sprint(noon.UnixMilli()+123) {
		t.Errorf("system time %s is not the true one", system)
	}
	if detail := s.post("/payment/detail", `{"paymentId":"`+id+`"}`); detail.text("paymentStatus") != "SUCCESS" || detail.text("paidPrice") != "10.21000000" {
		t.Errorf("detail %s", detail.raw)
	}
	rows := s.get("/v2/reporting/payment/transactions?transactionDate=2026-03-10&page=1").list("transactions")
	if len(rows) != 4 || at(rows[0], "transactionType") != "CANCEL" || at(rows[0], "transactionId") != at(rows[1], "transactionId") ||
		at(rows[0], "price") != "9.90400599" || at(rows[0], "paidPrice") != "10.21000000" || at(rows[0], "conversationId") != "OURS" ||
		at(rows[0], "transactionStatus") != "absent" || at(rows[0], "transactionDate") != "2026-03-10 12:00:00" ||
		at(rows[0], "paymentTxId") != "20000002" || at(rows[3], "transactionStatus") != "2" {
		t.Errorf("day list %v", rows)
	}
	executions := s.control(http.MethodGet, "/_fake/executions?paymentId="+id, "", 200).list("executions")
	if len(executions) != 1 || at(executions[0], "kind") != KindCancel || at(executions[0], "path") != PathRefundV2 || at(executions[0], "price") != "10.21" {
		t.Errorf("executions %v", executions)
	}
}

func TestRefundV2OfAPartOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	id := s.paySplit()
	got := s.post(PathRefundV2, `{"paymentId":"`+id+`","price":8.21,"conversationId":"OURS"}`)
	if got.text("transactionType") != "REFUND" || got.text("price") != "8.21000000" {
		t.Errorf("answer %s", got.raw)
	}
	report := s.get(detailsPath + id)
	for line, want := range []string{"0.30599401", "7.90400599"} {
		refunds := []any{"payments", 0, "itemTransactions", line, "refunds", 0}
		if price := at(report.body, append(refunds, "refundPrice")...); price != want || at(report.body, append(refunds, "refundConversationId")...) != "OURS" {
			t.Errorf("line %d: %s", line, report.raw)
		}
	}
}

func TestSameDayRefundsCanBeListedAsRefunds(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	s.set(`{"sameDayRefundIn":"refunds"}`)
	id := s.paySplit()
	s.post(PathRefundV2, `{"paymentId":"`+id+`","price":"10.21","conversationId":"OURS"}`)
	report := s.get(detailsPath + id)
	if at(report.body, "payments", 0, "cancels") != "[]" || at(report.body, "payments", 0, "itemTransactions", 1, "refunds", 0, "refundConversationId") != "OURS" {
		t.Errorf("report %s", report.raw)
	}
	if got := s.post(PathCancel, `{"paymentId":"`+id+`"}`); got.text("errorCode") != CodeStillRunning {
		t.Errorf("cancel after it: %s", got.raw)
	}
}

func TestCodesSeenOnTheWire(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	cancelled, _ := s.pay("10")
	s.post(PathCancel, `{"paymentId":"`+cancelled+`"}`)
	s.set(`{"marketplace":true}`)
	tests := []struct{ path, body, want string }{
		{PathCancel, `{"paymentId":"19999999"}`, "5086"},
		{"/payment/detail", `{"paymentId":"19999999"}`, "5087"},
		{PathCancel, `{"paymentId":"` + cancelled + `"}`, "8514"},
		{PathRefundV2, `{"paymentId":"` + id + `","price":"10"}`, "5266"},
	}
	for _, test := range tests {
		if got := s.post(test.path, test.body); got.text("errorCode") != test.want || got.text("status") != "failure" {
			t.Errorf("%s %s: %s, want %s", test.path, test.body, got.raw, test.want)
		}
	}
	s.set(`{"marketplace":false}`)
	if got := s.post(PathRefundV2, `{"paymentId":"`+cancelled+`","price":"10"}`); got.text("errorCode") != "8514" {
		t.Errorf("v2 after a cancel: %s", got.raw)
	}
	if got := s.post(PathRefund, refundBody(line, "1")); got.text("status") != "success" {
		t.Errorf("v1: %s", got.raw)
	}
	for _, code := range []string{"1004", "1006", "1007", "1009"} {
		s.fault(`{"path":"*","mode":"refuse","errorCode":"` + code + `"}`)
		if got := s.post(PathRefund, refundBody(line, "1")); got.text("errorCode") != code || got.text("errorMessage") == "Refused" {
			t.Errorf("%s: %s", code, got.raw)
		}
	}
}

func TestAFailedRefundV2NamesNoLine(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	got := s.post(PathRefundV2, `{"paymentId":"`+id+`","paymentTransactionId":"`+line+`","price":"11","conversationId":"c"}`)
	if at(got.body, "paymentId") != id || at(got.body, "price") != "11.00000000" || at(got.body, "retryable") != "false" ||
		at(got.body, "paymentTransactionId") != "absent" {
		t.Errorf("v2: %s", got.raw)
	}
	if got := s.post(PathRefund, refundBody(line, "11")); at(got.body, "paymentTransactionId") != line {
		t.Errorf("v1: %s", got.raw)
	}
}

func TestTheAPITestIsTakenUnsigned(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for _, test := range []struct{ path, authorization, want string }{
		{"/payment/test", "", "success"},
		{"/payment/test", "IYZWSv2 x", "failure"},
		{"/payment/bin/check", "", "failure"},
	} {
		if got := s.send(http.MethodPost, test.path, `{"binNumber":"554960"}`, map[string]string{"Authorization": test.authorization}); got.text("status") != test.want {
			t.Errorf("%s with %q: %s", test.path, test.authorization, got.raw)
		}
	}
}

func TestReportsForUnknownIds(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	got := s.get("/v2/reporting/payment/details?paymentConversationId=nothing")
	if list, isList := got.body["payments"].([]any); got.text("status") != "success" || !isList || len(list) != 0 {
		t.Errorf("unknown conversation id: %s", got.raw)
	}
	if got := s.get("/v2/reporting/payment/details"); got.text("status") != "failure" {
		t.Errorf("no id: %s", got.raw)
	}
}

func TestThePhaseIsShownAndAPreAuthorisationCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	for _, phase := range []string{PhaseAuth, PhasePreAuth, PhasePostAuth} {
		id := s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"10"}],"phase":"`+phase+`"}`, 201).text("paymentId")
		if got := at(s.get(detailsPath+id).body, "payments", 0, "phase"); got != phase {
			t.Errorf("report shows %s, want %s", got, phase)
		}
		if got := s.post(PathCancel, `{"paymentId":"`+id+`"}`); got.text("status") != "success" {
			t.Errorf("cancel %s: %s", phase, got.raw)
		}
		rows := s.get("/v2/reporting/payment/transactions?transactionDate=2026-03-10&page=1").list("transactions")
		if at(rows[0], "paymentPhase") != phase {
			t.Errorf("day list: %v", rows[0])
		}
	}
}

func TestTheDayListComesInPagesOfForty(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Clock: func() time.Time { return noon }})
	lines := strings.TrimSuffix(strings.Repeat(`{"paidPrice":"1"},`, 41), ",")
	s.control(http.MethodPost, "/_fake/payments", `{"lines":[`+lines+`]}`, 201)
	for page, want := range map[int]int{1: 40, 2: 1, 3: 0} {
		got := s.get(fmt.Sprintf("/v2/reporting/payment/transactions?transactionDate=2026-03-10&page=%d", page))
		if len(got.list("transactions")) != want || got.text("totalPageCount") != "2" || got.text("currentPage") != fmt.Sprint(page) {
			t.Errorf("page %d: %s", page, got.raw)
		}
	}
}

func TestAPaymentsOwnTimeIsRealAndItsReportIstanbuls(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 21, 10, 0, 0, time.UTC) // ten past midnight in Istanbul
	s := open(t, Config{Clock: func() time.Time { return now }})
	id := s.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"10"}],"createdAt":"2026-03-10T20:30:00Z"}`, 201).text("paymentId")
	if got := at(s.get(detailsPath+id).body, "payments", 0, "createdDate"); got != "2026-03-10T23:30:00Z" {
		t.Errorf("created %s", got)
	}
	if got := s.post(PathCancel, `{"paymentId":"`+id+`"}`); got.text("errorCode") != CodeCancelPeriodOver {
		t.Errorf("cancel past midnight: %s", got.raw)
	}
	var shown struct {
		Executions []struct{ At time.Time }
	}
	s.post(PathRefundV2, `{"paymentId":"`+id+`","price":"10"}`)
	list := s.control(http.MethodGet, "/_fake/executions?paymentId="+id, "", 200)
	if err := json.Unmarshal([]byte(list.raw), &shown); err != nil || len(shown.Executions) != 1 || !shown.Executions[0].At.Equal(now) {
		t.Errorf("executions %s", list.raw)
	}
}

func TestTheRefundChargedToTheMerchantOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for _, marketplace := range []bool{false, true} {
		s.set(fmt.Sprintf(`{"marketplace":%v}`, marketplace))
		id, line := s.pay("10")
		got := s.post(PathMerchantCharge, refundBody(line, "4"))
		if got.text("status") != "success" || got.text("paymentId") != id || got.text("paymentTransactionId") != line || got.text("price") != "4.00000000" ||
			at(got.body, "signature") != "absent" || at(got.body, "refundHostReference") == "absent" {
			t.Errorf("answer %s", got.raw)
		}
		refused := s.post(PathMerchantCharge, refundBody(line, "7"))
		if refused.text("errorCode") != CodeExceedsRemainder || at(refused.body, "paymentTransactionId") != line {
			t.Errorf("above the remainder: %s", refused.raw)
		}
		executions := s.control(http.MethodGet, "/_fake/executions?paymentId="+id, "", 200).list("executions")
		if len(executions) != 1 || at(executions[0], "kind") != KindRefund || at(executions[0], "path") != PathMerchantCharge {
			t.Errorf("executions %v", executions)
		}
		requests := s.control(http.MethodGet, "/_fake/requests?paymentId="+id, "", 200).list("requests")
		if len(requests) != 2 || at(requests[0], "path") != PathMerchantCharge || at(requests[1], "outcome") != OutcomeRefused {
			t.Errorf("requests %v", requests)
		}
		if report := s.get(detailsPath + id); at(report.body, "payments", 0, "itemTransactions", 0, "refunds", 0, "refundConversationId") != "conv-1" {
			t.Errorf("report %s", report.raw)
		}
	}
}

// TestHowARefundChargedToTheMerchantIsListed: nobody has published what iyzico's lists show of one, so each form can be had. The
// money has moved in all of them.
func TestHowARefundChargedToTheMerchantIsListed(t *testing.T) {
	t.Parallel()
	for _, want := range []struct{ in, id, status string }{
		{ChargeInRefunds, "conv-1", PartiallyRefunded}, {ChargeUnnamed, "absent", PartiallyRefunded}, {ChargeNowhere, "absent", NotRefunded},
	} {
		s := open(t, Config{})
		s.set(`{"merchantChargeIn":"` + want.in + `"}`)
		id, line := s.pay("10")
		s.post(PathMerchantCharge, refundBody(line, "4"))
		report := s.get(detailsPath + id)
		entry := at(report.body, "payments", 0, "itemTransactions", 0, "refunds", 0, "refundConversationId")
		if entry != want.id || at(report.body, "payments", 0, "paymentRefundStatus") != want.status ||
			(want.in == ChargeNowhere) != (at(report.body, "payments", 0, "itemTransactions", 0, "refunds", 0) == "absent") {
			t.Errorf("%s: report %s", want.in, report.raw)
		}
		day := s.server.ledger.Now().In(istanbul).Format(time.DateOnly)
		rows := s.server.ledger.DayPage(Reporting{}, day, 1).Rows
		shown := ""
		for _, row := range rows {
			if row.Type == TransactionRefund {
				shown += "refund " + row.ConversationID
			}
		}
		if wantRow := map[string]string{ChargeInRefunds: "refund conv-1", ChargeUnnamed: "refund "}[want.in]; shown != wantRow {
			t.Errorf("%s: day list %q, want %q", want.in, shown, wantRow)
		}
		if executions := s.control(http.MethodGet, "/_fake/executions?paymentId="+id, "", 200).list("executions"); len(executions) != 1 {
			t.Errorf("%s: executions %v", want.in, executions)
		}
		if refused := s.post(PathMerchantCharge, refundBody(line, "7")); refused.text("errorCode") != CodeExceedsRemainder {
			t.Errorf("%s: above the remainder: %s", want.in, refused.raw)
		}
	}
}
