package iyzico

import (
	"context"
	"net/http"
)

// The session family lets a merchant take payments from a customer who once paid with iyzico and agreed to it
// (reference §4). Starting such a session is a hosted page's business and not part of this package.
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

// AccessToken permits calls on a session for five minutes (reference §4).
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
	var v checker
	r := sessionRequest(&v, "/retrieve/payment", req.ConversationID, req.Locale)
	v.secret("checkoutFormToken", req.CheckoutFormToken)
	if err := r.prepare(&v, &wireSessionRequest{
		CheckoutFormToken: req.CheckoutFormToken.Reveal(),
		Locale:            localeOrDefault(req.Locale),
		ConversationID:    req.ConversationID,
	}); err != nil {
		return nil, err
	}
	var wire wirePayment
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	s.echoesIfPresent("conversationId", wire.ConversationID, req.ConversationID)
	detail := s.payment(&wire)
	values := append([]string{detail.PaymentStatus}, detail.signedValues(wire.BasketID.text)...)
	detail.SignatureVerified = s.signedPayment(ctx, c, SignatureWarn, append(values, wire.Token.text))
	detail.Warnings = s.warnings
	payment := &SessionPayment{
		Payment: *detail,
		Session: Session{SessionToken: s.token("sessionToken", wire.SessionToken), MemberIdentifier: s.token("memberIdentifier", wire.MemberIdentifier)},
		Token:   Secret(wire.Token.str()),
	}
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return payment, nil
}

// RetrieveSession reads a session's state and secrets. It moves nothing.
func (c *Client) RetrieveSession(ctx context.Context, req RetrieveSessionRequest) (*SessionState, error) {
	var v checker
	r := sessionRequest(&v, "/retrieve/session", req.ConversationID, req.Locale)
	v.secret("checkoutFormToken", req.CheckoutFormToken)
	v.id("paymentId", req.PaymentID)
	if err := r.prepare(&v, &wireSessionRequest{
		CheckoutFormToken: req.CheckoutFormToken.Reveal(),
		PaymentID:         req.PaymentID,
		Locale:            localeOrDefault(req.Locale),
		ConversationID:    req.ConversationID,
	}); err != nil {
		return nil, err
	}
	wire, s, err := c.session(ctx, r)
	if err != nil {
		return nil, err
	}
	state := &SessionState{
		Envelope:    wire.envelope(s.httpStatus),
		Session:     Session{SessionToken: Secret(wire.SessionToken.str()), MemberIdentifier: Secret(wire.MemberIdentifier.str())},
		Status:      wire.SessionStatus.str(),
		PaymentType: wire.PaymentType.str(),
	}
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return state, nil
}

// RetrieveAccessToken fetches a token that permits calls on a session. It moves nothing. Fetch a fresh one for each
// payment. A passive session fails here.
func (c *Client) RetrieveAccessToken(ctx context.Context, req SessionRequest) (*AccessToken, error) {
	r, err := req.request(checker{}, "/retrieve/access-token")
	if err != nil {
		return nil, err
	}
	wire, s, err := c.session(ctx, r)
	if err != nil {
		return nil, err
	}
	result := &AccessToken{Envelope: wire.envelope(s.httpStatus), AccessToken: s.token("accessToken", wire.AccessToken)}
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return result, nil
}

// RetrieveLastPayment reads how a session was last paid, which says what kind of payment it takes. It moves nothing.
func (c *Client) RetrieveLastPayment(ctx context.Context, accessToken Secret, req SessionRequest) (*LastPayment, error) {
	var v checker
	v.secret("accessToken", accessToken)
	r, err := req.request(v, "/retrieve/last-payment-info")
	if err != nil {
		return nil, err
	}
	r.accessToken = accessToken
	wire, s, err := c.session(ctx, r)
	if err != nil {
		return nil, err
	}
	last := &LastPayment{
		Envelope:     wire.envelope(s.httpStatus),
		SessionToken: Secret(wire.SessionToken.str()),
		Token:        Secret(wire.Token.str()),
		PaymentID:    s.fields.id("paymentId", wire.PaymentID),
		PaymentType:  wire.PaymentType.str(),
	}
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return last, nil
}

// InvalidateSession ends a session: it becomes passive and takes no more payments. It moves no money.
func (c *Client) InvalidateSession(ctx context.Context, req SessionRequest) (*InvalidatedSession, error) {
	r, err := req.request(checker{}, "/invalidate/session")
	if err != nil {
		return nil, err
	}
	wire, s, err := c.session(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return &InvalidatedSession{Envelope: wire.envelope(s.httpStatus)}, nil
}

func (c *Client) session(ctx context.Context, r *request) (*wireSession, *success, error) {
	var wire wireSession
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	s.echoesIfPresent("conversationId", wire.ConversationID, r.conversationID)
	return &wire, s, nil
}

// request checks and encodes a request that a session's two secrets permit.
func (req SessionRequest) request(v checker, path string) (*request, error) {
	r := sessionRequest(&v, path, req.ConversationID, req.Locale)
	v.session(req.Session)
	return r, r.prepare(&v, &wireSessionRequest{
		SessionToken:     req.SessionToken.Reveal(),
		MemberIdentifier: req.MemberIdentifier.Reveal(),
		Locale:           localeOrDefault(req.Locale),
		ConversationID:   req.ConversationID,
	})
}

func sessionRequest(v *checker, path, conversationID, locale string) *request {
	v.locale(locale)
	return &request{
		method:         http.MethodPost,
		path:           pathSession + path,
		conversationID: v.optionalConversationID(conversationID),
	}
}

// prepare ends the checks and, if all is well, encodes the body.
func (r *request) prepare(v *checker, body any) error {
	if err := v.err(r); err != nil {
		return err
	}
	return r.encode(body)
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
