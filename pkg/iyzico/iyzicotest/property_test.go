package iyzicotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// state is everything a Ledger shows, as text, so that two can be compared.
func state(l *Ledger) string {
	var b []byte
	add := func(v any) {
		line, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		b = append(append(b, line...), '\n')
	}
	for _, a := range l.order {
		r, _ := l.report(a, l.clock().AddDate(1, 0, 0))
		add(r)
		add(a.payment)
		add(a.at)
		add([]any{a.cancelled, a.cancelledAt, a.refunded})
		for _, line := range a.lines {
			for _, m := range line.refunds {
				add([]any{m.txID, m.createdAt, m.price})
			}
		}
	}
	for _, x := range l.executions {
		add(x)
	}
	for n := int64(1); n < l.nextToken; n++ {
		add(l.balances[opaque("refund to balance", n)])
	}
	for n := int64(1); n < l.nextSession; n++ {
		add(l.sessions[opaque("session", n)])
	}
	add([]int64{l.nextPayment, l.nextLine, l.nextRefundTx, l.nextToken, l.nextSession})
	return string(b)
}

// checkMoney recomputes every remainder from the executions' side and the lines' side.
func checkMoney(t *testing.T, l *Ledger) {
	t.Helper()
	out := map[string]decimal.Decimal{}
	for _, x := range l.executions {
		switch x.Kind {
		case KindRefund, KindCancel, KindBalanceRefund:
			out[x.PaymentID] = out[x.PaymentID].Add(x.Price)
		}
	}
	for _, a := range l.order {
		sum := decimal.Zero
		for i := range a.lines {
			if a.remainder(i).IsNegative() {
				t.Fatalf("payment %s line %d: remainder %s", a.payment.ID, i, a.remainder(i))
			}
			sum = sum.Add(a.lines[i].refunded)
		}
		checkReport(t, l, a)
		if a.cancelled {
			if sum.IsPositive() {
				t.Fatalf("payment %s: cancelled and refunded %s", a.payment.ID, sum)
			}
			sum = a.payment.PaidPrice
		}
		if !sum.Equal(out[a.payment.ID]) {
			t.Fatalf("payment %s: lines say %s went out, executions %s", a.payment.ID, sum, out[a.payment.ID])
		}
		if sum.GreaterThan(a.payment.PaidPrice) {
			t.Fatalf("payment %s: %s of %s went out", a.payment.ID, sum, a.payment.PaidPrice)
		}
	}
}

// checkReport holds what reports show of a payment against what went out: details and day list tell of the same money.
func checkReport(t *testing.T, l *Ledger, a *account) {
	t.Helper()
	gone := a.refunded
	if a.cancelled {
		gone = a.payment.PaidPrice
	}
	r, _ := l.report(a, l.clock())
	shown := decimal.Zero
	entry := func(e ReportedRefund) {
		if e.Status == 1 {
			shown = shown.Add(e.Price)
		}
	}
	for _, line := range r.Lines {
		for _, e := range line.Refunds {
			entry(e)
		}
	}
	for _, e := range r.Cancels {
		entry(e)
	}
	listed := decimal.Zero
	for _, row := range l.appendRows(nil, a, l.clock()) {
		if row.Type != TransactionPayment {
			listed = listed.Add(row.Price)
		}
	}
	status := NotRefunded
	switch {
	case gone.Equal(a.payment.PaidPrice):
		status = TotallyRefunded
	case gone.IsPositive():
		status = PartiallyRefunded
	}
	if !shown.Equal(gone) || !listed.Equal(gone) || r.RefundStatus != status {
		t.Fatalf("payment %s: %s went out, details show %s and %s, the day list %s", a.payment.ID, gone, shown, r.RefundStatus, listed)
	}
}

// player does random things to a Ledger.
type player struct {
	r      *rand.Rand
	l      *Ledger
	c      *clock
	tokens []string
	funds  []FundRequest
}

func (p *player) price() decimal.Decimal {
	if p.r.IntN(4) == 0 {
		return decimal.New(p.r.Int64N(3_000_000_000), -8)
	}
	return decimal.New(p.r.Int64N(3000), -2)
}

// whole is all that was paid for a payment.
func (p *player) whole(paymentID string) decimal.Decimal {
	paid, _ := p.l.Payment(paymentID)
	return paid.PaidPrice
}

func (p *player) line() string    { return formatID(firstLineID + p.r.Int64N(40)) }
func (p *player) payment() string { return formatID(firstPaymentID + p.r.Int64N(20)) }

func (p *player) token() string {
	if len(p.tokens) == 0 {
		return "none"
	}
	return p.tokens[p.r.IntN(len(p.tokens))]
}

func (p *player) step() error {
	p.c.pass(time.Duration(p.r.Int64N(int64(2 * time.Hour))))
	switch p.r.IntN(17) {
	case 0:
		spec := PaymentSpec{ConversationID: fmt.Sprint("o-", p.r.IntN(5)), PaymentStatus: p.r.IntN(3), Path: PathAuth}
		for range 1 + p.r.IntN(3) {
			spec.Lines = append(spec.Lines, LineSpec{PaidPrice: p.price()})
		}
		if p.r.IntN(5) == 0 {
			spec.FraudStatus = pointer(p.r.IntN(3) - 1)
		}
		_, err := p.l.AddPayment(spec)
		return err
	case 1, 2, 3:
		_, err := p.l.Refund(RefundRequest{ConversationID: fmt.Sprint("r-", p.r.IntN(50)), PaymentTransactionID: p.line(), Price: p.price()})
		return err
	case 4, 5:
		_, err := p.l.RefundV2(RefundV2Request{ConversationID: fmt.Sprint("v-", p.r.IntN(50)), PaymentID: p.payment(), Price: p.price()})
		return err
	case 6:
		_, err := p.l.Cancel(CancelRequest{ConversationID: fmt.Sprint("c-", p.r.IntN(50)), PaymentID: p.payment()})
		return err
	case 7:
		_, err := p.l.PanelRefund(p.line(), p.price())
		return err
	case 8:
		token, err := p.l.InitBalanceRefund(p.payment(), "init", "https://shop.example/")
		if err == nil {
			p.tokens = append(p.tokens, token)
		}
		return err
	case 9:
		return p.l.ConfirmBalanceRefund(p.token())
	case 10:
		if p.r.IntN(3) == 0 {
			return p.l.DeclineBalanceRefund(p.token())
		}
		return p.l.ApproveBalanceRefund(p.token())
	case 11:
		s, err := p.l.AddSession(SessionSpec{Balance: p.price(), FraudStatus: pointer(p.r.IntN(2))})
		if err == nil {
			p.funds = append(p.funds, FundRequest{SessionToken: s.SessionToken, MemberIdentifier: s.MemberIdentifier, PaymentType: PaymentTypeFund})
		}
		return err
	case 12:
		if len(p.funds) == 0 {
			return nil
		}
		f := p.funds[p.r.IntN(len(p.funds))]
		if p.r.IntN(10) == 0 {
			return p.l.InvalidateSession(f.SessionToken, f.MemberIdentifier)
		}
		token, err := p.l.AccessToken(f.SessionToken, f.MemberIdentifier)
		if err != nil {
			return err
		}
		f.AccessToken, f.Price, f.PaidPrice = token, dec("3"), p.price()
		f.Items = []FundItem{{"a", dec("1")}, {"b", dec("1")}, {"c", dec("1")}}
		_, err = p.l.FundPay(f)
		return err
	case 13:
		id := p.payment()
		_, err := p.l.RefundV2(RefundV2Request{ConversationID: "whole", PaymentID: id, Price: p.whole(id)})
		return err
	case 14:
		_, err := p.l.RefundChargedToMerchant(RefundRequest{ConversationID: "m", PaymentTransactionID: p.line(), Price: p.price()})
		return err
	case 15:
		p.l.SetSameDayRefundIn([]string{ListCancels, ListRefunds}[p.r.IntN(2)])
		return nil
	default:
		return p.l.SetFraudStatus(p.payment(), 2*p.r.IntN(2)-1)
	}
}

func TestRandomHistoriesKeepTheRulesAndReplayExactly(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		var journal []Entry
		c := &clock{noon}
		options := []Option{WithJournal(func(e Entry) error {
			journal = append(journal, e)
			return nil
		})}
		if seed%2 == 1 {
			options = append(options, WithFailedAttempts())
		}
		p := player{r: rand.New(rand.NewPCG(seed, 1)), l: NewLedger(c.Now, options...), c: c}
		executed := 0
		for range 300 {
			var refusal *Refusal
			switch err := p.step(); {
			case err == nil:
				executed++
			case !errors.As(err, &refusal):
				t.Fatalf("seed %d: %v", seed, err)
			}
			checkMoney(t, p.l)
		}
		if executed < 50 {
			t.Fatalf("seed %d: only %d steps succeeded", seed, executed)
		}
		again := NewLedger(c.Now)
		if err := again.Replay(throughJSON(t, journal)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got, want := state(again), state(p.l); got != want {
			t.Fatalf("seed %d: replay differs:\n%s\nwant:\n%s", seed, got, want)
		}
	}
}

func throughJSON(t *testing.T, entries []Entry) []Entry {
	t.Helper()
	read := make([]Entry, len(entries))
	for i, e := range entries {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &read[i]); err != nil {
			t.Fatal(err)
		}
	}
	return read
}

func TestSameCallsGiveTheSameState(t *testing.T) {
	t.Parallel()
	play := func() string {
		c := &clock{noon}
		p := player{r: rand.New(rand.NewPCG(7, 7)), l: NewLedger(c.Now), c: c}
		for range 500 {
			_ = p.step()
		}
		return state(p.l)
	}
	if first, second := play(), play(); first != second {
		t.Error("two runs differ")
	}
}

func TestAFailedJournalChangesNothingAndStopsTheLedger(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	var fail error
	c := &clock{noon}
	l := NewLedger(c.Now, WithJournal(func(Entry) error { return fail }))
	p := addPayment(t, l, "10")
	before := state(l)
	fail = full
	_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "1"))
	if !errors.Is(err, full) {
		t.Fatalf("got %v, want the journal's error", err)
	}
	fail = nil
	if _, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "1")); !errors.Is(err, full) {
		t.Errorf("after the failure got %v, want the same error", err)
	}
	if after := state(l); !reflect.DeepEqual(after, before) {
		t.Errorf("state changed:\n%s\nwant:\n%s", after, before)
	}
}

func TestReplayRefusesEntriesThatDoNotFit(t *testing.T) {
	t.Parallel()
	payment := &Payment{ID: "10000001", Lines: []Line{{PaymentTransactionID: "20000001"}}}
	paid := Entry{Kind: EntryPayment, Payment: payment}
	tests := map[string][]Entry{
		"unknown kind":         {{Kind: "x"}},
		"unknown payment":      {{Kind: EntryRefund, PaymentID: "10000001"}},
		"kind with a payment":  {paid, {Kind: "x", PaymentID: "10000001"}},
		"payment missing":      {{Kind: EntryPayment}},
		"payment id":           {{Kind: EntryPayment, Payment: &Payment{ID: "x", Lines: payment.Lines}}},
		"line id":              {{Kind: EntryPayment, Payment: &Payment{ID: "1", Lines: []Line{{PaymentTransactionID: "x"}}}}},
		"payment's session":    {{Kind: EntryPayment, Payment: &Payment{ID: "1", SessionToken: "x", Lines: payment.Lines}}},
		"unknown line":         {paid, {Kind: EntryRefund, PaymentID: "10000001", Parts: []RefundPart{{PaymentTransactionID: "1"}}}},
		"refund id":            {paid, {Kind: EntryRefund, PaymentID: "10000001", Parts: []RefundPart{{PaymentTransactionID: "20000001"}}}},
		"cancel without id":    {paid, {Kind: EntryCancel, PaymentID: "10000001"}},
		"cancel id":            {paid, {Kind: EntryCancel, PaymentID: "10000001", Parts: []RefundPart{{}}}},
		"unknown token":        {paid, {Kind: EntryBalanceStage, PaymentID: "10000001"}},
		"session missing":      {{Kind: EntrySession}},
		"unknown session ends": {{Kind: EntrySessionEnd}},
	}
	for name, entries := range tests {
		l, _ := newTestLedger(t)
		if err := l.Replay(entries); err == nil {
			t.Errorf("%s: replayed", name)
		}
	}
}

func BenchmarkRefundAndReport(b *testing.B) {
	c := &clock{noon}
	l := NewLedger(c.Now)
	for i := 0; b.Loop(); i++ {
		p, err := l.AddPayment(PaymentSpec{Lines: []LineSpec{{PaidPrice: decimal.New(1000, -2)}}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.Refund(RefundRequest{PaymentTransactionID: p.Lines[0].PaymentTransactionID, Price: decimal.New(100, -2)}); err != nil {
			b.Fatal(err)
		}
		if _, ok := l.Report(p.ID, 0); !ok {
			b.Fatal("not reported")
		}
	}
}
