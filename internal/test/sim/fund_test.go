package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// newSession is a customer's session: mostly with enough on it, sometimes one whose payments iyzico reviews.
func newSession(rng *rand.Rand) iyzicotest.SessionSpec {
	spec := iyzicotest.SessionSpec{Balance: decimal.NewFromInt(pick(rng, int64(1000), 1000, 40))}
	if rng.IntN(4) == 0 {
		review := iyzicotest.FraudInReview
		spec.FraudStatus = &review
	}
	return spec
}

// addFunds adds payments from balances to a plan: first requests, repetitions, queries, other bodies with a known key, and
// iyzico's decisions about what is in review.
func addFunds(p *plan, rng *rand.Rand) {
	if rng.IntN(100) >= 40 {
		return
	}
	for range 1 + rng.IntN(2) {
		p.sessions = append(p.sessions, newSession(rng))
	}
	var asked []item
	for range 1 + rng.IntN(6) {
		it := item{do: doRequest, tries: 1 + rng.IntN(4), command: fundCommand(rng, len(p.sessions), len(asked)), refund: rng.IntN(2) == 0}
		if len(asked) > 0 {
			earlier := asked[rng.IntN(len(asked))]
			switch rng.IntN(7) {
			case 0, 1:
				it.command = earlier.command
			case 2:
				it.command.Key = earlier.command.Key
			case 3:
				it = item{do: doGetOperation, command: earlier.command}
			case 4:
				it = item{do: doCheck, command: earlier.command}
			case 5:
				it = item{do: doReview, approve: rng.IntN(3) > 0}
			}
		}
		if it.do == doRequest {
			asked = append(asked, it)
		}
		it.n = len(p.items) + 1
		p.items = slices.Insert(p.items, rng.IntN(len(p.items)+1), it)
	}
}

// fundCommand draws a fund payment of one or two items. Its session token is the session's place in the plan.
func fundCommand(rng *rand.Rand, sessions, n int) payment.Command {
	o := &payment.FundOrder{SessionToken: strconv.Itoa(rng.IntN(sessions))}
	for i := range 1 + rng.IntN(2) {
		price := money.MinorUnits(1+rng.Int64N(2000), money.TRY)
		o.BasketItems = append(o.BasketItems, payment.BasketItem{ID: fmt.Sprint("item-", i), PriceAmount: price})
		o.PriceAmount = o.PriceAmount.Add(price)
	}
	o.PaidAmount = o.PriceAmount
	return payment.Command{
		Kind: payment.KindFundPayment, Key: fmt.Sprint("fund-", n), Currency: money.TRY, Fund: o, Interactive: true,
	}
}

// fundPay lets iyzico work on a fund payment, with an access token fetched for it.
func (w *world) fundPay(c payment.Call) error {
	i, err := strconv.Atoi(c.Command.Fund.SessionToken)
	if err != nil {
		return fmt.Errorf("sim: a session that is not of the plan: %w", err)
	}
	s := w.sessions[i]
	token, err := w.ledger.AccessToken(s.SessionToken, s.MemberIdentifier)
	if err != nil {
		return err
	}
	r := iyzicotest.FundRequest{
		ConversationID: c.ConversationID, SessionToken: s.SessionToken, MemberIdentifier: s.MemberIdentifier, AccessToken: token,
		PaymentType: iyzicotest.PaymentTypeFund, Price: c.Command.Fund.PriceAmount.Decimal(), PaidPrice: c.Amount.Decimal(),
		Currency: string(c.Amount.Currency()),
	}
	for _, item := range c.Command.Fund.BasketItems {
		r.Items = append(r.Items, iyzicotest.FundItem{ID: item.ID, Price: item.PriceAmount.Decimal()})
	}
	p, err := w.ledger.FundPay(r)
	if err == nil {
		w.made = append(w.made, p.ID)
		w.paid[c.ConversationID] = p
		w.stats.Funds++
	}
	return err
}

// fundAnswer is what iyzico says of the payment that it made for a request, as it was made.
func (w *world) fundAnswer(c payment.Call) payment.Answered {
	p := w.paid[c.ConversationID]
	fraud := p.FraudStatus
	answer := payment.Answered{Verdict: payment.VerdictSucceeded, Made: &payment.MadePayment{
		PaymentID: p.ID, PaymentStatus: "SUCCESS", FraudStatus: &fraud, PaidAt: p.CreatedAt,
	}}
	for _, line := range p.Lines {
		answer.Made.Lines = append(answer.Made.Lines, payment.Line{
			ID: line.PaymentTransactionID, ItemID: line.ItemID, PaidAmount: money.New(line.PaidPrice, money.Currency(p.Currency)),
		})
	}
	if fraud == iyzicotest.FraudInReview {
		answer.Verdict = payment.VerdictInReview
	}
	return answer
}

// review is iyzico's decision about every payment that its fraud filter looks at.
func (w *world) review(approve bool) {
	status := iyzicotest.FraudRejected
	if approve {
		status = iyzicotest.FraudApproved
	}
	for _, id := range w.made {
		if p, _ := w.ledger.Payment(id); p.FraudStatus != iyzicotest.FraudInReview {
			continue
		}
		if err := w.ledger.SetFraudStatus(id, status); err != nil {
			w.check.violated("the model holds", id, "%v", err)
		}
		w.log("iyzico", "ends the review of payment %s: %d", id, status)
	}
}

// refundMade asks to refund a part of a payment that a fund payment made, as a storefront does at once.
func (k *worker) refundMade(made payment.Resource) {
	if made.PaymentID == "" || len(made.Lines) == 0 {
		return
	}
	line := made.Lines[0]
	half := decimal.RequireFromString(line.PaidAmount).Div(decimal.NewFromInt(2)).Truncate(2)
	if !half.IsPositive() {
		return
	}
	_, _ = k.ask(item{do: doRequest, command: payment.Command{
		Kind: payment.KindRefund, PaymentID: made.PaymentID, LineID: line.PaymentTransactionID, Amount: money.New(half, ""),
		Destination: payment.ToCard, Key: "refund-" + made.ID, Interactive: true,
	}})
}

// lastFund reads what an operator could read of a fund payment in the end.
func (k *worker) lastFund(id string) {
	w, ctx := k.world, context.Background()
	resource, err := k.service.Check(ctx, id, k.until())
	if payment.CodeOf(err) == payment.CodeNotFound {
		return // it bound nothing
	}
	w.check.finalFund(id, resource, err)
}

// finalFund takes what is shown of a fund payment in the end, and holds it against iyzico's books: absence alone never ends
// it as not executed, and what is charged and listed never waits for a person.
func (c *checker) finalFund(id string, r payment.Resource, err error) {
	op := c.operations[id]
	if err != nil {
		c.violated("I7: everything comes to rest", id, "cannot be read in the end: %v", err)
		return
	}
	op.final = &r
	charged := !c.movedBy(op).IsZero()
	switch {
	case r.Status == payment.StatusNeedsReview && !charged:
		c.w.stats.Reviews++ // nobody can know
		c.legsAreTrue(&r)
		return
	case r.Status == payment.StatusNotExecuted && !slices.Contains(c.resolved, id) && len(op.written) > 0:
		c.violated("absence never ends a fund payment", id, "is not_executed, it was written to the wire, and no person said so")
	}
	c.ended(op)
	if r.Status != payment.StatusSucceeded || r.PaymentID == "" {
		return
	}
	account := c.w.memory.peek(payment.PaymentAccount(r.PaymentID))
	if account.Version == 0 {
		c.violated("a fund payment opens its payment's account", id, "payment %s has none", r.PaymentID)
	} else if paid := account.Totals().PaidAmount; paid.String() != r.PaidPrice {
		c.violated("a fund payment opens its payment's account", id, "payment %s shows %s paid, %s was", r.PaymentID, paid, r.PaidPrice)
	}
}

// fundSequence is what an event's sequence counts: a fund payment is an account of its own.
func fundSequence(d payment.Detail) string {
	if d.Kind == payment.KindFundPayment {
		return d.ID
	}
	return d.PaymentID
}

// reviewing tells whether iyzico's fraud filter looks at the payment of that attempt: nobody knows its end yet.
func (w *world) reviewing(conversationID string) bool {
	p, ok := w.ledger.PaymentByConversation(conversationID)
	return ok && p.FraudStatus == iyzicotest.FraudInReview
}
