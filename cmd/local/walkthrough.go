package main

import (
	"net/http"
	"slices"

	"github.com/iade/iade/internal/payment"
)

const (
	titleRefund   = "Refund a part of a line"
	titleReceived = "See what iyzico received"
)

// walkthrough shows what iade does on the fake's seeded payments. It is printed at the start, run by -demo, and written
// into README.md, docs/walkthrough.md and docs/iade.http. Keys are fixed: a second walk through the same folder repeats requests, not refunds.
var walkthrough = slices.Concat(walkthroughRefunds, walkthroughFund, walkthroughBalance, walkthroughEnd, walkthroughDay, walkthroughReversal)

var walkthroughRefunds = []step{
	{
		title: "Look a payment up", method: http.MethodGet, path: "/payments/10000001",
		why:  "read from iyzico; iade stores nothing before the first refund",
		want: answer{status: 200, members: []member{{"status", "paid"}, {"refundableAmount", "100.00"}}},
		again: &answer{status: 200, members: []member{
			{"status", "partially_refunded"}, {"refundableAmount", "60.00"},
		}},
	},
	{
		title: titleRefund, method: http.MethodPost, path: "/refunds", key: "walk-part",
		body: `{"paymentId":"10000001","paymentTransactionId":"20000001","amount":"30.00","reason":"BUYER_REQUEST"}`,
		why:  "one request to iyzico, marked on disk before it left",
		want: answer{status: 201, members: []member{{"status", "succeeded"}, {"refundedAmount", "30.00"}}},
		again: &answer{status: 200, header: replayed, members: []member{
			{"status", "succeeded"}, {"refundedAmount", "30.00"},
		}},
	},
	{
		title: titleReceived, fake: true, method: http.MethodGet, path: "/_fake/requests?paymentId=10000001",
		why:   "every money request that reached the fake iyzico since it started",
		want:  answer{status: 200, members: []member{{"requests.#", "1"}}},
		again: &answer{status: 200},
	},
	{
		title: "Ask the same again, with the same key", method: http.MethodPost, path: "/refunds", key: "walk-part",
		body: `{"paymentId":"10000001","paymentTransactionId":"20000001","amount":"30.00","reason":"BUYER_REQUEST"}`,
		why:  "the same answer; the header tells that nothing was sent",
		want: answer{status: 200, header: replayed, sameAs: titleRefund},
	},
	{
		title: "See that iyzico received nothing more", fake: true, method: http.MethodGet, path: "/_fake/requests?paymentId=10000001",
		why:  "the list did not grow",
		want: answer{status: 200, sameAs: titleReceived},
	},
	{
		title: "Ask for more than is left", method: http.MethodPost, path: "/refunds", key: "walk-more",
		body:  `{"paymentId":"10000001","paymentTransactionId":"20000001","amount":"70.01"}`,
		why:   "refused here, before iyzico hears of it; the key stays free",
		want:  answer{status: 422, members: []member{{"type", "urn:iade:problem:exceeds-refundable"}, {"refundable", "70.00"}}},
		again: &answer{status: 422, members: []member{{"type", "urn:iade:problem:exceeds-refundable"}, {"refundable", "60.00"}}},
	},
	{
		title: "Try out how 50.00 would spread over three lines", method: http.MethodPost, path: "/refunds/preview",
		body: `{"paymentId":"10000002","amount":"50.00","allocation":"proportional"}`,
		why:  "a preview stores and sends nothing, and needs no key",
		want: answer{status: 200, members: []member{
			{"refundable", "200.00"}, {"legs.0.amount", "25.00"}, {"legs.1.amount", "15.00"}, {"legs.2.amount", "10.00"},
		}},
		again: &answer{status: 422, members: []member{{"type", "urn:iade:problem:exceeds-refundable"}, {"refundable", "0.00"}}},
	},
	{
		title: "Refund a whole order of three lines", method: http.MethodPost, path: "/refunds", key: "walk-whole",
		body: `{"paymentId":"10000002","full":true}`,
		why:  "iyzico refunds line by line, so one refund is three legs",
		want: answer{status: 201, members: []member{{"status", "succeeded"}, {"refundedAmount", "200.00"}, {"legs.#", "3"}}},
		again: &answer{status: 200, header: replayed, members: []member{
			{"status", "succeeded"}, {"refundedAmount", "200.00"}, {"legs.#", "3"},
		}},
	},
	{
		title: "Cancel another payment", method: http.MethodPost, path: "/cancels", key: "walk-cancel",
		body:  `{"paymentId":"10000003","reason":"DOUBLE_PAYMENT"}`,
		why:   "the whole payment, on the day it was made (Istanbul)",
		want:  answer{status: 201, members: []member{{"status", "succeeded"}, {"amount", "75.00"}}},
		again: &answer{status: 200, header: replayed, members: []member{{"status", "succeeded"}, {"amount", "75.00"}}},
	},
	{
		title: "Make iyzico's next answer to a refund get lost", fake: true, method: http.MethodPost, path: "/_fake/faults",
		body: `{"path":"/payment/refund","mode":"reset-after"}`,
		why:  "it will refund, and the connection will break before it says so",
		want: answer{status: 201, members: []member{{"mode", "reset-after"}}},
	},
	{
		title: "Refund, and lose the answer", method: http.MethodPost, path: "/refunds", key: "walk-lost",
		body: `{"paymentId":"10000004","amount":"250.00"}`,
		why:  "unknown is neither success nor failure: the amount stays reserved, nothing is sent again",
		want: answer{status: 202, members: []member{{"status", "unknown"}}},
		again: &answer{status: 200, header: replayed, members: []member{
			{"status", "succeeded"},
		}},
	},
	{
		title: "Wait until it is settled", method: http.MethodGet, until: true,
		path: operationPath(payment.KindRefund, "10000004", "walk-lost"),
		why:  "the reconciler read iyzico's report and found the refund",
		want: answer{status: 200, members: []member{{"status", "succeeded"}, {"refundedAmount", "250.00"}}},
	},
	{
		title: "See how often iyzico moved the money", fake: true, method: http.MethodGet, path: "/_fake/executions?paymentId=10000004",
		why:  "the ground truth: once",
		want: answer{status: 200, members: []member{{"executions.#", "1"}, {"executions.0.price", "250.00"}}},
	},
	{
		title: "Clear the fault", fake: true, method: http.MethodDelete, path: "/_fake/faults",
		why:  "on a repeat run it was never used",
		want: answer{status: 200, members: []member{{"faults.#", "0"}}},
	},
}

var walkthroughEnd = []step{
	{
		title: "List what is unfinished", method: http.MethodGet, path: "/operations",
		why:  "every operation whose end is not known, of all payments: none",
		want: answer{status: 200, members: []member{{"operations.#", "0"}}},
	},
	{
		title: "Read the events", method: http.MethodGet, path: "/_local/events?after=0", until: true,
		why: "each change once or more, in order per payment; deployed they go to EventBridge",
		want: answer{status: 200, members: []member{
			{"0.detail-type", "refund.succeeded"}, {"1.detail.refundedAmount", "200.00"},
			{"2.detail-type", "cancel.succeeded"}, {"3.detail-type", "refund.unknown"}, {"4.detail-type", "refund.succeeded"},
			{"5.detail-type", "fund_payment.succeeded"}, {"6.detail.refundedAmount", "5.00"},
			{"7.detail-type", "balance_refund.awaiting_customer"}, {"8.detail-type", "balance_refund.awaiting_merchant"},
			{"9.detail-type", "balance_refund.succeeded"},
		}},
	},
	{
		title: "Let an order system ask for two refunds, of which one is too much", method: http.MethodPost, path: "/_local/events",
		body: `[{"source":"shop.orders","detail-type":"refund.requested","detail":{"paymentId":"10000006","amount":"30.00","reference":"order-6","idempotencyKey":"walk-order"}},` +
			`{"source":"shop.orders","detail-type":"refund.requested","detail":{"paymentId":"10000006","amount":"80.01","reference":"order-6b","idempotencyKey":"walk-order-more"}}]`,
		why:  "deployed they come from EventBridge through a queue; here they wait in the folder orders/, where files may be dropped too",
		want: answer{status: 202, members: []member{{"events", "2"}}},
	},
	{
		title: "Wait for the two events that answer", method: http.MethodGet, path: "/_local/events?after=10&wait=5", until: true,
		why: "nobody holds a line open for an order, so its refusal is an event too, and binds the key",
		want: answer{status: 200, members: []member{
			{"0.detail-type", "refund.succeeded"}, {"0.detail.reference", "order-6"},
			{"1.detail-type", "refund.rejected"}, {"1.detail.error.code", "exceeds-refundable"},
		}},
	},
}

// replayed marks an answer that sent nothing.
var replayed = []member{{"Idempotent-Replayed", "true"}}
