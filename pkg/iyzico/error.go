package iyzico

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The words that Error.Reason can hold. They are stable: programs may compare them, alarms may count them.
const (
	// Nothing was sent: Outcome is NotSent.

	ReasonInvalid             = "invalid"               // a field of the request is at fault, see Error.Field
	ReasonDNS                 = "dns"                   // iyzico's host name did not resolve
	ReasonDial                = "dial"                  // no connection
	ReasonTLS                 = "tls"                   // the TLS handshake failed
	ReasonDeadlineBeforeWrite = "deadline-before-write" // the time was over before the first byte
	ReasonRateLimited         = "rate-limited"          // iyzico's code 50000, see Error.RetryAfter
	ReasonCredentials         = "credentials"           // iyzico did not accept the keys

	// These end as NotSent if no byte of the request was written, else as Unknown.

	ReasonCanceled  = "canceled"  // the caller gave up
	ReasonTimeout   = "timeout"   // no answer in time
	ReasonReset     = "reset"     // the connection was reset
	ReasonEOF       = "eof"       // the connection was closed without an answer
	ReasonTransport = "transport" // any other failure of the connection or of HTTP

	// There was an answer, but it proves nothing: Outcome is Unknown.

	ReasonTruncated        = "truncated"         // the answer ended early
	ReasonOversize         = "oversize"          // the answer is longer than the client reads
	ReasonRedirect         = "redirect"          // HTTP 3xx, never followed
	ReasonNotJSON          = "not-json"          // no JSON object
	ReasonNoStatus         = "no-status"         // JSON without a status of success or failure
	ReasonUnreadable       = "unreadable"        // a field cannot be read, see Error.Field
	ReasonBadSignature     = "bad-signature"     // the answer's signature does not fit
	ReasonMissingSignature = "missing-signature" // the answer must be signed and is not
	ReasonEchoMismatch     = "echo-mismatch"     // the answer is about something else, see Error.Field
	ReasonUnknownCode      = "unknown-code"      // a failure with a code that the table does not list
	ReasonUnclearCode      = "unclear-code"      // a failure with a code that leaves open whether money moved
	ReasonRetryable        = "retryable"         // a refusal that iyzico itself calls retryable: it may carry it out later
	ReasonPaymentStatus    = "payment-status"    // a fund payment answered with success, and neither paid nor declined
	ReasonNotStarted       = "not-started"       // a balance refund answered with success, but no usable token and url

	// iyzico said no: Outcome is Rejected.

	ReasonRefused  = "refused"  // a failure whose code is listed as moving no money
	ReasonDeclined = "declined" // a fund payment whose paymentStatus is FAILURE, or whose fraudStatus is -1
)

// IsNotFound tells whether err is iyzico's word that it knows no such payment: code 5086, which it gives on a cancel, or
// 5087, which it gives on RetrievePayment. The list is closed. The third way in which iyzico says so is no error: a report
// that lists nothing, see Report.IsEmpty. A report lags, so an empty one is no proof for a payment that is minutes old.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Outcome == Rejected && (e.Code == "5086" || e.Code == "5087")
}

// maxMessageLen bounds Error.Message, in bytes.
const maxMessageLen = 512

// Error is every error that this package's calls return. Outcome is what matters; the rest explains it.
//
// No printed or encoded form of an Error holds a key, a signature, a body, a token or iyzico's message.
type Error struct {
	// Outcome is what is known about the request's effect. The zero value is Unknown.
	Outcome Outcome
	// Reason is one of the Reason constants, or http-5xx (http-500, http-502, …).
	Reason string
	// Field names the member at fault, as a path such as basketItems[1].price, if there is one.
	Field string
	// Method and Endpoint are the request's HTTP method and its path, without the query.
	Method, Endpoint string
	// ConversationID is the one sent, empty if there was none or it was at fault.
	ConversationID string
	// HTTPStatus is the answer's status, 0 if there was no answer.
	HTTPStatus int
	// Code is iyzico's errorCode. It is set exactly if iyzico answered with a well-formed failure,
	// not if HTTP failed or a success could not be trusted.
	Code string
	// Group is iyzico's errorGroup, such as DECLINED. Empty if absent.
	Group string
	// Message is iyzico's errorMessage in the request's locale, cut to 512 bytes. It is for the person at the desk and is
	// left out of every printed form, because nobody promises what it quotes.
	Message string
	// Retryable is iyzico's own word on the failure (docs, refund and cancel), nil if absent or unreadable. It promises nothing about repeating
	// a request: read the report first.
	Retryable *bool
	// RetryAfter is how long to wait before sending again, set with ReasonRateLimited: up to one minute.
	RetryAfter time.Duration

	detail string
	cause  error
}

// Error describes the failure in one line.
func (e *Error) Error() string { return e.describe() }

// Unwrap returns the transport's or context's error behind this one, nil if there is none.
func (e *Error) Unwrap() error { return e.cause }

// Format writes Error's line for every verb, %#v included, so that no verb reaches the fields.
func (e Error) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		_, _ = io.WriteString(f, strconv.Quote(e.describe()))
		return
	}
	_, _ = io.WriteString(f, e.describe())
}

// MarshalJSON encodes what may be logged: everything but Message and the cause.
func (e Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Outcome        Outcome `json:"outcome"`
		Reason         string  `json:"reason"`
		Field          string  `json:"field,omitempty"`
		Method         string  `json:"method,omitempty"`
		Endpoint       string  `json:"endpoint,omitempty"`
		ConversationID string  `json:"conversationId,omitempty"`
		HTTPStatus     int     `json:"httpStatus,omitempty"`
		Code           string  `json:"errorCode,omitempty"`
		Group          string  `json:"errorGroup,omitempty"`
		Retryable      *bool   `json:"retryable,omitempty"`
	}{e.Outcome, e.Reason, e.Field, e.Method, e.Endpoint, e.ConversationID, e.HTTPStatus, e.Code, e.Group, e.Retryable})
}

// LogValue gives log/slog what may be logged: everything but Message and the cause.
func (e Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("outcome", e.Outcome.String()),
		slog.String("reason", e.Reason),
		slog.String("endpoint", e.Endpoint),
	}
	for _, a := range []struct{ key, value string }{
		{"field", e.Field},
		{"conversationId", e.ConversationID},
		{"errorCode", e.Code},
		{"errorGroup", e.Group},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	if e.HTTPStatus != 0 {
		attrs = append(attrs, slog.Int("httpStatus", e.HTTPStatus))
	}
	return slog.GroupValue(attrs...)
}

func (e *Error) describe() string {
	var b strings.Builder
	b.WriteString("iyzico: ")
	if e.Endpoint != "" {
		b.WriteString(e.Method + " " + e.Endpoint + ": ")
	}
	b.WriteString(e.Outcome.String() + " (" + e.Reason + ")")
	if e.HTTPStatus != 0 {
		b.WriteString(", HTTP " + strconv.Itoa(e.HTTPStatus))
	}
	if e.Code != "" {
		b.WriteString(", code " + e.Code)
	}
	if e.ConversationID != "" {
		b.WriteString(", conversation " + e.ConversationID)
	}
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	if e.detail != "" {
		b.WriteString(": " + e.detail)
	}
	if text := causeText(e.cause); text != "" {
		b.WriteString(": " + text)
	}
	return b.String()
}

// causeText describes the causes whose text is known to hold nothing private, and is empty for all others.
func causeText(err error) string {
	if err == nil {
		return ""
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "lookup " + dns.Name + ": " + dns.Err
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return cert.Error()
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
			return op.Op + " " + op.Net + " " + op.Addr.String() + ": " + errno.Error()
		}
		return errno.Error()
	}
	for _, known := range []error{context.DeadlineExceeded, context.Canceled, errPastDeadline, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return ""
}
