package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// hourIn is the hour of Istanbul, whose limits end with it.
func hourIn(t *testing.T) string {
	t.Helper()
	istanbul, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		t.Fatal(err)
	}
	return time.Now().In(istanbul).Format("2006-01-02 15")
}

// ownLimits: over a limit of the merchant's own nothing is sent or stored, and the key is free.
func ownLimits(t *testing.T, target Target) {
	began := hourIn(t)
	for name, run := range map[string]func(*testing.T, Target){"of a day": dayLimit, "of an hour": hourLimit} {
		t.Run(name, func(t *testing.T) {
			run(t, target)
			if t.Failed() && hourIn(t) != began {
				t.Log("an hour of Istanbul ended meanwhile, and with it what was counted")
			}
		})
	}
}

func dayLimit(t *testing.T, target Target) {
	c := start(t, target, Options{MaxRefundAmountPerDay: "TRY:100,EUR:50"})
	p, other, euro, dollar := c.fake.add(t, payment{}), c.fake.add(t, payment{}), c.fake.add(t, payment{currency: "EUR"}), c.fake.add(t, payment{currency: "USD"})
	refund := func(p known, key, amount string) answer {
		return c.post(t, "/refunds", key, `{"paymentId":"`+p.id+`","amount":"`+amount+`"}`)
	}
	over := func(what string, a answer, says ...string) {
		t.Helper()
		if a.Status != ruled || a.slug() != "over-limit" || a.text("operation.id") != "" {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
		for _, text := range append(says, "Nothing was sent", "MAX_REFUND_AMOUNT_PER_DAY", "the key is still free") {
			if !strings.Contains(a.text("detail"), text) {
				t.Errorf("%s: the detail does not say %q: %s", what, text, a.text("detail"))
			}
		}
	}
	if a := refund(p, "a", "60"); a.Status != created {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	over("a refund", refund(other, "b", "50"), "60.00 are used today", "takes 50.00")
	over("a cancel", c.post(t, "/cancels", "b", `{"paymentId":"`+other.id+`"}`))
	over("a reversal", c.post(t, "/reversals", "b", `{"paymentId":"`+other.id+`"}`))
	over("a refund to balance", c.post(t, "/refunds", "b", `{"paymentId":"`+other.id+`","destination":"balance"}`))
	over("all that is left", c.post(t, "/refunds", "b", `{"paymentId":"`+other.id+`","full":true}`))
	over("a preview", c.post(t, "/refunds/preview", "", `{"paymentId":"`+other.id+`","amount":"50"}`))
	over("a currency that is not named", refund(dollar, "d", "0.01"), "0.00 USD a day")
	if a := refund(p, "c", "50"); a.slug() != "exceeds-refundable" {
		t.Errorf("what is left of the payment comes first: %d %s", a.Status, a.Body)
	}
	if view := c.get(t, "/payments/"+other.id); view.text("operations.#") != "0" || view.text("reservedAmount") != "0.00" {
		t.Errorf("something was stored: %s", view.Body)
	}
	if a := refund(p, "a", "60"); a.Status != http.StatusOK {
		t.Errorf("a replay takes nothing: %d %s", a.Status, a.Body)
	}
	c.fake.script(t, fault{Path: refundPath, Mode: "refuse", Times: 1, ErrorCode: "10051"})
	if a := refund(other, "refused", "40"); a.slug() != "rejected-by-iyzico" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := refund(other, "b", "40"); a.Status != created { // the key is free, and what iyzico refused counts no more
		t.Errorf("%d %s", a.Status, a.Body)
	}
	over("one kuruş more", refund(other, "e", "0.01"), "100.00 are used today")
	if a := refund(euro, "f", "50"); a.Status != created {
		t.Errorf("another currency has a limit of its own: %d %s", a.Status, a.Body)
	}
	if a := c.post(t, "/fund-payments", "g", fundOrder(c.fake.session(t, nil), nil)); a.Status != created {
		t.Errorf("a payment brings money in: %d %s", a.Status, a.Body)
	}
	checkCount(t, c, p, 1, 1)
	checkCount(t, c, other, 1, 2)
	checkCount(t, c, dollar, 0, 0)
}

func hourLimit(t *testing.T, target Target) {
	c := start(t, target, Options{MaxRefundsPerHour: 2})
	p := c.fake.add(t, payment{lines: []string{"10.00", "20.00"}})
	q := c.fake.add(t, payment{})
	if a := c.post(t, "/refunds", "a", `{"paymentId":"`+p.id+`","full":true}`); a.Status != created { // two legs are one refund
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := c.post(t, "/refunds", "b", `{"paymentId":"`+q.id+`","amount":"1"}`); a.Status != created {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	a := c.post(t, "/refunds", "c", `{"paymentId":"`+q.id+`","amount":"1"}`)
	if a.Status != ruled || a.slug() != "over-limit" || !strings.Contains(a.text("detail"), "2 refunds an hour (MAX_REFUNDS_PER_HOUR)") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	checkCount(t, c, q, 1, 1)
}

// thief has a caller's key and asks as fast as he can, with ever new keys, for everything that gives money, while answers of iyzico get
// lost. iyzico's books show that he got no more than one day's limit of each currency, and over a midnight two.
func thief(t *testing.T, target Target) {
	const limit, asks = 100, 60
	c := start(t, target, Options{MaxRefundAmountPerDay: strconv.Itoa(limit), IyzicoTimeout: impatient})
	today := hourIn(t)[:10]
	var paid []known
	for i := range 12 {
		paid = append(paid, c.fake.add(t, payment{currency: []string{"TRY", "TRY", "TRY", "EUR"}[i%4], lines: []string{"40.00"}}))
	}
	if a := c.post(t, "/refunds", "stolen", `{"paymentId":"`+paid[0].id+`","amount":"15"}`); a.Status != created { // he tries it once
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	for range 4 {
		c.fake.script(t, fault{Path: refundPath, Mode: "reset-after", Times: 1})
		c.fake.script(t, fault{Path: refundPath, Mode: "slow", Times: 3, DelayMS: 50})
	}
	refused := 0
	for i, a := range atOnce(asks, func(i int) answer {
		p, key := paid[i%len(paid)], fmt.Sprint("stolen-", i)
		switch i / len(paid) % 5 {
		case 0:
			return c.post(t, "/refunds", key, `{"paymentId":"`+p.id+`","amount":"15"}`)
		case 1:
			return c.post(t, "/refunds", key, `{"paymentId":"`+p.id+`","full":true}`)
		case 2:
			return c.post(t, "/cancels", key, `{"paymentId":"`+p.id+`"}`)
		case 3:
			return c.post(t, "/reversals", key, `{"paymentId":"`+p.id+`"}`)
		}
		return c.post(t, "/refunds", key, `{"paymentId":"`+p.id+`","destination":"balance"}`)
	}) {
		if a.Status >= http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable {
			t.Errorf("ask %d: %d %s", i, a.Status, a.Body)
		}
		if a.slug() == "over-limit" {
			refused++
		}
	}
	days := int64(1)
	if hourIn(t)[:10] != today {
		days = 2
	}
	got := map[int]decimal.Decimal{}
	for i, p := range paid {
		for _, x := range c.fake.executions(t, p.id) {
			if x.Kind == "payment" {
				continue
			}
			got[i%4/3] = got[i%4/3].Add(decimal.RequireFromString(x.Price))
		}
	}
	for _, sum := range got {
		if sum.GreaterThan(decimal.NewFromInt(limit * days)) {
			t.Errorf("he got %s on %d days, %d a day is the limit", sum, days, limit)
		}
	}
	if refused == 0 || got[0].LessThan(decimal.NewFromInt(15)) {
		t.Errorf("the limit refused %d, he got %v", refused, got)
	}
}
