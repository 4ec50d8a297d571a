package iyzicotest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Payment types of a session (docs/iyzico.md §4).
const (
	PaymentTypeFund = "FUND"
	PaymentTypeCard = "CARD_PAYMENT"
)

// accessTokenLife is the documented life of an access token (docs/iyzico.md §4).
const accessTokenLife = 5 * time.Minute

// SessionSpec describes a member's session to add. Zero values mean: TRY, FUND, active, payments approved.
type SessionSpec struct {
	Balance     decimal.Decimal
	Currency    string
	PaymentType string
	Passive     bool
	// FraudStatus is what payments of this session get; nil means 1.
	FraudStatus *int
}

// Session is a member's session with iyzico: a balance to pay from.
type Session struct {
	SessionToken     string          `json:"sessionToken"`
	MemberIdentifier string          `json:"memberIdentifier"`
	CheckoutToken    string          `json:"checkoutToken"`
	Balance          decimal.Decimal `json:"balance"`
	Currency         string          `json:"currency"`
	PaymentType      string          `json:"paymentType"`
	Active           bool            `json:"active"`
	FraudStatus      int             `json:"fraudStatus"`
	// LastPaymentID is the newest payment made with it; empty if there is none.
	LastPaymentID string `json:"lastPaymentId,omitempty"`
}

// AddSession puts a session in place. It refuses a balance below zero.
func (l *Ledger) AddSession(spec SessionSpec) (Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if spec.Balance.IsNegative() {
		return Session{}, refuse(CodeInvalidRequest)
	}
	s := Session{
		SessionToken:     opaque("session", l.nextSession),
		MemberIdentifier: opaque("member", l.nextSession),
		CheckoutToken:    opaque("checkout", l.nextSession),
		Balance:          spec.Balance,
		Currency:         spec.Currency,
		PaymentType:      spec.PaymentType,
		Active:           !spec.Passive,
		FraudStatus:      FraudApproved,
	}
	if s.Currency == "" {
		s.Currency = "TRY"
	}
	if s.PaymentType == "" {
		s.PaymentType = PaymentTypeFund
	}
	if spec.FraudStatus != nil {
		s.FraudStatus = *spec.FraudStatus
	}
	at, created := l.now()
	if err := l.commit(Entry{Kind: EntrySession, At: at, CreatedAt: created, Session: &s}); err != nil {
		return Session{}, err
	}
	return s, nil
}

// Session gives a session by its two secrets; it refuses values that do not belong together.
func (l *Ledger) Session(sessionToken, memberIdentifier string) (Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, refusal := l.session(sessionToken, memberIdentifier)
	if refusal != nil {
		return Session{}, refusal
	}
	return *s, nil
}

// SessionByCheckout gives the session that a checkout form's token belongs to.
func (l *Ledger) SessionByCheckout(checkoutToken string) (Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.byCheckout[checkoutToken]
	if !ok {
		return Session{}, refuse(CodeNoPaymentForToken)
	}
	return *s, nil
}

func (l *Ledger) session(sessionToken, memberIdentifier string) (*Session, *Refusal) {
	s, ok := l.sessions[sessionToken]
	if !ok || s.MemberIdentifier != memberIdentifier {
		return nil, refuse(CodeUnknownSession)
	}
	return s, nil
}

// AccessToken gives a token that lives five minutes and may be used more than once. A passive session gets none.
func (l *Ledger) AccessToken(sessionToken, memberIdentifier string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, refusal := l.session(sessionToken, memberIdentifier)
	if refusal != nil {
		return "", refusal
	}
	if !s.Active {
		return "", refuse(CodeSessionPassive)
	}
	_, now := l.now()
	return accessToken(sessionToken, now.Add(accessTokenLife).Unix()), nil
}

// accessToken is derived from session and end of life, so it needs no storage and survives a restart.
func accessToken(sessionToken string, until int64) string {
	end := strconv.FormatInt(until, 10)
	sum := sha256.Sum256([]byte("access token " + sessionToken + " " + end))
	return end + "." + hex.EncodeToString(sum[:])
}

func (l *Ledger) checkAccessToken(sessionToken, token string) *Refusal {
	end, _, _ := strings.Cut(token, ".")
	until, err := strconv.ParseInt(end, 10, 64)
	_, now := l.now()
	if err != nil || now.Unix() >= until ||
		subtle.ConstantTimeCompare([]byte(token), []byte(accessToken(sessionToken, until))) != 1 {
		return refuse(CodeAccessToken)
	}
	return nil
}

// LastPayment gives the session and the id of its newest payment; the id is empty if there was none.
func (l *Ledger) LastPayment(sessionToken, memberIdentifier, accessToken string) (Session, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, refusal := l.session(sessionToken, memberIdentifier)
	if refusal == nil {
		refusal = l.checkAccessToken(sessionToken, accessToken)
	}
	if refusal != nil {
		return Session{}, "", refusal
	}
	return *s, s.LastPaymentID, nil
}

// InvalidateSession ends a session: it becomes passive and takes no more payments. Ending it again changes nothing.
func (l *Ledger) InvalidateSession(sessionToken, memberIdentifier string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, refusal := l.session(sessionToken, memberIdentifier)
	if refusal != nil {
		return refusal
	}
	if !s.Active {
		return nil
	}
	at, created := l.now()
	return l.commit(Entry{Kind: EntrySessionEnd, At: at, CreatedAt: created, Token: sessionToken})
}
