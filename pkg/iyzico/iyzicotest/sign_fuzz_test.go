package iyzicotest

import (
	"strings"
	"testing"

	"github.com/iade/iade/pkg/iyzico"
)

// FuzzOfficialSignature: the header that the client makes is taken by the fake, whose signing is an implementation of its
// own (docs/iyzico.md §1.3), for exactly the bytes that were signed, and for no others.
func FuzzOfficialSignature(f *testing.F) {
	f.Add("sandbox-secretKey", "123456789", "/payment/refund", []byte(`{"locale":"tr","price":"5.0"}`), 3)
	f.Add("s", "r", "/v2/reporting/payment/details", []byte(nil), 0)
	f.Add("ğ", "1&signature:x", "/", []byte("{}"), 1)
	f.Fuzz(func(t *testing.T, secret, random, path string, body []byte, flip int) {
		if secret == "" || len(secret) > 256 || strings.Contains(random, "&") {
			return // the client refuses such keys
		}
		const key = "sandbox-apiKey"
		signature := iyzico.Sign(iyzico.Secret(secret), random, path, body)
		header := iyzico.AuthorizationHeader(key, random, signature)
		server := &Server{keys: keyring{pairs: []KeyPair{{APIKey: key, SecretKey: secret}}}}
		if refusal := server.checkSignature(header, path, body); refusal != nil {
			t.Fatalf("%s was refused: %+v", header, refusal)
		}
		if len(signature) != 64 || strings.Trim(signature, "0123456789abcdef") != "" {
			t.Fatalf("signature %q", signature)
		}
		other := append([]byte("x"), body...)
		if len(body) > 0 {
			other = append([]byte(nil), body...)
			other[(flip%len(body)+len(body))%len(body)] ^= 1
		}
		if server.checkSignature(header, path, other) == nil || server.checkSignature(header, path+"?x=1", body) == nil {
			t.Fatal("other bytes are taken under the same signature")
		}
		if !iyzico.SignaturesEqual(iyzico.ResponseSignature(iyzico.Secret(secret), random, path), responseSignature(secret, []string{random, path})) {
			t.Fatal("the two sign answers differently")
		}
	})
}

// FuzzAuthorizationHeader: no header makes the fake panic, or take a request that nobody signed.
func FuzzAuthorizationHeader(f *testing.F) {
	f.Add("IYZWSv2 ")
	f.Add("IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxJnNpZ25hdHVyZTo=")
	f.Fuzz(func(t *testing.T, header string) {
		server := &Server{keys: keyring{pairs: []KeyPair{{APIKey: DefaultAPIKey, SecretKey: "canary7f3a"}}}}
		if refusal := server.checkSignature(header, "/payment/refund", nil); refusal == nil {
			t.Fatalf("%q was signed by nobody and is taken", header)
		}
	})
}
