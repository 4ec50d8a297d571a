package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/need"
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

func cancelOf(key string) item {
	return item{do: doRequest, tries: 1, command: payment.Command{Kind: payment.KindCancel, PaymentID: "10000001", Key: key}}
}

// severalLegs is a refund of two lines, of 100 and 50, in the order of the lines.
func severalLegs(l limits) plan {
	it := refundOf(12000, "a")
	it.command.LineID, it.command.Allocation = "", payment.AllocateInOrder
	p := smallPlan(l, it, it)
	p.payments[0].Lines = append(p.payments[0].Lines, iyzicotest.LineSpec{PaidPrice: decimal.NewFromInt(50)})
	return p
}

// resolution is a refund that the report does not tell from others, so that a lost answer needs a person.
func resolution(l limits) plan {
	p := smallPlan(l, refundOf(6000, "a"), item{do: doResolve})
	p.hideIDs = true
	p.jumps = []time.Duration{2 * time.Minute, 5 * time.Minute}
	return p
}

func balanceOf(key string) item {
	return item{do: doRequest, tries: 1, command: payment.Command{
		Kind: payment.KindBalanceRefund, Destination: payment.ToBalance, PaymentID: "10000001", Key: key, Interactive: true,
	}}
}

// early is a refund to balance whose customer may be back before the answer to the init is saved.
func early(l limits) plan {
	it := balanceOf("a")
	return smallPlan(l, it, item{do: doCustomer, tries: customerEarly, command: it.command})
}

// approved is a refund to balance that its customer confirms and its merchant approves.
func approved(l limits) plan {
	it := balanceOf("a")
	return smallPlan(l, it, item{do: doCustomer, command: it.command}, item{do: doApprove, command: it.command})
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

// liar is a refund whose answer or request is lost while a list of iyzico's tells, from the first request on, what is not so: for
// one read, for longer than the settle window, or for good. The same key comes again.
func liar(reports, days []lie, durations int) func(limits) plan {
	return func(l limits) plan {
		p := smallPlan(l, refundOf(6000, "a"), refundOf(6000, "a"))
		p.reportLies, p.dayLies, p.lieAtFirst, p.lieFor = reports, days, true, durations
		return p
	}
}

// named are the lies of a list with such names.
func named(t *testing.T, lies []lie, names ...string) []lie {
	t.Helper()
	var found []lie
	for _, l := range lies {
		if slices.Contains(names, l.name) {
			found = append(found, l)
		}
	}
	if len(found) != len(names) {
		t.Fatalf("%d of the lies %v are known", len(found), names)
	}
	return found
}

// postponed is a refund of two lines whose second leg may be put off while the merchant refunds that line in the panel; the same
// key comes again.
func postponed(l limits) plan {
	p := severalLegs(l)
	p.items = []item{p.items[0], {n: 2, do: doPanelRefund, command: payment.Command{
		PaymentID: "10000001", LineID: "20000002", Amount: money.MinorUnits(4000, ""),
	}}, p.items[1]}
	p.items[2].n = 3
	return p
}

// wholeOnItsDay is all of a payment with the parts of a surcharge, on its day: one Refund v2 that iyzico carries out as a cancel.
func wholeOnItsDay(l limits) plan {
	it := refundOf(0, "a")
	it.command.LineID, it.command.Full = "", true
	p := smallPlan(l, it, it)
	p.payments[0].Lines = []iyzicotest.LineSpec{
		{PaidPrice: decimal.RequireFromString("0.30599401")}, {PaidPrice: decimal.RequireFromString("9.90400599")},
	}
	return p
}

// midnight is a refund and a cancel around midnight in Istanbul.
func midnight(l limits) plan {
	p := smallPlan(l, refundOf(6000, "a"), cancelOf("b"))
	p.start = time.Date(2026, time.March, 2, 20, 59, 50, 0, time.UTC)
	p.payments[0].CreatedAt = p.start.Add(-time.Hour)
	return p
}

// scenario is one search: everything that can happen to a few requests within its limits.
type scenario struct {
	name        string
	plan        func(limits) plan
	small, full limits // of a plain go test, and with IADE_HEAVY
	// least are the histories that the search had when it was written: one that has become smaller without anybody's will
	// fails.
	least, leastFull int
}

var scenarios = []scenario{
	{
		"the same key twice", func(l limits) plan { return smallPlan(l, refundOf(6000, "a"), refundOf(6000, "a")) },
		limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 2}, 10_166, 74_366,
	},
	{
		"two refunds above the remainder", func(l limits) plan { return smallPlan(l, refundOf(6000, "a"), refundOf(6000, "b")) },
		limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 2}, 10_176, 74_436,
	},
	{
		"a refund and a cancel", func(l limits) plan { return smallPlan(l, refundOf(6000, "a"), cancelOf("b")) },
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 2}, 943, 91_291,
	},
	{
		"several legs", severalLegs,
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 1_088, 17_955,
	},
	{
		"an operator's resolution", resolution,
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 814, 8_008,
	},
	{
		"a balance refund and an early callback", early,
		limits{faults: 1, switches: 1}, limits{faults: 1, jumps: 1, switches: 1}, 524, 4_489,
	},
	{
		"a balance refund and its approval", approved,
		limits{switches: 1}, limits{faults: 1}, 18, 181,
	},
	{
		"a lost answer and a report that lies", liar(reportLies, nil, 0),
		limits{faults: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1}, 4_527, 33_606,
	},
	{
		"a lost answer and a day list that lies", liar(nil, dayLies, 0),
		limits{faults: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1}, 2_007, 14_934,
	},
	{
		"a lost answer and two lists that lie", liar(open(reportLies), dayLies, 1),
		limits{faults: 1}, limits{faults: 1, reconciles: 1}, 9_906, 10_302,
	},
	{
		"a leg that is put off while its line is refunded in the panel", postponed,
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 2_654, 29_000,
	},
	{
		"all of a payment on its day", wholeOnItsDay,
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 1_445, 19_504,
	},
	{
		"midnight in Istanbul", midnight,
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 1_057, 13_402,
	},
	{
		"a reversal", func(l limits) plan { return reversals(l) },
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 930, 12_394,
	},
	{
		"a reversal around midnight in Istanbul", aroundMidnight(func(l limits) plan { return reversals(l) }),
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 1_048, 14_216,
	},
	{
		"a reversal and a refund in the panel", func(l limits) plan { return reversals(l, inThePanel()) },
		limits{faults: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 220, 72_309,
	},
	{
		"a reversal whose cancel is proved absent", afterAbsence,
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 490, 3_552,
	},
	{
		"a reversal whose cancel iyzico carries out and refuses", lied,
		limits{faults: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 118, 12_394,
	},
	{
		"a fund payment", func(l limits) plan { return fundPlan(l, fundOf("f"), fundOf("f")) },
		limits{faults: 1, jumps: 1, reconciles: 1}, limits{faults: 1, jumps: 1, reconciles: 1, switches: 1}, 1_088, 16_253,
	},
}

// TestEveryHistory plays all that can happen to a few requests within bounds, one history after the other: two workers and
// a reconciler, every interleaving, every crash point, every outcome at iyzico.
func TestEveryHistory(t *testing.T) {
	t.Parallel()
	for _, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, least := c.small, c.least
			if need.Minutes() {
				l, least = c.full, c.leastFull
			}
			most := 10_000_000
			if raceDetector || testing.Short() {
				most, least = 100, min(least, 100)
			}
			began := time.Now()
			stats, broken, all := enumerate(c.plan(l), flawless, most)
			if broken != nil {
				t.Fatal(shrink(broken))
			}
			t.Logf("%d histories in %s: %s", stats.Worlds, time.Since(began).Round(time.Millisecond), stats)
			if stats.Worlds < least || !all && most > 100 {
				t.Errorf("%d histories, all of them: %t; there were %d", stats.Worlds, all, least)
			}
		})
	}
}

// TestAWrongDecisionIsContradicted: a person says of a refund whose answer was lost, and of which iyzico's report says neither yes
// nor no for a while, that it was not done, and it was. Once the report shows it, the operation is contradicted (I5).
func TestAWrongDecisionIsContradicted(t *testing.T) {
	t.Parallel()
	p := liar(named(t, reportLies, "a report with refundStatus 2"), nil, 0)(limits{faults: 1, jumps: 1, reconciles: 1})
	p.items[1] = item{n: 2, do: doResolve}
	p.jumps = []time.Duration{2 * time.Minute}
	p.wrong, p.operator = true, false
	most := 100_000
	if raceDetector || testing.Short() {
		most = 3_000
	}
	stats, broken, all := enumerate(p, flawless, most)
	if broken != nil {
		t.Fatal(shrink(broken))
	}
	t.Logf("%d histories: %s", stats.Worlds, stats)
	if (stats.Mistakes == 0 || !all) && most > 3_000 {
		t.Errorf("%d wrong decisions were contradicted; all histories: %t", stats.Mistakes, all)
	}
}

// TestEveryHistoryFindsAFlaw shows that the search comes upon what is wrong.
func TestEveryHistoryFindsAFlaw(t *testing.T) {
	t.Parallel()
	misled := func(report, dayList string) plan {
		days := []lie(nil)
		if dayList != "" {
			days = named(t, dayLies, dayList)
		}
		return liar(named(t, reportLies, report), days, 1)(limits{faults: 1})
	}
	for _, c := range []struct {
		name string
		flaw flaw
		plan plan
	}{
		{"a transport that sends again", sendsTwice, smallPlan(limits{faults: 1}, refundOf(4000, "a"))},
		{"a transport that sends a fund payment again", sendsTwice, fundPlan(limits{faults: 1}, fundOf("f"))},
		{"a store that ignores versions and a fund payment", ignoresVersion, fundPlan(limits{switches: 1}, fundOf("f"), fundOf("f"))},
		{"a mark of a fund payment that is not stored", forgetsMark, fundPlan(limits{}, fundOf("f"), fundOf("f"))},
		{"a store that ignores versions", ignoresVersion, smallPlan(limits{switches: 1}, refundOf(6000, "a"), refundOf(6000, "a"))},
		{"no settle window", noSettleWindow, smallPlan(limits{faults: 1}, refundOf(6000, "a"))},
		{"no settle window and a reversal", noSettleWindow, reversals(limits{faults: 1})},
		{"a cancel's \"try later\" that is taken for no", takesLaterForNo, reversals(limits{faults: 1})},
		{"a report that contradicts itself and is believed", believesIncomplete, misled("a report without its entries", "a day list without its newest movement")},
		{"an old report that is taken for a new one", believesStale, misled("a report of long ago", "a day list without its newest movement")},
		{"a day list that nobody looks at", skipsSecondSource, misled("a report that lags behind the settle window", "")},
		{"an entry of ours that is neither done nor failed and is passed over", skipsOpenEntries, misled("a report with refundStatus 2", "half a day list")},
		{"an id in another spelling that is taken for nobody's", skipsOtherSpellings, misled("a report with ids in upper case", "half a day list")},
		{"an entry without a date that is taken for an old one", datesUndated, misled("a report without conversation ids and dates", "half a day list")},
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
