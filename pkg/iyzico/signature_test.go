package iyzico

import (
	"encoding/base64"
	"testing"
)

// Vectors of docs/iyzico.md §1.4: A1 to A9, computed with iyzico's npm package, and those of the official SDKs and documents.
func TestSignGivesTheReferenceSignatures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, secret, random, path, body, want string }{
		{"A1", "sandbox-secretKey", "123456789", "/payment/refund", `{"locale":"tr","conversationId":"123456789","paymentTransactionId":"27169345","price":"5.0","ip":"85.34.78.112","currency":"TRY"}`, "084f427e6bb909fb7ba88445e5e03a721d2ad9e78880ee7a8c831a32b709c2c4"},
		{"A2", "sandbox-secretKey", "123456789", "/v2/payment/refund", `{"locale":"tr","conversationId":"123456789","price":"15.0","paymentId":"25180208","currency":"TRY","ip":"85.34.78.112"}`, "a4d2f273270911a83f3cd95370cc6df64bd5b189ec215a8b1f667ca4f9a93045"},
		{"A3", "sandbox-secretKey", "123456789", "/payment/cancel", `{"locale":"tr","conversationId":"123456789","paymentId":"25180158","ip":"85.34.78.112"}`, "305c6ad28a3bc2e113fa6c7eadd22a3b845924e6fca2e0cdfaf2990b0d046efb"},
		{"A4", "sandbox-secretKey", "123456789", "/payment/refund-to-balance/init", `{"locale":"tr","conversationId":"123456789","paymentId":"25180208","callbackUrl":"https://merchant.example/cb"}`, "2cf06c67d811e8d9d4e1664c1d1332712cc99d7752d71a6e2f3cb472e5083861"},
		{"A5", "sandbox-secretKey", "123456789", "/payment/detail", `{"locale":"tr","conversationId":"123456789","paymentId":"25180208"}`, "014dd46ee2c5b9fd0f617e944567b2adfbd72a82d0df7a2b9d8ecdaa4b3a1d25"},
		{"A6", "sandbox-secretKey", "123456789", "/v1/pay-with-iyzico/third-party-session/retrieve/access-token", `{"sessionToken":"st-1","memberIdentifier":"mi-1","locale":"tr","conversationId":"123456789"}`, "183de8f712937e4b051e7c5b8b0893cc1459f4fe65f450fd31651b7bb526bd1d"},
		{"A7", "sandbox-secretKey", "123456789", "/v2/reporting/payment/details", "", "e735890f671c6c4f34534cbd4beb6b1c7a1d65febe6b610521e113fa26652da3"},
		{"A7 with query, wrongly", "sandbox-secretKey", "123456789", "/v2/reporting/payment/details?paymentId=25180208", "", "622d992d28b06e66739cc13e3f4880116573319eb6ab32837b07c6960cb855bf"},
		{"A8", "sandbox-secretKey", "123456789", "/v2/reporting/payment/details", "{}", "63fd7804f6cd49bf2a5b96b731ee344c95fb9959266f77dca64906b208322c6c"},
		{"A9", "sandbox-secretKey", "123456789", "/payment/refund", `{"locale":"tr","conversationId":"iade-ığüşöç","paymentTransactionId":"1","price":"10.5","currency":"TRY"}`, "20321820a9808f552afbfd0c8eb8b0dd38c7fbc12cead077796c70438ef2a9ee"},
		{"php SDK, GET without query", "test", "123456789", "/v2/subscription/customers/", "", "6f384099aae328f72daf9cdab105eb37fb29620251c47b4c583d748d9d0ab764"},
		{"dotnet SDK", "sandbox-secretKey", "123456789", "/payment/3dsecure/auth", `{"locale":"tr","paymentId":"1"}`, "3099a250ced94cf1d0c6af19e349a1ebe330955366e18c13e7489212b27459df"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Sign(Secret(tc.secret), tc.random, tc.path, []byte(tc.body)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestAuthorizationHeaderIsAssembledAsOfficially(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, apiKey, random, signature, want string }{
		{"A1", "sandbox-apiKey", "123456789", "084f427e6bb909fb7ba88445e5e03a721d2ad9e78880ee7a8c831a32b709c2c4", "IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxMjM0NTY3ODkmc2lnbmF0dXJlOjA4NGY0MjdlNmJiOTA5ZmI3YmE4ODQ0NWU1ZTAzYTcyMWQyYWQ5ZTc4ODgwZWU3YThjODMxYTMyYjcwOWMyYzQ="},
		{"A7", "sandbox-apiKey", "123456789", "e735890f671c6c4f34534cbd4beb6b1c7a1d65febe6b610521e113fa26652da3", "IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxMjM0NTY3ODkmc2lnbmF0dXJlOmU3MzU4OTBmNjcxYzZjNGYzNDUzNGNiZDRiZWI2YjFjN2ExZDY1ZmViZTZiNjEwNTIxZTExM2ZhMjY2NTJkYTM="},
		{"docs hmacsha256-auth, second example", "sandbox-3uHv0LccjcWDyFHTvJpiACKPcJwbczmZ", "1722246017090123456789", "91e491486d3aa951b4f387cc93d67fc754c4729af95344b694435f56447819e9", "IYZWSv2 YXBpS2V5OnNhbmRib3gtM3VIdjBMY2NqY1dEeUZIVHZKcGlBQ0tQY0p3YmN6bVomcmFuZG9tS2V5OjE3MjIyNDYwMTcwOTAxMjM0NTY3ODkmc2lnbmF0dXJlOjkxZTQ5MTQ4NmQzYWE5NTFiNGYzODdjYzkzZDY3ZmM3NTRjNDcyOWFmOTUzNDRiNjk0NDM1ZjU2NDQ3ODE5ZTk="},
		{"node SDK's unit test", "api_key", "random_string", Sign("secret_key", "random_string", "uri", []byte(`"body"`)), "IYZWSv2 YXBpS2V5OmFwaV9rZXkmcmFuZG9tS2V5OnJhbmRvbV9zdHJpbmcmc2lnbmF0dXJlOjAxNzUwODkyMWEyOWVlNTYwMWJjZDFmYmU4M2VmZDJlMmJlNDNhZjAyZWNlZmYzMGNmMmU5MWE1MzlhYWIzNTU="},
	} {
		if got := AuthorizationHeader(tc.apiKey, tc.random, tc.signature); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
	parts, err := base64.StdEncoding.DecodeString(AuthorizationHeader("sandbox-l9Md1Gj3IYcmu4NdaWxaSUoCoX7DC5RA", "123456789",
		"079df4b2426fc7f4208d8f22fbc0349794019f8ce2b0711de7808b4874f4e796")[len("IYZWSv2 "):])
	if want := "apiKey:sandbox-l9Md1Gj3IYcmu4NdaWxaSUoCoX7DC5RA&randomKey:123456789&signature:079df4b2426fc7f4208d8f22fbc0349794019f8ce2b0711de7808b4874f4e796"; err != nil || string(parts) != want {
		t.Errorf("got %q, %v", parts, err)
	}
}

// Vectors of docs/iyzico.md §6.
func TestResponseSignatureGivesTheReferenceSignatures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		secret Secret
		values []string
		want   string
	}{
		{"sandbox-qaIiLIxhjMgx3LSKIVvp6j17NunHOFtD", []string{"22416032", "TRY", "basketId", "conversationId", "10.5", "10.5"}, "836c3a6c8db86c81043f2ca74edb13518b54a813f454f8dd762f0dd658610173"},
		{"jLc7GQHD2pyJoqXDeEcTnGHYtP7Ai5jl", []string{"", "", "1", "22484292", "success"}, "a4f73b80bb32a6ef8358090bbd8609a49a7b53f463048f8ef147496e236d04f0"},
		{"secret-key", []string{"12345678", "50", "TRY", "12345678"}, "57967ab442a60d7d8e44162f5f9807680a9eaa94d41421f5b0b52b9a4a0609a8"},
		{"sandbox-secretKey", []string{"25180208", SignatureAmount(amount("15.00000000")), "TRY", "123456789"}, "444663c66d146354aa8b855392c3499157de853291c8e9f997e7df1cb027d07c"},
		{"sandbox-secretKey", []string{"25180188", SignatureAmount(amount("10.50")), "TRY", "conv-1"}, "3eb7a28993bdfaf4b8d636035d6cceb639020a2496638efe680ad2103e3743fd"},
		{"sandbox-secretKey", []string{"25180188", "10.5", "TRY", ""}, "cee473133c55e8c5925e516586af3a066f53ba78a97bf25d9da66f40feff4f53"},
	} {
		if got := ResponseSignature(tc.secret, tc.values...); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.values, got, tc.want)
		}
	}
}

func TestSignatureAmountHasNoTrailingZerosAndNoExponent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10": "10", "10.0": "10", "10.50": "10.5", "10.510": "10.51", "10.51050": "10.5105", "50.00": "50", "100.00": "100",
		"0E-8": "0", "1E2": "100", "0.05": "0.05",
	} {
		if got := SignatureAmount(amount(text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// Vectors of docs/iyzico.md §7.
func TestWebhookSignaturesGiveTheReferenceSignatures(t *testing.T) {
	t.Parallel()
	const secret = Secret("sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs")
	if got, want := WebhookSignatureHPP(secret, "CHECKOUT_FORM_AUTH", "22483975", "e828c62d-fd12-4b1a-ad5a-380f15fe6596", "conversationId", "SUCCESS"),
		"4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"; got != want {
		t.Errorf("HPP: got %s, want %s", got, want)
	}
	if got, want := WebhookSignatureDirect(secret, "API_AUTH", "22484059", "conversationId", "SUCCESS"),
		"92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"; got != want {
		t.Errorf("direct: got %s, want %s", got, want)
	}
}

func TestSignaturesEqualRefusesEmptyOnes(t *testing.T) {
	t.Parallel()
	if SignaturesEqual("", "") || SignaturesEqual("a", "b") || !SignaturesEqual("ab", "ab") {
		t.Error("signatures compare wrongly")
	}
}
