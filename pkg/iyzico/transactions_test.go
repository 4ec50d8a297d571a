package iyzico

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func transactionJSON(id int) string {
	return fmt.Sprintf(`{"transactionType":"REFUND","transactionDate":"2026-03-01 12:00:00","transactionId":%d,"transactionStatus":1,"afterSettlement":1,`+
		`"paymentTxId":5,"paymentId":"6","conversationId":"op-1","paymentPhase":"AUTH","price":"1.50000000","paidPrice":1.5,"transactionCurrency":"TRY",`+
		`"installment":1,"threeDS":0,"iyzicoFee":0E-8,"posOrderId":"o"}`, id)
}

// pagesOf answers the n-th page with the n-th element, and nothing beyond.
func pagesOf(pages [][]string, extra func(page int) string, queries *[]url.Values) http.RoundTripper {
	return roundTripFunc(func(req *http.Request) (*http.Response, error) {
		*queries = append(*queries, req.URL.Query())
		page := len(*queries)
		var items []string
		if page <= len(pages) {
			items = pages[page-1]
		}
		return response(200, `{"status":"success"`+extra(page)+`,"transactions":[`+strings.Join(items, ",")+`]}`), nil
	})
}

func TestAllTransactionsWalksThePages(t *testing.T) {
	t.Parallel()
	var queries []url.Values
	pages := [][]string{{transactionJSON(1), transactionJSON(2)}, {transactionJSON(3)}}
	c := testClient(t, SandboxURL, WithTransport(pagesOf(pages, func(page int) string {
		return `,"currentPage":` + strconv.Itoa(page) + `,"totalPageCount":"2"`
	}, &queries)))
	var ids []string
	for transaction, err := range c.AllTransactions(testContext(t), ReportTransactionsRequest{Date: "2026-03-01", ConversationID: "q-1"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, transaction.TransactionID)
		if transaction.Type != TransactionRefund || !transaction.Price.Equal(amount("1.5")) || !transaction.AfterSettlement || transaction.ThreeDS ||
			transaction.PaymentTransactionID != "5" || transaction.PaymentID != "6" || transaction.ConversationID != "op-1" || transaction.Date != "2026-03-01 12:00:00" {
			t.Errorf("got %+v", transaction)
		}
	}
	if !slices.Equal(ids, []string{"1", "2", "3"}) || len(queries) != 2 || queries[0].Get("page") != "1" || queries[1].Get("page") != "2" ||
		queries[0].Get("transactionDate") != "2026-03-01" || queries[0].Get("conversationId") != "q-1" {
		t.Errorf("got %v by %v", ids, queries)
	}
}

func TestAllTransactionsEndsOnBreakAndError(t *testing.T) {
	t.Parallel()
	var queries []url.Values
	c := testClient(t, SandboxURL, WithTransport(pagesOf([][]string{{transactionJSON(1), transactionJSON(2)}}, func(int) string { return `,"totalPageCount":9` }, &queries)))
	for range c.AllTransactions(testContext(t), ReportTransactionsRequest{Date: "2026-03-01"}) {
		break
	}
	if len(queries) != 1 {
		t.Errorf("%d pages read", len(queries))
	}
	var errs []error
	for _, err := range answeringClient(t, 502, "").AllTransactions(testContext(t), ReportTransactionsRequest{Date: "2026-03-01"}) {
		errs = append(errs, err)
	}
	if len(errs) != 1 || OutcomeOf(errs[0]) != Unknown {
		t.Errorf("got %v", errs)
	}
	errs = nil
	for _, err := range answeringClient(t, 502, "").AllScrollTransactions(testContext(t), ScrollTransactionsRequest{Date: "2026-03-01"}) {
		errs = append(errs, err)
	}
	if len(errs) != 1 || OutcomeOf(errs[0]) != Unknown {
		t.Errorf("scrolling: got %v", errs)
	}
	queries = nil
	for range c.AllScrollTransactions(testContext(t), ScrollTransactionsRequest{Date: "2026-03-01"}) {
		break
	}
	if len(queries) != 1 {
		t.Errorf("scrolling: %d stretches read", len(queries))
	}
	_, err := c.ReportTransactions(testContext(t), ReportTransactionsRequest{Date: "01.03.2026"})
	if e := wantError(t, err, NotSent, ReasonInvalid); e.Field != "transactionDate" {
		t.Errorf("field %s", e.Field)
	}
}

func TestAllScrollTransactionsEndsOnAnEmptyPageOrARepeatedID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		pages   [][]string
		extra   func(int) string
		ids     []string
		lastIDs []string
	}{
		{"empty page", [][]string{{transactionJSON(1), transactionJSON(2)}, {transactionJSON(3)}}, func(int) string { return "" }, []string{"1", "2", "3"}, []string{"", "2", "3"}},
		{"repeated id", [][]string{{transactionJSON(1)}, {transactionJSON(1)}, {transactionJSON(1)}}, func(int) string { return "" }, []string{"1", "1"}, []string{"", "1"}},
		{"the answer's own id", [][]string{{transactionJSON(1)}, {transactionJSON(2)}}, func(page int) string { return `,"lastId":168985383916` + strconv.Itoa(page) },
			[]string{"1", "2"}, []string{"", "1689853839161", "1689853839162"}},
	} {
		var queries []url.Values
		c := testClient(t, SandboxURL, WithTransport(pagesOf(tc.pages, tc.extra, &queries)))
		var ids, lastIDs []string
		for transaction, err := range c.AllScrollTransactions(testContext(t), ScrollTransactionsRequest{Date: "2026-03-01"}) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, transaction.TransactionID)
		}
		for _, q := range queries {
			lastIDs = append(lastIDs, q.Get("lastId"))
			if q.Get("documentScrollVoSortingOrder") != "ASC" {
				t.Errorf("%s: sent %v", tc.name, q)
			}
		}
		if !slices.Equal(ids, tc.ids) || !slices.Equal(lastIDs, tc.lastIDs) {
			t.Errorf("%s: got %v by %v", tc.name, ids, lastIDs)
		}
	}
}
