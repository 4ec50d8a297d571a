package main

import (
	"net/http"

	"github.com/iade/iade/internal/payment"
)

// What later steps take from an answer: the token is the last part of iyzico's page's url, and where the customer's browser
// goes next is what iyzico's page sends it to.
const (
	tokenName = "$TOKEN"
	backName  = "$BACK"
)

var balancePath = operationPath(payment.KindBalanceRefund, "10000009", "walk-balance")

// walkthroughBalance is a refund to the customer's iyzico balance: everybody who has to act, acts.
var walkthroughBalance = []step{
	{
		title: "Refund to the customer's iyzico balance", method: http.MethodPost, path: "/refunds", key: "walk-balance",
		body:  `{"paymentId":"10000009","destination":"balance","locale":"en"}`,
		why:   "send the customer to redirectUrl; its last part is the TOKEN of the next steps",
		want:  answer{status: 201, members: []member{{"status", "awaiting_customer"}, {"amount", "120.00"}}},
		again: &answer{status: 200, header: replayed, members: []member{{"status", "succeeded"}}},
		takes: []taken{{tokenName, "redirectUrl", true}},
	},
	{
		title: "Play the customer, who says yes", once: true, fake: true, method: http.MethodPost,
		path: "/_fake/balance-refunds/" + tokenName + "/confirm",
		why:  "or open redirectUrl in a browser (the code is 123456); url is where iyzico sends the browser: the BACK of the next step",
		want: answer{status: 200, members: []member{{"method", "POST"}}}, takes: []taken{{backName, "url", false}},
	},
	{
		title: "Come back from iyzico as the browser does", once: true, method: http.MethodPost, path: backName, form: "token=" + tokenName,
		why:  "a page for the customer, or on to the shop where the refund has a returnUrl; it proves only that somebody knew the token",
		want: answer{status: 200, header: []member{{"Content-Type", "text/html; charset=utf-8"}}},
	},
	{
		title: "See that it waits for the merchant", method: http.MethodGet, path: balancePath,
		why:   "no money has moved, and the whole payment is reserved",
		want:  answer{status: 200, members: []member{{"status", "awaiting_merchant"}, {"refundedAmount", "0.00"}}},
		again: &answer{status: 200, members: []member{{"status", "succeeded"}}},
	},
	{
		title: "Approve it in iyzico's panel", once: true, fake: true, method: http.MethodPost,
		path: "/_fake/balance-refunds/" + tokenName + "/approve",
		why:  "only now iyzico moves the money, and nobody tells iade",
		want: answer{status: 200, members: []member{{"stage", "approved"}}},
	},
	{
		title: "Wait until the report shows it", method: http.MethodGet, until: true, path: balancePath,
		why:  "the payment is refunded totally, by entries that are new and sum to what was paid",
		want: answer{status: 200, members: []member{{"status", "succeeded"}, {"refundedAmount", "120.00"}}},
	},
}
