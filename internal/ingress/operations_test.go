package ingress_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// The real journal must fit without an adapter between.
var _ ingress.Journal = (*journal.Journal)(nil)

// fakeJournal answers what it was given and remembers how it was asked.
type fakeJournal struct {
	page    []payment.Resource
	next    string
	records []payment.Record
	err     error

	finds  int
	filter journal.Filter
	cursor string
	limit  int
}

func (j *fakeJournal) Find(_ context.Context, f journal.Filter, cursor string, limit int) ([]payment.Resource, string, error) {
	j.finds++
	j.filter, j.cursor, j.limit = f, cursor, limit
	return j.page, j.next, j.err
}

func (j *fakeJournal) History(context.Context, string) ([]payment.Record, error) {
	return j.records, j.err
}

func journalAPI(s *fakeService, j *fakeJournal) *ingress.API {
	api := newAPI(s)
	api.Journal = j
	return api
}

func TestWhatIsNotUnfinishedAloneIsFoundInTheJournal(t *testing.T) {
	t.Parallel()
	utc := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	for query, want := range map[string]journal.Filter{
		"status=succeeded":                      {Statuses: []payment.Status{payment.StatusSucceeded}},
		"status=succeeded,rejected,succeeded":   {Statuses: []payment.Status{payment.StatusRejected, payment.StatusSucceeded}},
		"kind=cancel":                           {Kind: payment.KindCancel},
		"paymentId=10000001&status=unknown":     {PaymentID: "10000001", Statuses: []payment.Status{payment.StatusUnknown}},
		"reference=sipari%C5%9F+1":              {Reference: "sipariş 1"},
		"from=2026-03-01&to=2026-03-01":         {From: utc(1, -3), To: utc(1, 21)},
		"from=2026-03-01T12:00:00%2B03:00":      {From: utc(1, 9)},
		"to=2026-03-01T12:00:00Z&order=asc":     {To: utc(1, 12), Ascending: true},
		"status=rejected&order=desc&limit=200":  {Statuses: []payment.Status{payment.StatusRejected}},
		"status=rejected&cursor=j.abc&limit=50": {Statuses: []payment.Status{payment.StatusRejected}},
	} {
		service, found := &fakeService{}, &fakeJournal{next: "more"}
		response := journalAPI(service, found).Handle(context.Background(), get("/operations", query))
		if response.Status != http.StatusOK || string(response.Body) != `{"operations":[],"nextCursor":"more"}`+"\n" || len(service.calls) > 0 {
			t.Errorf("%s: %d %s, calls %v", query, response.Status, response.Body, service.calls)
		}
		values, _ := url.ParseQuery(query)
		if diff := cmp.Diff(want, found.filter); diff != "" || found.cursor != values.Get("cursor") || fmt.Sprint(found.limit) != orDefault(values.Get("limit"), "50") {
			t.Errorf("%s: cursor %q, limit %d, filter %s", query, found.cursor, found.limit, diff)
		}
	}
}

func orDefault(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func TestWithoutAJournalOnlyWhatIsUnfinishedIsListed(t *testing.T) {
	t.Parallel()
	for _, req := range []ingress.Request{get("/operations", "status=succeeded"), get("/operations", "kind=refund"), get("/operations/"+refundID+"/history", "")} {
		if slug, p := problemOf(t, newAPI(&fakeService{}).Handle(context.Background(), req)); slug != "not-implemented" || !strings.Contains(p.Detail, "JOURNAL_TABLE_NAME") {
			t.Errorf("%s: %s %s", req.RawQuery, slug, p.Detail)
		}
	}
	if response := newAPI(&fakeService{}).Handle(context.Background(), get("/operations", "status=unfinished")); response.Status != http.StatusOK {
		t.Errorf("%d %s", response.Status, response.Body)
	}
}

// manyOpen is a service whose accounts have several unfinished operations each.
type manyOpen struct {
	fakeService
	accounts [][]payment.Resource
}

func (s *manyOpen) Operations(_ context.Context, _ payment.OperationFilter, cursor string, limit int) ([]payment.Resource, string, error) {
	first := 0
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, "a%d", &first); err != nil {
			return nil, "", &payment.Error{Code: payment.CodeInvalidRequest, Field: "cursor", Message: "no"}
		}
	}
	last := min(first+limit, len(s.accounts))
	next := ""
	if last < len(s.accounts) {
		next = fmt.Sprintf("a%d", last)
	}
	return slices.Concat(s.accounts[first:last]...), next, nil
}

// TestAPageOfUnfinishedOperationsKeepsItsLimit, though what stands behind it counts accounts, and loses none of them.
func TestAPageOfUnfinishedOperationsKeepsItsLimit(t *testing.T) {
	t.Parallel()
	s := &manyOpen{}
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var all []string
	for i, n := range []int{1, 7, 0, 3, 20, 1} {
		var operations []payment.Resource
		for j := range n {
			op := refundResource(payment.StatusUnknown)
			op.ID = fmt.Sprintf("rf_%d_%016d", i+1, j)
			op.CreatedAt = begin.Add(time.Duration(j/2) * time.Second)
			operations, all = append(operations, op), append(all, op.ID)
		}
		s.accounts = append(s.accounts, operations)
	}
	slices.Sort(all)
	for _, order := range []string{"", "&order=asc"} {
		for limit := 1; limit <= 40; limit++ {
			var got []string
			cursor := ""
			for range 100 {
				response := newAPI(s).Handle(context.Background(), get("/operations", fmt.Sprintf("limit=%d%s%s", limit, order, cursor)))
				var page struct {
					Operations []payment.Resource
					NextCursor string
				}
				if err := json.Unmarshal(response.Body, &page); err != nil || response.Status != http.StatusOK || len(page.Operations) > limit {
					t.Fatalf("limit %d: %d %s", limit, response.Status, response.Body)
				}
				for i, op := range page.Operations {
					got = append(got, op.ID)
					if i > 0 && op.CreatedAt != page.Operations[i-1].CreatedAt && op.CreatedAt.After(page.Operations[i-1].CreatedAt) == (order == "") {
						t.Fatalf("limit %d%s: %s after %s", limit, order, op.CreatedAt, page.Operations[i-1].CreatedAt)
					}
				}
				if page.NextCursor == "" {
					break
				}
				cursor = "&cursor=" + url.QueryEscape(page.NextCursor)
			}
			slices.Sort(got)
			if !slices.Equal(got, all) {
				t.Fatalf("limit %d%s lists %d operations of %d: %v", limit, order, len(got), len(all), got)
			}
		}
	}
	for _, cursor := range []string{"u.", "u.%25.a1", "u..a1", "x"} {
		if slug, _ := problemOf(t, newAPI(s).Handle(context.Background(), get("/operations", "cursor="+cursor))); slug != "invalid-request" {
			t.Errorf("cursor %s: %s", cursor, slug)
		}
	}
}

func TestAListAsCSV(t *testing.T) {
	t.Parallel()
	op := refundResource(payment.StatusSucceeded)
	op.Reference, op.Iyzico, op.SettledAt = `=HYPERLINK("http://evil","a,b")`, &payment.ProofView{AuthCode: "512821", RefundTxID: "7"}, op.CreatedAt
	failed := refundResource(payment.StatusRejected)
	failed.Reference, failed.Error = "sipariş; \"1\"\n", &payment.ErrorView{Code: "10051", Message: "no"}
	found := &fakeJournal{page: []payment.Resource{op, failed}, next: "j.more+"}
	req := with(get("/operations", "status=succeeded,rejected&limit=2&cursor=j.a"), "Accept", "text/csv")
	response := journalAPI(&fakeService{}, found).Handle(context.Background(), req)
	checkCommonHeaders(t, response)
	if response.Header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" || response.Status != http.StatusOK {
		t.Fatalf("%d %v", response.Status, response.Header)
	}
	if link := response.Header.Get("Link"); link != `</operations?cursor=j.more%2B&limit=2&status=succeeded%2Crejected>; rel="next"` {
		t.Errorf("Link = %s", link)
	}
	rows, err := csv.NewReader(strings.NewReader(string(response.Body))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%s: %v", response.Body, err)
	}
	cell := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for name, want := range map[string]string{
		"id": refundID, "kind": "refund", "status": "succeeded", "paymentId": "10000001", "amount": "10.50", "currency": "TRY", "authCode": "512821",
		"refundTxId": "7", "createdAt": "2026-03-01T12:00:00Z", "settledAt": "2026-03-01T12:00:00Z", "errorCode": "", "reference": `'=HYPERLINK("http://evil","a,b")`,
	} {
		if got := cell(1, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if cell(2, "errorCode") != "10051" || cell(2, "settledAt") != "" || cell(2, "reference") != "sipariş; \"1\"\n" {
		t.Errorf("row %v", rows[2])
	}

	found.page, found.next = nil, ""
	response = journalAPI(&fakeService{}, found).Handle(context.Background(), req)
	if strings.Count(string(response.Body), "\n") != 1 || response.Header.Get("Link") != "" {
		t.Errorf("the last page: %v %s", response.Header, response.Body)
	}
}

func TestCSVIsForWhoAsksForIt(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/csv": true, "text/csv; header=present": true, "Text/CSV": true,
		"text/csv, application/json": false, "text/csv, application/json;q=0.5": true, "text/csv;q=0.1, application/json": false, "text/csv;q=0": false,
		"text/*": false, "text/csv;q=x": false, ";;,text/csv, */*;q=0.1": true,
	} {
		req := get("/operations", "")
		if accept != "" {
			req = with(req, "Accept", accept)
		}
		response := newAPI(&fakeService{}).Handle(context.Background(), req)
		if got := strings.HasPrefix(response.Header.Get("Content-Type"), "text/csv"); got != want {
			t.Errorf("Accept %q: CSV %v", accept, got)
		}
	}
}

func TestAHistoryIsTheChangesAlone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	found := &fakeJournal{records: []payment.Record{
		{OperationID: refundID, Sequence: 1, At: at, To: "processing", Actor: "arn:aws:sts::1:assumed-role/shop"},
		{OperationID: refundID, Sequence: 2, At: at, From: "sending", To: "succeeded", Leg: 2, Actor: "iade", Evidence: &payment.RecordEvidence{RefundTxID: "7"}, Movement: &payment.Movement{Amount: "1.00"}},
	}}
	service := &fakeService{}
	response := journalAPI(service, found).Handle(context.Background(), get("/operations/"+refundID+"/history", ""))
	want := `{"changes":[{"at":"2026-03-01T12:00:00Z","from":"","to":"processing","actor":"arn:aws:sts::1:assumed-role/shop"},` +
		`{"at":"2026-03-01T12:00:00Z","from":"sending","to":"succeeded","leg":2,"evidence":{"refundTxId":"7"},"actor":"iade"}]}` + "\n"
	if response.Status != http.StatusOK || string(response.Body) != want || len(service.calls) > 0 {
		t.Errorf("%d %s", response.Status, response.Body)
	}
}

// TestAnOperationWithoutHistoryIsLookedFor: what was accepted a moment ago is not recorded yet, what never was is 404.
func TestAnOperationWithoutHistoryIsLookedFor(t *testing.T) {
	t.Parallel()
	req := get("/operations/"+refundID+"/history", "")
	response := journalAPI(&fakeService{}, &fakeJournal{}).Handle(context.Background(), req)
	if response.Status != http.StatusOK || string(response.Body) != `{"changes":[]}`+"\n" {
		t.Errorf("%d %s", response.Status, response.Body)
	}
	for _, err := range []error{&payment.Error{Code: payment.CodeNotFound, Message: "no"}, &payment.Error{Code: payment.CodeUnavailable, Message: "no"}} {
		slug, _ := problemOf(t, journalAPI(&fakeService{err: err}, &fakeJournal{}).Handle(context.Background(), req))
		if slug != string(payment.CodeOf(err)) {
			t.Errorf("%v: %s", err, slug)
		}
	}
	for _, path := range []string{"/operations/x/history", "/operations/rf_1_x/history"} {
		if slug, _ := problemOf(t, journalAPI(&fakeService{}, &fakeJournal{}).Handle(context.Background(), get(path, ""))); slug != "not-found" {
			t.Errorf("%s: %s", path, slug)
		}
	}
}

func TestAJournalThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	away := &fakeJournal{err: &payment.Error{Code: payment.CodeUnavailable, Message: "away", RetryAfter: time.Second, Cause: errors.New("throttled")}}
	for _, req := range []ingress.Request{get("/operations", "status=succeeded"), get("/operations/"+refundID+"/history", "")} {
		response := journalAPI(&fakeService{}, away).Handle(context.Background(), req)
		if slug, _ := problemOf(t, response); slug != "unavailable" || response.Header.Get("Retry-After") == "" || strings.Contains(string(response.Body), "throttled") {
			t.Errorf("%s: %s", req.Path, response.Body)
		}
	}
}
