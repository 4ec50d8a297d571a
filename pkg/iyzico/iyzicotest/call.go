package iyzicotest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// call is one API request, whole and read.
type call struct {
	method        string
	path          string
	authorization string
	accessToken   string
	origin        string
	raw           []byte
	body          fields
	badBody       bool
	query         url.Values
}

// answer is what the API says to a call, before faults change it.
type answer struct {
	// status is the HTTP status; 0 means 200.
	status int
	body   object
	// signed names the members of the response signature in their order; none means unsigned.
	signed []string
	// outcome is the word for the request log.
	outcome string
	// paymentID is the payment it was about, as far as known.
	paymentID string
}

func withBody(r *http.Request, body []byte) *http.Request {
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

func (s *Server) newCall(r *http.Request, raw []byte) *call {
	c := &call{
		method:        r.Method,
		path:          r.URL.Path,
		authorization: r.Header.Get("Authorization"),
		accessToken:   r.Header.Get("access-token"),
		origin:        s.origin(r),
		raw:           raw,
		query:         r.URL.Query(),
	}
	body, err := parseFields(raw)
	if err != nil {
		body, c.badBody = fields{}, true
	}
	c.body = body
	return c
}

// origin is where the customer's page is reached.
func (s *Server) origin(r *http.Request) string {
	if s.config.PublicURL != "" {
		return strings.TrimSuffix(s.config.PublicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// value gives a parameter from the body, or from the query of a GET.
func (c *call) value(name string) string {
	if c.method == http.MethodGet {
		return c.query.Get(name)
	}
	return c.body.text(name)
}

// locale is the language of messages: en if asked for, else tr, iyzico's default.
func (c *call) locale() string {
	if strings.EqualFold(c.value("locale"), "en") {
		return "en"
	}
	return "tr"
}

// envelope starts a response with what all of them share.
func (s *Server) envelope(c *call, status string) object {
	o := object{{"status", status}}
	if status == "success" {
		return append(o, s.echo(c)...)
	}
	return o
}

func (s *Server) echo(c *call) object {
	o := object{{"locale", c.locale()}, {"systemTime", s.ledger.Now().UnixMilli()}}
	o.addText("conversationId", c.value("conversationId"))
	return o
}

// refundPaths are the paths whose failures say what the request was about and whether it may be tried again.
var refundPaths = map[string]bool{PathRefund: true, PathRefundV2: true, PathMerchantCharge: true, PathCancel: true}

// failure is iyzico's well-formed no. Failures are not signed. paymentId, paymentTransactionId and price come where the
// request named them (docs/iyzico.md P3, ErrorResponse); with v2 never a paymentTransactionId, as seen on the wire.
func (s *Server) failure(c *call, refusal *Refusal) answer {
	o := s.envelope(c, "failure")
	if refusal.Code == CodeRateLimit {
		o.add("errorCode", number(refusal.Code))
	} else {
		o.addText("errorCode", refusal.Code)
	}
	message := refusal.Message
	if c.locale() == "tr" && refusal.MessageTR != "" {
		message = refusal.MessageTR
	}
	o.add("errorMessage", message)
	o.addText("errorGroup", refusal.Group)
	o = append(o, s.echo(c)...)
	if refusal.Code == CodeRateLimit {
		// The documented example has neither conversationId nor systemTime (docs/iyzico.md §8.2).
		o = o.without("systemTime", "conversationId")
		return answer{status: s.Settings().FailureHTTPStatus, body: o, outcome: OutcomeRateLimited}
	}
	if refundPaths[c.path] {
		o.addText("paymentId", c.value("paymentId"))
		if c.path != PathRefundV2 {
			o.addText("paymentTransactionId", c.value("paymentTransactionId"))
		}
		if price, no := c.body.amount("price"); no == nil {
			o.add("price", amount(price))
		}
		o.add("retryable", refusal.Retryable)
	}
	a := answer{status: s.Settings().FailureHTTPStatus, body: o, outcome: OutcomeRefused}
	if refusal.Code == CodeBadSignature || refusal.Code == CodeUnknownAPIKey || refusal.Code == CodeKeyMissing {
		a.outcome = OutcomeUnauthorized
	}
	return a
}

// fail turns an error of the Ledger into an answer: a refusal, or a system error if the journal failed.
func (s *Server) fail(c *call, err error) answer {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return s.failure(c, refusal)
	}
	o := object{{"status", "failure"}, {"errorCode", "1"}, {"errorMessage", "System error"}}
	return answer{status: http.StatusInternalServerError, body: append(o, s.echo(c)...), outcome: OutcomeNotExecuted}
}
