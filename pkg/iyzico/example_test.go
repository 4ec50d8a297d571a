package iyzico_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico"
)

const secretKey = iyzico.Secret("sandbox-secretKey")

// answering starts a server that stands in for iyzico and gives one answer, and a client of it.
func answering(answer string) (client *iyzico.Client, stop func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
	client, err := iyzico.New(iyzico.Config{BaseURL: server.URL, APIKey: "sandbox-apiKey", SecretKey: secretKey})
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

// fakeIyzico starts a server that carries out a refund, loses the answer, and lists the refund in its report.
func fakeIyzico() (baseURL string, apiKey, key iyzico.Secret, stop func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			panic(http.ErrAbortHandler) // the line is cut
		}
		_, _ = io.WriteString(w, `{"status":"success","payments":[{"paymentId":25180188,"paidPrice":50,"itemTransactions":[{"paymentTransactionId":27169345,
			"paidPrice":50,"refunds":[{"refundTxId":31001,"refundConversationId":"refund-4711-1","refundPrice":10.5,"refundStatus":1}]}]}]}`)
	}))
	return server.URL, "sandbox-apiKey", secretKey, server.Close
}

func ExampleClient_Refund() {
	client, stop := answering(`{"status":"success","conversationId":"refund-4711-1","paymentId":"25180188","paymentTransactionId":"27169345",
		"price":10.50000000,"currency":"TRY","refundHostReference":"mock00007iyzihostrfn",
		"signature":"` + iyzico.ResponseSignature(secretKey, "25180188", "10.5", "TRY", "refund-4711-1") + `"}`)
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()

	refund, err := client.Refund(ctx, iyzico.RefundRequest{
		PaymentTransactionID: "27169345",
		Price:                decimal.RequireFromString("10.50"),
		Currency:             "TRY",
		ConversationID:       "refund-4711-1",
		Reason:               iyzico.RefundReasonBuyerRequest,
	})
	switch iyzico.OutcomeOf(err) {
	case iyzico.Succeeded:
		fmt.Println("refunded", refund.Price, refund.Currency, "bank reference", refund.RefundHostReference)
	case iyzico.Rejected:
		fmt.Println("refused, no money moved:", err)
	case iyzico.NotSent:
		fmt.Println("not sent, may be sent again:", err)
	case iyzico.Unknown:
		fmt.Println("may have happened, ask the report:", err)
	}
	// Output: refunded 10.5 TRY bank reference mock00007iyzihostrfn
}

// A refusal, an answer that is none, and a lost connection are three different things.
func ExampleOutcomeOf() {
	request := iyzico.RefundRequest{PaymentTransactionID: "27169345", Price: decimal.NewFromInt(5), ConversationID: "refund-4712-1"}
	for _, answer := range []string{
		`{"status":"failure","errorCode":"10051","errorGroup":"NOT_SUFFICIENT_FUNDS"}`,
		`{"status":"failure","errorCode":50000,"errorMessage":"Request Limit Exceeded"}`,
		`<html>maintenance</html>`,
	} {
		client, stop := answering(answer)
		_, err := client.Refund(context.Background(), request)
		fmt.Println(iyzico.OutcomeOf(err), "-", err)
		stop()
	}
	client, stop := answering("")
	stop()
	_, err := client.Refund(context.Background(), request)
	fmt.Println(iyzico.OutcomeOf(err))
	// Output:
	// rejected - iyzico: POST /payment/refund: rejected (refused), HTTP 200, code 10051, conversation refund-4712-1
	// not_sent - iyzico: POST /payment/refund: not_sent (rate-limited), HTTP 200, code 50000, conversation refund-4712-1
	// unknown - iyzico: POST /payment/refund: unknown (not-json), HTTP 200, conversation refund-4712-1
	// not_sent
}

func ExampleClient_RefundPayment() {
	client, stop := answering(`{"status":"success","conversationId":"refund-4713-1","paymentId":"25180208","price":15,"currency":"TRY",
		"signature":"` + iyzico.ResponseSignature(secretKey, "25180208", "15", "TRY", "refund-4713-1") + `"}`)
	defer stop()

	refund, err := client.RefundPayment(context.Background(), iyzico.RefundPaymentRequest{
		PaymentID:      "25180208",
		Price:          decimal.NewFromInt(15),
		Currency:       "TRY",
		ConversationID: "refund-4713-1",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("refunded", refund.Price, refund.Currency, "of payment", refund.PaymentID)
	// Output: refunded 15 TRY of payment 25180208
}

func ExampleClient_Cancel() {
	client, stop := answering(`{"status":"success","conversationId":"cancel-4714-1","paymentId":"25180158","price":1.20000000,"currency":"TRY"}`)
	defer stop()

	cancel, err := client.Cancel(context.Background(), iyzico.CancelRequest{
		PaymentID:        "25180158",
		ConversationID:   "cancel-4714-1",
		ExpectedPrice:    decimal.RequireFromString("1.50"),
		ExpectedCurrency: "TRY",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("cancelled payment", cancel.PaymentID, "of", cancel.Price, cancel.Currency, cancel.Warnings)
	// Output: cancelled payment 25180158 of 1.2 TRY [price-differs]
}

func ExampleClient_InitBalanceRefund() {
	client, stop := answering(`{"status":"success","conversationId":"balance-4715-1","token":"1xxyyzzqq345","url":"https://sandbox.iyzico.example/r/1xxyyzzqq345"}`)
	defer stop()

	started, err := client.InitBalanceRefund(context.Background(), iyzico.BalanceRefundRequest{
		PaymentID:      "25180208",
		CallbackURL:    "https://shop.example/balance-callback",
		ConversationID: "balance-4715-1",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("send the customer to", started.URL, "and keep the token", started.Token)
	// Output: send the customer to https://sandbox.iyzico.example/r/1xxyyzzqq345 and keep the token [redacted]
}

// After an unknown outcome, look for the request's conversation id in the report. An id that is missing proves nothing yet.
func ExampleClient_RetrieveReport() {
	client, stop := answering(`{"status":"success","payments":[{"paymentId":25236546,"paidPrice":50,"itemTransactions":[
		{"paymentTransactionId":27225634,"paidPrice":50,"refunds":[{"refundTxId":31001,"refundConversationId":"refund-4711-1","refundPrice":5,"refundStatus":1}]}]}]}`)
	defer stop()

	report, err := client.RetrieveReport(context.Background(), iyzico.RetrieveReportRequest{PaymentID: "25236546"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, payment := range report.Payments {
		for _, line := range payment.Lines {
			for _, refund := range line.Refunds {
				if refund.ConversationID == "refund-4711-1" && refund.Status == 1 {
					fmt.Println("it happened: refund", refund.ID, "of", refund.Price)
				}
			}
		}
	}
	// Output: it happened: refund 31001 of 5
}

func ExampleClient_ListTransactions() {
	client, stop := answering(`{"status":"success","systemTime":1781209779000,"currentPage":1,"totalPageCount":1,"transactions":[
		{"transactionType":"REFUND","transactionDate":"2026-06-11 12:49:46","transactionId":3723001,"paymentTxId":27225634,"paymentId":25236546,
			"conversationId":"refund-4711-1","price":0.30599401,"transactionCurrency":"TRY"},
		{"transactionType":"PAYMENT","transactionDate":"2026-06-11 00:15:00","transactionId":3722001,"paymentTxId":27225634,"paymentId":25236546,
			"price":50,"transactionCurrency":"TRY"}]}`)
	defer stop()

	day, err := client.ListTransactions(context.Background(), iyzico.ListTransactionsRequest{Date: "2026-06-11"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range day.Transactions {
		fmt.Println(row.At.Format(time.RFC3339), row.Type, row.Price, row.Currency, row.ConversationID)
	}
	// Output:
	// 2026-06-11T09:49:46Z REFUND 0.30599401 TRY refund-4711-1
	// 2026-06-10T21:15:00Z PAYMENT 50 TRY
}

// "No such payment" has three forms: two codes, and a report that lists nothing.
func ExampleIsNotFound() {
	client, stop := answering(`{"status":"failure","errorCode":"5087"}`)
	_, err := client.RetrievePayment(context.Background(), iyzico.RetrievePaymentRequest{PaymentID: "99"})
	stop()
	fmt.Println(iyzico.IsNotFound(err))

	client, stop = answering(`{"status":"success","payments":[]}`)
	report, err := client.RetrieveReport(context.Background(), iyzico.RetrieveReportRequest{PaymentID: "99"})
	stop()
	fmt.Println(err == nil && report.IsEmpty())
	// Output:
	// true
	// true
}

func ExampleClient_RefundChargedToMerchant() {
	client, stop := answering(`{"status":"success","conversationId":"refund-4717-1","paymentId":"25180188","paymentTransactionId":"27169345",
		"price":10.50000000,"currency":"TRY"}`)
	defer stop()

	refund, err := client.RefundChargedToMerchant(context.Background(), iyzico.RefundRequest{
		PaymentTransactionID: "27169345",
		Price:                decimal.RequireFromString("10.50"),
		Currency:             "TRY",
		ConversationID:       "refund-4717-1",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("refunded", refund.Price, refund.Currency, "signed:", refund.SignatureVerified)
	// Output: refunded 10.5 TRY signed: false
}

var session = iyzico.Session{SessionToken: "16f60166-74ba", MemberIdentifier: "member-1"}

func ExampleClient_CreateFundPayment() {
	client, stop := answering(`{"status":"success","conversationId":"fund-4716-1","paymentId":24233528,"paymentStatus":"SUCCESS","fraudStatus":1,
		"price":1.00000000,"paidPrice":1.00000000,"currency":"TRY",
		"itemTransactions":[{"itemId":"BI101","paymentTransactionId":"26241258","price":1.00000000,"paidPrice":1.00000000}],
		"signature":"` + iyzico.ResponseSignature(secretKey, "24233528", "TRY", "", "fund-4716-1", "1", "1") + `"}`)
	defer stop()

	home := iyzico.Address{Address: "Altunizade Mah. 10", ContactName: "Jane Doe", City: "Istanbul", Country: "Turkey", ZipCode: "34580"}
	payment, err := client.CreateFundPayment(context.Background(), iyzico.FundPaymentRequest{
		Session:        session,
		AccessToken:    "header.payload.signature", // from RetrieveAccessToken
		ConversationID: "fund-4716-1",
		Price:          decimal.NewFromInt(1),
		PaidPrice:      decimal.NewFromInt(1),
		Currency:       "TRY",
		CallbackURL:    "https://shop.example/fund-callback",
		Buyer: iyzico.Buyer{ID: "BY789", Name: "Jane", Surname: "Doe", IdentityNumber: "74300864111", Email: "jane@doe.example",
			RegistrationAddress: "Altunizade Mah. 10", City: "Istanbul", Country: "Turkey", ZipCode: "34580"},
		ShippingAddress: &home,
		BillingAddress:  home,
		BasketItems: []iyzico.BasketItem{
			{ID: "BI101", Price: decimal.NewFromInt(1), Name: "Binocular", Category1: "Collectibles", ItemType: iyzico.ItemPhysical},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("paid", payment.PaidPrice, payment.Currency, "by payment", payment.PaymentID, "line", payment.Lines[0].PaymentTransactionID)
	// Output: paid 1 TRY by payment 24233528 line 26241258
}

func ExampleClient_RetrieveAccessToken() {
	client, stop := answering(`{"status":"success","accessToken":"header.payload.signature"}`)
	defer stop()

	access, err := client.RetrieveAccessToken(context.Background(), iyzico.SessionRequest{Session: session})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("printed:", access.AccessToken, "- length:", len(access.AccessToken.Reveal()))
	// Output: printed: [redacted] - length: 24
}

func ExampleClient_RetrieveLastPayment() {
	client, stop := answering(`{"status":"success","paymentType":"FUND","paymentId":24233528}`)
	defer stop()

	last, err := client.RetrieveLastPayment(context.Background(), "header.payload.signature", iyzico.SessionRequest{Session: session})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("payment", last.PaymentID, "from the balance:", last.PaymentType == iyzico.PaymentTypeFund)
	// Output: payment 24233528 from the balance: true
}

func ExampleClient_RetrieveSession() {
	client, stop := answering(`{"status":"success","sessionToken":"16f60166-74ba","memberIdentifier":"member-1","sessionStatus":"ACTIVE","paymentType":"FUND"}`)
	defer stop()

	state, err := client.RetrieveSession(context.Background(), iyzico.RetrieveSessionRequest{CheckoutFormToken: "7ce32610", PaymentID: "24233528"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(state.Status, state.Session == session)
	// Output: ACTIVE true
}

func ExampleClient_RetrieveSessionPayment() {
	client, stop := answering(`{"status":"success","paymentId":"24233528","paymentStatus":"SUCCESS","price":1,"paidPrice":1,"currency":"TRY",
		"sessionToken":"16f60166-74ba","memberIdentifier":"member-1"}`)
	defer stop()

	payment, err := client.RetrieveSessionPayment(context.Background(), iyzico.RetrieveSessionPaymentRequest{CheckoutFormToken: "7ce32610"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(payment.PaymentID, payment.PaymentStatus, payment.Session == session, payment.Warnings)
	// Output: 24233528 SUCCESS true [signature-missing]
}

func ExampleClient_InvalidateSession() {
	client, stop := answering(`{"status":"success"}`)
	defer stop()

	if _, err := client.InvalidateSession(context.Background(), iyzico.SessionRequest{Session: session}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the session takes no more payments")
	// Output: the session takes no more payments
}

// A notification says which payment to read again. It never says that money moved.
func ExampleReadWebhook() {
	current, previous := iyzico.Secret("sandbox-the-new-key"), iyzico.Secret("sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs")
	handler := func(w http.ResponseWriter, r *http.Request) {
		hook, err := iyzico.ReadWebhook(r.Body, r.Header.Get(iyzico.WebhookSignatureHeader), current, previous)
		if err == nil {
			fmt.Println(hook.EventType, "of payment", hook.PaymentID)
		}
		w.WriteHeader(http.StatusNoContent) // a stranger learns nothing
	}

	request := httptest.NewRequest(http.MethodPost, "/iyzico-webhook", strings.NewReader(
		`{"iyziEventType":"API_AUTH","paymentId":22484059,"paymentConversationId":"conversationId","status":"SUCCESS","iyziReferenceCode":"ref-1"}`))
	request.Header.Set(iyzico.WebhookSignatureHeader, "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae")
	handler(httptest.NewRecorder(), request)
	// Output: API_AUTH of payment 22484059
}
