package iyzicotest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const scheme = "IYZWSv2 "

// requestSignature signs a request: HMAC-SHA256 over random key, path without query, and the body's exact bytes
// (docs/iyzico.md §1.3, docs hmacsha256-auth).
func requestSignature(secretKey, randomKey, path string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(randomKey))
	mac.Write([]byte(path))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// responseSignature signs an answer: the values joined with colons (docs/iyzico.md §6).
func responseSignature(secretKey string, values []string) string {
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(strings.Join(values, ":")))
	return hex.EncodeToString(mac.Sum(nil))
}

// authorization splits the header into its three parts; false if it is not of that form.
func authorization(header string) (apiKey, randomKey, signature string, ok bool) {
	encoded, found := strings.CutPrefix(header, scheme)
	if !found {
		return "", "", "", false
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", "", false
	}
	rest, found := strings.CutPrefix(string(raw), "apiKey:")
	if !found {
		return "", "", "", false
	}
	apiKey, rest, found = strings.Cut(rest, "&randomKey:")
	if !found {
		return "", "", "", false
	}
	randomKey, signature, ok = strings.Cut(rest, "&signature:")
	return apiKey, randomKey, signature, ok
}

// checkSignature gives the refusal of a request that is not signed with a pair of the merchant's keys. A GET that carries a body
// (the node client sends "{}", the python client "null") is signed with that body like any other request.
func (s *Server) checkSignature(header, path string, body []byte) *Refusal {
	apiKey, randomKey, signature, ok := authorization(header)
	if !ok {
		return refuse(CodeBadSignature)
	}
	if apiKey == "" {
		return refuse(CodeKeyMissing)
	}
	secretKey, ok := s.keys.secretOf(apiKey)
	if !ok {
		return refuse(CodeUnknownAPIKey)
	}
	want := requestSignature(secretKey, randomKey, path, body)
	if subtle.ConstantTimeCompare([]byte(signature), []byte(want)) != 1 {
		return refuse(CodeBadSignature)
	}
	return nil
}
