package iyzicotest

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Stages of a refund to balance.
const (
	BalanceOpened    = "opened"
	BalanceConfirmed = "confirmed"
	BalanceDeclined  = "declined"
	BalanceApproved  = "approved"
)

// BalanceRefund is a refund to the customer's iyzico balance: opened by the shop, confirmed or declined by the customer
// at iyzico, approved by the merchant in iyzico's panel. Money moves at the approval only (docs/iyzico.md §3.3).
type BalanceRefund struct {
	Token          string
	PaymentID      string
	ConversationID string
	CallbackURL    string
	Locale         string
	Stage          string
	OpenedAt       time.Time
}

// InitBalanceRefund opens a refund to balance of the whole payment and gives its token. It refuses an unknown payment,
// one that is not charged, cancelled, too old, or has a refund. Two inits give two tokens; iyzico's rule for that is
// not known, so only the approval decides.
func (l *Ledger) InitBalanceRefund(paymentID, conversationID, callbackURL string) (string, error) {
	return l.initBalanceRefund(paymentID, conversationID, callbackURL, "tr")
}

func (l *Ledger) initBalanceRefund(paymentID, conversationID, callbackURL, locale string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.payments[paymentID]
	if !ok {
		return "", refuse(CodeUnknownPayment)
	}
	if refusal := l.whollyRefundable(a); refusal != nil {
		return "", refusal
	}
	at, created := l.now()
	token := opaque("refund to balance", l.nextToken)
	err := l.commit(Entry{
		Kind: EntryBalanceInit, At: at, CreatedAt: created, PaymentID: paymentID, ConversationID: conversationID,
		Token: token, CallbackURL: callbackURL, Locale: locale,
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func (l *Ledger) whollyRefundable(a *account) *Refusal {
	if refusal := l.refundable(a, ""); refusal != nil {
		return refusal
	}
	if a.refunded.IsPositive() {
		return refuse(CodeAlreadyRefunded)
	}
	return nil
}

// BalanceRefund gives a refund to balance by its token.
func (l *Ledger) BalanceRefund(token string) (BalanceRefund, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.balances[token]
	if !ok {
		return BalanceRefund{}, false
	}
	return *b, true
}

// ConfirmBalanceRefund is the customer's yes; no money moves. Saying it again changes nothing. It refuses after a
// decline; after the approval it is the old yes once more.
func (l *Ledger) ConfirmBalanceRefund(token string) error {
	return l.stepBalanceRefund(token, BalanceConfirmed)
}

// DeclineBalanceRefund is the customer's no, for good. It refuses after a confirmation.
func (l *Ledger) DeclineBalanceRefund(token string) error {
	return l.stepBalanceRefund(token, BalanceDeclined)
}

func (l *Ledger) stepBalanceRefund(token, stage string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.balances[token]
	switch {
	case !ok:
		return refuse(CodeUnknownBalanceToken)
	case b.Stage == stage, stage == BalanceConfirmed && b.Stage == BalanceApproved:
		return nil
	case b.Stage != BalanceOpened:
		return refuse(CodeBalanceRefundState)
	}
	at, created := l.now()
	return l.commit(Entry{Kind: EntryBalanceStage, At: at, CreatedAt: created, PaymentID: b.PaymentID, Token: token, Stage: stage})
}

// ApproveBalanceRefund is the merchant's approval in iyzico's panel: the whole payment goes to the customer's balance.
// The report then shows one foreign entry (no conversation id) per line and TOTALLY_REFUNDED; how iyzico really shows
// it is not documented (docs/iyzico.md §3.4). It refuses before the customer's yes, a second time, and if the payment is no
// longer wholly refundable.
func (l *Ledger) ApproveBalanceRefund(token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.balances[token]
	if !ok {
		return refuse(CodeUnknownBalanceToken)
	}
	if b.Stage != BalanceConfirmed {
		return refuse(CodeBalanceRefundState)
	}
	a := l.payments[b.PaymentID]
	if refusal := l.whollyRefundable(a); refusal != nil {
		return refusal
	}
	at, created := l.now()
	e := Entry{
		Kind: EntryBalanceStage, At: at, CreatedAt: created, PaymentID: b.PaymentID, ConversationID: b.ConversationID,
		Path: PathBalanceInit, Token: token, Stage: BalanceApproved, Price: a.payment.PaidPrice,
	}
	e.Parts = l.everyRemainder(a)
	return l.commit(e)
}

// opaque makes a token that looks random and is the same in every run.
func opaque(purpose string, n int64) string {
	sum := sha256.Sum256([]byte(purpose + " " + formatID(n)))
	return hex.EncodeToString(sum[:16])
}
