package iyzicotest

import "testing"

// Vectors of docs/iyzico.md §1.4: computed with the official node client, and from iyzico's own tests.
func TestRequestSignatureVectors(t *testing.T) {
	t.Parallel()
	tests := []struct{ secret, random, path, body, want string }{
		{DefaultSecretKey, "123456789", "/payment/refund", `{"locale":"tr","conversationId":"123456789","paymentTransactionId":"27169345","price":"5.0","ip":"85.34.78.112","currency":"TRY"}`, "084f427e6bb909fb7ba88445e5e03a721d2ad9e78880ee7a8c831a32b709c2c4"},
		{DefaultSecretKey, "123456789", "/v2/payment/refund", `{"locale":"tr","conversationId":"123456789","price":"15.0","paymentId":"25180208","currency":"TRY","ip":"85.34.78.112"}`, "a4d2f273270911a83f3cd95370cc6df64bd5b189ec215a8b1f667ca4f9a93045"},
		{DefaultSecretKey, "123456789", "/payment/cancel", `{"locale":"tr","conversationId":"123456789","paymentId":"25180158","ip":"85.34.78.112"}`, "305c6ad28a3bc2e113fa6c7eadd22a3b845924e6fca2e0cdfaf2990b0d046efb"},
		{DefaultSecretKey, "123456789", "/payment/refund-to-balance/init", `{"locale":"tr","conversationId":"123456789","paymentId":"25180208","callbackUrl":"https://merchant.example/cb"}`, "2cf06c67d811e8d9d4e1664c1d1332712cc99d7752d71a6e2f3cb472e5083861"},
		{DefaultSecretKey, "123456789", "/payment/detail", `{"locale":"tr","conversationId":"123456789","paymentId":"25180208"}`, "014dd46ee2c5b9fd0f617e944567b2adfbd72a82d0df7a2b9d8ecdaa4b3a1d25"},
		{DefaultSecretKey, "123456789", "/v1/pay-with-iyzico/third-party-session/retrieve/access-token", `{"sessionToken":"st-1","memberIdentifier":"mi-1","locale":"tr","conversationId":"123456789"}`, "183de8f712937e4b051e7c5b8b0893cc1459f4fe65f450fd31651b7bb526bd1d"},
		{DefaultSecretKey, "123456789", "/v2/reporting/payment/details", "", "e735890f671c6c4f34534cbd4beb6b1c7a1d65febe6b610521e113fa26652da3"},
		{DefaultSecretKey, "123456789", "/v2/reporting/payment/details", "{}", "63fd7804f6cd49bf2a5b96b731ee344c95fb9959266f77dca64906b208322c6c"},
		{DefaultSecretKey, "123456789", "/payment/refund", `{"locale":"tr","conversationId":"iade-ığüşöç","paymentTransactionId":"1","price":"10.5","currency":"TRY"}`, "20321820a9808f552afbfd0c8eb8b0dd38c7fbc12cead077796c70438ef2a9ee"},
		{DefaultSecretKey, "123456789", "/payment/3dsecure/auth", `{"locale":"tr","paymentId":"1"}`, "3099a250ced94cf1d0c6af19e349a1ebe330955366e18c13e7489212b27459df"},
		{"test", "123456789", "/v2/subscription/customers/", "", "6f384099aae328f72daf9cdab105eb37fb29620251c47b4c583d748d9d0ab764"},
	}
	for _, test := range tests {
		if got := requestSignature(test.secret, test.random, test.path, []byte(test.body)); got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.path, test.body, got, test.want)
		}
	}
}

func TestAuthorizationHeaderVectors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ header, apiKey, random, signature string }{
		"A1": {
			"IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxMjM0NTY3ODkmc2lnbmF0dXJlOjA4NGY0MjdlNmJiOTA5ZmI3YmE4ODQ0NWU1ZTAzYTcyMWQyYWQ5ZTc4ODgwZWU3YThjODMxYTMyYjcwOWMyYzQ=",
			DefaultAPIKey, "123456789", "084f427e6bb909fb7ba88445e5e03a721d2ad9e78880ee7a8c831a32b709c2c4",
		},
		"A7": {
			"IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxMjM0NTY3ODkmc2lnbmF0dXJlOmU3MzU4OTBmNjcxYzZjNGYzNDUzNGNiZDRiZWI2YjFjN2ExZDY1ZmViZTZiNjEwNTIxZTExM2ZhMjY2NTJkYTM=",
			DefaultAPIKey, "123456789", "e735890f671c6c4f34534cbd4beb6b1c7a1d65febe6b610521e113fa26652da3",
		},
		"docs": {
			"IYZWSv2 YXBpS2V5OnNhbmRib3gtM3VIdjBMY2NqY1dEeUZIVHZKcGlBQ0tQY0p3YmN6bVomcmFuZG9tS2V5OjE3MjIyNDYwMTcwOTAxMjM0NTY3ODkmc2lnbmF0dXJlOjkxZTQ5MTQ4NmQzYWE5NTFiNGYzODdjYzkzZDY3ZmM3NTRjNDcyOWFmOTUzNDRiNjk0NDM1ZjU2NDQ3ODE5ZTk=",
			"sandbox-3uHv0LccjcWDyFHTvJpiACKPcJwbczmZ", "1722246017090123456789", "91e491486d3aa951b4f387cc93d67fc754c4729af95344b694435f56447819e9",
		},
	}
	for name, test := range tests {
		apiKey, random, signature, ok := authorization(test.header)
		if !ok || apiKey != test.apiKey || random != test.random || signature != test.signature {
			t.Errorf("%s: got %q %q %q %v", name, apiKey, random, signature, ok)
		}
	}
	for _, header := range []string{"", "IYZWSv2 ", "IYZWSv2 !", "IYZWS a:b", "IYZWSv2 YXBpS2V5Og=="} {
		if _, _, _, ok := authorization(header); ok {
			t.Errorf("header %q taken", header)
		}
	}
}

// Vectors of docs/iyzico.md §6.
func TestResponseSignatureVectors(t *testing.T) {
	t.Parallel()
	const refundSecret = DefaultSecretKey
	tests := []struct {
		secret string
		body   object
		order  []string
		want   string
	}{
		{"sandbox-qaIiLIxhjMgx3LSKIVvp6j17NunHOFtD", object{{"paymentId", "22416032"}, {"currency", "TRY"}, {"basketId", "basketId"}, {"conversationId", "conversationId"}, {"paidPrice", amount(dec("10.50"))}, {"price", amount(dec("10.5"))}}, paymentSignature, "836c3a6c8db86c81043f2ca74edb13518b54a813f454f8dd762f0dd658610173"},
		{"secret-key", object{{"paymentId", "12345678"}, {"price", amount(dec("50.00"))}, {"currency", "TRY"}, {"conversationId", "12345678"}}, refundSignature, "57967ab442a60d7d8e44162f5f9807680a9eaa94d41421f5b0b52b9a4a0609a8"},
		{refundSecret, object{{"paymentId", "25180208"}, {"price", amount(dec("15.00000000"))}, {"currency", "TRY"}, {"conversationId", "123456789"}}, refundSignature, "444663c66d146354aa8b855392c3499157de853291c8e9f997e7df1cb027d07c"},
		{refundSecret, object{{"paymentId", number("25180188")}, {"price", amount(dec("10.50"))}, {"currency", "TRY"}, {"conversationId", "conv-1"}}, refundSignature, "3eb7a28993bdfaf4b8d636035d6cceb639020a2496638efe680ad2103e3743fd"},
		{refundSecret, object{{"paymentId", "25180188"}, {"price", amount(dec("10.50"))}, {"currency", "TRY"}}, refundSignature, "cee473133c55e8c5925e516586af3a066f53ba78a97bf25d9da66f40feff4f53"},
	}
	for i, test := range tests {
		s := &Server{}
		s.SetKeys(KeyPair{SecretKey: test.secret})
		if got := s.signature(answer{body: test.body, signed: test.order}); got != test.want {
			t.Errorf("vector %d: got %s, want %s", i, got, test.want)
		}
	}
}

func TestAmountsOnTheWireAndInSignatures(t *testing.T) {
	t.Parallel()
	tests := []struct{ amount, wire, signed string }{
		{"1", "1.00000000", "1"},
		{"0", "0E-8", "0"},
		{"0.00", "0E-8", "0"},
		{"10.510", "10.51000000", "10.51"},
		{"33.33333333", "33.33333333", "33.33333333"},
		{"1E3", "1000.00000000", "1000"},
	}
	for _, test := range tests {
		o := object{{"price", amount(dec(test.amount))}}
		wire, err := encode(o)
		if err != nil || string(wire) != `{"price":`+test.wire+`}` {
			t.Errorf("%s goes out as %s (%v), want %s", test.amount, wire, err, test.wire)
		}
		if got := o.text("price"); got != test.signed {
			t.Errorf("%s is signed as %s, want %s", test.amount, got, test.signed)
		}
	}
}
