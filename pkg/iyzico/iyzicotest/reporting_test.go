package iyzicotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// liedLedger holds one payment with a refund, and one that was cancelled.
func liedLedger(t *testing.T) (*Ledger, *clock, Payment, Payment) {
	t.Helper()
	l, c := newTestLedger(t)
	p, err := l.AddPayment(PaymentSpec{ConversationID: "order-1", Lines: []LineSpec{{PaidPrice: dec("60")}, {PaidPrice: dec("40")}}})
	wantCode(t, err, "")
	q := addPayment(t, l, "5")
	c.pass(time.Minute)
	_, err = l.Refund(RefundRequest{ConversationID: "rf_abc-1", PaymentTransactionID: p.Lines[1].PaymentTransactionID, Price: dec("40")})
	wantCode(t, err, "")
	_, err = l.Cancel(CancelRequest{ConversationID: "cn_abc-1", PaymentID: q.ID})
	wantCode(t, err, "")
	return l, c, p, q
}

func TestReportsTellEachLie(t *testing.T) {
	t.Parallel()
	const minute = 60_000
	tests := map[string]struct {
		lie  ReportLies
		want func(*PaymentDetails)
	}{
		"none": {want: func(*PaymentDetails) {}},
		"entries hidden": {ReportLies{HideEntries: true}, func(d *PaymentDetails) {
			d.Payments[0].Lines[1].Refunds = nil
		}},
		"refunded line dropped": {ReportLies{DropLine: AnyLine}, func(d *PaymentDetails) {
			d.Payments[0].Lines = d.Payments[0].Lines[:1]
		}},
		"named line dropped": {ReportLies{DropLine: "20000001"}, func(d *PaymentDetails) {
			d.Payments[0].Lines = d.Payments[0].Lines[1:]
		}},
		"unknown line dropped": {ReportLies{DropLine: "1"}, func(*PaymentDetails) {}},
		"payment twice": {ReportLies{DuplicatePayment: true}, func(d *PaymentDetails) {
			d.Payments = append(d.Payments, d.Payments[0])
		}},
		"stale": {ReportLies{StaleMS: minute}, func(d *PaymentDetails) {
			d.SystemTime = d.SystemTime.Add(-time.Minute)
			d.Payments[0].Lines[1].Refunds = []ReportedRefund{}
			d.Payments[0].RefundStatus = NotRefunded
			d.Payments[0].UpdatedAt = d.Payments[0].CreatedAt
		}},
		"entries empty": {ReportLies{EmptyEntries: true}, func(d *PaymentDetails) {
			d.Payments[0].Lines[1].Refunds[0] = ReportedRefund{}
		}},
		"no dates": {ReportLies{NoDates: true}, func(d *PaymentDetails) {
			d.Payments[0].Lines[1].Refunds[0].CreatedAt = time.Time{}
		}},
		"upper case": {ReportLies{UpperCaseIDs: true}, func(d *PaymentDetails) {
			d.Payments[0].ConversationID = "ORDER-1"
			d.Payments[0].Lines[1].Refunds[0].ConversationID = "RF_ABC-1"
		}},
		"status": {ReportLies{RefundStatus: pointer(2)}, func(d *PaymentDetails) {
			d.Payments[0].Lines[1].Refunds[0].Status = 2
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _, p, q := liedLedger(t)
			before := state(l)
			want := l.PaymentDetails(Reporting{}, p.ID, "")
			test.want(&want)
			if diff := cmp.Diff(want, l.PaymentDetails(Reporting{Report: test.lie}, p.ID, "")); diff != "" {
				t.Error(diff)
			}
			// The cancel's list takes the same lies.
			cancelled := l.PaymentDetails(Reporting{Report: test.lie}, q.ID, "").Payments[0]
			switch {
			case test.lie.HideEntries, test.lie.StaleMS > 0:
				if len(cancelled.Cancels) != 0 {
					t.Errorf("cancels %+v", cancelled.Cancels)
				}
			case test.lie.EmptyEntries:
				if diff := cmp.Diff([]ReportedRefund{{}}, cancelled.Cancels); diff != "" {
					t.Error(diff)
				}
			case test.lie.UpperCaseIDs && cancelled.Cancels[0].ConversationID != "CN_ABC-1", test.lie.NoDates && !cancelled.Cancels[0].CreatedAt.IsZero(),
				test.lie.RefundStatus != nil && cancelled.Cancels[0].Status != 2:
				t.Errorf("cancels %+v", cancelled.Cancels)
			}
			if state(l) != before {
				t.Error("a lie changed what happened")
			}
		})
	}
}

func TestReportsHideConversationIds(t *testing.T) {
	t.Parallel()
	l, _, p, _ := liedLedger(t)
	hidden := Reporting{HideConversationIDs: true}
	if got := l.PaymentDetails(hidden, p.ID, "").Payments[0]; got.ConversationID != "" || got.Lines[1].Refunds[0].ConversationID != "" {
		t.Errorf("report %+v", got)
	}
	if got := l.PaymentDetails(hidden, "", "order-1"); len(got.Payments) != 0 {
		t.Errorf("found by a hidden id: %+v", got)
	}
	if got := l.PaymentDetails(Reporting{}, "", "order-1"); len(got.Payments) != 1 {
		t.Errorf("not found by its id: %+v", got)
	}
	for _, row := range dayRows(l, hidden) {
		if !strings.HasSuffix(row, " ") {
			t.Errorf("day list shows an id: %s", row)
		}
	}
}

func TestTheDayListTellsEachLie(t *testing.T) {
	t.Parallel()
	honest := []string{
		"CANCEL 30000002 20000003 5 of 5 cn_abc-1",
		"REFUND 30000001 20000002 40 of 100 rf_abc-1",
		"PAYMENT 20000003 20000003 5 of 5 ",
		"PAYMENT 20000002 20000002 40 of 100 order-1",
		"PAYMENT 20000001 20000001 60 of 100 order-1",
	}
	without := func(cut ...string) []string {
		var list []string
		for _, row := range honest {
			for _, id := range cut {
				row = strings.TrimSuffix(row, id)
			}
			list = append(list, row)
		}
		return list
	}
	tests := map[string]struct {
		reporting Reporting
		want      []string
	}{
		"none":         {want: honest},
		"half":         {Reporting{DayList: DayListLies{Half: true}}, []string{honest[1], honest[3]}},
		"a row less":   {Reporting{DayList: DayListLies{DropRow: true}}, honest[1:]},
		"no ids":       {Reporting{DayList: DayListLies{HideConversationIDs: true}}, without("cn_abc-1", "rf_abc-1", "order-1")},
		"stale":        {Reporting{DayList: DayListLies{StaleMS: 60_000}}, honest[2:]},
		"lag":          {Reporting{DayListLag: time.Minute}, honest[2:]},
		"details' lag": {Reporting{Lag: time.Hour, Report: ReportLies{HideEntries: true, UpperCaseIDs: true, StaleMS: 60_000}}, honest},
		"upper case": {Reporting{DayList: DayListLies{UpperCaseIDs: true}}, []string{
			"CANCEL 30000002 20000003 5 of 5 CN_ABC-1", "REFUND 30000001 20000002 40 of 100 RF_ABC-1", honest[2],
			"PAYMENT 20000002 20000002 40 of 100 ORDER-1", "PAYMENT 20000001 20000001 60 of 100 ORDER-1",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, c, _, _ := liedLedger(t)
			if diff := cmp.Diff(test.want, dayRows(l, test.reporting)); diff != "" {
				t.Error(diff)
			}
			stale := time.Duration(test.reporting.DayList.StaleMS) * time.Millisecond
			if got := l.DayPage(test.reporting, "2026-03-10", 1).SystemTime; !got.Equal(c.now.Add(-stale)) {
				t.Errorf("system time %s", got)
			}
		})
	}
}

func TestLiesOverHTTP(t *testing.T) {
	t.Parallel()
	now := noon
	s := open(t, Config{Clock: func() time.Time { return now }})
	s.set(`{"ratePerMinute":0}`)
	id, line := s.pay("10")
	now = now.Add(time.Minute)
	s.post(PathRefund, refundBody(line, "4"))
	refund := func(name string) []any { return []any{"payments", 0, "itemTransactions", 0, "refunds", 0, name} }
	tests := []struct {
		report string
		path   []any
		want   string
	}{
		{`{}`, refund("refundConversationId"), "conv-1"},
		{`{"hideEntries":true}`, []any{"payments", 0, "itemTransactions", 0, "refunds"}, "[]"},
		{`{"hideEntries":true}`, []any{"payments", 0, "paymentRefundStatus"}, PartiallyRefunded},
		{`{"dropLine":true}`, []any{"payments", 0, "itemTransactions"}, "[]"},
		{`{"dropLine":"` + line + `"}`, []any{"payments", 0, "itemTransactions"}, "[]"},
		{`{"dropLine":` + line + `}`, []any{"payments", 0, "itemTransactions"}, "[]"},
		{`{"dropLine":false}`, refund("refundStatus"), "1"},
		{`{"duplicatePayment":true}`, []any{"payments", 1, "paymentId"}, id},
		{`{"staleMs":60000}`, []any{"payments", 0, "paymentRefundStatus"}, NotRefunded},
		{`{"staleMs":60000}`, []any{"systemTime"}, fmt.Sprint(noon.UnixMilli())},
		{`{"emptyEntries":true}`, []any{"payments", 0, "itemTransactions", 0, "refunds", 0}, "map[]"},
		{`{"noDates":true}`, refund("createdDate"), "absent"},
		{`{"upperCaseIds":true}`, refund("refundConversationId"), "CONV-1"},
		{`{"refundStatus":0}`, refund("refundStatus"), "0"},
		{`{"refundStatus":null}`, refund("refundStatus"), "1"},
		{`null`, refund("createdDate"), "2026-03-10T12:01:00Z"},
	}
	for _, test := range tests {
		s.set(`{"report":` + test.report + `}`)
		got := s.get(detailsPath + id)
		if at(got.body, test.path...) != test.want {
			t.Errorf("%s: %v is %s, want %s: %s", test.report, test.path, at(got.body, test.path...), test.want, got.raw)
		}
		s.set(`{"failureHttpStatus":200}`)
		if again := s.get(detailsPath + id); again.raw != got.raw {
			t.Errorf("%s ended by another setting: %s", test.report, again.raw)
		}
	}
	rows := func(settings string) []map[string]any {
		s.set(settings)
		return s.get("/v2/reporting/payment/transactions?page=1&transactionDate=2026-03-10").list("transactions")
	}
	for settings, want := range map[string]int{
		`{"dayList":{"half":true}}`: 1, `{"dayList":{"dropRow":true}}`: 1, `{"dayList":{"staleMs":60000}}`: 1, `{"dayList":{},"dayListLagMs":60000}`: 1,
		`{"dayList":{},"dayListLagMs":0,"report":{"hideEntries":true}}`: 2,
	} {
		if got := rows(settings); len(got) != want {
			t.Errorf("%s: %v", settings, got)
		}
		rows(`{"dayListLagMs":0}`)
	}
	if got := rows(`{"dayList":{"hideConversationIds":true}}`); at(got[0], "conversationId") != "absent" {
		t.Errorf("ids shown: %v", got)
	}
	if got := rows(`{"dayList":{"upperCaseIds":true}}`); at(got[0], "conversationId") != "CONV-1" {
		t.Errorf("ids in lower case: %v", got)
	}
}

func TestLineChoiceInJSON(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]LineChoice{"true": AnyLine, "false": "", "null": "", `"20000001"`: "20000001", "20000001": "20000001"} {
		var got ReportLies
		if err := json.Unmarshal([]byte(`{"dropLine":`+raw+`}`), &got); err != nil || got.DropLine != want {
			t.Errorf("%s: %q, %v", raw, got.DropLine, err)
		}
	}
}

func TestMoreFaults(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	send := func(fault string) reply {
		s.fault(`{"path":"*",` + fault + `}`)
		return s.post(PathRefund, refundBody(line, "1"))
	}
	if got := send(`"mode":"refuse","errorCode":"none"`); got.text("status") != "failure" || at(got.body, "errorCode") != "absent" || s.executed(id) != 0 {
		t.Errorf("no code: %s", got.raw)
	}
	if got := send(`"mode":"refuse","errorCode":"10246","retryable":true`); at(got.body, "retryable") != "true" || s.executed(id) != 0 {
		t.Errorf("retryable: %s", got.raw)
	}
	got := send(`"mode":"double-status"`)
	if strings.Count(got.raw, `"status":`) != 2 || !strings.HasPrefix(got.raw, `{"status":"success"`) || !strings.Contains(got.raw, `"status":"failure"`) || s.executed(id) != 1 {
		t.Errorf("two statuses: %s", got.raw)
	}
	got = send(`"mode":"refuse-late","errorCode":"10223","delayMs":30`)
	if got.text("errorCode") != "10223" {
		t.Errorf("late: %s", got.raw)
	}
	eventually(t, "the refused refund's execution", func() bool { return s.executed(id) == 2 })
}

func TestEveryListedFaultModeIsTaken(t *testing.T) {
	t.Parallel()
	var names []string
	for _, mode := range faultModes {
		names = append(names, mode.Name)
	}
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a mode twice: %q", names)
	}
	s := open(t, Config{})
	for _, name := range names {
		s.control(http.MethodPost, "/_fake/faults", `{"path":"/x","mode":"`+name+`"}`, 201)
	}
}
