package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// days: a day that holds a refund of ours, a lost answer, a refund in iyzico's panel, and a payment that iade never saw, is held
// against iyzico's list. The steps follow each other on one system, whose fake lists nobody else's movements.
func days(t *testing.T, target Target) {
	c := start(t, target, Options{})
	istanbul := time.FixedZone("Istanbul", 3*60*60)
	today := time.Now().In(istanbul).Format(time.DateOnly)
	path := "/days/" + today
	closing := func(t *testing.T) answer {
		t.Helper()
		a := c.send(t, Request{Method: http.MethodPost, Path: path + "/close", Header: http.Header{}})
		if a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return a
	}
	refunded, panel, never := c.fake.add(t, payment{}), c.fake.add(t, payment{lines: []string{"60.00", "40.00"}}), c.fake.add(t, payment{})
	if a := c.get(t, path); a.Status != http.StatusOK || a.text("status") != "open" || a.text("differences.#") != "0" {
		t.Errorf("before it was ever closed: %d %s", a.Status, a.Body)
	}
	c.post(t, "/refunds", "ours", `{"paymentId":"`+refunded.id+`","amount":"10"}`)
	c.post(t, "/refunds", "both", `{"paymentId":"`+panel.id+`","paymentTransactionId":"`+panel.lines[0]+`","amount":"5"}`)

	t.Run("books that agree", func(t *testing.T) {
		a := closing(t)
		if a.text("status") != "closed" || a.text("iyzico.refund.TRY.amount") != "15.00" || a.text("iade.refund.TRY.amount") != "15.00" ||
			a.text("confirmed.refund.TRY.count") != "2" || a.text("differences.#") != "0" || a.text("provisional") != "true" {
			t.Errorf("%s", a.Body)
		}
	})
	t.Run("books that differ", func(t *testing.T) {
		c.fake.panelRefund(t, panel.lines[0], "7.00")
		c.fake.panelRefund(t, never.lines[0], "3.00")
		a := closing(t)
		want := []string{panel.id + " only_at_iyzico 7.00", never.id + " only_at_iyzico 3.00"}
		var got []string
		for _, i := range []string{"0", "1"} {
			got = append(got, a.text("differences."+i+".paymentId")+" "+a.text("differences."+i+".kind")+" "+a.text("differences."+i+".iyzicoAmount"))
		}
		slices.Sort(want)
		slices.Sort(got)
		if a.text("status") != "differs" || a.text("differenceCount") != "2" || !slices.Equal(got, want) || a.text("confirmed.refund.TRY.amount") != "15.00" {
			t.Errorf("%s", a.Body)
		}
		if shown := c.get(t, path); string(shown.Body) != string(a.Body) {
			t.Errorf("read again: %s", shown.Body)
		}
	})
	t.Run("the rows as CSV", func(t *testing.T) {
		a := c.exchange(t, Request{Method: http.MethodGet, Path: path, Header: http.Header{"Accept": {"text/csv"}}})
		lines := strings.Split(strings.TrimSpace(string(a.Body)), "\n")
		if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || len(lines) != 3 ||
			!strings.Contains(string(a.Body), "only_at_iyzico,"+panel.id+","+panel.lines[0]+",,") {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("days by range", func(t *testing.T) {
		a := c.get(t, "/days?from="+today+"&to="+today)
		if a.Status != http.StatusOK || a.text("days.#") != "1" || a.text("days.0.status") != "differs" || a.text("days.0.differences") != "" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if a := c.get(t, "/days?from=2020-01-01&to=2020-12-31"); a.Status != http.StatusOK || a.text("days.#") != "0" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("a list that cannot be read", func(t *testing.T) {
		c.fake.script(t, fault{Path: dayListPath, Mode: "status-500-before"})
		a := c.send(t, Request{Method: http.MethodPost, Path: path + "/close", Header: http.Header{}})
		if a.Status != http.StatusOK || a.text("status") != "differs" || a.text("reason") == "" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		c.fake.clear(t)
		if a := closing(t); a.text("status") != "differs" || a.text("reason") != "" {
			t.Errorf("%s", a.Body)
		}
	})
	t.Run("a lost answer is settled by closing", func(t *testing.T) {
		lost := c.fake.add(t, payment{})
		a := c.lose(t, lost, "lost", "20", "reset-after")
		if d := closing(t); d.text("confirmed.refund.TRY.amount") != "35.00" || d.text("differenceCount") != "2" {
			t.Errorf("%s", d.Body)
		}
		if op := c.get(t, resourcePath(a.text("id"))); op.text("status") != "succeeded" {
			t.Errorf("%s", op.Body)
		}
	})
}

const dayListPath = "/v2/reporting/payment/transactions"

// badDays: days that are none, and ranges that are none.
func badDays() []scenario {
	bad := func(name, method, path, field string) scenario {
		return scenario{name: name, steps: []step{{
			path: path, method: method, status: http.StatusBadRequest, slug: "invalid-request", fields: []string{field},
		}}}
	}
	return []scenario{
		bad("a day that is none", http.MethodGet, "/days/2026-02-30", "date"),
		bad("a day in another form", http.MethodGet, "/days/20260228", "date"),
		bad("a day with a parameter", http.MethodGet, "/days/2026-02-28?x=1", "x"),
		bad("closing a day that is none", http.MethodPost, "/days/yesterday/close", "date"),
		bad("closing a day to come", http.MethodPost, "/days/2999-01-01/close", "date"),
		bad("days without a range", http.MethodGet, "/days", "from"),
		bad("days without an end", http.MethodGet, "/days?from=2026-01-01", "to"),
		bad("days backwards", http.MethodGet, "/days?from=2026-01-02&to=2026-01-01", "to"),
		bad("days of years", http.MethodGet, "/days?from=2020-01-01&to=2026-01-01", "to"),
		bad("days from none", http.MethodGet, "/days?from=x&to=2026-01-01", "from"),
	}
}
