package payment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// Fund is what a fund payment's operation keeps of its order and of the payment that it made: ids, amounts and states,
// nothing of a person (I9). Operation.Amount is what the customer pays.
type Fund struct {
	PriceAmount money.Amount // the sum of the basket's prices
	Made        MadePayment  // empty until iyzico has named the payment
	Seeded      bool         // the payment's own account has been opened
}

// MadePayment is a payment that a fund payment made, as iyzico shows it.
type MadePayment struct {
	PaymentID     string
	PaymentStatus string // SUCCESS or FAILURE; empty where iyzico's answer leaves it open
	FraudStatus   *int   // 1 approved, 0 in review, -1 rejected; nil if not given
	PaidAt        time.Time
	Lines         []Line
}

// FundAccount is the id of the account of one fund payment.
func FundAccount(operationID string) AccountID { return AccountID(fundPrefix + operationID) }

// isFund tells whether this is the account of a fund payment: it holds that one operation and no lines.
func (id AccountID) isFund() bool { return id.PaymentID() == "" }

// clone copies what Decide may change.
func (f *Fund) clone() *Fund {
	if f == nil {
		return nil
	}
	next := *f
	next.Made.Lines = slices.Clone(f.Made.Lines)
	return &next
}

// take takes over what iyzico says of the payment that was made. It returns false if the operation knows of another one:
// then iyzico's word contradicts itself.
func (f *Fund) take(made MadePayment) bool {
	if f.Made.PaymentID != "" && f.Made.PaymentID != made.PaymentID {
		return false
	}
	if made.PaidAt.IsZero() {
		made.PaidAt = f.Made.PaidAt
	}
	if made.PaymentStatus == "" {
		made.PaymentStatus = f.Made.PaymentStatus
	}
	f.Made = made
	return true
}

// unseeded tells whether the operation made a payment whose own account may not have been opened yet.
func (o *Operation) unseeded() bool {
	return o.Fund != nil && !o.Fund.Seeded && o.Fund.Made.PaymentID != "" && len(o.Fund.Made.Lines) > 0 &&
		o.Status() == StatusSucceeded
}

// unseeded is the account's operation that unseeded accepts, nil if there is none.
func (a *Account) unseeded() *Operation {
	for i := range a.Operations {
		if op := &a.Operations[i]; op.unseeded() {
			return op
		}
	}
	return nil
}

// requestedFund answers a fund payment's command. Nothing about it depends on what iyzico knows, so the first send needs
// no read: its form was checked, and the account holds no other operation. Only a restored table may have forgotten an
// earlier attempt of the same key, which iyzico's report is asked for.
func (r Rules) requestedFund(a *Account, e Requested, now time.Time) (*Call, error) {
	c := e.Command
	op := a.operationByKey(c.Key)
	if op != nil && op.Status() != StatusNotSent {
		return r.known(a, op, e, now)
	}
	if r.mayHaveForgotten(op) {
		if e.Report == nil {
			return nil, ErrReadFirst
		}
		if e.Report.PaymentID != "" {
			r.recallFund(a, c, *e.Report, now)
			return nil, nil
		}
	}
	if e.Until.Sub(now) < MinSendTime {
		return nil, &Error{Code: CodeUnavailable, Message: "too little time is left to send: nothing was sent, ask again with the same key", RetryAfter: time.Second}
	}
	op = a.putFund(c, Leg{State: StateReserved}, now)
	return r.mark(a, op, c, e.Until, now), nil
}

// putFund adds the operation of a fund payment with its one leg.
func (a *Account) putFund(c Command, leg Leg, now time.Time) *Operation {
	a.Currency = c.Fund.PaidAmount.Currency()
	leg.API, leg.Amount = APIFund, c.Fund.PaidAmount
	return a.put(Operation{Legs: []Leg{leg}, Fund: &Fund{PriceAmount: c.Fund.PriceAmount}}, c, now)
}

// mayHaveForgotten tells whether the table was restored since what it knows of the key was written.
func (r Rules) mayHaveForgotten(op *Operation) bool {
	return !r.RestoredAt.IsZero() && (op == nil || op.UpdatedAt.Before(r.RestoredAt))
}

// recallFund takes over an attempt that iyzico lists and the restored table forgot: it is settled, never sent (I2).
func (r Rules) recallFund(a *Account, c Command, rep Report, now time.Time) {
	_, attempt, _ := splitConversationID(rep.ConversationID)
	op := a.putFund(c, Leg{State: StateUnknown, Attempt: attempt, SendBy: now, DueAt: now}, now)
	op.Restored, op.Attempts = true, max(op.Attempts, attempt)
	r.judgeFund(a, op, &op.Legs[0], rep, now)
}

// Seeded opens the account of a payment that a fund payment made, so that it can be refunded without a read. An account
// that is there already stays as it is, so the event may come any number of times.
type Seeded struct {
	PaymentID string
	Currency  money.Currency
	PaidAt    time.Time
	Lines     []Line
}

// SeedDone says that the account of the payment that this operation made is there.
type SeedDone struct {
	OperationID string
}

func (Seeded) event()   {}
func (SeedDone) event() {}

// seeded opens the account if it was never saved.
func (a *Account) seeded(e Seeded) {
	if a.Version == 0 {
		a.PaymentID, a.Currency, a.PaidAt, a.Lines, a.Charged = e.PaymentID, e.Currency, e.PaidAt, e.Lines, true
	}
}

func (a *Account) seedDone(e SeedDone) {
	if op := a.Operation(e.OperationID); op != nil && op.unseeded() {
		op.Fund.Seeded = true
	}
}

// seed opens the payment's account that a fund payment's success calls for, and notes that it is done. A crash in between
// leaves the fund payment's account due, and a repetition changes nothing that is there: each of the two writes is
// harmless to repeat.
func (s *Service) seed(ctx context.Context, account Account) error {
	op := account.unseeded()
	if op == nil {
		return nil
	}
	made := op.Fund.Made
	if _, err := s.Apply(ctx, PaymentAccount(made.PaymentID), Seeded{made.PaymentID, account.Currency, made.PaidAt, made.Lines}); err != nil {
		return fmt.Errorf("open the account of payment %s: %w", made.PaymentID, err)
	}
	if _, err := s.Apply(ctx, account.ID, SeedDone{op.ID}); err != nil {
		return fmt.Errorf("note that payment %s has its account: %w", made.PaymentID, err)
	}
	return nil
}
