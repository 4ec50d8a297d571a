package main

import (
	"net/http"

	"github.com/iade/iade/internal/payment"
)

// walkthroughReversal gives whole payments back the best way: by a cancel where it is still possible, else by refunds.
var walkthroughReversal = []step{
	{
		title: "Make the answer to a cancel get lost", once: true, fake: true, method: http.MethodPost,
		path: "/_fake/faults", body: `{"path":"/payment/cancel","mode":"reset-after"}`,
		why:  "iyzico will cancel, and the connection will break before it says so",
		want: answer{status: 201, members: []member{{"mode", "reset-after"}}},
	},
	{
		title: "Reverse a payment of today", method: http.MethodPost, path: "/reversals", key: "walk-reverse",
		body: `{"paymentId":"10000005","reason":"DOUBLE_PAYMENT"}`,
		why:  "a cancel is tried first; while its outcome is unknown no refund is sent in its place",
		want: answer{status: 202, members: []member{{"status", "unknown"}, {"amount", "100.00"}}},
		again: &answer{status: 200, header: replayed, members: []member{
			{"status", "succeeded"},
		}},
	},
	{
		title: "Wait until the reversal is settled", method: http.MethodGet, until: true,
		path: operationPath(payment.KindReversal, "10000005", "walk-reverse"),
		why:  "iyzico's report shows the cancel, so nothing else is sent",
		want: answer{status: 200, members: []member{{"status", "succeeded"}, {"refundedAmount", "100.00"}}},
	},
	{
		title: "Reverse a payment that was refunded in part", method: http.MethodPost, path: "/reversals", key: "walk-rest",
		body:  `{"paymentId":"10000006"}`,
		why:   "iyzico cancels no such payment, so the rest is refunded",
		want:  answer{status: 201, members: []member{{"status", "succeeded"}, {"refundedAmount", "50.00"}, {"currency", "EUR"}}},
		again: &answer{status: 200, header: replayed, members: []member{{"status", "succeeded"}, {"refundedAmount", "50.00"}}},
	},
	{
		title: "See what iyzico moved for the first reversal", fake: true, method: http.MethodGet, path: "/_fake/executions?paymentId=10000005",
		why:  "one cancel, and nothing beside it",
		want: answer{status: 200, members: []member{{"executions.#", "1"}, {"executions.0.kind", "cancel"}, {"executions.0.price", "100.00"}}},
	},
}
