package iyzico

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

const (
	statusSuccess = "success"
	statusFailure = "failure"
)

// judge decodes a body into out and turns everything but a success into an error. The body decides at any HTTP status of
// 2xx and 4xx: the documents draw failures as HTTP 400, the sandbox sends them with 200.
func (c *Client) judge(r *request, httpStatus int, body []byte, out answer) error {
	if err := json.Unmarshal(body, out); err != nil {
		return r.undecodable(httpStatus, body, err)
	}
	if repeatsAMember(body) {
		e := r.answered(httpStatus, ReasonUnreadable, nil)
		e.detail = "it has a member twice"
		return e
	}
	w := out.common()
	switch w.Status.text {
	case statusSuccess:
		return nil
	case statusFailure:
		return c.judgeFailure(r, httpStatus, w)
	default:
		return r.answered(httpStatus, ReasonNoStatus, nil)
	}
}

// undecodable tells text that is no JSON object, an object that ends early, and an object with a member of a wrong shape.
func (r *request) undecodable(httpStatus int, body []byte, err error) *Error {
	if shape, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && shape.Field != "" {
		e := r.answered(httpStatus, ReasonUnreadable, nil)
		e.Field = shape.Field
		return e
	}
	var start json.RawMessage
	if errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&start), io.ErrUnexpectedEOF) {
		return r.answered(httpStatus, ReasonTruncated, nil)
	}
	return r.answered(httpStatus, ReasonNotJSON, nil)
}

// judgeFailure turns iyzico's failure into an error whose outcome is its code's, if the answer is about this request. A
// refusal that may be repeated by iyzico itself is none: it stays Unknown.
func (c *Client) judgeFailure(r *request, httpStatus int, w *wireAnswer) *Error {
	if field, reason := r.contradicted(w); field != "" {
		e := r.answered(httpStatus, reason, nil)
		e.Field = field
		return e
	}
	number := w.ErrorCode.text
	if !isCode(number) {
		e := r.answered(httpStatus, ReasonUnreadable, nil)
		e.Field = "errorCode"
		return e
	}
	e := r.answered(httpStatus, ReasonUnknownCode, nil)
	e.Code = number
	if group := w.ErrorGroup.text; isGroup(group) {
		e.Group = group
	}
	e.Message = cut(w.ErrorMessage.text, maxMessageLen)
	e.Retryable = w.Retryable.boolean()
	if row, ok := lookupCode(number); ok {
		e.Outcome, e.Reason = row.outcome, row.reason()
	}
	if e.Outcome == Rejected && w.mayBeRetried() {
		e.Outcome, e.Reason = Unknown, ReasonRetryable
	}
	if e.Reason == ReasonRateLimited {
		e.RetryAfter = untilNextMinute(c.opts.clock())
	}
	return e
}

// mayBeRetried tells whether the answer leaves open that iyzico tries again by itself.
func (w *wireAnswer) mayBeRetried() bool {
	retryable := w.Retryable.boolean()
	return w.Retryable.present && (retryable == nil || *retryable)
}

// contradicted returns the first member by which a failure is about another request, or which cannot be read, and the
// reason. Failures may leave members out.
func (r *request) contradicted(w *wireAnswer) (field, reason string) {
	for _, m := range []struct {
		field string
		got   token
		want  string
	}{
		{"conversationId", w.ConversationID, r.conversationID},
		{"paymentId", w.PaymentID, r.expect.paymentID},
		{"paymentTransactionId", w.PaymentTransactionID, r.expect.paymentTransactionID},
		{"currency", token{text: w.Currency.currency(), present: w.Currency.present, unreadable: w.Currency.unreadable}, r.expect.currency},
	} {
		if m.got.unreadable {
			return m.field, ReasonUnreadable
		}
		if m.got.text != "" && m.want != "" && m.got.text != m.want {
			return m.field, ReasonEchoMismatch
		}
	}
	if w.Price.present && !r.expect.price.IsZero() {
		price, ok := parseAmount(w.Price.text)
		switch {
		case !ok:
			return "price", ReasonUnreadable
		case !price.Equal(r.expect.price):
			return "price", ReasonEchoMismatch
		}
	}
	return "", ""
}

func untilNextMinute(now time.Time) time.Duration {
	return now.Truncate(time.Minute).Add(time.Minute).Sub(now)
}

// isCode tells whether an errorCode is a whole number as iyzico's are.
func isCode(text string) bool {
	n := digits(strings.TrimPrefix(text, "-"))
	return n > 0 && n <= 9 && n == len(strings.TrimPrefix(text, "-"))
}

// isGroup tells whether an errorGroup is a word as iyzico's are; nothing else is taken over into an error.
func isGroup(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// success checks a successful answer member by member. The first fault makes the outcome Unknown: a success that is not
// provably about this request proves nothing about it.
type success struct {
	request    *request
	httpStatus int
	wire       *wireAnswer
	fields     fieldReader
	warnings   []string
	err        *Error
}

func (s *success) warn(word string) { s.warnings = append(s.warnings, word) }

// reject notes the first fault. A member that could not be read comes before what is found wrong because of it.
func (s *success) reject(reason, field string) {
	if s.err != nil {
		return
	}
	if s.fields.faulty != "" {
		reason, field = ReasonUnreadable, s.fields.faulty
	}
	s.err = s.request.answered(s.httpStatus, reason, nil)
	s.err.Field = field
}

// verdict returns the first fault, reading faults included, as an error.
func (s *success) verdict() error {
	if s.fields.faulty != "" {
		s.reject(ReasonUnreadable, s.fields.faulty)
	}
	if s.err != nil {
		return s.err
	}
	return nil
}

// echoes demands that a member is there and, if want is not empty, equals it.
func (s *success) echoes(field string, got token, want string) string {
	text := s.fields.id(field, got)
	if text == "" || (want != "" && text != want) {
		s.reject(ReasonEchoMismatch, field)
	}
	return text
}

// echoesIfPresent compares a member of an answer to a query, which may leave it out.
func (s *success) echoesIfPresent(field string, got token, want string) {
	if got.unreadable {
		s.reject(ReasonUnreadable, field)
	}
	if got.text != "" && want != "" && got.text != want {
		s.reject(ReasonEchoMismatch, field)
	}
}

// echoesCurrency demands that a currency is there and, if want is not empty, is want in any case of letters.
func (s *success) echoesCurrency(got token, want string) string {
	return s.echoes("currency", token{text: got.currency(), present: got.present, unreadable: got.unreadable}, want)
}

// echoesAmount demands that an amount is there and equals want by value.
func (s *success) echoesAmount(field string, got token, want decimal.Decimal) decimal.Decimal {
	amount := s.fields.amount(field, got)
	if !got.present || !amount.Equal(want) {
		s.reject(ReasonEchoMismatch, field)
	}
	return amount
}

// signedInOrder demands a signature over one of the orders of values and tells which; -1 if there is none.
func (s *success) signedInOrder(ctx context.Context, c *Client, orders ...[]string) int {
	got := s.wire.Signature.text
	if got == "" {
		s.reject(ReasonMissingSignature, "")
		return -1
	}
	order := c.signedOrder(ctx, got, orders...)
	if order < 0 {
		s.reject(ReasonBadSignature, "")
	}
	return order
}
