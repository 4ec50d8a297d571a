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
