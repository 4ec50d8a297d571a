package sim

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// smallPlan has one payment of one line, and little that may happen.
func smallPlan(l limits, items ...item) plan {
	p := plan{
		start: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC), window: 5 * time.Minute, operator: true, coarse: true, limits: l,
		jumps: []time.Duration{30 * time.Second, 5 * time.Minute}, items: items,
	}
	p.payments = []iyzicotest.PaymentSpec{{
		CreatedAt: p.start.Add(-time.Hour), Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.NewFromInt(100)}},
	}}
	for i := range p.items {
		p.items[i].n = i + 1
	}
	return p
}

func refundOf(units int64, key string) item {
	return item{do: doRequest, tries: 1, command: payment.Command{
		Kind: payment.KindRefund, PaymentID: "10000001", LineID: "20000001", Amount: money.MinorUnits(units, ""),
		Destination: payment.ToCard, Key: key,
	}}
}

// fundPlan is a smallPlan with a customer's session.
func fundPlan(l limits, items ...item) plan {
	p := smallPlan(l, items...)
	p.sessions = []iyzicotest.SessionSpec{{Balance: decimal.NewFromInt(1000)}}
	return p
}

func fundOf(key string) item {
	price := money.MinorUnits(6000, money.TRY)
	return item{do: doRequest, tries: 1, command: payment.Command{
		Kind: payment.KindFundPayment, Key: key, Currency: money.TRY, Fund: &payment.FundOrder{
			SessionToken: "0", PriceAmount: price, PaidAmount: price, BasketItems: []payment.BasketItem{{ID: "item", PriceAmount: price}},
		},
	}}
}

// TestEveryHistory plays all that can happen to a few requests, one after the other.
func TestEveryHistory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		plan plan
	}{
		{"a refund and one fault", smallPlan(limits{faults: 1, jumps: 1}, refundOf(6000, "a"))},
		{"a refund, a fault and a reconciler", smallPlan(limits{faults: 1, jumps: 1, reconciles: 1}, refundOf(6000, "a"))},
		{"a double click", smallPlan(limits{}, refundOf(6000, "a"), refundOf(6000, "a"))},
		{"a fund payment, a fault and a reconciler", fundPlan(limits{faults: 1, reconciles: 1}, fundOf("f"))},
		{"a double click on a fund payment", fundPlan(limits{}, fundOf("f"), fundOf("f"))},
		{"two refunds that do not fit together", smallPlan(limits{}, refundOf(6000, "a"), refundOf(6000, "b"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			most := 50_000
			if raceDetector || testing.Short() {
				most = 100
			}
			stats, broken, all := enumerate(c.plan, flawless, most)
			if broken != nil {
				t.Fatal(shrink(broken))
			}
			t.Logf("all: %t; %s", all, stats)
			if stats.Executions == 0 || !all && most > 100 {
				t.Errorf("%d histories, all of them: %t", stats.Worlds, all)
			}
		})
	}
}

// TestEveryHistoryFindsAFlaw shows that the search comes upon what is wrong.
func TestEveryHistoryFindsAFlaw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		flaw flaw
		plan plan
	}{
		{"a transport that sends again", sendsTwice, smallPlan(limits{faults: 1}, refundOf(4000, "a"))},
		{"a transport that sends a fund payment again", sendsTwice, fundPlan(limits{faults: 1}, fundOf("f"))},
		{"a store that ignores versions and a fund payment", ignoresVersion, fundPlan(limits{}, fundOf("f"), fundOf("f"))},
		{"a mark of a fund payment that is not stored", forgetsMark, fundPlan(limits{}, fundOf("f"), fundOf("f"))},
		{"a store that ignores versions", ignoresVersion, smallPlan(limits{}, refundOf(6000, "a"), refundOf(6000, "a"))},
		{"no settle window", noSettleWindow, smallPlan(limits{faults: 1}, refundOf(6000, "a"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if stats, broken, _ := enumerate(c.plan, c.flaw, 20_000); broken == nil {
				t.Errorf("nothing was found in %d histories", stats.Worlds)
			} else {
				t.Logf("in history %d: %s", stats.Worlds, broken.world.check.first.Text)
			}
		})
	}
}
