package payment

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"time"
)

// maxReturned is how many tokens are remembered of browsers that came back before the answer to the init was saved.
const maxReturned = 3

// CustomerPage is what a balance refund keeps of iyzico's page on which the customer confirms it. The token itself is never
// kept, and the url only in a form that the domain cannot read: whoever has the url can take the refund.
type CustomerPage struct {
	SealedURL string    // opaque here; empty before the page opened and from the moment when nobody needs it any more
	TokenHash string    // HashToken of the token that iyzico gave with the url
	Returned  []string  // hashes of tokens that browsers came back with before iyzico's answer was saved
	Since     time.Time // when the waiting began: at the opening, and again when the browser came back
	Locale    string    // tr or en as the caller asked for it, empty if not
}

// Opened is what iyzico gave for a balance refund: the page for the customer, sealed, and the token's hash.
type Opened struct {
	SealedURL string
	TokenHash string
}

// Returned says that a customer's browser came back from iyzico's page with a token. It proves no more than that somebody
// knew the token: money never counts as moved by it.
type Returned struct {
	OperationID string
	TokenHash   string
}

func (Returned) event() {}

// HashToken is the only form in which a token is kept: SHA-256, so that a reader of the table cannot play the browser.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte("iade balance token\x00" + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// knows tells whether the hash is that of a token which iyzico gave, or which a browser showed before that was known. It
// takes the same time whatever is in it.
func (p *CustomerPage) knows(tokenHash string) bool {
	found := 0
	for _, known := range append([]string{p.TokenHash}, p.Returned...) {
		found |= subtle.ConstantTimeCompare([]byte(known), []byte(tokenHash))
	}
	return found == 1 && tokenHash != ""
}

// errNoReturn answers everything that does not verify alike: nobody learns what exists.
func errNoReturn() error { return fail(CodeNotFound, "there is nothing to come back to") }

// returned takes a browser's return. Before iyzico's answer is saved the token cannot be compared: its hash waits for the
// answer. Time is not passed first: a browser that comes back is evidence that the init arrived, which `due` alone
// would lose.
func (r Rules) returned(a *Account, e Returned, now time.Time) error {
	op := a.Operation(e.OperationID)
	if op == nil || op.Kind != KindBalanceRefund || len(op.Legs) != 1 || e.TokenHash == "" {
		return errNoReturn()
	}
	leg := &op.Legs[0]
	if leg.State == StateSending {
		if !op.Page.knows(e.TokenHash) && len(op.Page.Returned) < maxReturned {
			op.Page.Returned = append(op.Page.Returned, e.TokenHash)
		}
		return nil
	}
	if !op.Page.knows(e.TokenHash) {
		return errNoReturn()
	}
	if !op.move(leg, TriggerReturned) {
		return nil
	}
	if leg.State == StateNeedsReview {
		leg.ReviewSince, leg.DueAt = now, nextReview(leg, now)
		return nil
	}
	r.await(op, leg, now)
	return nil
}

// opening is what an answer to the init does to its leg. Only a page whose url is now known is open. Without that nothing
// can move, for nobody holds the url; if a browser has come back all the same, somebody did.
func (o *Operation) opening(e Answered, on Trigger) Trigger {
	came := len(o.Page.Returned) > 0
	switch {
	case on == TriggerOpened && e.Opened == nil:
		return o.opening(e, TriggerLost)
	case on == TriggerOpened && slices.Contains(o.Page.Returned, e.Opened.TokenHash):
		return TriggerOpenedReturned
	case on == TriggerOpened:
		return TriggerOpened
	case came:
		return TriggerTokenLost
	}
	return on
}

// opened keeps what the answer brought, once the leg has moved on by it.
func (r Rules) opened(op *Operation, leg *Leg, opened Opened, now time.Time) {
	op.Page.TokenHash, op.Page.Returned = opened.TokenHash, nil
	if leg.State == StateAwaitingCustomer {
		op.Page.SealedURL = opened.SealedURL
	}
	r.await(op, leg, now)
}

// await starts the clock of a leg that waits for the customer or the merchant.
func (r Rules) await(op *Operation, leg *Leg, now time.Time) {
	op.Page.Since = now
	leg.DueAt = r.nextWatch(op, now)
}

// nextWatch is when the report is read next while people at iyzico have to act: soon at first, then ever more rarely, at
// least once a settle window, and at the latest when their time is over.
func (r Rules) nextWatch(op *Operation, now time.Time) time.Time {
	pause := max(min(max(now.Sub(op.Page.Since)/4, r.SettleWindow/30), r.SettleWindow), time.Second)
	return earlier(now.Add(pause), op.Page.Since.Add(r.BalanceExpiry))
}

// awaiting tells whether people at iyzico have to act.
func (l *Leg) awaiting() bool {
	return l.State == StateAwaitingCustomer || l.State == StateAwaitingMerchant
}

// expire sends a leg that waited too long to a person: iyzico's link may still work, so it stays reserved.
func (r Rules) expire(op *Operation, leg *Leg, now time.Time) {
	if !leg.awaiting() || now.Before(op.Page.Since.Add(r.BalanceExpiry)) {
		return
	}
	failure := &Failure{Reason: ReasonNotConfirmed, Message: "no confirmation of the customer came back in time; iyzico's page may still be open"}
	if leg.State == StateAwaitingMerchant {
		failure = &Failure{Reason: ReasonNotApproved, Message: "the refund did not appear in iyzico's report in time; the merchant may still approve it"}
	}
	if r.review(op, leg, TriggerDue, now) {
		leg.Failure = failure
	}
}

// balanceEvidence is what a report, already absorbed, says of a balance refund. iyzico does not say how it lists one, so both
// its own conversationId and entries without one count. Only a payment that iyzico calls totally refunded, by entries that
// are this refund's or nobody's, new since the init, and sum to what was paid, is this refund done; anything else that is new
// is not explained. A page that nobody held cannot have been confirmed: there only entries under our own id are evidence.
func (r Rules) balanceEvidence(a *Account, op *Operation, leg *Leg, own finding, rep Report) Evidence {
	sum, some, cancelled := own.moved, own.present, own.misfit
	for _, f := range a.Foreign {
		if f.Assumed || !f.newSince(op, r.behind(rep)) {
			continue
		}
		some = true
		cancelled = cancelled || f.Cancel
		if f.moved() {
			sum = sum.Add(f.Amount)
		}
	}
	complete := rep.RefundStatus == TotallyRefunded && !cancelled && sum.Sign() > 0 && near(sum, leg.Amount)
	switch leg.State {
	case StateExpired, StateRejected, StateNotExecuted, StateNotSent:
		if own.held || leg.State == StateExpired && complete && !a.otherwise(op) {
			return EvidenceDone
		}
		return EvidenceAbsent
	case StateReserved, StateSending, StateUnknown, StateInReview, StateAwaitingCustomer, StateAwaitingMerchant, StateNeedsReview, StateSucceeded:
	}
	switch {
	case complete:
		return EvidenceDone
	case some:
		return EvidenceUnexplained
	}
	return EvidenceAbsent
}

// otherwise tells whether something else of ours may explain what is new on the payment after a balance refund was given up:
// another one that waits at iyzico, or refunds made since (whose ids iyzico's report may hide).
func (a *Account) otherwise(op *Operation) bool {
	for i := range a.Operations {
		other := &a.Operations[i]
		if other.ID == op.ID {
			continue
		}
		if other.RefundedAmount().Sign() > 0 || other.Kind == KindBalanceRefund && len(other.Legs) == 1 && other.Legs[0].awaiting() {
			return true
		}
	}
	return false
}

// claimBalance lets the refund explain the new entries that are its own money, so that they count once.
func (a *Account) claimBalance(op *Operation, leg *Leg, own finding, behind time.Duration) {
	if len(own.entries) > 0 {
		a.prove(leg, own)
	}
	a.Foreign = slices.DeleteFunc(a.Foreign, func(f Foreign) bool {
		if !f.counts() || f.Cancel || !f.newSince(op, behind) {
			return false
		}
		leg.ClaimedTx = append(leg.ClaimedTx, f.key())
		if leg.Proof.RefundTxID == "" {
			leg.Proof.RefundTxID = f.TxID
		}
		return true
	})
}

// guardBalance applies the rules of a refund to balance beyond those of every refund: it takes the whole payment, so
// nothing may be refunded or promised.
func (a *Account) guardBalance() error {
	if op := a.openOperation(anyLeg); op != nil {
		return &Error{
			Code: CodeNotRefundable, OperationID: op.ID,
			Message: string(op.Kind) + " " + op.ID + " is " + string(op.Status()) + ": a refund to balance takes the whole payment",
		}
	}
	if a.Totals().RefundedAmount.Sign() > 0 {
		return &Error{
			Code: CodeNotRefundable, OperationID: a.refundedBy(),
			Message: "part of the payment was refunded: a refund to balance takes the whole payment, refund the rest to the card instead",
		}
	}
	return nil
}

// wholePaymentLeg is the one leg of what moves the payment as a whole.
func wholePaymentLeg(api API, t Totals) []Leg {
	return []Leg{{API: api, Amount: t.PaidAmount, State: StateReserved}}
}
