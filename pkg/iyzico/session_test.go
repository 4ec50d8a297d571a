package iyzico

import (
	"slices"
	"testing"
)

var testSession = Session{SessionToken: "st-1", MemberIdentifier: "mi-1"}

func TestRetrieveAccessTokenSendsTheSignedBytesOfTheReference(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, `{"status":"success","conversationId":"123456789","accessToken":"header.payload.signature"}`, &requests)))
	got, err := c.RetrieveAccessToken(testContext(t), SessionRequest{Session: testSession, ConversationID: "123456789"})
	if err != nil || got.AccessToken.Reveal() != "header.payload.signature" {
		t.Fatalf("got %+v, %v", got, err)
	}
	// The body is vector A6 of docs/iyzico.md §1.4.
	if want := `{"sessionToken":"st-1","memberIdentifier":"mi-1","locale":"tr","conversationId":"123456789"}`; requests[0].body != want {
		t.Errorf("sent %s", requests[0].body)
	}
	const path = "/v1/pay-with-iyzico/third-party-session/retrieve/access-token"
	if requests[0].url != SandboxURL+path || requests[0].header.Get("Authorization") != authorizationOf(path, requests[0].body) {
		t.Errorf("sent to %s", requests[0].url)
	}
	if _, ok := requests[0].header["Access-Token"]; ok {
		t.Error("an access token was sent to fetch one")
	}
	for _, body := range []string{`{"status":"success"}`, `{"status":"success","accessToken":""}`, `{"status":"success","accessToken":"a\nb"}`} {
		_, err := answeringClient(t, 200, body).RetrieveAccessToken(testContext(t), SessionRequest{Session: testSession})
		if e := wantError(t, err, Unknown, ReasonUnreadable); e.Field != "accessToken" {
			t.Errorf("field %s", e.Field)
		}
	}
}

func TestRetrieveLastPaymentSendsTheAccessToken(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, `{"status":"success","paymentType":"FUND","sessionToken":"st-1","token":"t","paymentId":24233528}`, &requests)))
	last, err := c.RetrieveLastPayment(testContext(t), "at-1", SessionRequest{Session: testSession})
	if err != nil || last.PaymentType != PaymentTypeFund || last.PaymentID != "24233528" || last.SessionToken.Reveal() != "st-1" || last.Token.Reveal() != "t" {
		t.Errorf("got %+v, %v", last, err)
	}
	if got := requests[0].header["Access-Token"]; !slices.Equal(got, []string{"at-1"}) {
		t.Errorf("access token %v", got)
	}
	for _, bad := range []Secret{"", "a b", "a\r\nX: y"} {
		_, err := c.RetrieveLastPayment(testContext(t), bad, SessionRequest{Session: testSession})
		if e := wantError(t, err, NotSent, ReasonInvalid); e.Field != "accessToken" {
			t.Errorf("field %s", e.Field)
		}
	}
}

func TestRetrieveSessionReadsItsState(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, `{"status":"success","sessionToken":"st-1","memberIdentifier":"mi-1","sessionStatus":"PASSIVE","paymentType":"FUND"}`, &requests)))
	state, err := c.RetrieveSession(testContext(t), RetrieveSessionRequest{CheckoutFormToken: "cf-1", PaymentID: "25180208"})
	if err != nil || state.Status != SessionPassive || state.Session != testSession || state.PaymentType != PaymentTypeFund {
		t.Errorf("got %+v, %v", state, err)
	}
	if want := `{"checkoutFormToken":"cf-1","paymentId":"25180208","locale":"tr"}`; requests[0].body != want {
		t.Errorf("sent %s", requests[0].body)
	}
	_, err = c.RetrieveSession(testContext(t), RetrieveSessionRequest{CheckoutFormToken: "cf-1"})
	wantError(t, err, NotSent, ReasonInvalid)
}

func TestRetrieveSessionPaymentReadsPaymentAndSession(t *testing.T) {
	t.Parallel()
	signature := ResponseSignature(testSecretKey, "SUCCESS", "25180208", "TRY", "B67832", "123456789", "1.1", "1", "cf-1")
	body := replace(t, detailAnswer(signature), `"phase"`, `"token":"cf-1","sessionToken":"st-1","memberIdentifier":"mi-1","phase"`)
	got, err := answeringClient(t, 200, body).RetrieveSessionPayment(testContext(t), RetrieveSessionPaymentRequest{CheckoutFormToken: "cf-1", ConversationID: "123456789"})
	if err != nil || got.PaymentID != "25180208" || got.Session != testSession || got.Token.Reveal() != "cf-1" || !got.SignatureVerified || len(got.Lines) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = answeringClient(t, 200, signedDetail()).RetrieveSessionPayment(testContext(t), RetrieveSessionPaymentRequest{CheckoutFormToken: "cf-1"})
	if e := wantError(t, err, Unknown, ReasonUnreadable); e.Field != "sessionToken" {
		t.Errorf("field %s", e.Field)
	}
}

func TestInvalidateSessionNeedsIyzicosWord(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, `{"status":"success","conversationId":"c"}`, &requests)))
	if _, err := c.InvalidateSession(testContext(t), SessionRequest{Session: testSession, ConversationID: "c"}); err != nil {
		t.Error(err)
	}
	if requests[0].url != SandboxURL+"/v1/pay-with-iyzico/third-party-session/invalidate/session" {
		t.Errorf("sent to %s", requests[0].url)
	}
	_, err := c.InvalidateSession(testContext(t), SessionRequest{Session: testSession, ConversationID: "d"})
	wantError(t, err, Unknown, ReasonEchoMismatch)
	_, err = c.InvalidateSession(testContext(t), SessionRequest{Session: Session{SessionToken: "st-1"}})
	wantError(t, err, NotSent, ReasonInvalid)
}
