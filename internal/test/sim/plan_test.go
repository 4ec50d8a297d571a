package sim

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// plan is everything about a world that is not a choice of the scheduler.
type plan struct {
	start  time.Time
	window time.Duration // SETTLE_WINDOW
	lag    time.Duration // the most that the report is behind
	dayLag time.Duration // the most that the day list is behind
	offset time.Duration // iyzico's clock minus the true time

	reportLies []lie // what the report may tell that is not so
	dayLies    []lie // what the day list may tell
	lieFor     int   // how many of the durations of a lie that is chosen once; 0 = all
	eager      bool  // clients ask again every quarter of the settle window
	goesOn     bool  // who asked for a reversal asks again while it is processing
	lostFirst  bool  // the first request is lost on the way, and proved absent, before anything else happens
	lieAtFirst bool  // the lists choose what they tell once, when the first request leaves
	bothHide   bool  // both lists lag behind the settle window
	reviewFrom int64 // REVIEW_ABSENCE_FROM in minor units; 0 = never

	marketplace    bool   // Refund v2 is refused
	charges        bool   // MARKETPLACE is on, and some refunds of a line are charged to the merchant
	chargeIn       string // how iyzico lists those; empty = like any other
	inRefunds      bool   // a refund of all on its day, which iyzico carries out as a cancel, is listed among the refunds
	wrong          bool   // an operator may take what was done for not done
	hideIDs        bool   // reports show no conversation ids
	failedAttempts bool   // reports list refused attempts, too
	lies           bool   // iyzico may execute and say that it declined
	operator       bool   // somebody resolves what is left in needs_review at the end
	tardy          bool   // iyzico may execute after the settle window: an assumption that does not hold
	perMinute      int    // the limit of calls a minute; 0 = none
	perDay         string // the merchant's own limits; empty and 0 = none
	perHour        int
	bytes          bool // the store keeps the bytes of every account
	offAt          time.Time
	offFor         time.Duration // new money is off for so long from offAt on; 0 = never

	payments []iyzicotest.PaymentSpec
	sessions []iyzicotest.SessionSpec // of customers who pay from their balance
	items    []item
	coarse   bool            // workers pause before effects only
	jumps    []time.Duration // by which time may pass
	limits   limits
}

const sendTimeout = 20 * time.Second

func (p *plan) rules(f flaw) payment.Rules {
	rules := payment.Rules{SettleWindow: p.window, SendTimeout: sendTimeout, BalanceExpiry: balanceExpiry, ClockTolerance: 2*maxSkew + time.Second, Limits: p.ownLimits(), Marketplace: p.charges}
	if p.reviewFrom > 0 {
		rules.ReviewAbsenceFrom = decimal.New(p.reviewFrom, -2)
	}
	if f == noSettleWindow {
		rules.SettleWindow, rules.BalanceExpiry = 0, time.Minute
	}
	return rules
}

func (p *plan) sameDayRefundIn() string {
	if p.inRefunds {
		return iyzicotest.ListRefunds
	}
	return iyzicotest.ListCancels
}

// untrue tells that iyzico does not keep to what settling trusts in: a definite "no" may then be wrong, until evidence
// against it is seen (I5).
func (p *plan) untrue() bool { return p.lies || p.tardy }

// latest is how long after an attempt's deadline iyzico may still execute it, so that the report shows it before the
// settle window is over by anybody's clock.
func (p *plan) latest() time.Duration {
	if p.tardy {
		return 2 * p.window
	}
	return p.window - p.lag - 4*maxSkew
}

// The Ledger numbers payments and lines one after another, so a plan knows the ids.
const (
	firstPayment = 10000001
	firstLine    = 20000001
)

// target is one payment of the plan as callers know it.
type target struct {
	id    string
	lines []string
	paid  []decimal.Decimal
}

func (p *plan) targets() []target {
	var all []target
	line := firstLine
	for i, spec := range p.payments {
		t := target{id: strconv.Itoa(firstPayment + i)}
		for _, l := range spec.Lines {
			t.lines = append(t.lines, strconv.Itoa(line))
			t.paid = append(t.paid, l.PaidPrice)
			line++
		}
		all = append(all, t)
	}
	return all
}

// newPlan draws a plan from a seed.
func newPlan(seed uint64) plan {
	rng := rand.New(rand.NewPCG(seed, 0x706c616e))
	chance := func(percent int) bool { return rng.IntN(100) < percent }
	p := plan{
		start:          time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC).Add(time.Duration(rng.Int64N(int64(48 * time.Hour)))).Truncate(time.Millisecond),
		window:         pick(rng, 15*time.Minute, 15*time.Minute, 5*time.Minute),
		lag:            pick(rng, 0, 0, 30*time.Second, 2*time.Minute),
		offset:         pick(rng, 0, 0, 1500*time.Millisecond, -70*time.Second, 45*time.Second, -10*time.Minute),
		hideIDs:        chance(12),
		failedAttempts: chance(20),
		lies:           chance(6),
		operator:       chance(60),
		bytes:          chance(8),
		tardy:          chance(3),
		perMinute:      pick(rng, 0, 0, 0, 0, 0, 0, 50, 20, 5),
		limits:         limits{faults: pick(rng, 0, 2, 5, 1000, 1000), jumps: 200, reconciles: 40, switches: anySwitches},
	}
	p.jumps = []time.Duration{
		100 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, p.window / 4, p.window, time.Hour, 24 * time.Hour,
	}
	for range 1 + rng.IntN(3) {
		p.payments = append(p.payments, newPayment(rng, p.start.Add(p.offset)))
	}
	g := generator{rng: rng, plan: &p, targets: p.targets(), panel: chance(25)}
	for range 4 + rng.IntN(14) {
		g.next()
	}
	addBalances(&p, rand.New(rand.NewPCG(seed, 0x62616c61)))
	addFunds(&p, rand.New(rand.NewPCG(seed, 0x66756e64)))
	addModel(&p, rand.New(rand.NewPCG(seed, 0x6d6f6465)))
	addLies(&p, rand.New(rand.NewPCG(seed, 0x6c696573)))
	addCharges(&p, rand.New(rand.NewPCG(seed, 0x63686172)))
	addReversals(&p, rand.New(rand.NewPCG(seed, 0x72657665)))
	addRestore(&p, rand.New(rand.NewPCG(seed, 0x6f6c6465)))
	addNotices(&p, rand.New(rand.NewPCG(seed, 0x6e6f7469)))
	addSwitch(&p, rand.New(rand.NewPCG(seed, 0x6f666621)))
	addOwnLimits(&p, rand.New(rand.NewPCG(seed, 0x6f776e21)))
	return p
}

// addModel adds what iyzico was seen to do since: lines with the parts of a surcharge, lists that lag each for itself,
// marketplaces, and worlds that begin shortly before midnight in Istanbul.
func addModel(p *plan, rng *rand.Rand) {
	p.dayLag = pick(rng, 0, 0, p.lag, p.lag/2)
	p.marketplace = rng.IntN(100) < 12
	p.inRefunds = rng.IntN(100) < 20
	p.wrong = rng.IntN(100) < 40
	if rng.IntN(100) < 15 {
		midnight := time.Date(2026, time.March, 3, 21, 0, 0, 0, time.UTC)
		moved := midnight.Add(-time.Duration(rng.Int64N(int64(10 * time.Minute)))).Sub(p.start)
		p.start = p.start.Add(moved)
		for i := range p.payments {
			p.payments[i].CreatedAt = p.payments[i].CreatedAt.Add(moved)
		}
	}
	for i := range p.payments {
		if lines := p.payments[i].Lines; len(lines) == 2 && rng.IntN(2) == 0 {
			lines[0].PaidPrice, lines[1].PaidPrice = decimal.RequireFromString("0.30599401"), decimal.RequireFromString("9.90400599")
		}
	}
}

// addCharges lets some refunds of a line be charged to the merchant, which iyzico need not list. A key that comes again mostly says so
// again.
func addCharges(p *plan, rng *rand.Rand) {
	if p.charges = rng.IntN(100) < 30; !p.charges {
		return
	}
	p.chargeIn = pick(rng, "", "", iyzicotest.ChargeUnnamed, iyzicotest.ChargeNowhere)
	for i := range p.items {
		c := &p.items[i].command
		named := c.LineID != "" && c.LineID != unknownLine
		if c.Kind == payment.KindRefund && c.Allocation == payment.AllocateNone && named && c.Key != "" && c.Key[len(c.Key)-1]%3 > 0 == (rng.IntN(12) > 0) {
			c.ChargedTo = payment.ChargedToMerchant
		}
	}
}

// unknownLine is a line of no payment.
const unknownLine = "29999999"

func newPayment(rng *rand.Rand, now time.Time) iyzicotest.PaymentSpec {
	age := time.Duration(rng.Int64N(int64(4 * time.Hour)))
	switch rng.IntN(20) {
	case 0:
		age = 365*24*time.Hour - time.Duration(rng.Int64N(int64(2*time.Hour)))
	case 1, 2:
		age = time.Duration(1+rng.IntN(40)) * 24 * time.Hour
	}
	spec := iyzicotest.PaymentSpec{CreatedAt: now.Add(-age)}
	switch rng.IntN(30) {
	case 0:
		review := iyzicotest.FraudInReview // not charged yet
		spec.FraudStatus = &review
	case 1:
		spec.Phase = phasePreAuth
	case 2, 3:
		spec.Currency = "EUR"
	}
	for range pick(rng, 1, 1, 1, 2, 3, 4) {
		paid := pick(rng, "100", "50", "10", "33.33333333", "33.33333334", "0.01", "99.99", "1")
		spec.Lines = append(spec.Lines, iyzicotest.LineSpec{PaidPrice: decimal.RequireFromString(paid)})
	}
	return spec
}

// generator draws the items of a plan.
type generator struct {
	rng     *rand.Rand
	plan    *plan
	targets []target
	panel   bool
	keys    int
	asked   []item // requests so far
}

func (g *generator) next() {
	if len(g.asked) == 0 {
		g.request()
		return
	}
	earlier := g.asked[g.rng.IntN(len(g.asked))]
	if g.rng.IntN(2) == 0 {
		earlier = g.asked[len(g.asked)-1] // a double click, an impatient storefront
	}
	it := item{command: earlier.command, tries: 1}
	switch n := g.rng.IntN(100); {
	case n < 46:
		g.request()
		return
	case n < 66:
		it.do, it.tries, it.record = doRequest, 1+g.rng.IntN(3), g.rng.IntN(4) == 0
	case n < 71:
		it.do = doRequest
		it.command = g.command(g.targetOf(earlier.command.PaymentID))
		it.command.Key = earlier.command.Key
	case n < 76:
		it.do = doPreview
		it.command = g.command(g.target())
	case n < 80:
		it.do = doGetOperation
	case n < 84:
		it.do = doGetPayment
	case n < 86:
		it.do = doList
	case n < 91:
		it.do = doCheck
	case n < 95:
		it.do = doResolve
	default:
		if !g.panel {
			g.request()
			return
		}
		t := g.target()
		line := g.rng.IntN(len(t.lines))
		it.do, it.command.PaymentID, it.command.LineID = doPanelRefund, t.id, t.lines[line]
		it.command.Amount = g.amount(t.paid[line])
		if g.rng.IntN(5) == 0 {
			it.do = doPanelCancel
		}
	}
	g.add(it)
}

func (g *generator) add(it item) {
	it.n = len(g.plan.items) + 1
	g.plan.items = append(g.plan.items, it)
}

// request adds a command with a new key.
func (g *generator) request() {
	g.keys++
	it := item{do: doRequest, command: g.command(g.target()), tries: 1 + g.rng.IntN(4), record: g.rng.IntN(5) == 0}
	it.command.Key = fmt.Sprintf("key-%d", g.keys)
	it.command.Interactive = !it.record
	g.asked = append(g.asked, it)
	g.add(it)
}

func (g *generator) target() target { return g.targets[g.rng.IntN(len(g.targets))] }

func (g *generator) targetOf(paymentID string) target {
	for _, t := range g.targets {
		if t.id == paymentID {
			return t
		}
	}
	return g.targets[0]
}

// command draws one request for a payment, mostly one that the rules allow.
func (g *generator) command(t target) payment.Command {
	c := payment.Command{Kind: payment.KindRefund, PaymentID: t.id, Destination: payment.ToCard}
	line := g.rng.IntN(len(t.lines))
	total := decimal.Sum(t.paid[0], t.paid[1:]...)
	switch n := g.rng.IntN(100); {
	case n < 11:
		return payment.Command{Kind: payment.KindCancel, PaymentID: t.id}
	case n < 19:
		c.Full = true
		if g.rng.IntN(3) == 0 {
			c.LineID = t.lines[line]
		}
	case n < 56 || len(t.lines) == 1 && n < 88:
		c.Amount = g.amount(t.paid[line])
		if len(t.lines) > 1 || g.rng.IntN(2) == 0 {
			c.LineID = t.lines[line]
		}
	case n < 98:
		c.Amount = g.amount(total)
		c.Allocation = pick(g.rng, payment.AllocateProportional, payment.AllocateInOrder, payment.AllocateByIyzico)
	case n < 99:
		c.Amount, c.LineID = g.amount(total), unknownLine
	default:
		c.Amount = g.amount(total) // lacks a line or an allocation where there are several
	}
	if g.rng.IntN(6) == 0 {
		c.Currency = pick(g.rng, money.TRY, money.TRY, money.TRY, money.EUR)
		c.Amount = money.New(c.Amount.Decimal(), c.Currency)
	}
	return c
}

// amount draws a part of a paid amount, in minor units; sometimes all of it or a little more.
func (g *generator) amount(paid decimal.Decimal) money.Amount {
	units := paid.Shift(2).IntPart()
	n := 1 + g.rng.Int64N(max(units/2, 1))
	switch g.rng.IntN(12) {
	case 0:
		n = max(units, 1)
	case 1, 2:
		n = max(units/2, 1)
	case 3, 4, 5:
		n = max(units/8, 1)
	case 6:
		n += units * 3 / 4
	}
	return money.MinorUnits(n, "")
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }
