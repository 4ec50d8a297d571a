package iyzicotest

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Kinds of journal entries.
const (
	EntryPayment      = "payment"
	EntryReview       = "review"
	EntryCapture      = "capture"
	EntryRefund       = "refund"
	EntryCancel       = "cancel"
	EntryBalanceInit  = "balance_init"
	EntryBalanceStage = "balance_stage"
	EntrySession      = "session"
	EntrySessionEnd   = "session_end"
)

// Entry is one state change, complete: replaying the entries in order gives the exact state.
type Entry struct {
	Kind string `json:"kind"`
	// At is the time on the injected clock, CreatedAt on iyzico's own.
	At        time.Time `json:"at"`
	CreatedAt time.Time `json:"createdAt"`

	PaymentID      string          `json:"paymentId,omitempty"`
	Path           string          `json:"path,omitempty"`
	ConversationID string          `json:"conversationId,omitempty"`
	Price          decimal.Decimal `json:"price,omitzero"`
	Parts          []RefundPart    `json:"parts,omitempty"`
	// Refusal is the code of an attempt that was refused and is only listed.
	Refusal     string   `json:"refusal,omitempty"`
	Payment     *Payment `json:"payment,omitempty"`
	FraudStatus int      `json:"fraudStatus,omitempty"`
	Token       string   `json:"token,omitempty"`
	CallbackURL string   `json:"callbackUrl,omitempty"`
	Locale      string   `json:"locale,omitempty"`
	Stage       string   `json:"stage,omitempty"`
	Session     *Session `json:"session,omitempty"`
}

var errBadEntry = errors.New("journal entry does not fit")

// commit journals a change, then makes it visible.
func (l *Ledger) commit(e Entry) error {
	if l.broken != nil {
		return l.broken
	}
	if l.journal != nil {
		if err := l.journal(e); err != nil {
			l.broken = fmt.Errorf("journal %s: %w", e.Kind, err)
			return l.broken
		}
	}
	return l.apply(&e)
}

// Replay applies entries that a journal kept, without journaling them again. An entry that refers to something unknown
// is an error; the Ledger is then of no more use.
func (l *Ledger) Replay(entries []Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range entries {
		if err := l.apply(&entries[i]); err != nil {
			return fmt.Errorf("replay entry %d (%s): %w", i+1, entries[i].Kind, err)
		}
	}
	return nil
}

func (l *Ledger) apply(e *Entry) error {
	switch e.Kind {
	case EntryPayment:
		return l.applyPayment(e)
	case EntrySession:
		return l.applySession(e)
	case EntrySessionEnd:
		s, ok := l.sessions[e.Token]
		if !ok {
			return errBadEntry
		}
		s.Active = false
		return nil
	}
	a, ok := l.payments[e.PaymentID]
	if !ok {
		return errBadEntry
	}
	switch e.Kind {
	case EntryReview:
		return l.applyReview(a, e)
	case EntryCapture:
		a.payment.Phase = PhasePostAuth
		return nil
	case EntryRefund:
		return l.applyRefund(a, e, KindRefund)
	case EntryCancel:
		return l.applyCancel(a, e)
	case EntryBalanceInit:
		l.balances[e.Token] = &BalanceRefund{
			Token: e.Token, PaymentID: e.PaymentID, ConversationID: e.ConversationID,
			CallbackURL: e.CallbackURL, Locale: e.Locale, Stage: BalanceOpened, OpenedAt: e.CreatedAt,
		}
		l.nextToken++
		return nil
	case EntryBalanceStage:
		return l.applyBalanceStage(a, e)
	}
	return errBadEntry
}

func (l *Ledger) applyPayment(e *Entry) error {
	if e.Payment == nil || len(e.Payment.Lines) == 0 {
		return errBadEntry
	}
	a := &account{payment: e.Payment.clone(), at: e.At, lines: make([]lineState, len(e.Payment.Lines))}
	p := &a.payment
	if p.SessionToken != "" {
		s, ok := l.sessions[p.SessionToken]
		if !ok {
			return errBadEntry
		}
		s.Balance = s.Balance.Sub(p.PaidPrice)
		s.LastPaymentID = p.ID
	}
	if err := advance(&l.nextPayment, p.ID); err != nil {
		return fmt.Errorf("payment id: %w", err)
	}
	for i, line := range p.Lines {
		if err := advance(&l.nextLine, line.PaymentTransactionID); err != nil {
			return fmt.Errorf("line id: %w", err)
		}
		l.lines[line.PaymentTransactionID] = lineRef{a, i}
	}
	l.payments[p.ID] = a
	l.order = append(l.order, a)
	if p.ConversationID != "" {
		l.byConversation[p.ConversationID] = append(l.byConversation[p.ConversationID], a)
	}
	l.executePayment(a, e.At)
	return nil
}

// executePayment records the money of a payment that came in by a request, once it is charged.
func (l *Ledger) executePayment(a *account, at time.Time) {
	p := &a.payment
	if p.Path == "" || !p.Charged() {
		return
	}
	kind := KindPayment
	if p.SessionToken != "" {
		kind = KindFundPayment
	}
	l.execute(a, Execution{Kind: kind, Path: p.Path, ConversationID: p.ConversationID, Price: p.PaidPrice, At: at})
}

func (l *Ledger) applyReview(a *account, e *Entry) error {
	a.payment.FraudStatus = e.FraudStatus
	if s, ok := l.sessions[a.payment.SessionToken]; ok && e.FraudStatus == FraudRejected {
		s.Balance = s.Balance.Add(a.payment.PaidPrice)
	}
	l.executePayment(a, e.At)
	return nil
}

func (l *Ledger) applyRefund(a *account, e *Entry, kind string) error {
	conversationID := e.ConversationID
	if kind == KindBalanceRefund {
		conversationID = ""
	}
	for i, part := range e.Parts {
		line, err := l.applyPart(a, part)
		if err != nil {
			return err
		}
		m := e.movement(part, conversationID)
		m.createdAt = m.createdAt.Add(min(time.Duration(i)*partDelay, lastPartDelay))
		line.refunds = append(line.refunds, m)
		if m.refusal == nil {
			line.refunded = line.refunded.Add(part.Price)
			a.refunded = a.refunded.Add(part.Price)
		}
	}
	if e.Refusal != "" {
		return nil
	}
	x := Execution{Kind: kind, Path: e.Path, ConversationID: e.ConversationID, Price: e.Price, At: e.At}
	if len(e.Parts) == 1 {
		x.PaymentTransactionID = e.Parts[0].PaymentTransactionID
	}
	l.execute(a, x)
	return nil
}

// applyPart finds the line of a part and takes its id.
func (l *Ledger) applyPart(a *account, part RefundPart) (*lineState, error) {
	ref, ok := l.lines[part.PaymentTransactionID]
	if !ok || ref.account != a {
		return nil, errBadEntry
	}
	if err := advance(&l.nextRefundTx, part.RefundTxID); err != nil {
		return nil, fmt.Errorf("refund id: %w", err)
	}
	return &a.lines[ref.index], nil
}

// applyCancel takes a cancel: one part without a line stands in cancels[]; parts with lines stand in refunds[].
func (l *Ledger) applyCancel(a *account, e *Entry) error {
	switch {
	case len(e.Parts) == 0:
		return errBadEntry
	case e.Parts[0].PaymentTransactionID == "" && len(e.Parts) > 1:
		return errBadEntry
	case e.Parts[0].PaymentTransactionID == "":
		if err := advance(&l.nextRefundTx, e.Parts[0].RefundTxID); err != nil {
			return fmt.Errorf("cancel id: %w", err)
		}
		a.cancels = append(a.cancels, e.movement(e.Parts[0], e.ConversationID))
	default:
		for _, part := range e.Parts {
			line, err := l.applyPart(a, part)
			if err != nil {
				return err
			}
			line.refunds = append(line.refunds, e.movement(part, e.ConversationID))
		}
	}
	if e.Refusal != "" {
		return nil
	}
	a.cancelled, a.cancelledAt = true, e.At
	l.execute(a, Execution{Kind: KindCancel, Path: e.Path, ConversationID: e.ConversationID, Price: e.Price, At: e.At})
	return nil
}

func (e *Entry) movement(part RefundPart, conversationID string) movement {
	m := movement{
		txID: part.RefundTxID, conversationID: conversationID, price: part.Price, charged: e.Path == PathMerchantCharge, at: e.At,
		createdAt: e.CreatedAt,
	}
	if e.Refusal != "" {
		m.refusal = refuse(e.Refusal)
	}
	return m
}

func (l *Ledger) applyBalanceStage(a *account, e *Entry) error {
	b, ok := l.balances[e.Token]
	if !ok {
		return errBadEntry
	}
	b.Stage = e.Stage
	if e.Stage == BalanceApproved {
		return l.applyRefund(a, e, KindBalanceRefund)
	}
	return nil
}

func (l *Ledger) applySession(e *Entry) error {
	if e.Session == nil {
		return errBadEntry
	}
	s := *e.Session
	l.sessions[s.SessionToken] = &s
	l.byCheckout[s.CheckoutToken] = &s
	l.nextSession++
	return nil
}
