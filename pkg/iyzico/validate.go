package iyzico

import (
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// invalid makes the error of a request with a faulty field. detail must not quote the field's value.
func (r *request) invalid(field, detail string) *Error {
	e := r.fail(NotSent, ReasonInvalid, nil)
	e.Field, e.detail = field, detail
	return e
}

// checker looks at a request's fields before anything is sent and remembers the first fault.
type checker struct {
	field, detail string
}

func (v *checker) require(ok bool, field, detail string) {
	if !ok && v.field == "" {
		v.field, v.detail = field, detail
	}
}

// maxIDLen is the length of the largest 64-bit number, which is what iyzico's ids are (java SDK: Long).
const maxIDLen = 19

func (v *checker) id(field, value string) {
	v.require(value != "" && len(value) <= maxIDLen && digits(value) == len(value), field, "must be 1 to 19 digits")
}

func (v *checker) optionalID(field, value string) {
	if value != "" {
		v.id(field, value)
	}
}

// neededConversationID checks the id that requests are told apart by. It returns it only if it is sound, for use in errors.
func (v *checker) neededConversationID(value string) string {
	if value == "" {
		v.require(false, "conversationId", "must not be empty")
	}
	return v.optionalConversationID(value)
}

// optionalConversationID is neededConversationID for requests that move no money.
func (v *checker) optionalConversationID(value string) string {
	if len(value) > 64 || !isVisibleASCII(value) {
		v.require(false, "conversationId", "must be at most 64 visible ASCII characters")
		return ""
	}
	return value
}

// onePayment checks that a query names one payment in exactly one way.
func (v *checker) onePayment(paymentID, paymentConversationID string) {
	v.require((paymentID == "") != (paymentConversationID == ""), "paymentId", "exactly one of paymentId and paymentConversationId is needed")
	v.optionalID("paymentId", paymentID)
	v.require(len(paymentConversationID) <= 256 && utf8.ValidString(paymentConversationID) &&
		!strings.ContainsFunc(paymentConversationID, unicode.IsControl), "paymentConversationId", "is too long or holds control characters")
}

// price checks an amount to be moved: more than zero and within the digits of money.
func (v *checker) price(field string, d decimal.Decimal) {
	const mostDecimals, mostDigits = 8, 18
	v.require(d.IsPositive(), field, "must be greater than zero")
	exponent := int(d.Exponent())
	v.require(exponent >= -mostDecimals && exponent <= mostDigits && d.NumDigits()+max(exponent, 0) <= mostDigits,
		field, "must have at most 18 digits, 8 of them decimals")
}

func (v *checker) oneOf(field, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	v.require(false, field, "must be one of "+strings.Join(allowed, ", "))
}

// text checks a string of people's words.
func (v *checker) text(field, value string, required bool) {
	v.require(!required || strings.TrimSpace(value) != "", field, "must not be empty")
	v.require(utf8.ValidString(value) && len(value) <= 4*maxFieldLen && utf8.RuneCountInString(value) <= maxFieldLen &&
		!strings.ContainsFunc(value, unicode.IsControl), field, "is too long or holds control characters")
}

// secret checks a token that iyzico gave out.
func (v *checker) secret(field string, value Secret) {
	v.require(value != "" && len(value) <= 4096 && isVisibleASCII(value.Reveal()), field, "must be visible ASCII characters")
}

func (v *checker) ip(field, value string) {
	if value == "" {
		return
	}
	address, err := netip.ParseAddr(value)
	v.require(err == nil && address.Zone() == "", field, "must be an IPv4 or IPv6 address")
}

func (v *checker) locale(value string) {
	if value != "" {
		v.oneOf("locale", value, LocaleTR, LocaleEN)
	}
}

// currency checks a currency that may be left out, against the currencies that iyzico's SDKs list.
func (v *checker) currency(field, value string) {
	if value != "" {
		v.oneOf(field, value, "TRY", "USD", "EUR", "GBP", "NOK", "RUB", "CHF", "IRR")
	}
}

// reason checks a reason and its description, which needs one (docs, refund and cancel).
func (v *checker) reason(reason, description string) {
	if reason != "" {
		v.oneOf("reason", reason, RefundReasonOther, RefundReasonFraud, RefundReasonBuyerRequest, RefundReasonDoublePayment)
	}
	v.require(description == "" || reason != "", "description", "needs a reason")
	v.text("description", description, false)
}

// callbackURL checks a URL that iyzico sends the customer's browser to: https, or http on loopback if iyzico is there too.
func (v *checker) callbackURL(field, value string, loopback bool) {
	v.require(len(value) <= 2048 && isSecureURL(value, loopback), field, "must be an https URL")
}

func (v *checker) day(field, value string) {
	_, err := time.Parse(time.DateOnly, value)
	v.require(err == nil, field, "must be a day as YYYY-MM-DD")
}

// isSecureURL tells whether text is an absolute https URL, or an http one between loopback hosts.
func isSecureURL(text string, loopback bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || !isVisibleASCII(text) {
		return false
	}
	return u.Scheme == "https" || (loopback && u.Scheme == "http" && isLoopback(u.Hostname()))
}

// isVisibleASCII tells whether text has no blank, control or non-ASCII character. It is true for "".
func isVisibleASCII(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
