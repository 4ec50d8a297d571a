package iyzico

import (
	"context"
	"iter"
	"slices"
	"testing"
)

// TestAnAnswerMayBeSignedWithAnyOfTheKeysOfARotation: of further keys only as many are asked for as are needed, and an
// empty one fits nothing, not even an answer signed with it.
func TestAnAnswerMayBeSignedWithAnyOfTheKeysOfARotation(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name    string
		signer  Secret
		further []Secret
		reason  string // empty = a success
		asked   int
	}{
		{"the client's own key", testSecretKey, []Secret{"previous", "next"}, "", 0},
		{"the first of the others", "previous", []Secret{"previous", "next"}, "", 1},
		{"the last of the others", "next", []Secret{"previous", "next"}, "", 2},
		{"none of them", "stranger", []Secret{"previous", "next"}, ReasonBadSignature, 2},
		{"no others", "previous", nil, ReasonBadSignature, 0},
		{"an empty key", "", []Secret{""}, ReasonBadSignature, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			keys := func(context.Context) iter.Seq[Secret] {
				return func(yield func(Secret) bool) {
					for _, key := range x.further {
						if asked++; !yield(key) {
							return
						}
					}
				}
			}
			v1 := refundAnswer("5", ResponseSignature(x.signer, "25180188", "5", "TRY", "conv-1"))
			c := answeringClient(t, 200, v1, WithAnswerKeys(keys))
			done, err := c.Refund(testContext(t), testRefundRequest())
			if x.reason == "" && (err != nil || !done.SignatureVerified) || x.reason != "" && wantError(t, err, Unknown, x.reason) == nil {
				t.Errorf("%+v %v", done, err)
			}
			if asked != x.asked {
				t.Errorf("%d further keys were asked for, want %d", asked, x.asked)
			}
			short := refundAnswer("5", ResponseSignature(x.signer, "25180188", "conv-1"))
			c = answeringClient(t, 200, short, WithAnswerKeys(keys))
			done, err = c.RefundPayment(testContext(t), RefundPaymentRequest{PaymentID: "25180188", Price: amount("5"), Currency: "TRY", ConversationID: "conv-1"})
			if x.reason == "" && (err != nil || !slices.Equal(done.Warnings, []string{WarningSignatureOrder})) || x.reason != "" && wantError(t, err, Unknown, x.reason) == nil {
				t.Errorf("%+v %v", done, err)
			}
		})
	}
}
