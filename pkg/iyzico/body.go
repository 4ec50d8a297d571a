package iyzico

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The locales of iyzico's messages.
const (
	LocaleTR = "tr"
	LocaleEN = "en"
)

// The reasons that a refund or cancel can be given (reference §2.3).
const (
	RefundReasonOther         = "OTHER"
	RefundReasonFraud         = "FRAUD"
	RefundReasonBuyerRequest  = "BUYER_REQUEST"
	RefundReasonDoublePayment = "DOUBLE_PAYMENT"
)

// localeOrDefault returns the locale to send. It is always sent, because iyzico's pages name different defaults
// (reference §11 #19).
func localeOrDefault(locale string) string {
	if locale == "" {
		return LocaleTR
	}
	return locale
}

// spell writes a reason in the case that the client was told to use.
func (c *Client) spell(reason string) string {
	if c.opts.reasonCase == ReasonLower {
		return strings.ToLower(reason)
	}
	return reason
}

// encodeBody makes the bytes that are both signed and sent. It escapes nothing that JSON does not demand.
func encodeBody(v any) ([]byte, error) {
	var buffer bytes.Buffer
	buffer.Grow(256)
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// encode sets the request's body; it fails, with nothing sent, if v is no JSON.
func (r *request) encode(v any) error {
	body, err := encodeBody(v)
	if err != nil {
		return r.invalid("body", "cannot be encoded")
	}
	r.body = body
	return nil
}
