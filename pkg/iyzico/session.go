package iyzico

import (
	"context"
	"net/http"
)

// The session family lets a merchant take payments from a customer who once paid with iyzico and agreed to it
// (docs, tokenization). Starting such a session is a hosted page's business and not part of this package.
const pathSession = "/v1/pay-with-iyzico/third-party-session"

// Session holds the two secrets that stand for a customer's consent.
type Session struct {
	SessionToken     Secret
	MemberIdentifier Secret
}

// SessionRequest names a session in a request that moves no money.
type SessionRequest struct {
	Session
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// The states of a session and the types of payment that it is bound to.
const (
	SessionActive  = "ACTIVE"
	SessionPassive = "PASSIVE"

	PaymentTypeFund = "FUND"
	PaymentTypeCard = "CARD_PAYMENT"
)

// RetrieveSessionPaymentRequest asks for the payment that started a session.
type RetrieveSessionPaymentRequest struct {
	// CheckoutFormToken is the token of the hosted page.
	CheckoutFormToken Secret
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// SessionPayment is the payment that started a session, with the session.
type SessionPayment struct {
	Payment
	Session
	Token Secret
}

// RetrieveSessionRequest asks for a session's state.
type RetrieveSessionRequest struct {
	// CheckoutFormToken is the token of the hosted page.
	CheckoutFormToken Secret
	// PaymentID is the payment that started the session, 1 to 19 digits.
	PaymentID string
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// SessionState is a session's state.
type SessionState struct {
	Envelope
	// Session's members are empty if the answer leaves them out.
	Session
	// Status is SessionActive or SessionPassive.
	Status string
	// PaymentType is the type that the session is bound to.
	PaymentType string
}

// AccessToken permits calls on a session for five minutes (docs, access-token-retrieval).
type AccessToken struct {
	Envelope
	AccessToken Secret
}

// LastPayment is what is known about a session's last payment.
type LastPayment struct {
	Envelope
	SessionToken Secret
	Token        Secret
	PaymentID    string
	// PaymentType is PaymentTypeFund or PaymentTypeCard. FundPayment needs the first.
	PaymentType string
}

// InvalidatedSession confirms that a session takes no more payments.
type InvalidatedSession struct {
	Envelope
}

type wireSessionRequest struct {
	SessionToken      string `json:"sessionToken,omitempty"`
	MemberIdentifier  string `json:"memberIdentifier,omitempty"`
	CheckoutFormToken string `json:"checkoutFormToken,omitempty"`
	PaymentID         string `json:"paymentId,omitempty"`
	Locale            string `json:"locale"`
	ConversationID    string `json:"conversationId,omitempty"`
}

type wireSession struct {
	wireAnswer
	SessionToken     token `json:"sessionToken"`
	MemberIdentifier token `json:"memberIdentifier"`
	SessionStatus    token `json:"sessionStatus"`
	PaymentType      token `json:"paymentType"`
	AccessToken      token `json:"accessToken"`
	Token            token `json:"token"`
}

// RetrieveSessionPayment reads the payment that started a session, and the session's secrets. It moves nothing.
func (c *Client) RetrieveSessionPayment(ctx context.Context, req RetrieveSessionPaymentRequest) (*SessionPayment, error) {
	r := ask(http.MethodPost, pathSession+"/retrieve/payment", req.ConversationID, req.Locale)
	r.secret("checkoutFormToken", req.CheckoutFormToken)
	r.payload = &wireSessionRequest{
		CheckoutFormToken: req.CheckoutFormToken.Reveal(),
		Locale:            localeOrDefault(req.Locale),
		ConversationID:    req.ConversationID,
	}
	return perform(ctx, c, r, func(s *success, wire *wirePayment) SessionPayment {
		payment := s.payment(wire)
		values := append([]string{wire.PaymentStatus.text}, s.signedValues(wire, wire.BasketID.text)...)
		payment.SignatureVerified = s.signedPayment(ctx, c, append(values, wire.Token.text))
		return SessionPayment{
			Payment: payment,
			Session: Session{
				SessionToken:     s.token("sessionToken", wire.SessionToken),
				MemberIdentifier: s.token("memberIdentifier", wire.MemberIdentifier),
			},
			Token: Secret(wire.Token.str()),
		}
	})
}

// RetrieveSession reads a session's state and secrets. It moves nothing.
func (c *Client) RetrieveSession(ctx context.Context, req RetrieveSessionRequest) (*SessionState, error) {
	r := ask(http.MethodPost, pathSession+"/retrieve/session", req.ConversationID, req.Locale)
	r.secret("checkoutFormToken", req.CheckoutFormToken)
	r.id("paymentId", req.PaymentID)
	r.payload = &wireSessionRequest{
		CheckoutFormToken: req.CheckoutFormToken.Reveal(),
		PaymentID:         req.PaymentID,
		Locale:            localeOrDefault(req.Locale),
		ConversationID:    req.ConversationID,
	}
	return perform(ctx, c, r, func(_ *success, wire *wireSession) SessionState {
		return SessionState{
			Session:     Session{SessionToken: Secret(wire.SessionToken.str()), MemberIdentifier: Secret(wire.MemberIdentifier.str())},
			Status:      wire.SessionStatus.str(),
			PaymentType: wire.PaymentType.str(),
		}
	})
}

// RetrieveAccessToken fetches a token that permits calls on a session. It moves nothing. Fetch a fresh one for each
// payment. A passive session fails here.
func (c *Client) RetrieveAccessToken(ctx context.Context, req SessionRequest) (*AccessToken, error) {
	return perform(ctx, c, req.request("/retrieve/access-token"), func(s *success, wire *wireSession) AccessToken {
		return AccessToken{AccessToken: s.token("accessToken", wire.AccessToken)}
	})
}

// RetrieveLastPayment reads how a session was last paid, which says what kind of payment it takes. It moves nothing.
func (c *Client) RetrieveLastPayment(ctx context.Context, accessToken Secret, req SessionRequest) (*LastPayment, error) {
	r := req.request("/retrieve/last-payment-info")
	r.secret("accessToken", accessToken)
	r.accessToken = accessToken
	return perform(ctx, c, r, func(s *success, wire *wireSession) LastPayment {
		return LastPayment{
			SessionToken: Secret(wire.SessionToken.str()),
			Token:        Secret(wire.Token.str()),
			PaymentID:    s.fields.id("paymentId", wire.PaymentID),
			PaymentType:  wire.PaymentType.str(),
		}
	})
}

// InvalidateSession ends a session: it becomes passive and takes no more payments. It moves no money.
func (c *Client) InvalidateSession(ctx context.Context, req SessionRequest) (*InvalidatedSession, error) {
	return perform(ctx, c, req.request("/invalidate/session"), func(*success, *wireSession) InvalidatedSession {
		return InvalidatedSession{}
	})
}

// request begins a request that a session's two secrets permit.
func (req SessionRequest) request(path string) *request {
	r := ask(http.MethodPost, pathSession+path, req.ConversationID, req.Locale)
	r.session(req.Session)
	r.payload = &wireSessionRequest{
		SessionToken:     req.SessionToken.Reveal(),
		MemberIdentifier: req.MemberIdentifier.Reveal(),
		Locale:           localeOrDefault(req.Locale),
		ConversationID:   req.ConversationID,
	}
	return r
}

func (v *checker) session(s Session) {
	v.secret("sessionToken", s.SessionToken)
	v.secret("memberIdentifier", s.MemberIdentifier)
}

// token demands a secret that the answer exists for.
func (s *success) token(field string, t token) Secret {
	if t.text == "" || len(t.text) > 4096 || !isVisibleASCII(t.text) {
		s.fields.fail(field)
		return ""
	}
	return Secret(t.text)
}
