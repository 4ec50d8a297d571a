package iyzico

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/shopspring/decimal"
)

// Sign returns a request's signature: lowercase hex of HMAC-SHA256 over randomKey, path and body, keyed with the secret
// key (docs, hmacsha256-auth). The path starts after the host and ends before the query; the body is
// exactly what is sent, empty for GET.
func Sign(secretKey Secret, randomKey, path string, body []byte) string {
	message := make([]byte, 0, len(randomKey)+len(path)+len(body))
	message = append(message, randomKey...)
	message = append(message, path...)
	return hexMAC(secretKey, append(message, body...))
}

// AuthorizationHeader returns the value of the Authorization header for a signature that Sign made: the scheme
// IYZWSv2 and the base64 of the three parts.
func AuthorizationHeader(apiKey, randomKey, signature string) string {
	const scheme = "IYZWSv2 "
	parts := make([]byte, 0, 256)
	parts = append(parts, "apiKey:"...)
	parts = append(parts, apiKey...)
	parts = append(parts, "&randomKey:"...)
	parts = append(parts, randomKey...)
	parts = append(parts, "&signature:"...)
	parts = append(parts, signature...)
	header := append(make([]byte, 0, 512), scheme...)
	return string(base64.StdEncoding.AppendEncode(header, parts))
}

// ResponseSignature returns the signature that iyzico puts on an answer: lowercase hex of HMAC-SHA256 over the values
// joined with colons. A missing value is an empty string and keeps its colon (docs,
// response-signature-validation). Amounts go through SignatureAmount first.
func ResponseSignature(secretKey Secret, values ...string) string {
	return hexMAC(secretKey, []byte(strings.Join(values, ":")))
}

// SignatureAmount writes an amount as answers' signatures need it: plain notation without trailing zeros, so 10.50 is
// "10.5", 50.00 is "50" and 0E-8 is "0". It is not the form of requests, see FormatPrice.
func SignatureAmount(d decimal.Decimal) string { return d.String() }

// SignaturesEqual compares two signatures in constant time. Empty signatures equal nothing.
func SignaturesEqual(a, b string) bool {
	return a != "" && hmac.Equal([]byte(a), []byte(b))
}

// hexMAC returns the lowercase hex of a message's HMAC-SHA256.
func hexMAC(secretKey Secret, message []byte) string {
	mac := hmac.New(sha256.New, []byte(secretKey))
	_, _ = mac.Write(message)
	var sum [sha256.Size]byte
	var text [2 * sha256.Size]byte
	return string(hex.AppendEncode(text[:0], mac.Sum(sum[:0])))
}

// FormatPrice writes an amount as iyzico's requests carry it: decimal point, no trailing zeros but at least one decimal,
// so 1 is "1.0", 22.00 is "22.0" and 15.340000 is "15.34" (node SDK, formatPrice).
func FormatPrice(d decimal.Decimal) string {
	text := d.String() // plain notation without trailing zeros
	if !strings.Contains(text, ".") {
		return text + ".0"
	}
	return text
}

// Bounds of the amounts that the client sends and reads. Money with more digits than these is no money, and a number
// such as 1e1000000000 must not cost memory.
const (
	maxAmountLen      = 48
	maxAmountIntegers = 18
	maxAmountDecimals = 20
)

// parseAmount reads an amount from its text: an optional minus sign, digits, decimals and a decimal exponent, as JSON
// writes numbers. It refuses what the bounds exclude without computing it.
func parseAmount(text string) (decimal.Decimal, bool) {
	if text == "" || len(text) > maxAmountLen {
		return decimal.Decimal{}, false
	}
	rest := strings.TrimPrefix(text, "-")
	integers := digits(rest)
	rest = rest[integers:]
	decimals := 0
	if strings.HasPrefix(rest, ".") {
		decimals = digits(rest[1:])
		if decimals == 0 {
			return decimal.Decimal{}, false
		}
		rest = rest[1+decimals:]
	}
	exponent, ok := parseExponent(rest)
	if integers == 0 || !ok || integers+exponent > maxAmountIntegers || decimals-exponent > maxAmountDecimals {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil
}

// parseExponent reads what follows the digits of a number: nothing, or e with at most two digits.
func parseExponent(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	sign := 1
	switch {
	case strings.HasPrefix(text, "-"):
		sign, text = -1, text[1:]
	case strings.HasPrefix(text, "+"):
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 2 || digits(text) != len(text) {
		return 0, false
	}
	value := 0
	for _, c := range []byte(text) {
		value = value*10 + int(c-'0')
	}
	return sign * value, true
}

// digits counts the ASCII digits that text starts with.
func digits(text string) int {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return i
		}
	}
	return len(text)
}
