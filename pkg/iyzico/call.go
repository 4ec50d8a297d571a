package iyzico

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/shopspring/decimal"
)

// The locales of iyzico's messages.
const (
	LocaleTR = "tr"
	LocaleEN = "en"
)

// request is one call: what is checked, encoded and signed before it leaves, and what its answer must repeat.
type request struct {
	checker
	method         string
	path           string
	query          url.Values // never signed: all of iyzico's SDKs stop before the question mark
	payload        any        // what the body is made from; nil = no body
	body           []byte
	conversationID string
	accessToken    Secret
	moves          bool // it can move money: its answer must repeat the conversation id
	expect         echo
}

// echo is what an answer must repeat of its request, and what a failure must not contradict. Empty members were not sent
// and are not compared.
type echo struct {
	paymentID            string
	paymentTransactionID string
	price                decimal.Decimal
	currency             string
}

// move begins a request that can move money.
func move(path, conversationID, locale string) *request {
	r := &request{method: http.MethodPost, path: path, moves: true}
	r.conversationID = r.neededConversationID(conversationID)
	r.locale(locale)
	return r
}

// ask begins a request that moves nothing.
func ask(method, path, conversationID, locale string) *request {
	r := &request{method: method, path: path}
	r.conversationID = r.optionalConversationID(conversationID)
	r.locale(locale)
	return r
}

// localeOrDefault returns the locale to send. It is always sent, because iyzico's pages name different defaults.
func localeOrDefault(locale string) string {
	if locale == "" {
		return LocaleTR
	}
	return locale
}

// prepare ends the checks and makes the bytes that are both signed and sent. It escapes nothing that JSON does not demand.
func (r *request) prepare() error {
	if r.field != "" {
		return r.invalid(r.field, r.detail)
	}
	if r.payload == nil {
		return nil
	}
	var buffer bytes.Buffer
	buffer.Grow(256)
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r.payload); err != nil {
		return r.invalid("body", "cannot be encoded")
	}
	r.body = bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
	return nil
}

// wireOf is a pointer to W, which embeds wireAnswer.
type wireOf[W any] interface {
	*W
	answer
}

// resultOf is a pointer to A, which embeds Envelope.
type resultOf[A any] interface {
	*A
	enveloped
}

// perform is the way of every call: check and encode, send once, judge the answer, read it. It returns a result or an
// *Error, never both. read turns a success into a result and notes in its success what is wrong with it.
func perform[W, A any, PW wireOf[W], PA resultOf[A]](ctx context.Context, c *Client, r *request, read func(*success, *W) A) (*A, error) {
	if err := r.prepare(); err != nil {
		return nil, err
	}
	var wire W
	status, err := c.send(ctx, r, PW(&wire))
	if err != nil {
		return nil, err
	}
	s := &success{request: r, httpStatus: status, wire: PW(&wire).common()}
	if status >= 300 {
		s.warn(WarningHTTPStatus)
	}
	if r.moves {
		s.echoes("conversationId", s.wire.ConversationID, r.conversationID)
	} else {
		s.echoesIfPresent("conversationId", s.wire.ConversationID, r.conversationID)
	}
	result := read(s, &wire)
	if err := s.verdict(); err != nil {
		return nil, err
	}
	*PA(&result).envelope() = s.envelope()
	return &result, nil
}

// Envelope is what all of iyzico's answers have in common.
type Envelope struct {
	// HTTPStatus is the answer's status. It decides nothing: the body does.
	HTTPStatus int
	// Locale is tr or en, the language of messages.
	Locale string
	// SystemTime is iyzico's clock when it answered, in UTC with milliseconds; the zero time if absent or unreadable.
	SystemTime time.Time
	// ConversationID is the echo of the request's.
	ConversationID string
	// Warnings holds Warning constants: what is odd about the answer and does not make it another one.
	Warnings []string
}

// enveloped is a pointer to a struct that embeds Envelope.
type enveloped interface{ envelope() *Envelope }

func (e *Envelope) envelope() *Envelope { return e }

// The words that a result's Warnings can hold. They are stable.
const (
	WarningSignatureOrder   = "signature-order"   // signed in the order of paymentId, conversationId (as in the node SDK's sample)
	WarningSignatureInvalid = "signature-invalid" // a signature that fits no known order
	WarningSignatureMissing = "signature-missing" // no signature where one is usual
	WarningPriceDiffers     = "price-differs"     // the answer names another amount than expected, or none
	WarningHTTPStatus       = "http-status"       // a success that came with an HTTP error status
)

// wireAnswer holds the members that any answer may carry; answers embed it.
type wireAnswer struct {
	Status         token `json:"status"`
	Locale         token `json:"locale"`
	SystemTime     token `json:"systemTime"`
	ConversationID token `json:"conversationId"`
	ErrorCode      token `json:"errorCode"`
	ErrorGroup     token `json:"errorGroup"`
	ErrorMessage   token `json:"errorMessage"`

	PaymentID            token `json:"paymentId"`
	PaymentTransactionID token `json:"paymentTransactionId"`
	Price                token `json:"price"`
	Currency             token `json:"currency"`
	Retryable            token `json:"retryable"`
	Signature            token `json:"signature"`
}

func (w *wireAnswer) common() *wireAnswer { return w }

// answer is a pointer to a struct that embeds wireAnswer.
type answer interface{ common() *wireAnswer }

func (s *success) envelope() Envelope {
	return Envelope{
		HTTPStatus:     s.httpStatus,
		Locale:         s.wire.Locale.str(),
		SystemTime:     s.wire.SystemTime.millis(),
		ConversationID: s.wire.ConversationID.str(),
		Warnings:       s.warnings,
	}
}
