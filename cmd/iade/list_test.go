package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/words"
)

func TestAListIsShownForPeopleAndForPrograms(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	paid := s.sellFor(t, 500000)
	var ids []string
	for i := range 3 {
		ids = append(ids, s.refund(t, fmt.Sprint("k", i), fmt.Sprintf(`{"paymentId":"%s","amount":"%d.50","reference":"order-%d"}`, paid, 1000+i, i)))
	}
	code, out, errOut := iade(t, s.url, none, "list", "-payment", paid, "-order", "asc", "-lang", "tr")
	if code != exitDone || strings.Count(out, "\n") != 5 || strings.Index(out, ids[0]) > strings.Index(out, ids[2]) {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	has(t, out, "1.000,50 TL", "1.002,50 TL", "karta iade", "order-1", "toplam 3")
	_, out, _ = iade(t, s.url, none, "list", "-reference", "order-1", "-json")
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, `"amount":"1001.50"`) || !strings.Contains(out, `Z"`) {
		t.Error(out)
	}
	_, out, _ = iade(t, s.url, none, "list", "-payment", paid, "-csv")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "id" || rows[1][5] != "1002.50" {
		t.Errorf("%v\n%s", err, out)
	}
	_, out, _ = iade(t, s.url, none, "list", "-payment", paid, "-limit", "2", "-csv")
	if strings.Count(out, "\n") != 3 {
		t.Error(out)
	}
	if _, out, _ = iade(t, s.url, none, "list"); out != "No such operation.\n" {
		t.Error(out)
	}
}

// paged is an API whose list has so many pages of two operations; every second one is empty.
func paged(t *testing.T, pages int, breakAt int, columns func(page int) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &page)
		next := ""
		if page+1 < pages {
			next = fmt.Sprint(page + 1)
		}
		if page == breakAt {
			w.Header().Set("Content-Length", "1000")
		}
		if r.Header.Get("Accept") == mediaCSV {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			if next != "" {
				w.Header().Set("Link", `</operations?cursor=`+next+`&limit=200>; rel="next"`)
			}
			_, _ = io.WriteString(w, columns(page))
			if page%2 == 0 {
				_, _ = fmt.Fprintf(w, "rf_%d_a,refund\nrf_%d_b,refund\n", page, page)
			}
			return
		}
		operations := ""
		if page%2 == 0 {
			operations = fmt.Sprintf(`{"id":"rf_%d_a","status":"unknown"},{"id":"rf_%d_b","status":"unknown"}`, page, page)
		}
		_, _ = fmt.Fprintf(w, `{"operations":[%s],"nextCursor":%q}`, operations, next)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAListGoesOverEmptyPagesAndWritesOneHeader(t *testing.T) {
	t.Parallel()
	same := func(int) string { return "id,kind\n" }
	api := paged(t, 5, -1, same)
	_, out, _ := iade(t, api, none, "list")
	has(t, out, "rf_0_a", "rf_4_b", "6 in all")
	if _, out, _ = iade(t, api, none, "list", "-json", "-limit", "3"); strings.Count(out, "\n") != 3 {
		t.Error(out)
	}
	if code, out, _ := iade(t, api, none, "list", "-csv"); code != exitDone || strings.Count(out, "id,kind") != 1 || strings.Count(out, "\n") != 7 {
		t.Errorf("exit %d\n%s", code, out)
	}
	for name, api := range map[string]string{
		"a page breaks off":  paged(t, 5, 2, same),
		"the columns change": paged(t, 5, -1, func(page int) string { return fmt.Sprintf("id,%d\n", page/2) }),
	} {
		if code, _, errOut := iade(t, api, none, "list", "-csv"); code == exitDone || !strings.Contains(errOut, "not whole") {
			t.Errorf("%s: exit %d: %s", name, code, errOut)
		}
	}
	for _, args := range [][]string{{"list", "-csv", "-json"}, {"list", "-limit", "-1"}, {"list", "x"}, {"list", "-nothing"}} {
		if code, _, _ := iade(t, api, none, args...); code != exitBadFile {
			t.Errorf("%q: exit %d", args, code)
		}
	}
}

// TestAPageThatLeadsToItselfEndsTheList: a broken API must not be asked for ever.
func TestAPageThatLeadsToItselfEndsTheList(t *testing.T) {
	t.Parallel()
	api := stub(t, map[string][]string{"GET /operations": {`{"operations":[],"nextCursor":"x"}`}})
	if code, _, errOut := iade(t, api, none, "list"); code == exitDone || !strings.Contains(errOut, "not whole") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

// TestADayOfTheCodesOwnFormIsUnderstood holds this program's form of a day against the one that the API writes.
func TestADayOfTheCodesOwnFormIsUnderstood(t *testing.T) {
	t.Parallel()
	said, err := json.Marshal(dayclose.Day{
		Date: "2026-01-06", Status: dayclose.StatusDiffers, Reason: "the list broke off", DifferenceCount: 3,
		Iyzico:      dayclose.Sums{"refund": {"TRY": {Count: 2, Amount: "1250.00"}}},
		Differences: []dayclose.Difference{{Kind: dayclose.OnlyHere, PaymentID: "10000001", OperationID: "rf_1_a", Currency: "TRY", IadeAmount: "7.00"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	code, out, errOut := iade(t, stub(t, map[string][]string{"GET /days/2026-01-06": {string(said)}}), none, "day", "2026-01-06")
	if code != exitSomeNot || errOut != "" {
		t.Errorf("exit %d: %s", code, errOut)
	}
	has(t, out, "2026-01-06  differs", "the list broke off", "TRY 1,250.00  (2)", "10000001", "rf_1_a  iyzico -, iade TRY 7.00", "do not refund it again", "and 2 more")
	for _, kind := range inSource(t, `DifferenceKind = "([a-z_]+)"`, "internal/dayclose/day.go") {
		if _, known := words.Difference(kind); !known {
			t.Errorf("%s has no words", kind)
		}
	}
}

func TestADaySaysWhetherTheBooksAgree(t *testing.T) {
	t.Parallel()
	books := `"iyzico":{"refund":{"TRY":{"count":2,"amount":"1250.00"}}},"iade":{"refund":{"TRY":{"count":1,"amount":"1000.00"}}}`
	api := stub(t, map[string][]string{
		"GET /days/2026-01-05":        {`{"date":"2026-01-05","status":"closed","closedAt":"2026-01-06T05:00:00Z",` + books + `,"differences":[]}`},
		"GET /days/2026-01-06":        {`{"date":"2026-01-06","status":"differs",` + books + `,"differences":[{"kind":"only_at_iyzico","paymentId":"10000001","iyzicoAmount":"250.00","currency":"TRY"}]}`},
		"GET /days/2026-01-07":        {`{"date":"2026-01-07","status":"open","differences":[]}`},
		"POST /days/2026-01-07/close": {`{"date":"2026-01-07","status":"closed","differences":[]}`},
	})
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"2026-01-05"}, exitDone, "TRY 1,250.00  (2)"},
		{[]string{"2026-01-05", "-lang", "tr"}, exitDone, "1.250,00 TL  (2)"},
		{[]string{"2026-01-06"}, exitSomeNot, "somebody refunded in iyzico's panel"},
		{[]string{"2026-01-07"}, exitSomeNot, "open"},
		{[]string{"2026-01-07", "-close"}, exitDone, "closed"},
		{[]string{"2026-01-06", "-json"}, exitSomeNot, `"iyzicoAmount":"250.00"`},
	} {
		code, out, errOut := iade(t, api, none, append([]string{"day"}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%q: exit %d\n%s%s", c.args, code, out, errOut)
		}
	}
	if code, _, errOut := iade(t, api, none, "day", "5.1.2026"); code != exitBadFile || !strings.Contains(errOut, "5.1.2026") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	asked := make(chan string, 1)
	_, _, _ = iade(t, recorded(t, asked, "{}"), none, "day")
	if got := <-asked; !strings.HasPrefix(got, "GET /days/20") {
		t.Error(got)
	}
}
