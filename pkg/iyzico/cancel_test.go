package iyzico

import (
	"slices"
	"testing"
)

const cancelAnswer = `{"status":"success","locale":"tr","systemTime":1755703798426,"conversationId":"123456789","paymentId":"25180158",` +
	`"price":1.20000000,"currency":"TRY","authCode":"1","hostReference":"h","cancelHostReference":"c"}`

func testCancelRequest() CancelRequest {
	return CancelRequest{PaymentID: "25180158", ConversationID: "123456789", IP: "85.34.78.112", ExpectedPrice: amount("1.2"), ExpectedCurrency: "TRY"}
}

func TestCancelSendsTheSignedBytesOfTheReference(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, cancelAnswer, &requests)))
	cancel, err := c.Cancel(testContext(t), testCancelRequest())
	if err != nil {
		t.Fatal(err)
	}
	if cancel.PaymentID != "25180158" || !cancel.Price.Equal(amount("1.2")) || cancel.Currency != "TRY" || cancel.AuthCode != "1" ||
		cancel.HostReference != "h" || cancel.CancelHostReference != "c" || len(cancel.Warnings) != 0 {
		t.Errorf("got %+v", cancel)
	}
	// The body is vector A3 of docs/iyzico.md §1.4.
	if want := `{"locale":"tr","conversationId":"123456789","paymentId":"25180158","ip":"85.34.78.112"}`; requests[0].body != want {
		t.Errorf("sent %s", requests[0].body)
	}
	if requests[0].url != SandboxURL+"/payment/cancel" || requests[0].header.Get("Authorization") != authorizationOf("/payment/cancel", requests[0].body) {
		t.Errorf("sent to %s", requests[0].url)
	}
}

func TestCancelWithAnotherPriceSucceedsWithAWarning(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"differs":    replace(t, cancelAnswer, "1.20000000", "1.21"),
		"missing":    without(t, cancelAnswer, `"price":1.20000000`),
		"unreadable": replace(t, cancelAnswer, "1.20000000", "1e1000000000"),
	} {
		cancel, err := answeringClient(t, 200, body).Cancel(testContext(t), testCancelRequest())
		if err != nil || !slices.Equal(cancel.Warnings, []string{WarningPriceDiffers}) {
			t.Errorf("%s: got %+v, %v", name, cancel, err)
		}
	}
	unexpecting := testCancelRequest()
	unexpecting.ExpectedPrice, unexpecting.ExpectedCurrency = amount("0"), ""
	if cancel, err := answeringClient(t, 200, cancelAnswer).Cancel(testContext(t), unexpecting); err != nil || len(cancel.Warnings) != 0 {
		t.Errorf("no expectation: got %+v, %v", cancel, err)
	}
}

func TestCancelOfSomethingElseIsUnknown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ field, body string }{
		{"conversationId", replace(t, cancelAnswer, `"123456789"`, `"1"`)},
		{"conversationId", without(t, cancelAnswer, `"conversationId":"123456789"`)},
		{"paymentId", replace(t, cancelAnswer, "25180158", "25180159")},
		{"paymentId", without(t, cancelAnswer, `"paymentId":"25180158"`)},
		{"currency", replace(t, cancelAnswer, "TRY", "USD")},
		{"currency", without(t, cancelAnswer, `"currency":"TRY"`)},
	} {
		_, err := answeringClient(t, 200, tc.body).Cancel(testContext(t), testCancelRequest())
		if e := wantError(t, err, Unknown, ReasonEchoMismatch); e.Field != tc.field {
			t.Errorf("got field %s, want %s", e.Field, tc.field)
		}
	}
	_, err := answeringClient(t, 400, `{"status":"failure","errorCode":"10220","paymentId":"25180158"}`).Cancel(testContext(t), testCancelRequest())
	wantError(t, err, Rejected, ReasonRefused)
}
