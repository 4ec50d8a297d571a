package iyzico

import "testing"

const balanceAnswer = `{"status":"success","locale":"tr","systemTime":1755703798426,"conversationId":"123456789",` +
	`"token":"1xxyyzzqq345","url":"https://sandbox.iyzico.example/refund/1xxyyzzqq345"}`

func testBalanceRequest() BalanceRefundRequest {
	return BalanceRefundRequest{PaymentID: "25180208", CallbackURL: "https://merchant.example/cb", ConversationID: "123456789"}
}

func TestInitBalanceRefundSendsTheSignedBytesOfTheReference(t *testing.T) {
	t.Parallel()
	for path, opts := range map[string][]Option{
		"/payment/refund-to-balance/init": nil,
		"/payment/iyzipos/item/approve":   {WithBalanceRefundPath("/payment/iyzipos/item/approve")},
	} {
		var requests []sent
		c := testClient(t, SandboxURL, append(opts, WithTransport(answering(200, balanceAnswer, &requests)))...)
		got, err := c.InitBalanceRefund(testContext(t), testBalanceRequest())
		if err != nil {
			t.Fatal(err)
		}
		if got.Token.Reveal() != "1xxyyzzqq345" || got.URL != "https://sandbox.iyzico.example/refund/1xxyyzzqq345" || got.ConversationID != "123456789" {
			t.Errorf("got %+v", got)
		}
		// The body is vector A4 of docs/iyzico.md §1.4.
		if want := `{"locale":"tr","conversationId":"123456789","paymentId":"25180208","callbackUrl":"https://merchant.example/cb"}`; requests[0].body != want {
			t.Errorf("sent %s", requests[0].body)
		}
		if requests[0].url != SandboxURL+path || requests[0].header.Get("Authorization") != authorizationOf(path, requests[0].body) {
			t.Errorf("sent to %s", requests[0].url)
		}
	}
}

func TestABalanceRefundWithoutTokenAndSecureURLIsNotStarted(t *testing.T) {
	t.Parallel()
	const url = "https://sandbox.iyzico.example/refund/1xxyyzzqq345"
	for _, tc := range []struct{ body, reason, field string }{
		{without(t, balanceAnswer, `"token":"1xxyyzzqq345"`), ReasonNotStarted, "token"},
		{replace(t, balanceAnswer, `"1xxyyzzqq345"`, `""`), ReasonNotStarted, "token"},
		{replace(t, balanceAnswer, `"1xxyyzzqq345"`, `{}`), ReasonNotStarted, "token"},
		{replace(t, balanceAnswer, `"1xxyyzzqq345"`, `"a b"`), ReasonNotStarted, "token"},
		{replace(t, balanceAnswer, `,"url":"`+url+`"`, ``), ReasonNotStarted, "url"},
		{replace(t, balanceAnswer, url, "http://sandbox.iyzico.example/x"), ReasonNotStarted, "url"},
		{replace(t, balanceAnswer, url, "http://localhost/x"), ReasonNotStarted, "url"},
		{replace(t, balanceAnswer, url, "/refund"), ReasonNotStarted, "url"},
		{replace(t, balanceAnswer, url, "javascript:alert(1)"), ReasonNotStarted, "url"},
		{replace(t, balanceAnswer, url, "https://a@b.example/"), ReasonNotStarted, "url"},
		{replace(t, balanceAnswer, `"123456789"`, `"1"`), ReasonEchoMismatch, "conversationId"},
		{without(t, balanceAnswer, `"conversationId":"123456789"`), ReasonEchoMismatch, "conversationId"},
		{replace(t, balanceAnswer, `"token"`, `"paymentId":"1","token"`), ReasonEchoMismatch, "paymentId"},
	} {
		_, err := answeringClient(t, 200, tc.body).InitBalanceRefund(testContext(t), testBalanceRequest())
		if e := wantError(t, err, Unknown, tc.reason); e.Field != tc.field {
			t.Errorf("%s: got field %s", tc.body, e.Field)
		}
	}
}

// A container reaches a fake on its machine under a name of Docker's, and the fake puts that name into the page's url.
func TestALoopbackBaseURLAllowsLoopbackHTTP(t *testing.T) {
	t.Parallel()
	req := testBalanceRequest()
	req.CallbackURL = "http://localhost:8080/balance-callback/x"
	for _, host := range []string{"127.0.0.1:8081", "host.docker.internal:8081"} {
		body := replace(t, balanceAnswer, "https://sandbox.iyzico.example/refund/1xxyyzzqq345", "http://"+host+"/refund/1xxyyzzqq345")
		c := testClient(t, "http://"+host, WithTransport(answering(200, body, nil)))
		if _, err := c.InitBalanceRefund(testContext(t), req); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		_, err := answeringClient(t, 200, body).InitBalanceRefund(testContext(t), req)
		if e := wantError(t, err, NotSent, ReasonInvalid); e.Field != "callbackUrl" {
			t.Errorf("%s: field %s", host, e.Field)
		}
	}
}
