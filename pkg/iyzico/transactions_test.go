package iyzico

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rowJSON is a row of a refund as the sandbox's day list has it, with 8 decimals and without a status.
func rowJSON(id int) string {
	return fmt.Sprintf(`{"transactionType":"REFUND","transactionDate":"2026-06-11 12:49:46","transactionId":%d,"paymentTxId":37700001,"paymentId":"35790001",`+
		`"conversationId":"OURS","paymentPhase":"POST_AUTH","price":0.30599401,"paidPrice":10.21,"transactionCurrency":"TRY","afterSettlement":0}`, id)
}

// pageJSON is one page of a day list.
func pageJSON(current, total int, rows ...string) string {
	return fmt.Sprintf(`{"status":"success","systemTime":1781209779%03d,"currentPage":%d,"totalPageCount":"%d","transactions":[%s]}`,
		current, current, total, strings.Join(rows, ","))
}

// pagesOf answers the n-th request with the n-th page and notes the queries.
func pagesOf(pages []string, queries *[]url.Values) Option {
	return WithTransport(roundTripFunc(func(req *http.Request) (*http.Response, error) {
		*queries = append(*queries, req.URL.Query())
		if n := len(*queries); n <= len(pages) {
			return response(200, pages[n-1]), nil
		}
		return nil, errors.New("no such page")
	}))
}

var testDay = ListTransactionsRequest{Date: "2026-06-11", ConversationID: "q-1"}

func TestListTransactionsReadsAllPagesOfADay(t *testing.T) {
	t.Parallel()
	cancelled := strings.NewReplacer(`"REFUND"`, `"CANCEL"`, `"TRY"`, `"try"`, `"OURS"`, `"Ours-x"`).Replace(rowJSON(9))
	secondLine := replace(t, cancelled, "37700001", "37700002")
	paid := strings.NewReplacer(`"REFUND"`, `"PAYMENT"`, `"afterSettlement":0`, `"transactionStatus":2,"afterSettlement":"1"`, `"conversationId":"OURS",`, ``).Replace(rowJSON(1))
	var queries []url.Values
	began := time.Now().UTC().Round(0)
	c := testClient(t, SandboxURL, WithClock(func() time.Time { return began }), pagesOf([]string{pageJSON(1, 2, cancelled, secondLine), pageJSON(2, 2, rowJSON(2), paid)}, &queries))
	ctx, cancel := context.WithDeadline(t.Context(), began.Add(time.Hour))
	defer cancel()
	list, err := c.ListTransactions(ctx, testDay)
	if err != nil {
		t.Fatal(err)
	}
	approved := 2
	at := time.Date(2026, 6, 11, 9, 49, 46, 0, time.UTC)
	row := ReportedTransaction{Type: TransactionRefund, TransactionID: "2", At: at, PaymentID: "35790001", PaymentTransactionID: "37700001", ConversationID: "OURS",
		Phase: "POST_AUTH", Price: amount("0.30599401"), PaidPrice: amount("10.21"), Currency: "TRY"}
	first, last := row, row
	first.Type, first.TransactionID, first.ConversationID = TransactionCancel, "9", "Ours-x"
	second := first
	second.PaymentTransactionID = "37700002"
	last.Type, last.TransactionID, last.Status, last.ConversationID, last.AfterSettlement = TransactionPayment, "1", &approved, "", true
	want := &TransactionList{Date: "2026-06-11", Pages: 2, SystemTime: time.UnixMilli(1781209779001).UTC(), ReadAt: began,
		Transactions: []ReportedTransaction{first, second, row, last}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	for i, page := range []string{"1", "2"} {
		if want := (url.Values{"transactionDate": {"2026-06-11"}, "page": {page}, "conversationId": {"q-1"}, "locale": {"tr"}}); cmp.Diff(want, queries[i]) != "" {
			t.Errorf("asked %v", queries[i])
		}
	}
}

func TestADayWithoutTransactionsIsAnEmptyList(t *testing.T) {
	t.Parallel()
	for _, page := range []string{pageJSON(1, 1), pageJSON(1, 0), pageJSON(0, 0), `{"status":"success","totalPageCount":0,"transactions":[]}`} {
		var queries []url.Values
		list, err := testClient(t, SandboxURL, pagesOf([]string{page}, &queries)).ListTransactions(testContext(t), testDay)
		if err != nil || len(list.Transactions) != 0 || list.Pages != 1 {
			t.Errorf("%s: got %+v, %v", page, list, err)
		}
	}
}

// TestAHalfReadDayListIsUnreadable: what is missing from such a list proves nothing.
func TestAHalfReadDayListIsUnreadable(t *testing.T) {
	t.Parallel()
	first := pageJSON(1, 2, rowJSON(3), rowJSON(2))
	one := func(old, new string) []string { return []string{pageJSON(1, 1, replace(t, rowJSON(1), old, new))} }
	for _, tc := range []struct {
		name   string
		pages  []string
		reason string
		field  string
	}{
		{"one page more than before", []string{first, pageJSON(2, 3, rowJSON(1))}, ReasonUnreadable, "totalPageCount"},
		{"one page less than before", []string{first, pageJSON(2, 1, rowJSON(1))}, ReasonUnreadable, "transactions"},
		{"the first page twice", []string{first, first}, ReasonEchoMismatch, "currentPage"},
		{"the first page twice under another number", []string{first, pageJSON(2, 2, rowJSON(3), rowJSON(2))}, ReasonUnreadable, "transactions[0].transactionId"},
		{"a row that moved on to the next page", []string{first, pageJSON(2, 2, rowJSON(2), rowJSON(1))}, ReasonUnreadable, "transactions[0].transactionId"},
		{"a row twice on a page", []string{pageJSON(1, 1, rowJSON(1), rowJSON(1))}, ReasonUnreadable, "transactions[1].transactionId"},
		{"another page than asked for", []string{pageJSON(2, 2, rowJSON(1))}, ReasonEchoMismatch, "currentPage"},
		{"no page number", []string{replace(t, pageJSON(1, 1, rowJSON(1)), `"currentPage":1,`, ``)}, ReasonEchoMismatch, "currentPage"},
		{"no number of pages", []string{replace(t, pageJSON(1, 1, rowJSON(1)), `"totalPageCount":"1",`, ``)}, ReasonUnreadable, "totalPageCount"},
		{"an empty page before the end", []string{first, pageJSON(2, 2)}, ReasonUnreadable, "transactions"},
		{"an empty first page of two", []string{pageJSON(1, 2)}, ReasonUnreadable, "transactions"},
		{"a page beyond the end", []string{pageJSON(1, 0, rowJSON(1))}, ReasonUnreadable, "transactions"},
		{"endless pages", []string{pageJSON(1, 10_001, rowJSON(1))}, ReasonUnreadable, "totalPageCount"},
		{"pages below zero", []string{pageJSON(1, -1)}, ReasonUnreadable, "totalPageCount"},
		{"no rows", []string{`{"status":"success","currentPage":1,"totalPageCount":1}`}, ReasonUnreadable, "transactions"},
		{"null rows", []string{`{"status":"success","currentPage":1,"totalPageCount":1,"transactions":null}`}, ReasonUnreadable, "transactions"},
		{"a null row", []string{pageJSON(1, 1, "null")}, ReasonUnreadable, "transactions[0].transactionId"},
		{"an empty row", []string{pageJSON(1, 1, "{}")}, ReasonUnreadable, "transactions[0].transactionId"},
		{"no transaction id", one(`"transactionId":1,`, ``), ReasonUnreadable, "transactions[0].transactionId"},
		{"no payment id", one(`"paymentId":"35790001",`, ``), ReasonUnreadable, "transactions[0].paymentId"},
		{"no line", one(`"paymentTxId":37700001,`, ``), ReasonUnreadable, "transactions[0].paymentTxId"},
		{"no type", one(`"transactionType":"REFUND",`, ``), ReasonUnreadable, "transactions[0].transactionType"},
		{"no price", one(`"price":0.30599401,`, ``), ReasonUnreadable, "transactions[0].price"},
		{"a price in words", one(`0.30599401`, `"free"`), ReasonUnreadable, "transactions[0].price"},
		{"no date", one(`"transactionDate":"2026-06-11 12:49:46",`, ``), ReasonUnreadable, "transactions[0].transactionDate"},
		{"a date without time", one(` 12:49:46`, ``), ReasonUnreadable, "transactions[0].transactionDate"},
		{"a row of another day", one(`2026-06-11 12`, `2026-06-12 12`), ReasonUnreadable, "transactions[0].transactionDate"},
		{"a member twice", one(`"price":`, `"price":1,"price":`), ReasonUnreadable, ""},
		{"an answer to another query", []string{replace(t, pageJSON(1, 1, rowJSON(1)), `"systemTime"`, `"conversationId":"q-2","systemTime"`)}, ReasonEchoMismatch, "conversationId"},
		{"a lost page", []string{first}, ReasonTransport, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var queries []url.Values
			list, err := testClient(t, SandboxURL, pagesOf(tc.pages, &queries)).ListTransactions(testContext(t), testDay)
			if e := wantError(t, err, Unknown, tc.reason); e.Field != tc.field || list != nil {
				t.Errorf("field %s, list %+v", e.Field, list)
			}
		})
	}
}

func TestAPageWithoutSystemTimeLeavesTheListWithoutOne(t *testing.T) {
	t.Parallel()
	var queries []url.Values
	second := replace(t, pageJSON(2, 3, rowJSON(2)), `"systemTime":1781209779002,`, ``)
	list, err := testClient(t, SandboxURL, pagesOf([]string{pageJSON(1, 3, rowJSON(3)), second, pageJSON(3, 3, rowJSON(1))}, &queries)).ListTransactions(testContext(t), testDay)
	if err != nil || !list.SystemTime.IsZero() {
		t.Errorf("got %+v, %v", list, err)
	}
}

func TestListTransactionsPageReadsOnePage(t *testing.T) {
	t.Parallel()
	request := ListTransactionsPageRequest{Date: "2026-06-11", Page: 3}
	var queries []url.Values
	page, err := testClient(t, SandboxURL, pagesOf([]string{pageJSON(3, 4, rowJSON(3), rowJSON(2))}, &queries)).ListTransactionsPage(testContext(t), request)
	if err != nil || page.CurrentPage != 3 || page.TotalPageCount != 4 || len(page.Transactions) != 2 || page.SystemTime.IsZero() || queries[0].Get("page") != "3" {
		t.Errorf("got %+v, %v by %v", page, err, queries)
	}
	for body, field := range map[string]string{
		pageJSON(3, 2, rowJSON(1)):             "transactions", // beyond the end
		pageJSON(3, 4):                         "transactions",
		pageJSON(3, 4, rowJSON(1), rowJSON(1)): "transactions[1].transactionId",
		pageJSON(2, 4, rowJSON(1)):             "currentPage",
	} {
		_, err := answeringClient(t, 200, body).ListTransactionsPage(testContext(t), request)
		if e := asError(t, err); e.Field != field {
			t.Errorf("%s: field %s", body, e.Field)
		}
	}
	for _, number := range []int{0, -1, 10_001} {
		_, err := answeringClient(t, 200, "").ListTransactionsPage(testContext(t), ListTransactionsPageRequest{Date: "2026-06-11", Page: number})
		if e := wantError(t, err, NotSent, ReasonInvalid); e.Field != "page" {
			t.Errorf("field %s", e.Field)
		}
	}
}
