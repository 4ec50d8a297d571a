package iyzico

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"

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
